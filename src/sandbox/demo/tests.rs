use std::process::Command;

use reqwest::{Client, Method};
use serde_json::Value;

use super::{Demo, home};
use crate::plan::{self, ConnectionKind};

struct Stage {
    demo: Demo,
    client: Client,
    _folder: tempfile::TempDir,
}

async fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path().join("demo"), "127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let client = Client::new();
    Stage {
        demo,
        client,
        _folder: folder,
    }
}

impl Stage {
    fn setting(&self, name: &str) -> String {
        (self.demo.lookup())(name).unwrap_or_else(|| panic!("{name} is handed out"))
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
        let url = format!("http://{}{path}", self.demo.address());
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, url).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap().status().as_u16()
    }

    async fn get(&self, path: &str) -> u16 {
        self.ask("GET", path, &[], "").await
    }

    async fn status(&self) -> Value {
        let url = format!("http://{}/status.json", self.demo.address());
        let text = self.client.get(url).send().await.unwrap().text().await;
        serde_json::from_str(&text.unwrap()).unwrap()
    }

    async fn page(&self) -> String {
        let url = format!("http://{}/", self.demo.address());
        let asked = self.client.get(url).header("accept", "text/html");
        asked.send().await.unwrap().text().await.unwrap()
    }

    /// Runs a program as a step would: without a shell, with a cleared environment and the PATH that is handed out.
    fn program(&self, folder: &str, argv: &[&str]) -> (i32, String) {
        let path = self.setting("PATH");
        let first = path.split(':').next().unwrap();
        let stand_in = format!("{first}/{}", argv[0]);
        let program = if std::path::Path::new(&stand_in).exists() {
            stand_in
        } else {
            argv[0].to_owned()
        };
        let done = Command::new(program)
            .args(&argv[1..])
            .current_dir(self.demo.root().join(folder))
            .env_clear()
            .env("PATH", &path)
            .env("HOME", self.setting("HOME"))
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
        (done.status.code().unwrap(), text.trim().to_owned())
    }

    fn systemctl(&self, verb: &str, unit: &str) -> i32 {
        self.program(".", &["systemctl", verb, unit]).0
    }
}

const BEARER: (&str, &str) = ("authorization", "Bearer demo-vercel-token");

#[tokio::test]
async fn every_connection_of_both_plans_is_set_up() {
    let stage = stage().await;
    let lookup = stage.demo.lookup();
    let mut missing = Vec::new();
    let mut set_up = 0;
    for (_, source) in plan::shipped() {
        for connection in plan::parse(source).unwrap().connections {
            let names = [&connection.address];
            let names = names.into_iter().chain(&connection.secrets);
            for name in names.chain(&connection.settings) {
                match lookup(name) {
                    Some(value) => {
                        set_up += 1;
                        let folder = connection.kind == ConnectionKind::Folder;
                        assert!(!folder || std::path::Path::new(&value).is_dir(), "{value}");
                    }
                    None => missing.push(name.clone()),
                }
            }
        }
    }
    // The demo speaks plain http: there is no certificate to look at, and a person is asked.
    assert_eq!(missing, ["TARS_SITE_URL"]);
    assert!(set_up > 20, "{set_up}");
    assert_eq!(lookup("TELOXIDE_TOKEN"), None);
}

#[tokio::test]
async fn the_app_asks_for_its_secrets_and_honours_the_maintenance_flag() {
    let stage = stage().await;
    let token = format!("Bearer {}", stage.setting("TARS_API_TOKEN"));
    let token = [("authorization", token.as_str())];
    let hook = stage.setting("TARS_WEBHOOK_SECRET");
    let hook = [("x-webhook-secret", hook.as_str())];
    let sign_in = r#"{"email":"test@tars.example","password":"demo-password"}"#;
    let flag = stage.demo.root().join("tars/MAINTENANCE_MODE");
    for (present, good) in [(false, 200), (true, 503), (false, 200)] {
        if present {
            std::fs::write(&flag, "SEC-2026-001").unwrap();
        } else {
            let _ = std::fs::remove_file(&flag);
        }
        assert_eq!(stage.get("/").await, good);
        assert_eq!(stage.ask("GET", "/api/products", &token, "").await, good);
        assert_eq!(
            stage.ask("POST", "/api/auth/signin", &[], sign_in).await,
            good
        );
        assert_eq!(
            stage.ask("POST", "/api/webhooks/n8n", &hook, "{}").await,
            good
        );
        assert_eq!(stage.get("/health").await, 200, "JARVIS is another house");
        let shown = stage.status().await;
        let word = if present { "MAINTENANCE" } else { "UP" };
        assert_eq!(shown["tars"]["state"], word);
        assert!(stage.page().await.contains(word));
    }
    assert_eq!(stage.get("/api/products").await, 401);
    let wrong = [("x-webhook-secret", "guess")];
    assert_eq!(
        stage.ask("POST", "/api/webhooks/n8n", &wrong, "{}").await,
        401
    );
    assert_eq!(stage.ask("POST", "/api/auth/signin", &[], "{}").await, 401);
}

#[tokio::test]
async fn sessions_live_in_the_database_that_is_handed_out() {
    let stage = stage().await;
    assert_eq!(stage.status().await["tars"]["facts"]["Sessions"], "4");
    let url = stage.setting("TARS_DATABASE_URL");
    let file = url.strip_prefix("sqlite://").unwrap();
    assert_eq!(
        file,
        stage.demo.root().join(home::TARS_DB).to_str().unwrap()
    );
    let mut conn = home::open(file.as_ref(), false).await.unwrap();
    sqlx::query("DELETE FROM sessions")
        .execute(&mut conn)
        .await
        .unwrap();
    assert_eq!(stage.status().await["tars"]["facts"]["Sessions"], "0");
    let reset = "UPDATE users SET password_must_change = true WHERE email = $1";
    let reset = sqlx::query(reset).bind("test@tars.example");
    assert_eq!(reset.execute(&mut conn).await.unwrap().rows_affected(), 1);
    let sign_in = r#"{"email":"test@tars.example","password":"demo-password"}"#;
    assert_eq!(
        stage.ask("POST", "/api/auth/signin", &[], sign_in).await,
        403
    );
}

/// Every statement of the plans that runs on the demo's databases is understood by them.
#[tokio::test]
async fn the_statements_of_both_plans_run_here() {
    use crate::plan::{Action, Check};
    let stage = stage().await;
    let mut run = 0;
    for ((id, source), file) in plan::shipped()
        .into_iter()
        .zip([home::TARS_DB, home::JARVIS_DB])
    {
        let plan = plan::parse(source).unwrap();
        let steps = plan.procedures.iter().flat_map(|it| &it.steps);
        let mut actions: Vec<&Action> = steps.map(|step| &step.action).collect();
        actions.extend(plan.collectors.iter().map(|it| &it.action));
        actions.extend(plan.probes.iter().filter_map(|it| match &it.check {
            Check::Action(action) => Some(action),
            _ => None,
        }));
        for action in actions {
            let Action::Sql(call) = action else { continue };
            if call.connection != "db" {
                continue;
            }
            let mut conn = home::open(&stage.demo.root().join(file), false)
                .await
                .unwrap();
            let text = sqlx::AssertSqlSafe(call.statement.clone());
            let mut query = sqlx::query(text);
            for value in &call.parameters {
                query = query.bind(value.clone());
            }
            let done = query.fetch_all(&mut conn).await;
            assert!(done.is_ok(), "{id}: {}: {done:?}", call.statement);
            run += 1;
        }
    }
    assert!(run >= 10, "{run}");
}

/// The statements that only PostgreSQL knows, over the protocol, as both plans have them.
#[tokio::test]
async fn the_administrators_statements_of_both_plans_run_here() {
    use crate::plan::Action;
    use sqlx::{Column as _, Connection as _, Executor as _, Row as _};
    let stage = stage().await;
    sqlx::any::install_default_drivers();
    let mut run = 0;
    for ((id, source), url) in plan::shipped()
        .into_iter()
        .zip(["TARS_DATABASE_ADMIN_URL", "JARVIS_DATABASE_ADMIN_URL"])
    {
        let plan = plan::parse(source).unwrap();
        let steps = plan.procedures.iter().flat_map(|it| &it.steps);
        let steps = steps.chain(plan.credentials.iter().flat_map(|it| &it.steps));
        let mut actions: Vec<&Action> = steps.map(|step| &step.action).collect();
        actions.extend(plan.collectors.iter().map(|it| &it.action));
        for action in actions {
            let Action::Sql(call) = action else { continue };
            if call.connection != "db_admin" {
                continue;
            }
            let url = stage.setting(url);
            let mut conn = sqlx::AnyConnection::connect(&url).await.unwrap();
            let mut all = conn.begin().await.unwrap();
            let text = sqlx::AssertSqlSafe(call.statement.clone());
            let mut query = sqlx::query(text);
            for value in &call.parameters {
                query = query.bind(value.clone());
            }
            let done = query.fetch_all(&mut *all).await.map(|rows| rows.len());
            assert!(done.is_ok(), "{id}: {}: {done:?}", call.statement);
            if let Some(then) = &call.then {
                all.execute(sqlx::AssertSqlSafe(then.clone()))
                    .await
                    .unwrap();
            }
            all.commit().await.unwrap();
            conn.close().await.unwrap();
            run += 1;
        }
    }
    assert!(run >= 8, "{run}");
    assert_eq!(
        stage.demo.password_of("tars_app").as_deref(),
        Some("${generated}")
    );
    assert_eq!(
        stage.demo.password_of("jarvis").as_deref(),
        Some("${generated}")
    );

    let url = stage.setting("TARS_DATABASE_ADMIN_URL");
    let mut conn = sqlx::AnyConnection::connect(&url).await.unwrap();
    let sign_in = r#"{"email":"test@tars.example","password":"demo-password"}"#;
    for (mode, status, shown) in [("on", 503, "read-only"), ("off", 200, "writable")] {
        let text = format!("ALTER ROLE tars_app SET default_transaction_read_only = {mode}");
        sqlx::query(sqlx::AssertSqlSafe(text))
            .execute(&mut conn)
            .await
            .unwrap();
        assert_eq!(
            stage.ask("POST", "/api/auth/signin", &[], sign_in).await,
            status
        );
        assert_eq!(stage.status().await["tars"]["facts"]["Database"], shown);
    }
    let connected = "SELECT pid, usename, state FROM pg_stat_activity";
    let rows = sqlx::query(connected).fetch_all(&mut conn).await.unwrap();
    assert_eq!(rows[0].columns()[1].name(), "usename");
    let roles: Vec<String> = rows.iter().map(|row| row.get("usename")).collect();
    let pid: i32 = rows[2].get("pid");
    assert_eq!(
        (roles.as_slice(), pid),
        (
            &["tars_app", "tars_app", "intruder"].map(str::to_owned)[..],
            4713
        )
    );
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()";
    let ended: Vec<bool> = sqlx::query_scalar(end)
        .bind("intruder")
        .fetch_all(&mut conn)
        .await
        .unwrap();
    assert_eq!(ended, [true]);
    let rows = sqlx::query(connected).fetch_all(&mut conn).await.unwrap();
    assert_eq!(rows.len(), 2);
    // What it does not know it refuses, and the connection stays usable.
    sqlx::query("DROP TABLE users")
        .execute(&mut conn)
        .await
        .unwrap_err();
    sqlx::query(connected).fetch_all(&mut conn).await.unwrap();
}

#[tokio::test]
async fn a_role_comes_in_with_the_password_that_it_was_given_last() {
    use sqlx::Connection as _;
    let stage = stage().await;
    sqlx::any::install_default_drivers();
    let admin = stage.setting("TARS_DATABASE_ADMIN_URL");
    let as_app = |password: &str| admin.replace("//admin@", &format!("//tars_app:{password}@"));
    let enter = |url: String| async move { sqlx::AnyConnection::connect(&url).await.is_ok() };
    assert!(!enter(as_app("first")).await, "it has none yet");
    let given = [("tars_app".to_owned(), "first".to_owned())];
    stage.demo.machine.outside().passwords.extend(given);
    assert!(enter(as_app("first")).await);
    assert!(!enter(as_app("second")).await);
    assert!(!enter(as_app("")).await);
    assert!(enter(admin.clone()).await);
}

#[tokio::test]
async fn visitors_are_told_about_as_they_find_it() {
    let stage = stage().await;
    let visitors = || async { stage.status().await["tars"]["facts"]["Visitors"].clone() };
    assert_eq!(visitors().await, "come in freely");
    let flag = stage.demo.root().join("tars/MAINTENANCE_MODE");
    std::fs::write(&flag, "").unwrap();
    assert_eq!(visitors().await, "see that it is under maintenance");
    std::fs::remove_file(&flag).unwrap();
    stage.demo.machine.outside().paused = true;
    assert_eq!(visitors().await, "find nothing: it is down");
}

#[tokio::test]
async fn units_start_and_stop_and_health_follows() {
    let stage = stage().await;
    for unit in home::UNITS {
        assert_eq!(stage.systemctl("is-active", unit), 0);
        assert_eq!(stage.systemctl("stop", &format!("{unit}.service")), 0);
        assert_eq!(stage.systemctl("is-active", unit), 3);
        assert_eq!(stage.systemctl("status", unit), 3);
    }
    assert_eq!(
        (stage.get("/").await, stage.get("/health").await),
        (503, 503)
    );
    let shown = stage.status().await;
    assert_eq!(shown["tars"]["state"], "DOWN");
    assert_eq!(shown["jarvis"]["parts"]["Twitter bot"], false);
    for unit in home::UNITS {
        assert_eq!(stage.systemctl("restart", unit), 0);
    }
    assert_eq!(
        (stage.get("/").await, stage.get("/health").await),
        (200, 200)
    );
    let shown = stage.program(".", &["systemctl", "show", "--property=ActiveState", "n8n"]);
    assert_eq!(shown, (0, "ActiveState=active".to_owned()));
    assert_eq!(stage.systemctl("start", "nobody"), 5);
    assert_eq!(stage.systemctl("dance", "n8n"), 1);
    // A unit that does not come up.
    std::fs::write(stage.demo.root().join("units/n8n.broken"), "").unwrap();
    assert_eq!(stage.systemctl("restart", "n8n"), 1);
    assert!(
        stage
            .demo
            .calls()
            .contains(&"systemctl restart n8n".to_owned())
    );
}

#[tokio::test]
async fn jarvis_is_shut_down_by_its_admin_endpoint_or_its_program_and_comes_back() {
    let stage = stage().await;
    let path = "/admin/emergency-shutdown";
    assert_eq!(stage.ask("POST", path, &[], "").await, 401);
    assert_eq!(stage.get("/health").await, 200);
    let token = format!("Bearer {}", stage.setting("JARVIS_ADMIN_TOKEN"));
    let token = [("authorization", token.as_str())];
    assert_eq!(stage.ask("POST", path, &token, "").await, 200);
    assert_eq!(stage.get("/health").await, 503);
    assert_eq!(stage.ask("POST", path, &token, "").await, 503);
    assert_eq!(stage.systemctl("start", "jarvis-api"), 0);
    assert_eq!(stage.get("/health").await, 200);
    let (code, _) = stage.program("jarvis", &["python", "-c", "import asyncio"]);
    assert_eq!((code, stage.get("/health").await), (0, 503));
    assert_eq!(stage.systemctl("start", "jarvis-api"), 0);
    let integrity = ["python", "scripts/verify_integrity.py"];
    assert_eq!(stage.program("jarvis", &integrity).0, 0);
    std::fs::write(stage.demo.root().join("jarvis/run/TAMPERED"), "").unwrap();
    assert_eq!(stage.program("jarvis", &integrity).0, 1);
}

#[tokio::test]
async fn the_services_outside_do_what_they_are_told_by_whoever_has_the_token() {
    let stage = stage().await;
    let pause = "/v1/projects/prj_demo/pause?teamId=team_demo";
    assert_eq!(stage.ask("POST", pause, &[], "").await, 403);
    assert_eq!(stage.get("/").await, 200);
    assert_eq!(stage.ask("POST", pause, &[BEARER], "").await, 200);
    assert_eq!(stage.get("/").await, 503);
    let unpause = "/v1/projects/prj_demo/unpause?teamId=team_demo";
    assert_eq!(stage.ask("POST", unpause, &[BEARER], "").await, 200);
    let rule = |active| {
        format!(
            r#"{{"action":"rules.update","id":"rule_breakglass_api","value":{{"active":{active}}}}}"#
        )
    };
    let firewall = "/v1/security/firewall/config?projectId=prj_demo";
    let token = [("authorization", "Bearer demo-api-token")];
    for (active, api) in [(true, 403), (false, 200)] {
        let body = rule(active);
        assert_eq!(stage.ask("PATCH", firewall, &[BEARER], &body).await, 200);
        assert_eq!(stage.ask("GET", "/api/products", &token, "").await, api);
    }
    let level = "/client/v4/zones/zone_demo/settings/security_level";
    let body = r#"{"value":"under_attack"}"#;
    let cloudflare = [("authorization", "Bearer demo-cloudflare-token")];
    assert_eq!(stage.ask("PATCH", level, &cloudflare, body).await, 200);
    assert_eq!(stage.ask("PATCH", level, &[BEARER], body).await, 403);
    let challenge = r#"{"projectId":"prj_demo","attackModeEnabled":true}"#;
    let attack = "/v1/security/attack-mode?teamId=team_demo";
    assert_eq!(stage.ask("POST", attack, &[BEARER], challenge).await, 200);
    let shown = stage.status().await;
    assert_eq!(shown["tars"]["facts"]["Visitors"], "challenged, n8n too");
    let workflow = "/api/v1/workflows/7/deactivate";
    let n8n = [("x-n8n-api-key", "demo-n8n-token")];
    assert_eq!(stage.ask("POST", workflow, &n8n, "").await, 200);
    assert_eq!(stage.ask("POST", workflow, &[], "").await, 401);
}

#[tokio::test]
async fn a_rotated_webhook_secret_replaces_the_old_one() {
    let stage = stage().await;
    let old = stage.setting("TARS_WEBHOOK_SECRET");
    let body =
        r#"{"key":"WEBHOOK_SECRET","value":"fresh","type":"encrypted","target":["production"]}"#;
    let path = "/v10/projects/prj_demo/env?upsert=true&teamId=team_demo";
    assert_eq!(stage.ask("POST", path, &[BEARER], body).await, 201);
    assert_eq!(stage.setting("TARS_WEBHOOK_SECRET"), "fresh");
    for (secret, status) in [(old.as_str(), 401), ("fresh", 200)] {
        let hook = [("x-webhook-secret", secret)];
        let asked = stage.ask("POST", "/api/webhooks/n8n", &hook, "{}").await;
        assert_eq!(asked, status);
    }
}

#[tokio::test]
async fn every_request_is_counted_and_remembered_but_not_the_page() {
    let stage = stage().await;
    stage.page().await;
    stage.status().await;
    assert_eq!(stage.demo.count(), 0);
    let hook = [("x-webhook-secret", "demo-webhook-secret")];
    let path = "/api/webhooks/n8n?x=1";
    assert_eq!(
        stage.ask("POST", path, &hook, r#"{"type":"test"}"#).await,
        200
    );
    assert_eq!(stage.get("/nothing/here").await, 404);
    assert_eq!(stage.demo.count(), 2);
    let first = stage.demo.asked().remove(0);
    assert_eq!((first.method.as_str(), first.path.as_str()), ("POST", path));
    assert_eq!(first.body, r#"{"type":"test"}"#);
    assert_eq!(first.headers["x-webhook-secret"], "demo-webhook-secret");
    assert!(stage.page().await.contains("<b id=\"count\">2</b>"));
}

#[tokio::test]
async fn the_programs_of_a_rollback_and_a_lockdown_work() {
    let stage = stage().await;
    let web = home::TARS_WEB;
    let check = |file| ["sqlite3", "-readonly", file, "PRAGMA integrity_check"];
    let whole = stage.program(web, &check("backups/dev-2026-02-16.db"));
    assert_eq!(whole, (0, "ok".to_owned()));
    assert_eq!(stage.program(web, &check("package.json")).0, 26);
    assert_eq!(stage.program(web, &["npm", "ci"]).0, 0);
    assert_eq!(stage.program(web, &["npm", "run", "build"]).0, 0);
    assert_eq!(
        stage
            .program("tars", &["npm", "--prefix", "nowhere", "ci"])
            .0,
        254
    );
    let rules = ["nft", "-f", "/etc/nftables/lockdown.nft"];
    assert_eq!(stage.program(".", &rules).0, 0);
    let block = [
        "nft",
        "add",
        "element",
        "inet",
        "filter",
        "blocked",
        "{ 203.0.113.66 }",
    ];
    assert_eq!(stage.program(".", &block).0, 0);
    let shown = stage.status().await;
    assert_eq!(shown["firewall"], "lockdown, blocked: 203.0.113.66");
    let unblock = [
        "nft",
        "delete",
        "element",
        "inet",
        "filter",
        "blocked",
        "{ 203.0.113.66 }",
    ];
    assert_eq!(stage.program(".", &unblock).0, 0);
    assert_eq!(
        stage.program(".", &["nft", "-f", "/etc/nftables.conf"]).0,
        0
    );
    assert_eq!(stage.status().await["firewall"], "usual rules");
}

#[tokio::test]
async fn the_homes_are_repositories_with_commits() {
    let stage = stage().await;
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("git is not installed: the demo has no repositories then");
        return;
    }
    for home in ["tars", "jarvis"] {
        let (code, text) = stage.program(home, &["git", "log", "--oneline", "-20"]);
        assert_eq!((code, text.lines().count()), (0, 3), "{text}");
        let (_, dirty) = stage.program(home, &["git", "status", "--porcelain"]);
        assert_eq!(dirty, "", "nothing is left uncommitted in {home}");
    }
    let fetch = ["git", "fetch", "origin", "security-patch"];
    assert_eq!(stage.program("jarvis", &fetch).0, 0);
    let merge = ["git", "merge", "--ff-only", "origin/security-patch"];
    let merged = stage.program("jarvis", &merge);
    assert_eq!(merged.0, 0, "{}", merged.1);
    let head = stage.program("tars", &["git", "rev-parse", "HEAD"]).1;
    let copy = format!("releases/{head}");
    let add = ["git", "worktree", "add", "--detach", &copy, &head];
    assert_eq!(stage.program("tars", &add).0, 0);
    let page = format!("tars/{copy}/Projects/agent-dashboard/apps/web/package.json");
    assert!(stage.demo.root().join(page).is_file());
}

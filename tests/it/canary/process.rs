//! The program itself, as talkative as it can be, with secrets in its environment, on both databases.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use breakglass::sandbox;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection};
use telegram_sandbox::{Control, Options, Sandbox};

use super::{ADMIN, Scan, secret, settle};

const PATIENCE: Duration = Duration::from_mins(1);

fn program(folder: &Path, stand_in: &Sandbox) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_breakglass"));
    command
        .arg("run")
        .current_dir(folder)
        .env_clear()
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "1")
        .env("TELOXIDE_TOKEN", stand_in.token())
        .env("TELOXIDE_API_URL", stand_in.api_url())
        .stdin(Stdio::null());
    command
}

/// Ended whatever happens in the story.
struct Bot(Child);

impl Bot {
    /// The end that a service manager asks for.
    fn stop(mut self) {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let ended = tokio::task::block_in_place(|| self.0.wait().unwrap());
        assert!(ended.success(), "{ended}");
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn says(control: &Control, chat: i64, part: &str) -> i64 {
    let of = |control: &Control| {
        let all = control.transcript(chat);
        let found = all
            .iter()
            .rev()
            .find(|it| it.is_bot && it.text.contains(part));
        found.map(|it| it.message_id)
    };
    let said = control.wait_until(PATIENCE, |control| of(control).is_some());
    let said = said.await;
    let last = control.transcript(chat).pop().map(|it| it.text);
    assert!(said, "the bot never says {part:?}; last: {last:?}");
    of(control).expect("it was said")
}

/// A declared incident, a lockdown and a rotation whose targets are not there. What the program leaves behind is
/// looked at by the caller.
async fn tell(ledger: Option<&str>, folder: &Path) -> Scan {
    let options = Options {
        token: format!("42:{}", secret("bot token")),
        ..Options::default()
    };
    let stand_in = Sandbox::start(options).await.unwrap();
    let control = stand_in.control();
    let world = sandbox::seed(&control);
    let dsn = format!("postgres://app:{}@127.0.0.1:1/app", secret("database"));
    let (out, err) = (folder.join("out"), folder.join("err"));
    let mut bot = program(folder, &stand_in);
    bot.stdout(std::fs::File::create(&out).unwrap())
        .stderr(std::fs::File::create(&err).unwrap())
        .env("BREAKGLASS_OWNERS", world.owner.to_string())
        .env("BREAKGLASS_ADMIN_TOKEN", ADMIN)
        .env("BREAKGLASS_LISTEN", "127.0.0.1:0")
        .env("TARS_DATABASE_URL", &dsn)
        .env("TARS_DATABASE_ADMIN_URL", &dsn)
        .env("TARS_VERCEL_URL", "http://127.0.0.1:1")
        .env("TARS_VERCEL_TOKEN", secret("target token"))
        .env("TARS_VERCEL_PROJECT", "project")
        .env("TARS_VERCEL_TEAM", "team")
        .env("TARS_HOST", "localhost")
        .env("TARS_HOME", folder)
        .env("UNRELATED_SECRET", secret("environment"));
    if let Some(ledger) = ledger {
        bot.env("DATABASE_URL", ledger);
    }
    let bot = Bot(bot.spawn().unwrap());
    let (room, owner) = (world.group, world.owner);
    control.add_bot(room, owner);
    control.make_bot_admin(room, owner, telegram_sandbox::Rights::ALL);
    control.says(room, owner, "/declare P0 it burns");
    says(&control, room, "SEC-").await;
    for (number, command, ended) in [
        (1, "/lockdown", "Run 1 · Lockdown: step"),
        (2, "/rotate database_password", "stands"),
    ] {
        control.says(room, owner, command);
        let request = says(&control, room, &format!("R{number} ·")).await;
        let press = control.press_button(room, owner, request, "Yes, go on");
        press.expect("a button");
        says(&control, room, ended).await;
    }
    bot.stop();
    let mut scan = Scan::usual();
    scan.files(&[out, err.clone()]);
    let lines = std::fs::read_to_string(err).unwrap().lines().count();
    assert!(lines > 100, "{lines} lines are not talkative");
    scan.stand_in(&control);
    stand_in.stop().await;
    scan
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_stays_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut scan = tell(None, folder.path()).await;
    scan.ledger(&folder.path().join("breakglass.db")).await;
    settle(&scan, true);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_of_the_ledger_stays_where_it_is() {
    // A ledger that is not there, with a password in its address.
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        token: format!("42:{}", secret("bot token")),
        ..Options::default()
    };
    let stand_in = Sandbox::start(options).await.unwrap();
    let dsn = format!("postgres://app:{}@127.0.0.1:1/app", secret("database"));
    let mut bot = program(folder.path(), &stand_in);
    let refused = bot.env("DATABASE_URL", &dsn).output().unwrap();
    assert!(!refused.status.success());
    super::printed(&refused);
    stand_in.stop().await;

    // One that is there, where PostgreSQL is.
    let Ok(server) = std::env::var("BREAKGLASS_TEST_POSTGRES") else {
        crate::harness::figure(
            "SKIPPED: the ledger's password on PostgreSQL: set BREAKGLASS_TEST_POSTGRES",
        );
        return;
    };
    let name = format!("breakglass_canary_{}", std::process::id());
    // What is said here is no part of the program: it is not logged.
    let options: PgConnectOptions = server.parse().unwrap();
    let mut admin = options.disable_statement_logging().connect().await.unwrap();
    let password = secret("database");
    for statement in [
        format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'"),
        format!("CREATE DATABASE {name} OWNER {name}"),
    ] {
        admin.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    let (_, host) = server.rsplit_once('@').unwrap();
    let host = host.split('/').next().unwrap();
    let ledger = format!("postgres://{name}:{password}@{host}/{name}");
    let mut scan = tell(Some(&ledger), folder.path()).await;
    let mut base = PgConnection::connect(&ledger).await.unwrap();
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    let tables = sqlx::query_scalar::<_, String>(tables);
    let before = scan.artefacts;
    for table in tables.fetch_all(&mut base).await.unwrap() {
        let rows = format!("SELECT row_to_json(it)::text FROM {table} AS it");
        let rows = sqlx::query_scalar::<_, String>(AssertSqlSafe(rows));
        for row in rows.fetch_all(&mut base).await.unwrap() {
            scan.look(&table, row.as_bytes());
        }
    }
    assert!(scan.artefacts > before + 20, "an empty ledger");
    base.close().await.unwrap();
    for statement in [
        format!("DROP DATABASE {name} WITH (FORCE)"),
        format!("DROP ROLE {name}"),
    ] {
        admin.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    settle(&scan, true);
}

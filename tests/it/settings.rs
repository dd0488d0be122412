//! Wrong settings: one clear line that says what to change, a code that is not zero, nothing half done.

use std::path::Path;
use std::process::{Command, Output};

use telegram_sandbox::{Options, Sandbox};

fn breakglass(folder: &Path, given: &[(&str, &str)], line: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_breakglass"))
        .args(line)
        .env_clear()
        .envs(given.iter().copied())
        .env("RUST_LOG", "error")
        .current_dir(folder)
        .output()
        .expect("the program runs")
}

/// The one line, without the path of the test's folder.
fn refused(folder: &Path, output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(text.trim().lines().count(), 1, "one line: {text}");
    text.trim().replace(&folder.display().to_string(), "FOLDER")
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_end_with_one_clear_line() {
    let stand_in = Sandbox::start(Options::default())
        .await
        .expect("the stand-in starts");
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let api = stand_in.api_url();
    let good = [
        ("TELOXIDE_TOKEN", stand_in.token()),
        ("TELOXIDE_API_URL", api.as_str()),
    ];
    let run = |more: &[(&str, &str)]| {
        let given: Vec<_> = good.iter().chain(more).copied().collect();
        refused(folder, &breakglass(folder, &given, &["run"]))
    };

    insta::assert_snapshot!(refused(folder, &breakglass(folder, &[], &["run"])), @"breakglass: TELOXIDE_TOKEN is not set: ask @BotFather for a bot and put its token into .env, or try `breakglass sandbox`");
    insta::assert_snapshot!(run(&[("TELOXIDE_TOKEN", "7:wrong")]), @"breakglass: Telegram refuses the bot token: check TELOXIDE_TOKEN, or ask @BotFather for a new one");
    insta::assert_snapshot!(run(&[("BREAKGLASS_OWNERS", "@olivia")]), @r#"breakglass: BREAKGLASS_OWNERS is wrong: "@olivia" is not a numeric Telegram id; send the bot /whoami to see yours"#);
    insta::assert_snapshot!(run(&[("BREAKGLASS_WEBHOOK_URL", "https://example.org")]), @"breakglass: BREAKGLASS_WEBHOOK_URL is set but BREAKGLASS_WEBHOOK_SECRET is not: set both or neither");
    insta::assert_snapshot!(run(&[("DATABASE_URL", "mysql://localhost/x")]), @r#"breakglass: DATABASE_URL: the database address must begin with sqlite: or postgres: (for example sqlite://breakglass.db), not "mysql""#);
    insta::assert_snapshot!(run(&[("DATABASE_URL", "sqlite:///nowhere/at/all/x.db")]), @"breakglass: DATABASE_URL: the database file /nowhere/at/all/x.db cannot be opened or created: No such file or directory (os error 2); check that its folder exists and that this user may write there");

    std::fs::write(
        folder.join("not.db"),
        "this is no database, only a text that is long enough",
    )
    .expect("write");
    insta::assert_snapshot!(run(&[("DATABASE_URL", "sqlite://not.db")]), @"breakglass: DATABASE_URL: FOLDER/not.db is not a database of breakglass (not SQLite, or damaged): give another file, or restore a backup");

    let plans = folder.join("plans");
    std::fs::create_dir(&plans).expect("a folder");
    let plans_text = plans.display().to_string();
    insta::assert_snapshot!(run(&[("BREAKGLASS_PLANS", &plans_text)]), @"breakglass: BREAKGLASS_PLANS: no plan was found: put at least one .toml file into the plans folder");
    std::fs::write(
        plans.join("bad.toml"),
        "[plan]\nid = \"x\"\ntitel = \"Typo\"\n",
    )
    .expect("write");
    insta::assert_snapshot!(run(&[("BREAKGLASS_PLANS", &plans_text)]), @r#"breakglass: BREAKGLASS_PLANS: plan FOLDER/plans/bad.toml: line 1, column 1: plan `x` lacks `purpose` (hint: add purpose = "…"); `breakglass plan check FOLDER/plans/bad.toml` shows all 15 mistakes"#);
    insta::assert_snapshot!(refused(folder, &breakglass(folder, &[], &["sandbox", "--listen", "127.0.0.1:0", "--demo", "127.0.0.1:0", "--plans", &plans_text])), @r#"breakglass: --plans: plan FOLDER/plans/bad.toml: line 1, column 1: plan `x` lacks `purpose` (hint: add purpose = "…"); `breakglass plan check FOLDER/plans/bad.toml` shows all 15 mistakes"#);
    insta::assert_snapshot!(run(&[("BREAKGLASS_PLANS", "nowhere")]), @"breakglass: BREAKGLASS_PLANS: nowhere: No such file or directory (os error 2)");

    let texts = folder.join("texts");
    std::fs::create_dir_all(texts.join("en")).expect("a folder");
    let own = |given: Option<&str>| {
        let (file, named) = (texts.join("en/own.ftl"), texts.display().to_string());
        if let Some(text) = given {
            std::fs::write(file, text).expect("write");
        }
        run(&[("BREAKGLASS_MESSAGES", &named)])
    };
    insta::assert_snapshot!(own(None), @"breakglass: BREAKGLASS_MESSAGES: FOLDER/texts: it holds no texts, such as en/short.ftl");
    insta::assert_snapshot!(own(Some("noted = Got it.\n\nack\n")), @r#"breakglass: BREAKGLASS_MESSAGES: FOLDER/texts/en/own.ftl: line 3: Expected a token starting with "=""#);
    insta::assert_snapshot!(own(Some("noted = Got it.\n\nacknowledged = <b>Seen\n")), @"breakglass: BREAKGLASS_MESSAGES: FOLDER/texts/en/own.ftl: line 3: acknowledged: <b> is not closed");
    insta::assert_snapshot!(own(Some("# Ours\nnotted = Got it.\n")), @"breakglass: BREAKGLASS_MESSAGES: FOLDER/texts/en/own.ftl: line 2: notted is not a phrase of the program: remove it");
    std::fs::write(texts.join("loose.ftl"), "noted = Got it.\n").expect("write");
    insta::assert_snapshot!(own(None), @"breakglass: BREAKGLASS_MESSAGES: FOLDER/texts/loose.ftl: texts lie in a folder of their language, such as en/loose.ftl");
    insta::assert_snapshot!(run(&[("BREAKGLASS_MESSAGES", "nowhere")]), @"breakglass: BREAKGLASS_MESSAGES: nowhere: No such file or directory (os error 2)");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let hook = [
        ("BREAKGLASS_WEBHOOK_URL", "https://example.org"),
        ("BREAKGLASS_WEBHOOK_SECRET", "0123456789abcdef"),
        ("BREAKGLASS_LISTEN", address.as_str()),
    ];
    let line = run(&hook).replace(&address, "ADDRESS");
    insta::assert_snapshot!(line, @"breakglass: BREAKGLASS_LISTEN: ADDRESS cannot be used: Address already in use (os error 98)");
    let sandbox = refused(
        folder,
        &breakglass(folder, &[], &["sandbox", "--listen", &address]),
    );
    insta::assert_snapshot!(sandbox.replace(&address, "ADDRESS"), @"breakglass: --listen ADDRESS: Address already in use (os error 98); choose another port");

    let mut open_to_others = Vec::new();
    for open in [
        ["--listen", "0.0.0.0:8088"],
        ["--listen", "[::]:8088"],
        ["--demo", "192.0.2.7:8089"],
    ] {
        let line = refused(
            folder,
            &breakglass(folder, &[], &["sandbox", open[0], open[1]]),
        );
        open_to_others.push(line);
    }
    insta::assert_snapshot!(open_to_others.join("\n"), @"
    breakglass: --listen 0.0.0.0:8088: the sandbox asks nobody for a password, so it is served on this machine only; use 127.0.0.1:8088
    breakglass: --listen [::]:8088: the sandbox asks nobody for a password, so it is served on this machine only; use 127.0.0.1:8088
    breakglass: --demo 192.0.2.7:8089: the sandbox asks nobody for a password, so it is served on this machine only; use 127.0.0.1:8089
    ");

    // No lock file is left behind, and none of somebody else is taken away.
    let locks = || -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("the folder");
        let names = entries.map(|it| it.expect("an entry").file_name());
        let names = names.map(|it| it.to_string_lossy().into_owned());
        names.filter(|it| it.ends_with(".lock")).collect()
    };
    assert_eq!(locks(), [""; 0]);
    std::fs::write(folder.join("not.db.lock"), "").expect("write");
    let refused_again = run(&[("DATABASE_URL", "sqlite://not.db")]);
    assert!(refused_again.contains("DATABASE_URL"), "{refused_again}");
    assert_eq!(locks(), ["not.db.lock"]);

    // Nothing of this may have touched the groups or left a database behind.
    assert!(
        !folder.join("breakglass.db").exists(),
        "no database is made before the settings are right"
    );
    stand_in.stop().await;
}

#[test]
fn a_slip_in_dotenv_does_not_show_the_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    for slip in [
        "TELOXIDE_TOKEN=42:CANARY token with blanks\n",
        "TELOXIDE_TOKEN 42:CANARY\n",
        "TELOXIDE_TOKEN='42:CANARY\n",
    ] {
        std::fs::write(folder.join(".env"), slip).expect("written");
        for line in [
            &["run"][..],
            &["migrate"],
            &["audit", "verify"],
            &["totp", "reset", "7"],
        ] {
            let output = breakglass(folder, &[], line);
            assert_eq!(
                refused(folder, &output),
                "breakglass: .env has a line that cannot be read: a value with blanks stands in quotes"
            );
            assert!(output.stdout.is_empty(), "{output:?}");
        }
        // Looking at a plan needs no settings: the file is not even opened.
        let plan = format!("{}/plans/tars.toml", env!("CARGO_MANIFEST_DIR"));
        let output = breakglass(folder, &[], &["plan", "check", &plan]);
        assert!(output.status.success(), "{output:?}");
    }
}

#[test]
fn a_wrong_log_filter_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_breakglass"))
        .args(["migrate"])
        .env_clear()
        .env("RUST_LOG", "[")
        .current_dir(folder.path())
        .output()
        .expect("the program runs");
    let line = refused(folder.path(), &output);
    assert!(
        line.starts_with("breakglass: RUST_LOG is wrong: "),
        "{line}"
    );
    assert!(!folder.path().join("breakglass.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_bot_on_the_same_database_is_refused() {
    let harness = crate::harness::Harness::start().await;
    let settings = harness.settings(&crate::harness::Stage::default());
    let folder = harness.folder();
    let given = [
        ("TELOXIDE_TOKEN", settings.telegram.token.expose()),
        ("TELOXIDE_API_URL", settings.telegram.api_url.as_str()),
        ("DATABASE_URL", settings.database.as_str()),
    ];
    insta::assert_snapshot!(refused(folder, &breakglass(folder, &given, &["run"])), @"breakglass: DATABASE_URL: another breakglass process uses the database FOLDER/test.db (it holds FOLDER/test.db.lock): stop it first, or give this one another file");
    assert!(
        folder.join("test.db.lock").exists(),
        "the lock of the one that runs stays"
    );
    harness.end().await;
}

#[test]
fn a_plan_is_checked_with_line_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bad.toml");
    std::fs::write(&file, "[plan]\nid = \"x\"\ntitel = \"Typo\"\n").expect("write");
    let output = breakglass(folder.path(), &[], &["plan", "check", "bad.toml"]);
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(
        text.contains("line 3, column 1") && text.contains("titel"),
        "{text}"
    );
    for plan in ["tars", "jarvis"] {
        let path = format!("{}/plans/{plan}.toml", env!("CARGO_MANIFEST_DIR"));
        let output = breakglass(folder.path(), &[], &["plan", "check", &path]);
        assert!(output.status.success(), "{output:?}");
    }
}

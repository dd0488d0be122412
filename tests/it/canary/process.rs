//! The program itself, as talkative as it can be, with secrets in its environment.

use std::process::{Command, Stdio};
use std::time::Duration;

use breakglass::sandbox;
use telegram_sandbox::{Control, Options, Sandbox};

use super::{ADMIN, Scan, secret, settle};

const PATIENCE: Duration = Duration::from_mins(1);

fn program(line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_breakglass"));
    command
        .arg(line)
        .env_clear()
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "1")
        .stdin(Stdio::null());
    command
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
    let said = control
        .wait_until(PATIENCE, |control| of(control).is_some())
        .await;
    let last = control.transcript(chat).pop().map(|it| it.text);
    assert!(said, "the bot never says {part:?}; last: {last:?}");
    of(control).expect("it was said")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_stays_where_it_is() {
    let token = format!("42:{}", secret("bot token"));
    let options = Options {
        token: token.clone(),
        first_update_id: 1,
        ..Options::default()
    };
    let stand_in = Sandbox::start(options).await.unwrap();
    let control = stand_in.control();
    let world = sandbox::seed(&control);
    let folder = tempfile::tempdir().unwrap();
    let dsn = format!("postgres://app:{}@127.0.0.1:1/app", secret("database"));
    let (out, err) = (folder.path().join("out"), folder.path().join("err"));
    let mut bot = program("run")
        .stdout(std::fs::File::create(&out).unwrap())
        .stderr(std::fs::File::create(&err).unwrap())
        .current_dir(folder.path())
        .env("TELOXIDE_TOKEN", &token)
        .env("TELOXIDE_API_URL", stand_in.api_url())
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
        .env("TARS_HOME", folder.path())
        .env("UNRELATED_SECRET", secret("environment"))
        .spawn()
        .unwrap();
    control.add_bot(world.group, world.owner);
    control.make_bot_admin(world.group, world.owner, telegram_sandbox::Rights::ALL);
    control.says(world.group, world.owner, "/declare P0 it burns");
    says(&control, world.group, "SEC-").await;
    for (number, command, ended) in [
        (1, "/lockdown", "Run 1 · Lockdown went to its end"),
        (2, "/rotate database_password", "stands"),
    ] {
        control.says(world.group, world.owner, command);
        let request = says(&control, world.group, &format!("R{number} ·")).await;
        let press = control.press_button(world.group, world.owner, request, "Yes, go on");
        press.expect("a button");
        says(&control, world.group, ended).await;
    }
    let pid = rustix::process::Pid::from_raw(i32::try_from(bot.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let ended = tokio::task::spawn_blocking(move || bot.wait().unwrap());
    assert!(ended.await.unwrap().success());
    let mut scan = Scan::usual();
    scan.files(&[out, err.clone()]);
    let lines = std::fs::read_to_string(err).unwrap().lines().count();
    assert!(lines > 100, "{lines} lines are not talkative");
    scan.stand_in(&control);
    scan.ledger(&folder.path().join("breakglass.db")).await;
    settle(&scan, true);

    // A ledger that is not there, with a password in its address.
    let refused = program("run")
        .current_dir(folder.path())
        .env("TELOXIDE_TOKEN", &token)
        .env("TELOXIDE_API_URL", stand_in.api_url())
        .env("DATABASE_URL", &dsn)
        .output()
        .unwrap();
    assert!(!refused.status.success());
    super::printed(&refused);
    stand_in.stop().await;
}

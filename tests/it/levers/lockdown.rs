//! `kill -9` between a lockdown and the moment at which it takes itself back: the real program, on a real ledger.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use breakglass::plan;
use breakglass::sandbox::{self, demo::Demo};
use telegram_sandbox::{Control, Options, Rights, Sandbox};

use crate::harness::figure;

const KILLS: u32 = 5;
const PATIENCE: Duration = Duration::from_mins(3);

/// A program that is killed, never asked to end.
struct Bot(Child);

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until people see something.
async fn see(control: &Control, chat: i64, words: &str) {
    let seen = control.wait_until(PATIENCE, |control| {
        let all = control.transcript(chat);
        all.iter().any(|it| it.is_bot && it.text.contains(words))
    });
    let seen = seen.await;
    let all = control.transcript(chat);
    let said: Vec<_> = all.iter().rev().take(4).map(|it| &it.text).collect();
    assert!(seen, "nobody says {words:?}: {said:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lockdown_takes_itself_back_once_however_often_the_bot_is_killed_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let listen = "127.0.0.1:0".parse().expect("an address");
    let demo = Demo::start(folder.path().join("demo"), listen).await;
    let demo = demo.expect("the demo starts");
    // The shortest time that a plan can give.
    let source = plan::default_source().replace("revert_after = \"10m\"", "revert_after = \"1m\"");
    let read = plan::parse(&source).expect("a plan");
    let plans = folder.path().join("plans");
    std::fs::create_dir(&plans).expect("a folder");
    std::fs::write(plans.join("tars.toml"), &source).expect("a plan");
    let stand_in = Sandbox::start(Options::default()).await;
    let stand_in = stand_in.expect("the stand-in starts");
    let control = stand_in.control();
    let world = sandbox::seed(&control);

    let start = || {
        let lookup = demo.lookup();
        let names = read.connections.iter().flat_map(|it| {
            let own = it.secrets.iter().chain(&it.settings);
            own.chain(std::iter::once(&it.address))
        });
        let targets = names.filter_map(|name| Some((name.clone(), lookup(name)?)));
        let child = Command::new(env!("CARGO_BIN_EXE_breakglass"))
            .arg("run")
            .env_clear()
            .envs(targets)
            .env("PATH", lookup("PATH").expect("where programs are"))
            .env("TELOXIDE_TOKEN", stand_in.token())
            .env("TELOXIDE_API_URL", stand_in.api_url())
            .env("BREAKGLASS_OWNERS", world.owner.to_string())
            .env("BREAKGLASS_PLANS", &plans)
            .env("BREAKGLASS_LISTEN", "127.0.0.1:0")
            .env("RUST_LOG", "error")
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Bot(child.expect("the program starts"))
    };
    let calls = |rules: &str| {
        let all = demo.calls();
        let loaded = all
            .iter()
            .filter(|it| it.starts_with("nft") && it.ends_with(rules));
        loaded.count()
    };

    let mut bot = start();
    control.add_bot(world.group, world.owner);
    control.make_bot_admin(world.group, world.owner, Rights::ALL);
    control.says(world.group, world.owner, "/declare P1 sessions were stolen");
    see(&control, world.group, "SEC-").await;
    control.says(world.group, world.owner, "/lockdown sessions were stolen");
    see(&control, world.group, "🔐 R1").await;
    control.says(world.group, world.owner, "/approve R1");
    see(&control, world.group, "unless somebody keeps it").await;
    assert_eq!((calls("lockdown.nft"), calls("nftables.conf")), (1, 0));

    for kill in 1..=KILLS {
        drop(bot);
        // Also while it comes up, not only when it stands.
        bot = start();
        tokio::time::sleep(Duration::from_millis(u64::from(kill) * 300)).await;
        assert_eq!(calls("lockdown.nft"), 1, "it is not done again");
    }
    drop(bot);
    // Dead at the very moment, and for a while after it. A very slow machine may have come there before.
    let before = calls("nftables.conf");
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(calls("nftables.conf"), before, "nobody is there to do it");
    bot = start();
    see(&control, world.group, "Run 1 · Lockdown: done").await;
    assert_eq!((calls("lockdown.nft"), calls("nftables.conf")), (1, 1));

    // And it stays at that.
    drop(bot);
    let bot = start();
    control.says(world.group, world.owner, "/note it is open again");
    let noted = control.wait_until(PATIENCE, |it| it.pending_updates() == 0);
    assert!(noted.await, "it is at work");
    assert_eq!((calls("lockdown.nft"), calls("nftables.conf")), (1, 1));
    figure(&format!(
        "lockdown: killed {} times before its end was due; taken back once",
        KILLS + 1
    ));
    drop(bot);
    demo.stop().await;
    stand_in.stop().await;
}

//! `breakglass shutdown`: the lever on the host, whatever state the rest is in.

use std::path::Path;
use std::process::{Command, Output};

use breakglass::incident::{HostRecord, HostRun};
use breakglass::journal::read_file;

use crate::harness::{Harness, Stage};

const TOKEN: &str = crate::canary::ADMIN;

fn breakglass(folder: &Path, given: &[(&str, &str)], line: &[&str]) -> Output {
    let done = Command::new(env!("CARGO_BIN_EXE_breakglass"))
        .arg("shutdown")
        .args(line)
        .env_clear()
        .envs(given.iter().copied())
        .env("RUST_LOG", "error")
        .current_dir(folder)
        .output()
        .expect("the program runs");
    crate::canary::printed(&done);
    let all = [&*done.stdout, &*done.stderr].concat();
    assert!(!String::from_utf8_lossy(&all).contains("CANARY"));
    done
}

fn said(folder: &Path, output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().expect("it ended by itself");
    let text = text.trim().replace(&folder.display().to_string(), "FOLDER");
    format!("{text}\nexit code {code}")
}

fn runs(path: &Path) -> Vec<HostRun> {
    read_file(path)
        .expect("readable")
        .expect("a journal")
        .runs()
}

const TARS: [&str; 4] = ["--plan", "tars", "--reason", "keys are public"];

#[test]
fn it_needs_no_telegram_no_token_and_no_ledger() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let journal = folder.join("elsewhere.journal");
    let given = [
        // A file that nobody can open as a database, let alone write.
        ("DATABASE_URL", "sqlite:///proc/version"),
        ("BREAKGLASS_JOURNAL", "elsewhere.journal"),
        ("USER", "root"),
    ];
    let more = [&TARS[..], &["--chat", "-100123"]].concat();
    insta::assert_snapshot!(said(folder, &breakglass(folder, &given, &more)), @"
    Recording in elsewhere.journal
    1/5 Switch maintenance mode on …
        BY HAND: By hand (not set: TARS_HOME): Create the file MAINTENANCE_MODE in the TARS folder.
    2/5 Pause the project at Vercel …
        BY HAND: By hand (not set: TARS_VERCEL_URL, TARS_VERCEL_TOKEN, TARS_VERCEL_PROJECT, TARS_VERCEL_TEAM): Vercel dashboard, project settings: pause the project.
    3/5 Stop the workflows …
        BY HAND: By hand (not set: TARS_HOST): Stop the n8n unit on the server, or switch all workflows off in n8n.
    4/5 Stop the trading agent …
        BY HAND: By hand (not set: TARS_HOST): Stop the unit of the TARS agent on the server.
    5/5 Tell the team …
        BY HAND: tell the team yourself
    0 done, 0 failed, 0 unknown, 5 to do by hand. The bot puts it on the timeline when it can.
    exit code 3
    ");
    let lockdown = [&TARS[..], &["--procedure", "lockdown"]].concat();
    assert_eq!(breakglass(folder, &given, &lockdown).status.code(), Some(3));
    let runs = runs(&journal);
    assert_eq!(runs.len(), 2);
    assert!(runs.iter().all(HostRun::is_over));
    let HostRecord::Intent {
        chat, account, why, ..
    } = &runs[0].entries[0].record
    else {
        panic!("it begins with the intent");
    };
    assert_eq!((*chat, account.as_deref()), (Some(-100_123), Some("root")));
    assert_eq!(why, "keys are public");
}

#[test]
fn what_it_cannot_do_it_says_in_a_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let run =
        |given: &[(&str, &str)], line: &[&str]| said(folder, &breakglass(folder, given, line));
    insta::assert_snapshot!(run(&[], &["--plan", "hal", "--reason", "x"]), @r#"
    breakglass: there is no plan "hal", only: tars, jarvis
    exit code 1
    "#);
    insta::assert_snapshot!(run(&[], &["--plan", "tars", "--reason", " "]), @"
    breakglass: give a reason with --reason: it goes on the timeline
    exit code 1
    ");
    insta::assert_snapshot!(run(&[], &[&TARS[..], &["--procedure", "restore"]].concat()), @r#"
    breakglass: "restore" does not run from the host, only: emergency_shutdown, lockdown
    exit code 1
    "#);
    let nowhere = [("BREAKGLASS_JOURNAL", "/proc/nowhere/x.journal")];
    insta::assert_snapshot!(run(&nowhere, &TARS), @"
    breakglass: the journal /proc/nowhere/x.journal cannot be used: No such file or directory (os error 2); set BREAKGLASS_JOURNAL, for the bot too, to a file on another disk; --without-journal goes on without any record
    exit code 1
    ");
    let insists = breakglass(
        folder,
        &nowhere,
        &[&TARS[..], &["--without-journal"]].concat(),
    );
    assert_eq!(insists.status.code(), Some(3), "{insists:?}");
    let short = [("BREAKGLASS_ADMIN_TOKEN", "CANARY")];
    assert_eq!(breakglass(folder, &short, &TARS).status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_bot_does_it_if_it_can_be_asked() {
    let harness = Harness::with(Stage {
        admin_token: Some(TOKEN),
        ..Stage::default()
    })
    .await;
    let database = format!("sqlite://{}", harness.database().display());
    let address = harness.listening().to_string();
    let chat = harness.world.group.to_string();
    let given = |token: &'static str| {
        [
            ("DATABASE_URL", database.clone()),
            ("BREAKGLASS_LISTEN", address.clone()),
            ("BREAKGLASS_ADMIN_TOKEN", token.to_owned()),
            (
                "BREAKGLASS_JOURNAL",
                harness.journal().display().to_string(),
            ),
        ]
    };
    let line = [&TARS[..], &["--chat", &chat]].concat();
    let run = |token: &'static str, line: &[&str]| {
        let given = given(token);
        let given: Vec<_> = given
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        said(
            harness.folder(),
            &breakglass(harness.folder(), &given, line),
        )
    };
    let (through, seen) = harness
        .sees(async { tokio::task::block_in_place(|| run(TOKEN, &line)) })
        .await;
    insta::assert_snapshot!(through, @"
    The running bot has started emergency_shutdown: run 1 of SEC-2026-001. The chat shows how far it is.
    exit code 0
    ");
    assert!(
        seen.contains("was started from the admin endpoint"),
        "{seen}"
    );
    assert!(!harness.journal().exists());
    // It refuses: then it is done from here, beside the running bot, which takes it up.
    let other = tokio::task::block_in_place(|| run("CANARY-other-0123456789", &line));
    insta::assert_snapshot!(other.lines().next().expect("a line"), @"The running bot does not do it (it says 401 Unauthorized: the admin token is needed: Authorization: Bearer …): doing it from here.");
    assert!(other.ends_with("exit code 3"), "{other}");
    harness.later(1).await;
    harness.until(|| !harness.journal().exists()).await;
    harness.quiet().await;
    harness.chat("War room").message("was run from the host");
    harness.end().await;
}

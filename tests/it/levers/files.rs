//! Files on a real disk, changed by procedures that fail later: everything is as it was, also if the bot was killed half-way.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::time::Duration;

use breakglass::actions::{Generated, Live, Status, Targets};
use breakglass::clock::Clock;
use breakglass::incident::saga::{self, Progress};
use breakglass::incident::{Choice, Incident, Mode, Run, RunOutcome, Warrant};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::stage::{GROUP, Stage, procedure};
use crate::harness::figure;

/// A flag is written, a file with a content of its own too, a database swapped, a file removed, and what comes after fails.
const TABLES: &str = r#"
[[connection]]
id = "disk"
name = "A folder"
kind = "folder"
address = "LEVERS_DISK"

[[procedure]]
id = "change"
name = "Change"
summary = "Changes files, then fails."
tier = "t2"
touches = ["Files"]

[[procedure.step]]
name = "flag"
kind = "file"
connection = "disk"
path = "run/FLAG"
change = "write"
with = "${incident.id}"
idempotent = true

[[procedure.step]]
name = "write"
kind = "file"
connection = "disk"
path = "conf"
change = "write"
with = "new"

[[procedure.step]]
name = "swap"
kind = "file"
connection = "disk"
path = "app.db"
change = "swap"
with = "good.db"

[[procedure.step]]
name = "write again"
kind = "file"
connection = "disk"
path = "conf"
change = "write"
with = "newer"

[[procedure.step]]
name = "remove"
kind = "file"
connection = "disk"
path = "old"
change = "remove"

[[procedure.step]]
name = "nothing to remove"
kind = "file"
connection = "disk"
path = "none"
change = "remove"
idempotent = true

[[procedure.step]]
name = "fails"
kind = "service"
connection = "host"
unit = "a"
change = "restart"
"#;

fn stage() -> (Stage, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    std::fs::create_dir_all(disk.join("run")).unwrap();
    for (name, text) in [
        ("conf", "old"),
        ("app.db", "bad"),
        ("app.db-wal", "bad wal"),
        ("good.db", "good"),
        ("old", "kept"),
    ] {
        std::fs::write(disk.join(name), text).unwrap();
    }
    let mut stage = Stage::new(Clock::system(), TABLES);
    let address = disk.display().to_string();
    let targets = Targets::new(move |name| (name == "LEVERS_DISK").then(|| address.clone()));
    let generated = Generated::new(folder.path().join("generated"));
    stage.live.files = Some(Live::new(targets, generated, Clock::system()));
    (stage, folder)
}

/// All files below a folder with their contents.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            found.insert(path.display().to_string(), text);
        }
    }
    found
}

fn outcome(incident: &Incident, run: u32) -> RunOutcome {
    incident.run(run).unwrap().ended.as_ref().unwrap().outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_later_leaves_every_file_as_it_was() {
    let (stage, folder) = stage();
    let disk = folder.path().join("disk");
    let before = files(&disk);
    let fails = ("fails".to_owned(), VecDeque::from([Status::Failed]));
    stage.live.world().script.extend([fails]);
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    open.stop().await;
    let pull = || stage.pull(id, procedure("change"), Mode::Live, Warrant::Confirmed);
    let run = pull().await;
    let open = stage.open().await;
    let ended = |it: &Incident| it.run(run).is_some_and(Run::is_over);
    let incident = stage.until(&open, id, "it ends", ended).await;
    assert_eq!(outcome(&incident, run), RunOutcome::Undone);
    open.stop().await;
    assert_eq!(files(&disk), before, "nothing is kept beside either");

    // Where nothing fails, the changes stay.
    let run = pull().await;
    let open = stage.open().await;
    let ended = |it: &Incident| it.run(run).is_some_and(Run::is_over);
    let incident = stage.until(&open, id, "it ends", ended).await;
    assert_eq!(outcome(&incident, run), RunOutcome::Succeeded);
    open.stop().await;
    let read = |name: &str| std::fs::read_to_string(disk.join(name)).ok();
    assert_eq!(read("conf").as_deref(), Some("newer"));
    assert_eq!(read("app.db").as_deref(), Some("good"));
    assert_eq!((read("app.db-wal"), read("old")), (None, None));
    assert_eq!(read("run/FLAG"), Some(id.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn also_if_the_bot_is_killed_half_way_again_and_again() {
    let mut rng = StdRng::seed_from_u64(7);
    let (stage, folder) = stage();
    let disk = folder.path().join("disk");
    let before = files(&disk);
    stage.live.world().takes = Duration::from_millis(8);
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    open.kill().await;
    let (mut kills, mut inside) = (0_u32, 0_u32);
    for _ in 0..6 {
        let failures = std::iter::repeat_n(Status::Failed, 50).collect();
        stage
            .live
            .world()
            .script
            .insert("fails".to_owned(), failures);
        let run = stage
            .pull(id, procedure("change"), Mode::Live, Warrant::Confirmed)
            .await;
        for round in 0.. {
            assert!(round < 400, "run {run} must end");
            let open = stage.open().await;
            tokio::time::sleep(Duration::from_millis(rng.random_range(0..50 + 10 * round))).await;
            let seen = stage.incident(&open, id).await;
            let known = seen.run(run).unwrap();
            if known.is_over() {
                open.kill().await;
                break;
            }
            let asks = saga::asks(known, &seen.plan, stage.clock.now());
            if let Some(step) = asks.first() {
                let choice = match step.undo {
                    // Nothing of it was kept: a person looks, and it is as it was.
                    true => Choice::Done,
                    false if rng.random_bool(0.6) => Choice::Retry,
                    false => Choice::Undo,
                };
                let shown = saga::number(&known.lever, &seen.plan, step).unwrap();
                open.decides(id, run, shown, choice).await;
            }
            let at_work = known.steps.values();
            inside += u32::from(at_work.clone().any(|it| it.progress == Progress::Running));
            open.kill().await;
            kills += 1;
        }
        let open = stage.open().await;
        let incident = stage.incident(&open, id).await;
        let known = incident.run(run).unwrap();
        // Where the last step may have happened, that stays as it was left; the files go back all the same.
        let ends = [RunOutcome::Undone, RunOutcome::Stopped];
        assert!(ends.contains(&outcome(&incident, run)), "{known:#?}");
        open.kill().await;
        // What a kill kept from being tidied up lies beside, out of sight.
        let mut after = files(&disk);
        after.retain(|name, _| !name.contains(".breakglass-"));
        assert_eq!(after, before);
    }
    assert!(kills > 6 && inside > 0, "{kills} kills, {inside} inside");
    figure(&format!(
        "files: 6 failing runs, {kills} kills ({inside} inside a step): every file as before"
    ));
}

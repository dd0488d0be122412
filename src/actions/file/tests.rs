mod back;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::actions::testing::{Bench, CANARY, fact, file, text};
use crate::actions::{Execute as _, Status};
use crate::incident::StepFact;
use crate::incident::saga::FileFact;
use crate::plan::FileOperation::{Absent, Copy, Exists, Read, Remove, Swap, Write};

fn at(path: &str, what: FileFact) -> StepFact {
    StepFact::File {
        path: path.to_owned(),
        what,
    }
}

#[tokio::test]
async fn a_flag_is_written_and_taken_back() {
    let bench = Bench::new();
    let flag = bench.home().join("run/MAINTENANCE");
    let write = file(Write, "run/MAINTENANCE", Some("${incident.id} ${now}"));
    let done = bench.run(write.clone()).await;
    assert_eq!(
        (done.status, fact(&done).0),
        (Status::Succeeded, &at("run/MAINTENANCE", FileFact::Written))
    );
    assert_eq!(
        fs::read_to_string(&flag).unwrap(),
        "SEC-2026-007 2026-02-17T14:00:00Z"
    );
    assert_eq!(
        fs::metadata(&flag).unwrap().permissions().mode() & 0o777,
        0o644
    );
    // A second time is as good as once, and does not forget what was there before.
    assert_eq!(bench.run(write.clone()).await.status, Status::Succeeded);
    assert_eq!(
        bench
            .run(file(Exists, "run/MAINTENANCE", None))
            .await
            .status,
        Status::Succeeded
    );
    assert_eq!(
        bench.take_back(write.clone()).await.status,
        Status::Succeeded
    );
    assert!(!flag.exists());
    let again = bench.take_back(write.clone()).await;
    assert_eq!(
        (again.status, fact(&again).0),
        (
            Status::Succeeded,
            &at("run/MAINTENANCE", FileFact::AsBefore)
        ),
        "after a kill it is said once more"
    );
    bench.live().let_go(bench.job(write)).await;
    assert_eq!(fs::read_dir(bench.home().join("run")).unwrap().count(), 0);
}

#[tokio::test]
async fn what_was_there_comes_back() {
    let bench = Bench::new();
    let path = bench.home().join("conf");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    for action in [file(Write, "conf", Some("new")), file(Remove, "conf", None)] {
        assert_eq!(bench.run(action.clone()).await.status, Status::Succeeded);
        assert_ne!(fs::read_to_string(&path).ok().as_deref(), Some("old"));
        assert_eq!(bench.take_back(action).await.status, Status::Succeeded);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
    }
    let done = bench.run(file(Remove, "nothing", None)).await;
    assert_eq!(
        (done.status, fact(&done).0),
        (Status::Succeeded, &at("nothing", FileFact::WasNotThere))
    );
}

#[tokio::test]
async fn a_secret_is_for_nobody_else_to_read() {
    let bench = Bench::new();
    let done = bench
        .run(file(Write, "token", Some("key=${secret.T_TOKEN}")))
        .await;
    assert_eq!(done.status, Status::Succeeded);
    let path = bench.home().join("token");
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("key={CANARY}"));
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        text(&bench.run(file(Read, "token", None)).await),
        "key=[secret]"
    );
}

#[tokio::test]
async fn a_database_is_swapped_in_one_move() {
    let mut bench = Bench::new();
    bench.param("backup", "b.db");
    fs::create_dir(bench.home().join("backups")).unwrap();
    fs::write(bench.home().join("backups/b.db"), "good").unwrap();
    fs::write(bench.home().join("dev.db"), "bad").unwrap();
    let swap = file(Swap, "dev.db", Some("backups/${param.backup}"));
    assert_eq!(bench.run(swap.clone()).await.status, Status::Succeeded);
    assert_eq!(
        fs::read_to_string(bench.home().join("dev.db")).unwrap(),
        "good"
    );
    assert_eq!(
        fs::read_to_string(bench.home().join("backups/b.db")).unwrap(),
        "good"
    );
    assert_eq!(bench.take_back(swap).await.status, Status::Succeeded);
    assert_eq!(
        fs::read_to_string(bench.home().join("dev.db")).unwrap(),
        "bad"
    );
}

#[tokio::test]
async fn what_belongs_to_the_old_database_goes_with_it() {
    let bench = Bench::new();
    let path = |name: &str| bench.home().join(name);
    for (name, text) in [
        ("good", "good"),
        ("dev.db", "bad"),
        ("dev.db-wal", "bad wal"),
    ] {
        fs::write(path(name), text).unwrap();
    }
    let swap = file(Swap, "dev.db", Some("good"));
    assert_eq!(bench.run(swap.clone()).await.status, Status::Succeeded);
    assert!(!path("dev.db-wal").exists());
    fs::write(path("dev.db-wal"), "good wal").unwrap();
    fs::write(path("dev.db-shm"), "good shm").unwrap();
    assert_eq!(bench.take_back(swap).await.status, Status::Succeeded);
    assert_eq!(fs::read_to_string(path("dev.db")).unwrap(), "bad");
    assert_eq!(fs::read_to_string(path("dev.db-wal")).unwrap(), "bad wal");
    assert!(!path("dev.db-shm").exists());
}

#[tokio::test]
async fn what_is_kept_can_be_let_go() {
    let bench = Bench::new();
    fs::write(bench.home().join("key"), "old secret").unwrap();
    let write = file(Write, "key", Some("new"));
    assert_eq!(bench.run(write.clone()).await.status, Status::Succeeded);
    assert_eq!(fs::read_dir(bench.home()).unwrap().count(), 2);
    for _ in 0..2 {
        bench.live().let_go(bench.job(write.clone())).await;
    }
    assert_eq!(fs::read_dir(bench.home()).unwrap().count(), 1);
    let done = bench.take_back(write).await;
    assert_eq!(done.status, Status::ByHand, "{}", done.summary);
}

#[tokio::test]
async fn a_link_is_pointed_elsewhere_and_back() {
    let bench = Bench::new();
    for release in ["releases/a", "releases/b"] {
        fs::create_dir_all(bench.home().join(release)).unwrap();
    }
    let link = bench.home().join("current");
    symlink("releases/a", &link).unwrap();
    let swap = file(Swap, "current", Some("releases/b"));
    assert_eq!(bench.run(swap.clone()).await.status, Status::Succeeded);
    assert_eq!(fs::read_link(&link).unwrap().to_str(), Some("releases/b"));
    assert_eq!(bench.take_back(swap).await.status, Status::Succeeded);
    assert_eq!(fs::read_link(&link).unwrap().to_str(), Some("releases/a"));
    let done = bench.run(file(Swap, "releases", Some("releases/b"))).await;
    assert_eq!(done.status, Status::Failed);
}

#[tokio::test]
async fn a_copy_overwrites_nothing() {
    let bench = Bench::new();
    fs::write(bench.home().join("a"), "one").unwrap();
    let copy = file(Copy, "a", Some("kept/b"));
    for what in [FileFact::Copied, FileFact::ThereAlready] {
        assert_eq!(fact(&bench.run(copy.clone()).await).0, &at("a", what));
    }
    fs::write(bench.home().join("a"), "two").unwrap();
    assert_eq!(bench.run(copy).await.status, Status::Failed);
    assert_eq!(
        fs::read_to_string(bench.home().join("kept/b")).unwrap(),
        "one"
    );
}

#[tokio::test]
async fn nothing_leaves_the_folder() {
    let mut bench = Bench::new();
    bench.param("up", "..");
    let outside = bench.folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "not yours").unwrap();
    symlink(&outside, bench.home().join("door")).unwrap();
    symlink(outside.join("secret"), bench.home().join("file")).unwrap();
    symlink(outside.join("new"), bench.home().join("dangling")).unwrap();
    symlink(outside.join("newdir"), bench.home().join("danglingdir")).unwrap();
    let paths = [
        "../outside/secret",
        "door/secret",
        "door/new",
        "file",
        "/etc/hostname",
        "a/../../outside/secret",
        "dangling",
        "danglingdir/x",
        "${param.up}/outside/secret",
        ".",
        "",
    ];
    for path in paths {
        for action in [
            file(Read, path, None),
            file(Write, path, Some("mine")),
            file(Remove, path, None),
            file(Swap, path, Some("door/secret")),
            file(Copy, path, Some("copied")),
        ] {
            let done = bench.run(action.clone()).await;
            assert_eq!(done.status, Status::Failed, "{action:?}: {}", done.summary);
        }
    }
    assert_eq!(
        fs::read_to_string(outside.join("secret")).unwrap(),
        "not yours"
    );
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    assert!(bench.home().join("file").is_symlink());
}

#[tokio::test]
async fn what_is_no_file_does_not_hold_us_up() {
    let bench = Bench::new();
    let pipe = bench.home().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    let done = bench.run(file(Read, "pipe", None)).await;
    assert_eq!(
        (done.status, fact(&done).0),
        (Status::Failed, &at("pipe", FileFact::NotPlain))
    );
    let done = bench.run(file(Read, "missing", None)).await;
    assert_eq!(fact(&done).0, &at("missing", FileFact::Missing));
    assert_eq!(
        bench.run(file(Absent, "missing/deep", None)).await.status,
        Status::Succeeded
    );
    assert_eq!(
        bench.run(file(Absent, "pipe", None)).await.status,
        Status::Failed
    );
}

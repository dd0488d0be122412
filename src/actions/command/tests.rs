use std::path::Path;
use std::time::Duration;

use tokio::sync::watch;

use crate::actions::testing::{Bench, CANARY, command, exit, fact, seen, text};
use crate::actions::{Execute as _, Status};
use crate::incident::StepFact;
use crate::plan::{Action, Collector};

fn script(text: &str) -> crate::plan::CommandCall {
    command(&["sh", "-c", text])
}

#[tokio::test]
async fn exit_codes_decide() {
    let bench = Bench::new();
    let done = bench
        .run(Action::Command(script("echo out; echo err >&2")))
        .await;
    assert_eq!(
        (done.status, done.code, text(&done).as_str()),
        (Status::Succeeded, Some(0), "out\nerr\n")
    );
    let done = bench
        .run(Action::Command(script(
            "echo first; echo it is broken >&2; exit 3",
        )))
        .await;
    assert_eq!((done.status, done.code), (Status::Failed, Some(3)));
    assert_eq!(fact(&done), (&exit("sh", 3), "it is broken"));
    let mut call = script("exit 3");
    call.expect_exit = vec![0, 3];
    assert_eq!(
        bench.run(Action::Command(call)).await.status,
        Status::Succeeded
    );
    let done = bench.run(Action::Command(script("kill -9 $$"))).await;
    assert_eq!(
        (done.status, fact(&done).0),
        (
            Status::Unknown,
            &StepFact::Killed {
                program: "sh".to_owned(),
                signal: 9
            }
        )
    );
    let done = bench
        .run(Action::Command(command(&["no-such-program-here"])))
        .await;
    assert_eq!(done.status, Status::Failed);
    assert!(
        matches!(done.fact, Some(StepFact::NotStarted { .. })),
        "{done:?}"
    );
}

#[tokio::test]
async fn the_environment_holds_what_is_named_and_nothing_else() {
    let mut bench = Bench::new();
    bench.set("LANG", "C");
    bench.set("OTHER", "hidden");
    let mut call = command(&["env"]);
    call.env = ["PATH", "LANG", "TELOXIDE_TOKEN", "NOT_SET"]
        .map(str::to_owned)
        .into();
    let done = bench.run(Action::Command(call)).await;
    let mut names: Vec<String> = text(&done)
        .lines()
        .map(|line| line.split('=').next().unwrap().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["LANG", "PATH"]);
}

#[tokio::test]
async fn it_runs_where_the_connection_says() {
    let bench = Bench::new();
    let done = bench.run(Action::Command(command(&["pwd"]))).await;
    assert_eq!(text(&done), "/\n");
    let mut call = command(&["pwd"]);
    call.connection = "home".to_owned();
    let done = bench.run(Action::Command(call)).await;
    assert_eq!(
        Path::new(text(&done).trim()),
        bench.home().canonicalize().unwrap()
    );
}

#[tokio::test]
async fn secrets_travel_by_standard_input_and_come_back_as_a_mark() {
    let bench = Bench::new();
    let mut call = command(&["cat"]);
    call.stdin = Some("it is ${secret.T_TOKEN}.".to_owned());
    let done = bench.run(Action::Command(call)).await;
    assert_eq!(text(&done), "it is [secret].");
    // A program that never reads does not hold us up.
    let mut call = command(&["true"]);
    call.stdin = Some("x".repeat(1_000_000));
    assert_eq!(
        bench.run(Action::Command(call)).await.status,
        Status::Succeeded
    );
    let done = bench
        .run(Action::Command(command(&["echo", "${secret.T_TOKEN}"])))
        .await;
    assert_eq!((done.status, done.output), (Status::Failed, None));
}

#[tokio::test]
async fn a_secret_torn_across_chunks_is_found() {
    let bench = Bench::new();
    let (head, tail) = CANARY.split_at(9);
    let torn = format!("printf %s 'a {head}'; sleep 0.3; printf '%s b' '{tail}'; exit 1");
    let done = bench.run(Action::Command(script(&torn))).await;
    assert_eq!(text(&done), "a [secret] b");
    assert_eq!(fact(&done), (&exit("sh", 1), "a [secret] b"));
}

#[tokio::test]
async fn a_program_that_ignores_being_told_is_killed_with_its_children() {
    let mut bench = Bench::new();
    bench.timeout = 3;
    let stubborn =
        "trap '' TERM; (trap '' TERM; exec sleep 300) & echo child $!; while :; do sleep 1; done";
    let done = bench.run(Action::Command(script(stubborn))).await;
    assert_eq!(done.status, Status::Unknown);
    let late = StepFact::Stopped {
        program: "sh".to_owned(),
        millis: Some(3000),
    };
    assert_eq!(fact(&done).0, &late);
    assert!(done.summary.starts_with("child"), "{}", done.summary);
    let child = text(&done).trim().rsplit(' ').next().unwrap().to_owned();
    for _ in 0..100 {
        if is_gone(&child) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("process {child} is still there");
}

fn is_gone(process: &str) -> bool {
    match std::fs::read_to_string(format!("/proc/{process}/stat")) {
        // What nobody has waited for yet is dead all the same.
        Ok(stat) => stat.rsplit(')').next().unwrap().trim().starts_with('Z'),
        Err(_) => true,
    }
}

#[tokio::test]
async fn a_program_that_listens_may_clean_up() {
    let mut bench = Bench::new();
    bench.timeout = 3;
    bench.grace = Duration::from_secs(20);
    let polite = "trap 'echo cleaned up; exit 0' TERM; while :; do sleep 0.1; done";
    let done = bench.run(Action::Command(script(polite))).await;
    assert_eq!(done.status, Status::Unknown);
    assert!(text(&done).ends_with("cleaned up\n"), "{}", text(&done));
}

#[tokio::test]
async fn it_can_be_stopped() {
    let bench = Bench::new();
    let (tell, stop) = watch::channel(false);
    let note = bench.home().join("started");
    let text = format!("touch {}; exec sleep 300", note.display());
    let (live, job) = (bench.live(), bench.job(Action::Command(script(&text))));
    let run = tokio::spawn(async move { live.execute(job, stop).await });
    while !note.exists() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tell.send(true).unwrap();
    let done = seen(run.await.unwrap());
    assert_eq!(
        (done.status, fact(&done).0),
        (
            Status::Unknown,
            &StepFact::Stopped {
                program: "sh".to_owned(),
                millis: None
            }
        )
    );
    let (live, job) = (bench.live(), bench.job(Action::Command(command(&["true"]))));
    let (_hold, stop) = watch::channel(true);
    assert_eq!(live.execute(job, stop).await.status, Status::Failed);
}

#[tokio::test]
async fn who_gives_up_waiting_leaves_nothing_behind() {
    let bench = Bench::new();
    let (_hold, stop) = watch::channel(false);
    let note = bench.home().join("child");
    let text = format!("sleep 300 & echo $! > {}; wait", note.display());
    let (live, job) = (bench.live(), bench.job(Action::Command(script(&text))));
    let run = tokio::spawn(async move { live.execute(job, stop).await });
    let child = loop {
        match std::fs::read_to_string(&note) {
            Ok(child) if child.ends_with('\n') => break child.trim().to_owned(),
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    assert!(!is_gone(&child));
    run.abort();
    for _ in 0..100 {
        if is_gone(&child) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("process {child} is still there");
}

#[tokio::test]
async fn nothing_from_outside_becomes_a_program_or_an_option() {
    let mut bench = Bench::new();
    bench.param("x", "--output=/tmp/x");
    for argv in [
        &["${param.x}"][..],
        &["git", "log", "${param.x}"],
        &[""],
        &[],
    ] {
        let done = bench.run(Action::Command(command(argv))).await;
        assert_eq!((done.status, done.output), (Status::Failed, None));
    }
    bench.param("x", "; touch /tmp/$(id) `id` && id | id");
    let done = bench
        .run(Action::Command(command(&["echo", "<${param.x}>"])))
        .await;
    assert_eq!(text(&done), "<; touch /tmp/$(id) `id` && id | id>\n");
}

#[tokio::test]
async fn what_stays_in_the_background_does_not_hold_us_up() {
    let bench = Bench::new();
    let begin = std::time::Instant::now();
    let done = bench
        .run(Action::Command(script("sleep 25 & echo started")))
        .await;
    assert_eq!(
        (done.status, text(&done).as_str()),
        (Status::Succeeded, "started\n")
    );
    assert!(begin.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_flood_is_drained() {
    let mut bench = Bench::new();
    bench.timeout = 300;
    let done = bench
        .run(Action::Command(command(&[
            "head",
            "-c",
            "104857600",
            "/dev/zero",
        ])))
        .await;
    let output = done.output.unwrap();
    assert_eq!(done.status, Status::Succeeded, "{}", done.summary);
    assert_eq!((output.total, output.kept.len()), (104_857_600, 65_536));
    // sha256sum says so.
    assert_eq!(
        output.sha256,
        "20492a4d0d84f8beb1767f6616229f85d44c2827b64bdbfb260ee12fa1109e0e"
    );
}

#[tokio::test]
async fn evidence_is_what_was_printed_without_the_complaints() {
    let bench = Bench::new();
    let collector = |text: &str, limit_kib| Collector {
        id: "c".to_owned(),
        name: "C".to_owned(),
        action: Action::Command(script(text)),
        timeout_seconds: 30,
        limit_kib,
        judge: false,
        by_hand: None,
    };
    let (_hold, stop) = watch::channel(false);
    let live = bench.live();
    let values = &bench.values;
    let it = collector("echo rows; echo cannot read the rest >&2; exit 2", 1);
    let (approval, plan) = bench.gathering(&it);
    let done = live
        .gather(&approval, &plan, &it, values, stop.clone())
        .await;
    assert_eq!(
        (done.status, text(&done).as_str()),
        (Status::Failed, "rows\n")
    );
    assert_eq!(fact(&done), (&exit("sh", 2), "cannot read the rest"));
    let it = collector("head -c 9000 /dev/zero", 1);
    let (approval, plan) = bench.gathering(&it);
    let done = live
        .gather(&approval, &plan, &it, values, stop.clone())
        .await;
    let output = done.output.unwrap();
    assert_eq!((output.total, output.kept.len()), (9000, 1024));
    let path = bench.folder.path().join("evidence");
    let file = std::fs::File::create(&path).unwrap();
    let it = collector(&format!("echo {CANARY}; head -c 900000 /dev/zero"), 100);
    let (approval, plan) = bench.gathering(&it);
    let done = live
        .gather_into(&approval, &plan, &it, values, file, stop)
        .await;
    let output = done.output.unwrap();
    assert_eq!((output.total, output.kept.len()), (900_023, 0));
    let kept = std::fs::read(&path).unwrap();
    assert_eq!(kept.len(), 102_400);
    assert!(kept.starts_with(b"[secret]\n\0"));
}

#[tokio::test]
async fn what_it_prints_can_decide_too() {
    let bench = Bench::new();
    for (text, must, good) in [
        ("echo ok", "ok", true),
        ("echo; echo '  ok  '", "ok", true),
        ("echo ok; echo more", "ok", false),
        ("echo nok", "ok", false),
        ("true", "ok", false),
        ("true", "", true),
        ("echo something", "", false),
        ("echo ok; exit 1", "ok", false),
    ] {
        let mut call = script(text);
        call.expect_output = Some(must.to_owned());
        let done = bench.run(Action::Command(call)).await;
        assert_eq!(
            done.status == Status::Succeeded,
            good,
            "{text}: {}",
            done.summary
        );
    }
    let mut call = script("echo two faults");
    call.expect_output = Some("ok".to_owned());
    let done = bench.run(Action::Command(call)).await;
    let printed = StepFact::Printed {
        program: "sh".to_owned(),
        code: 0,
        wanted: "ok".to_owned(),
    };
    assert_eq!(fact(&done), (&printed, "two faults"));
    // More than is kept: what is not seen to the end is not what it must be.
    let mut call = script("echo ok; head -c 200000 /dev/zero | tr '\\0' ' '");
    call.expect_output = Some("ok".to_owned());
    let done = bench.run(Action::Command(call)).await;
    assert_eq!(done.status, Status::Failed);
}

/// The first steps of TARS's rollback with the sqlite3 of this machine.
#[tokio::test]
async fn a_rollback_looks_into_its_backup() {
    use sqlx::Connection as _;
    if std::process::Command::new("sqlite3")
        .arg("-version")
        .output()
        .is_err()
    {
        println!("SKIPPED: sqlite3 is not installed; the demo's stand-in is tested in the stories");
        return;
    }
    let mut bench = Bench::new();
    let backups = bench.home().join("backups");
    std::fs::create_dir(&backups).unwrap();
    let good = backups.join("good.db");
    let url = format!("sqlite://{}?mode=rwc", good.display());
    let mut made = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let rows = "CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
        INSERT INTO users SELECT i, hex(randomblob(40)) FROM n";
    sqlx::raw_sql(rows).execute(&mut made).await.unwrap();
    made.close().await.unwrap();
    let whole = std::fs::read(&good).unwrap();
    let mut corrupt = whole.clone();
    corrupt[8192..12_288].fill(0x5a);
    std::fs::write(backups.join("corrupt.db"), corrupt).unwrap();
    std::fs::write(backups.join("empty.db"), "").unwrap();
    std::fs::write(backups.join("cut.db"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(
        backups.join("text.db"),
        "this is no database, whatever its name says",
    )
    .unwrap();
    let plan = crate::plan::parse(crate::plan::default_source()).unwrap();
    let steps = &plan.procedure("rollback").unwrap().steps[..2];
    for (backup, good) in [
        ("good.db", true),
        ("corrupt.db", false),
        ("empty.db", false),
        ("cut.db", false),
        ("text.db", false),
        ("nothing.db", false),
    ] {
        bench.param("backup", backup);
        let mut passed = true;
        for step in steps {
            let Action::Command(call) = &step.action else {
                panic!("{} is no program", step.name)
            };
            let mut call = call.clone();
            call.connection = "home".to_owned();
            let done = bench.run(Action::Command(call)).await;
            passed &= done.status == Status::Succeeded;
        }
        assert_eq!(passed, good, "{backup}");
    }
}

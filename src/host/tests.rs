use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeZone as _, Utc};
use tokio::sync::watch;

use super::{Begun, HostError, OnPaper, Progress, Pull, begin, find_plan};
use crate::actions::{Done, Execute, Job, Status};
use crate::clock::Clock;
use crate::incident::{Door, HostOutcome, HostRecord, HostRun, Mode, Tally, policy};
use crate::journal::{Journal, full_disk, read_file};

/// Ends each step as it is told, and remembers what it was given. An empty script succeeds.
#[derive(Default)]
struct Scripted {
    script: Mutex<VecDeque<Status>>,
    seen: Mutex<Vec<(String, Job)>>,
    /// Read at every step: what the journal holds by then.
    journal: Option<std::path::PathBuf>,
    held: Mutex<Vec<usize>>,
}

impl Execute for Scripted {
    async fn execute(&self, job: Job, _stop: watch::Receiver<bool>) -> Done {
        if let Some(path) = &self.journal {
            let bytes = std::fs::read(path).unwrap();
            let reading = crate::journal::read(&bytes);
            self.held.lock().unwrap().push(reading.entries.len());
        }
        self.seen.lock().unwrap().push((job.step.name.clone(), job));
        let status = self.script.lock().unwrap().pop_front();
        let status = status.unwrap_or(Status::Succeeded);
        Done {
            status,
            fact: None,
            summary: format!("{status:?} as told"),
            code: None,
            output: None,
        }
    }
}

fn clock() -> Clock {
    Clock::test(noon())
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 2, 17, 14, 0, 0)
        .single()
        .unwrap()
}

fn pull(plan: &str, procedure: &str) -> Pull {
    Pull {
        plan: find_plan(None, plan).unwrap(),
        procedure: procedure.to_owned(),
        chat: Some(-100),
        why: "keys are public".to_owned(),
        door: Door::Host,
        account: Some("root".to_owned()),
    }
}

fn running() -> watch::Receiver<bool> {
    watch::channel(false).1
}

async fn run(begun: Begun, executor: &impl Execute) -> (Tally, Vec<Progress>) {
    let mut told = Vec::new();
    let tally = begun
        .execute(executor, &clock(), running(), |it| told.push(it))
        .await;
    (tally, told)
}

fn journalled(path: &std::path::Path) -> HostRun {
    read_file(path).unwrap().unwrap().runs().remove(0)
}

#[tokio::test]
async fn every_step_is_in_the_journal_before_and_after_it_happens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.journal");
    let executor = Scripted {
        journal: Some(path.clone()),
        ..Scripted::default()
    };
    let journal = Journal::open(&path, "one".into()).unwrap();
    let begun = begin(pull("tars", "emergency_shutdown"), Some(journal), &clock()).unwrap();
    assert_eq!(begun.id(), "one");
    let (tally, told) = run(begun, &executor).await;
    // Four steps; the fifth is to tell the team, which nothing on the host can.
    assert_eq!((tally.succeeded, tally.by_hand), (4, 1));
    assert_eq!(*executor.held.lock().unwrap(), [2, 4, 6, 8]);
    let seen = executor.seen.lock().unwrap();
    assert_eq!(seen[2].1.values.incident, "HOST-one");
    let approval = &seen[0].1.approval;
    assert_eq!(
        (approval.mode(), approval.incident().number),
        (Mode::Live, 0)
    );
    let job = &seen[0].1;
    assert!(approval.covers_step(&job.plan, &job.step, &std::collections::BTreeMap::new()));
    let mut other = (*job.plan).clone();
    other
        .procedures
        .iter_mut()
        .for_each(|it| it.steps.reverse());
    assert!(
        !approval.covers_step(&other, &job.step, &std::collections::BTreeMap::new()),
        "it is bound to the definition in the plan"
    );
    let kept = journalled(&path);
    assert!(kept.is_over());
    assert_eq!(kept.tally(), tally);
    assert!(
        matches!(&kept.entries[0].record, HostRecord::Intent { why, chat: Some(-100), steps: 5, .. } if why == "keys are public")
    );
    let begins = told
        .iter()
        .filter(|it| matches!(it, Progress::Begins { of: 5, .. }));
    assert_eq!(begins.count(), 5);
}

#[tokio::test]
async fn a_shutdown_goes_on_past_failures() {
    for (plan, succeeded) in [("tars", 1), ("jarvis", 2)] {
        let executor = Scripted {
            script: Mutex::new([Status::Failed, Status::Unknown, Status::ByHand].into()),
            ..Scripted::default()
        };
        let begun = begin(pull(plan, "emergency_shutdown"), None, &clock()).unwrap();
        let (tally, _) = run(begun, &executor).await;
        let counts = (tally.succeeded, tally.failed, tally.unknown, tally.by_hand);
        assert_eq!(counts, (succeeded, 1, 1, 2), "{plan}");
    }
}

#[tokio::test]
async fn only_fail_safe_procedures_run_and_a_reason_is_needed() {
    let refused = |plan, procedure| {
        let refused = begin(pull(plan, procedure), None, &clock());
        refused.expect_err("not fail-safe").to_string()
    };
    insta::assert_snapshot!(refused("tars", "restore"), @r#""restore" does not run from the host, only: emergency_shutdown, lockdown"#);
    insta::assert_snapshot!(refused("jarvis", "drop_everything"), @r#""drop_everything" does not run from the host, only: emergency_shutdown, lockdown"#);
    let silent = Pull {
        why: " \u{200b} ".to_owned(),
        ..pull("tars", "lockdown")
    };
    assert!(matches!(
        begin(silent, None, &clock()),
        Err(HostError::NoReason)
    ));
    for (_, source) in crate::plan::shipped() {
        let plan = crate::plan::parse(source).unwrap();
        for procedure in &plan.procedures {
            let granted = policy::host_approval(&plan, &procedure.id, 2026).is_ok();
            assert_eq!(granted, procedure.fail_safe, "{}", procedure.id);
        }
    }
    let unknown = find_plan(None, "hal").unwrap_err().to_string();
    assert_eq!(unknown, r#"there is no plan "hal", only: tars, jarvis"#);
}

#[tokio::test]
async fn a_step_that_needs_a_confirmation_in_time_is_left_to_people() {
    let executor = Scripted::default();
    let begun = begin(pull("tars", "lockdown"), None, &clock()).unwrap();
    let (tally, told) = run(begun, &executor).await;
    // Evidence and the sessions that may only end after it, the firewall, the message to the team.
    assert_eq!(tally.by_hand, 4);
    let sessions = told.iter().any(|it| {
        matches!(it, Progress::Ended { outcome: HostOutcome::ByHand, summary, .. } if summary.starts_with("only once this is done: Capture the sessions"))
    });
    assert!(sessions, "{told:?}");
    let firewall = told.iter().any(|it| {
        matches!(it, Progress::Ended { outcome: HostOutcome::ByHand, summary, .. } if summary.contains("within 10 minutes"))
    });
    assert!(firewall, "{told:?}");
    let seen = executor.seen.lock().unwrap();
    assert!(seen.iter().all(|(_, job)| job.step.revert_after.is_none()));
    assert!(seen.iter().all(|(name, _)| name != "End every session"));
}

#[tokio::test]
async fn a_journal_that_fills_up_on_the_way_does_not_stop_it() {
    let begun = begin(pull("tars", "emergency_shutdown"), None, &clock()).unwrap();
    let full = full_disk();
    let begun = Begun {
        journal: Some(full),
        ..begun
    };
    let (tally, told) = run(begun, &Scripted::default()).await;
    assert_eq!(tally.succeeded, 4);
    let unrecorded = told
        .iter()
        .filter(|it| matches!(it, Progress::Unrecorded { .. }));
    assert_eq!(unrecorded.count(), 11);
    // But where not even the intent can be written, nothing is begun.
    let full = full_disk();
    let refused = begin(pull("tars", "emergency_shutdown"), Some(full), &clock());
    assert!(matches!(refused, Err(HostError::Journal(_))));
}

#[tokio::test]
async fn it_can_be_stopped_between_two_steps() {
    let (stop, stopping) = watch::channel(false);
    let begun = begin(pull("tars", "emergency_shutdown"), None, &clock()).unwrap();
    let executor = Arc::new(Scripted::default());
    let tally = begun
        .execute(executor.as_ref(), &clock(), stopping, |progress| {
            if matches!(progress, Progress::Ended { .. }) {
                stop.send_replace(true);
            }
        })
        .await;
    assert_eq!(tally.succeeded, 1);
    assert_eq!(executor.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn on_paper_nothing_happens_but_every_step_is_spelled_out() {
    let begun = begin(pull("jarvis", "emergency_shutdown"), None, &clock()).unwrap();
    let (tally, told) = run(begun, &OnPaper).await;
    assert_eq!((tally.by_hand, tally.succeeded), (6, 0));
    let named = told.iter().all(|it| match it {
        Progress::Ended { summary, .. } => !summary.is_empty(),
        _ => true,
    });
    assert!(named);
}

/// A step of the shutdown that has a check, alone in its plan.
fn checked(idempotent: bool) -> Pull {
    let mut pull = pull("tars", "emergency_shutdown");
    let mut plan = (*pull.plan).clone();
    let probe = plan.probes[0].id.clone();
    let procedures = &mut plan.procedures;
    let found = procedures
        .iter_mut()
        .find(|it| it.id == "emergency_shutdown");
    let procedure = found.unwrap();
    procedure.steps.truncate(1);
    procedure.steps[0].check = Some(probe);
    procedure.steps[0].idempotent = idempotent;
    procedure.steps[0].retries = 0;
    pull.plan = Arc::new(plan);
    pull
}

#[tokio::test]
async fn a_check_settles_what_nobody_knows() {
    use Status::{Failed, Succeeded, Unknown};
    for (script, idempotent, executed, outcome) in [
        (vec![Unknown, Succeeded], false, 2, HostOutcome::Succeeded),
        (vec![Unknown, Failed], false, 2, HostOutcome::Unknown),
        (
            vec![Unknown, Failed, Succeeded],
            true,
            3,
            HostOutcome::Succeeded,
        ),
        (
            vec![Unknown, Failed, Unknown, Failed],
            true,
            4,
            HostOutcome::Unknown,
        ),
        (vec![Unknown, Unknown], true, 2, HostOutcome::Unknown),
    ] {
        let executor = Scripted {
            script: Mutex::new(script.clone().into()),
            ..Scripted::default()
        };
        let begun = begin(checked(idempotent), None, &clock()).unwrap();
        let (tally, _) = run(begun, &executor).await;
        let mut expected = Tally::default();
        expected.add(outcome);
        assert_eq!(tally, expected, "{script:?}");
        let seen = executor.seen.lock().unwrap();
        assert_eq!(seen.len(), executed, "{script:?}");
        for (_, job) in seen.iter() {
            let none = std::collections::BTreeMap::new();
            assert!(job.approval.covers_step(&job.plan, &job.step, &none));
        }
    }
}

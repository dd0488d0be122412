use std::os::unix::fs::PermissionsExt as _;

use crate::actions::Status;
use crate::actions::testing::{Bench, exit, fact};
use crate::incident::StepFact;
use crate::plan::{Action, ServiceChange};

/// A stand-in that keeps the state of each unit in a file and notes how it was called.
const SYSTEMCTL: &str = r#"#!/bin/sh
[ "$1" = --no-ask-password ] || exit 64
verb=$2 unit=$4 dir=${0%/*}
[ "$3" = -- ] || exit 64
echo "$verb $unit" >> "$dir/calls"
[ -e "$dir/$unit" ] || { echo "Unit $unit not loaded." >&2; [ "$verb" = is-active ] && echo inactive; exit 5; }
state=$(cat "$dir/$unit")
case $verb in
  is-active)
    case $state in
      activating) echo active > "$dir/$unit" ;;
    esac
    echo "$state"; [ "$state" = active ] || exit 3 ;;
  start|restart)
    case $state in
      broken*) echo failed > "$dir/$unit" ;;
      *) echo activating > "$dir/$unit" ;;
    esac ;;
  stop)
    case $state in
      hangs) sleep 300 ;;
      stays) ;;
      *) echo inactive > "$dir/$unit" ;;
    esac ;;
esac
"#;

fn bench(units: &[(&str, &str)]) -> Bench {
    let mut bench = Bench::new();
    let folder = bench.folder.path().join("bin");
    std::fs::create_dir(&folder).unwrap();
    let program = folder.join("systemctl");
    std::fs::write(&program, SYSTEMCTL).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    for (unit, state) in units {
        std::fs::write(folder.join(unit), state).unwrap();
    }
    let path = format!("{}:{}", folder.display(), bench.env["PATH"]);
    bench.set("PATH", path);
    bench.timeout = 20;
    bench
}

fn service(unit: &str, change: ServiceChange) -> Action {
    Action::Service {
        connection: "host".to_owned(),
        unit: unit.to_owned(),
        change,
    }
}

#[tokio::test]
async fn units_are_changed_and_asked() {
    let bench = bench(&[
        ("web", "active"),
        ("bot", "inactive"),
        ("bad", "broken"),
        ("odd", "stays"),
    ]);
    for (unit, change, status, state) in [
        ("web", ServiceChange::Status, Status::Succeeded, "active"),
        ("web", ServiceChange::Stop, Status::Succeeded, "inactive"),
        ("web", ServiceChange::Stop, Status::Succeeded, "inactive"),
        ("web", ServiceChange::Status, Status::Failed, "inactive"),
        ("bot", ServiceChange::Start, Status::Succeeded, "active"),
        ("bot", ServiceChange::Restart, Status::Succeeded, "active"),
        ("bad", ServiceChange::Start, Status::Failed, "failed"),
        ("odd", ServiceChange::Stop, Status::Failed, "stays"),
    ] {
        let done = bench.run(service(unit, change)).await;
        let fact = StepFact::Unit {
            unit: unit.to_owned(),
            state: state.to_owned(),
        };
        assert_eq!((done.status, done.fact), (status, Some(fact)));
    }
    let done = bench.run(service("none", ServiceChange::Stop)).await;
    let came = exit("systemctl stop none", 5);
    assert_eq!(fact(&done), (&came, "Unit none not loaded."));
    let calls = std::fs::read_to_string(bench.folder.path().join("bin/calls")).unwrap();
    assert!(
        calls.starts_with("is-active web\nstop web\nis-active web\n"),
        "{calls}"
    );
}

#[tokio::test]
async fn a_unit_that_does_not_stop_in_time_is_unknown() {
    let mut bench = bench(&[("web", "hangs")]);
    bench.timeout = 1;
    let done = bench.run(service("web", ServiceChange::Stop)).await;
    assert_eq!(done.status, Status::Unknown, "{}", done.summary);
}

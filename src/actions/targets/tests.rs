use std::collections::BTreeSet;

use crate::actions::testing::{Bench, CANARY, fact, http};
use crate::actions::{Status, Targets};
use crate::incident::StepFact;
use crate::plan::{Action, HttpMethod};

#[tokio::test]
async fn a_step_whose_connection_is_not_set_up_is_for_people() {
    let mut bench = Bench::new();
    let mut request = http(HttpMethod::Get, "/x/${setting.T_PROJECT}");
    request
        .headers
        .insert("a".into(), "${secret.T_TOKEN}".into());
    let done = bench.run(Action::Http(request.clone())).await;
    assert_eq!(done.status, Status::ByHand);
    let missing = |names: &[&str]| StepFact::NotSetUp {
        missing: names.iter().map(|it| (*it).to_owned()).collect(),
    };
    assert_eq!(fact(&done), (&missing(&["T_APP"]), "Do it yourself."));
    bench.set("T_APP", "http://127.0.0.1:9");
    bench.env.remove("T_TOKEN");
    bench.env.remove("T_PROJECT");
    let done = bench.run(Action::Http(request)).await;
    assert_eq!(
        fact(&done),
        (&missing(&["T_TOKEN", "T_PROJECT"]), "Do it yourself.")
    );
    // What a step does not use may be missing.
    let done = bench.run(Action::Http(http(HttpMethod::Get, "/"))).await;
    assert_eq!(done.status, Status::Failed, "{}", done.summary);
}

#[tokio::test]
async fn another_machine_is_out_of_reach() {
    let mut bench = Bench::new();
    bench.set("T_HOST", "db.example.org");
    let action = Action::Command(crate::actions::testing::command(&["true"]));
    let done = bench.run(action).await;
    assert_eq!(done.status, Status::ByHand);
    assert!(
        done.summary.contains("T_HOST is another machine"),
        "{}",
        done.summary
    );
}

#[test]
fn secrets_may_stand_in_files() {
    let mut bench = Bench::new();
    let path = bench.folder.path().join("token");
    std::fs::write(&path, format!("{CANARY}\n")).unwrap();
    bench.env.remove("T_TOKEN");
    bench.set("T_TOKEN_FILE", path.to_str().unwrap());
    bench.set("T_APP", "http://127.0.0.1:9");
    let connection = &bench.plan.connections[0];
    let target = bench
        .targets()
        .find(connection, &BTreeSet::from(["T_TOKEN"]))
        .unwrap();
    assert!(target.secrets["T_TOKEN"].matches(CANARY.as_bytes()));
    assert!(!format!("{target:?}").contains(CANARY));
}

#[test]
fn the_bots_own_settings_are_out_of_reach() {
    let targets = Targets::new(|name| Some(format!("value of {name}")));
    for name in ["TELOXIDE_TOKEN", "BREAKGLASS_SECRET_KEY", "DATABASE_URL"] {
        assert_eq!(targets.variable(name), None);
    }
    assert_eq!(targets.variable("PATH").as_deref(), Some("value of PATH"));
}

#[test]
fn what_is_not_set_up_is_listed() {
    let mut bench = Bench::new();
    bench.plan.procedures[0].steps[0].action = {
        let mut request = http(HttpMethod::Get, "/");
        request
            .headers
            .insert("a".into(), "${secret.T_TOKEN}".into());
        Action::Http(request)
    };
    bench.env.remove("T_TOKEN");
    let listed = bench.targets().not_set_up(&bench.plan);
    let shown: Vec<String> = listed.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        ["The app: not set: T_APP, T_TOKEN", "The db: not set: T_DB"]
    );
    bench.set("T_DB_NETWORKS", "10.0.0.0/8, nonsense");
    bench.set("T_DB", "sqlite://x");
    let listed = bench.targets().not_set_up(&bench.plan);
    assert_eq!(
        listed[1].to_string(),
        "The db: T_DB_NETWORKS is no list of networks such as 10.0.0.0/8"
    );
}

use std::collections::BTreeMap;
use std::sync::Arc;

use insta::assert_snapshot;

use super::*;
use crate::incident::{
    Author, Choice, Command, Event, Hindrance, IncidentEvent, IncidentId, Lever, Plans, Recorded,
    StepReport, StepStatus, apply,
};
use crate::messages::testing::{Room, shown, well_formed};
use crate::plan::{Minutes, Plan, Step};

/// A chat in which a lever was pulled, and its runner.
struct Stage {
    room: Room,
    id: IncidentId,
}

impl Stage {
    fn pull(lever: Lever, mode: Mode, change: impl FnOnce(&mut Plan)) -> Self {
        let mut room = Room::with("tars");
        let known: &Plan = room.view().plan().expect("a plan");
        let mut plan = known.clone();
        change(&mut plan);
        let mut plans = Plans {
            default: plan.info.id.clone(),
            ..Plans::default()
        };
        plans.install(Arc::new(plan));
        room.plans = plans;
        let id = room.declare("Bob", "P0 Key <leaked>");
        let mut stage = Self { room, id };
        let Author::Person(alice) = Room::who("Alice") else {
            panic!("a person")
        };
        let Author::Person(olivia) = Room::who("Olivia") else {
            panic!("a person")
        };
        let started = IncidentEvent::RunStarted {
            run: 1,
            lever,
            fingerprint: String::new(),
            mode,
            warrant: Warrant::Approved,
            asked_by: By::Person(alice.person),
            approved_by: vec![olivia.person],
            why: Some("the <attacker> is inside".to_owned()),
        };
        let recorded = Recorded {
            at: stage.room.now,
            by: By::Bot,
            event: Event::Incident(id, started),
        };
        apply(&mut stage.room.chat, recorded, &stage.room.plans).expect("it folds");
        stage
    }

    fn run(&self) -> &Run {
        &self.room.chat.incidents[&self.id].runs[0]
    }

    fn shown(&self) -> String {
        let incident = &self.room.chat.incidents[&self.id];
        let rendered = progress(&self.room.view(), incident, self.run());
        well_formed(&rendered.html).unwrap_or_else(|why| panic!("{why}: {}", rendered.html));
        assert!(visible_len(&rendered.html) <= 4_096);
        shown(&rendered)
    }

    /// What the team is told because of it.
    fn bot(&mut self, command: Command) -> String {
        let effects = self.room.does(&Author::Bot, command, Some(self.id));
        let effects = effects.unwrap_or_else(|refusal| panic!("{refusal}"));
        let said = effects.iter().filter_map(|effect| match effect {
            crate::incident::Effect::Announce { said, .. } => {
                let rendered = crate::messages::said(&self.room.view(), said);
                well_formed(&rendered.html).unwrap_or_else(|why| panic!("{why}"));
                Some(shown(&rendered))
            }
            _ => None,
        });
        said.collect::<Vec<_>>().join("\n")
    }

    fn begin(&mut self) -> Vec<StepKey> {
        let plan = Arc::clone(&self.room.chat.incidents[&self.id].plan);
        let steps = match saga::next(self.run(), &plan, self.room.now) {
            saga::Next::Start(steps) => steps,
            saga::Next::Undo(step) => vec![step],
            other => panic!("{other:?}"),
        };
        self.bot(Command::StepsBegun {
            run: 1,
            steps: steps.clone(),
        });
        steps
    }

    fn end(&mut self, step: &StepKey, status: StepStatus, summary: &str) -> String {
        let attempt = self.run().steps[step].attempts;
        self.bot(Command::StepOver {
            run: 1,
            step: step.clone(),
            attempt,
            report: StepReport {
                status,
                summary: summary.to_owned(),
                ..StepReport::succeeded()
            },
        })
    }

    fn step(&mut self, status: StepStatus, summary: &str) -> String {
        let steps = self.begin();
        self.room.pass(1);
        let said: Vec<String> = steps
            .iter()
            .map(|step| self.end(step, status, summary))
            .collect();
        said.join("\n")
    }

    fn over(&mut self) -> String {
        self.bot(Command::RunOver {
            run: 1,
            hindrance: None,
        })
    }
}

fn lever(id: &str) -> Lever {
    Lever::Procedure {
        id: id.to_owned(),
        parameters: BTreeMap::new(),
    }
}

#[test]
fn a_run_that_goes_well() {
    let mut stage = Stage::pull(lever("lockdown"), Mode::Live, |_| {});
    stage.step(StepStatus::Succeeded, "written");
    stage.begin();
    assert_snapshot!(stage.shown(), @r"
    ⚙️ <b>Run 1 · Lockdown</b> · SEC-2026-007
    Alice, approved by Olivia · 14:00 UTC
    Why: the &lt;attacker&gt; is inside
    ✅ 1 Switch maintenance mode on
    ⏳ 2 Capture the sessions before they end
    ⬜ 3 End every session
    ⬜ 4 Let only administrators' addresses in
    ⬜ 5 Tell the team
    ");
    assert_snapshot!(lines(&under_way(&stage.room.view(), &stage.room.chat.incidents[&stage.id])).as_str(), @r"⚙️ Run 1 · Lockdown: 1 of 5 steps");
}

#[test]
fn a_run_that_stands_and_is_taken_back() {
    let mut stage = Stage::pull(lever("rollback"), Mode::Live, |plan| {
        let procedure = plan.procedures.iter_mut().find(|it| it.id == "rollback");
        let procedure = procedure.expect("it is in the plan");
        procedure.steps.truncate(3);
        for (step, name) in procedure.steps.iter_mut().zip(["one", "two", "three"]) {
            let undo = Step {
                undo: None,
                check: None,
                revert_after: None,
                ..step.clone()
            };
            step.name = format!("Do {name}");
            step.idempotent = false;
            step.undo = (name != "three").then(|| Box::new(undo));
        }
    });
    stage.step(StepStatus::Succeeded, "");
    let told = stage.step(StepStatus::Unknown, "no <answer> in time");
    assert_snapshot!(told, @"
    ❓ <b>Run 1 · Rollback</b> stands: nobody knows whether step 2 happened.
    <b>2 · Do two</b>
    no &lt;answer&gt; in time
    <code>/step 1 2 retry|done|skip|undo</code>
    [ 2 · Again ] [ 2 · Done ] [ 2 · Skip ]
    [ ↩️ 2 · Take back ]
    ");
    assert_snapshot!(stage.shown(), @"
    ❓ <b>Run 1 · Rollback</b> · SEC-2026-007
    Alice, approved by Olivia · 14:00 UTC
    Why: the &lt;attacker&gt; is inside
    ✅ 1 Do one
    ❓ 2 Do two: no &lt;answer&gt; in time
    ⬜ 3 Do three
    Waits for a decision about step 2: the buttons, or <code>/step 1 2 done</code>, <code>retry</code>, <code>skip</code>, <code>undo</code>.
    [ 2 · Again ] [ 2 · Done ] [ 2 · Skip ]
    [ ↩️ 2 · Take back ]
    ");
    assert_snapshot!(stage.room.answer("Alice", Command::Step { run: None, step: None, choice: Choice::Undo }), @r"👌 Run 1, step 2: take back.");
    stage.step(StepStatus::Succeeded, "");
    let told = stage.step(StepStatus::Failed, "permission denied");
    assert_snapshot!(format!("{told}{}\n\n{}", stage.over(), stage.shown()), @r#"
    🆘 <b>Run 1 · Rollback</b> failed, and taking back failed too. Somebody must look at it now. SEC-2026-007
    Not taken back: Do one
    🔔 <a href="tg://user?id=2">Alice</a>

    🆘 <b>Run 1 · Rollback</b> · SEC-2026-007
    Alice, approved by Olivia · 14:00 UTC
    Why: the &lt;attacker&gt; is inside
    🆘 1 Do one: taking it back failed: permission denied
    ↩️ 2 Do two: taken back
    ⬜ 3 Do three

    <b>failed, and taking back failed too</b>
    "#);
    assert_snapshot!(stage.room.answer("Bob", Command::Timeline), @"
    <b>Timeline of SEC-2026-007 · times in UTC</b>
    14:00 Declared as P0 Critical: Key &lt;leaked&gt; — Bob
    14:00 ✅ 1 Incident logged
    14:00 ✅ 2 Severity assigned
    14:00 ✅ 4 Timeline started
    14:00 The team was told: the card stands in the chat
    14:00 ✅ 3 Team notified
    14:00 Run 1 began: Rollback, asked for by Alice, approved by Olivia
    14:01 ✅ Run 1, step 1 done: Do one
    14:02 ❓ Run 1, step 2, nobody knows whether it happened: Do two: no &lt;answer&gt; in time
    14:02 Run 1, step 2: take back — Alice
    14:03 ✅ Run 1, step 2 done: taking back: Check that the backup holds users
    14:04 ❌ Run 1, step 1 failed: taking back: Check that the backup is whole: permission denied
    14:04 Run 1 · Rollback: failed, and taking back failed too
    ");
}

#[test]
fn a_step_that_waits_to_be_kept() {
    let mut stage = Stage::pull(lever("lockdown"), Mode::Drill, |plan| {
        let procedure = plan.procedures.iter_mut().find(|it| it.id == "lockdown");
        let procedure = procedure.expect("it is in the plan");
        procedure.steps.truncate(1);
        let undo = procedure.steps[0].clone();
        procedure.steps[0].undo = Some(Box::new(undo));
        procedure.steps[0].revert_after = Some(Minutes(10));
    });
    let told = stage.step(StepStatus::Succeeded, "");
    assert_snapshot!(told, @"
    🧪 <b>DRILL</b> · a rehearsal, nothing real is touched
    ⏳ <b>Run 1 · Lockdown</b>: step 1 takes itself back at 14:11 UTC unless somebody keeps it.
    <b>1 · Switch maintenance mode on</b>
    <code>/step 1 1 done|undo</code>
    [ 1 · Keep ]
    [ ↩️ 1 · Take back ]
    ");
    assert_snapshot!(stage.shown(), @"
    🧪 <b>DRILL</b> · a rehearsal, nothing real is touched
    ⚙️ <b>Run 1 · Lockdown</b> · SEC-2026-007
    Alice, approved by Olivia · 14:00 UTC
    Why: the &lt;attacker&gt; is inside
    ✅ 1 Switch maintenance mode on: takes itself back at 14:11 UTC unless somebody keeps it
    Is it right? <code>/step 1 1 done</code> keeps it, <code>/step 1 1 undo</code> takes it back now.
    [ 1 · Keep ]
    [ ↩️ 1 · Take back ]
    ");
    stage.room.ok(
        "Alice",
        Command::AbortRun {
            run: None,
            why: "enough".to_owned(),
        },
    );
    assert_snapshot!(stage.shown().lines().rev().take(4).collect::<Vec<_>>().join("\n"), @"
    [ ↩️ 1 · Take back ]
    [ 1 · Keep ]
    Is it right? <code>/step 1 1 done</code> keeps it, <code>/step 1 1 undo</code> takes it back now.
    🛑 No further step begins, says Alice: enough
    ");
}

#[test]
fn a_rotation_shows_its_parts_and_the_overview_shows_ages() {
    let two = |plan: &mut Plan| plan.credentials.truncate(2);
    let plan = Room::with("tars");
    let ids: Vec<String> = plan
        .view()
        .plan()
        .expect("a plan")
        .credentials
        .iter()
        .take(2)
        .map(|it| it.id.clone())
        .collect();
    let mut stage = Stage::pull(Lever::Rotate { credentials: ids }, Mode::Live, two);
    let first = saga::parts(
        &stage.run().lever,
        &stage.room.chat.incidents[&stage.id].plan,
    )[0]
    .steps
    .len();
    let before = stage.room.answer(
        "Bob",
        Command::Pull(crate::incident::Pull {
            verb: "rotate",
            words: String::new(),
        }),
    );
    for _ in 0..first {
        stage.step(StepStatus::Succeeded, "");
    }
    let begun = stage.begin();
    assert_snapshot!(stage.shown(), @"
    ⚙️ <b>Run 1 · Every credential</b> · SEC-2026-007
    Alice, approved by Olivia · 14:00 UTC
    Why: the &lt;attacker&gt; is inside
    <b>NextAuth secret</b> · 3 of 3
    <b>n8n API key</b> · 0 of 4
    ⏳ 4 Create a new key
    ⬜ 5 Restart the agent
    ⬜ 6 See that the new key works, revoke the old one
    ⬜ 7 The agent runs
    ");
    let during = stage.room.answer(
        "Bob",
        Command::Pull(crate::incident::Pull {
            verb: "rotate",
            words: String::new(),
        }),
    );
    let hindrance = Some(Hindrance::NotAllowed {
        why: "test".to_owned(),
    });
    let stopped = stage.bot(Command::RunOver { run: 1, hindrance });
    stage.end(&begun[0], StepStatus::Failed, "");
    let over = stage.bot(Command::RunOver {
        run: 1,
        hindrance: None,
    });
    let told = format!("{stopped}\n\n{over}");
    stage.room.pass(60 * 24 * 200);
    let after = stage.room.answer(
        "Bob",
        Command::Pull(crate::incident::Pull {
            verb: "rotate",
            words: String::new(),
        }),
    );
    assert_snapshot!(format!("{before}\n\n{during}\n\n{told}\n\n{after}"), @"
    <b>Credentials of TARS incident response</b>
    ⏳ NextAuth secret (<code>nextauth_secret</code>): being rotated, run 1 of SEC-2026-007
    ⏳ n8n API key (<code>n8n_api_key</code>): being rotated, run 1 of SEC-2026-007
    One at a time needs a press to confirm; <code>/rotate all</code> needs somebody to approve.

    <b>Credentials of TARS incident response</b>
    ⏳ NextAuth secret (<code>nextauth_secret</code>): being rotated, run 1 of SEC-2026-007
    ⏳ n8n API key (<code>n8n_api_key</code>): being rotated, run 1 of SEC-2026-007
    One at a time needs a press to confirm; <code>/rotate all</code> needs somebody to approve.

    🛑 <b>Run 1 · Every credential</b> was stopped: no further step begins. What is under way ends, and what takes itself back still does. SEC-2026-007
    The rules do not allow it any more: test

    ⚠️ <b>Run 1 · Every credential</b> stopped half-way: 3 of 7 steps are done and stay as they are. SEC-2026-007
    The rules do not allow it any more: test
    Not done: Create a new key, Restart the agent, See that the new key works, revoke the …, The agent runs

    <b>Credentials of TARS incident response</b>
    ⚠️ NextAuth secret (<code>nextauth_secret</code>): rotated 17 Feb 14:03 UTC, 200 d ago; at most 182 d are allowed
    ❌ n8n API key (<code>n8n_api_key</code>): run 1 of SEC-2026-007 did not finish it
    One at a time needs a press to confirm; <code>/rotate all</code> needs somebody to approve.
    ");
}

#[test]
fn a_question_says_all_that_there_is_to_do_or_where_the_rest_is() {
    let asked = |words: usize| {
        let text = format!(
            "Open the console, {}and say so.",
            "then turn the key ".repeat(words)
        );
        let lever = Lever::Rotate {
            credentials: ["n8n_api_key", "anthropic_api_key"]
                .map(str::to_owned)
                .into(),
        };
        let mut stage = Stage::pull(lever, Mode::Live, |plan| {
            for credential in &mut plan.credentials {
                if let crate::plan::Action::Manual { text: kept, .. } =
                    &mut credential.steps[0].action
                {
                    kept.clone_from(&text);
                }
            }
        });
        stage.step(StepStatus::ByHand, &text);
        stage.step(StepStatus::ByHand, &text);
        let incident = &stage.room.chat.incidents[&stage.id];
        let rendered = question(&stage.room.view(), incident, stage.run());
        well_formed(&rendered.html).unwrap_or_else(|why| panic!("{why}"));
        assert!(visible_len(&rendered.html) <= 4_096);
        (text, shown(&rendered))
    };
    let (text, both) = asked(16);
    assert_eq!(both.matches(&text).count(), 2, "{both}");
    assert!(!both.contains("here next") && !both.contains('…'), "{both}");
    assert_snapshot!(both.lines().rev().take(3).collect::<Vec<_>>().join("\n"), @"
    [ 🛑 1 · Stop here ] [ 🛑 5 · Stop here ]
    [ 5 · Done ] [ 5 · Skip ]
    [ 1 · Done ] [ 1 · Skip ]
    ");
    // There is no room for both: the other one comes once this one is decided.
    let (text, first) = asked(110);
    assert_eq!(first.matches(&text).count(), 1, "{first}");
    assert_snapshot!(first.lines().rev().take(5).collect::<Vec<_>>().join("\n"), @"
    [ 🛑 1 · Stop here ]
    [ 1 · Done ] [ 1 · Skip ]
    Asked here next: 5 · Create a new key

    <code>/step 1 1 done|skip|undo</code>
    ");
    let (text, cut) = asked(400);
    assert!(!cut.contains(&text));
    let end = cut.find(" …\n").expect("it is cut");
    let word = cut[..end].rsplit(' ').next().expect("a word");
    assert!(["then", "turn", "the", "key"].contains(&word), "{word}");
    assert_snapshot!(&cut[end..], @"
     …
    The rest stands in the plan, in this step.
    Where: https://n8n.srv1378974.hstgr.cloud/settings
    <code>/step 1 1 done|skip|undo</code>

    Asked here next: 5 · Create a new key
    [ 1 · Done ] [ 1 · Skip ]
    [ 🛑 1 · Stop here ]
    ");
}

//! What takes itself back, while later runs are about the same target.

use super::*;
use crate::incident::saga::{Next, next};
use crate::plan::Action;

/// A team at work, and the firewall that its levers change.
struct Scene {
    told: Told,
    /// The rules that were loaded, in order.
    loaded: Vec<String>,
}

impl Scene {
    fn new() -> Self {
        let mut told = team();
        let text = "P0 somebody is in".to_owned();
        told.says(ASKER, Command::Declare { text })
            .expect("declared");
        let loaded = Vec::new();
        Self { told, loaded }
    }

    /// Pulls a lever, and lets it go as far as it does.
    fn pulls(&mut self, verb: &'static str, words: &str) -> u32 {
        self.told.pulls(ASKER, verb, words).expect("asked");
        self.told.approves(ASKER, "").expect("confirmed");
        self.goes_on();
        self.incident().runs.last().expect("a run").number
    }

    fn incident(&self) -> &Incident {
        let mut open = self.told.chat.open_incidents();
        open.next().expect("one is open")
    }

    fn run(&self, number: u32) -> &Run {
        self.incident().run(number).expect("a run")
    }

    /// All that is due, in every run.
    fn goes_on(&mut self) {
        while let Some((run, due)) = self.due() {
            let before = self.told.log.len();
            match due {
                Next::Start(steps) => self.executes(run, steps),
                Next::Undo(step) => self.executes(run, vec![step]),
                _ => {
                    let hindrance = None;
                    self.observes(Command::RunOver { run, hindrance });
                }
            }
            assert!(self.told.log.len() > before, "it stands still");
        }
    }

    fn due(&self) -> Option<(u32, Next)> {
        let plan = &self.incident().plan;
        let open = self.incident().runs.iter().filter(|it| !it.is_over());
        let due = open.map(|it| (it.number, next(it, plan, self.told.now)));
        let mut due = due.filter(|(_, it)| !matches!(it, Next::Wait { .. } | Next::Ask { .. }));
        due.next()
    }

    fn observes(&mut self, command: Command) {
        let id = self.incident().id;
        self.told
            .ask(&Author::Bot, command, Some(id))
            .expect("observed");
    }

    fn begins(&mut self, run: u32, steps: Vec<StepKey>) {
        self.observes(Command::StepsBegun { run, steps });
    }

    fn executes(&mut self, run: u32, steps: Vec<StepKey>) {
        self.begins(run, steps.clone());
        for step in steps {
            let state = self.run(run).steps.get(&step);
            if state.is_some_and(|it| it.progress == saga::Progress::Running) {
                self.ends(run, step);
            }
        }
    }

    fn ends(&mut self, run: u32, step: StepKey) {
        let incident = self.incident();
        let (lever, plan) = (&incident.run(run).expect("a run").lever, &incident.plan);
        let action = saga::step(lever, plan, &step).expect("a step").action;
        if let Action::Command(call) = action
            && let ["nft", "-f", rules] =
                call.argv.iter().map(String::as_str).collect::<Vec<_>>()[..]
        {
            let name = rules.rsplit('/').next().expect("a name");
            self.loaded.push(name.to_owned());
        }
        let attempt = self.run(run).steps[&step].attempts;
        let report = StepReport::succeeded();
        self.observes(Command::StepOver {
            run,
            step,
            attempt,
            report,
        });
    }

    fn decides(&mut self, run: u32, step: u32, choice: Choice) {
        let step = Some(StepRef {
            number: step,
            undo: false,
        });
        let run = Some(run);
        self.told
            .says(ASKER, Command::Step { run, step, choice })
            .expect("decided");
        self.goes_on();
    }

    fn pass(&mut self, minutes: i64) {
        self.told.now += Duration::minutes(minutes);
        self.goes_on();
    }

    fn open_runs(&self) -> Vec<u32> {
        let open = self.incident().runs.iter().filter(|it| !it.is_over());
        open.map(|it| it.number).collect()
    }

    fn superseded(&self) -> Vec<(u32, u32)> {
        let log = self.told.log.iter();
        log.filter_map(|it| match &it.event {
            Event::Incident(_, IncidentEvent::StepSuperseded { run, by_run, .. }) => {
                Some((*run, *by_run))
            }
            _ => None,
        })
        .collect()
    }
}

const ON: &str = "lockdown.nft";
const OFF: &str = "nftables.conf";

#[test]
fn an_older_promise_does_not_open_what_a_later_lockdown_keeps() {
    let mut scene = Scene::new();
    assert_eq!(scene.pulls("lockdown", ""), 1);
    scene.pass(2);
    assert_eq!(scene.pulls("run", "unlock"), 2);
    assert_eq!(scene.superseded(), [(1, 2)]);
    assert!(scene.run(1).is_over(), "nothing is left to wait for");
    scene.pass(2);
    assert_eq!(scene.pulls("lockdown", "second"), 3);
    scene.decides(3, 4, Choice::Done);
    scene.pass(20);
    assert_eq!(scene.loaded, [ON, OFF, ON], "the rules are in place");
    assert_eq!(scene.open_runs(), [0; 0]);
}

#[test]
fn what_was_taken_back_by_hand_is_not_taken_back_again() {
    let mut scene = Scene::new();
    scene.pulls("lockdown", "");
    scene.pass(2);
    scene.pulls("run", "unlock");
    scene.pass(20);
    assert_eq!(scene.loaded, [ON, OFF]);
    assert_eq!(scene.open_runs(), [0; 0]);
}

#[test]
fn two_lockdowns_that_nobody_keeps_are_taken_back_once_at_the_later_time() {
    let mut scene = Scene::new();
    scene.pulls("lockdown", "");
    scene.pass(5);
    scene.pulls("lockdown", "again");
    assert_eq!(scene.superseded(), [(1, 2)]);
    assert_eq!(scene.open_runs(), [2]);
    scene.pass(9);
    assert_eq!(scene.loaded, [ON, ON], "14 minutes after the first");
    scene.pass(1);
    assert_eq!(scene.loaded, [ON, ON, OFF]);
    scene.pass(20);
    assert_eq!(scene.loaded, [ON, ON, OFF]);
    assert_eq!(scene.open_runs(), [0; 0]);
}

#[test]
fn keeping_the_later_one_keeps_what_both_put_there() {
    let mut scene = Scene::new();
    scene.pulls("lockdown", "");
    scene.pass(5);
    scene.pulls("lockdown", "again");
    scene.decides(2, 4, Choice::Done);
    scene.pass(30);
    assert_eq!(scene.loaded, [ON, ON]);
    assert_eq!(scene.open_runs(), [0; 0]);
}

#[test]
fn another_lever_whose_way_back_is_the_same_counts_too() {
    let mut scene = Scene::new();
    scene.pulls("run", "allow_list");
    scene.pass(2);
    scene.pulls("lockdown", "");
    assert_eq!(scene.superseded(), [(1, 2)]);
    scene.decides(2, 4, Choice::Done);
    scene.pass(30);
    assert_eq!(scene.loaded, ["allow-list.nft", ON]);
    // One that has nothing to do with it lets it be.
    scene.pulls("run", "allow_list");
    scene.pulls("run", "tighten_limits");
    assert_eq!(scene.superseded().len(), 1);
    scene.pass(10);
    assert_eq!(scene.loaded, ["allow-list.nft", ON, "allow-list.nft", OFF]);
}

#[test]
fn what_is_rehearsed_lets_go_of_nothing_real() {
    let mut scene = Scene::new();
    scene.pulls("lockdown", "");
    let Event::Incident(_, started) = scene
        .told
        .log
        .iter()
        .map(|it| &it.event)
        .find(|it| matches!(it, Event::Incident(_, IncidentEvent::RunStarted { .. })))
        .expect("it began")
        .clone()
    else {
        panic!("an incident's event");
    };
    let IncidentEvent::RunStarted {
        lever,
        fingerprint,
        warrant,
        asked_by,
        ..
    } = started
    else {
        panic!("the event that was looked for");
    };
    let rehearsed = IncidentEvent::RunStarted {
        run: 2,
        lever,
        fingerprint,
        mode: Mode::Drill,
        warrant,
        asked_by,
        approved_by: Vec::new(),
        why: None,
    };
    let id = scene.incident().id;
    scene.told.happens(By::Bot, Event::Incident(id, rehearsed));
    scene.goes_on();
    assert!(scene.superseded().is_empty());
    assert_eq!(scene.open_runs(), [1, 2]);
}

#[test]
fn taking_back_and_putting_there_never_overlap() {
    let mut scene = Scene::new();
    scene.pulls("lockdown", "");
    scene.told.now += Duration::minutes(9);
    scene.told.pulls(ASKER, "lockdown", "again").expect("asked");
    scene.told.approves(ASKER, "").expect("confirmed");
    let keys: Vec<StepKey> = (0..4)
        .map(|index| StepKey {
            part: "lockdown".to_owned(),
            index,
            undo: false,
            check: false,
        })
        .collect();
    for key in &keys[..3] {
        scene.executes(2, vec![key.clone()]);
    }
    scene.begins(2, vec![keys[3].clone()]);
    scene.told.now += Duration::minutes(1);
    let id = scene.incident().id;
    let back = Command::StepsBegun {
        run: 1,
        steps: vec![keys[3].taken_back()],
    };
    let refusal = scene.told.ask(&Author::Bot, back, Some(id));
    assert!(
        matches!(refusal, Err(Refusal::RunState { .. })),
        "{refusal:?}"
    );
    scene.ends(2, keys[3].clone());
    scene.goes_on();
    assert_eq!(scene.loaded, [ON, ON]);
    assert_eq!(scene.superseded(), [(1, 2)]);
}

#[test]
fn a_log_of_before_is_put_right_when_the_older_one_is_due() {
    let mut scene = Scene::new();
    scene.pulls("lockdown", "");
    scene.pass(2);
    scene.pulls("lockdown", "again");
    // As an earlier version wrote it: nobody said who has the last word.
    let log = std::mem::take(&mut scene.told.log);
    let mut old = team();
    old.chat = Chat::new(ChatKey(1));
    let of_run_1 = |it: &Recorded| {
        let end = matches!(
            &it.event,
            Event::Incident(_, IncidentEvent::RunEnded { run: 1, .. })
        );
        let let_go = matches!(
            &it.event,
            Event::Incident(_, IncidentEvent::StepSuperseded { .. })
        );
        end || let_go
    };
    for it in log.into_iter().filter(|it| !of_run_1(it)) {
        apply(&mut old.chat, it, &old.plans).expect("it can be folded");
    }
    old.now = scene.told.now;
    old.log = Vec::new();
    scene.told = old;
    scene.pass(8);
    assert_eq!(scene.superseded(), [(1, 2)]);
    scene.decides(2, 4, Choice::Done);
    scene.pass(30);
    assert_eq!(scene.loaded, [ON, ON]);
}

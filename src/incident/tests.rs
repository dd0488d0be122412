//! Properties of the core, over random sequences of commands by random people.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Duration, TimeZone, Utc};
use proptest::prelude::*;

use super::*;
use crate::plan;

mod follow_ups;
mod late;
mod leaks;
mod rehearsals;
mod requests;
mod reviewed;

const OWNER: i64 = 1;

fn plans() -> Plans {
    static PLAN: LazyLock<Arc<plan::Plan>> = LazyLock::new(|| {
        let read = plan::parse(plan::default_source());
        Arc::new(read.unwrap_or_else(|problems| panic!("{problems:?}")))
    });
    let mut plans = Plans {
        default: PLAN.info.id.clone(),
        ..Plans::default()
    };
    plans.install(Arc::clone(&PLAN));
    plans
}

fn person(id: i64) -> Person {
    Person {
        id: UserId(id),
        name: format!("Person {id}"),
        username: None,
    }
}

fn actor(id: i64, via: Via) -> Author {
    Author::Person(Actor {
        person: person(id),
        identity: Identity::Person,
        via,
        owner: id == OWNER,
        private: false,
        totp: TotpState::None,
    })
}

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 2, 17, 14, 0, 0)
        .single()
        .expect("a moment")
}

/// A chat with everything that happened to it, as the ledger would have it.
struct Told {
    chat: Chat,
    log: Vec<Recorded>,
    next: u32,
    now: DateTime<Utc>,
    plans: Plans,
}

impl Told {
    fn claimed() -> Self {
        let plans = plans();
        let chat = Chat::new(ChatKey(1));
        let mut told = Self {
            chat,
            log: Vec::new(),
            next: 1,
            now: start(),
            plans,
        };
        let described = Command::Describe {
            title: "War room".to_owned(),
            kind: ChatKind::Supergroup,
            forum: false,
            public: false,
        };
        told.ask(&Author::Bot, described, None)
            .expect("a chat can be described");
        told.ask(&actor(OWNER, Via::Text), Command::Start, None)
            .expect("an owner claims");
        told
    }

    fn ask(
        &mut self,
        author: &Author,
        command: Command,
        incident: Option<IncidentId>,
    ) -> Result<Decision, Refusal> {
        let request = Request {
            command,
            incident,
            origin: Origin::default(),
        };
        let security = IncidentId::security(2026, self.next);
        let drill = IncidentId {
            series: Series::Drill,
            ..security
        };
        let rehearses = matches!(&request.command, Command::Drill { .. });
        let env = Env {
            now: self.now,
            next_id: if rehearses { drill } else { security },
            plans: &self.plans,
            languages: &["en"],
            owners: &[person(OWNER)],
            dice: [7; 32],
            log_changed: false,
            elsewhere: None,
        };
        let decision = decide(&self.chat, &request, author, env)?;
        for (by, event) in &decision.events {
            if matches!(event, Event::Incident(_, IncidentEvent::Declared { .. })) {
                self.next += 1;
            }
            let recorded = Recorded {
                at: self.now,
                by: by.clone(),
                event: event.clone(),
            };
            self.log.push(recorded.clone());
            apply(&mut self.chat, recorded, &self.plans).expect("what was decided can be folded");
        }
        Ok(decision)
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), Just("because".to_owned()), ".{0,40}"]
}

fn due() -> impl Strategy<Value = Option<chrono::NaiveDate>> {
    proptest::option::of(Just(start().date_naive()))
}

fn item() -> impl Strategy<Value = ItemRef> {
    prop_oneof![
        (0_u32..24).prop_map(ItemRef::Number),
        Just(ItemRef::Id("evidence_preserved".to_owned())),
        "[a-z_]{1,8}".prop_map(ItemRef::Id),
    ]
}

fn whom() -> impl Strategy<Value = Whom> {
    prop_oneof![
        Just(Whom::Myself),
        (1_i64..6).prop_map(|id| Whom::Known(person(id))),
        (1_i64..6).prop_map(|id| Whom::ByName(person(id))),
        Just(Whom::Unknown("@nobody".to_owned())),
    ]
}

fn id() -> impl Strategy<Value = IncidentId> {
    (1_u32..6).prop_map(|number| IncidentId::security(2026, number))
}

fn lever() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("emergency_shutdown"),
        Just("lockdown"),
        Just("rollback"),
        Just("rotate"),
        Just("collect"),
        Just("run"),
    ]
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("all".to_owned()),
        Just("dry".to_owned()),
        Just("now emergency_shutdown because".to_owned()),
        Just("emergency_shutdown because".to_owned()),
        Just("1a2b3c4 2026-02-17.db because".to_owned()),
        (10_u8..100).prop_map(|number| number.to_string()),
        text(),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let permission = prop_oneof![
        Just(Permission::Responder),
        Just(Permission::Commander),
        Just(Permission::Approver),
        Just(Permission::Owner)
    ];
    let declare = prop_oneof![
        Just("P0 key leaked".to_owned()),
        Just("P9 odd".to_owned()),
        ".{0,200}"
    ];
    prop_oneof![
        2 => prop_oneof![Just(None), Just(Some("key_leak".to_owned())), text().prop_map(Some)]
            .prop_map(|name| Command::Drill { name }),
        4 => declare.prop_map(|text| Command::Declare { text }),
        2 => (proptest::option::of(0_u32..4), any::<bool>())
            .prop_map(|(ask, separate)| Command::DeclareAnswer { ask, separate }),
        2 => Just(Command::Ack),
        2 => (prop_oneof![Just("commander".to_owned()), text()], whom())
            .prop_map(|(role, whom)| Command::Role { role, whom }),
        2 => (prop_oneof![Just("P0"), Just("P2"), Just("P7")], proptest::option::of(text()))
            .prop_map(|(code, why)| Command::Severity { code: code.to_owned(), why }),
        8 => proptest::collection::vec(item(), 0..5).prop_map(Command::Done),
        2 => item().prop_map(Command::Untick),
        2 => (item(), text()).prop_map(|(item, why)| Command::Skip { item, why }),
        8 => proptest::option::of(text())
            .prop_map(|force| Command::Next { force, from: None }),
        1 => text().prop_map(|why| Command::Back { why }),
        2 => text().prop_map(|text| Command::Note { text }),
        2 => (prop_oneof![Just("root_cause"), Just("started"), Just("affected"), Just("x")], text())
            .prop_map(|(field, value)| Command::Set { field: field.to_owned(), value }),
        1 => (text(), proptest::option::of(whom()), due())
            .prop_map(|(text, owner, due)| Command::Todo { text, owner, due }),
        1 => (0_u32..8).prop_map(|number| Command::TodoDone { number }),
        1 => (0_u32..8, whom(), due())
            .prop_map(|(number, owner, due)| Command::TodoAssign { number, owner, due }),
        2 => (prop_oneof![Just(CancelAs::FalseAlarm), id().prop_map(CancelAs::DuplicateOf)], text())
            .prop_map(|(kind, why)| Command::Cancel { kind, why }),
        4 => proptest::option::of(text()).prop_map(|force| Command::Close { force }),
        2 => text().prop_map(|why| Command::Reopen { why }),
        2 => Just(Command::Report { format: String::new() }),
        1 => (permission, whom()).prop_map(|(permission, whom)| Command::Grant { permission, whom }),
        1 => (proptest::option::of(0_u32..4), any::<bool>())
            .prop_map(|(ask, yes)| Command::GrantAnswer { ask, yes }),
        1 => whom().prop_map(|whom| Command::Revoke { whom }),
        1 => (1_i64..100).prop_map(|message_id| Command::CardPosted { message_id, thread_id: None }),
        3 => (lever(), words()).prop_map(|(verb, words)| Command::Pull(Pull { verb, words })),
        3 => (1_u32..6, words()).prop_map(|(request, words)| Command::Approve { request, words, nonce: None }),
        1 => (1_u32..6).prop_map(|request| Command::Deny { request, nonce: None }),
        1 => (1_u32..6).prop_map(|request| Command::Abort { request, nonce: None }),
        2 => (1_u32..6).prop_map(|request| Command::RequestDue { request }),
        1 => (1_u32..6, 1_i64..100)
            .prop_map(|(request, message_id)| Command::RequestShown { request, message_id }),
        1 => (1_i64..6, any::<bool>(), any::<bool>())
            .prop_map(|(user, yes, left)| Command::AdministratorIs {
                user: UserId(user), yes, left, by: yes.then_some(UserId(user)),
            }),
        1 => proptest::collection::btree_set(1_i64..6, 0..3)
            .prop_map(|users| Command::Joined { users: users.into_iter().map(UserId).collect() }),
        1 => Just(Command::CardLost),
        1 => (0_u32..4).prop_map(|ask| Command::Lapse { ask }),
        1 => Just(Command::Migrated { from: -1, to: -1001 }),
        2 => (prop_oneof![Just("emergency_shutdown"), Just("lockdown"), Just("restore")], text())
            .prop_map(|(procedure, why)| Command::HostLever { procedure: procedure.to_owned(), why }),
        1 => ("[a-c]", 1_usize..4).prop_map(|(id, kept)| Command::HostImport { run: host_run(&id, kept) }),
    ]
}

/// A run of the journal, of which the first records are kept.
fn host_run(id: &str, kept: usize) -> HostRun {
    let lever = Lever::Procedure {
        id: "lockdown".to_owned(),
        parameters: std::collections::BTreeMap::new(),
    };
    let step = StepKey {
        part: "lockdown".to_owned(),
        index: 0,
        undo: false,
        check: false,
    };
    let name = "Switch maintenance mode on".to_owned();
    let records = [
        HostRecord::Intent {
            door: Door::Host,
            plan: "tars".to_owned(),
            revision: "x".to_owned(),
            chat: None,
            lever,
            fingerprint: "x".to_owned(),
            why: "strangers".to_owned(),
            account: None,
            steps: 1,
        },
        HostRecord::Began {
            step: step.clone(),
            name: name.clone(),
        },
        HostRecord::Ended {
            step,
            name,
            outcome: HostOutcome::Succeeded,
            fact: None,
            summary: String::new(),
        },
    ];
    let entry = |(record, seq)| HostEntry {
        seq,
        at: start(),
        record,
    };
    HostRun {
        id: id.to_owned(),
        entries: records.into_iter().zip(1..).map(entry).take(kept).collect(),
    }
}

fn on_the_host(ticket: Option<&str>) -> Author {
    Author::Host(HostSource {
        door: Door::Endpoint,
        ticket: ticket.map(str::to_owned),
    })
}

/// Who can send a command that no person can.
fn observer(command: &Command) -> Author {
    match command {
        Command::HostLever { .. } | Command::HostImport { .. } => on_the_host(None),
        _ => Author::Bot,
    }
}

fn shutdown() -> Command {
    Command::HostLever {
        procedure: "emergency_shutdown".to_owned(),
        why: "keys are public".to_owned(),
    }
}

#[test]
fn a_lever_from_the_host_declares_an_incident_at_the_top_severity_and_the_next_joins_it() {
    let mut told = Told::claimed();
    let first = told
        .ask(&on_the_host(Some("a")), shutdown(), None)
        .expect("pulled");
    let id = IncidentId::security(2026, 1);
    assert!(first.effects.contains(&Effect::Execute {
        incident: id,
        run: 1
    }));
    let incident = &told.chat.incidents[&id];
    assert_eq!(incident.severity.as_deref(), Some("P0"));
    assert_eq!(incident.runs[0].warrant, Warrant::Host);
    assert!(
        incident
            .follow_ups
            .iter()
            .any(|it| it.text.starts_with("Review: "))
    );
    policy::approval(&told.chat, id, 1, &[], told.now).expect("leave to execute it");
    // The same request again is nothing; another one is a second run of the same incident.
    let again = told
        .ask(&on_the_host(Some("a")), shutdown(), None)
        .expect("known");
    assert_eq!(again, Decision::default());
    let second = told
        .ask(&on_the_host(Some("b")), shutdown(), None)
        .expect("pulled");
    assert!(second.effects.contains(&Effect::Execute {
        incident: id,
        run: 2
    }));
    assert_eq!(told.chat.incidents.len(), 1);
}

#[test]
fn only_the_host_pulls_past_telegram_and_only_where_the_bot_is_in_use() {
    let mut told = Told::claimed();
    for author in [actor(OWNER, Via::Text), Author::Bot] {
        told.ask(&author, shutdown(), None)
            .expect_err("not the host");
    }
    let restore = Command::HostLever {
        procedure: "restore".to_owned(),
        why: "x".to_owned(),
    };
    told.ask(&on_the_host(None), restore, None)
        .expect_err("not fail-safe");
    let grant = Command::Grant {
        permission: Permission::Approver,
        whom: Whom::Known(person(7)),
    };
    told.ask(&on_the_host(None), grant, None)
        .expect_err("levers only");
    assert!(told.chat.incidents.is_empty());
    told.chat.claimed = false;
    let refusal = told.ask(&on_the_host(None), shutdown(), None);
    assert!(matches!(refusal, Err(Refusal::NotClaimed { .. })));
}

#[test]
fn a_run_from_the_journal_is_told_once_and_starts_nothing() {
    let mut told = Told::claimed();
    let import = || Command::HostImport {
        run: host_run("a", 2),
    };
    let first = told
        .ask(&on_the_host(None), import(), None)
        .expect("imported");
    let executes = |it: &Effect| matches!(it, Effect::Execute { .. });
    assert!(!first.effects.iter().any(executes));
    let incident = &told.chat.incidents[&IncidentId::security(2026, 1)];
    assert!(incident.runs.is_empty() && incident.imported.contains("a"));
    let again = told.ask(&on_the_host(None), import(), None).expect("known");
    assert_eq!(again, Decision::default());
}

#[derive(Debug, Clone)]
struct Asked {
    who: i64,
    command: Command,
    incident: Option<IncidentId>,
    minutes: i64,
}

fn asked() -> impl Strategy<Value = Asked> {
    (
        1_i64..5,
        command(),
        proptest::option::weighted(0.4, id()),
        0_i64..20,
    )
        .prop_map(|(who, command, incident, minutes)| Asked {
            who,
            command,
            incident,
            minutes,
        })
}

/// What of an incident may not change while it is at rest.
fn rest(incident: &Incident) -> (u64, Lifecycle) {
    (incident.version, incident.lifecycle.clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_sequence_is_refused_or_replays_to_the_same_state(
        sequence in proptest::collection::vec(asked(), 1..60)
    ) {
        let mut told = Told::claimed();
        let mut ids = BTreeSet::new();
        for Asked { who, command, incident, minutes } in sequence {
            told.now += Duration::minutes(minutes);
            let observed = policy::tier(&command).is_none();
            let author = if observed { observer(&command) } else { actor(who, Via::Text) };
            let before: Vec<_> = told.chat.incidents.values().map(|it| (it.id, rest(it))).collect();
            let reopens = matches!(command, Command::Reopen { .. });
            let card = matches!(command, Command::CardPosted { .. } | Command::CardLost);
            let verb = command.verb();
            match told.ask(&author, command, incident) {
                Ok(decision) => {
                    for (_, event) in &decision.events {
                        if let Event::Incident(id, IncidentEvent::Declared { .. }) = event {
                            prop_assert!(ids.insert(*id), "{id} was given twice");
                        }
                    }
                }
                Err(refusal) => {
                    let line = refusal.to_string();
                    prop_assert!(line.contains(verb), "{line:?} does not name {verb}");
                    if let Refusal::WrongState { state, .. } = &refusal {
                        prop_assert!(line.contains(&state.to_string()));
                    }
                }
            }
            for (id, (version, lifecycle)) in before {
                let now = &told.chat.incidents[&id];
                let at_rest = lifecycle.open().is_none();
                if at_rest && !reopens && !card {
                    prop_assert_eq!(rest(now), (version, lifecycle), "{} changed at rest", id);
                }
            }
        }
        let mut replayed = Chat::new(ChatKey(1));
        for recorded in told.log {
            apply(&mut replayed, recorded, &told.plans).expect("the log can be folded");
        }
        prop_assert_eq!(replayed, told.chat);
    }

    #[test]
    fn nobody_without_permission_changes_anything(command in command(), who in 2_i64..5) {
        let mut told = Told::claimed();
        told.ask(&actor(OWNER, Via::Text), Command::Setup(Setup::Responders { everybody: false }), None)
            .expect("an owner sets up");
        told.ask(&actor(OWNER, Via::Text), Command::Declare { text: "P1 x".into() }, None).expect("declares");
        prop_assume!(policy::tier(&command).is_some());
        let refusal = told.ask(&actor(who, Via::Text), command, None).expect_err("a stranger");
        let not_allowed = matches!(refusal, Refusal::NotAllowed { .. });
        prop_assert!(not_allowed, "{:?}", refusal);
    }

    #[test]
    fn hidden_voices_never_act(command in command()) {
        let mut told = Told::claimed();
        prop_assume!(policy::tier(&command).is_some());
        for identity in [Identity::AnonymousAdmin, Identity::Channel, Identity::LinkedChannel,
            Identity::Bot, Identity::ViaBot, Identity::Forwarded] {
            let author = Author::Person(Actor {
                person: person(OWNER), identity, via: Via::Text, owner: false, private: false, totp: TotpState::None,
            });
            let refusal = told.ask(&author, command.clone(), None).expect_err("hidden");
            let not_a_person = matches!(refusal, Refusal::NotAPerson { .. });
            prop_assert!(not_a_person, "{:?}", refusal);
        }
    }

    #[test]
    fn ids_read_back(year in 2000_i32..9999, number in 1_u32..100_000) {
        let id = IncidentId::security(year, number);
        prop_assert_eq!(id.to_string().parse::<IncidentId>(), Ok(id));
        prop_assert_eq!(id.to_string().to_lowercase().parse::<IncidentId>(), Ok(id));
    }

    #[test]
    fn no_text_is_an_id_by_accident(text in "\\PC{0,24}") {
        if let Ok(id) = text.parse::<IncidentId>() {
            prop_assert!(id.number > 0);
        }
    }
}

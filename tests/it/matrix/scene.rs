//! A chat in each of the states that the table knows.

use breakglass::incident::{
    Actor, Author, By, Chat, ChatEvent, ChatKey, ChatKind, Command, Env, Event, Identity,
    IncidentId, Origin, Permission, Person, Plans, Recorded, Request, Standing, TotpState, UserId,
    Via, Whom, apply, decide,
};
use chrono::{DateTime, TimeZone, Utc};

use super::PERMISSIONS;

pub(super) fn at(minute: i64) -> DateTime<Utc> {
    let start = Utc.with_ymd_and_hms(2026, 2, 17, 14, 0, 0).single();
    start.expect("a moment") + chrono::Duration::minutes(minute)
}

pub(super) fn person(permission: &str) -> Person {
    let place = PERMISSIONS.iter().position(|it| *it == permission);
    let id = 70_001 + i64::try_from(place.expect("a permission")).expect("small");
    Person {
        id: UserId(id),
        name: permission.to_owned(),
        username: None,
    }
}

/// A chat in which every permission is held by somebody, with an incident in the wanted state.
struct Scene<'a> {
    chat: Chat,
    plans: &'a Plans,
    minute: i64,
}

impl Scene<'_> {
    fn env(&self) -> Env<'_> {
        let number = u32::try_from(self.chat.incidents.len()).expect("few") + 1;
        Env {
            now: at(self.minute),
            next_id: IncidentId::security(2026, number),
            plans: self.plans,
            languages: &["en"],
            owners: &[],
            dice: [7; 32],
            log_changed: false,
            elsewhere: None,
        }
    }

    fn does(&mut self, command: Command) {
        let actor = Actor {
            person: person("owner"),
            identity: Identity::Person,
            via: Via::Text,
            owner: true,
            private: false,
            totp: TotpState::None,
        };
        self.adopt(&Author::Person(actor), command);
    }

    fn adopt(&mut self, author: &Author, command: Command) {
        self.minute += 1;
        let request = Request {
            command,
            incident: None,
            origin: Origin::default(),
        };
        let done = decide(&self.chat, &request, author, self.env());
        let done = done.unwrap_or_else(|refusal| panic!("{request:?}: {refusal}"));
        for (by, event) in done.events {
            let recorded = Recorded {
                at: at(self.minute),
                by,
                event,
            };
            apply(&mut self.chat, recorded, self.plans).expect("it folds");
        }
    }
}

pub(super) fn scene(plans: &Plans, kind: &str, state: &str) -> Chat {
    let mut scene = Scene {
        chat: Chat::new(ChatKey(1)),
        plans,
        minute: -200,
    };
    let shown = match kind {
        "group" | "unclaimed" => ChatKind::Group,
        "supergroup" | "forum" => ChatKind::Supergroup,
        "private" => ChatKind::Private,
        _ => ChatKind::Channel,
    };
    let title = "Room".to_owned();
    let forum = kind == "forum";
    let describe = Command::Describe {
        title,
        kind: shown,
        forum,
        public: false,
    };
    scene.adopt(&Author::Bot, describe);
    if matches!(kind, "unclaimed" | "private" | "channel") {
        return scene.chat;
    }
    let standing = Standing::Administrator {
        can_pin: false,
        can_manage_topics: false,
        can_delete: false,
    };
    scene.adopt(&Author::Bot, Command::BotStanding { standing, by: None });
    scene.does(Command::Start);
    scene.does(Command::Setup(breakglass::incident::Setup::Responders {
        everybody: false,
    }));
    for (permission, word) in [
        (Permission::Responder, "responder"),
        (Permission::Commander, "commander"),
    ] {
        let whom = Whom::Known(person(word));
        scene.does(Command::Grant { permission, whom });
    }
    // Nobody becomes an approver by one person's word: here it has happened long ago.
    let granted = ChatEvent::Granted {
        person: person("approver"),
        permission: Permission::Approver,
    };
    let recorded = Recorded {
        at: at(-9_999),
        by: By::Bot,
        event: Event::Chat(granted),
    };
    apply(&mut scene.chat, recorded, plans).expect("it folds");
    if state == "none" {
        return scene.chat;
    }
    // P1 names the commander: the team is told only where somebody knows who that is.
    scene.does(Command::Contact {
        contact: "incident_commander".to_owned(),
        whom: Whom::Known(person("commander")),
        backup: None,
    });
    let text = "P1 key leaked".to_owned();
    scene.does(Command::Declare { text });
    // The team was told: the first phase may end.
    let (message_id, thread_id) = (900, None);
    let posted = Command::CardPosted {
        message_id,
        thread_id,
    };
    scene.adopt(&Author::Bot, posted);
    match state {
        "last" => {
            for _ in 0..4 {
                let force = Some("to get there".to_owned());
                scene.does(Command::Next { force, from: None });
            }
        }
        "closed" => {
            for _ in 0..4 {
                let force = Some("to get there".to_owned());
                scene.does(Command::Next { force, from: None });
            }
            let force = Some("agreed".to_owned());
            scene.does(Command::Close { force });
        }
        "cancelled" => {
            let kind = breakglass::incident::CancelAs::FalseAlarm;
            let why = "nothing".to_owned();
            scene.does(Command::Cancel { kind, why });
        }
        _ => {}
    }
    scene.chat
}

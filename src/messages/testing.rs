//! A chat in which people say things, for tests: every event goes through `decide` and `apply`.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Duration, TimeZone, Utc};

use super::outgoing::Keyboard;
use super::{Languages, Phrases, Rendered, View};
use crate::incident::*;
use crate::plan;

static LANGUAGES: LazyLock<Languages> =
    LazyLock::new(|| Languages::embedded(Vec::new()).expect("the built-in languages are whole"));

static PLANS: LazyLock<BTreeMap<&str, Arc<plan::Plan>>> = LazyLock::new(|| {
    let read = |(id, source)| match plan::parse(source) {
        Ok(plan) => (id, Arc::new(plan)),
        Err(problems) => panic!("{id}: {problems:?}"),
    };
    plan::shipped().into_iter().map(read).collect()
});

pub(crate) fn english() -> Arc<Phrases> {
    LANGUAGES.get("en")
}

pub(crate) fn person(id: i64, name: &str) -> Person {
    Person {
        id: UserId(id),
        name: name.to_owned(),
        username: None,
    }
}

/// A chat and the time in it.
pub(crate) struct Room {
    pub(crate) chat: Chat,
    pub(crate) plans: Plans,
    pub(crate) now: DateTime<Utc>,
    next: u32,
    phrases: Arc<Phrases>,
}

impl Room {
    /// A group in use that follows a shipped plan. Olivia owns, Alice commands, everybody else responds.
    pub(crate) fn with(plan: &str) -> Self {
        let mut plans = Plans {
            default: plan.to_owned(),
            ..Plans::default()
        };
        plans.install(Arc::clone(&PLANS[plan]));
        let now = Utc.with_ymd_and_hms(2026, 2, 17, 14, 0, 0);
        let mut room = Self {
            chat: Chat::new(ChatKey(1)),
            plans,
            now: now.single().expect("a moment"),
            next: 7,
            phrases: english(),
        };
        let described = Command::Describe {
            title: "War room".to_owned(),
            kind: ChatKind::Supergroup,
            forum: false,
            public: false,
        };
        room.does(&Author::Bot, described, None).expect("described");
        room.ok("Olivia", Command::Start);
        let whom = Whom::Known(person(2, "Alice"));
        let permission = Permission::Commander;
        room.ok("Olivia", Command::Grant { permission, whom });
        room
    }

    pub(crate) fn who(name: &str) -> Author {
        let id = match name {
            "Olivia" => 1,
            "Alice" => 2,
            "Bob" => 3,
            _ => 4,
        };
        Author::Person(Actor {
            person: person(id, name),
            identity: Identity::Person,
            via: Via::Text,
            owner: id == 1,
            private: false,
            totp: crate::incident::TotpState::None,
        })
    }

    /// Somebody wants something.
    pub(crate) fn does(
        &mut self,
        author: &Author,
        command: Command,
        incident: Option<IncidentId>,
    ) -> Result<Vec<Effect>, Refusal> {
        let request = Request {
            command,
            incident,
            origin: Origin::default(),
        };
        let env = Env {
            now: self.now,
            next_id: IncidentId::security(2026, self.next),
            plans: &self.plans,
            languages: &["en"],
            owners: &[person(1, "Olivia")],
            dice: [7; 32],
            log_changed: false,
            elsewhere: None,
        };
        let decision = decide(&self.chat, &request, author, env)?;
        for (by, event) in decision.events {
            if matches!(event, Event::Incident(_, IncidentEvent::Declared { .. })) {
                self.next += 1;
            }
            let at = self.now;
            apply(&mut self.chat, Recorded { at, by, event }, &self.plans)
                .expect("what was decided folds");
        }
        Ok(decision.effects)
    }

    pub(crate) fn ok(&mut self, name: &str, command: Command) -> Vec<Effect> {
        let shown = format!("{command:?}");
        self.does(&Self::who(name), command, None)
            .unwrap_or_else(|refusal| panic!("{shown}: {refusal}"))
    }

    pub(crate) fn declare(&mut self, name: &str, text: &str) -> IncidentId {
        let id = IncidentId::security(2026, self.next);
        self.ok(
            name,
            Command::Declare {
                text: text.to_owned(),
            },
        );
        let posted = Command::CardPosted {
            message_id: 100 + i64::from(id.number),
            thread_id: None,
        };
        self.does(&Author::Bot, posted, Some(id)).expect("posted");
        id
    }

    pub(crate) fn pass(&mut self, minutes: i64) {
        self.now += Duration::minutes(minutes);
    }

    pub(crate) fn view(&self) -> View<'_> {
        View {
            chat: &self.chat,
            plans: &self.plans,
            phrases: &self.phrases,
            now: self.now,
            bot: "breakglass_bot",
        }
    }

    pub(crate) fn card(&self, id: IncidentId) -> String {
        shown(&super::card(&self.view(), &self.chat.incidents[&id]))
    }

    /// Everything that the current phase wants, then into the next; the last phase is closed.
    pub(crate) fn finish_phase(&mut self, id: IncidentId) {
        let incident = &self.chat.incidents[&id];
        let items: Vec<ItemRef> = incident
            .phase()
            .checklist
            .iter()
            .map(|it| ItemRef::Id(it.id.clone()))
            .collect();
        let (_, facts) = incident.gate_needs();
        let last = incident.next_phase().is_none();
        for field in facts {
            let value = "a token in the build log".to_owned();
            self.ok("Bob", Command::Set { field, value });
        }
        self.pass(11);
        self.ok("Bob", Command::Done(items));
        self.pass(3);
        if last {
            self.ok("Alice", Command::Close { force: None });
        } else {
            self.ok(
                "Alice",
                Command::Next {
                    force: None,
                    from: None,
                },
            );
        }
    }

    /// What somebody reads who asks, or is refused.
    pub(crate) fn answer(&mut self, name: &str, command: Command) -> String {
        match self.does(&Self::who(name), command, None) {
            Err(refusal) => shown(&super::refusal(&self.view(), &refusal)),
            Ok(effects) => {
                let texts = effects.iter().filter_map(|effect| match effect {
                    Effect::Acknowledge(mark, said) => Some(format!(
                        "{} {}",
                        mark.emoji(),
                        shown(&super::said(&self.view(), said))
                    )),
                    Effect::Answer(said) | Effect::AnswerAloud(said) => {
                        Some(shown(&super::said(&self.view(), said)))
                    }
                    Effect::Announce { said, .. } => Some(format!(
                        "→ team: {}",
                        shown(&super::said(&self.view(), said))
                    )),
                    _ => None,
                });
                texts.collect::<Vec<_>>().join("\n")
            }
        }
    }
}

/// The message with its buttons below.
pub(crate) fn shown(rendered: &Rendered) -> String {
    let mut text = rendered.html.clone();
    for row in rendered.keyboard.iter().flat_map(|Keyboard(rows)| rows) {
        let labels: Vec<String> = row
            .iter()
            .map(|button| format!("[ {} ]", button.text))
            .collect();
        text.push('\n');
        text.push_str(&labels.join(" "));
    }
    text
}

/// Whether a text is HTML that Telegram takes: known tags, closed in order, no loose `<` or `&`.
pub(crate) fn well_formed(html: &str) -> Result<(), String> {
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&', '>']) {
        rest = &rest[at..];
        if rest.starts_with('>') {
            return Err("a loose >".to_owned());
        }
        let entities = ["&lt;", "&gt;", "&amp;", "&quot;"];
        if let Some(entity) = entities.iter().find(|it| rest.starts_with(**it)) {
            rest = &rest[entity.len()..];
            continue;
        }
        let end = rest
            .find('>')
            .filter(|_| rest.starts_with('<'))
            .ok_or("a loose < or &")?;
        let tag = &rest[1..end];
        if let Some(closed) = tag.strip_prefix('/') {
            let opened = open.pop().ok_or(format!("</{closed}> closes nothing"))?;
            if opened != closed {
                return Err(format!("</{closed}> closes <{opened}>"));
            }
        } else {
            let name = tag.split(' ').next().unwrap_or_default();
            if !["b", "i", "u", "s", "code", "blockquote", "a"].contains(&name) {
                return Err(format!("<{tag}>"));
            }
            if open.iter().any(|it| it == "code" || it == "a") {
                return Err(format!("<{tag}> inside code or a link"));
            }
            open.push(name.to_owned());
        }
        rest = &rest[end + 1..];
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(format!("{open:?} not closed"))
    }
}

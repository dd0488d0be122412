//! What the texts of one chat are made of.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::html::{Html, NAME_MAX, escape, line};
use super::outgoing::Keyboard;
use super::phrases::{Phrases, say};
use super::times::Times;
use crate::incident::{Chat, Incident, IncidentId, Permission, Person, Plans};
use crate::plan::{Plan, Severity};

/// A chat as it is read now.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The chat with its incidents.
    pub chat: &'a Chat,
    /// Installed and pinned plans.
    pub plans: &'a Plans,
    /// The chat's language.
    pub phrases: &'a Phrases,
    /// The time.
    pub now: DateTime<Utc>,
    /// The bot's user name, without `@`.
    pub bot: &'a str,
}

/// A message, ready to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Text in Telegram's HTML.
    pub html: String,
    /// Its buttons.
    pub keyboard: Option<Keyboard>,
}

impl From<Html> for Rendered {
    fn from(html: Html) -> Self {
        Self {
            html: html.into_string(),
            keyboard: None,
        }
    }
}

impl<'a> View<'a> {
    /// Times in the chat's zone.
    pub fn times(&self) -> Times<'a> {
        let zone = self.chat.settings.timezone.parse().unwrap_or(Tz::UTC);
        Times {
            phrases: self.phrases,
            zone,
            now: self.now,
        }
    }

    /// The plan that the chat declares under.
    pub fn plan(&self) -> Option<&'a Plan> {
        self.plans.of_chat(self.chat).map(AsRef::as_ref)
    }

    /// The plan that reading commands speak of: the only open incident's pinned one, else the chat's.
    pub(super) fn current_plan(&self) -> Option<&'a Plan> {
        let mut open = self.chat.open_incidents();
        match (open.next(), open.next()) {
            (Some(only), None) => Some(&only.plan),
            _ => self.plan(),
        }
    }

    /// An incident of the chat.
    pub fn incident(&self, id: IncidentId) -> Option<&'a Incident> {
        self.chat.incidents.get(&id)
    }

    pub(super) fn word(&self, key: &str) -> Html {
        self.phrases.word(key)
    }

    /// `P0 Critical`, or that none was chosen.
    pub(super) fn severity(&self, incident: &Incident) -> Html {
        match (incident.severity(), &incident.severity) {
            (Some(severity), _) => self.severity_named(severity),
            (None, Some(code)) => line(code, NAME_MAX),
            (None, None) => self.word("severity-none"),
        }
    }

    pub(super) fn severity_named(&self, severity: &Severity) -> Html {
        say!(
            self.phrases,
            "severity-named",
            code = &severity.code,
            name = &severity.name
        )
    }

    /// A code of a plan with its name.
    pub(super) fn code_named(&self, plan: &Plan, code: &str) -> Html {
        plan.severity(code)
            .map_or_else(|| line(code, NAME_MAX), |it| self.severity_named(it))
    }

    pub(super) fn permission(&self, permission: Permission) -> Html {
        self.word(&format!("permission-{}", permission.word()))
    }

    /// The same with its article.
    pub(super) fn a_permission(&self, permission: Permission) -> Html {
        self.word(&format!("permission-a-{}", permission.word()))
    }

    /// `Alice, Bob and Carol`.
    pub(super) fn list(&self, mut items: Vec<Html>) -> Html {
        let Some(last) = items.pop() else {
            return self.word("nobody");
        };
        if items.is_empty() {
            return last;
        }
        say!(
            self.phrases,
            "list-and",
            first = commas(&items),
            last = last
        )
    }
}

/// A person's name as plain text: it calls nobody.
pub fn name(person: &Person) -> Html {
    let shown = line(&person.name, NAME_MAX);
    if !shown.as_str().is_empty() {
        return shown;
    }
    match &person.username {
        Some(username) => line(username, NAME_MAX),
        None => Html::own(person.id.to_string()),
    }
}

/// A person's name that notifies them.
pub fn mention(person: &Person) -> Html {
    // A link holds no other markup.
    let shown = name(person).plain().replace('\u{2060}', "");
    Html::own(format!(
        "<a href=\"tg://user?id={}\">{}</a>",
        person.id,
        escape(&shown)
    ))
}

pub(super) fn commas(items: &[Html]) -> Html {
    joined(items, ", ")
}

pub(super) fn joined(items: &[Html], between: &str) -> Html {
    let texts: Vec<&str> = items.iter().map(Html::as_str).collect();
    Html::own(texts.join(between))
}

/// Lines of a message.
pub(super) fn lines(items: &[Html]) -> Html {
    joined(items, "\n")
}

/// A block that opens when it is tapped.
pub(super) fn folded(items: &[Html]) -> Html {
    Html::own(format!(
        "<blockquote expandable>{}</blockquote>",
        lines(items)
    ))
}

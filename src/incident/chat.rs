//! A chat with its settings, grants and incidents: what a command is decided on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::event::{ChatKind, Question, Recorded, Standing};
use super::ids::{ChatKey, IncidentId, UserId};
use super::people::{Permission, Person};
use super::request::LeverRequest;
use super::state::Incident;
use crate::plan::Plan;

/// A chat, folded from its own stream and those of its incidents.
#[derive(Debug, Clone, PartialEq)]
pub struct Chat {
    /// Our key.
    pub key: ChatKey,
    /// As Telegram has it.
    pub title: String,
    /// As Telegram has it.
    pub kind: ChatKind,
    /// A supergroup with topics.
    pub forum: bool,
    /// A public group: anybody can join, so only granted people respond.
    pub public: bool,
    /// The bot's standing.
    pub standing: Standing,
    /// An owner took it into use.
    pub claimed: bool,
    /// What was set up.
    pub settings: Settings,
    /// Who may do more than the rest.
    pub grants: BTreeMap<UserId, Grant>,
    /// Telegram's administrators, as last listed.
    pub administrators: BTreeSet<UserId>,
    /// Contacts of the plan that are bound to people, by contact id.
    pub contacts: BTreeMap<String, Bound>,
    /// Every incident that was declared here.
    pub incidents: BTreeMap<IncidentId, Incident>,
    /// Questions that wait for an answer.
    pub asks: BTreeMap<u32, Ask>,
    /// How many questions were ever put: the next one's number is one more.
    pub asked: u32,
    /// Every request for a lever or a change of trust, by number.
    pub requests: BTreeMap<u32, LeverRequest>,
    /// How many were ever made.
    pub requested: u32,
    /// People who left the chat.
    pub gone: BTreeSet<UserId>,
    /// Who could approve and left, or was not let approve any more.
    pub lost: BTreeMap<UserId, Lost>,
    /// What was set, granted, refused here, the newest last: what `/audit` shows of the chat's own stream.
    pub log: VecDeque<Recorded>,
    /// How many events the chat's own stream has.
    pub version: u64,
}

/// What `/setup` has set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// A plan's id; none means the installation's default.
    pub plan: Option<String>,
    /// `en`, `ru` …; none means the installation's default.
    pub language: Option<String>,
    /// An IANA name.
    pub timezone: String,
    /// Chat administrators count as commanders.
    pub admins_count: bool,
    /// Every member is a responder; none: yes in a private group, no in a public one.
    pub everybody_responds: Option<bool>,
    /// Alarms about the installation go here.
    pub home: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            plan: None,
            language: None,
            timezone: "UTC".to_owned(),
            admins_count: false,
            everybody_responds: None,
            home: false,
        }
    }
}

/// A permission that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// To whom.
    pub person: Person,
    /// What.
    pub permission: Permission,
    /// By whom.
    pub by: Option<UserId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// How somebody who could approve was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom, if that is known: by themselves where they left.
    pub by: Option<UserId>,
}

/// A contact of the plan, bound to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The contact.
    pub person: Person,
    /// Who stands in.
    pub backup: Option<Person>,
}

/// A question that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Who was asked.
    pub person: Person,
    /// What.
    pub question: Question,
    /// When.
    pub at: DateTime<Utc>,
}

impl Chat {
    /// Whom a severity means by the word of a contact or a role: who is bound to it, or holds it.
    pub fn whom_to_tell<'a>(&'a self, incident: &'a Incident, who: &str) -> Option<&'a Person> {
        let bound = self.contacts.get(who).map(|it| &it.person);
        bound.or_else(|| incident.roles.get(&incident.plan.role_to_tell(who)?.id))
    }

    /// A chat of which nothing is known yet.
    pub fn new(key: ChatKey) -> Self {
        Self {
            key,
            title: String::new(),
            kind: ChatKind::Group,
            forum: false,
            public: false,
            standing: Standing::Unknown,
            claimed: false,
            settings: Settings::default(),
            grants: BTreeMap::new(),
            administrators: BTreeSet::new(),
            contacts: BTreeMap::new(),
            incidents: BTreeMap::new(),
            asks: BTreeMap::new(),
            asked: 0,
            requests: BTreeMap::new(),
            requested: 0,
            gone: BTreeSet::new(),
            lost: BTreeMap::new(),
            log: VecDeque::new(),
            version: 0,
        }
    }

    /// The open incidents, oldest first.
    pub fn open_incidents(&self) -> impl Iterator<Item = &Incident> {
        self.incidents
            .values()
            .filter(|incident| incident.lifecycle.open().is_some())
    }

    /// The incident that came to rest last.
    pub fn last_ended(&self) -> Option<&Incident> {
        self.incidents
            .values()
            .filter(|incident| incident.lifecycle.ended_at().is_some())
            .max_by_key(|incident| (incident.lifecycle.ended_at(), incident.id))
    }

    /// Whether every member of the chat is a responder.
    pub fn everybody_responds(&self) -> bool {
        self.settings.everybody_responds.unwrap_or(!self.public)
    }

    /// Whether somebody is a commander by being an administrator of the chat. Only administrators are told by Telegram
    /// who becomes one and who is none any more: while the bot is none itself, its list may be old and counts for nothing.
    pub fn has_commanding_administrator(&self, id: UserId) -> bool {
        self.settings.admins_count && self.bot_administers() && self.administrators.contains(&id)
    }

    /// Whether the bot is an administrator of the chat.
    pub fn bot_administers(&self) -> bool {
        matches!(self.standing, Standing::Administrator { .. })
    }

    /// Whether topics can be made here.
    pub fn can_make_topics(&self) -> bool {
        self.forum
            && matches!(
                self.standing,
                Standing::Administrator {
                    can_manage_topics: true,
                    ..
                }
            )
    }
}

/// The plans that decisions may need: those installed by id, those pinned by revision.
#[derive(Debug, Clone, Default)]
pub struct Plans {
    /// The newest revision of each installed plan, by id.
    pub installed: BTreeMap<String, Arc<Plan>>,
    /// Every revision that some incident runs under.
    pub pinned: BTreeMap<String, Arc<Plan>>,
    /// The id of the default plan.
    pub default: String,
}

impl Plans {
    /// The plan that a chat declares under.
    pub fn of_chat(&self, chat: &Chat) -> Option<&Arc<Plan>> {
        let chosen = chat
            .settings
            .plan
            .as_deref()
            .and_then(|id| self.installed.get(id));
        chosen
            .or_else(|| self.installed.get(&self.default))
            .or_else(|| self.installed.values().next())
    }

    /// A pinned revision.
    pub fn revision(&self, revision: &str) -> Option<&Arc<Plan>> {
        self.pinned.get(revision).or_else(|| {
            self.installed
                .values()
                .find(|plan| plan.revision.as_str() == revision)
        })
    }

    /// Adds an installed plan; it can be pinned from now on.
    pub fn install(&mut self, plan: Arc<Plan>) {
        self.pinned
            .insert(plan.revision.as_str().to_owned(), Arc::clone(&plan));
        self.installed.insert(plan.info.id.clone(), plan);
    }
}

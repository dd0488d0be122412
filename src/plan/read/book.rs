//! Keeps the problems of one file, what it defines and what it refers to.

use super::values::closest;
use crate::plan::{ConnectionKind, Problem};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What an id can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) enum Kind {
    /// A system.
    System,
    /// A resource.
    Resource,
    /// A severity code.
    Severity,
    /// A phase.
    Phase,
    /// A checklist item.
    Item,
    /// A role.
    Role,
    /// A contact.
    Contact,
    /// A playbook.
    Playbook,
    /// A procedure.
    Procedure,
    /// A credential.
    Credential,
    /// A collector.
    Collector,
    /// A probe.
    Probe,
    /// A connection.
    Connection,
    /// A detection rule.
    Detect,
    /// An alert route.
    Route,
    /// A message template.
    Template,
    /// A decision about an external notice.
    External,
    /// A drill.
    Drill,
    /// A line of the readiness check.
    Readiness,
    /// A default follow-up.
    FollowUp,
}

impl Kind {
    /// The word for people.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Resource => "resource",
            Self::Severity => "severity",
            Self::Phase => "phase",
            Self::Item => "checklist item",
            Self::Role => "role",
            Self::Contact => "contact",
            Self::Playbook => "playbook",
            Self::Procedure => "procedure",
            Self::Credential => "credential",
            Self::Collector => "collector",
            Self::Probe => "probe",
            Self::Connection => "connection",
            Self::Detect => "detection rule",
            Self::Route => "route",
            Self::Template => "template",
            Self::External => "external notice",
            Self::Drill => "drill",
            Self::Readiness => "readiness item",
            Self::FollowUp => "follow-up",
        }
    }
}

/// A mention of something defined elsewhere.
struct Mention {
    kinds: Vec<Kind>,
    id: String,
    offset: usize,
    /// The definition must come before the mention; whether it did.
    early: Option<bool>,
}

/// What a connection offers to the steps that use it.
#[derive(Clone)]
pub(super) struct ConnectionFacts {
    pub(super) kind: Option<ConnectionKind>,
    pub(super) secrets: Vec<String>,
    pub(super) settings: Vec<String>,
}

/// The problems, definitions and references of one file.
pub(in crate::plan) struct Book<'s> {
    source: &'s str,
    /// The file has syntax errors: what seems absent may only be unreadable.
    recovering: bool,
    problems: RefCell<Vec<Problem>>,
    /// By kind and lower case id: the id as written, and its place.
    defined: RefCell<BTreeMap<(Kind, String), (String, usize)>>,
    mentions: RefCell<Vec<Mention>>,
    connections: RefCell<BTreeMap<String, ConnectionFacts>>,
}

impl<'s> Book<'s> {
    /// An empty book about a source text.
    pub(in crate::plan) fn new(source: &'s str, recovering: bool) -> Self {
        Self {
            source,
            recovering,
            problems: RefCell::default(),
            defined: RefCell::default(),
            mentions: RefCell::default(),
            connections: RefCell::default(),
        }
    }

    /// Notes a mistake at a byte offset.
    pub(in crate::plan) fn wrong(&self, offset: usize, message: impl Into<String>) {
        self.note(offset, message.into(), None);
    }

    /// Notes a mistake and what to do about it.
    pub(in crate::plan) fn wrong_hint(
        &self,
        offset: usize,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.note(offset, message.into(), Some(hint.into()));
    }

    /// Notes that something is not there; kept back while the file has syntax errors.
    pub(super) fn absent(&self, offset: usize, message: String, hint: Option<String>) {
        if !self.recovering {
            self.note(offset, message, hint);
        }
    }

    fn note(&self, offset: usize, message: String, hint: Option<String>) {
        self.problems
            .borrow_mut()
            .push(Problem::at(self.source, offset, message, hint));
    }

    /// A part of the file as it is written.
    pub(super) fn written(&self, place: std::ops::Range<usize>) -> &'s str {
        self.source.get(place).unwrap_or_default()
    }

    /// Records a definition; a second one of the same kind and id is a mistake.
    pub(super) fn define(&self, kind: Kind, id: &str, offset: usize) {
        let before = self
            .defined
            .borrow()
            .get(&(kind, id.to_lowercase()))
            .map(|(_, offset)| *offset);
        if let Some(before) = before {
            let first = Problem::at(self.source, before, "", None);
            self.wrong_hint(
                offset,
                format!("the {} `{id}` is defined twice", kind.noun()),
                format!(
                    "the first is on line {}; give this one another id",
                    first.line
                ),
            );
        } else {
            self.defined
                .borrow_mut()
                .insert((kind, id.to_lowercase()), (id.to_owned(), offset));
        }
    }

    /// Records a reference, to be looked up when the whole file is read.
    pub(super) fn mention(&self, kinds: &[Kind], id: &str, offset: usize) {
        self.remember(kinds, id, offset, None);
    }

    /// Records a reference to something that must already have been defined.
    pub(super) fn mention_earlier(&self, kind: Kind, id: &str, offset: usize) {
        let early = self
            .defined
            .borrow()
            .contains_key(&(kind, id.to_lowercase()));
        self.remember(&[kind], id, offset, Some(early));
    }

    fn remember(&self, kinds: &[Kind], id: &str, offset: usize, early: Option<bool>) {
        let mention = Mention {
            kinds: kinds.to_vec(),
            id: id.to_owned(),
            offset,
            early,
        };
        self.mentions.borrow_mut().push(mention);
    }

    /// Keeps what steps need to know about a connection.
    pub(super) fn offer(&self, id: &str, facts: ConnectionFacts) {
        self.connections.borrow_mut().insert(id.to_owned(), facts);
    }

    /// What a connection offers, if it is defined.
    pub(super) fn offered(&self, id: &str) -> Option<ConnectionFacts> {
        self.connections.borrow().get(id).cloned()
    }

    /// Checks every reference against the definitions.
    pub(in crate::plan) fn resolve(&self) {
        let defined = self.defined.borrow();
        for mention in self.mentions.borrow().iter() {
            let key = mention.id.to_lowercase();
            let found = mention
                .kinds
                .iter()
                .any(|kind| defined.contains_key(&(*kind, key.clone())));
            let noun: Vec<&str> = mention.kinds.iter().map(|kind| kind.noun()).collect();
            let noun = noun.join(" or ");
            if found {
                if mention.early == Some(false) {
                    self.wrong_hint(
                        mention.offset,
                        format!("the {noun} `{}` belongs to a later phase", mention.id),
                        "a gate can only ask for what can be done by then",
                    );
                }
                continue;
            }
            let known: Vec<&str> = defined
                .iter()
                .filter(|((kind, _), _)| mention.kinds.contains(kind))
                .map(|(_, (id, _))| id.as_str())
                .collect();
            self.absent(
                mention.offset,
                format!("there is no {noun} `{}`", mention.id),
                Some(suggestion(&mention.id, &known)),
            );
        }
    }

    /// All problems, sorted by place, each once.
    pub(in crate::plan) fn close(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort();
        problems.dedup();
        problems
    }
}

/// "did you mean", or the list of what there is.
pub(super) fn suggestion(wanted: &str, known: &[&str]) -> String {
    match closest(wanted, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "none is defined".to_owned(),
        None if known.len() <= 24 => format!("there are: {}", known.join(", ")),
        None => format!(
            "there are {}, such as {}",
            known.len(),
            known[..6].join(", ")
        ),
    }
}

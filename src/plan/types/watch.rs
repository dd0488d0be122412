//! What raises an incident: detection rules and routes of alerts.

use super::Minutes;
use serde::Serialize;
use std::collections::BTreeMap;

/// A detection rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Detect {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Heading that it stands under.
    pub category: String,
    /// When it fires.
    pub rule: Rule,
    /// Suggested severity.
    pub severity: Option<String>,
    /// Suggested playbook.
    pub playbook: Option<String>,
}

/// When a detection rule fires.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Rule {
    /// Each observation of this event.
    Each {
        /// Name of the event.
        event: String,
    },
    /// More than so many events with equal fields inside a sliding window.
    Count {
        /// Name of the event.
        event: String,
        /// Fields that must be equal.
        by: Vec<String>,
        /// Fires above this number.
        more_than: f64,
        /// Length of the window.
        within: Minutes,
    },
    /// A field's sum inside a sliding window is above the limit.
    Sum {
        /// Name of the event.
        event: String,
        /// Field that is added up.
        field: String,
        /// Fields that must be equal.
        by: Vec<String>,
        /// Fires above this sum.
        more_than: f64,
        /// Length of the window.
        within: Minutes,
    },
    /// A field is above the limit for a while.
    Above {
        /// Name of the event.
        event: String,
        /// Field that is compared.
        field: String,
        /// Fields that must be equal.
        by: Vec<String>,
        /// Fires above this value.
        more_than: f64,
        /// For how long.
        within: Minutes,
    },
    /// A person notices; listed so that nobody overlooks the way in.
    Person {
        /// What they do then.
        text: String,
    },
}

/// Which alert means what.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Route {
    /// Id.
    pub id: String,
    /// Labels and their values; all must match, `*` matches anything.
    pub labels: BTreeMap<String, String>,
    /// Severity to suggest.
    pub severity: String,
    /// Playbook to suggest.
    pub playbook: Option<String>,
    /// Chat that it goes to.
    pub chat: RouteChat,
}

words! {
    /// The chat that an alert goes to.
    RouteChat {
        /// The installation's home chat.
        Home = "home",
        /// Every chat that works by this plan.
        Plan = "plan",
    }
}

words! {
    /// The kinds of rules.
    RuleKind {
        /// Each event.
        Each = "each",
        /// Many events.
        Count = "count",
        /// A sum.
        Sum = "sum",
        /// A level.
        Above = "above",
        /// A person.
        Person = "person",
    }
}

//! What is said to whom: alerts, notices, stakeholders.

use serde::Serialize;

/// Communication.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comms {
    /// Id of the template of the internal alert.
    pub internal: String,
    /// Message templates.
    pub templates: Vec<Template>,
    /// Who outside is told, and when: each is decided in every incident.
    pub external: Vec<ExternalNotice>,
    /// Who is to be told, by severity.
    pub stakeholders: Vec<Stakeholders>,
}

/// Who is to be told at a severity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stakeholders {
    /// Severity code.
    pub severity: String,
    /// Ids of contacts or roles, or `everyone`.
    pub who: Vec<String>,
    /// How it is put in the plan.
    pub text: String,
}

/// A decision about telling somebody outside.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExternalNotice {
    /// Id.
    pub id: String,
    /// Who.
    pub who: String,
    /// When it is due.
    pub condition: String,
    /// Id of the draft.
    pub template: String,
}

/// A message with places that are filled from the incident.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Template {
    /// Id, as in `/notify customer`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Who reads it.
    pub audience: Audience,
    /// Severities that it is meant for; empty: all.
    pub only: Vec<String>,
    /// When it is used, for people.
    pub when: String,
    /// Subject line, or the heading.
    pub subject: String,
    /// Lines before the parts.
    pub opening: Vec<String>,
    /// The parts in order.
    pub parts: Vec<TemplatePart>,
    /// Lines after the parts.
    pub closing: Vec<String>,
}

words! {
    /// Who reads a message.
    Audience {
        /// The team.
        Team = "team",
        /// Users or customers.
        Customers = "customers",
        /// Authorities.
        Authorities = "authorities",
        /// Partners.
        Partners = "partners",
    }
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TemplatePart {
    /// Its label.
    pub label: String,
    /// What fills it.
    pub fill: Fill,
    /// What a person is to write there, where the incident does not know.
    pub hint: Option<String>,
}

words! {
    /// What fills a part of a message.
    Fill {
        /// Severity with its name.
        Severity = "severity",
        /// Investigating, contained or resolved, after the phase.
        Status = "status",
        /// Who commands.
        Commander = "commander",
        /// When it was detected.
        Detected = "detected",
        /// What happened.
        Summary = "summary",
        /// The latest actions.
        Actions = "actions",
        /// What comes next.
        NextSteps = "next_steps",
        /// Affected systems.
        Systems = "systems",
        /// Effect on users.
        Impact = "impact",
        /// Data that may be exposed.
        Exposure = "exposure",
        /// How many users.
        UsersAffected = "users_affected",
        /// When the end is expected.
        Eta = "eta",
        /// When the next update is due.
        NextUpdate = "next_update",
        /// Whom to ask.
        Contact = "contact",
        /// A person writes it.
        Person = "person",
    }
}

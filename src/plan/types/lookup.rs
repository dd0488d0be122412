//! Finding things in a plan by what people call them.

use super::{
    Action, ChecklistItem, Collector, Connection, Contact, Credential, Drill, Phase, Plan,
    Playbook, Probe, Procedure, Role, Severity, System, Template,
};
use crate::plan::FactField;

/// The procedure that gathers everything.
const COLLECT: &str = "collect";

impl Plan {
    /// The credential whose id, name and setting hold all the words of one of these names, the best name first. Whole
    /// words count: `git` is no part of `github`.
    pub fn credential_for(&self, names: &[impl AsRef<str>]) -> Option<&Credential> {
        names.iter().find_map(|name| {
            self.credentials
                .iter()
                .find(|it| holds([&it.id, &it.name, &it.secret], name.as_ref()))
        })
    }

    /// The procedure that revokes what has one of these names where it was issued: its id begins with `revoke_`, and it
    /// needs to be told nothing.
    pub fn revocation_for(&self, names: &[impl AsRef<str>]) -> Option<&Procedure> {
        let revokes = |it: &&Procedure| {
            it.id.starts_with("revoke_") && !it.parameters.iter().any(|it| it.required)
        };
        names.iter().find_map(|name| {
            let mut all = self.procedures.iter().filter(revokes);
            all.find(|it| holds([&it.id, &it.name, &it.id], name.as_ref()))
        })
    }

    /// The severity with this code or name, letter case aside.
    pub fn severity(&self, code: &str) -> Option<&Severity> {
        let code = code.trim();
        self.severities
            .iter()
            .find(|severity| same(&severity.code, code))
            .or_else(|| {
                self.severities
                    .iter()
                    .find(|severity| same(&severity.name, code))
            })
    }

    /// The most severe of all.
    pub fn top_severity(&self) -> Option<&Severity> {
        self.severities.first()
    }

    /// 0 for the most severe.
    pub fn severity_rank(&self, code: &str) -> Option<usize> {
        self.severities
            .iter()
            .position(|severity| same(&severity.code, code.trim()))
    }

    /// The phase with this id or name.
    pub fn phase(&self, name: &str) -> Option<&Phase> {
        self.phases
            .iter()
            .find(|phase| same(&phase.id, name) || same(&phase.name, name))
    }

    /// All checklist items: running number from 1, index of the phase, item.
    pub fn items(&self) -> impl Iterator<Item = (usize, usize, &ChecklistItem)> {
        self.phases
            .iter()
            .enumerate()
            .flat_map(|(index, phase)| phase.checklist.iter().map(move |item| (index, item)))
            .enumerate()
            .map(|(before, (index, item))| (before + 1, index, item))
    }

    /// The item with this running number: number, index of the phase, item.
    pub fn item_by_number(&self, number: usize) -> Option<(usize, usize, &ChecklistItem)> {
        self.items().find(|(found, ..)| *found == number)
    }

    /// The item with this id: number, index of the phase, item.
    pub fn item(&self, id: &str) -> Option<(usize, usize, &ChecklistItem)> {
        self.items().find(|(.., item)| item.id == id)
    }

    /// The role with this id, name or alias.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| {
            called(&role.id, &role.name, name) || role.aliases.iter().any(|alias| same(alias, name))
        })
    }

    /// The contact with this id or role.
    pub fn contact(&self, name: &str) -> Option<&Contact> {
        self.contacts
            .iter()
            .find(|contact| called(&contact.id, &contact.role, name))
    }

    /// The role whose holder counts as this contact: they are called the same.
    pub fn role_of_contact(&self, contact: &Contact) -> Option<&Role> {
        self.role(&contact.id).or_else(|| self.role(&contact.role))
    }

    /// The first word of a text, where it was meant as a severity that the plan has not: `P9` of P0 to P3.
    pub fn mistaken_severity<'t>(&self, text: &'t str) -> Option<&'t str> {
        let first = text.split_whitespace().next()?;
        let word = first.trim_end_matches([':', ',', '-', '–']);
        let letters = |code: &str| {
            let code = code.trim_end_matches(|it: char| it.is_ascii_digit());
            code.to_ascii_lowercase()
        };
        let kind = letters(word);
        let is_code = (1..=2).contains(&(word.len() - kind.len())) && !kind.is_empty();
        let alike = self.severities.iter().any(|it| letters(&it.code) == kind);
        (is_code && alike && self.severity(word).is_none()).then_some(word)
    }

    /// The role that is meant by this word, or by the name of this contact.
    pub fn role_to_tell(&self, who: &str) -> Option<&Role> {
        match self.contact(who) {
            Some(contact) => self.role_of_contact(contact),
            None => self.role(who),
        }
    }

    /// The team's contact with this id or role, or that of the role with this short word.
    pub fn contact_to_bind(&self, word: &str) -> Option<&Contact> {
        let named = self.contact(word).filter(|it| it.internal);
        named.or_else(|| {
            let role = &self.role(word)?.id;
            let mut team = self.contacts.iter().filter(|it| it.internal);
            team.find(|it| self.role_of_contact(it).is_some_and(|it| it.id == *role))
        })
    }

    /// The playbook with this id, name or alias; else the only one that contains the words.
    pub fn playbook(&self, name: &str) -> Option<&Playbook> {
        let exact = self.playbooks.iter().find(|playbook| {
            called(&playbook.id, &playbook.name, name)
                || playbook.aliases.iter().any(|alias| same(alias, name))
        });
        exact.or_else(|| {
            let wanted = folded(name);
            let mut similar = self.playbooks.iter().filter(|playbook| {
                !wanted.is_empty()
                    && (folded(&playbook.name).contains(&wanted)
                        || playbook
                            .aliases
                            .iter()
                            .any(|alias| folded(alias).contains(&wanted)))
            });
            similar.next().filter(|_| similar.next().is_none())
        })
    }

    /// The system with this id or name.
    pub fn system(&self, name: &str) -> Option<&System> {
        self.systems
            .iter()
            .find(|system| called(&system.id, &system.name, name))
    }

    /// The procedure with this id or name.
    pub fn procedure(&self, name: &str) -> Option<&Procedure> {
        self.procedures
            .iter()
            .find(|found| called(&found.id, &found.name, name))
    }

    /// The collectors that preserving evidence takes: those of the procedure `collect`. None where the plan has no such
    /// procedure, or where it gathers nothing.
    pub fn preserving(&self) -> Vec<&str> {
        let procedure = self.procedures.iter().find(|it| it.id == COLLECT);
        let steps = procedure.into_iter().flat_map(|it| &it.steps);
        let named = steps.filter_map(|step| match &step.action {
            Action::Collect { collectors } => Some(collectors),
            _ => None,
        });
        named.flatten().map(String::as_str).collect()
    }

    /// The credential with this id or name.
    pub fn credential(&self, name: &str) -> Option<&Credential> {
        self.credentials
            .iter()
            .find(|found| called(&found.id, &found.name, name))
    }

    /// The collector with this id or name.
    pub fn collector(&self, name: &str) -> Option<&Collector> {
        self.collectors
            .iter()
            .find(|found| called(&found.id, &found.name, name))
    }

    /// The probe with this id or name.
    pub fn probe(&self, name: &str) -> Option<&Probe> {
        self.probes
            .iter()
            .find(|found| called(&found.id, &found.name, name))
    }

    /// The connection with this id.
    pub fn connection(&self, id: &str) -> Option<&Connection> {
        self.connections.iter().find(|found| found.id == id)
    }

    /// The message template with this id or name.
    pub fn template(&self, name: &str) -> Option<&Template> {
        self.comms
            .templates
            .iter()
            .find(|found| called(&found.id, &found.name, name))
    }

    /// The drill with this id or name.
    pub fn drill(&self, name: &str) -> Option<&Drill> {
        self.drills
            .iter()
            .find(|found| called(&found.id, &found.name, name))
    }

    /// The field of `/set` with this name; blanks and hyphens count as underscores.
    pub fn fact(name: &str) -> Option<FactField> {
        FactField::from_name(&folded(name).replace(' ', "_"))
    }
}

fn called(id: &str, title: &str, name: &str) -> bool {
    same(id, name) || same(title, name)
}

/// Equal for people: letter case, blanks, underscores and hyphens aside.
fn same(left: &str, right: &str) -> bool {
    folded(left) == folded(right)
}

fn folded(text: &str) -> String {
    let words: Vec<String> = text
        .split(|letter: char| letter.is_whitespace() || letter == '_' || letter == '-')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

/// Whether texts hold all words of a name.
fn holds(texts: [&String; 3], name: &str) -> bool {
    let known: Vec<String> = texts.into_iter().flat_map(|it| words(it)).collect();
    let mut wanted = words(name).peekable();
    wanted.peek().is_some() && wanted.all(|it| known.contains(&it))
}

/// The words of a name, in lower case and in the singular.
fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let words = words.filter(|it| !it.is_empty()).map(str::to_lowercase);
    words.map(|it| it.strip_suffix('s').map_or(it.clone(), str::to_owned))
}

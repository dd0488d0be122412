//! What a plan's connections stand for on this machine: addresses and secrets by the names that the plan gives.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::plan::{Action, Check, Connection, ConnectionKind, Plan, Step};
use crate::secret::Secret;

/// A secret in a file is not longer than this.
const FILE_LIMIT: u64 = 64 * 1024;

/// Finds what connections stand for, through a function that looks up one variable.
#[derive(Clone)]
pub struct Targets(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl fmt::Debug for Targets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Targets")
    }
}

/// A connection, ready to be used.
#[derive(Debug, Clone)]
pub struct Target {
    /// Id in the plan.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it is.
    pub kind: ConnectionKind,
    /// Variable that holds the address.
    pub variable: String,
    /// The address; it may hold a password.
    pub address: Secret,
    /// The only networks that it may be in; empty: wherever its name leads, within reason.
    pub networks: Vec<IpNet>,
    /// Secrets by variable name.
    pub secrets: BTreeMap<String, Secret>,
    /// Further settings by variable name.
    pub settings: BTreeMap<String, String>,
}

/// A connection that cannot be used yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSetUp {
    /// Id in the plan.
    pub connection: String,
    /// Name for people.
    pub name: String,
    /// Variables that are not set.
    pub missing: Vec<String>,
    /// What else is wrong, such as a host that is not this machine.
    pub wrong: Option<String>,
}

impl fmt::Display for NotSetUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wrong {
            Some(wrong) => write!(f, "{}: {wrong}", self.name),
            None => write!(f, "{}: not set: {}", self.name, self.missing.join(", ")),
        }
    }
}

impl Targets {
    /// Connections of this process's environment.
    pub fn from_environment() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    /// Connections after a function that looks up one variable.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// The value of a variable that a program may be given. The bot's own settings are out of reach.
    pub fn variable(&self, name: &str) -> Option<String> {
        if is_reserved(name) {
            return None;
        }
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// The value of a variable, or the content of the file that `NAME_FILE` names.
    fn value(&self, name: &str) -> Option<String> {
        self.variable(name).or_else(|| {
            let path = self.variable(&format!("{name}_FILE"))?;
            let mut text = String::new();
            File::open(path)
                .ok()?
                .take(FILE_LIMIT)
                .read_to_string(&mut text)
                .ok()?;
            let text = text.trim_end_matches(['\r', '\n']);
            (!text.is_empty()).then(|| text.to_owned())
        })
    }

    /// A connection with its address and the variables that are needed; all others of its variables that are set
    /// come along.
    ///
    /// # Errors
    /// What is not set up.
    pub fn find(
        &self,
        connection: &Connection,
        needed: &BTreeSet<&str>,
    ) -> Result<Target, NotSetUp> {
        let address = self.value(&connection.address);
        let mut missing: Vec<String> = Vec::new();
        if address.is_none() {
            missing.push(connection.address.clone());
        }
        let mut secrets = BTreeMap::new();
        let mut settings = BTreeMap::new();
        for name in &connection.secrets {
            match self.value(name) {
                Some(value) => drop(secrets.insert(name.clone(), Secret::new(value))),
                None if needed.contains(name.as_str()) => missing.push(name.clone()),
                None => {}
            }
        }
        for name in &connection.settings {
            match self.value(name) {
                Some(value) => drop(settings.insert(name.clone(), value)),
                None if needed.contains(name.as_str()) => missing.push(name.clone()),
                None => {}
            }
        }
        let refused = |missing, wrong| NotSetUp {
            connection: connection.id.clone(),
            name: connection.name.clone(),
            missing,
            wrong,
        };
        let Some(address) = address.filter(|_| missing.is_empty()) else {
            return Err(refused(missing, None));
        };
        if connection.kind == ConnectionKind::Host && !is_here(&address) {
            let wrong = format!(
                "{} is another machine; only localhost works",
                connection.address
            );
            return Err(refused(Vec::new(), Some(wrong)));
        }
        let networks = self
            .networks(&connection.address)
            .map_err(|wrong| refused(Vec::new(), Some(wrong)))?;
        Ok(Target {
            id: connection.id.clone(),
            name: connection.name.clone(),
            kind: connection.kind,
            variable: connection.address.clone(),
            address: Secret::new(address),
            networks,
            secrets,
            settings,
        })
    }

    /// `ADDRESS_NETWORKS`: a list of networks, separated by commas or blanks.
    fn networks(&self, address: &str) -> Result<Vec<IpNet>, String> {
        let name = format!("{address}_NETWORKS");
        let Some(list) = self.variable(&name) else {
            return Ok(Vec::new());
        };
        list.split([',', ' '])
            .filter(|it| !it.is_empty())
            .map(|it| {
                it.parse::<IpNet>()
                    .or_else(|_| it.parse::<IpAddr>().map(IpNet::from))
                    .map_err(|_| format!("{name} is no list of networks such as 10.0.0.0/8"))
            })
            .collect()
    }

    /// Everything that must not be seen while this plan is worked with: all secrets of all its connections, and the
    /// addresses of its databases.
    pub fn secrets(&self, plan: &Plan) -> Vec<Secret> {
        let mut found = Vec::new();
        for connection in &plan.connections {
            for name in &connection.secrets {
                found.extend(self.value(name).map(Secret::new));
            }
            if let Some(address) = self.value(&connection.address) {
                found.extend(password(&address).into_iter().map(Secret::new));
                if connection.kind == ConnectionKind::Database {
                    found.push(Secret::new(address));
                }
            }
        }
        found
    }

    /// What is not set up of a plan, for all that its steps, collectors and probes use.
    pub fn not_set_up(&self, plan: &Plan) -> Vec<NotSetUp> {
        plan.connections
            .iter()
            .filter_map(|connection| {
                let needed = needed(plan, &connection.id);
                self.find(connection, &needed).err()
            })
            .collect()
    }
}

/// The bot's own settings are never handed to a step.
fn is_reserved(name: &str) -> bool {
    name.starts_with("BREAKGLASS_") || name.starts_with("TELOXIDE_") || name == "DATABASE_URL"
}

fn is_here(address: &str) -> bool {
    matches!(address, "local" | "localhost" | "127.0.0.1" | "::1")
}

/// The password in an address, as it is written there and decoded.
fn password(address: &str) -> Vec<String> {
    let Ok(url) = reqwest::Url::parse(address) else {
        return Vec::new();
    };
    let Some(written) = url.password() else {
        return Vec::new();
    };
    let decoded = percent_encoding::percent_decode_str(written).decode_utf8_lossy();
    vec![written.to_owned(), decoded.into_owned()]
}

/// All variables of a connection that something in the plan puts into a value.
fn needed<'p>(plan: &'p Plan, connection: &str) -> BTreeSet<&'p str> {
    let mut found = BTreeSet::new();
    let mut look = |action: &'p Action| {
        if action.connection() == Some(connection) {
            found.extend(variables(action));
        }
    };
    let steps = plan
        .procedures
        .iter()
        .flat_map(|it| &it.steps)
        .chain(plan.credentials.iter().flat_map(|it| &it.steps));
    for step in steps {
        let mut next: Option<&Step> = Some(step);
        while let Some(step) = next {
            look(&step.action);
            next = step.undo.as_deref();
        }
    }
    plan.collectors.iter().for_each(|it| look(&it.action));
    for probe in &plan.probes {
        if let Check::Action(action) = &probe.check {
            look(action);
        }
    }
    found
}

/// The variables that an action's values name: `${secret.NAME}` and `${setting.NAME}`.
pub(super) fn variables(action: &Action) -> BTreeSet<&str> {
    super::template::texts(action)
        .into_iter()
        .flat_map(super::template::names)
        .filter_map(|name| {
            name.strip_prefix("secret.")
                .or_else(|| name.strip_prefix("setting."))
        })
        .collect()
}

#[cfg(test)]
mod tests;

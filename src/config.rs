//! Settings, read once at the start. A setting half given is an error that names the other half.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::evidence::export::seal::Recipients;
use crate::incident::UserId;
use crate::secret::Secret;
use crate::totp::Key;

/// Everything that `breakglass run` is told by its environment.
#[derive(Clone)]
pub struct Settings {
    /// The bot and the Bot API server.
    pub telegram: Telegram,
    /// `sqlite://…` or `postgres://…`
    pub database: String,
    /// Installation-wide owners.
    pub owners: BTreeSet<UserId>,
    /// Telegram's id of the chat that alarms go to, unless `/setup home` chose another.
    pub home_chat: Option<i64>,
    /// A folder with plans, instead of those that are built in.
    pub plans: Option<PathBuf>,
    /// A folder with texts that replace or extend those that are built in.
    pub messages: Option<PathBuf>,
    /// The folder where evidence is kept.
    pub evidence: PathBuf,
    /// Who alone can read exports.
    pub recipients: Recipients,
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// Seals the secrets of one-time codes.
    pub secret_key: Option<Key>,
    /// Whoever has it may pull fail-safe levers over HTTP; without it there is no such endpoint.
    pub admin_token: Option<Secret>,
    /// Where runs are written down while the ledger cannot be.
    pub journal: PathBuf,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The database's address may hold a password.
        f.debug_struct("Settings")
            .field("telegram", &self.telegram)
            .field("owners", &self.owners)
            .field("plans", &self.plans)
            .field("evidence", &self.evidence)
            .field("listen", &self.listen)
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}

/// What `breakglass shutdown` needs: no token, no Telegram, no ledger.
#[derive(Debug, Clone)]
pub struct HostSettings {
    /// A folder with plans, instead of those that are built in.
    pub plans: Option<PathBuf>,
    /// Where a running bot serves HTTP.
    pub listen: SocketAddr,
    /// What opens its admin endpoint.
    pub admin_token: Option<Secret>,
    /// Where the run is written down.
    pub journal: PathBuf,
    /// Whose account it is.
    pub account: Option<String>,
}

/// The bot and the Bot API server.
#[derive(Debug, Clone)]
pub struct Telegram {
    /// From BotFather.
    pub token: Secret,
    /// Telegram's own server, or another one.
    pub api_url: String,
    /// Updates come by webhook instead of polling.
    pub webhook: Option<Webhook>,
}

/// How Telegram reaches us.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// The public address, HTTPS.
    pub url: String,
    /// What Telegram sends along, so that nobody else can.
    pub secret: Secret,
}

/// A setting is missing or wrong. One line that says what to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// It must be given.
    #[error("{name} is not set: {hint}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// Where to get it.
        hint: &'static str,
    },
    /// Its value makes no sense.
    #[error("{name} is wrong: {why}")]
    Wrong {
        /// The variable.
        name: &'static str,
        /// What is expected.
        why: String,
    },
    /// One of two was given.
    #[error("{given} is set but {missing} is not: set both or neither")]
    Half {
        /// The one that is there.
        given: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
}

/// The default database: a file in the working folder.
pub const DEFAULT_DATABASE: &str = "sqlite://breakglass.db";
/// The name of the journal, beside the database file.
pub const DEFAULT_JOURNAL: &str = "breakglass.journal";
/// The least length of the admin token.
const ADMIN_TOKEN_MIN: usize = 16;
/// The default address for HTTP.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

impl Settings {
    /// Reads the settings through `get`, which looks up one environment variable.
    ///
    /// # Errors
    /// The first setting that is missing or wrong.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        // A variable that is set to nothing is not set: that is how .env files leave things open.
        let get = |name: &str| {
            get(name)
                .map(|it| it.trim().to_owned())
                .filter(|it| !it.is_empty())
        };
        let token = get("TELOXIDE_TOKEN").ok_or(SettingError::Missing {
            name: "TELOXIDE_TOKEN",
            hint: "ask @BotFather for a bot and put its token into .env, or try `breakglass sandbox`",
        })?;
        let database = get("DATABASE_URL").unwrap_or_else(|| DEFAULT_DATABASE.to_owned());
        let evidence = get("BREAKGLASS_EVIDENCE_DIR").map(PathBuf::from);
        Ok(Self {
            telegram: Telegram {
                token: read_token(token)?,
                api_url: read_url(get("TELOXIDE_API_URL"))?,
                webhook: read_webhook(
                    get("BREAKGLASS_WEBHOOK_URL"),
                    get("BREAKGLASS_WEBHOOK_SECRET"),
                )?,
            },
            recipients: read_recipients(get("BREAKGLASS_AGE_RECIPIENTS").as_deref())?,
            evidence: evidence.unwrap_or_else(|| beside(&database)),
            secret_key: secret_key(get)?,
            owners: read_owners(get("BREAKGLASS_OWNERS").as_deref().unwrap_or_default())?,
            home_chat: read_home_chat(get("BREAKGLASS_HOME_CHAT").as_deref())?,
            plans: get("BREAKGLASS_PLANS").map(PathBuf::from),
            messages: get("BREAKGLASS_MESSAGES").map(PathBuf::from),
            listen: read_listen(get("BREAKGLASS_LISTEN"))?,
            admin_token: read_admin_token(get("BREAKGLASS_ADMIN_TOKEN"))?,
            journal: journal(get("BREAKGLASS_JOURNAL"), &database),
            database,
        })
    }
}

const KEY: &str = "BREAKGLASS_SECRET_KEY";
const KEY_FILE: &str = "BREAKGLASS_SECRET_KEY_FILE";

/// The key of the one-time codes, from either of its two settings.
///
/// # Errors
/// It is no key, its file cannot be read, or both are set.
pub fn secret_key(get: impl Fn(&str) -> Option<String>) -> Result<Option<Key>, SettingError> {
    read_secret_key(get(KEY), get(KEY_FILE))
}

/// Names that look like settings of breakglass and are none: a slip of the pen, most likely.
pub fn unknown(names: impl Iterator<Item = String>) -> Vec<String> {
    let ours =
        |name: &String| name.starts_with("BREAKGLASS_") && !name.starts_with("BREAKGLASS_TEST_");
    names
        .filter(|name| ours(name) && !NAMES.contains(&name.as_str()))
        .collect()
}

/// Every setting of ours.
const NAMES: [&str; 13] = [
    "BREAKGLASS_ADMIN_TOKEN",
    "BREAKGLASS_AGE_RECIPIENTS",
    "BREAKGLASS_EVIDENCE_DIR",
    "BREAKGLASS_HOME_CHAT",
    "BREAKGLASS_JOURNAL",
    "BREAKGLASS_LISTEN",
    "BREAKGLASS_MESSAGES",
    "BREAKGLASS_OWNERS",
    "BREAKGLASS_PLANS",
    KEY,
    KEY_FILE,
    "BREAKGLASS_WEBHOOK_SECRET",
    "BREAKGLASS_WEBHOOK_URL",
];

fn read_secret_key(key: Option<String>, file: Option<String>) -> Result<Option<Key>, SettingError> {
    let (name, text) = match (key, file) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            let why = format!("{KEY} is set too: keep one of them");
            return Err(SettingError::Wrong {
                name: KEY_FILE,
                why,
            });
        }
        (Some(key), None) => (KEY, key),
        (None, Some(file)) => match std::fs::read_to_string(&file) {
            Ok(text) => (KEY_FILE, text),
            Err(error) => {
                let why = format!("{file} cannot be read: {error}");
                return Err(SettingError::Wrong {
                    name: KEY_FILE,
                    why,
                });
            }
        },
    };
    let key = Key::read(&Secret::new(text)).map_err(|error| SettingError::Wrong {
        name,
        why: error.to_string(),
    })?;
    Ok(Some(key))
}

impl HostSettings {
    /// Reads what the host's own lever needs, through `get`.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let get = |name: &str| {
            get(name)
                .map(|it| it.trim().to_owned())
                .filter(|it| !it.is_empty())
        };
        let database = get("DATABASE_URL").unwrap_or_else(|| DEFAULT_DATABASE.to_owned());
        Ok(Self {
            plans: get("BREAKGLASS_PLANS").map(PathBuf::from),
            listen: read_listen(get("BREAKGLASS_LISTEN"))?,
            admin_token: read_admin_token(get("BREAKGLASS_ADMIN_TOKEN"))?,
            journal: journal(get("BREAKGLASS_JOURNAL"), &database),
            account: get("SUDO_USER").or_else(|| get("USER")),
        })
    }

    /// Where a bot of this host is reached: what it listens on, or loopback if that is every address.
    pub fn reach(&self) -> SocketAddr {
        let mut address = self.listen;
        if address.ip().is_unspecified() {
            let loopback = if address.is_ipv4() {
                Ipv4Addr::LOCALHOST.into()
            } else {
                Ipv6Addr::LOCALHOST.into()
            };
            address.set_ip(loopback);
        }
        address
    }
}

/// Beside the database's file, unless somewhere else is named (better: another disk).
fn journal(named: Option<String>, database: &str) -> PathBuf {
    if let Some(path) = named {
        return PathBuf::from(path);
    }
    let file = database.strip_prefix("sqlite:").map(|rest| {
        let path = rest.split('?').next().unwrap_or(rest);
        Path::new(path.strip_prefix("//").unwrap_or(path))
    });
    let folder = file.and_then(Path::parent);
    folder.map_or_else(
        || PathBuf::from(DEFAULT_JOURNAL),
        |it| it.join(DEFAULT_JOURNAL),
    )
}

fn read_listen(listen: Option<String>) -> Result<SocketAddr, SettingError> {
    let listen = listen.unwrap_or_else(|| DEFAULT_LISTEN.to_owned());
    listen.parse().map_err(|_| SettingError::Wrong {
        name: "BREAKGLASS_LISTEN",
        why: format!("{listen:?} is not an address with a port, such as {DEFAULT_LISTEN}"),
    })
}

fn read_admin_token(token: Option<String>) -> Result<Option<Secret>, SettingError> {
    let Some(token) = token else { return Ok(None) };
    let visible = token.bytes().all(|byte| byte.is_ascii_graphic());
    if token.len() < ADMIN_TOKEN_MIN || !visible {
        return Err(SettingError::Wrong {
            name: "BREAKGLASS_ADMIN_TOKEN",
            why: format!(
                "it needs {ADMIN_TOKEN_MIN} characters or more, without spaces; `openssl rand -hex 32` makes a good one"
            ),
        });
    }
    Ok(Some(Secret::new(token)))
}

fn read_token(token: String) -> Result<Secret, SettingError> {
    let shape = token.split_once(':').is_some_and(|(id, rest)| {
        !id.is_empty()
            && id.bytes().all(|b| b.is_ascii_digit())
            && !rest.is_empty()
            && rest
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    });
    if shape {
        Ok(Secret::new(token))
    } else {
        Err(SettingError::Wrong {
            name: "TELOXIDE_TOKEN",
            why: "a bot token is a number, a colon and letters, as @BotFather gave it".to_owned(),
        })
    }
}

fn read_url(url: Option<String>) -> Result<String, SettingError> {
    let url = url.unwrap_or_else(|| "https://api.telegram.org".to_owned());
    let url = url.trim_end_matches('/').to_owned();
    if url.starts_with("https://") || url.starts_with("http://") {
        Ok(url)
    } else {
        let why = "it must start with https:// (or http:// for a server of your own)".to_owned();
        Err(SettingError::Wrong {
            name: "TELOXIDE_API_URL",
            why,
        })
    }
}

fn read_home_chat(id: Option<&str>) -> Result<Option<i64>, SettingError> {
    let Some(id) = id else { return Ok(None) };
    // Groups have negative ids; a number above zero would be a person.
    match id.parse() {
        Ok(id) if id < 0 => Ok(Some(id)),
        _ => Err(SettingError::Wrong {
            name: "BREAKGLASS_HOME_CHAT",
            why: format!("{id:?} is not a group's numeric Telegram id, such as -1001234567890"),
        }),
    }
}

fn read_owners(list: &str) -> Result<BTreeSet<UserId>, SettingError> {
    list.split([',', ' ', ';'])
        .filter(|word| !word.is_empty())
        .map(|word| match word.parse::<i64>() {
            Ok(id) if id > 0 => Ok(UserId(id)),
            _ => Err(SettingError::Wrong {
                name: "BREAKGLASS_OWNERS",
                why: format!(
                    "{word:?} is not a numeric Telegram id; send the bot /whoami to see yours"
                ),
            }),
        })
        .collect()
}

fn read_recipients(list: Option<&str>) -> Result<Recipients, SettingError> {
    Recipients::read(list.unwrap_or_default()).map_err(|error| SettingError::Wrong {
        name: "BREAKGLASS_AGE_RECIPIENTS",
        why: error.to_string(),
    })
}

fn read_webhook(
    url: Option<String>,
    secret: Option<String>,
) -> Result<Option<Webhook>, SettingError> {
    const URL: &str = "BREAKGLASS_WEBHOOK_URL";
    const SECRET: &str = "BREAKGLASS_WEBHOOK_SECRET";
    match (url, secret) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(SettingError::Half {
            given: URL,
            missing: SECRET,
        }),
        (None, Some(_)) => Err(SettingError::Half {
            given: SECRET,
            missing: URL,
        }),
        (Some(url), Some(secret)) => {
            if !url.starts_with("https://") && !url.starts_with("http://127.0.0.1") {
                let why = "Telegram delivers to https:// addresses only".to_owned();
                return Err(SettingError::Wrong { name: URL, why });
            }
            let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
            if secret.len() < 16 || secret.len() > 256 || !secret.bytes().all(fits) {
                let why = "it needs 16 to 256 letters, digits, _ or -".to_owned();
                return Err(SettingError::Wrong { name: SECRET, why });
            }
            Ok(Some(Webhook {
                url,
                secret: Secret::new(secret),
            }))
        }
    }
}

/// The folder of evidence beside a database file; in the working folder for any other database.
pub fn beside(database: &str) -> PathBuf {
    let file = database
        .strip_prefix("sqlite:")
        .map(|rest| rest.strip_prefix("//").unwrap_or(rest))
        .map(|rest| rest.split('?').next().unwrap_or(rest))
        .filter(|rest| !rest.starts_with(':'));
    let folder = file.and_then(|file| Path::new(file).parent());
    folder.unwrap_or(Path::new("")).join("evidence")
}

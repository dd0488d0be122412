//! How the demo stands: read anew from its files each time, so that whatever a step changes shows.

use std::fs;

use super::{Machine, home};

/// The state in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Up,
    Degraded,
    Maintenance,
    Down,
}

impl Word {
    pub(super) fn shown(self) -> &'static str {
        match self {
            Self::Up => "UP",
            Self::Degraded => "DEGRADED",
            Self::Maintenance => "MAINTENANCE",
            Self::Down => "DOWN",
        }
    }
}

/// A part and whether it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) good: bool,
    pub(super) note: String,
}

/// One service: TARS or JARVIS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) word: Word,
    pub(super) parts: Vec<Part>,
    /// What is no part but worth seeing.
    pub(super) facts: Vec<(&'static str, String)>,
}

impl Machine {
    pub(super) fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    pub(super) fn runs(&self, unit: &str) -> bool {
        let state = fs::read_to_string(self.root.join("units").join(unit));
        state.is_ok_and(|state| state.trim() == "active")
    }

    fn unit(&self, name: &'static str, unit: &str) -> Part {
        let good = self.runs(unit);
        let note = if good { "runs" } else { "stopped" };
        Part {
            name,
            good,
            note: note.to_owned(),
        }
    }

    /// Why the TARS app does not serve, if it does not.
    pub(super) fn tars_away(&self) -> Option<(Word, &'static str)> {
        if self.outside().paused {
            return Some((Word::Down, "the project is paused"));
        }
        if self.has("tars/MAINTENANCE_MODE") {
            return Some((Word::Maintenance, "maintenance"));
        }
        (!self.runs("tars-web")).then_some((Word::Down, "the app is stopped"))
    }

    /// Why the JARVIS API does not serve, if it does not.
    pub(super) fn jarvis_away(&self) -> Option<&'static str> {
        if self.has("jarvis/run/KILL_SWITCH") {
            return Some("emergency shutdown");
        }
        (!self.runs("jarvis-api")).then_some("the API is stopped")
    }

    pub(super) async fn tars(&self) -> Service {
        let away = self.tars_away();
        let closed = self.outside().api_closed;
        let web = Part {
            name: "Web",
            good: away.is_none(),
            note: away.map_or("answers", |(_, why)| why).to_owned(),
        };
        let api = Part {
            name: "API",
            good: away.is_none() && !closed,
            note: match away {
                Some((_, why)) => why,
                None if closed => "closed by the firewall rule",
                None => "answers",
            }
            .to_owned(),
        };
        let parts = vec![
            web,
            api,
            self.unit("Agent", "tars-agent"),
            self.unit("n8n workflows", "n8n"),
        ];
        let word = worst(away.map(|(word, _)| word), &parts);
        let mut facts = vec![("Sessions", self.counted(home::TARS_DB, "sessions").await)];
        let read_only = self.outside().read_only;
        let database = if read_only { "read-only" } else { "writable" };
        facts.push(("Database", database.to_owned()));
        facts.push(("Users", self.counted(home::TARS_DB, "users").await));
        facts.push((
            "Rate limits",
            tight(self.has("tars/RATE_LIMIT_EMERGENCY")).to_owned(),
        ));
        facts.push(("Visitors", self.visitors()));
        Service {
            name: "TARS",
            word,
            parts,
            facts,
        }
    }

    pub(super) async fn jarvis(&self) -> Service {
        let away = self.jarvis_away();
        let api = Part {
            name: "API",
            good: away.is_none(),
            note: away.unwrap_or("answers").to_owned(),
        };
        let parts = vec![
            api,
            self.unit("Telegram bot", "jarvis-telegram-bot"),
            self.unit("Twitter bot", "jarvis-twitter-bot"),
        ];
        let word = worst(away.map(|_| Word::Down), &parts);
        let revoked = "api_keys WHERE revoked";
        let facts = vec![
            ("Sessions", self.counted(home::JARVIS_DB, "sessions").await),
            ("Revoked keys", self.counted(home::JARVIS_DB, revoked).await),
            (
                "Rate limits",
                tight(self.has("jarvis/run/RATE_LIMIT_EMERGENCY")).to_owned(),
            ),
        ];
        Service {
            name: "JARVIS",
            word,
            parts,
            facts,
        }
    }

    /// The firewall of the machine, and addresses that it blocks.
    pub(super) fn firewall(&self) -> String {
        let read = |name| fs::read_to_string(self.root.join(name)).unwrap_or_default();
        let rules = match read("firewall").trim() {
            "lockdown.nft" => "lockdown",
            "allow-list.nft" => "listed addresses only",
            _ => "usual rules",
        };
        let blocked: Vec<String> = read("blocked").lines().map(str::to_owned).collect();
        if blocked.is_empty() {
            rules.to_owned()
        } else {
            format!("{rules}, blocked: {}", blocked.join(", "))
        }
    }

    fn visitors(&self) -> String {
        match self.tars_away() {
            Some((Word::Maintenance, _)) => return "see that it is under maintenance".to_owned(),
            Some(_) => return "find nothing: it is down".to_owned(),
            None => {}
        }
        let outside = self.outside();
        let under_attack = outside.level.as_deref() == Some("under_attack");
        let text = match (outside.challenged, under_attack) {
            (true, true) => "challenged, n8n too",
            (true, false) => "challenged",
            (false, true) => "n8n challenged",
            (false, false) => "come in freely",
        };
        text.to_owned()
    }

    pub(super) async fn counted(&self, database: &str, what: &'static str) -> String {
        let counted = async {
            let mut conn = home::open(&self.root.join(database), false).await?;
            let text = format!("SELECT COUNT(*) FROM {what}");
            let query = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(text));
            query.fetch_one(&mut conn).await
        };
        match counted.await {
            Ok(count) => count.to_string(),
            Err(error) => format!("unknown ({error})"),
        }
    }
}

fn tight(emergency: bool) -> &'static str {
    if emergency { "emergency" } else { "usual" }
}

fn worst(away: Option<Word>, parts: &[Part]) -> Word {
    match away {
        Some(word) => word,
        None if parts.iter().all(|part| part.good) => Word::Up,
        None => Word::Degraded,
    }
}

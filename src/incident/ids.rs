//! Names of things: incidents, people, chats.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A person's numeric Telegram id: the only identity that authorises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UserId(pub i64);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Our own key of a chat. It stays when Telegram gives the chat a new id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChatKey(pub i64);

impl fmt::Display for ChatKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether an incident is real or a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Series {
    /// `SEC-YYYY-NNN`
    Security,
    /// `DRILL-YYYY-NNN`
    Drill,
}

impl Series {
    /// The letters that an id of this series starts with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Security => "SEC",
            Self::Drill => "DRILL",
        }
    }
}

/// `SEC-2026-007`: one sequence per year, series and installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentId {
    /// The year (UTC) in which it was declared.
    pub year: i32,
    /// 1, 2, 3 … within the year.
    pub number: u32,
    /// Real or drill.
    pub series: Series,
}

impl IncidentId {
    /// A real incident.
    pub fn security(year: i32, number: u32) -> Self {
        Self {
            year,
            number,
            series: Series::Security,
        }
    }

    /// The id that somebody meant who left its dashes out: `SEC2026007`.
    pub fn meant_by(word: &str) -> Option<Self> {
        let letters = word.find(|it: char| it.is_ascii_digit())?;
        let (prefix, digits) = word.split_at(letters);
        let (year, number) = digits.split_at_checked(4)?;
        format!("{prefix}-{year}-{number}").parse().ok()
    }

    /// Whether this is a rehearsal.
    pub fn is_drill(self) -> bool {
        self.series == Series::Drill
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}-{:04}-{:03}",
            self.series.prefix(),
            self.year,
            self.number
        )
    }
}

/// The text is not an incident id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an incident id: it looks like SEC-2026-007")]
pub struct NotAnId;

impl FromStr for IncidentId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let mut parts = text.trim().splitn(3, '-');
        let (prefix, year, number) = (
            parts.next().ok_or(NotAnId)?,
            parts.next().ok_or(NotAnId)?,
            parts.next().ok_or(NotAnId)?,
        );
        let series = match prefix.to_ascii_uppercase().as_str() {
            "SEC" => Series::Security,
            "DRILL" => Series::Drill,
            _ => return Err(NotAnId),
        };
        let digits = |s: &str, max: usize| {
            !s.is_empty() && s.len() <= max && s.bytes().all(|b| b.is_ascii_digit())
        };
        if !digits(year, 4) || year.len() != 4 || !digits(number, 7) {
            return Err(NotAnId);
        }
        let number = number.parse().map_err(|_| NotAnId)?;
        if number == 0 {
            return Err(NotAnId);
        }
        Ok(Self {
            year: year.parse().map_err(|_| NotAnId)?,
            number,
            series,
        })
    }
}

impl Serialize for IncidentId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IncidentId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

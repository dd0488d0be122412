//! Reading the values of `/set`: each kind of field has one clear form in the ledger.

use chrono::{DateTime, Days, Duration, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::super::refusal::Refusal;
use super::Case;
use crate::plan::{FactField, FactKind, Plan};

/// How far clocks may differ.
const AHEAD_MINUTES: i64 = 5;
/// A year.
const BACK_DAYS: i64 = 366;

pub(super) fn read(
    case: &Case<'_>,
    plan: &Plan,
    field: FactField,
    value: &str,
) -> Result<String, Refusal> {
    let bad = |wants: &'static str| Refusal::BadValue {
        verb: case.verb,
        field: field.name().to_owned(),
        wants,
    };
    if value.is_empty() {
        return Err(bad(wants(field)));
    }
    match field.kind() {
        FactKind::Text => Ok(value.to_owned()),
        FactKind::Time => {
            let zone = case.chat.settings.timezone.parse().unwrap_or(Tz::UTC);
            let at = moment(value, zone, case.env.now).ok_or_else(|| bad(wants(field)))?;
            if !is_likely(at, case.env.now) {
                return Err(bad("likely-time"));
            }
            Ok(at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
        }
        FactKind::Systems => systems(case, plan, value),
        FactKind::YesNo => {
            let first = value
                .split([' ', ',', ':', ';', '.'])
                .next()
                .unwrap_or_default();
            let known = ["yes", "no", "unknown"]
                .iter()
                .find(|word| first.eq_ignore_ascii_case(word));
            let known = known.ok_or_else(|| bad(wants(field)))?;
            let rest = value[first.len()..].trim_start_matches([' ', ',', ':', ';', '.']);
            Ok(if rest.is_empty() {
                (*known).to_owned()
            } else {
                format!("{known}, {rest}")
            })
        }
        FactKind::Number => {
            let unknown = ["unknown", "none", "n/a"]
                .iter()
                .any(|word| value.eq_ignore_ascii_case(word));
            let digits = value.chars().any(char::is_numeric);
            if digits || unknown {
                Ok(value.to_owned())
            } else {
                Err(bad(wants(field)))
            }
        }
    }
}

/// What is recorded has happened: neither ahead, but for clocks that differ, nor so long ago that the year is a slip.
fn is_likely(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at <= now + Duration::minutes(AHEAD_MINUTES) && at >= now - Duration::days(BACK_DAYS)
}

/// The form of a field, as a phrase key.
fn wants(field: FactField) -> &'static str {
    match field.kind() {
        FactKind::Text => "text",
        FactKind::Time => "time",
        FactKind::Systems => "systems",
        FactKind::YesNo => "yes-no",
        FactKind::Number => "number",
    }
}

fn systems(case: &Case<'_>, plan: &Plan, value: &str) -> Result<String, Refusal> {
    let mut names: Vec<&str> = Vec::new();
    for word in value
        .split([',', ';', '\n'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        let system = plan.system(word).ok_or_else(|| Refusal::UnknownWord {
            verb: case.verb,
            what: "system",
            word: word.to_owned(),
            known: plan
                .systems
                .iter()
                .map(|system| system.id.clone())
                .collect(),
        })?;
        if !names.contains(&system.name.as_str()) {
            names.push(&system.name);
        }
    }
    Ok(names.join(", "))
}

/// `now`, `14:05`, `yesterday 14:05`, `2026-02-17 14:05`, `2026-02-17T14:05Z`; in the chat's zone
/// where none is given.
pub(super) fn moment(text: &str, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Some(now);
    }
    if let Ok(exact) = DateTime::parse_from_rfc3339(text) {
        return Some(exact.to_utc());
    }
    let (text, zone) = match text.strip_suffix("UTC").or_else(|| text.strip_suffix('Z')) {
        Some(rest) => (rest.trim(), Tz::UTC),
        None => (text, zone),
    };
    for form in [
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
    ] {
        if let Ok(local) = NaiveDateTime::parse_from_str(text, form) {
            return local_to_utc(zone, local);
        }
    }
    let (time, back) = match text.split_once(' ') {
        Some((day, time)) if day.eq_ignore_ascii_case("yesterday") => (time, 1),
        Some((day, time)) if day.eq_ignore_ascii_case("today") => (time, 0),
        _ => (text, 0),
    };
    let time = NaiveTime::parse_from_str(time.trim(), "%H:%M").ok()?;
    let today = now.with_timezone(&zone).date_naive();
    let day = today.checked_sub_days(Days::new(back))?;
    local_to_utc(zone, day.and_time(time))
}

fn local_to_utc(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    zone.from_local_datetime(&local)
        .earliest()
        .map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_the_chats_zone() {
        let now = Utc
            .with_ymd_and_hms(2026, 2, 17, 14, 31, 0)
            .single()
            .expect("a moment");
        let berlin = Tz::Europe__Berlin;
        let at = |text: &str| moment(text, berlin, now).map(|at| at.format("%F %R").to_string());
        assert_eq!(at("now").as_deref(), Some("2026-02-17 14:31"));
        assert_eq!(at("15:05").as_deref(), Some("2026-02-17 14:05"));
        assert_eq!(at("15:05 UTC").as_deref(), Some("2026-02-17 15:05"));
        assert_eq!(at("yesterday 23:30").as_deref(), Some("2026-02-16 22:30"));
        assert_eq!(at("2026-07-01 12:00").as_deref(), Some("2026-07-01 10:00"));
        assert_eq!(
            at("2026-02-17T14:05:00+01:00").as_deref(),
            Some("2026-02-17 13:05")
        );
        assert_eq!(at("soon"), None);
        assert_eq!(at("25:00"), None);
    }
}

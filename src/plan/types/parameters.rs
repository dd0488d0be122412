//! What a parameter's value may look like.

use std::net::IpAddr;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

use super::ParameterKind;

/// The longest value.
const VALUE_MAX: usize = 128;

impl ParameterKind {
    /// The value as it is handed on, if it is what the kind says.
    pub fn accept(self, value: &str) -> Option<String> {
        if value.is_empty() || value.len() > VALUE_MAX {
            return None;
        }
        let fits = match self {
            Self::Commit => {
                (7..=64).contains(&value.len())
                    && value.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            Self::Backup => is_name(value, false) && !value.contains(".."),
            Self::Name => is_name(value, true),
            Self::Address => return address(value),
            Self::Time => return moment(value),
        };
        fits.then(|| value.to_owned())
    }
}

/// Nothing that could be an option, a hidden file or a way into another folder.
fn is_name(value: &str, at: bool) -> bool {
    let fits =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) || (at && byte == b'@');
    !value.starts_with(['-', '.']) && value.bytes().all(fits)
}

/// An address or a network, written as everybody writes it. Not what would cut the machine off from itself or from all.
fn address(value: &str) -> Option<String> {
    let (address, length) = match value.split_once('/') {
        Some((address, length)) => {
            let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
            (address, Some(length).filter(|_| digits)?.parse::<u8>().ok())
        }
        None => (value, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let (least, most) = if address.is_ipv4() {
        (8, 32)
    } else {
        (16, 128)
    };
    if address.is_loopback() || address.is_unspecified() {
        return None;
    }
    match (value.contains('/'), length) {
        (false, _) => Some(address.to_string()),
        (true, Some(length)) if (least..=most).contains(&length) => {
            Some(format!("{address}/{length}"))
        }
        (true, _) => None,
    }
}

/// `2026-02-17T14:05:00Z`, or without the seconds and the zone: UTC then.
fn moment(value: &str) -> Option<String> {
    let with_zone = DateTime::parse_from_rfc3339(value).map(|at| at.with_timezone(&Utc));
    let without = || {
        ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(value, form).ok())
            .map(|at| at.and_utc())
    };
    let at = with_zone.ok().or_else(without)?;
    Some(at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

//! A checkpoint: the ends of all streams, as a text to keep elsewhere.
//!
//! ```text
//! breakglass checkpoint 1
//! version: 0.1.0
//! database: sqlite://breakglass.db
//! time: 2026-02-17T14:05:00Z
//! streams: 2
//! order: 350 6ad1…
//! chat/1 12 345 9f86…
//! incident/SEC-2026-001 7 350 e3b0…
//! sha256: 2c26…
//! ```
//!
//! A line for each stream: its name, the number, position and hash of its last event. `order` is the last position of all and a
//! SHA-256 over the place of every event: position, chat, stream and number, each written as its length in bytes, a colon, itself, a
//! comma. The last line is the SHA-256 of all lines above it, so `head -n -1 FILE | sha256sum` proves the file whole.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::super::{chain, types::Head};

/// What a later audit is compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// The ends of the streams.
    pub heads: Vec<Head>,
    /// The order of all events.
    pub order: Option<Order>,
}

/// The order of all events up to a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The last position.
    pub position: i64,
    /// SHA-256 over the places.
    pub hash: String,
}

/// Where a checkpoint comes from: for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The program's version.
    pub version: String,
    /// The database, without a password.
    pub database: String,
    /// When, RFC 3339.
    pub time: String,
}

/// A file that is no checkpoint, or no whole one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Another kind of file.
    #[error("it is no checkpoint of breakglass: its first line should be {FIRST:?}")]
    Foreign,
    /// Somebody changed it, or it was cut.
    #[error("it was changed or cut: the hash in its last line is not that of the lines above it")]
    Broken,
    /// A line that makes no sense, although the hash is right.
    #[error("line {0} cannot be understood")]
    Line(usize),
}

const FIRST: &str = "breakglass checkpoint 1";

impl Checkpoint {
    /// Writes it.
    pub fn to_text(&self, origin: &Origin) -> String {
        let mut text = format!(
            "{FIRST}\nversion: {}\ndatabase: {}\ntime: {}\nstreams: {}\n",
            origin.version,
            encode(&origin.database),
            origin.time,
            self.heads.len()
        );
        if let Some(order) = &self.order {
            let _ = writeln!(text, "order: {} {}", order.position, encode(&order.hash));
        }
        for head in &self.heads {
            let (stream, hash) = (encode(&head.stream), encode(&head.hash));
            let _ = writeln!(text, "{stream} {} {} {hash}", head.seq, head.position);
        }
        let sum = chain::hex(&Sha256::digest(&text));
        let _ = writeln!(text, "sha256: {sum}");
        text
    }

    /// Reads it back, with the header.
    ///
    /// # Errors
    /// When it is no whole checkpoint.
    pub fn read(text: &str) -> Result<(Self, Origin), CheckpointError> {
        if text.lines().next().map(str::trim_end) != Some(FIRST) {
            return Err(CheckpointError::Foreign);
        }
        // An editor or a mail may have changed the ends of lines; that changes nothing of what it says.
        let text = text.replace("\r\n", "\n");
        let (above, last) = text
            .trim_end()
            .rsplit_once('\n')
            .ok_or(CheckpointError::Broken)?;
        let above = format!("{above}\n");
        let given = last
            .strip_prefix("sha256: ")
            .ok_or(CheckpointError::Broken)?;
        if given.trim() != chain::hex(&Sha256::digest(&above)) {
            return Err(CheckpointError::Broken);
        }
        let (mut checkpoint, mut origin, mut streams) = (Self::default(), Origin::default(), None);
        for (index, line) in above.lines().enumerate().skip(1) {
            let wrong = || CheckpointError::Line(index + 1);
            match line.split_once(": ") {
                Some(("version", value)) => value.clone_into(&mut origin.version),
                Some(("database", value)) => origin.database = decode(value),
                Some(("time", value)) => value.clone_into(&mut origin.time),
                Some(("streams", value)) => streams = Some(value.parse().map_err(|_| wrong())?),
                Some(("order", value)) => checkpoint.order = Some(order(value).ok_or_else(wrong)?),
                Some(_) => return Err(wrong()),
                None => checkpoint.heads.push(head(line).ok_or_else(wrong)?),
            }
        }
        if streams != Some(checkpoint.heads.len()) {
            return Err(CheckpointError::Broken);
        }
        Ok((checkpoint, origin))
    }
}

fn order(value: &str) -> Option<Order> {
    let (position, hash) = value.split_once(' ')?;
    Some(Order {
        position: position.parse().ok()?,
        hash: decode(hash),
    })
}

fn head(line: &str) -> Option<Head> {
    let mut words = line.split(' ');
    let head = Head {
        stream: decode(words.next()?),
        seq: words.next()?.parse().ok()?,
        position: words.next()?.parse().ok()?,
        hash: decode(words.next()?),
    };
    words.next().is_none().then_some(head)
}

/// White space, control characters, colons before blanks and `%` as %XX: nothing that stands in a ledger breaks a line.
fn encode(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            line.push(char::from(byte));
        } else {
            let _ = write!(line, "%{byte:02X}");
        }
    }
    line
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3);
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        let head = |stream: &str, seq| Head {
            stream: stream.to_owned(),
            seq,
            position: seq * 10,
            hash: "ab".repeat(32),
        };
        Checkpoint {
            heads: vec![head("chat/1", 12), head("odd: name\n%", 7)],
            order: Some(Order {
                position: 120,
                hash: "cd".repeat(32),
            }),
        }
    }

    fn origin() -> Origin {
        Origin {
            version: "0.1.0".to_owned(),
            database: "sqlite://my file.db".to_owned(),
            time: "2026-02-17T14:05:00Z".to_owned(),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = checkpoint().to_text(&origin());
        assert!(
            text.starts_with("breakglass checkpoint 1\nversion: 0.1.0\n"),
            "{text}"
        );
        let read = Checkpoint::read(&text).expect("it is whole");
        assert_eq!(read, (checkpoint(), origin()));
        let mailed = text.replace('\n', "\r\n");
        assert_eq!(Checkpoint::read(&mailed), Ok((checkpoint(), origin())));
    }

    #[test]
    fn every_changed_letter_is_noticed() {
        let text = checkpoint().to_text(&origin());
        for at in 0..text.len() - 1 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert!(Checkpoint::read(&changed).is_err(), "byte {at}: {changed}");
        }
        for end in 0..text.len() - 1 {
            assert!(Checkpoint::read(&text[..end]).is_err(), "cut at {end}");
        }
    }
}

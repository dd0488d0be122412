//! The event chain as an export holds it: one JSON object a line, with exactly the texts that were hashed, and a small program
//! that recomputes it.

use serde::Serialize;

/// One event, as the ledger keeps it.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// The stream.
    pub stream: String,
    /// Its number in the stream, from 1.
    pub seq: i64,
    /// When, microseconds UTC.
    pub at: i64,
    /// What kind of event.
    pub kind: String,
    /// The event as JSON, to the letter.
    pub body: String,
    /// Hash of the event before it; empty for the first.
    pub prev: String,
    /// Its hash.
    pub hash: String,
}

/// The chain, one event a line.
pub fn lines(chain: &[Link]) -> String {
    let mut text = String::new();
    for link in chain {
        text.push_str(&serde_json::to_string(link).expect("strings and numbers become JSON"));
        text.push('\n');
    }
    text
}

/// Recomputes the chain. Standard library only; short enough to be read before it is trusted.
pub const VERIFY_PY: &str = r#"#!/usr/bin/env python3
# Recomputes the hash of every event in events.jsonl. Run it in this folder: python3 verify.py
import hashlib, json

prev, count = "", 0
for line in open("events.jsonl", encoding="utf-8"):
    event = json.loads(line)
    count += 1
    fields = [prev, event["stream"], str(event["seq"]), str(event["at"]), event["kind"], event["body"]]
    form = b"".join(b"%d:%s," % (len(raw), raw) for raw in (field.encode("utf-8") for field in fields))
    found = hashlib.sha256(form).hexdigest()
    if event["prev"] != prev or event["seq"] != count or event["hash"] != found:
        raise SystemExit("event %d does not fit: it, or one before it, was changed" % count)
    prev = found
print("%d events, chain whole, last hash %s" % (count, prev))
"#;

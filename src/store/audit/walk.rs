//! The audit itself: pure, over rows in order. The database and the tests hand the rows over.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::super::{
    chain,
    types::{Head, StoredEvent},
};
use super::{Checkpoint, Fault, Order, VerifyReport};

/// Audits rows that were read before, by the same rules as a database. `chats` says which chat each stream belongs to.
pub fn verify_rows(
    events: &[StoredEvent],
    chats: &BTreeMap<String, i64>,
    checkpoint: &Checkpoint,
) -> VerifyReport {
    let mut streams: BTreeMap<&str, Vec<&StoredEvent>> = BTreeMap::new();
    for name in chats.keys() {
        streams.entry(name).or_default();
    }
    for head in &checkpoint.heads {
        streams.entry(&head.stream).or_default();
    }
    for event in events {
        streams.entry(&event.stream).or_default().push(event);
    }
    let mut report = VerifyReport::default();
    for (name, mut rows) in streams {
        rows.sort_by_key(|event| event.seq);
        let wanted = checkpoint.heads.iter().find(|head| head.stream == name);
        let mut walk = StreamWalk::new(name, chats.get(name).copied(), wanted);
        for event in rows {
            walk.see(event.clone(), &mut report);
        }
        walk.end(&mut report);
    }
    let mut all: Vec<&StoredEvent> = events.iter().collect();
    all.sort_by_key(|event| (event.position, &event.stream, event.seq));
    let mut walk = OrderWalk::new(checkpoint.order.as_ref());
    for event in all {
        walk.see(event, &mut report);
    }
    walk.end(&mut report);
    report
}

/// One stream, event after event.
pub(super) struct StreamWalk<'a> {
    stream: &'a str,
    chat: Option<i64>,
    wanted: Option<&'a Head>,
    last: Option<StoredEvent>,
}

impl<'a> StreamWalk<'a> {
    pub(super) fn new(stream: &'a str, chat: Option<i64>, wanted: Option<&'a Head>) -> Self {
        Self {
            stream,
            chat,
            wanted,
            last: None,
        }
    }

    pub(super) fn see(&mut self, event: StoredEvent, report: &mut VerifyReport) {
        check(&event, self.last.as_ref(), self.chat, self.wanted, report);
        report.events += 1;
        self.last = Some(event);
    }

    pub(super) fn end(self, report: &mut VerifyReport) {
        report.streams += 1;
        let found = self.last.as_ref().map_or(0, |event| event.seq);
        let expected = self.wanted.map_or(1, |head| head.seq);
        if found < expected {
            report.faults.push(Fault::Cut {
                stream: self.stream.to_owned(),
                expected,
                found,
            });
        }
        report.heads.extend(self.last.map(|event| Head {
            stream: event.stream,
            seq: event.seq,
            position: event.position,
            hash: event.hash,
        }));
    }
}

fn check(
    event: &StoredEvent,
    last: Option<&StoredEvent>,
    chat: Option<i64>,
    wanted: Option<&Head>,
    report: &mut VerifyReport,
) {
    let stream = || event.stream.clone();
    let seq = event.seq;
    let (before, hash) = last.map_or((0, ""), |last| (last.seq, last.hash.as_str()));
    if seq != before + 1 {
        report.faults.push(Fault::Gap {
            stream: stream(),
            seq,
        });
    } else if event.prev != hash {
        report.faults.push(Fault::Unchained {
            stream: stream(),
            seq,
        });
    }
    if event.hash
        != chain::hash(
            &event.prev,
            &event.stream,
            seq,
            event.at,
            &event.kind,
            &event.body,
        )
    {
        report.faults.push(Fault::Altered {
            stream: stream(),
            seq,
        });
    }
    if chat != Some(event.chat) {
        report.faults.push(Fault::Misplaced {
            stream: stream(),
            seq,
        });
    }
    if wanted.is_some_and(|head| head.seq == seq && head.hash != event.hash) {
        report.faults.push(Fault::Rewritten {
            stream: stream(),
            seq,
        });
    }
}

/// Where every event stands among all others, and in which chat: the hashes of the streams do not cover that.
pub(super) struct OrderWalk<'a> {
    wanted: Option<&'a Order>,
    sum: Sha256,
    position: i64,
}

impl<'a> OrderWalk<'a> {
    pub(super) fn new(wanted: Option<&'a Order>) -> Self {
        Self {
            wanted,
            sum: Sha256::new(),
            position: 0,
        }
    }

    pub(super) fn see(&mut self, event: &StoredEvent, report: &mut VerifyReport) {
        if self.wanted.is_some_and(|it| event.position > it.position) {
            self.compare(report);
        }
        for field in [
            &event.position.to_string(),
            &event.chat.to_string(),
            &event.stream,
            &event.seq.to_string(),
        ] {
            self.sum.update(field.len().to_string());
            self.sum.update(":");
            self.sum.update(field);
            self.sum.update(",");
        }
        self.position = event.position;
    }

    fn compare(&mut self, report: &mut VerifyReport) {
        if let Some(wanted) = self.wanted.take()
            && wanted.hash != chain::hex(&self.sum.clone().finalize())
        {
            report.faults.push(Fault::Reordered {
                position: wanted.position,
            });
        }
    }

    pub(super) fn end(mut self, report: &mut VerifyReport) {
        self.compare(report);
        report.order = Some(Order {
            position: self.position,
            hash: chain::hex(&self.sum.finalize()),
        });
    }
}

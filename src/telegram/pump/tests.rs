//! Batches that fail in every way, gaps, and redaction. Polling itself is told in the stories against the stand-in.

use std::sync::Mutex;

use chrono::DateTime;

use super::*;

/// Fails or panics as told; remembers what it saw.
#[derive(Default)]
struct Scripted {
    poison: Vec<i64>,
    panics: Vec<i64>,
    unavailable: Mutex<u32>,
    cannot_set_aside: Mutex<u32>,
    handled: Mutex<Vec<i64>>,
    aside: Mutex<Vec<SetAside>>,
}

impl Handler for Scripted {
    async fn handle(&self, batch: Vec<RawUpdate>) -> BatchOutcome {
        {
            let mut left = self.unavailable.lock().unwrap();
            if *left > 0 {
                *left -= 1;
                return BatchOutcome {
                    broken: vec![],
                    unavailable: Some("locked".into()),
                };
            }
        }
        assert!(
            !batch
                .iter()
                .any(|update| self.panics.contains(&update.update_id)),
            "told to panic"
        );
        let mut outcome = BatchOutcome::default();
        for update in batch {
            if self.poison.contains(&update.update_id) {
                outcome.broken.push((update.update_id, "poison".into()));
            } else {
                self.handled.lock().unwrap().push(update.update_id);
            }
        }
        outcome
    }

    async fn set_aside(&self, update: SetAside) -> Result<(), String> {
        let mut left = self.cannot_set_aside.lock().unwrap();
        if *left > 0 {
            *left -= 1;
            return Err("locked".into());
        }
        self.aside.lock().unwrap().push(update);
        Ok(())
    }

    async fn notice(&self, _: Notice) {}
}

fn updates(ids: impl IntoIterator<Item = i64>) -> Vec<RawUpdate> {
    let one = |update_id| RawUpdate {
        update_id,
        raw: format!(r#"{{"update_id":{update_id},"message":{{"text":"my password"}}}}"#).into(),
        backlog: false,
    };
    ids.into_iter().map(one).collect()
}

async fn commit(handler: &Arc<Scripted>, ids: impl IntoIterator<Item = i64>) -> bool {
    let (_keep, mut stop) = watch::channel(false);
    batch::commit(handler, updates(ids), &mut stop).await
}

#[tokio::test]
async fn a_poison_update_is_set_aside_after_three_tries_and_the_rest_flows() {
    let handler = Arc::new(Scripted {
        poison: vec![3],
        ..Scripted::default()
    });
    assert!(commit(&handler, 1..=5).await);
    assert_eq!(*handler.handled.lock().unwrap(), [1, 2, 4, 5]);
    let aside = handler.aside.lock().unwrap();
    assert_eq!(aside.len(), 1);
    assert_eq!(
        (
            aside[0].update_id,
            aside[0].kind.as_str(),
            aside[0].reason.as_str()
        ),
        (Some(3), "message", "poison")
    );
    assert!(
        !aside[0].redacted.contains("password"),
        "{}",
        aside[0].redacted
    );
}

#[tokio::test]
async fn a_panic_is_isolated() {
    let handler = Arc::new(Scripted {
        panics: vec![2],
        ..Scripted::default()
    });
    assert!(commit(&handler, 1..=3).await);
    assert_eq!(*handler.handled.lock().unwrap(), [1, 3]);
    assert_eq!(
        handler.aside.lock().unwrap()[0].reason,
        "the handler panicked"
    );
}

#[tokio::test]
async fn an_unavailable_ledger_sets_nothing_aside() {
    let handler = Arc::new(Scripted {
        unavailable: Mutex::new(2),
        cannot_set_aside: Mutex::new(1),
        poison: vec![2],
        ..Scripted::default()
    });
    assert!(commit(&handler, 1..=2).await);
    assert_eq!(*handler.handled.lock().unwrap(), [1]);
    assert_eq!(handler.aside.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn stopping_leaves_an_uncommitted_batch_unconfirmed() {
    let handler = Arc::new(Scripted {
        unavailable: Mutex::new(u32::MAX),
        ..Scripted::default()
    });
    let (sender, mut stop) = watch::channel(false);
    let committing =
        tokio::spawn(async move { batch::commit(&handler, updates(1..=2), &mut stop).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    sender.send(true).unwrap();
    assert!(!committing.await.unwrap());
}

#[test]
fn what_was_fetched_before_the_first_empty_poll_is_backlog() {
    let wait = Duration::from_secs(50);
    let clock = Clock::test(DateTime::UNIX_EPOCH);
    let mut gaps = Gaps::new(&clock);
    gaps.asking(&clock);
    gaps.answered(&clock, wait, false);
    assert!(gaps.backlog, "after a start");
    gaps.answered(&clock, wait, true);
    assert!(!gaps.backlog, "after an empty poll");

    clock.advance(Duration::from_secs(50));
    gaps.answered(&clock, wait, false);
    assert!(!gaps.backlog, "a long poll is no gap");

    clock.advance(Duration::from_secs(61));
    gaps.asking(&clock);
    gaps.answered(&clock, wait, false);
    assert!(gaps.backlog, "more than a minute without asking");
    gaps.answered(&clock, wait, true);

    clock.jump(3_600_000_000);
    gaps.answered(&clock, wait, false);
    assert!(
        gaps.backlog,
        "the machine slept during a poll: only the wall clock shows it"
    );
    gaps.answered(&clock, wait, true);
    clock.jump(-3_600_000_000);
    gaps.asking(&clock);
    assert!(!gaps.backlog, "a wall clock that was set back is no gap");
}

#[test]
fn a_shape_holds_no_words() {
    let shape = redact(
        r#"{"update_id":5,"message":{"chat":{"id":-5,"type":"group","title":"Secret project"},"text":"sk-12345","entities":[{"type":"url"}],"type":"hunter2"}}"#,
    );
    assert_eq!(
        shape,
        r#"{"message":{"chat":{"id":-5,"title":"(14 characters)","type":"group"},"entities":[{"type":"url"}],"text":"(8 characters)","type":"(7 characters)"},"update_id":5}"#
    );
    assert_eq!(redact("[1,"), "unreadable, 3 bytes");
    assert!(redact(&format!("[{}1]", "1,".repeat(50_000))).len() < 9_000);
}

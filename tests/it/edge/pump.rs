//! Stories of intake.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use breakglass::clock::Clock;
use breakglass::secret::Secret;
use breakglass::telegram::api::Api;
use breakglass::telegram::incoming::{Incoming, What};
use breakglass::telegram::pump::{
    BatchOutcome, Handler, Notice, Polling, Pump, PumpError, RawUpdate, SetAside,
};
use serde_json::json;
use telegram_sandbox::{Control, Fault, FaultKind, NewChat, NewUser, Options, Sandbox, UserId};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Keeps what it is given, each update once, as a ledger would.
#[derive(Default)]
struct Keeper {
    kept: Mutex<Vec<(i64, String, bool)>>,
    handled: Mutex<usize>,
    aside: Mutex<Vec<SetAside>>,
    notices: Mutex<Vec<Notice>>,
    /// Never comes to a commit, like a process that is about to be killed.
    hangs: bool,
}

impl Handler for Keeper {
    async fn handle(&self, batch: Vec<RawUpdate>) -> BatchOutcome {
        if self.hangs {
            std::future::pending::<()>().await;
        }
        let mut outcome = BatchOutcome::default();
        for update in batch {
            *self.handled.lock().unwrap() += 1;
            let text = match Incoming::read(&update.raw).map(|incoming| incoming.what) {
                Ok(What::Message(message)) => message.text.unwrap_or_default(),
                Ok(_) => String::new(),
                Err(error) => error.to_string(),
            };
            if text == "/poison" {
                outcome.broken.push((update.update_id, "poison".into()));
                continue;
            }
            let mut kept = self.kept.lock().unwrap();
            if !kept.iter().any(|one| one.0 == update.update_id) {
                kept.push((update.update_id, text, update.backlog));
            }
        }
        outcome
    }

    async fn set_aside(&self, update: SetAside) -> Result<(), String> {
        self.aside.lock().unwrap().push(update);
        Ok(())
    }

    async fn notice(&self, notice: Notice) {
        self.notices.lock().unwrap().push(notice);
    }
}

impl Keeper {
    fn texts(&self) -> Vec<String> {
        let kept = self.kept.lock().unwrap();
        kept.iter()
            .map(|one| one.1.clone())
            .filter(|text| !text.is_empty())
            .collect()
    }

    async fn until(&self, holds: impl Fn(&Self) -> bool) {
        for _ in 0..1000 {
            if holds(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!(
            "it never came to that: {:?}, aside {:?}",
            self.kept.lock().unwrap(),
            self.aside.lock().unwrap()
        );
    }
}

struct Stage {
    sandbox: Sandbox,
    control: Control,
    alice: UserId,
    group: i64,
}

impl Stage {
    async fn new() -> Self {
        let sandbox = Sandbox::start(Options {
            limits: false,
            ..Options::default()
        })
        .await
        .unwrap();
        let control = sandbox.control();
        let alice = control.add_user(NewUser::named("Alice", "alice"));
        let group = control.add_chat(NewChat::group("war room"));
        control.join(group, alice);
        control.add_bot(group, alice);
        Self {
            sandbox,
            control,
            alice,
            group,
        }
    }

    fn says(&self, text: &str) {
        self.control.says(self.group, self.alice, text);
    }

    fn api(&self) -> Api {
        Api::new(&self.sandbox.api_url(), Secret::new(self.sandbox.token())).unwrap()
    }

    fn pump(
        &self,
        keeper: &Arc<Keeper>,
    ) -> (JoinHandle<Result<(), PumpError>>, watch::Sender<bool>) {
        let (stop, stopping) = watch::channel(false);
        let polling = Polling {
            wait: Duration::from_secs(5),
            longest_pause: Duration::from_millis(200),
            ..Polling::default()
        };
        let pump = Pump::new(
            self.api(),
            Arc::clone(keeper),
            Clock::system(),
            polling,
            stopping,
        );
        (tokio::spawn(pump.run()), stop)
    }
}

#[tokio::test]
async fn a_batch_that_was_not_committed_is_fetched_again() {
    let stage = Stage::new().await;
    (0..5).for_each(|n| stage.says(&format!("/note {n}")));
    let doomed = Arc::new(Keeper {
        hangs: true,
        ..Keeper::default()
    });
    let (task, _stop) = stage.pump(&doomed);
    let fetched = stage.control.wait_until(Duration::from_secs(5), |control| {
        control.counts().contains_key("getUpdates")
    });
    assert!(fetched.await);
    tokio::time::sleep(Duration::from_millis(100)).await;
    task.abort();

    let keeper = Arc::new(Keeper::default());
    let (task, stop) = stage.pump(&keeper);
    keeper.until(|keeper| keeper.texts().len() == 5).await;
    assert_eq!(
        keeper.texts(),
        (0..5).map(|n| format!("/note {n}")).collect::<Vec<_>>()
    );
    stop.send(true).unwrap();
    task.await.unwrap().unwrap();
    assert_eq!(stage.control.pending_updates(), 0, "confirmed when stopped");
}

#[tokio::test]
async fn what_was_confirmed_is_not_seen_again_and_a_new_count_is_no_trouble() {
    let stage = Stage::new().await;
    let keeper = Arc::new(Keeper::default());
    let (_task, _stop) = stage.pump(&keeper);
    stage.says("/note one");
    keeper.until(|keeper| keeper.texts().len() == 1).await;
    let handled = *keeper.handled.lock().unwrap();
    let confirmed = stage.control.wait_until(Duration::from_secs(5), |control| {
        control.pending_updates() == 0
    });
    assert!(confirmed.await);
    assert_eq!(*keeper.handled.lock().unwrap(), handled);
    // An empty answer, then a week of silence: Telegram counts from another number.
    tokio::time::sleep(Duration::from_millis(5500)).await;
    stage.control.renumber_updates(77);
    stage.says("/note two");
    keeper
        .until(|keeper| keeper.texts() == ["/note one", "/note two"])
        .await;
    assert_eq!(keeper.kept.lock().unwrap().last().unwrap().0, 77);
}

#[tokio::test]
async fn old_updates_are_told_from_new_ones() {
    let stage = Stage::new().await;
    stage.says("/note before the start");
    let keeper = Arc::new(Keeper::default());
    let (_task, _stop) = stage.pump(&keeper);
    keeper.until(|keeper| keeper.texts().len() == 1).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    stage.says("/note after it");
    keeper.until(|keeper| keeper.texts().len() == 2).await;
    let kept = keeper.kept.lock().unwrap();
    let backlog = |text: &str| kept.iter().find(|one| one.1 == text).unwrap().2;
    assert!(backlog("/note before the start"));
    assert!(!backlog("/note after it"));
}

#[tokio::test]
async fn one_bad_update_spares_the_rest() {
    let stage = Stage::new().await;
    stage.says("/note before");
    stage.says("/poison");
    for strange in [
        json!({ "message": 5 }),
        json!({ "message": { "chat": "nowhere", "text": ["not", "text"] } }),
        json!({ "an_update_of_tomorrow": { "deep": { "er": [1, 2, 3] } } }),
        json!({ "callback_query": { "id": 7 } }),
    ] {
        stage.control.raw_update(&strange);
    }
    stage.says("/note after");
    let keeper = Arc::new(Keeper::default());
    let (_task, _stop) = stage.pump(&keeper);
    keeper
        .until(|keeper| keeper.aside.lock().unwrap().len() == 1)
        .await;
    keeper
        .until(|keeper| keeper.texts() == ["/note before", "/note after"])
        .await;
    let aside = keeper.aside.lock().unwrap()[0].clone();
    assert_eq!(
        (aside.kind.as_str(), aside.reason.as_str()),
        ("message", "poison")
    );
    assert!(!aside.redacted.contains("/poison"));
    assert!(
        stage
            .control
            .wait_until(Duration::from_secs(5), |control| control.pending_updates()
                == 0)
            .await
    );
}

#[tokio::test]
async fn another_poller_is_noticed() {
    let stage = Stage::new().await;
    let keeper = Arc::new(Keeper::default());
    let (_task, _stop) = stage.pump(&keeper);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let thief = stage.api();
    let _ = thief.get_updates(None, 1, Duration::ZERO, &[]).await;
    keeper
        .until(|keeper| {
            matches!(
                keeper.notices.lock().unwrap().first(),
                Some(Notice::AnotherReceiver(_))
            )
        })
        .await;
    stage.says("/note still heard");
    keeper
        .until(|keeper| keeper.texts() == ["/note still heard"])
        .await;
    assert_eq!(
        keeper.notices.lock().unwrap().get(1),
        Some(&Notice::ReceiverGone)
    );
}

#[tokio::test]
async fn a_failing_server_is_asked_until_it_answers() {
    let stage = Stage::new().await;
    for kind in [
        FaultKind::Http500,
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::Garbage,
    ] {
        stage.control.set_fault(Fault::times("getUpdates", kind, 2));
    }
    (0..3).for_each(|n| stage.says(&format!("/note {n}")));
    let keeper = Arc::new(Keeper::default());
    let (_task, _stop) = stage.pump(&keeper);
    keeper.until(|keeper| keeper.texts().len() == 3).await;
}

#[tokio::test]
async fn a_wrong_token_ends_it_with_one_clear_line() {
    let stage = Stage::new().await;
    let api = Api::new(&stage.sandbox.api_url(), Secret::new("42:WRONG")).unwrap();
    let (_stop, stopping) = watch::channel(false);
    let pump = Pump::new(
        api,
        Arc::new(Keeper::default()),
        Clock::system(),
        Polling::default(),
        stopping,
    );
    let ended = tokio::time::timeout(Duration::from_secs(5), pump.run())
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(ended, PumpError::Unauthorized);
    assert!(ended.to_string().contains("TELOXIDE_TOKEN"));
}

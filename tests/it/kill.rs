//! `kill -9` at any moment: every command's effect is there exactly once, every visible message arrives.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use breakglass::sandbox;
use breakglass::store::{Ledger, Scope};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use telegram_sandbox::{Control, NewChat, Options, Sandbox};

const COMMANDS: usize = 1_000;
const KILLS: usize = 24;
const CHATS: usize = 10;

struct Bot {
    child: Child,
}

impl Bot {
    fn start(stand_in: &Sandbox, database: &str, owner: i64) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_breakglass"))
            .arg("run")
            .env_clear()
            .env("TELOXIDE_TOKEN", stand_in.token())
            .env("TELOXIDE_API_URL", stand_in.api_url())
            .env("DATABASE_URL", database)
            .env("BREAKGLASS_OWNERS", owner.to_string())
            .env("RUST_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self { child }
    }

    fn kill(mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("it is dead");
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn wait(control: &Control, what: &str, holds: impl Fn(&Control) -> bool) {
    let held = control.wait_until(Duration::from_mins(2), holds).await;
    assert!(
        held,
        "{what}; last calls: {:#?}",
        control.history().iter().rev().take(8).collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_done_twice_by_kills() {
    let stand_in = Sandbox::start(Options::default())
        .await
        .expect("the stand-in starts");
    let control = stand_in.control();
    let world = sandbox::seed(&control);
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("kill.db").display());
    let chats: Vec<i64> = (0..CHATS)
        .map(|n| {
            let chat = control.add_chat(NewChat::group(&format!("Room {n}")));
            control.join(chat, world.owner);
            control.join(chat, world.bob);
            chat
        })
        .collect();

    let mut bot = Bot::start(&stand_in, &database, world.owner);
    for chat in &chats {
        control.add_bot(*chat, world.owner);
        control.make_bot_admin(*chat, world.owner, telegram_sandbox::Rights::ALL);
        control.says(*chat, world.bob, "/declare P1 killed again and again");
    }
    wait(&control, "every chat has its card", |control| {
        chats.iter().all(|chat| !control.pinned(*chat).is_empty())
    })
    .await;

    let mut rng = StdRng::seed_from_u64(7);
    let mut said: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut asked: Vec<(i64, i64)> = Vec::new();
    for round in 0..KILLS {
        let each = COMMANDS / KILLS + usize::from(round < COMMANDS % KILLS);
        for n in 0..each {
            let chat = chats[rng.random_range(0..CHATS)];
            let number = said.len() + asked.len();
            // A few ask for a message of their own; the rest get a reaction.
            if n == 0 {
                asked.push((chat, control.says(chat, world.bob, "/whoami")));
            } else {
                let text = format!("note {number:04}");
                let id = control.says(chat, world.bob, &format!("/note {text}"));
                said.insert(text, (chat, id));
            }
            if rng.random_bool(0.2) {
                tokio::time::sleep(Duration::from_millis(rng.random_range(0..4))).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(rng.random_range(0..250))).await;
        bot.kill();
        bot = Bot::start(&stand_in, &database, world.owner);
    }
    assert_eq!(said.len() + asked.len(), COMMANDS);

    wait(&control, "every command is acknowledged", |control| {
        let marks: BTreeMap<i64, Vec<i64>> = chats
            .iter()
            .map(|chat| {
                let all = control.transcript(*chat);
                (
                    *chat,
                    all.iter()
                        .filter(|it| !it.reactions.is_empty())
                        .map(|it| it.message_id)
                        .collect(),
                )
            })
            .collect();
        control.pending_updates() == 0 && said.values().all(|(chat, id)| marks[chat].contains(id))
    })
    .await;
    wait(&control, "every question is answered", |control| {
        asked.iter().all(|(chat, id)| {
            control
                .transcript(*chat)
                .iter()
                .any(|it| it.is_bot && it.reply_to == Some(*id))
        })
    })
    .await;
    bot.kill();

    let repeats = repeats(&control, &chats, &asked);
    let ledger = Ledger::open(&database, Arc::new(|| 0))
        .await
        .expect("the ledger opens");
    let mut notes: BTreeMap<String, u32> = BTreeMap::new();
    for stream in ledger.streams("incident/").await.expect("streams") {
        for event in ledger
            .stream(&stream)
            .await
            .expect("events")
            .iter()
            .filter(|it| it.kind == "noted")
        {
            let body: serde_json::Value = serde_json::from_str(&event.body).expect("JSON");
            *notes
                .entry(body["text"].as_str().expect("a text").to_owned())
                .or_default() += 1;
        }
    }
    for text in said.keys() {
        assert_eq!(
            notes.get(text),
            Some(&1),
            "{text} must be there exactly once"
        );
    }
    assert_eq!(notes.len(), said.len());
    let report = ledger
        .verify(&Scope::All, &[])
        .await
        .expect("the chain can be read");
    assert!(report.is_whole(), "{:?}", report.faults);
    ledger.close().await;
    crate::harness::figure(&format!(
        "kill -9: {COMMANDS} commands, {KILLS} kills: 0 lost, 0 done twice, {repeats} messages repeated and marked"
    ));
    stand_in.stop().await;
}

/// Answers that came more than once. Only a send that was in flight may be repeated, and says so.
fn repeats(control: &Control, chats: &[i64], asked: &[(i64, i64)]) -> usize {
    let mut repeats = 0;
    for (chat, id) in asked {
        let all = control.transcript(*chat);
        let answers: Vec<_> = all
            .iter()
            .filter(|it| it.is_bot && it.reply_to == Some(*id))
            .collect();
        assert!(answers.len() <= 1 + KILLS, "{answers:?}");
        for repeat in answers.iter().skip(1) {
            assert!(
                repeat.text.contains("repeat"),
                "a repeat must say so: {}",
                repeat.text
            );
        }
        repeats += answers.len() - 1;
    }
    for chat in chats {
        let all = control.transcript(*chat);
        let cards = all
            .iter()
            .filter(|it| it.is_bot && it.text.contains("killed again and again"))
            .count();
        assert!(cards >= 1, "every chat has its card");
        repeats += cards - 1;
    }
    repeats
}

#[tokio::test(flavor = "multi_thread")]
async fn no_evidence_is_lost_by_kills() {
    const FILES: usize = 30;
    const EVIDENCE_KILLS: usize = 6;
    let stand_in = Sandbox::start(Options::default())
        .await
        .expect("the stand-in starts");
    let control = stand_in.control();
    let world = sandbox::seed(&control);
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("kill.db").display());
    let mut bot = Bot::start(&stand_in, &database, world.owner);
    control.add_bot(world.group, world.owner);
    control.says(
        world.group,
        world.bob,
        "/declare P1 killed while it kept evidence",
    );
    wait(&control, "the card is there", |control| {
        let all = control.transcript(world.group);
        all.iter()
            .any(|it| it.is_bot && it.text.contains("killed while"))
    })
    .await;
    // Downloads take their time, so that kills find them under way.
    control.set_fault(telegram_sandbox::Fault {
        method: Some("getFile".to_owned()),
        kind: telegram_sandbox::FaultKind::Hang { ms: 120 },
        probability: 0.8,
        times: None,
    });
    let mut rng = StdRng::seed_from_u64(11);
    let content = |n: usize| format!("file {n}: ").repeat(5_000);
    for n in 0..FILES {
        let say = telegram_sandbox::Say::text(&format!("/evidence file {n}"))
            .document(&format!("{n}.log"), content(n).into_bytes());
        control.send(world.group, world.bob, say);
        if n % (FILES / EVIDENCE_KILLS) == 0 {
            tokio::time::sleep(Duration::from_millis(rng.random_range(100..700))).await;
            bot.kill();
            bot = Bot::start(&stand_in, &database, world.owner);
        }
    }
    control.clear_faults();

    let evidence = folder.path().join("evidence");
    let year = breakglass::clock::Clock::system().now().format("%Y");
    let workspace = evidence.join(format!("SEC-{year}-001"));
    let stored = || std::fs::read_dir(&workspace).map_or(0, Iterator::count);
    for _ in 0..600 {
        if stored() == FILES && control.pending_updates() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // The last event may come a moment after its file: if so, the bot is given another.
    let mut numbers = Vec::new();
    for _ in 0..30 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        bot.kill();
        let ledger = Ledger::open(&database, Arc::new(|| 0)).await;
        let ledger = ledger.expect("the ledger opens");
        numbers = stored_events(&ledger, &format!("incident/SEC-{year}-001")).await;
        let report = ledger.verify(&Scope::All, &[]).await;
        assert!(report.expect("the chain can be read").is_whole());
        ledger.close().await;
        bot = Bot::start(&stand_in, &database, world.owner);
        if numbers.len() >= FILES {
            break;
        }
    }
    bot.kill();
    numbers.sort_unstable();
    let wanted: Vec<u64> = (1..).take(FILES).collect();
    assert_eq!(numbers, wanted, "each is stored once");
    for n in 0..FILES {
        let file = workspace.join(format!("E{}-{n}.log", n + 1));
        let kept = std::fs::read_to_string(&file).expect("it is there");
        assert!(
            kept == content(n),
            "{} is not what was sent",
            file.display()
        );
    }
    crate::harness::figure(&format!(
        "kill -9: {FILES} files kept as evidence, {EVIDENCE_KILLS} kills: 0 lost, 0 stored twice"
    ));
    stand_in.stop().await;
}

/// The numbers of the pieces of evidence that were recorded as stored.
async fn stored_events(ledger: &Ledger, stream: &str) -> Vec<u64> {
    let events = ledger.stream(stream).await.expect("events");
    let stored = events.iter().filter(|it| it.kind == "evidence_stored");
    stored
        .map(|it| {
            let body: serde_json::Value = serde_json::from_str(&it.body).expect("JSON");
            body["number"].as_u64().expect("a number")
        })
        .collect()
}

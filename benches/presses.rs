//! Button presses through pump, decide, ledger and courier, against the stand-in, durable (SQLite, `synchronous=FULL`).
//!
//! `cargo bench` prints presses per second, and the time from a press to its toast at 200 presses a second.
//! Telegram's limits on sending are lifted on both sides for the measurement only.

use std::time::{Duration, Instant};

use breakglass::clock::Clock;
use breakglass::config::{Settings, Telegram};
use breakglass::incident::UserId;
use breakglass::run::{self, Running};
use breakglass::sandbox;
use breakglass::secret::Secret;
use breakglass::telegram::courier::Limits;
use breakglass::telegram::pump::Polling;
use telegram_sandbox::{Control, NewChat, Options, Rights, Sandbox};

const CHATS: usize = 100;
const PRESSES: usize = 30_000;
const RATE: u64 = 200;
const RATE_SECONDS: u64 = 15;

struct Stage {
    stand_in: Sandbox,
    control: Control,
    folder: tempfile::TempDir,
    owner: i64,
    bob: i64,
    /// Chat, card, and the data of a button that ticks an item.
    cards: Vec<(i64, i64, String)>,
}

fn main() {
    // `cargo bench` passes flags of its own; nothing here takes any.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(measure());
}

async fn measure() {
    let (stage, bot) = prepare().await;
    latency(&stage).await;
    bot.stop().await;
    throughput(&stage).await;
    stage.stand_in.stop().await;
}

async fn start(stage: (&Sandbox, &tempfile::TempDir, i64)) -> Running {
    let (stand_in, folder, owner) = stage;
    let settings = Settings {
        telegram: Telegram {
            token: Secret::new(stand_in.token().to_owned()),
            api_url: stand_in.api_url(),
            webhook: None,
        },
        database: format!("sqlite://{}", folder.path().join("bench.db").display()),
        owners: [UserId(owner)].into(),
        home_chat: None,
        recipients: breakglass::evidence::export::seal::Recipients::default(),
        evidence: folder.path().join("evidence"),
        plans: None,
        messages: None,
        listen: "127.0.0.1:0".parse().expect("an address"),
        secret_key: None,
        admin_token: None,
        journal: folder.path().join("bench.journal"),
    };
    let options = run::Options {
        clock: Clock::system(),
        limits: Limits::lifted(),
        polling: Polling::default(),
        seed: None,
        ..run::Options::default()
    };
    run::start(&settings, options)
        .await
        .expect("the bot starts")
}

async fn prepare() -> (Stage, Running) {
    let options = Options {
        limits: false,
        ..Options::default()
    };
    let stand_in = Sandbox::start(options).await.expect("the stand-in starts");
    let control = stand_in.control();
    let world = sandbox::seed(&control);
    let folder = tempfile::Builder::new()
        .prefix("bench")
        .tempdir_in("target")
        .expect("a folder on the disk");
    let bot = start((&stand_in, &folder, world.owner)).await;
    let chats: Vec<i64> = (0..CHATS)
        .map(|n| {
            let chat = control.add_chat(NewChat::group(&format!("Room {n}")));
            control.join(chat, world.owner);
            control.join(chat, world.bob);
            control.add_bot(chat, world.owner);
            control.make_bot_admin(chat, world.owner, Rights::ALL);
            chat
        })
        .collect();
    declarations(&control, &chats, world.bob).await;
    let cards = chats
        .iter()
        .map(|chat| {
            let card = control.pinned(*chat)[0];
            let entry = control.message(*chat, card).expect("the card");
            let data = entry
                .keyboard
                .iter()
                .flatten()
                .find_map(|button| tick(button.callback_data.as_deref()?));
            (*chat, card, data.expect("a button"))
        })
        .collect();
    let stage = Stage {
        stand_in,
        control,
        folder,
        owner: world.owner,
        bob: world.bob,
        cards,
    };
    (stage, bot)
}

/// The time from each `/declare` to its card, one after the other.
async fn declarations(control: &Control, chats: &[i64], who: i64) {
    let mut times = Vec::new();
    for chat in chats {
        let since = Instant::now();
        control.says(*chat, who, "/declare P1 measured");
        let card = |control: &Control| {
            let all = control.transcript(*chat);
            all.iter()
                .any(|entry| entry.is_bot && !entry.keyboard.is_empty())
        };
        let there = control.wait_until(Duration::from_secs(30), card).await;
        assert!(there, "a declaration posts a card");
        times.push(since.elapsed());
    }
    let all_pinned = |control: &Control| chats.iter().all(|chat| !control.pinned(*chat).is_empty());
    assert!(
        control.wait_until(Duration::from_mins(1), all_pinned).await,
        "every card is pinned"
    );
    print_times("from /declare to the card", &mut times);
}

fn print_times(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |share: usize| {
        let index = (times.len() * share / 100).min(times.len() - 1);
        times[index].as_secs_f64() * 1000.0
    };
    println!(
        "{what}: p50 {:.1} ms, p99 {:.1} ms (n = {})",
        at(50),
        at(99),
        times.len()
    );
}

/// Presses at a steady rate; the time until each one's toast.
async fn latency(stage: &Stage) {
    let control = &stage.control;
    let mut waiting: Vec<(String, Instant)> = Vec::new();
    let mut times: Vec<Duration> = Vec::new();
    let begin = Instant::now();
    let total = usize::try_from(RATE * RATE_SECONDS).expect("a small number");
    let mut pressed = 0;
    while times.len() < total {
        let due =
            usize::try_from(begin.elapsed().as_millis() * u128::from(RATE) / 1000).unwrap_or(total);
        while pressed < due.min(total) {
            let press = press(stage, pressed);
            waiting.push((press, Instant::now()));
            pressed += 1;
        }
        waiting.retain(|(press, since)| {
            let answered = control.toast(press).is_some();
            if answered {
                times.push(since.elapsed());
            }
            !answered
        });
        tokio::time::sleep(Duration::from_micros(250)).await;
        assert!(
            begin.elapsed() < Duration::from_mins(2),
            "{} presses were not answered",
            waiting.len()
        );
    }
    print_times(
        &format!("from a press to its toast, at {RATE} presses/s"),
        &mut times,
    );
}

/// A full queue, worked off as fast as possible.
async fn throughput(stage: &Stage) {
    let answered = |control: &Control| {
        control
            .counts()
            .get("answerCallbackQuery")
            .copied()
            .unwrap_or(0)
    };
    let before = answered(&stage.control);
    for n in 0..PRESSES {
        press(stage, n);
    }
    let begin = Instant::now();
    let bot = start((&stage.stand_in, &stage.folder, stage.owner)).await;
    let wanted = before + u64::try_from(PRESSES).expect("a small number");
    let done = stage
        .control
        .wait_until(Duration::from_mins(2), |control| {
            answered(control) >= wanted
        })
        .await;
    let time = begin.elapsed().as_secs_f64();
    assert!(
        done,
        "{} of {PRESSES} presses were answered",
        answered(&stage.control) - before
    );
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let rate = PRESSES as f64 / time;
    println!(
        "presses through pump, decide, ledger and courier: {rate:.0}/s ({PRESSES} in {time:.2} s, {CHATS} chats)"
    );
    let edits = stage
        .control
        .counts()
        .get("editMessageText")
        .copied()
        .unwrap_or(0);
    println!("  with {edits} edits of cards since the start");
    bot.stop().await;
}

/// Every press changes something: an item is ticked, then unticked, chat by chat.
fn press(stage: &Stage, n: usize) -> String {
    let (chat, card, data) = &stage.cards[n % CHATS];
    let data = if (n / CHATS).is_multiple_of(2) {
        data.clone()
    } else {
        untick(data)
    };
    stage.control.press(*chat, stage.bob, *card, &data)
}

/// The press of an item's button, for the incident that any button of the card speaks of.
fn tick(data: &str) -> Option<String> {
    use breakglass::messages::press::Press;
    let Press::Next { incident, .. } = Press::decode(data)? else {
        return None;
    };
    let item = "systems_isolated".to_owned();
    Some(Press::Tick { incident, item }.encode())
}

fn untick(data: &str) -> String {
    use breakglass::messages::press::Press;
    match Press::decode(data) {
        Some(Press::Tick { incident, item }) => Press::Untick { incident, item }.encode(),
        other => panic!("{data:?} does not tick: {other:?}"),
    }
}

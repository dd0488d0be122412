//! Listens to everything that this process logs, at every level, and to its panics.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use tracing_subscriber::EnvFilter;

use super::scan::{self, Matcher};

/// What was heard so far.
#[derive(Default)]
pub struct Heard {
    lines: u64,
    bytes: u64,
    panics: u64,
    found: Vec<String>,
    /// All of it: some secrets are known only afterwards.
    all: Vec<u8>,
}

static HEARD: Mutex<Heard> = Mutex::new(Heard {
    lines: 0,
    bytes: 0,
    panics: 0,
    found: Vec::new(),
    all: Vec::new(),
});

fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Heard {
    pub fn hear(&mut self, matcher: &Matcher, what: &str, line: &[u8]) {
        self.lines += 1;
        self.bytes += line.len() as u64;
        self.all.extend_from_slice(line);
        if let Some((name, _)) = matcher.find(line) {
            let line = String::from_utf8_lossy(line);
            self.found.push(format!("{what}: {name}: {line}"));
        }
    }

    pub fn found(&self) -> &[String] {
        &self.found
    }
}

/// A log that is listened to; each event comes in one piece.
pub struct Ear<'h> {
    pub matcher: Arc<Matcher>,
    pub heard: &'h Mutex<Heard>,
}

impl io::Write for Ear<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        lock(self.heard).hear(&self.matcher, "log", line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything of ours and of what carries our requests; the rest as a talkative operator would set it.
const FILTER: &str = "debug,breakglass=trace,telegram_sandbox=trace,reqwest=trace,hyper_util=trace,hyper=trace,sqlx=debug";

/// Begins to listen, once.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let matcher = scan::usual();
        let ear = move || Ear {
            matcher: Arc::clone(&matcher),
            heard: &HEARD,
        };
        // Another one may have been faster: then there is nothing to hear here, and the figure says so.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(FILTER))
            .with_ansi(false)
            .with_writer(ear)
            .try_init();
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let line = breakglass::panics::line(info);
            let mut heard = lock(&HEARD);
            heard.panics += 1;
            heard.hear(&scan::usual(), "panic", line.as_bytes());
            drop(heard);
            usual(info);
        }));
    });
}

/// Lines and bytes that were heard.
pub fn heard() -> (u64, u64) {
    let heard = lock(&HEARD);
    (heard.lines, heard.bytes)
}

/// All that was logged.
pub fn everything() -> Vec<u8> {
    lock(&HEARD).all.clone()
}

/// How often anything panicked.
pub fn panics() -> u64 {
    lock(&HEARD).panics
}

/// What gives a secret away.
pub fn found() -> Vec<String> {
    lock(&HEARD).found.clone()
}

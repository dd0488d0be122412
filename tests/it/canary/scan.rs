//! Looks for secrets in artefacts, also for pieces of them, and in the codings that they travel in.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};
use telegram_sandbox::Control;

use super::{ADMIN, PURPOSES, secret};

/// A piece of so many bytes is as bad as the whole: what cuts a text must not cut a secret out of sight.
const PIECE: usize = 12;

/// The secrets and all that gives them away.
pub struct Matcher {
    patterns: AhoCorasick,
    /// Which secret a pattern belongs to, and in which form.
    meant: Vec<(String, &'static str)>,
}

impl Matcher {
    pub fn of(secrets: &[(String, String)]) -> Self {
        let mut all: BTreeMap<Vec<u8>, (String, &'static str)> = BTreeMap::new();
        for (name, secret) in secrets {
            for (piece, form) in pieces(secret) {
                all.entry(piece).or_insert((name.clone(), form));
            }
        }
        let (patterns, meant): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        let patterns = AhoCorasick::new(patterns).expect("patterns");
        Self { patterns, meant }
    }

    /// The first secret that is in there: whose, in which form, and where.
    pub fn find(&self, bytes: &[u8]) -> Option<(String, usize)> {
        let hit = self.patterns.find(bytes)?;
        let (name, form) = &self.meant[hit.pattern().as_usize()];
        Some((format!("{name}, {form}"), hit.start()))
    }
}

/// What the suite carries.
pub fn usual() -> Arc<Matcher> {
    static USUAL: LazyLock<Arc<Matcher>> = LazyLock::new(|| {
        let mut all: Vec<(String, String)> = PURPOSES
            .map(|purpose| (purpose.to_owned(), secret(purpose)))
            .into();
        all.push(("admin token".to_owned(), ADMIN.to_owned()));
        Arc::new(Matcher::of(&all))
    });
    Arc::clone(&USUAL)
}

fn pieces(secret: &str) -> BTreeSet<(Vec<u8>, &'static str)> {
    let mut found = BTreeSet::new();
    let mut add = |text: &str, least: usize, form: &'static str| {
        let bytes = text.as_bytes();
        if bytes.len() <= least {
            found.insert((bytes.to_vec(), form));
            return;
        }
        for start in [0, (bytes.len() - least) / 2, bytes.len() - least] {
            found.insert((bytes[start..start + least].to_vec(), form));
        }
    };
    add(secret, PIECE, "as it is");
    add(&secret.to_lowercase(), PIECE, "in lower case");
    add(&secret.to_uppercase(), PIECE, "in upper case");
    let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    add(&percent, PIECE, "percent-encoded");
    let json = serde_json::to_string(secret).expect("a text");
    add(&json[1..json.len() - 1], PIECE, "in JSON");
    let hex = hexadecimal(secret);
    add(&hex, 2 * PIECE, "in hexadecimal");
    add(&hex.to_uppercase(), 2 * PIECE, "in hexadecimal");
    // Inside of something longer, a secret begins at one of three places of the coding.
    for shift in 0..3_usize {
        let mut shifted = vec![0; shift];
        shifted.extend_from_slice(secret.as_bytes());
        let (begin, end) = ((shift * 8).div_ceil(6), shifted.len() / 3 * 4);
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let text = engine.encode(&shifted);
            add(
                &text[begin..end.min(text.len())],
                PIECE / 3 * 4,
                "in base64",
            );
        }
    }
    found
}

pub fn hexadecimal(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// What was looked at, and what was found.
pub struct Scan {
    matcher: Arc<Matcher>,
    pub artefacts: u64,
    pub bytes: u64,
    pub found: Vec<String>,
}

impl Scan {
    pub fn usual() -> Self {
        Self::with(usual())
    }

    pub fn with(matcher: Arc<Matcher>) -> Self {
        Self {
            matcher,
            artefacts: 0,
            bytes: 0,
            found: Vec::new(),
        }
    }

    /// For a secret that is made while a story goes on.
    pub fn of(name: &str, secret: &str) -> Self {
        let known = (name.to_owned(), secret.to_owned());
        Self::with(Arc::new(Matcher::of(&[known])))
    }

    /// Everything that this process logged so far.
    pub fn log(&mut self) {
        self.look("the log", &super::log::everything());
    }

    /// One artefact, and what is packed in it.
    pub fn look(&mut self, place: &str, bytes: &[u8]) {
        self.artefacts += 1;
        self.bytes += bytes.len() as u64;
        if let Some((what, at)) = self.matcher.find(bytes) {
            let around = &bytes[at.saturating_sub(60)..bytes.len().min(at + 60)];
            let around = String::from_utf8_lossy(around).into_owned();
            self.found.push(format!("{place}: {what}: …{around}…"));
        }
        if bytes.starts_with(b"PK\x03\x04") {
            self.archive(place, bytes);
        }
    }

    fn archive(&mut self, place: &str, bytes: &[u8]) {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).expect("a file in it");
            let name = file.name().expect("its name").into_owned();
            let inside = format!("{place}, {name}");
            let mut content = Vec::new();
            file.read_to_end(&mut content).expect("its content");
            drop(file);
            self.look(&inside, &content);
        }
    }

    /// All that Telegram was told, what people see of the bot, and the files that they were sent. What people wrote
    /// themselves comes back in the answers to `getUpdates`.
    pub fn stand_in(&mut self, control: &Control) {
        for call in control.history() {
            self.look(&call.method, call.params.to_string().as_bytes());
            if call.method != "getUpdates" {
                self.look(&call.method, format!("{:?}", call.outcome).as_bytes());
            }
        }
        for chat in control.chats() {
            for entry in control.transcript(chat).iter().filter(|it| it.is_bot) {
                self.look("a message", format!("{entry:?}").as_bytes());
                if let Some(file) = &entry.file {
                    let bytes = control.file_bytes(&file.file_id).unwrap_or_default();
                    self.look(&file.name, &bytes);
                }
            }
        }
        self.look(
            "command lists",
            format!("{:?}", control.all_commands()).as_bytes(),
        );
    }

    /// Every column of every row.
    pub async fn ledger(&mut self, file: &Path) {
        let url = format!("sqlite://{}?mode=ro", file.display());
        let mut base = SqliteConnection::connect(&url).await.expect("the ledger");
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table'";
        let tables = sqlx::query_scalar::<_, String>(tables);
        for table in tables.fetch_all(&mut base).await.expect("tables") {
            let columns = "SELECT name FROM pragma_table_info($1)";
            let columns = sqlx::query_scalar::<_, String>(columns).bind(&table);
            let columns = columns.fetch_all(&mut base).await.expect("columns");
            let as_bytes: Vec<String> = columns
                .iter()
                .map(|it| format!("CAST(\"{it}\" AS BLOB)"))
                .collect();
            let query = format!("SELECT {} FROM \"{table}\"", as_bytes.join(", "));
            let rows = sqlx::query(AssertSqlSafe(query)).fetch_all(&mut base);
            for row in rows.await.expect("rows") {
                for (index, column) in columns.iter().enumerate() {
                    let value: Option<Vec<u8>> = row.get(index);
                    let value = value.unwrap_or_default();
                    if !value.is_empty() {
                        self.look(&format!("{table}.{column}"), &value);
                    }
                }
            }
        }
        base.close().await.expect("an end");
    }

    /// Files, their names too. What is generated lies in a private folder of its own until it is where it belongs.
    pub fn files(&mut self, files: &[PathBuf]) {
        for file in files {
            let name = file.display().to_string();
            if name.contains("/generated-secrets/") {
                continue;
            }
            self.look("the name of a file", name.as_bytes());
            let content = std::fs::read(file).unwrap_or_default();
            self.look(&name, &content);
        }
    }
}

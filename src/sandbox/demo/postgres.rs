//! A stand-in for the administrator's side of PostgreSQL: speaks its protocol, and knows the handful of statements with
//! which the plans change roles and look at connections. The administrator is let in without a word: it listens on loopback
//! and holds nothing. Others need the password that their role was given last.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::Machine;

/// The largest message that is read.
const MAX_MESSAGE: usize = 256 * 1024;
/// Who is let in without a password.
const ADMINISTRATOR: &str = "admin";
const SSL_REQUEST: u32 = 80_877_103;
const TEXT: u32 = 25;
const BOOL: u32 = 16;
const INT4: u32 = 23;

/// Serves until it is aborted.
pub(super) async fn serve(listener: TcpListener, machine: Arc<Machine>) {
    while let Ok((stream, _)) = listener.accept().await {
        machine.queried();
        let machine = Arc::clone(&machine);
        tokio::spawn(async move {
            let mut session = Session {
                stream,
                machine,
                variable: None,
                prepared: HashMap::new(),
                sql: String::new(),
                bound: Vec::new(),
                binary: false,
                standing: b'I',
                broken: false,
            };
            if let Err(error) = session.run().await {
                tracing::debug!("a connection to the demo's database ended: {error}");
            }
        });
    }
}

struct Session {
    stream: TcpStream,
    machine: Arc<Machine>,
    /// What `set_config` put into the transaction.
    variable: Option<String>,
    /// Prepared statements by name: text and types of the parameters.
    prepared: HashMap<String, (String, Vec<u32>)>,
    /// The statement that was bound.
    sql: String,
    bound: Vec<String>,
    binary: bool,
    /// How a transaction stands: `I` none, `T` open, `E` failed.
    standing: u8,
    /// A statement failed: everything up to the next Sync is passed over.
    broken: bool,
}

/// What a statement gives.
struct Answer {
    rows: Vec<Vec<String>>,
    tag: String,
}

impl Session {
    async fn run(&mut self) -> io::Result<()> {
        loop {
            let body = self.read_sized().await?;
            if Reader(&body).u32() == Some(SSL_REQUEST) {
                self.stream.write_all(b"N").await?;
                continue;
            }
            if !self.admitted(&user_of(&body)).await? {
                return Ok(());
            }
            break;
        }
        let mut hello = message(b'R', &0_u32.to_be_bytes());
        hello.extend(message(b'S', b"server_version\x0015.0\x00"));
        hello.extend(message(b'S', b"client_encoding\x00UTF8\x00"));
        hello.extend(message(b'K', &[0; 8]));
        hello.extend(message(b'Z', b"I"));
        self.stream.write_all(&hello).await?;
        loop {
            let kind = self.stream.read_u8().await?;
            let body = self.read_sized().await?;
            if kind == b'X' {
                return Ok(());
            }
            let out = self.handle(kind, &body);
            self.stream.write_all(&out).await?;
        }
    }

    /// Asks for the role's password, unless it is the administrator's.
    async fn admitted(&mut self, role: &str) -> io::Result<bool> {
        if role == ADMINISTRATOR {
            return Ok(true);
        }
        let asking = message(b'R', &3_u32.to_be_bytes());
        self.stream.write_all(&asking).await?;
        let kind = self.stream.read_u8().await?;
        let given = Reader(&self.read_sized().await?).text();
        let known = self.machine.outside().passwords.get(role).cloned();
        if kind == b'p' && known.is_some_and(|it| it == given) {
            return Ok(true);
        }
        let why = format!("password authentication failed for user \"{role}\"");
        let refusal = self.refuse("28P01", &why);
        self.stream.write_all(&refusal).await?;
        Ok(false)
    }

    async fn read_sized(&mut self) -> io::Result<Vec<u8>> {
        let size = self.stream.read_u32().await? as usize;
        if !(4..=MAX_MESSAGE).contains(&size) {
            return Err(io::Error::other("a message of an odd size"));
        }
        let mut body = vec![0; size - 4];
        self.stream.read_exact(&mut body).await?;
        Ok(body)
    }

    fn handle(&mut self, kind: u8, body: &[u8]) -> Vec<u8> {
        if kind == b'S' {
            self.broken = false;
            return message(b'Z', &[self.standing]);
        }
        if self.broken {
            return Vec::new();
        }
        let mut reader = Reader(body);
        let out = match kind {
            b'Q' => return self.simple(&reader.text()),
            b'P' => self.parse(&mut reader),
            b'D' => self.describe(&mut reader),
            b'B' => self.bind(&mut reader),
            b'E' => Some(self.execute()),
            b'C' => Some(message(b'3', b"")),
            b'H' => Some(Vec::new()),
            _ => None,
        };
        out.unwrap_or_else(|| self.refuse("08P01", "a message that the demo does not know"))
    }

    fn parse(&mut self, reader: &mut Reader<'_>) -> Option<Vec<u8>> {
        let (name, sql) = (reader.text(), reader.text());
        let count = reader.u16()?;
        let types = (0..count).map(|_| reader.u32()).collect::<Option<_>>()?;
        self.prepared.insert(name, (sql, types));
        Some(message(b'1', b""))
    }

    fn describe(&self, reader: &mut Reader<'_>) -> Option<Vec<u8>> {
        if reader.bytes(1)? != b"S" {
            return Some(described(&self.sql, self.binary));
        }
        let (sql, types) = self.prepared.get(&reader.text())?;
        let wanted = sql.contains("$1").then_some(TEXT);
        let given = types.first().copied().filter(|it| *it != 0);
        let types: Vec<u32> = wanted
            .map(|text| given.unwrap_or(text))
            .into_iter()
            .collect();
        let mut body = count(types.len()).to_vec();
        body.extend(types.iter().flat_map(|it| it.to_be_bytes()));
        let mut out = message(b't', &body);
        out.extend(described(sql, self.binary));
        Some(out)
    }

    fn bind(&mut self, reader: &mut Reader<'_>) -> Option<Vec<u8>> {
        reader.text();
        let (sql, _) = self.prepared.get(&reader.text())?;
        self.sql.clone_from(sql);
        for _ in 0..reader.u16()? {
            reader.u16()?;
        }
        self.bound.clear();
        for _ in 0..reader.u16()? {
            let size = reader.u32()?;
            let value = if size == u32::MAX {
                &[][..]
            } else {
                reader.bytes(size as usize)?
            };
            self.bound.push(String::from_utf8_lossy(value).into_owned());
        }
        let mut formats = (0..reader.u16()?).map(|_| reader.u16());
        self.binary = formats.next().flatten() == Some(1);
        Some(message(b'2', b""))
    }

    fn execute(&mut self) -> Vec<u8> {
        let sql = self.sql.clone();
        let bound = std::mem::take(&mut self.bound);
        match self.answer(&sql, bound.first().map(String::as_str)) {
            Ok(answer) => given(&sql, &answer, self.binary),
            Err(why) => self.refuse("42601", &why),
        }
    }

    /// One or more statements without parameters.
    fn simple(&mut self, sql: &str) -> Vec<u8> {
        let mut out = match self.answer(sql, None) {
            Ok(answer) => {
                let mut out = if columns(sql).is_empty() {
                    Vec::new()
                } else {
                    described(sql, false)
                };
                out.extend(given(sql, &answer, false));
                out
            }
            Err(why) => self.refuse("42601", &why),
        };
        self.broken = false;
        out.extend(message(b'Z', &[self.standing]));
        out
    }

    fn answer(&mut self, sql: &str, first: Option<&str>) -> Result<Answer, String> {
        self.machine.queried();
        let text = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = text.trim_end_matches(';');
        if let Some(inner) = inside_json(text) {
            let columns = columns(inner);
            let plain = self.answer(inner, first)?;
            let rows = plain.rows.into_iter().map(|row| {
                let named = columns.iter().map(|it| it.0.to_owned()).zip(row);
                let object: serde_json::Map<_, _> = named.map(|(k, v)| (k, v.into())).collect();
                vec![serde_json::Value::Object(object).to_string()]
            });
            return Ok(Answer {
                rows: rows.collect(),
                tag: plain.tag,
            });
        }
        if text == "SELECT set_config('statement_timeout', $1, true)" {
            let value = first.unwrap_or_default().to_owned();
            return Ok(Answer {
                rows: vec![vec![value]],
                tag: "SELECT 1".to_owned(),
            });
        }
        let done = |tag: &str| {
            Ok(Answer {
                rows: Vec::new(),
                tag: tag.to_owned(),
            })
        };
        let word = text.split(' ').next().unwrap_or_default().to_uppercase();
        let mut outside = self.machine.outside();
        if let Some(rest) = text.strip_prefix("ALTER ROLE ") {
            let (_, set) = rest.split_once(' ').unwrap_or((rest, ""));
            outside.read_only = match set {
                "SET default_transaction_read_only = on" => true,
                "SET default_transaction_read_only = off" => false,
                _ => return Err(unknown(text)),
            };
            return done("ALTER ROLE");
        }
        if text == "SELECT set_config('breakglass.pw', $1, true)" {
            let value = first.unwrap_or_default().to_owned();
            self.variable = Some(value.clone());
            return Ok(Answer {
                rows: vec![vec![value]],
                tag: "SELECT 1".to_owned(),
            });
        }
        if let Some(role) = role_of_do(text) {
            let password = self.variable.clone();
            let password = password.ok_or("unrecognized configuration parameter")?;
            outside.passwords.insert(role.to_owned(), password);
            return done("DO");
        }
        if text == "SELECT 1 AS signed_in" {
            return Ok(Answer {
                rows: vec![vec!["1".to_owned()]],
                tag: "SELECT 1".to_owned(),
            });
        }
        if text.contains("pg_terminate_backend") {
            let role = first.unwrap_or_default();
            let before = outside.connections.len();
            // The app connects anew at once; others stay away.
            if role == "tars_app" || role == "jarvis" {
                for (pid, _) in outside
                    .connections
                    .iter_mut()
                    .filter(|(_, its)| its == role)
                {
                    *pid += 100;
                }
            } else {
                outside.connections.retain(|(_, its)| its != role);
            }
            let back = outside.connections.iter().filter(|(_, its)| its == role);
            let ended = before - outside.connections.len() + back.count();
            return Ok(Answer {
                rows: vec![vec!["t".to_owned()]; ended],
                tag: format!("SELECT {ended}"),
            });
        }
        if text.contains("FROM pg_stat_activity") {
            let rows: Vec<Vec<String>> = outside.connections.iter().map(connection).collect();
            let tag = format!("SELECT {}", rows.len());
            return Ok(Answer { rows, tag });
        }
        match word.as_str() {
            "SET" => done(&word),
            "BEGIN" => {
                self.standing = b'T';
                done(&word)
            }
            // What was set for the transaction ends with it.
            "COMMIT" | "ROLLBACK" => {
                self.variable = None;
                self.standing = b'I';
                done(&word)
            }
            _ => Err(unknown(text)),
        }
    }

    fn refuse(&mut self, code: &str, why: &str) -> Vec<u8> {
        self.broken = true;
        if self.standing == b'T' {
            self.standing = b'E';
        }
        let body = format!("SERROR\0VERROR\0C{code}\0M{why}\0\0");
        message(b'E', body.as_bytes())
    }
}

/// Who wants to come in: the start-up message holds names and values in turn, behind its version.
fn user_of(body: &[u8]) -> String {
    let mut reader = Reader(body);
    reader.u32();
    loop {
        match reader.text().as_str() {
            "" => return String::new(),
            "user" => return reader.text(),
            _ => reader.text(),
        };
    }
}

fn unknown(sql: &str) -> String {
    let shown: String = sql.chars().take(60).collect();
    format!("the demo's database does not know this statement: {shown}")
}

/// `tars_app` of the block that sets its password.
fn role_of_do(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("DO $body$ BEGIN EXECUTE format('ALTER ROLE ")?;
    rest.split_once(" PASSWORD %L', current_setting('breakglass.pw'))")
        .map(|(role, _)| role)
}

fn connection((pid, role): &(i32, String)) -> Vec<String> {
    [
        &pid.to_string(),
        role,
        "203.0.113.66",
        "psql",
        "2026-02-17 01:02:00+00",
        "active",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The statement whose rows are asked for as JSON.
fn inside_json(sql: &str) -> Option<&str> {
    sql.strip_prefix("SELECT row_to_json(breakglass_row)::text FROM ( ")?
        .strip_suffix(" ) AS breakglass_row")
}

/// Names and types of what a statement gives.
fn columns(sql: &str) -> Vec<(&'static str, u32)> {
    if sql.contains("row_to_json(breakglass_row)") {
        vec![("row_to_json", TEXT)]
    } else if sql.contains("signed_in") {
        vec![("signed_in", INT4)]
    } else if sql.contains("set_config") {
        vec![("set_config", TEXT)]
    } else if sql.contains("pg_terminate_backend") {
        vec![("pg_terminate_backend", BOOL)]
    } else if sql.contains("FROM pg_stat_activity") {
        vec![
            ("pid", INT4),
            ("usename", TEXT),
            ("client_addr", TEXT),
            ("application_name", TEXT),
            ("backend_start", TEXT),
            ("state", TEXT),
        ]
    } else {
        Vec::new()
    }
}

fn described(sql: &str, binary: bool) -> Vec<u8> {
    let columns = columns(sql);
    if columns.is_empty() {
        return message(b'n', b"");
    }
    let mut body = count(columns.len()).to_vec();
    for (name, of) in columns {
        body.extend(name.as_bytes());
        body.extend([0; 7]);
        body.extend(of.to_be_bytes());
        let size: i16 = match of {
            BOOL => 1,
            INT4 => 4,
            _ => -1,
        };
        body.extend(size.to_be_bytes());
        body.extend((-1_i32).to_be_bytes());
        body.extend(u16::from(binary).to_be_bytes());
    }
    message(b'T', &body)
}

fn given(sql: &str, answer: &Answer, binary: bool) -> Vec<u8> {
    let columns = columns(sql);
    let mut out = Vec::new();
    for row in &answer.rows {
        let mut body = count(row.len()).to_vec();
        for (value, (_, of)) in row.iter().zip(&columns) {
            let bytes = match (*of, binary) {
                (BOOL, true) => vec![u8::from(value == "t")],
                (INT4, true) => value
                    .parse::<i32>()
                    .unwrap_or_default()
                    .to_be_bytes()
                    .to_vec(),
                _ => value.clone().into_bytes(),
            };
            body.extend(u32::try_from(bytes.len()).unwrap_or_default().to_be_bytes());
            body.extend(bytes);
        }
        out.extend(message(b'D', &body));
    }
    out.extend(message(b'C', format!("{}\0", answer.tag).as_bytes()));
    out
}

fn count(of: usize) -> [u8; 2] {
    u16::try_from(of).unwrap_or_default().to_be_bytes()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 4).unwrap_or_default();
    let mut out = vec![kind];
    out.extend(size.to_be_bytes());
    out.extend(body);
    out
}

/// Takes a message apart.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, size: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(size)?;
        self.0 = rest;
        Some(head)
    }

    fn u16(&mut self) -> Option<u16> {
        self.bytes(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.bytes(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    /// Up to the next NUL.
    fn text(&mut self) -> String {
        let end = self.0.iter().position(|byte| *byte == 0);
        let text = self.bytes(end.unwrap_or(self.0.len())).unwrap_or_default();
        let _ = self.bytes(1);
        String::from_utf8_lossy(text).into_owned()
    }
}

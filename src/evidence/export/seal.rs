//! Encryption of exports by the program `age`, for those whom the installation names.
//!
//! The ZIP goes to the program's standard input and comes back encrypted: no readable copy of it is ever written. A program,
//! not a library: the library would bring fifty crates into every build for a setting that few use.

use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::JoinHandle;

use super::super::vault::{Intake, VaultError};

/// Bytes of what the program says when it fails.
const SAID_MAX: u64 = 400;

/// Who can read exports. Nobody named: they are not encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients(Vec<String>);

/// Exports cannot be encrypted as the settings say.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Not the public key of a recipient. It is not shown: it may be a secret key, put there by mistake.
    #[error("number {0} is not a recipient: `age-keygen -y FILE` shows one, it begins with age1")]
    NotARecipient(usize),
    /// There is no such program.
    #[error("the program age cannot be run ({0}): install it, or leave the setting empty")]
    NoProgram(io::Error),
    /// It does not take the recipients.
    #[error("age refuses: {0}")]
    Refused(String),
}

impl Recipients {
    /// Reads a list, separated by commas or spaces.
    pub fn read(list: &str) -> Result<Self, SealError> {
        list.split([',', ' ', ';'])
            .filter(|word| !word.is_empty())
            .enumerate()
            .map(|(index, word)| {
                let key = word.strip_prefix("age1").unwrap_or_default();
                let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
                if key.len() >= 40 && key.len() <= 3000 && key.bytes().all(fits) {
                    Ok(word.to_owned())
                } else {
                    Err(SealError::NotARecipient(index + 1))
                }
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether nobody is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Encrypts nothing, to see now and not in an incident whether it can be done.
    pub fn check(&self) -> Result<(), SealError> {
        if self.is_empty() {
            return Ok(());
        }
        let run = self.program().stdin(Stdio::null()).output();
        let run = run.map_err(SealError::NoProgram)?;
        if run.status.success() {
            Ok(())
        } else {
            Err(SealError::Refused(said(&run.stderr)))
        }
    }

    fn program(&self) -> Command {
        let mut program = Command::new("age");
        program.arg("--encrypt").env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            program.env("PATH", path);
        }
        for one in &self.0 {
            program.arg("--recipient").arg(one);
        }
        program
    }
}

/// Where an export's bytes go.
#[derive(Debug)]
pub(super) enum Sink {
    /// As they are.
    Plain(Intake),
    /// Through the program.
    Sealed(Sealed),
}

/// The program at work.
#[derive(Debug)]
pub(super) struct Sealed {
    program: Child,
    into: Option<ChildStdin>,
    out: Option<JoinHandle<Result<Intake, VaultError>>>,
}

impl Sink {
    pub(super) fn new(recipients: &Recipients, intake: Intake) -> io::Result<Self> {
        if recipients.is_empty() {
            return Ok(Self::Plain(intake));
        }
        let mut program = recipients
            .program()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let into = program.stdin.take();
        let from = program.stdout.take();
        // Read beside the writing: a full pipe would stop both.
        let out = std::thread::spawn(move || match from {
            Some(from) => intake.fill(from),
            None => Ok(intake),
        });
        Ok(Self::Sealed(Sealed {
            program,
            into,
            out: Some(out),
        }))
    }

    /// Everything was written: the intake holds all of it.
    pub(super) fn close(self) -> Result<Intake, VaultError> {
        match self {
            Self::Plain(intake) => Ok(intake),
            Self::Sealed(sealed) => sealed.close(),
        }
    }
}

impl Sealed {
    fn close(mut self) -> Result<Intake, VaultError> {
        self.into = None;
        let failed = |why: String| VaultError::Source(io::Error::other(why));
        let out = self.out.take().map(JoinHandle::join);
        let mut words = Vec::new();
        if let Some(from) = self.program.stderr.take() {
            let _ = from.take(SAID_MAX).read_to_end(&mut words);
        }
        let status = self.program.wait().map_err(VaultError::Source)?;
        if !status.success() {
            return Err(failed(format!("age refuses: {}", said(&words))));
        }
        match out {
            Some(Ok(intake)) => intake,
            _ => Err(failed("age was not heard to its end".to_owned())),
        }
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        // Given up half-way, nothing of it is kept. After `close` the program has ended already.
        self.into = None;
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Write for Sink {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(intake) => intake.write(piece),
            Self::Sealed(sealed) => match &mut sealed.into {
                Some(into) => into.write(piece),
                None => Err(io::ErrorKind::BrokenPipe.into()),
            },
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(intake) => intake.flush(),
            Self::Sealed(sealed) => sealed.into.as_mut().map_or(Ok(()), Write::flush),
        }
    }
}

fn said(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

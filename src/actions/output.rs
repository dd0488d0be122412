//! Keeps the beginning of what a step prints or answers, hashes and counts all of it, whatever its size.

use std::fs::File;
use std::io::{self, Write as _};

use sha2::{Digest, Sha256};

use super::redact::{Redactor, Stream};
use super::{Done, Output, Status};
use crate::incident::StepFact;

/// The longest summary, in characters.
const SUMMARY: usize = 200;

/// Where the kept part goes, and how much of it.
#[derive(Debug)]
pub(super) struct Keep {
    /// Bytes at most.
    pub(super) cap: u64,
    /// Into this file instead of memory.
    pub(super) file: Option<File>,
}

impl Keep {
    pub(super) fn in_memory(cap: u64) -> Self {
        Self { cap, file: None }
    }
}

/// Takes chunks as they come; memory stays within the cap.
pub(super) struct Keeper {
    /// None once the cap is reached.
    stream: Option<Stream>,
    clean: Vec<u8>,
    keep: Keep,
    written: u64,
    total: u64,
    hash: Sha256,
    broken: Option<io::Error>,
}

impl Keeper {
    pub(super) fn new(redactor: &Redactor, keep: Keep) -> Self {
        Self {
            stream: Some(redactor.stream()),
            clean: Vec::new(),
            keep,
            written: 0,
            total: 0,
            hash: Sha256::new(),
            broken: None,
        }
    }

    pub(super) fn take(&mut self, chunk: &[u8]) {
        self.total += chunk.len() as u64;
        self.hash.update(chunk);
        if let Some(stream) = &mut self.stream {
            stream.push(chunk, &mut self.clean);
            self.settle();
        }
    }

    /// Cuts at the cap, and moves what is clean into the file if there is one.
    fn settle(&mut self) {
        let left = usize::try_from(self.keep.cap - self.written).unwrap_or(usize::MAX);
        if self.clean.len() >= left {
            self.clean.truncate(left);
            self.stream = None;
        }
        if let Some(file) = &mut self.keep.file {
            self.written += self.clean.len() as u64;
            if let Err(error) = file.write_all(&self.clean) {
                self.stream = None;
                self.broken = Some(error);
            }
            self.clean.clear();
        }
    }

    /// The end. An error: the file could not be written.
    pub(super) fn finish(mut self) -> io::Result<Output> {
        if let Some(stream) = self.stream.take() {
            stream.finish(&mut self.clean);
            self.settle();
        }
        if let Some(error) = self.broken {
            return Err(error);
        }
        if let Some(file) = &self.keep.file {
            file.sync_all()?;
        }
        Ok(Output {
            kept: self.clean,
            total: self.total,
            sha256: hex(&self.hash.finalize()),
        })
    }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A string takes whatever it is given.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Why it ended so, or what was done: a fact and what was said beside it. A text alone has no kind yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fact:?} {quote}")]
pub(super) struct Why {
    pub(super) fact: Option<StepFact>,
    pub(super) quote: String,
}

impl Why {
    /// A fact with what was said beside it.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "errors and texts are given away here"
    )]
    pub(super) fn with(fact: StepFact, quote: impl ToString) -> Self {
        Self {
            fact: Some(fact),
            quote: quote.to_string(),
        }
    }
}

impl From<StepFact> for Why {
    fn from(fact: StepFact) -> Self {
        Self::with(fact, "")
    }
}

impl From<String> for Why {
    fn from(quote: String) -> Self {
        Self { fact: None, quote }
    }
}

impl From<&str> for Why {
    fn from(quote: &str) -> Self {
        quote.to_owned().into()
    }
}

impl Done {
    /// A result without output.
    pub(super) fn new(status: Status, why: impl Into<Why>) -> Self {
        let why = why.into();
        Self {
            status,
            fact: why.fact,
            summary: line(&why.quote),
            code: None,
            output: None,
        }
    }

    pub(super) fn failed(why: impl Into<Why>) -> Self {
        Self::new(Status::Failed, why)
    }

    pub(super) fn with_code(mut self, code: impl Into<i64>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// With what was printed; if that could not be kept, it is said.
    pub(super) fn with_output(mut self, output: io::Result<Output>) -> Self {
        match output {
            Ok(output) => self.output = Some(output),
            // What failed otherwise has more to say.
            Err(error) if self.status == Status::Succeeded => {
                self.status = Status::Unknown;
                self.fact = Some(StepFact::OutputLost);
                self.summary = line(&error.to_string());
            }
            Err(error) => tracing::error!("the output of a step could not be kept: {error}"),
        }
        self
    }

    /// Without secrets in its summary and its fact, and short.
    pub(super) fn redacted(mut self, redactor: &Redactor) -> Self {
        let fact = self.fact.take();
        self.fact = fact.and_then(|it| it.changed(|text| line(&redactor.text(text))));
        self.summary = line(&redactor.text(&self.summary));
        self
    }
}

/// One line of at most [`SUMMARY`] characters, without control characters.
pub(super) fn line(text: &str) -> String {
    let mut words = String::with_capacity(text.len().min(4 * SUMMARY));
    for word in text.split(|letter: char| letter.is_whitespace() || letter.is_control()) {
        if !word.is_empty() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
    }
    if words.chars().count() > SUMMARY {
        words = words.chars().take(SUMMARY - 1).collect();
        words.push('…');
    }
    words
}

/// The last line that says something, of what was kept whole.
pub(super) fn last_line(output: &io::Result<Output>) -> Option<String> {
    let output = output.as_ref().ok()?;
    let text = String::from_utf8_lossy(&output.kept);
    text.lines()
        .rev()
        .map(str::trim)
        .find(|it| !it.is_empty())
        .map(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn the_whole_is_hashed_and_the_beginning_kept() {
        let redactor = Redactor::new(&[Secret::new("hunter22")]);
        let mut keeper = Keeper::new(&redactor, Keep::in_memory(40));
        keeper.take(b"password: hunt");
        keeper.take(b"er22\n");
        keeper.take(&[b'.'; 5000]);
        let output = keeper.finish().unwrap();
        assert_eq!(output.total, 5019);
        assert_eq!(output.kept.len(), 40);
        assert!(output.kept.starts_with(b"password: [secret]\n..."));
        let mut whole = b"password: hunter22\n".to_vec();
        whole.extend([b'.'; 5000]);
        assert_eq!(output.sha256, hex(&Sha256::digest(&whole)));
    }

    #[test]
    fn what_is_large_goes_to_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        let keep = Keep {
            cap: 100_000,
            file: Some(File::create(&path).unwrap()),
        };
        let mut keeper = Keeper::new(&Redactor::new(&[]), keep);
        for _ in 0..100 {
            keeper.take(&[b'.'; 3000]);
        }
        let output = keeper.finish().unwrap();
        assert_eq!((output.total, output.kept.len()), (300_000, 0));
        assert_eq!(std::fs::read(&path).unwrap(), vec![b'.'; 100_000]);
    }

    #[test]
    fn summaries_are_one_short_line() {
        assert_eq!(line("a\n\tb\u{7}c "), "a b c");
        assert_eq!(line(&"é".repeat(300)).chars().count(), 200);
    }
}

//! The file: locked while somebody writes, every record on the disk before the call returns.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::lines::{Entry, Reading, read, write};
use crate::incident::HostRecord;

/// The largest journal that is read.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The journal, open for one run. Nobody else writes until it is dropped.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    run: String,
    seq: u32,
    last: String,
    /// The run was in the file before.
    known: bool,
    /// A write went wrong: the next record begins on a line of its own.
    ragged: bool,
}

/// The journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file.
    #[error(
        "the journal {path} cannot be used: {why}; set BREAKGLASS_JOURNAL, for the bot too, to a file on another disk"
    )]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// Somebody else writes.
    #[error("the journal {path} is in use: another run from the host is under way")]
    InUse {
        /// Which.
        path: PathBuf,
    },
}

impl Journal {
    /// Opens the journal for a run of this name. Made if it is not there, readable by its owner only.
    ///
    /// # Errors
    /// What to change.
    pub fn open(path: &Path, run: String) -> Result<Self, JournalError> {
        let trouble = |why| JournalError::File {
            path: path.to_owned(),
            why,
        };
        let new = !path.exists();
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .mode(0o600)
            .open(path)
            .map_err(trouble)?;
        lock(&file, path)?;
        let bytes = read_all(&mut file).map_err(trouble)?;
        let reading = read(&bytes);
        let mut journal = Self {
            file,
            path: path.to_owned(),
            known: reading.entries.iter().any(|entry| entry.run == run),
            run,
            seq: 0,
            last: reading.last,
            ragged: bytes.last().is_some_and(|byte| *byte != b'\n'),
        };
        journal.file.seek(SeekFrom::End(0)).map_err(trouble)?;
        if new {
            // The name of the file must survive a power cut too.
            sync_folder(path).map_err(trouble)?;
        }
        Ok(journal)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The run that it is open for.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Whether a run of this name was here before.
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// Writes a record. When this returns it is on the disk.
    ///
    /// # Errors
    /// It may be there in part: a reader passes over it.
    pub fn append(&mut self, at: DateTime<Utc>, record: HostRecord) -> Result<(), JournalError> {
        let entry = Entry {
            run: self.run.clone(),
            seq: self.seq + 1,
            at,
            prev: self.last.clone(),
            record,
        };
        let trouble = |why| JournalError::File {
            path: self.path.clone(),
            why,
        };
        let (mut line, hash) = write(&entry).map_err(|error| trouble(error.into()))?;
        if self.ragged {
            line.insert(0, '\n');
        }
        // Set before, so that whatever a failure leaves behind stays a line of its own.
        self.ragged = true;
        let written = self.file.write_all(line.as_bytes());
        written
            .and_then(|()| self.file.sync_all())
            .map_err(trouble)?;
        self.ragged = false;
        self.last = hash;
        self.seq += 1;
        Ok(())
    }
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(why)) => Err(JournalError::File {
            path: path.to_owned(),
            why,
        }),
    }
}

fn read_all(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Makes the entry of the file in its folder last.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Reads a journal, if there is one. Nobody writes meanwhile, and nobody has a run under way.
///
/// # Errors
/// What to change; [`JournalError::InUse`] while a run is under way.
pub fn read_file(path: &Path) -> Result<Option<Reading>, JournalError> {
    let trouble = |why| JournalError::File {
        path: path.to_owned(),
        why,
    };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(trouble(error)),
    };
    lock(&file, path)?;
    read_all(&mut file)
        .map(|bytes| Some(read(&bytes)))
        .map_err(trouble)
}

/// Puts a journal that was imported out of the way; it stays as evidence. `None`: it has grown since it was read up to
/// the line with the hash `last`.
///
/// # Errors
/// What to change; [`JournalError::InUse`] while a run is under way.
pub fn set_aside(
    path: &Path,
    last: &str,
    at: DateTime<Utc>,
) -> Result<Option<PathBuf>, JournalError> {
    let trouble = |why| JournalError::File {
        path: path.to_owned(),
        why,
    };
    let mut file = File::open(path).map_err(trouble)?;
    lock(&file, path)?;
    if read(&read_all(&mut file).map_err(trouble)?).last != last {
        return Ok(None);
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".imported-{}", at.format("%Y%m%dT%H%M%S%.6fZ")));
    let to = PathBuf::from(name);
    fs::rename(path, &to).map_err(trouble)?;
    sync_folder(path).map_err(trouble)?;
    Ok(Some(to))
}

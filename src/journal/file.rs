//! The file: locked while somebody writes, every record on the disk before the call returns.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::lines::{Entry, Reading, read, write};
use crate::incident::HostRecord;

/// The largest journal that is read.
const LARGEST: u64 = 64 * 1024 * 1024;
/// So often a file that was put aside meanwhile is let go of.
const MOST_OPENS: u32 = 10;

/// The journal, open for one run. Nobody else writes until it is dropped.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    run: String,
    seq: u32,
    last: String,
    /// What the file had of this run before.
    before: Vec<HostRecord>,
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
        let mut new = false;
        let mut file = locked(path, || {
            new = !path.exists();
            let mut how = OpenOptions::new();
            how.create(true).read(true).append(true).mode(0o600);
            how.open(path)
        })?;
        let bytes = read_all(&mut file).map_err(trouble)?;
        let reading = read(&bytes);
        let mut journal = Self {
            file,
            path: path.to_owned(),
            before: of_run(reading.entries, &run),
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
        !self.before.is_empty()
    }

    /// Whether that run came to its end.
    pub fn is_over(&self) -> bool {
        let over = |it: &HostRecord| matches!(it, HostRecord::Over { .. });
        self.before.iter().any(over)
    }

    /// How that run began; none if its beginning is lost.
    pub fn intent(&self) -> Option<&HostRecord> {
        let mut all = self.before.iter();
        all.find(|it| matches!(it, HostRecord::Intent { .. }))
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

fn of_run(entries: Vec<Entry>, run: &str) -> Vec<HostRecord> {
    let its = entries.into_iter().filter(|entry| entry.run == run);
    its.map(|entry| entry.record).collect()
}

/// Opens and locks the file that is at `path`. Between the two it may have been put aside: whoever writes into that one
/// writes for nobody.
fn locked(path: &Path, mut open: impl FnMut() -> io::Result<File>) -> Result<File, JournalError> {
    let trouble = |why| JournalError::File {
        path: path.to_owned(),
        why,
    };
    for _ in 0..MOST_OPENS {
        let file = open().map_err(trouble)?;
        lock(&file, path)?;
        if is_at(&file, path).map_err(trouble)? {
            return Ok(file);
        }
    }
    Err(JournalError::InUse {
        path: path.to_owned(),
    })
}

impl Drop for Journal {
    /// Closing alone is not enough: a program that is being started at this moment holds a copy of the file until it runs.
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::debug!("{} stays locked: {error}", self.path.display());
        }
    }
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let (ours, theirs) = (file.metadata()?, fs::metadata(path));
    match theirs {
        Ok(theirs) => Ok((ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
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
    let mut file = match locked(path, || File::open(path)) {
        Ok(file) => file,
        Err(JournalError::File { why, .. }) if why.kind() == io::ErrorKind::NotFound => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    read_all(&mut file)
        .map(|bytes| Some(read(&bytes)))
        .map_err(trouble)
}

/// What the journal has of a run, also while one is under way: whoever asks whether something was begun must not wait for
/// its end. Nothing where there is no journal.
///
/// # Errors
/// What to change.
pub fn look_up(path: &Path, run: &str) -> Result<Vec<HostRecord>, JournalError> {
    match File::open(path).and_then(|mut file| read_all(&mut file)) {
        Ok(bytes) => Ok(of_run(read(&bytes).entries, run)),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(why) => Err(JournalError::File {
            path: path.to_owned(),
            why,
        }),
    }
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
    let mut file = locked(path, || File::open(path))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::tests::filled;

    #[test]
    fn nobody_writes_into_a_file_that_was_put_aside_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("breakglass.journal");
        filled(&path, "one");
        let mut opens = 0;
        let file = locked(&path, || {
            let file = OpenOptions::new().create(true).append(true).open(&path)?;
            opens += 1;
            if opens == 1 {
                // The importer comes in between.
                let last = read_file(&path).unwrap().unwrap().last;
                set_aside(&path, &last, DateTime::UNIX_EPOCH)
                    .unwrap()
                    .unwrap();
            }
            Ok(file)
        });
        let file = file.unwrap();
        assert_eq!(opens, 2);
        assert!(is_at(&file, &path).unwrap());
        assert_eq!(file.metadata().unwrap().len(), 0, "a new one");
        // It never stays: given up, not written.
        let gone = locked(&path, || {
            let file = OpenOptions::new().create(true).append(true).open(&path)?;
            fs::remove_file(&path)?;
            Ok(file)
        });
        assert!(matches!(gone, Err(JournalError::InUse { .. })));
    }

    #[test]
    fn a_copy_that_a_starting_program_holds_does_not_keep_it_locked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("breakglass.journal");
        let journal = Journal::open(&path, "one".to_owned()).unwrap();
        let copy = journal.file.try_clone().unwrap();
        drop(journal);
        Journal::open(&path, "two".to_owned()).unwrap();
        drop(copy);
    }
}

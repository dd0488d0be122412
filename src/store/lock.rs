//! The lock file beside a SQLite file: one process of the bot at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use super::error::OpenError;

/// How often a lock file that went away while we took it is made anew.
const TRIES: u32 = 10;

/// The lock, held until this is dropped. The file stays: whoever removes it must know that nobody else holds it.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
    /// The file was not there before.
    made: bool,
}

impl Lock {
    /// Takes the lock of a database file.
    pub(super) fn take(database: &Path) -> std::result::Result<Self, OpenError> {
        let shown = || database.display().to_string();
        let unreadable = |error: Error| match error.kind() {
            ErrorKind::ReadOnlyFilesystem => OpenError::ReadOnly,
            _ => OpenError::Unreadable {
                path: shown(),
                why: error.to_string(),
            },
        };
        let mut path = database.to_owned().into_os_string();
        path.push(".lock");
        let path = PathBuf::from(path);
        for _ in 0..TRIES {
            let (file, made) = open(&path).map_err(unreadable)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { path: shown() }),
                Err(TryLockError::Error(error)) => return Err(unreadable(error)),
            }
            // A start that was refused may have removed the file between our opening and our locking it.
            if is_still_there(&file, &path) {
                return Ok(Self { file, path, made });
            }
        }
        Err(OpenError::InUse { path: shown() })
    }

    /// A start that is refused leaves nothing behind: a file that we made goes, while we still hold it.
    pub(super) fn undo(self) {
        if self.made
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::debug!("{} stays: {error}", self.path.display());
        }
    }
}

impl Drop for Lock {
    /// Closing alone is not enough: a program that is being started at this moment holds a copy of the file until it runs.
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::debug!("{} stays locked: {error}", self.path.display());
        }
    }
}

/// The file, and whether it was made just now.
fn open(path: &Path) -> Result<(File, bool)> {
    let mut how = OpenOptions::new();
    how.write(true);
    match how.clone().create_new(true).open(path) {
        Ok(file) => Ok((file, true)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let file = how.create(true).truncate(false).open(path)?;
            Ok((file, false))
        }
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn is_still_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// Elsewhere an open file cannot be removed.
#[cfg(not(unix))]
fn is_still_there(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(folder: &Path) -> bool {
        folder.join("x.db.lock").exists()
    }

    #[test]
    fn only_what_was_made_and_is_held_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let database = folder.join("x.db");
        let first = Lock::take(&database).expect("free");
        let second = Lock::take(&database);
        assert!(matches!(second, Err(OpenError::InUse { .. })), "{second:?}");
        assert!(there(folder), "the other process' lock is left alone");
        first.undo();
        assert!(!there(folder));

        drop(Lock::take(&database).expect("free"));
        assert!(there(folder), "a start that went well leaves it");
        Lock::take(&database).expect("free again").undo();
        assert!(there(folder), "it was not ours");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_was_removed_is_no_lock() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.db.lock");
        let (file, made) = open(&path).expect("made");
        assert!(made && is_still_there(&file, &path));
        fs::remove_file(&path).expect("removed");
        assert!(!is_still_there(&file, &path));
        let (_other, made) = open(&path).expect("made");
        assert!(made && !is_still_there(&file, &path));
    }
}

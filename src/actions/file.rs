//! Files of a folder connection. Nothing leaves the folder, changes are atomic, and the state before is kept beside, so that
//! a change can be taken back.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};

use rustix::fs::OFlags;
use tokio::sync::watch;

use super::frame::{Frame, Waited, seconds, until};
use super::output::{Keep, Keeper};
use super::redact::Redactor;
use super::template::{Place, holds_secret};
use super::{Done, Output, Status};
use crate::plan::{FileChange, FileOperation};

const OPEN: u32 = 0o644;
const PRIVATE: u32 = 0o600;

/// Why a file was left alone, or what the machine said.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error("{0} leaves the folder")]
    Outside(String),
    #[error("{0} is a link; name the file itself")]
    Link(String),
    #[error("{0} is no plain file")]
    NotPlain(String),
    #[error("{0} is a folder, not a link that can be pointed elsewhere")]
    IsFolder(String),
    #[error("{0} is there already with another content")]
    Taken(String),
    #[error("{0} is not there")]
    Missing(String),
    #[error("no state from before is kept for {0}; it may have been taken back already")]
    NothingKept(String),
    #[error("{0}: {1}")]
    Io(String, io::Error),
}

/// A change with everything put in.
struct Task {
    root: PathBuf,
    path: String,
    with: String,
    secret: bool,
    change: FileOperation,
    /// Under which mark the state before is kept.
    mark: String,
    redactor: Redactor,
}

/// Does what the step says.
pub(super) async fn change(
    change: &FileChange,
    frame: &Frame<'_>,
    keep: Keep,
    stop: &mut watch::Receiver<bool>,
) -> Done {
    match task(change, frame) {
        Ok(task) => apart(frame, task.is_reading(), stop, move || task.perform(keep)).await,
        Err(why) => Done::failed(why),
    }
}

/// Puts back what was there before [`change`].
pub(super) async fn take_back(
    change: &FileChange,
    frame: &Frame<'_>,
    stop: &mut watch::Receiver<bool>,
) -> Done {
    match task(change, frame) {
        Ok(task) => apart(frame, false, stop, move || task.take_back()).await,
        Err(why) => Done::failed(why),
    }
}

/// Whether the state before such a change is kept.
pub(super) fn is_kept(change: FileOperation) -> bool {
    matches!(
        change,
        FileOperation::Write | FileOperation::Remove | FileOperation::Swap
    )
}

fn task(change: &FileChange, frame: &Frame<'_>) -> Result<Task, String> {
    let written = change.change == FileOperation::Write;
    let place = if written { Place::Text } else { Place::Path };
    let with = change.with.as_deref().unwrap_or_default();
    let task = Task {
        root: PathBuf::from(frame.target().address.expose()),
        path: frame.filler.fill(&change.path, Place::Path)?,
        with: frame.filler.fill(with, place)?,
        secret: written && holds_secret(with),
        change: change.change,
        mark: frame.mark.clone(),
        redactor: frame.redactor.clone(),
    };
    if frame.reading && !task.is_reading() {
        return Err("a check must not change a file".to_owned());
    }
    Ok(task)
}

/// Runs what blocks on a thread of its own.
async fn apart(
    frame: &Frame<'_>,
    reading: bool,
    stop: &mut watch::Receiver<bool>,
    work: impl FnOnce() -> Done + Send + 'static,
) -> Done {
    let unsure = if reading {
        Status::Failed
    } else {
        Status::Unknown
    };
    let work = tokio::task::spawn_blocking(work);
    match until(frame.deadline(), stop, work).await {
        Waited::Came(Ok(done)) => done,
        Waited::Came(Err(_)) => Done::new(unsure, "the work on the file broke off"),
        Waited::Late => Done::new(unsure, format!("not done within {}", seconds(frame.limit))),
        Waited::Stopped => Done::new(unsure, "stopped"),
    }
}

impl Task {
    fn is_reading(&self) -> bool {
        matches!(
            self.change,
            FileOperation::Read | FileOperation::Exists | FileOperation::Absent
        )
    }

    fn perform(self, keep: Keep) -> Done {
        let said = match self.change {
            FileOperation::Write => self.write().map(|()| "written"),
            FileOperation::Remove => self.remove(),
            FileOperation::Copy => self.copy(),
            FileOperation::Swap => self
                .swap()
                .map(|()| "swapped; what was there before is kept"),
            FileOperation::Read => {
                return match self.read(keep) {
                    Ok(output) => {
                        let summary = format!("{}: {} bytes", self.path, output.total);
                        Done::new(Status::Succeeded, summary).with_output(Ok(output))
                    }
                    Err(error) => Done::failed(error.to_string()),
                };
            }
            FileOperation::Exists => self.must_be(true).map(|()| "there"),
            FileOperation::Absent => self.must_be(false).map(|()| "not there"),
        };
        match said {
            Ok(said) => Done::new(Status::Succeeded, format!("{}: {said}", self.path)),
            Err(error) => Done::failed(error.to_string()),
        }
    }

    fn write(&self) -> Result<(), FileError> {
        let spot = Spot::find(&self.root, &self.path, true)?;
        spot.must_be_plain_or_absent()?;
        let mode = if self.secret { PRIVATE } else { OPEN };
        let draft = spot.draft(mode, |file| file.write_all(self.with.as_bytes()))?;
        spot.keep_before(&self.mark)?;
        spot.put(&draft)
    }

    fn remove(&self) -> Result<&'static str, FileError> {
        let spot = Spot::find(&self.root, &self.path, false)?;
        if spot.kind()?.is_none() {
            return Ok("was not there");
        }
        spot.must_be_plain_or_absent()?;
        spot.keep_before(&self.mark)?;
        spot.say(fs::remove_file(&spot.path))?;
        spot.sync()?;
        Ok("removed; what was there before is kept")
    }

    fn copy(&self) -> Result<&'static str, FileError> {
        let from = Spot::find(&self.root, &self.path, false)?;
        let to = Spot::find(&self.root, &self.with, true)?;
        let mut source = from.open()?;
        if to.kind()?.is_some() {
            let same = same_content(&mut source, &mut to.open()?);
            return match to.say(same)? {
                true => Ok("is there already"),
                false => Err(FileError::Taken(self.with.clone())),
            };
        }
        let mode = from.say(source.metadata())?.permissions().mode();
        let draft = to.draft(mode & 0o777, |file| io::copy(&mut source, file).map(drop))?;
        to.put(&draft)?;
        Ok("copied")
    }

    fn swap(&self) -> Result<(), FileError> {
        let spot = Spot::find(&self.root, &self.path, false)?;
        let with = Spot::find(&self.root, &self.with, false)?;
        let Some(kind) = with.kind()? else {
            return Err(FileError::Missing(self.with.clone()));
        };
        let draft = if kind.is_dir() {
            // A folder is put in place by the link that points to it.
            if spot.kind()?.is_some_and(|it| !it.is_symlink()) {
                return Err(FileError::IsFolder(self.path.clone()));
            }
            let draft = spot.beside("draft");
            let inside = with.path.strip_prefix(&spot.folder);
            let aim = inside.unwrap_or(&with.path);
            spot.say(std::os::unix::fs::symlink(aim, &draft))?;
            draft
        } else {
            spot.must_be_plain_or_absent()?;
            let mut source = with.open()?;
            let model = if spot.kind()?.is_some() { &spot } else { &with };
            let mode = model.say(fs::metadata(&model.path))?.permissions().mode();
            spot.draft(mode & 0o777, |file| io::copy(&mut source, file).map(drop))?
        };
        spot.keep_before(&self.mark)?;
        spot.put(&draft)
    }

    fn read(&self, keep: Keep) -> Result<Output, FileError> {
        let spot = Spot::find(&self.root, &self.path, false)?;
        let mut file = spot.open()?;
        let mut keeper = Keeper::new(&self.redactor, keep);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match spot.say(file.read(&mut buffer))? {
                0 => return spot.say(keeper.finish()),
                length => keeper.take(&buffer[..length]),
            }
        }
    }

    fn must_be(&self, there: bool) -> Result<(), FileError> {
        let found = match Spot::find(&self.root, &self.path, false) {
            Ok(spot) => spot.kind()?.is_some(),
            Err(FileError::Missing(_)) => false,
            Err(error) => return Err(error),
        };
        match (found, there) {
            (true, true) | (false, false) => Ok(()),
            (false, true) => Err(FileError::Missing(self.path.clone())),
            (true, false) => Err(FileError::Taken(self.path.clone())),
        }
    }

    fn take_back(&self) -> Done {
        match self.put_back() {
            Ok(()) => Done::new(Status::Succeeded, format!("{}: as before", self.path)),
            Err(error) => Done::failed(error.to_string()),
        }
    }

    fn put_back(&self) -> Result<(), FileError> {
        let spot = Spot::find(&self.root, &self.path, false)?;
        let (before, absent) = spot.kept(&self.mark);
        if before.symlink_metadata().is_ok() {
            return spot.put(&before);
        }
        if absent.symlink_metadata().is_err() {
            return Err(FileError::NothingKept(self.path.clone()));
        }
        if spot.kind()?.is_some() {
            spot.say(fs::remove_file(&spot.path))?;
        }
        spot.say(fs::remove_file(&absent))?;
        spot.sync()
    }
}

/// A place inside of the folder: its parent is real and below the folder, the name itself may be anything.
struct Spot {
    /// As people know it.
    shown: String,
    folder: PathBuf,
    name: OsString,
    path: PathBuf,
}

impl Spot {
    /// Finds a place; folders on the way to it are made if `make`.
    fn find(root: &Path, path: &str, make: bool) -> Result<Self, FileError> {
        let outside = || FileError::Outside(path.to_owned());
        let io = |error| FileError::Io(path.to_owned(), error);
        let mut parts: Vec<&OsStr> = Vec::new();
        for part in Path::new(path).components() {
            match part {
                Component::Normal(part) => parts.push(part),
                Component::CurDir => {}
                _ => return Err(outside()),
            }
        }
        let name = parts.pop().ok_or_else(outside)?.to_owned();
        let root = root.canonicalize().map_err(io)?;
        let mut folder = root.clone();
        for part in parts {
            folder.push(part);
            match folder.canonicalize() {
                Ok(real) if real.starts_with(&root) => folder = real,
                Ok(_) => return Err(outside()),
                Err(error) if error.kind() == io::ErrorKind::NotFound && make => {
                    // A link that leads nowhere is there, but not to be followed.
                    fs::create_dir(&folder).map_err(io)?;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(FileError::Missing(path.to_owned()));
                }
                Err(error) => return Err(io(error)),
            }
        }
        Ok(Self {
            shown: path.to_owned(),
            path: folder.join(&name),
            folder,
            name,
        })
    }

    fn say<T>(&self, result: io::Result<T>) -> Result<T, FileError> {
        result.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => FileError::Missing(self.shown.clone()),
            _ => FileError::Io(self.shown.clone(), error),
        })
    }

    /// What is there, a link not being followed.
    fn kind(&self) -> Result<Option<fs::FileType>, FileError> {
        match fs::symlink_metadata(&self.path) {
            Ok(data) => Ok(Some(data.file_type())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FileError::Io(self.shown.clone(), error)),
        }
    }

    fn must_be_plain_or_absent(&self) -> Result<(), FileError> {
        match self.kind()? {
            Some(kind) if kind.is_symlink() => Err(FileError::Link(self.shown.clone())),
            Some(kind) if !kind.is_file() => Err(FileError::NotPlain(self.shown.clone())),
            _ => Ok(()),
        }
    }

    /// Opens a plain file for reading. No link is followed, no pipe or device is waited for.
    fn open(&self) -> Result<File, FileError> {
        match self.kind()? {
            None => return Err(FileError::Missing(self.shown.clone())),
            Some(_) => self.must_be_plain_or_absent()?,
        }
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(flags)
            .open(&self.path);
        let file = self.say(opened)?;
        if self.say(file.metadata())?.is_file() {
            Ok(file)
        } else {
            Err(FileError::NotPlain(self.shown.clone()))
        }
    }

    fn beside(&self, what: &str) -> PathBuf {
        let mut name = OsString::from(".");
        name.push(&self.name);
        name.push(format!(".breakglass-{what}"));
        self.folder.join(name)
    }

    /// A new file beside with this content, whole on the disk.
    fn draft(
        &self,
        mode: u32,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<PathBuf, FileError> {
        let draft = self.beside("draft");
        // One may be left from a run that was killed.
        let _ = fs::remove_file(&draft);
        let make = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(PRIVATE)
                .open(&draft)?;
            fill(&mut file)?;
            file.set_permissions(Permissions::from_mode(mode))?;
            file.sync_all()
        };
        self.say(make()).inspect_err(|_| {
            let _ = fs::remove_file(&draft);
        })?;
        Ok(draft)
    }

    /// Moves something from beside into place, in one move.
    fn put(&self, from: &Path) -> Result<(), FileError> {
        self.say(fs::rename(from, &self.path))?;
        self.sync()
    }

    fn sync(&self) -> Result<(), FileError> {
        self.say(File::open(&self.folder).and_then(|it| it.sync_all()))
    }

    /// Where the state before is kept: what was there, or the mark that nothing was.
    fn kept(&self, mark: &str) -> (PathBuf, PathBuf) {
        let before = self.beside(&format!("before-{mark}"));
        let absent = self.beside(&format!("absent-{mark}"));
        (before, absent)
    }

    /// Keeps the state before the first change of a run; a repeat must not replace it by what the run itself did.
    fn keep_before(&self, mark: &str) -> Result<(), FileError> {
        let (before, absent) = self.kept(mark);
        if before.symlink_metadata().is_ok() || absent.symlink_metadata().is_ok() {
            return Ok(());
        }
        if self.kind()?.is_some() {
            self.say(fs::hard_link(&self.path, &before))?;
        } else {
            self.say(File::create_new(&absent))?;
        }
        self.sync()
    }
}

fn same_content(one: &mut File, other: &mut File) -> io::Result<bool> {
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        let length = one.read(&mut left)?;
        if length == 0 {
            return Ok(true);
        }
        other.read_exact(&mut right[..length])?;
        if left[..length] != right[..length] {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests;

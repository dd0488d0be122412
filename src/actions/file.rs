//! Files of a folder connection. Nothing leaves the folder, changes are atomic, and the state before is kept beside, so that
//! a change can be taken back.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use tokio::sync::watch;

use super::frame::{Frame, Waited, millis, until};
use super::output::{Keep, Keeper, Why};
use super::redact::Redactor;
use super::template::{Place, holds_secret};
use super::{Done, Output, Status};
use crate::incident::StepFact;
use crate::incident::saga::FileFact;
use crate::plan::{FileChange, FileOperation};
use spot::Spot;

mod spot;

const OPEN: u32 = 0o644;
const PRIVATE: u32 = 0o600;
/// What SQLite keeps beside a database.
const SIDES: [&str; 3] = ["-wal", "-shm", "-journal"];

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
    #[error("{0}: {1}")]
    Io(String, io::Error),
}

impl From<FileError> for Why {
    fn from(error: FileError) -> Self {
        let (path, what, quote) = match error {
            FileError::Outside(path) => (path, FileFact::Outside, String::new()),
            FileError::Link(path) => (path, FileFact::Link, String::new()),
            FileError::NotPlain(path) => (path, FileFact::NotPlain, String::new()),
            FileError::IsFolder(path) => (path, FileFact::IsFolder, String::new()),
            FileError::Taken(path) => (path, FileFact::Taken, String::new()),
            FileError::Missing(path) => (path, FileFact::Missing, String::new()),
            FileError::Io(path, error) => (path, FileFact::Refused, error.to_string()),
        };
        Self::with(StepFact::File { path, what }, quote)
    }
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
        Ok(task) => {
            let (path, reading) = (task.path.clone(), task.is_reading());
            apart(frame, &path, reading, stop, move || task.perform(keep)).await
        }
        Err(why) => Done::failed(why),
    }
}

/// Deletes what is kept of the state before [`change`].
pub(super) async fn let_go(
    change: &FileChange,
    frame: &Frame<'_>,
    stop: &mut watch::Receiver<bool>,
) -> Done {
    match task(change, frame) {
        Ok(task) => {
            let path = task.path.clone();
            apart(frame, &path, false, stop, move || task.let_go()).await
        }
        Err(why) => Done::failed(why),
    }
}

fn task(change: &FileChange, frame: &Frame<'_>) -> Result<Task, Why> {
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
        return Err(StepFact::MustNotChange.into());
    }
    Ok(task)
}

/// Runs what blocks on a thread of its own.
async fn apart(
    frame: &Frame<'_>,
    path: &str,
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
        Waited::Came(Err(_)) => {
            let (path, what) = (path.to_owned(), FileFact::BrokeOff);
            Done::new(unsure, StepFact::File { path, what })
        }
        Waited::Late => {
            let millis = millis(frame.limit);
            Done::new(unsure, StepFact::NotDone { millis })
        }
        Waited::Stopped => Done::new(unsure, StepFact::CutOff),
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
        let mut status = Status::Succeeded;
        let came = match self.change {
            FileOperation::Write => self.write().map(|()| FileFact::Written),
            FileOperation::Remove => self.remove(),
            FileOperation::Copy => self.copy(),
            FileOperation::Swap => self.swap().map(|()| FileFact::Swapped),
            FileOperation::Read => {
                return match self.read(keep) {
                    Ok(output) => {
                        let bytes = output.total;
                        let fact = self.fact(FileFact::Read { bytes });
                        Done::new(status, fact).with_output(Ok(output))
                    }
                    Err(error) => Done::failed(error),
                };
            }
            FileOperation::Restore => self.restore().map(|known| {
                if known {
                    return FileFact::AsBefore;
                }
                // Nobody can tell here whether it was ever changed.
                status = Status::ByHand;
                FileFact::NothingKept
            }),
            FileOperation::Exists => self.must_be(true).map(|()| FileFact::There),
            FileOperation::Absent => self.must_be(false).map(|()| FileFact::NotThere),
        };
        match came {
            Ok(what) => Done::new(status, self.fact(what)),
            Err(error) => Done::failed(error),
        }
    }

    fn fact(&self, what: FileFact) -> StepFact {
        StepFact::File {
            path: self.path.clone(),
            what,
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

    fn remove(&self) -> Result<FileFact, FileError> {
        let spot = Spot::find(&self.root, &self.path, false)?;
        if spot.kind()?.is_none() {
            spot.keep_nothing(&self.mark)?;
            return Ok(FileFact::WasNotThere);
        }
        spot.must_be_plain_or_absent()?;
        spot.keep_before(&self.mark)?;
        spot.remove()?;
        Ok(FileFact::Removed)
    }

    fn copy(&self) -> Result<FileFact, FileError> {
        let from = Spot::find(&self.root, &self.path, false)?;
        let to = Spot::find(&self.root, &self.with, true)?;
        let mut source = from.open()?;
        if to.kind()?.is_some() {
            let same = same_content(&mut source, &mut to.open()?);
            return if to.say(same)? {
                Ok(FileFact::ThereAlready)
            } else {
                Err(FileError::Taken(self.with.clone()))
            };
        }
        let mode = from.say(source.metadata())?.permissions().mode();
        let draft = to.draft(mode & 0o777, |file| io::copy(&mut source, file).map(drop))?;
        to.put(&draft)?;
        Ok(FileFact::Copied)
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
        if !kind.is_dir() {
            self.clear_sides()?;
        }
        spot.put(&draft)
    }

    /// What a database keeps beside its file belongs to that file: it must not be read with another one. It is kept too,
    /// and that it was not there: what the other one leaves goes when the file comes back.
    fn clear_sides(&self) -> Result<(), FileError> {
        for spot in self.sides()? {
            spot.must_be_plain_or_absent()?;
            spot.keep_before(&self.mark)?;
            if spot.kind()?.is_some() {
                spot.remove()?;
            }
        }
        Ok(())
    }

    fn sides(&self) -> Result<Vec<Spot>, FileError> {
        SIDES
            .iter()
            .map(|side| Spot::find(&self.root, &format!("{}{side}", self.path), false))
            .collect()
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

    /// Puts the state from before this run back: first what belongs to the file, then the file itself.
    fn restore(&self) -> Result<bool, FileError> {
        let sides = self.sides()?;
        for side in &sides {
            side.put_back(&self.mark)?;
        }
        let known = Spot::find(&self.root, &self.path, false)?.put_back(&self.mark)?;
        // The mark of the file itself says enough.
        sides.iter().try_for_each(|it| it.let_go(&self.mark))?;
        Ok(known)
    }

    fn let_go(&self) -> Done {
        let all = Spot::find(&self.root, &self.path, false).and_then(|spot| {
            let mut spots = self.sides()?;
            spots.push(spot);
            spots.iter().try_for_each(|it| it.let_go(&self.mark))
        });
        match all {
            Ok(()) | Err(FileError::Missing(_)) => {
                Done::new(Status::Succeeded, format!("{}: nothing is kept", self.path))
            }
            Err(error) => Done::failed(error),
        }
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

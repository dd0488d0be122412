//! A place inside of a folder that nothing leaves.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};

use rustix::fs::OFlags;

use super::{FileError, PRIVATE};

/// A place inside of the folder: its parent is real and below the folder, the name itself may be anything.
pub(super) struct Spot {
    /// As people know it.
    shown: String,
    pub(super) folder: PathBuf,
    name: OsString,
    pub(super) path: PathBuf,
}

impl Spot {
    /// Finds a place; folders on the way to it are made if `make`.
    pub(super) fn find(root: &Path, path: &str, make: bool) -> Result<Self, FileError> {
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

    pub(super) fn say<T>(&self, result: io::Result<T>) -> Result<T, FileError> {
        result.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => FileError::Missing(self.shown.clone()),
            _ => FileError::Io(self.shown.clone(), error),
        })
    }

    /// What is there, a link not being followed.
    pub(super) fn kind(&self) -> Result<Option<fs::FileType>, FileError> {
        match fs::symlink_metadata(&self.path) {
            Ok(data) => Ok(Some(data.file_type())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FileError::Io(self.shown.clone(), error)),
        }
    }

    pub(super) fn must_be_plain_or_absent(&self) -> Result<(), FileError> {
        match self.kind()? {
            Some(kind) if kind.is_symlink() => Err(FileError::Link(self.shown.clone())),
            Some(kind) if !kind.is_file() => Err(FileError::NotPlain(self.shown.clone())),
            _ => Ok(()),
        }
    }

    /// Opens a plain file for reading. No link is followed, no pipe or device is waited for.
    pub(super) fn open(&self) -> Result<File, FileError> {
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

    pub(super) fn beside(&self, what: &str) -> PathBuf {
        let mut name = OsString::from(".");
        name.push(&self.name);
        name.push(format!(".breakglass-{what}"));
        self.folder.join(name)
    }

    /// A new file beside with this content, whole on the disk.
    pub(super) fn draft(
        &self,
        mode: u32,
        write: impl FnOnce(&mut File) -> io::Result<()>,
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
            write(&mut file)?;
            file.set_permissions(Permissions::from_mode(mode))?;
            file.sync_all()
        };
        self.say(make()).inspect_err(|_| {
            let _ = fs::remove_file(&draft);
        })?;
        Ok(draft)
    }

    /// Moves something from beside into place, in one move.
    pub(super) fn put(&self, from: &Path) -> Result<(), FileError> {
        self.say(fs::rename(from, &self.path))?;
        self.sync()
    }

    pub(super) fn remove(&self) -> Result<(), FileError> {
        self.say(fs::remove_file(&self.path))?;
        self.sync()
    }

    /// Deletes what is kept of the state before.
    pub(super) fn let_go(&self, mark: &str) -> Result<(), FileError> {
        let kept = self.kept(mark);
        for path in [kept.before, kept.absent, kept.back] {
            if is_there(&path) {
                self.say(fs::remove_file(path))?;
            }
        }
        self.sync()
    }

    pub(super) fn sync(&self) -> Result<(), FileError> {
        self.say(File::open(&self.folder).and_then(|it| it.sync_all()))
    }

    fn kept(&self, mark: &str) -> Kept {
        Kept {
            before: self.beside(&format!("before-{mark}")),
            absent: self.beside(&format!("absent-{mark}")),
            back: self.beside(&format!("back-{mark}")),
        }
    }

    /// Keeps the state before the first change of a run; a repeat must not replace it by what the run itself did.
    pub(super) fn keep_before(&self, mark: &str) -> Result<(), FileError> {
        let kept = self.kept(mark);
        if is_there(&kept.before) || is_there(&kept.absent) {
            return Ok(());
        }
        if self.kind()?.is_some() {
            self.say(fs::hard_link(&self.path, &kept.before))?;
        } else {
            self.say(File::create_new(&kept.absent))?;
        }
        self.sync()
    }

    /// Notes that a run left things as they are, unless it changed them before.
    pub(super) fn keep_nothing(&self, mark: &str) -> Result<(), FileError> {
        let kept = self.kept(mark);
        if is_there(&kept.before) || is_there(&kept.absent) {
            return Ok(());
        }
        self.leave(&kept.back)
    }

    /// Puts back what a run found here. False: it kept nothing here. Cut off anywhere, it can be said again, and also
    /// when all is done.
    pub(super) fn put_back(&self, mark: &str) -> Result<bool, FileError> {
        let kept = self.kept(mark);
        if is_there(&kept.before) {
            self.leave(&kept.back)?;
            self.put(&kept.before)?;
            // Two names of one file: the move does nothing then, for nothing was changed.
            if is_there(&kept.before) {
                self.say(fs::remove_file(&kept.before))?;
            }
        } else if is_there(&kept.absent) {
            self.leave(&kept.back)?;
            if self.kind()?.is_some() {
                self.say(fs::remove_file(&self.path))?;
            }
            self.say(fs::remove_file(&kept.absent))?;
        } else {
            return Ok(is_there(&kept.back));
        }
        self.sync()?;
        Ok(true)
    }

    fn leave(&self, mark: &Path) -> Result<(), FileError> {
        if !is_there(mark) {
            self.say(File::create_new(mark))?;
            self.sync()?;
        }
        Ok(())
    }
}

/// Where the state before is kept.
struct Kept {
    /// What was there.
    before: PathBuf,
    /// The mark that nothing was.
    absent: PathBuf,
    /// The mark that it is as it was before.
    back: PathBuf,
}

fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

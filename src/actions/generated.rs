//! Secrets that a rotation generates. They are kept until the run is over, so that it can go on after a restart, and are
//! shown to nobody.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};

use super::output::hex;
use crate::secret::Secret;

/// A private folder with one file per generated secret.
#[derive(Debug, Clone)]
pub struct Generated {
    folder: PathBuf,
}

impl Generated {
    /// In this folder, which is made when it is needed, for nobody else to enter.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self { folder }
    }

    /// The secret that is kept under a name; a new one, 32 random bytes as URL-safe text, if there is none.
    ///
    /// # Errors
    /// The folder or file cannot be written or read.
    pub fn get(&self, name: &str) -> io::Result<Secret> {
        if let Some(secret) = self.peek(name)? {
            return Ok(secret);
        }
        self.open_folder()?;
        let mut bytes = [0_u8; 32];
        OsRng.try_fill_bytes(&mut bytes).map_err(io::Error::other)?;
        let place = self.place(name);
        let draft = place.with_extension(format!("{:08x}", draft_number()?));
        let written = write_new(&draft, URL_SAFE_NO_PAD.encode(bytes).as_bytes());
        // A link fails where another was quicker: its secret counts, ours is dropped.
        let linked = written.and_then(|()| fs::hard_link(&draft, &place));
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => File::open(&self.folder)?.sync_all()?,
        }
        self.peek(name)?
            .ok_or_else(|| io::Error::other("the generated secret is gone"))
    }

    /// The secret that is kept under a name, if any.
    ///
    /// # Errors
    /// The file is there but cannot be read.
    pub fn peek(&self, name: &str) -> io::Result<Option<Secret>> {
        let mut file = match File::open(self.place(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        if text.is_empty() {
            return Err(io::Error::other("the file of a generated secret is empty"));
        }
        Ok(Some(Secret::new(text)))
    }

    /// Deletes what is kept under a name. Nothing there is as good.
    ///
    /// # Errors
    /// The file cannot be deleted.
    pub fn forget(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.place(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Names come from outside: their hash is a file name without tricks.
    fn place(&self, name: &str) -> PathBuf {
        self.folder.join(hex(&Sha256::digest(name)))
    }

    fn open_folder(&self) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)?;
        fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o700))
    }
}

fn draft_number() -> io::Result<u32> {
    OsRng.try_next_u32().map_err(io::Error::other)
}

fn write_new(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_secret_per_name_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Generated::new(folder.path().join("a/b"));
        let first = kept.get("run-1/password").unwrap();
        assert_eq!(first.expose().len(), 43);
        let again = Generated::new(folder.path().join("a/b"));
        assert!(first.matches(again.get("run-1/password").unwrap().expose().as_bytes()));
        assert!(!first.matches(kept.get("../other").unwrap().expose().as_bytes()));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.path().join("a/b")), 0o700);
        let files: Vec<PathBuf> = fs::read_dir(folder.path().join("a/b"))
            .unwrap()
            .map(|it| it.unwrap().path())
            .collect();
        assert_eq!(files.len(), 2);
        assert!(files.iter().all(|it| mode(it) == 0o600));
        kept.forget("run-1/password").unwrap();
        kept.forget("run-1/password").unwrap();
        assert!(kept.peek("run-1/password").unwrap().is_none());
    }

    #[test]
    fn two_at_once_get_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Generated::new(folder.path());
        let all: Vec<String> = std::thread::scope(|scope| {
            let many: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| kept.get("x").unwrap().expose().to_owned()))
                .collect();
            many.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert!(all.iter().all(|it| *it == all[0]), "they differ");
    }
}

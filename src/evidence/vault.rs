//! A folder that keeps each content once, under its SHA-256.
//!
//! ```text
//! evidence/blobs/ab/ab34…      the content, 0400
//! evidence/SEC-2026-007/E2-…   the workspace: the same files by name
//! ```
//!
//! A content is written to a temporary file, hashed on the way, synced and then given its name by a link, which fails where
//! something stands already: nothing is ever overwritten, and no evidence is ever deleted. What a kill left of a content that
//! was still coming is swept at a later start.

mod disk;
mod names;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

pub(in crate::evidence) use self::disk::hex;
pub use self::disk::sha256;
use self::disk::{
    close_to_others, create, disk, folder, hash, in_the_way, is_sha256, kind, read_only,
    same_content, sync_folder,
};
pub use self::names::safe_name;
use crate::incident::{By, IncidentEvent, IncidentId};

/// A folder of evidence. Clones share it.
#[derive(Clone, Debug)]
pub struct Vault(Arc<Path>);

/// A content that is safely in the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// SHA-256, 64 lower-case hexadecimal digits: its name.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

/// Why the vault cannot do it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// More than is taken.
    #[error("it is larger than {} MB", limit / 1_000_000)]
    TooLarge {
        /// Bytes that are taken at most.
        limit: u64,
    },
    /// Something else stands where a folder or a content belongs.
    #[error("{path}: {what} is in the way; move it elsewhere")]
    InTheWay {
        /// Where.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// The vault has no such content.
    #[error("the vault has nothing with SHA-256 {sha256}")]
    Missing {
        /// What was looked for.
        sha256: String,
    },
    /// Somebody changed what is in the vault.
    #[error("{path} was changed since it was stored: its SHA-256 is {found} now")]
    Changed {
        /// Where.
        path: String,
        /// The hash of what is there.
        found: String,
    },
    /// Whoever brings the content failed.
    #[error("it could not be read: {0}")]
    Source(io::Error),
    /// The disk.
    #[error("{path}: {why}")]
    Disk {
        /// Where.
        path: String,
        /// What the system says.
        why: io::Error,
    },
}

impl VaultError {
    /// Whether the same may succeed later: the disk failed, not the content.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Disk { .. })
    }
}

/// A content being read, and the fact that it was: log it, for the chain of custody.
#[derive(Debug)]
#[must_use = "a read of evidence must be recorded"]
pub struct Opened {
    /// The content, verified, at its beginning.
    pub file: File,
    /// What is being read.
    pub stored: Stored,
    /// To be recorded.
    pub access: Access,
}

/// That somebody read evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a read of evidence must be recorded"]
pub struct Access {
    /// Who.
    pub who: By,
    /// Its SHA-256.
    pub sha256: String,
    /// What for.
    pub why: String,
}

impl Access {
    /// The event; its author is [`Access::who`].
    pub fn event(&self) -> IncidentEvent {
        IncidentEvent::EvidenceRead {
            what: self.sha256.clone(),
            why: self.why.clone(),
            export: None,
        }
    }
}

impl Vault {
    /// The vault in this folder, made if it is not there. Only its owner may look into it.
    pub fn open(root: &Path) -> Result<Self, VaultError> {
        let vault = Self(Arc::from(root));
        folder(root)?;
        close_to_others(root)?;
        folder(&vault.blobs())?;
        Ok(vault)
    }

    /// Deletes what a kill left of contents that never came whole, last written before that moment. What is younger may still
    /// be coming, to another process of this machine.
    pub fn sweep(&self, before: DateTime<Utc>) -> Result<u32, VaultError> {
        let blobs = self.blobs();
        let entries = fs::read_dir(&blobs).map_err(|why| disk(&blobs, why))?;
        let mut swept = 0;
        for entry in entries {
            let entry = entry.map_err(|why| disk(&blobs, why))?;
            let (name, path) = (entry.file_name(), entry.path());
            if !name.to_str().is_some_and(names::is_coming) || kind(&path)? != Some("a file") {
                continue;
            }
            let written = entry.metadata().and_then(|it| it.modified());
            let written: DateTime<Utc> = written.map_err(|why| disk(&path, why))?.into();
            if written < before {
                fs::remove_file(&path).map_err(|why| disk(&path, why))?;
                swept += 1;
            }
        }
        Ok(swept)
    }

    /// The vault's folder.
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// Stores what `source` brings, at most `limit` bytes. The same content twice is stored once.
    pub fn put(&self, source: impl Read, limit: u64) -> Result<Stored, VaultError> {
        self.intake(limit)?.fill(source)?.finish()
    }

    /// Begins to store a content that comes in pieces, at most `limit` bytes.
    pub fn intake(&self, limit: u64) -> Result<Intake, VaultError> {
        // Nobody can know the name before: nothing can be put in its place.
        let path = self.blobs().join(names::coming(rand::random()));
        let file = create(&path).map_err(|why| disk(&path, why))?;
        Ok(Intake {
            vault: self.clone(),
            path,
            file,
            sum: Sha256::new(),
            size: 0,
            limit,
        })
    }

    /// Whether the vault has this content, unchanged.
    pub fn verify(&self, sha256: &str) -> Result<Stored, VaultError> {
        self.verified(sha256).map(|(_, stored)| stored)
    }

    /// Opens a content, verified. Who reads it and why is to be recorded.
    pub fn read(&self, sha256: &str, who: By, why: &str) -> Result<Opened, VaultError> {
        let (file, stored) = self.verified(sha256)?;
        let access = Access {
            who,
            sha256: stored.sha256.clone(),
            why: why.to_owned(),
        };
        Ok(Opened {
            file,
            stored,
            access,
        })
    }

    /// Opens a content, verified, for the bot itself: what it made, or whose reading is on record already.
    pub fn content(&self, sha256: &str) -> Result<(File, Stored), VaultError> {
        self.verified(sha256)
    }

    /// The incident's folder, made if it is not there.
    pub fn workspace(&self, incident: IncidentId) -> Result<PathBuf, VaultError> {
        let path = self.0.join(incident.to_string());
        folder(&path)?;
        Ok(path)
    }

    /// Gives a stored content a name in the incident's folder, so that a person finds it. A name that is taken by another
    /// content gets a number.
    pub fn name(
        &self,
        incident: IncidentId,
        name: &str,
        stored: &Stored,
    ) -> Result<PathBuf, VaultError> {
        let folder = self.workspace(incident)?;
        let blob = self.blob(&stored.sha256);
        for number in 1..1000 {
            let path = folder.join(names::numbered(&safe_name(name), number));
            let same = || same_content(&path, &stored.sha256);
            match fs::hard_link(&blob, &path) {
                Ok(()) => {
                    sync_folder(&folder)?;
                    return Ok(path);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    if same() {
                        return Ok(path);
                    }
                }
                Err(why) => return Err(disk(&path, why)),
            }
        }
        Err(VaultError::InTheWay {
            path: folder.join(safe_name(name)).display().to_string(),
            what: "a thousand files of that name",
        })
    }

    fn blobs(&self) -> PathBuf {
        self.0.join("blobs")
    }

    fn blob(&self, sha256: &str) -> PathBuf {
        self.blobs()
            .join(sha256.get(..2).unwrap_or("--"))
            .join(sha256)
    }

    fn verified(&self, sha256: &str) -> Result<(File, Stored), VaultError> {
        let missing = || VaultError::Missing {
            sha256: sha256.to_owned(),
        };
        if !is_sha256(sha256) {
            return Err(missing());
        }
        let path = self.blob(sha256);
        match kind(&path)? {
            None => return Err(missing()),
            Some("a file") => {}
            Some(what) => return Err(in_the_way(&path, what)),
        }
        let mut file = File::open(&path).map_err(|why| disk(&path, why))?;
        let (found, size) = hash(&mut file).map_err(|why| disk(&path, why))?;
        if found != sha256 {
            return Err(VaultError::Changed {
                path: path.display().to_string(),
                found,
            });
        }
        file.rewind().map_err(|why| disk(&path, why))?;
        let sha256 = sha256.to_owned();
        Ok((file, Stored { sha256, size }))
    }

    /// Gives a finished temporary file its name.
    fn publish(&self, temporary: &Path, stored: &Stored) -> Result<(), VaultError> {
        let path = self.blob(&stored.sha256);
        let parent = self.blobs().join(&stored.sha256[..2]);
        folder(&parent)?;
        for _ in 0..2 {
            match fs::hard_link(temporary, &path) {
                Ok(()) => return sync_folder(&parent),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(why) => return Err(disk(&path, why)),
            }
            match self.verified(&stored.sha256) {
                Ok(_) => return Ok(()),
                // The old file is kept for whoever looks into it; what came now must not be lost for its sake.
                Err(VaultError::Changed { path: at, found }) => {
                    tracing::error!("{at} was changed since it was stored: set aside");
                    let aside = parent.join(format!("{}.changed-{found}", stored.sha256));
                    fs::rename(&path, &aside).map_err(|why| disk(&path, why))?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(in_the_way(&path, "another file"))
    }
}

/// A content that comes in pieces. Dropped before [`Intake::finish`], it leaves nothing.
#[derive(Debug)]
pub struct Intake {
    vault: Vault,
    path: PathBuf,
    file: File,
    sum: Sha256,
    size: u64,
    limit: u64,
}

impl Intake {
    /// The next piece.
    pub fn take(&mut self, piece: &[u8]) -> Result<(), VaultError> {
        self.size = self.size.saturating_add(piece.len() as u64);
        if self.size > self.limit {
            return Err(VaultError::TooLarge { limit: self.limit });
        }
        self.sum.update(piece);
        self.file
            .write_all(piece)
            .map_err(|why| disk(&self.path, why))
    }

    /// Takes all that a source brings.
    pub fn fill(mut self, mut source: impl Read) -> Result<Self, VaultError> {
        let mut piece = vec![0; 64 * 1024];
        loop {
            match source.read(&mut piece) {
                Ok(0) => return Ok(self),
                Ok(read) => self.take(&piece[..read])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(VaultError::Source(error)),
            }
        }
    }

    /// All is there: it is synced and gets its name.
    pub fn finish(self) -> Result<Stored, VaultError> {
        let stored = Stored {
            sha256: hex(&self.sum.clone().finalize()),
            size: self.size,
        };
        read_only(&self.file)
            .and_then(|()| self.file.sync_all())
            .map_err(|why| disk(&self.path, why))?;
        self.vault.publish(&self.path, &stored)?;
        Ok(stored)
    }
}

impl Write for Intake {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.take(piece).map_err(io::Error::other)?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        // Only the temporary name: what was published has its own.
        let _ = fs::remove_file(&self.path);
    }
}

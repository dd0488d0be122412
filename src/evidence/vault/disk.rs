//! What the vault asks of the file system. Symbolic links are never followed.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::VaultError;

/// SHA-256 of some bytes, as the vault writes it.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn hash(file: &mut File) -> io::Result<(String, u64)> {
    let mut sum = Sha256::new();
    let size = io::copy(file, &mut sum)?;
    Ok((hex(&sum.finalize()), size))
}

pub(super) fn same_content(path: &Path, sha256: &str) -> bool {
    let regular = matches!(kind(path), Ok(Some("a file")));
    regular
        && File::open(path)
            .and_then(|mut file| hash(&mut file))
            .is_ok_and(|(found, _)| found == sha256)
}

pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

pub(in crate::evidence) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What stands at a path; links are not followed.
pub(super) fn kind(path: &Path) -> Result<Option<&'static str>, VaultError> {
    match fs::symlink_metadata(path) {
        Ok(it) if it.is_symlink() => Ok(Some("a symbolic link")),
        Ok(it) if it.is_dir() => Ok(Some("a folder")),
        Ok(it) if it.is_file() => Ok(Some("a file")),
        Ok(_) => Ok(Some("something special")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(disk(path, why)),
    }
}

pub(super) fn folder(path: &Path) -> Result<(), VaultError> {
    match kind(path)? {
        Some("a folder") => Ok(()),
        Some(what) => Err(in_the_way(path, what)),
        None => make_folder(path).map_err(|why| disk(path, why)),
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

pub(super) fn close_to_others(path: &Path) -> Result<(), VaultError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .map_err(|why| disk(path, why))?;
    }
    Ok(())
}

pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

pub(super) fn read_only(file: &File) -> io::Result<()> {
    let mut permissions = file.metadata()?.permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o400);
    #[cfg(not(unix))]
    permissions.set_readonly(true);
    file.set_permissions(permissions)
}

/// A new name must survive a power cut.
pub(super) fn sync_folder(path: &Path) -> Result<(), VaultError> {
    #[cfg(unix)]
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|why| disk(path, why))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

pub(super) fn disk(path: &Path, why: io::Error) -> VaultError {
    VaultError::Disk {
        path: path.display().to_string(),
        why,
    }
}

pub(super) fn in_the_way(path: &Path, what: &'static str) -> VaultError {
    VaultError::InTheWay {
        path: path.display().to_string(),
        what,
    }
}

//! A ZIP that others can verify: every file is listed in `SHA256SUMS`.
//!
//! It is written straight into the vault, hashed on the way; where recipients are named it is encrypted on the way too, so that
//! no readable copy of it ever lies on the disk.

pub mod chain;
pub mod seal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read, Write};

use chrono::{DateTime, Datelike, Timelike, Utc};
use sha2::{Digest, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use self::seal::{Recipients, SealError, Sink};
use super::vault::{Stored, Vault, VaultError};

/// Bytes of an export: more than any incident has, less than a disk.
const EXPORT_MAX: u64 = 1 << 40;
/// Bytes from which a ZIP needs its larger form.
const LARGE: u64 = u32::MAX as u64;

/// An export being written.
pub struct Archive {
    zip: ZipWriter<StreamWriter<Sink>>,
    options: SimpleFileOptions,
    top: String,
    sums: BTreeMap<String, String>,
}

/// Why an export cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The ZIP, or the disk below it.
    #[error("the ZIP cannot be written: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// The encryption.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A file that goes into it.
    #[error("{name}: {why}")]
    File {
        /// Which one.
        name: String,
        /// Why.
        why: io::Error,
    },
}

impl Archive {
    /// Begins one whose files lie in the folder `top` and carry the time `at`.
    pub fn begin(
        vault: &Vault,
        recipients: &Recipients,
        top: &str,
        at: DateTime<Utc>,
    ) -> Result<Self, ExportError> {
        let mut options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .unix_permissions(0o444);
        if let Some(time) = zip_time(at) {
            options = options.last_modified_time(time);
        }
        let sink = Sink::new(recipients, vault.intake(EXPORT_MAX)?);
        Ok(Self {
            zip: ZipWriter::new_stream(sink.map_err(SealError::NoProgram)?),
            options,
            top: top.to_owned(),
            sums: BTreeMap::new(),
        })
    }

    /// Adds a file. `size` need only be right in its order of magnitude.
    pub fn add(&mut self, name: &str, size: u64, content: impl Read) -> Result<(), ExportError> {
        let sum = self.write(name, size, content)?;
        self.sums.insert(name.to_owned(), sum);
        Ok(())
    }

    /// Adds a text.
    pub fn text(&mut self, name: &str, text: &str) -> Result<(), ExportError> {
        self.add(name, text.len() as u64, text.as_bytes())
    }

    /// Adds the list of checksums and closes: the ZIP lies in the vault.
    pub fn finish(mut self) -> Result<Stored, ExportError> {
        let mut list = String::new();
        for (name, sum) in &self.sums {
            // The form of sha256sum: two spaces say that the file is read as it is.
            let _ = writeln!(list, "{sum}  {name}");
        }
        self.write("SHA256SUMS", list.len() as u64, list.as_bytes())?;
        let sink = self.zip.finish()?.into_inner();
        Ok(sink.close()?.finish()?)
    }

    fn write(&mut self, name: &str, size: u64, content: impl Read) -> Result<String, ExportError> {
        let options = self.options.large_file(size >= LARGE);
        self.zip
            .start_file(format!("{}/{name}", self.top), options)?;
        let mut both = Summing {
            sum: Sha256::new(),
            inner: &mut self.zip,
        };
        let mut content = content;
        io::copy(&mut content, &mut both).map_err(|why| ExportError::File {
            name: name.to_owned(),
            why,
        })?;
        Ok(super::vault::hex(&both.sum.finalize()))
    }
}

/// Hashes what passes.
struct Summing<W> {
    sum: Sha256,
    inner: W,
}

impl<W: Write> Write for Summing<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(piece)?;
        self.sum.update(&piece[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn zip_time(at: DateTime<Utc>) -> Option<zip::DateTime> {
    let small = |number: u32| u8::try_from(number).ok();
    zip::DateTime::from_date_and_time(
        u16::try_from(at.year()).ok()?,
        small(at.month())?,
        small(at.day())?,
        small(at.hour())?,
        small(at.minute())?,
        small(at.second())?,
    )
    .ok()
}

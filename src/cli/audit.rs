//! `breakglass audit verify|checkpoint`: proves the log whole. Reads only, also while the bot runs.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::clock::Clock;
use crate::config;
use crate::store::checkpoint::Origin;
use crate::store::{Auditor, Checkpoint, Scope, VerifyReport};

/// Compares the log with itself and with a checkpoint. Fails if anything is wrong.
pub(super) async fn verify(against: Option<PathBuf>) -> Result<(), String> {
    let (checkpoint, from) = match against {
        Some(file) => {
            let (checkpoint, origin) = read(&file)?;
            (checkpoint, Some(origin))
        }
        None => (Checkpoint::default(), None),
    };
    let report = audit(&checkpoint).await?;
    println!("{}", counted(&report));
    match &from {
        Some(origin) => println!("Compared with the checkpoint of {}.", origin.time),
        None => println!(
            "Without --checkpoint FILE: a log that was cut at its end, or written anew from some point on, cannot be told from a whole one."
        ),
    }
    for fault in &report.faults {
        println!("FAULT {fault}");
    }
    match report.faults.len() {
        0 => {
            println!("The log is whole.");
            Ok(())
        }
        1 => Err("the log is not whole: 1 fault".to_owned()),
        count => Err(format!("the log is not whole: {count} faults")),
    }
}

/// Writes down where the log stands now. A log with faults gets no checkpoint.
pub(super) async fn checkpoint(out: Option<PathBuf>) -> Result<(), String> {
    let report = audit(&Checkpoint::default()).await?;
    if !report.is_whole() {
        for fault in &report.faults {
            eprintln!("FAULT {fault}");
        }
        return Err("no checkpoint was written: the log is not whole".to_owned());
    }
    let counted = counted(&report);
    let origin = Origin {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        database: shown(&database()),
        time: Clock::system()
            .now()
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    };
    let checkpoint = Checkpoint {
        heads: report.heads,
        order: report.order,
    };
    let text = checkpoint.to_text(&origin);
    match out {
        None => print!("{text}"),
        Some(file) => {
            write(&file, &text)
                .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
            println!("{counted} The checkpoint is in {}.", file.display());
            println!(
                "Keep it on another machine: whoever can change the log here could change it too."
            );
        }
    }
    Ok(())
}

async fn audit(checkpoint: &Checkpoint) -> Result<VerifyReport, String> {
    let auditor = Auditor::open(&database())
        .await
        .map_err(|error| super::wrong_database(&error))?;
    let report = auditor.verify(&Scope::All, checkpoint).await;
    auditor.close().await;
    report.map_err(|error| error.to_string())
}

fn database() -> String {
    std::env::var("DATABASE_URL").unwrap_or_else(|_| config::DEFAULT_DATABASE.to_owned())
}

/// The address without its password.
fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (place, _) = rest.split_once('?').unwrap_or((rest, ""));
    match place.rsplit_once('@') {
        Some((user, host)) => {
            let (name, _) = user.split_once(':').unwrap_or((user, ""));
            format!("{scheme}://{name}@{host}")
        }
        None => format!("{scheme}://{place}"),
    }
}

fn counted(report: &VerifyReport) -> String {
    format!("{} streams, {} events.", report.streams, report.events)
}

fn read(file: &Path) -> Result<(Checkpoint, Origin), String> {
    let said = |why: String| format!("--checkpoint {}: {why}", file.display());
    let text = fs::read_to_string(file).map_err(|error| said(error.to_string()))?;
    Checkpoint::read(&text).map_err(|error| said(error.to_string()))
}

/// Whole or not at all: an old checkpoint of the same name stays until the new one is on the disk.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let fresh = PathBuf::from(name);
    let written = (|| {
        let mut out = File::create(&fresh)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        fs::rename(&fresh, file)
    })();
    if written.is_err() {
        // What is left of it is of no use; if it cannot go either, the first error says why.
        let _ = fs::remove_file(&fresh);
    }
    written?;
    // The new name reaches the disk with its folder.
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_gets_into_a_checkpoint() {
        assert_eq!(
            shown("postgres://app:CANARY@db:5432/prod?sslpassword=CANARY"),
            "postgres://app@db:5432/prod"
        );
        assert_eq!(shown("sqlite://breakglass.db"), "sqlite://breakglass.db");
        assert_eq!(shown("sqlite:x.db"), "sqlite:x.db");
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("checkpoint.txt");
        write(&file, "one\n").expect("written");
        write(&file, "two\n").expect("written again");
        assert_eq!(fs::read_to_string(&file).expect("readable"), "two\n");
        let names = fs::read_dir(folder.path()).expect("the folder").count();
        assert_eq!(names, 1, "nothing else is left");
        assert!(write(&folder.path().join("no/such/folder/x"), "three").is_err());
    }
}

//! The folders of the demo machine: TARS's and JARVIS's homes, logs, databases, units, and the programs that stand in.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};

use super::DemoError;

/// The web app's folder.
pub(super) const TARS_WEB: &str = "tars/Projects/agent-dashboard/apps/web";
/// The app's database: the file that a rollback swaps.
pub(super) const TARS_DB: &str = "tars/Projects/agent-dashboard/apps/web/prisma/dev.db";
/// JARVIS's database.
pub(super) const JARVIS_DB: &str = "jarvis/data/jarvis.db";
/// The units of both plans.
pub(super) const UNITS: [&str; 6] = [
    "tars-web",
    "tars-agent",
    "n8n",
    "jarvis-api",
    "jarvis-telegram-bot",
    "jarvis-twitter-bot",
];

const STAND_IN: &str = include_str!("stand_in.sh");
const PROGRAMS: [&str; 10] = [
    "systemctl",
    "nft",
    "npm",
    "python",
    "pip",
    "pg_dump",
    "sqlite3",
    "ss",
    "ps",
    "dmesg",
];

/// What lies around: path and content.
const FILES: [(&str, &str); 22] = [
    ("tars/README.md", "# TARS\n"),
    ("tars/SECURITY/README.md", "Plans and incident records.\n"),
    (
        "tars/.gitignore",
        "releases/\ncurrent\n*.db\nbackups/\n.next/\nnode_modules/\nMAINTENANCE_MODE\nRATE_LIMIT_EMERGENCY\nSECURITY/incidents/\nSECURITY/rotation/\n",
    ),
    (
        "tars/Projects/agent-dashboard/apps/web/package.json",
        "{\n  \"name\": \"web\",\n  \"private\": true\n}\n",
    ),
    (
        "tars/Projects/agent-dashboard/apps/web/server.js",
        "// Serves the dashboard.\n",
    ),
    (
        "tars/Projects/agent-dashboard/apps/web/.next/build.log",
        "compiled in 4.2 s\n",
    ),
    (
        "tars/Projects/agent-dashboard/apps/web/prisma/README",
        "The database of the app.\n",
    ),
    ("tars/releases/first/README.md", "The release that runs.\n"),
    (
        "log/app.log",
        "2026-02-17T01:03:11Z sign-in u4 203.0.113.66\n2026-02-17T01:05:02Z export users 203.0.113.66\n",
    ),
    ("jarvis/README.md", "# JARVIS\n"),
    ("jarvis/.gitignore", "data/*.db\nrun/\nlogs/\n"),
    ("jarvis/data/README", "The database.\n"),
    (
        "jarvis/core/security/emergency_shutdown.py",
        "async def trigger_shutdown(reason):\n    ...\n",
    ),
    (
        "jarvis/scripts/verify_integrity.py",
        "# Compares the program with its manifest.\n",
    ),
    (
        "jarvis/scripts/rotate_api_keys.py",
        "# Gives out new API keys.\n",
    ),
    (
        "jarvis/scripts/rotate_encryption_keys.py",
        "# Encrypts anew under a new key.\n",
    ),
    (
        "jarvis/scripts/set_database_password.py",
        "# Reads the new password from its standard input.\n",
    ),
    ("jarvis/requirements.txt", "aiohttp\n"),
    ("jarvis/run/README", "Flag files of the running program.\n"),
    (
        "jarvis/logs/api.log",
        "2026-02-17T01:07:00Z GET /treasury b07e22 203.0.113.66\n",
    ),
    ("firewall", "nftables.conf\n"),
    ("blocked", ""),
];

/// Makes the folders and files; what was there before goes.
pub(super) fn lay_out(root: &Path) -> Result<(), DemoError> {
    if root.exists() {
        fs::remove_dir_all(root).map_err(|why| trouble(root, why))?;
    }
    for (path, content) in FILES {
        write(root, path, content, 0o644)?;
    }
    for unit in UNITS {
        write(root, &format!("units/{unit}"), "active\n", 0o644)?;
    }
    for program in PROGRAMS {
        write(root, &format!("bin/{program}"), STAND_IN, 0o755)?;
    }
    let deploy = "#!/bin/sh\necho deployed | tee -a run/deployed\n";
    write(root, "jarvis/deploy.sh", deploy, 0o755)?;
    let link = root.join("tars/current");
    symlink("releases/first", &link).map_err(|why| trouble(&link, why))?;
    for folder in ["tars", "jarvis"] {
        commit(&root.join(folder));
    }
    for own in ["tars", "jarvis"] {
        patch(root, own);
    }
    Ok(())
}

/// The databases and the backup that a rollback goes back to.
pub(super) async fn fill(root: &Path) -> Result<(), DemoError> {
    run(&root.join(TARS_DB), include_str!("tars.sql")).await?;
    run(&root.join(JARVIS_DB), include_str!("jarvis.sql")).await?;
    let backup = root.join(TARS_WEB).join("backups/dev-2026-02-16.db");
    write(root, &format!("{TARS_WEB}/backups/README"), "", 0o644)?;
    fs::copy(root.join(TARS_DB), &backup).map_err(|why| trouble(&backup, why))?;
    Ok(())
}

async fn run(file: &Path, script: &'static str) -> Result<(), DemoError> {
    let mut conn = open(file, true).await?;
    sqlx::raw_sql(script).execute(&mut conn).await?;
    conn.close().await?;
    Ok(())
}

/// A connection of its own for each look: the file may have been swapped meanwhile. One file, without any beside it.
pub(super) async fn open(file: &Path, create: bool) -> sqlx::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(create)
        .journal_mode(SqliteJournalMode::Delete)
        .busy_timeout(std::time::Duration::from_secs(5));
    SqliteConnection::connect_with(&options).await
}

fn write(root: &Path, path: &str, content: &str, mode: u32) -> Result<(), DemoError> {
    let file = root.join(path);
    let written = || {
        fs::create_dir_all(file.parent().unwrap_or(root))?;
        let mut options = fs::OpenOptions::new();
        options.create(true).truncate(true).write(true).mode(mode);
        options.open(&file)?.write_all(content.as_bytes())
    };
    written().map_err(|why| trouble(&file, why))
}

fn trouble(path: &Path, why: std::io::Error) -> DemoError {
    DemoError::Folder {
        path: PathBuf::from(path),
        why,
    }
}

/// A repository with a few commits. Where git is not installed there is none, and the steps that want it say so.
fn commit(folder: &Path) {
    git(folder, &["init", "--quiet", "--initial-branch=main"]);
    git(folder, &["add", "README.md"]);
    git(folder, &["commit", "--quiet", "-m", "Begin"]);
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "-m", "Add the program"]);
    let more = ["commit", "--quiet", "--allow-empty", "-m", "Release"];
    git(folder, &more);
}

/// The patch waits on a branch of the repository that this one was cloned from.
fn patch(root: &Path, own: &str) {
    let (own, origin) = (root.join(own), root.join(format!("origin-{own}.git")));
    let (from, to) = (own.display().to_string(), origin.display().to_string());
    git(root, &["clone", "--quiet", "--bare", &from, &to]);
    git(&own, &["remote", "add", "origin", &to]);
    git(&own, &["checkout", "--quiet", "-b", "security-patch"]);
    let fix = ["commit", "--quiet", "--allow-empty", "-m", "Close the hole"];
    git(&own, &fix);
    git(&own, &["push", "--quiet", "origin", "security-patch"]);
    git(&own, &["checkout", "--quiet", "main"]);
    git(&own, &["branch", "--quiet", "-D", "security-patch"]);
}

fn git(folder: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=Demo", "-c", "user.email=demo@demo.example"])
        .args([
            "-c",
            "commit.gpgsign=false",
            "-c",
            "core.hooksPath=/dev/null",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !done.is_ok_and(|status| status.success()) {
        tracing::debug!("git {arguments:?} did not work in {}", folder.display());
    }
}

//! The command line.

mod audit;
mod plan;
mod shutdown;
mod totp;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{self, Settings};
use crate::{run, sandbox};

/// A Telegram bot that makes a team's incident response plan run.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bot with the settings from the environment and .env
    Run,
    /// Try the bot in a browser: no token, no internet, no account
    Sandbox {
        /// Where the chat page is served
        #[arg(long, default_value = "127.0.0.1:8088")]
        listen: SocketAddr,
        /// Where the demo service is served that the levers work on
        #[arg(long, default_value = "127.0.0.1:8089")]
        demo: SocketAddr,
        /// Keep the incidents in this file (a fresh one is made and removed otherwise)
        #[arg(long)]
        database: Option<PathBuf>,
        /// A folder with plans, instead of those that are built in
        #[arg(long)]
        plans: Option<PathBuf>,
    },
    /// Look at response plans
    Plan {
        #[command(subcommand)]
        command: PlanCommand,
    },
    /// Prove that nobody changed the log behind the bot's back
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// One-time codes of people
    Totp {
        #[command(subcommand)]
        command: TotpCommand,
    },
    /// Pull a fail-safe lever from the host: works without Telegram and without the database
    ///
    /// Exit code: 0 done (or started by the running bot), 3 done but for what people must do by hand,
    /// 4 some steps failed or their outcome is unknown, 1 nothing was done.
    Shutdown(shutdown::Asked),
    /// Bring the database up to date without starting the bot
    Migrate,
}

#[derive(Debug, Subcommand)]
enum TotpCommand {
    /// Take somebody's second factor away, so that they can enrol anew; also while the bot runs
    Reset {
        /// Their numeric Telegram id, as /whoami shows it
        id: i64,
    },
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check every event against its hash, its stream, and a checkpoint
    Verify {
        /// A checkpoint that was taken before
        #[arg(long)]
        checkpoint: Option<PathBuf>,
    },
    /// Write down where the log stands now, to be kept elsewhere
    Checkpoint {
        /// The file; standard output without it
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum PlanCommand {
    /// Report every mistake in a plan file, with line and column
    Check {
        /// The file
        file: PathBuf,
    },
    /// Show what a plan file says
    Show {
        /// The file, or the name of a built-in plan
        file: PathBuf,
    },
}

/// Runs the program.
pub fn main() -> ExitCode {
    crate::panics::keep_quiet();
    let line = Line::parse();
    let ready = read_dotenv(&line.command).and_then(|()| log_to_stderr());
    if let Err(line) = ready {
        return failed(&line);
    }
    let done = match line.command {
        Command::Run => block_on(run_bot()),
        Command::Sandbox {
            listen,
            demo,
            database,
            plans,
        } => block_on(sandbox::run(sandbox::Options {
            listen,
            demo,
            database,
            plans,
        })),
        Command::Plan {
            command: PlanCommand::Check { file },
        } => plan::check(&file),
        Command::Plan {
            command: PlanCommand::Show { file },
        } => plan::show(&file),
        Command::Audit {
            command: AuditCommand::Verify { checkpoint },
        } => block_on(audit::verify(checkpoint)),
        Command::Audit {
            command: AuditCommand::Checkpoint { out },
        } => block_on(audit::checkpoint(out)),
        Command::Totp {
            command: TotpCommand::Reset { id },
        } => block_on(totp::reset(id)),
        Command::Shutdown(asked) => {
            return block_on(shutdown::shutdown(asked)).unwrap_or_else(|line| failed(&line));
        }
        Command::Migrate => block_on(migrate()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(line) => failed(&line),
    }
}

/// One line, and a code that is not zero.
fn failed(line: &str) -> ExitCode {
    eprintln!("breakglass: {line}");
    ExitCode::FAILURE
}

/// Settings may stand in `.env`. What the file says is never shown: the line with the slip may be the one with the token.
fn read_dotenv(command: &Command) -> Result<(), String> {
    if matches!(command, Command::Sandbox { .. } | Command::Plan { .. }) {
        return Ok(());
    }
    match dotenvy::dotenv() {
        Ok(_) => Ok(()),
        // A missing .env is normal; a broken one is not.
        Err(error) if error.not_found() => Ok(()),
        Err(dotenvy::Error::Io(error)) => Err(format!(".env cannot be read: {error}")),
        Err(_) => Err(
            ".env has a line that cannot be read: a value with blanks stands in quotes".to_owned(),
        ),
    }
}

fn log_to_stderr() -> Result<(), String> {
    let wanted = std::env::var("RUST_LOG").unwrap_or_default();
    let wanted = Some(wanted.trim()).filter(|it| !it.is_empty());
    let filter = EnvFilter::try_new(wanted.unwrap_or("warn,breakglass=info"))
        .map_err(|error| format!("RUST_LOG is wrong: {error}"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    Ok(())
}

fn block_on<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime does not start: {error}"))?;
    runtime.block_on(work)
}

fn settings() -> Result<Settings, String> {
    Settings::read(|name| std::env::var(name).ok()).map_err(|error| error.to_string())
}

async fn run_bot() -> Result<(), String> {
    let settings = settings()?;
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in config::unknown(names) {
        tracing::warn!("{name} is no setting of breakglass: it is ignored");
    }
    let mut running = run::start(&settings, run::Options::default())
        .await
        .map_err(|error| error.to_string())?;
    match running.bot() {
        Some(bot) => tracing::info!("@{bot} is listening; Ctrl-C ends it"),
        None => tracing::info!("Ctrl-C ends it"),
    }
    let ended = tokio::select! {
        ended = running.ended() => ended,
        () = run::asked_to_stop() => Ok(()),
    };
    running.stop().await;
    ended.map_err(|error| error.to_string())
}

/// Which setting it is that names the database.
fn wrong_database(error: &dyn std::fmt::Display) -> String {
    format!("DATABASE_URL: {error}")
}

async fn migrate() -> Result<(), String> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| config::DEFAULT_DATABASE.to_owned());
    let clock = crate::clock::Clock::system();
    let ledger = crate::store::Ledger::open(&url, std::sync::Arc::new(move || clock.micros()))
        .await
        .map_err(|error| wrong_database(&error))?;
    ledger.close().await;
    println!("The database is up to date.");
    Ok(())
}

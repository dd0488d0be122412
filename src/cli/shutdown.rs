//! `breakglass shutdown`: the lever without Telegram.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::actions::Execute;
use crate::clock::Clock;
use crate::config::HostSettings;
use crate::host::{self, Begun, Progress, Pull};
use crate::incident::{Door, HostOutcome, Tally};
use crate::journal::{Journal, JournalError};
use crate::run;

/// How long a running bot may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long another writer of the journal is waited for.
const JOURNAL_TRIES: u32 = 50;
const JOURNAL_NAP: Duration = Duration::from_millis(100);

/// Everything is done but what people must do.
const LEFT_TO_PEOPLE: u8 = 3;
/// Some steps failed, or nobody knows.
const NOT_ALL_DONE: u8 = 4;

/// Which chats there are only the ledger knows.
const NO_CHAT: &str = "No --chat: the bot tells the home chat, or where there is none another chat that it is used in.";

#[derive(Debug, Args)]
pub(super) struct Asked {
    /// The plan to follow
    #[arg(long)]
    plan: String,
    /// Why: it goes on the timeline
    #[arg(long)]
    reason: String,
    /// The chat that it belongs to, by Telegram's id (the home chat otherwise)
    #[arg(long, allow_negative_numbers = true)]
    chat: Option<i64>,
    /// Another fail-safe procedure of the plan
    #[arg(long, default_value = "emergency_shutdown")]
    procedure: String,
    /// Do not ask a running bot: do it from here
    #[arg(long)]
    direct: bool,
    /// Go on although the journal cannot be written: nothing will prove what was done
    #[arg(long)]
    without_journal: bool,
}

/// Pulls the lever: through a running bot if it answers, else from here.
pub(super) async fn shutdown(asked: Asked) -> Result<ExitCode, String> {
    let settings =
        HostSettings::read(|name| std::env::var(name).ok()).map_err(|error| error.to_string())?;
    if asked.reason.trim().is_empty() {
        return Err("give a reason with --reason: it goes on the timeline".to_owned());
    }
    if !asked.direct && settings.admin_token.is_some() {
        match through_the_bot(&asked, &settings).await {
            Ok(said) => {
                println!("{said}");
                return Ok(ExitCode::SUCCESS);
            }
            Err(why) => println!("The running bot does not do it ({why}): doing it from here."),
        }
    }
    let beside = settings.journal.with_file_name("evidence");
    let clock = crate::clock::Clock::system();
    let live = run::executor(run::environment(), &beside, clock);
    from_here(asked, &settings, &live).await
}

async fn through_the_bot(asked: &Asked, settings: &HostSettings) -> Result<String, String> {
    let Some(token) = &settings.admin_token else {
        return Err("BREAKGLASS_ADMIN_TOKEN is not set".to_owned());
    };
    let body = json!({
        "plan": asked.plan,
        "chat": asked.chat,
        "procedure": asked.procedure,
        "reason": asked.reason,
    });
    let plain = |error: reqwest::Error| error.without_url().to_string();
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(2))
        .timeout(ANSWER_WITHIN)
        .build()
        .map_err(plain)?;
    let url = format!("http://{}/v1/admin/emergency-shutdown", settings.reach());
    let request = client.post(url).bearer_auth(token.expose()).json(&body);
    let request = request.header("idempotency-key", host::fresh_id());
    let answer = request.send().await.map_err(plain)?;
    let status = answer.status();
    let said: Value = answer.json().await.map_err(plain)?;
    let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
    if !status.is_success() {
        return Err(format!("it says {status}: {}", token.scrub(text("error"))));
    }
    if said["journal"].is_string() {
        return Ok(format!(
            "The running bot does {} without its ledger, as run {} of the journal; its log tells how far it is.",
            asked.procedure,
            text("journal")
        ));
    }
    Ok(format!(
        "The running bot has started {}: run {} of {}. The chat shows how far it is.",
        asked.procedure,
        said["run"],
        text("incident")
    ))
}

async fn from_here<E: Execute>(
    asked: Asked,
    settings: &HostSettings,
    executor: &E,
) -> Result<ExitCode, String> {
    let clock = Clock::system();
    let plan = host::find_plan(settings.plans.as_deref(), &asked.plan)
        .map_err(|error| error.to_string())?;
    host::check(&plan, &asked.procedure).map_err(|error| error.to_string())?;
    let journal =
        if asked.without_journal {
            None
        } else {
            let opened = open(settings, &clock).await;
            Some(opened.map_err(|error| {
                format!("{error}; --without-journal goes on without any record")
            })?)
        };
    if let Some(journal) = &journal {
        println!("Recording in {}", journal.path().display());
        if asked.chat.is_none() {
            println!("{NO_CHAT}");
        }
    }
    let pull = Pull {
        plan,
        procedure: asked.procedure,
        chat: asked.chat,
        why: asked.reason,
        door: Door::Host,
        account: settings.account.clone(),
    };
    let begun = host::begin(pull, journal, &clock).map_err(|error| error.to_string())?;
    let recorded = !asked.without_journal;
    let tally = watched(begun, executor, &clock).await;
    println!("{}", summed_up(tally, recorded));
    Ok(code(tally))
}

/// A run under way, or a bot that just reads the journal, is waited for a little.
async fn open(settings: &HostSettings, clock: &Clock) -> Result<Journal, JournalError> {
    let id = host::fresh_id();
    let mut tries = 0;
    loop {
        match Journal::open(&settings.journal, id.clone()) {
            Err(JournalError::InUse { .. }) if tries < JOURNAL_TRIES => {
                tries += 1;
                clock.sleep(JOURNAL_NAP).await;
            }
            opened => return opened,
        }
    }
}

/// Executes; Ctrl-C cuts the step off that is under way and leaves out the rest.
async fn watched<E: Execute>(begun: Begun, executor: &E, clock: &Clock) -> Tally {
    let (stop, stopping) = watch::channel(false);
    let run = begun.execute(executor, clock, stopping, |it| println!("{}", line(it)));
    tokio::pin!(run);
    tokio::select! {
        tally = &mut run => return tally,
        () = run::asked_to_stop() => {
            println!("Ending: this step is cut off, the rest is left out.");
            stop.send_replace(true);
        }
    }
    run.await
}

fn line(progress: Progress) -> String {
    match progress {
        Progress::Begins { number, of, name } => format!("{number}/{of} {name} …"),
        Progress::Ended {
            outcome,
            fact,
            summary,
        } => {
            let word = match outcome {
                HostOutcome::Succeeded => "done",
                HostOutcome::Failed => "FAILED",
                HostOutcome::Unknown => "UNKNOWN",
                HostOutcome::ByHand => "BY HAND",
            };
            let summary = run::plainly(fact.as_ref(), &summary);
            if summary.is_empty() {
                format!("    {word}")
            } else {
                format!("    {word}: {summary}")
            }
        }
        Progress::Unrecorded { why } => format!("    NOT RECORDED: {why}"),
    }
}

fn summed_up(tally: Tally, recorded: bool) -> String {
    let Tally {
        succeeded,
        failed,
        unknown,
        by_hand,
    } = tally;
    let mut text =
        format!("{succeeded} done, {failed} failed, {unknown} unknown, {by_hand} to do by hand.");
    if recorded {
        text.push_str(" The bot puts it on the timeline when it can.");
    }
    text
}

fn code(tally: Tally) -> ExitCode {
    if tally.failed > 0 || tally.unknown > 0 {
        NOT_ALL_DONE.into()
    } else if tally.by_hand > 0 {
        LEFT_TO_PEOPLE.into()
    } else {
        ExitCode::SUCCESS
    }
}

//! Programs: an argument list without a shell, an environment that holds only what is named, a time limit for the whole
//! process group. What they print is drained to the end, whatever its size.

use std::convert::Infallible;
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::Instant;

use super::frame::{Frame, Waited, millis, until};
use super::output::{Keep, Keeper, Why, last_line};
use super::redact::Redactor;
use super::template::Place;
use super::{Done, Output, Status};
use crate::incident::StepFact;
use crate::plan::{CommandCall, ConnectionKind};

/// What a program says on the side is kept up to here, where it is kept apart.
const COMPLAINTS: u64 = 16 * 1024;
/// How long a program's children may hold its output after it ended.
const LINGER: Duration = Duration::from_secs(1);

/// A program, ready to be started.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) argv: Vec<String>,
    pub(super) env: Vec<(String, String)>,
    pub(super) folder: PathBuf,
    pub(super) stdin: Option<String>,
    /// Errors are kept apart from the output, which is evidence.
    pub(super) apart: bool,
}

/// How it ended.
#[derive(Debug)]
pub(super) enum How {
    NotStarted(String),
    Exit(i32),
    Signal(i32),
    Late,
    Stopped,
}

/// What became of it.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) how: How,
    pub(super) output: io::Result<Output>,
    /// The last line that it said, of its complaints if those are kept apart.
    pub(super) last: Option<String>,
}

/// Runs the program of a step.
pub(super) async fn call(
    call: &CommandCall,
    frame: &Frame<'_>,
    keep: Keep,
    stop: &mut watch::Receiver<bool>,
) -> Done {
    let program = match program(call, frame) {
        Ok(program) => program,
        Err(why) => return Done::failed(why),
    };
    let program_name = program.argv[0].clone();
    let ran = run(
        program,
        &frame.redactor,
        keep,
        frame.limit,
        frame.grace,
        stop,
    )
    .await;
    let (status, why) = came_to(&ran, call, program_name, frame.limit);
    let done = Done::new(status, why);
    match ran.how {
        How::NotStarted(_) => done,
        How::Exit(code) => done.with_code(code).with_output(ran.output),
        How::Signal(_) | How::Late | How::Stopped => done.with_output(ran.output),
    }
}

fn came_to(ran: &Ran, call: &CommandCall, program: String, limit: Duration) -> (Status, Why) {
    let last = ran.last.as_deref().unwrap_or_default();
    match &ran.how {
        How::NotStarted(why) => {
            let fact = StepFact::NotStarted { program };
            (Status::Failed, Why::with(fact, why))
        }
        How::Exit(code) if call.expect_exit.contains(code) => {
            let exit = || StepFact::Exit {
                program: program.clone(),
                code: *code,
            };
            match unexpected(call.expect_output.as_deref(), &ran.output, &program, *code) {
                None => (Status::Succeeded, exit().into()),
                Some(why) => (Status::Failed, why),
            }
        }
        How::Exit(code) => {
            let code = *code;
            (
                Status::Failed,
                Why::with(StepFact::Exit { program, code }, last),
            )
        }
        How::Signal(signal) => {
            let signal = *signal;
            (
                Status::Unknown,
                Why::with(StepFact::Killed { program, signal }, last),
            )
        }
        How::Late | How::Stopped => {
            let late = matches!(ran.how, How::Late);
            let millis = late.then(|| millis(limit));
            (
                Status::Unknown,
                Why::with(StepFact::Stopped { program, millis }, last),
            )
        }
    }
}

/// Why its output is not what it must be. What cannot be read to the end is not.
fn unexpected(
    must: Option<&str>,
    output: &io::Result<Output>,
    program: &str,
    code: i32,
) -> Option<Why> {
    let must = must?;
    let program = program.to_owned();
    let Ok(output) = output else {
        return Some(StepFact::PrintedUnread { program, code }.into());
    };
    let text = String::from_utf8_lossy(&output.kept);
    let whole = u64::try_from(output.kept.len()).is_ok_and(|it| it == output.total);
    if whole && text.trim() == must {
        return None;
    }
    let said = text.lines().find(|it| !it.trim().is_empty());
    let wanted = must.to_owned();
    Some(Why::with(
        StepFact::Printed {
            program,
            code,
            wanted,
        },
        said.unwrap_or_default().trim(),
    ))
}

fn program(call: &CommandCall, frame: &Frame<'_>) -> Result<Program, Why> {
    let target = frame.target();
    let mut argv = Vec::new();
    if call.argv.first().is_some_and(|it| it.contains("${")) {
        return Err("the program must not come from a placeholder".into());
    }
    for argument in &call.argv {
        argv.push(frame.filler.fill(argument, Place::Argument)?);
    }
    if argv.first().is_none_or(String::is_empty) {
        return Err("there is no program to start".into());
    }
    let env = call
        .env
        .iter()
        .filter_map(|name| Some((name.clone(), frame.targets.variable(name)?)))
        .collect();
    let folder = match target.kind {
        ConnectionKind::Folder => PathBuf::from(target.address.expose()),
        _ => PathBuf::from("/"),
    };
    if !folder.is_dir() {
        let variable = target.variable.clone();
        return Err(StepFact::NoFolder { variable }.into());
    }
    let stdin = call
        .stdin
        .as_ref()
        .map(|text| frame.filler.fill(text, Place::Text))
        .transpose()?;
    Ok(Program {
        argv,
        env,
        folder,
        stdin,
        apart: frame.reading,
    })
}

/// Starts a program and waits for its end, at most for `limit`; then its group is told to end, and killed after `grace`.
pub(super) async fn run(
    program: Program,
    redactor: &Redactor,
    keep: Keep,
    limit: Duration,
    grace: Duration,
    stop: &mut watch::Receiver<bool>,
) -> Ran {
    let apart = program.apart;
    let (mut child, mut pipes) = match start(program, redactor, keep) {
        Ok(started) => started,
        Err(error) => {
            return Ran {
                how: How::NotStarted(error.to_string()),
                output: Err(error),
                last: None,
            };
        }
    };
    let mut group = Group::of(&child);
    let ended = tokio::select! {
        ended = until(Instant::now() + limit, stop, child.wait()) => ended,
        never = pipes.drain() => match never {},
    };
    let how = match ended {
        Waited::Came(Ok(status)) => {
            group.spare();
            how_of(status)
        }
        Waited::Came(Err(error)) => How::NotStarted(error.to_string()),
        Waited::Late => {
            end(&mut child, &mut group, &mut pipes, grace).await;
            How::Late
        }
        Waited::Stopped => {
            end(&mut child, &mut group, &mut pipes, grace).await;
            How::Stopped
        }
    };
    // What is still in the pipes; a child of the program that keeps them open does not hold us up.
    let _ = tokio::time::timeout(LINGER, pipes.drain_to_end()).await;
    let output = pipes.out.keeper.finish();
    let complaints = pipes.complaints.map(|it| it.keeper.finish());
    let last = match &complaints {
        Some(complaints) if apart => last_line(complaints),
        _ => last_line(&output),
    };
    Ran { how, output, last }
}

fn how_of(status: ExitStatus) -> How {
    match (status.code(), status.signal()) {
        (Some(code), _) => How::Exit(code),
        (None, signal) => How::Signal(signal.unwrap_or_default()),
    }
}

fn start(program: Program, redactor: &Redactor, keep: Keep) -> io::Result<(Child, Pipes)> {
    let (out, out_end) = io::pipe()?;
    let (complaints, complaints_end): (Option<PipeReader>, PipeWriter) = if program.apart {
        let (reader, writer) = io::pipe()?;
        (Some(reader), writer)
    } else {
        (None, out_end.try_clone()?)
    };
    let mut command = Command::new(&program.argv[0]);
    command
        .args(&program.argv[1..])
        .env_clear()
        .envs(program.env)
        .current_dir(program.folder)
        .stdout(out_end)
        .stderr(complaints_end)
        .stdin(match program.stdin {
            Some(_) => Stdio::piped(),
            None => Stdio::null(),
        })
        .process_group(0)
        .kill_on_drop(true);
    let mut child = command.spawn()?;
    // Our ends for writing go with the command: only the program holds the pipes open now.
    drop(command);
    if let (Some(mut pipe), Some(text)) = (child.stdin.take(), program.stdin) {
        // A program that does not read must not hold us up; its end closes the pipe.
        tokio::spawn(async move {
            let _ = pipe.write_all(text.as_bytes()).await;
        });
    }
    let pipe = |reader: PipeReader, keep| -> io::Result<Pipe> {
        Ok(Pipe {
            from: Some(Receiver::from_owned_fd(OwnedFd::from(reader))?),
            keeper: Keeper::new(redactor, keep),
        })
    };
    let pipes = Pipes {
        out: pipe(out, keep)?,
        complaints: complaints
            .map(|it| pipe(it, Keep::in_memory(COMPLAINTS)))
            .transpose()?,
    };
    Ok((child, pipes))
}

/// Tells the group to end, and kills what is left of it after a grace.
async fn end(child: &mut Child, group: &mut Group, pipes: &mut Pipes, grace: Duration) {
    group.send(Signal::TERM);
    tokio::select! {
        _ = tokio::time::timeout(grace, child.wait()) => {}
        never = pipes.drain() => match never {},
    }
    group.send(Signal::KILL);
    // Nothing survives KILL but what the kernel holds.
    let _ = tokio::time::timeout(grace.max(LINGER), child.wait()).await;
    group.spare();
}

/// The process group of a child: killed when it is dropped, unless the child came to its end.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    fn send(&self, signal: Signal) {
        if let Some(pid) = self.0 {
            // It may be gone already.
            let _ = kill_process_group(pid, signal);
        }
    }

    fn spare(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.send(Signal::KILL);
    }
}

struct Pipe {
    /// None at its end.
    from: Option<Receiver>,
    keeper: Keeper,
}

impl Pipe {
    /// Reads to the end. Given up in between, nothing is lost.
    async fn drain(&mut self) {
        let mut buffer = vec![0; 64 * 1024];
        while let Some(pipe) = &mut self.from {
            match pipe.read(&mut buffer).await {
                Ok(0) | Err(_) => self.from = None,
                Ok(length) => self.keeper.take(&buffer[..length]),
            }
        }
    }
}

struct Pipes {
    out: Pipe,
    complaints: Option<Pipe>,
}

impl Pipes {
    async fn drain_to_end(&mut self) {
        match &mut self.complaints {
            Some(complaints) => {
                tokio::join!(self.out.drain(), complaints.drain());
            }
            None => self.out.drain().await,
        }
    }

    /// Drains for as long as it is waited for.
    async fn drain(&mut self) -> Infallible {
        self.drain_to_end().await;
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests;

//! The words for what came of a step.

use crate::incident::StepFact;
use crate::incident::saga::{Bound, Closed, Cut, FileFact, Wanted};
use crate::messages::html::{Html, line, visible_len};
use crate::messages::phrases::{Phrases, say};
use crate::messages::view::commas;

/// Characters of a name in a fact.
const NAMED: usize = 120;

/// What came of a step, on one line of about `max` characters: the fact, and what was said beside it. What has no fact
/// says it all beside.
pub(in crate::messages) fn came_to(
    p: &Phrases,
    fact: Option<&StepFact>,
    beside: &str,
    max: usize,
) -> Html {
    let Some(fact) = fact else {
        return line(beside, max);
    };
    let said = words(p, fact, beside);
    if beside.is_empty() || matches!(fact, StepFact::Printed { .. }) {
        return said;
    }
    let left = max.saturating_sub(visible_len(said.as_str()) + 2).max(20);
    say!(p, "fact-beside", fact = said, said = line(beside, left))
}

/// The same as plain text, for whatever is no message.
pub fn step_said(phrases: &Phrases, fact: Option<&StepFact>, beside: &str) -> String {
    came_to(phrases, fact, beside, 200).plain()
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm for each kind, so that none is forgotten"
)]
fn words(p: &Phrases, fact: &StepFact, beside: &str) -> Html {
    match fact {
        StepFact::NotSetUp { missing } => {
            let missing: Vec<Html> = missing.iter().map(|it| named(it)).collect();
            say!(p, "fact-not-set-up", missing = commas(&missing))
        }
        StepFact::NotBegun => p.word("fact-not-begun"),
        StepFact::CutOff => p.word("fact-cut-off"),
        StepFact::NotDone { millis } => say!(p, "fact-not-done", seconds = seconds(*millis)),
        StepFact::NoAnswer { millis } => say!(p, "fact-no-answer", seconds = seconds(*millis)),
        StepFact::NoEnd => p.word("fact-no-end"),
        StepFact::Broke => p.word("fact-broke"),
        StepFact::MustNotChange => p.word("fact-must-not-change"),
        StepFact::OutputLost => p.word("fact-output-lost"),
        StepFact::Gathered { kept, missing: 0 } => say!(p, "fact-gathered", kept = *kept),
        StepFact::Gathered { kept, missing } => {
            say!(p, "fact-gathered-not-all", kept = *kept, missing = *missing)
        }
        StepFact::Waited { seconds } => say!(p, "fact-waited", seconds = *seconds),
        StepFact::Exit { .. }
        | StepFact::Printed { .. }
        | StepFact::PrintedUnread { .. }
        | StepFact::NotStarted { .. }
        | StepFact::Killed { .. }
        | StepFact::Stopped { .. }
        | StepFact::NoFolder { .. } => of_program(p, fact, beside),
        StepFact::Unit { unit, state } => {
            say!(p, "fact-unit", unit = named(unit), state = named(state))
        }
        StepFact::UnitStill {
            unit,
            state,
            millis,
        } => match millis {
            Some(millis) => say!(
                p,
                "fact-unit-still",
                unit = named(unit),
                state = named(state),
                seconds = seconds(*millis)
            ),
            None => say!(
                p,
                "fact-unit-stopped",
                unit = named(unit),
                state = named(state)
            ),
        },
        StepFact::UnitUnknown { unit } => say!(p, "fact-unit-unknown", unit = named(unit)),
        StepFact::Answered { .. }
        | StepFact::Unexpected { .. }
        | StepFact::WithoutText { .. }
        | StepFact::Elsewhere { .. }
        | StepFact::Gateway { .. }
        | StepFact::NotReachable
        | StepFact::NoWholeAnswer
        | StepFact::Address { .. }
        | StepFact::BadAddress { .. }
        | StepFact::BadPath
        | StepFact::BadHeader { .. } => of_request(p, fact),
        StepFact::Rows { .. }
        | StepFact::RowsChanged { .. }
        | StepFact::Figure { .. }
        | StepFact::StatementDone
        | StepFact::OutOfBounds { .. }
        | StepFact::NotOpened { .. }
        | StepFact::NothingCommitted
        | StepFact::CommitFailed
        | StepFact::CommitUnknown
        | StepFact::AnyPassword { .. } => of_database(p, fact),
        StepFact::PortOpen { port } => say!(p, "fact-port-open", port = u32::from(*port)),
        StepFact::PortClosed { port, millis: None } => {
            say!(p, "fact-port-closed", port = u32::from(*port))
        }
        StepFact::PortClosed {
            port,
            millis: Some(millis),
        } => {
            let seconds = seconds(*millis);
            say!(
                p,
                "fact-port-silent",
                port = u32::from(*port),
                seconds = seconds
            )
        }
        StepFact::CertificateGood { days } => say!(p, "fact-certificate-good", days = *days),
        StepFact::CertificateEnds { left, day } => {
            let day = Html::own(day.to_string());
            if *left < 0 {
                say!(p, "fact-certificate-ended", day = day)
            } else {
                say!(p, "fact-certificate-ends", left = *left, day = day)
            }
        }
        StepFact::CertificateEndsWithin { days } => {
            say!(p, "fact-certificate-ends-within", days = *days)
        }
        StepFact::File { path, what } => {
            let path = named(path);
            match what {
                FileFact::Read { bytes } => {
                    say!(p, "fact-file-read", path = path, bytes = count(*bytes))
                }
                _ => say!(p, &format!("fact-file-{}", what.word()), path = path),
            }
        }
    }
}

fn of_program(p: &Phrases, fact: &StepFact, beside: &str) -> Html {
    match fact {
        StepFact::Exit { program, code } => say!(
            p,
            "fact-exit",
            program = named(program),
            code = i64::from(*code)
        ),
        StepFact::Printed {
            program,
            code,
            wanted,
        } => {
            let program = named(program);
            let code = i64::from(*code);
            let said = if beside.is_empty() {
                p.word("fact-nothing")
            } else {
                say!(p, "fact-quote", text = line(beside, NAMED))
            };
            let wanted = if wanted.is_empty() {
                p.word("fact-nothing")
            } else {
                say!(p, "fact-quote", text = line(wanted, NAMED))
            };
            say!(
                p,
                "fact-printed",
                program = program,
                code = code,
                said = said,
                wanted = wanted
            )
        }
        StepFact::PrintedUnread { program, code } => say!(
            p,
            "fact-printed-unread",
            program = named(program),
            code = i64::from(*code)
        ),
        StepFact::NotStarted { program } => {
            say!(p, "fact-not-started", program = named(program))
        }
        StepFact::Killed { program, signal } => say!(
            p,
            "fact-killed",
            program = named(program),
            signal = i64::from(*signal)
        ),
        StepFact::Stopped { program, millis } => match millis {
            Some(millis) => say!(
                p,
                "fact-stopped-after",
                program = named(program),
                seconds = seconds(*millis)
            ),
            None => say!(p, "fact-stopped", program = named(program)),
        },
        StepFact::NoFolder { variable } => say!(p, "fact-no-folder", variable = named(variable)),
        _ => Html::default(),
    }
}

fn of_request(p: &Phrases, fact: &StepFact) -> Html {
    match fact {
        StepFact::Answered { status, cut } => {
            let status = u32::from(*status);
            match cut {
                None => say!(p, "fact-answered", status = status),
                Some(Cut::Rest) => say!(p, "fact-answered-rest", status = status),
                Some(Cut::BrokeOff) => say!(p, "fact-answered-broke", status = status),
                Some(Cut::Stopped) => say!(p, "fact-answered-stopped", status = status),
                Some(Cut::Late { millis }) => {
                    let seconds = seconds(*millis);
                    say!(p, "fact-answered-late", status = status, seconds = seconds)
                }
            }
        }
        StepFact::Unexpected { status, expected } => {
            let all: Vec<String> = expected.iter().map(u16::to_string).collect();
            let or = p.word("fact-or").into_string();
            let expected = Html::own(all.join(&format!(" {or} ")));
            say!(
                p,
                "fact-unexpected",
                status = u32::from(*status),
                expected = expected
            )
        }
        StepFact::WithoutText { status } => {
            say!(p, "fact-without-text", status = u32::from(*status))
        }
        StepFact::Elsewhere { status, host } => {
            let status = u32::from(*status);
            match host {
                Some(host) => say!(p, "fact-elsewhere", status = status, host = named(host)),
                None => say!(p, "fact-elsewhere-unreadable", status = status),
            }
        }
        StepFact::Gateway { status } => say!(p, "fact-gateway", status = u32::from(*status)),
        StepFact::NotReachable => p.word("fact-not-reachable"),
        StepFact::NoWholeAnswer => p.word("fact-no-whole-answer"),
        StepFact::Address { host, why } => closed(p, named(host), why),
        StepFact::BadAddress { variable, wanted } => {
            let key = match wanted {
                Wanted::Http => "fact-no-http",
                Wanted::Https => "fact-no-https",
                Wanted::Host => "fact-no-host",
                Wanted::Database => "fact-no-database",
            };
            say!(p, key, name = named(variable))
        }
        StepFact::BadPath => p.word("fact-bad-path"),
        StepFact::BadHeader { name } => say!(p, "fact-bad-header", name = named(name)),
        _ => Html::default(),
    }
}

fn closed(p: &Phrases, host: Html, why: &Closed) -> Html {
    let ip = |ip: &std::net::IpAddr| Html::own(ip.to_string());
    match why {
        Closed::NotResolved => say!(p, "fact-not-resolved", host = host),
        Closed::Late => say!(p, "fact-resolved-late", host = host),
        Closed::NoAddress => say!(p, "fact-no-address", host = host),
        Closed::Never { ip: at } => say!(p, "fact-never", host = host, ip = ip(at)),
        Closed::Private { ip: at, variable } => say!(
            p,
            "fact-private",
            host = host,
            ip = ip(at),
            variable = named(variable)
        ),
        Closed::Outside { ip: at, variable } => say!(
            p,
            "fact-outside",
            host = host,
            ip = ip(at),
            variable = named(variable)
        ),
        Closed::PlainHttp { variable } => {
            say!(
                p,
                "fact-plain-http",
                host = host,
                variable = named(variable)
            )
        }
    }
}

fn of_database(p: &Phrases, fact: &StepFact) -> Html {
    match fact {
        StepFact::Rows { count: rows } => say!(p, "fact-rows", count = count(*rows)),
        StepFact::RowsChanged { count: rows } => {
            say!(p, "fact-rows-changed", count = count(*rows))
        }
        StepFact::Figure { number } => say!(p, "fact-figure", number = named(number)),
        StepFact::StatementDone => p.word("fact-statement-done"),
        StepFact::OutOfBounds {
            number,
            rows,
            bound,
        } => {
            let number = named(number);
            let found = if *rows {
                say!(p, "fact-bound-rows", number = number)
            } else {
                number
            };
            match bound {
                Bound::AtLeast { least } => {
                    say!(p, "fact-at-least", found = found, least = *least)
                }
                Bound::AtMost { most } => say!(p, "fact-at-most", found = found, most = *most),
            }
        }
        StepFact::NotOpened { database } => {
            say!(p, "fact-not-opened", database = named(database))
        }
        StepFact::NothingCommitted => p.word("fact-nothing-committed"),
        StepFact::CommitFailed => p.word("fact-commit-failed"),
        StepFact::CommitUnknown => p.word("fact-commit-unknown"),
        StepFact::AnyPassword { role } => say!(p, "fact-any-password", role = named(role)),
        _ => Html::default(),
    }
}

fn named(text: &str) -> Html {
    line(text, NAMED)
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Whole seconds, or tenths of the first one.
fn seconds(millis: u64) -> Html {
    Html::own(if millis < 1000 {
        format!("0.{}", (millis / 100).max(1))
    } else {
        (millis / 1000).to_string()
    })
}

#[cfg(test)]
mod tests;

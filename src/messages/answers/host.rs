//! Levers that were pulled without Telegram: what the team is told, and what the timeline shows.

use chrono::{DateTime, Utc};

use crate::incident::{By, Door, HostOutcome, HostRecord, Incident, Said};
use crate::messages::answers::run::came_to;
use crate::messages::answers::timeline::lever_named;
use crate::messages::card::id;
use crate::messages::html::{Html, LINE_MAX, NAME_MAX, line, ours};
use crate::messages::phrases::say;
use crate::messages::view::{View, name};

/// Who caused something; the bot itself is not named.
pub(crate) fn author(view: &View<'_>, by: &By) -> Option<Html> {
    match by {
        By::Person(person) => Some(name(person)),
        By::Bot => None,
        By::Host(source) => Some(door(view, source.door)),
    }
}

fn door(view: &View<'_>, door: Door) -> Html {
    view.word(match door {
        Door::Host => "door-host",
        Door::Endpoint => "door-endpoint",
    })
}

/// To the team: the lever, how it was pulled, and what is left to do.
pub(in crate::messages) fn announced(
    view: &View<'_>,
    incident: &Incident,
    said: &Said,
) -> Vec<Html> {
    let p = view.phrases;
    match said {
        Said::HostRunStarted {
            lever,
            door: at,
            why,
            ..
        } => vec![
            say!(
                p,
                "host-run-started",
                id = id(incident),
                lever = lever_named(&incident.plan, lever),
                door = door(view, *at)
            ),
            say!(p, "host-run-why", why = line(why, LINE_MAX)),
        ],
        Said::HostRunImported {
            lever,
            door: from,
            why,
            at,
            tally,
            over,
            ..
        } => {
            let mut said = vec![
                say!(
                    p,
                    "host-run-imported",
                    id = id(incident),
                    lever = lever_named(&incident.plan, lever),
                    door = door(view, *from),
                    at = view.times().clock(*at)
                ),
                say!(p, "host-run-why", why = line(why, LINE_MAX)),
                say!(
                    p,
                    "host-run-tally",
                    succeeded = tally.succeeded,
                    failed = tally.failed,
                    unknown = tally.unknown,
                    hand = tally.by_hand
                ),
            ];
            if !over {
                said.push(view.word("host-run-cut"));
            }
            said
        }
        _ => Vec::new(),
    }
}

/// One record from the journal, with its own time.
pub(in crate::messages) fn imported(
    view: &View<'_>,
    incident: &Incident,
    at: DateTime<Utc>,
    record: &HostRecord,
    max: usize,
) -> Html {
    let p = view.phrases;
    let step = |name: &str| ours(name, NAME_MAX * 2);
    let text = match record {
        HostRecord::Intent {
            door: from,
            lever,
            why,
            ..
        } => say!(
            p,
            "imported-intent",
            lever = lever_named(&incident.plan, lever),
            door = door(view, *from),
            why = line(why, max)
        ),
        HostRecord::Began { name, .. } => say!(p, "imported-began", step = step(name)),
        HostRecord::Ended {
            name,
            outcome,
            fact,
            summary,
            ..
        } => {
            let key = match outcome {
                HostOutcome::Succeeded => "imported-succeeded",
                HostOutcome::Failed => "imported-failed",
                HostOutcome::Unknown => "imported-unknown",
                HostOutcome::ByHand => "imported-by-hand",
            };
            let said = came_to(p, fact.as_ref(), summary, max);
            say!(p, key, step = step(name), summary = said)
        }
        HostRecord::Over {
            succeeded,
            failed,
            unknown,
            by_hand,
        } => say!(
            p,
            "host-run-tally",
            succeeded = *succeeded,
            failed = *failed,
            unknown = *unknown,
            hand = *by_hand
        ),
    };
    say!(p, "imported", when = view.times().clock(at), text = text)
}

//! Evidence: kept, stored, collected, exported.

use super::super::command::{Export, Preserved};
use super::super::effect::{Effect, Mark, Said};
use super::super::event::{IncidentEvent, NotStored, Quoted};
use super::super::refusal::Refusal;
use super::super::state::{Incident, Kept};
use super::super::text::clean;
use super::Case;
use super::draft::Draft;

/// Bytes of a file that a bot may send: Telegram takes 50 MB, form and caption included.
const SEND_MAX: u64 = 49_900_000;

/// `/evidence`: the message or file is noted at once and stored right after.
pub(super) fn keep(case: &Case<'_>, about: &str, own: Option<&Quoted>) -> Result<Draft, Refusal> {
    let (incident, _) = case.open_incident()?;
    // Word for word: in evidence also what nobody sees may matter.
    let reply = case
        .kept_reply(incident.card.map(|card| card.message_id))
        .and(case.origin.reply.clone());
    let quoted = own
        .cloned()
        .or(reply)
        .ok_or(Refusal::Usage { verb: case.verb })?;
    if quoted.file.is_none() && clean(&quoted.text).is_empty() {
        return Err(Refusal::NothingToStore { verb: case.verb });
    }
    let number = incident.next_evidence();
    let event = IncidentEvent::EvidenceKept {
        number,
        about: clean(about),
        quoted,
    };
    Ok(case
        .draft()
        .incident(incident, event)
        .effect(Effect::Store {
            incident: incident.id,
            number,
        })
        .acknowledge(Mark::Noted, Said::EvidenceKept { number }))
}

/// `/export`: what will be read is recorded before it is, also after the incident has ended.
pub(super) fn export(case: &Case<'_>) -> Result<Draft, Refusal> {
    let incident = case.incident_or_last()?;
    let number = incident.exports + 1;
    let event = IncidentEvent::EvidenceRead {
        what: stored(incident).join(", "),
        why: format!("export {number}"),
        export: Some(number),
    };
    Ok(case
        .draft()
        .incident(incident, event)
        .acknowledge(Mark::Seen, Said::ExportBegun)
        .effect(Effect::MakeExport {
            incident: incident.id,
            number,
        }))
}

/// The names of what lies in the vault.
fn stored(incident: &Incident) -> Vec<String> {
    let pieces = incident
        .evidence
        .iter()
        .filter(|it| matches!(it.kept, Kept::Stored { .. }))
        .map(|it| format!("E{}", it.number));
    let runs = incident
        .collections
        .iter()
        .map(|it| format!("run {}", it.run));
    pieces.chain(runs).collect()
}

/// What became of evidence. Told twice after a kill: only the first time counts.
pub(super) fn news(case: &Case<'_>, news: &Preserved) -> Result<Draft, Refusal> {
    let incident = case.incident()?;
    match news {
        Preserved::Stored {
            number,
            sha256,
            size,
        } if waits(incident, *number) => Ok(case.draft().incident(
            incident,
            IncidentEvent::EvidenceStored {
                number: *number,
                sha256: sha256.clone(),
                size: *size,
            },
        )),
        Preserved::Failed { number, why } if waits(incident, *number) => {
            Ok(failed(case, incident, *number, why))
        }
        Preserved::Collected {
            run,
            sha256,
            file,
            gathered,
            failed,
        } if incident.collections.iter().all(|it| it.sha256 != *sha256) => {
            Ok(case.draft().incident(
                incident,
                IncidentEvent::EvidenceCollected {
                    run: *run,
                    sha256: sha256.clone(),
                    file: file.clone(),
                    gathered: *gathered,
                    failed: *failed,
                },
            ))
        }
        Preserved::Exported(export) if !incident.exported.contains(&export.number) => {
            Ok(exported(case, incident, export))
        }
        Preserved::NotExported { number } if !incident.exported.contains(number) => Ok(case
            .draft()
            .incident(incident, IncidentEvent::ExportFailed { number: *number })
            .effect(Effect::Answer(Said::ExportFailed {
                incident: incident.id,
            }))),
        Preserved::NotDelivered { path } => Ok(case
            .draft()
            .effect(Effect::Answer(Said::ExportRefused {
                incident: incident.id,
            }))
            .effect(Effect::TellOwners(Said::ExportKept {
                incident: incident.id,
                path: path.clone(),
            }))),
        _ => Ok(case.draft()),
    }
}

fn waits(incident: &Incident, number: u32) -> bool {
    let mut all = incident.evidence.iter();
    all.any(|it| it.number == number && it.kept == Kept::Waiting)
}

fn failed(case: &Case<'_>, incident: &Incident, number: u32, why: &NotStored) -> Draft {
    let event = IncidentEvent::EvidenceFailed {
        number,
        why: why.clone(),
    };
    case.draft()
        .incident(incident, event)
        .effect(Effect::Announce {
            incident: incident.id,
            said: Said::EvidenceNotStored {
                incident: incident.id,
                number,
                why: why.clone(),
            },
            silent: false,
        })
}

fn exported(case: &Case<'_>, incident: &Incident, export: &Export) -> Draft {
    let event = IncidentEvent::Exported {
        number: export.number,
        file: export.file.clone(),
        sha256: export.sha256.clone(),
        size: export.size,
        encrypted: export.encrypted,
    };
    let draft = case.draft().incident(incident, event);
    if export.size <= SEND_MAX {
        return draft.effect(Effect::SendExport {
            incident: incident.id,
            export: export.clone(),
        });
    }
    draft
        .effect(Effect::Answer(Said::ExportTooLarge {
            incident: incident.id,
            size: export.size,
        }))
        .effect(Effect::TellOwners(Said::ExportOnHost {
            incident: incident.id,
            path: export.path.clone(),
        }))
}

#[cfg(test)]
mod tests;

//! How evidence and exports are folded.

use crate::incident::event::{IncidentEvent, Recorded};
use crate::incident::state::{Collection, Evidence, Incident, Kept};

/// What is kept as evidence, and what became of it.
pub(super) fn preserve(incident: &mut Incident, event: &IncidentEvent, recorded: &Recorded) {
    let kept = |incident: &mut Incident, number: u32, kept: Kept| {
        if let Some(it) = incident.evidence.iter_mut().find(|it| it.number == number) {
            it.kept = kept;
        }
    };
    match event {
        IncidentEvent::EvidenceKept {
            number,
            about,
            quoted,
        } => incident.evidence.push(Evidence {
            number: *number,
            about: about.clone(),
            quoted: quoted.clone(),
            by: recorded.by.clone(),
            at: recorded.at,
            kept: Kept::Waiting,
        }),
        IncidentEvent::EvidenceStored {
            number,
            sha256,
            size,
        } => {
            let (sha256, size) = (sha256.clone(), *size);
            kept(incident, *number, Kept::Stored { sha256, size });
        }
        IncidentEvent::EvidenceFailed { number, why } => {
            kept(incident, *number, Kept::Failed(why.clone()));
        }
        IncidentEvent::EvidenceCollected {
            run,
            sha256,
            file,
            gathered,
            failed,
        } => incident.collections.push(Collection {
            run: *run,
            sha256: sha256.clone(),
            file: file.clone(),
            gathered: *gathered,
            failed: *failed,
            at: recorded.at,
        }),
        IncidentEvent::EvidenceRead { export, .. } => {
            incident.exports = incident.exports.max(export.unwrap_or(0));
        }
        IncidentEvent::Exported { number, .. } | IncidentEvent::ExportFailed { number } => {
            incident.exported.insert(*number);
        }
        _ => {}
    }
}

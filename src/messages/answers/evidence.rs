//! What became of evidence, in words: for the timeline, the card and the report.

use crate::incident::{Evidence, Export, IncidentEvent, IncidentId, Kept, NotStored, Said};
use crate::messages::html::{Html, NAME_MAX, line};
use crate::messages::phrases::say;
use crate::messages::view::{View, lines};

/// Hexadecimal digits of a hash that a line shows: enough to compare by eye.
const HASH_SHOWN: usize = 8;

/// An entry of the timeline; nothing for events of other kinds.
pub(super) fn event(view: &View<'_>, event: &IncidentEvent, max: usize) -> Html {
    let p = view.phrases;
    match event {
        IncidentEvent::EvidenceStored {
            number,
            sha256,
            size,
        } => say!(
            p,
            "event-evidence-stored",
            number = *number,
            size = bytes(view, *size),
            hash = short(sha256)
        ),
        IncidentEvent::EvidenceFailed { number, why } => say!(
            p,
            "event-evidence-failed",
            number = *number,
            why = not_stored(view, why)
        ),
        IncidentEvent::EvidenceCollected {
            run,
            sha256,
            gathered,
            failed,
            ..
        } => say!(
            p,
            "event-evidence-collected",
            run = *run,
            gathered = *gathered,
            all = gathered.saturating_add(*failed),
            hash = short(sha256)
        ),
        IncidentEvent::EvidenceRead {
            what,
            export: Some(number),
            ..
        } => {
            let key = if what.is_empty() {
                "event-export-asked"
            } else {
                "event-export-reads"
            };
            say!(p, key, number = *number, what = line(what, max))
        }
        IncidentEvent::ExportFailed { number } => {
            say!(p, "event-export-failed", number = *number)
        }
        IncidentEvent::EvidenceRead { what, why, .. } => say!(
            p,
            "event-evidence-read",
            what = line(what, max),
            why = line(why, max)
        ),
        IncidentEvent::Exported {
            number,
            sha256,
            size,
            encrypted,
            ..
        } => {
            let key = if *encrypted {
                "event-exported-encrypted"
            } else {
                "event-exported"
            };
            say!(
                p,
                key,
                number = *number,
                size = bytes(view, *size),
                hash = short(sha256)
            )
        }
        _ => Html::default(),
    }
}

/// `E2 photo.jpg · SHA-256 1234abcd…`, or why it is not stored (yet).
pub(crate) fn state(view: &View<'_>, it: &Evidence) -> Html {
    let p = view.phrases;
    let name = match &it.quoted.file {
        Some(file) => line(&file.name, NAME_MAX),
        None => view.word("evidence-message"),
    };
    match &it.kept {
        Kept::Waiting => say!(p, "evidence-waiting", number = it.number, name = name),
        Kept::Stored { sha256, .. } => say!(
            p,
            "evidence-stored",
            number = it.number,
            name = name,
            hash = short(sha256)
        ),
        Kept::Failed(why) => say!(
            p,
            "evidence-failed",
            number = it.number,
            name = name,
            why = not_stored(view, why)
        ),
    }
}

/// What is said about evidence and exports; nothing for anything else.
pub(in crate::messages) fn said(view: &View<'_>, said: &Said) -> Html {
    let p = view.phrases;
    let id = |incident: &IncidentId| Html::own(incident.to_string());
    match said {
        Said::EvidenceNotStored {
            incident,
            number,
            why,
        } => {
            let (reason, todo) = (not_stored(view, why), todo(why));
            lines(&[
                say!(
                    p,
                    "evidence-not-stored",
                    id = id(incident),
                    number = *number,
                    why = reason
                ),
                say!(p, todo, number = *number),
            ])
        }
        Said::ExportTooLarge { incident, size } => say!(
            p,
            "export-too-large",
            id = id(incident),
            size = bytes(view, *size)
        ),
        Said::ExportFailed { incident } => say!(p, "export-failed", id = id(incident)),
        Said::ExportRefused { incident } => say!(p, "export-refused", id = id(incident)),
        Said::ExportKept { incident, path } => say!(
            p,
            "export-kept",
            id = id(incident),
            path = Html::escaped(path)
        ),
        Said::ExportOnHost { incident, path } => say!(
            p,
            "export-on-host",
            id = id(incident),
            path = Html::escaped(path)
        ),
        _ => Html::default(),
    }
}

/// What stands below an export.
pub fn export_caption(view: &View<'_>, incident: IncidentId, export: &Export) -> String {
    let p = view.phrases;
    let mut said = vec![say!(
        p,
        "export-caption",
        id = Html::own(incident.to_string()),
        hash = Html::escaped(&export.sha256)
    )];
    if export.encrypted {
        said.push(view.word("export-caption-encrypted"));
    }
    lines(&said).into_string()
}

fn todo(why: &NotStored) -> &'static str {
    match why {
        NotStored::TooLarge => "evidence-not-stored-too-large",
        NotStored::Gone => "evidence-not-stored-gone",
        NotStored::Unreachable => "evidence-not-stored-unreachable",
        NotStored::Disk => "evidence-not-stored-disk",
    }
}

/// Why, in a clause.
pub(crate) fn not_stored(view: &View<'_>, why: &NotStored) -> Html {
    view.word(match why {
        NotStored::TooLarge => "not-stored-too-large",
        NotStored::Gone => "not-stored-gone",
        NotStored::Unreachable => "not-stored-unreachable",
        NotStored::Disk => "not-stored-disk",
    })
}

/// The beginning of a hash.
pub(crate) fn short(sha256: &str) -> Html {
    let shown: String = sha256.chars().take(HASH_SHOWN).collect();
    Html::escaped(&format!("{shown}…"))
}

/// Bytes, kilobytes or megabytes.
pub(crate) fn bytes(view: &View<'_>, size: u64) -> Html {
    let p = view.phrases;
    let whole = |of: u64| usize::try_from((size + of / 2) / of).unwrap_or(usize::MAX);
    match size {
        0..1_000 => say!(p, "size-bytes", count = whole(1)),
        1_000..1_000_000 => say!(p, "size-kilobytes", count = whole(1_000)),
        _ => say!(p, "size-megabytes", count = whole(1_000_000)),
    }
}

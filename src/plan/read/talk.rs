//! Alerts, notices and who is told.

use super::response::audience;
use super::{Kind, Section};
use crate::plan::{Audience, Comms, ExternalNotice, Fill, Stakeholders, Template, TemplatePart};

pub(super) fn comms(root: &Section<'_>) -> Comms {
    let Some(comms) = root.need_section("comms") else {
        return Comms::default();
    };
    // Templates first, so that a wrong reference to one comes after its definition.
    Comms {
        templates: comms
            .need_sections("template", 20)
            .iter()
            .map(template)
            .collect(),
        internal: comms.need_refer("internal", &[Kind::Template]),
        external: comms.sections("external").iter().map(external).collect(),
        stakeholders: comms
            .sections("stakeholders")
            .iter()
            .map(stakeholders)
            .collect(),
    }
}

fn template(entry: &Section<'_>) -> Template {
    Template {
        id: entry.id(Kind::Template),
        name: entry.need_short("name", 60),
        audience: entry.need_word("audience").unwrap_or(Audience::Team),
        only: entry.refers("only", &[Kind::Severity]),
        when: entry.need_short("when", 200),
        subject: entry.need_short("subject", 120),
        opening: entry.texts("opening"),
        parts: entry.need_sections("part", 20).iter().map(part).collect(),
        closing: entry.texts("closing"),
    }
}

fn part(entry: &Section<'_>) -> TemplatePart {
    let fill = entry.need_word("fill").unwrap_or(Fill::Person);
    let hint = entry.text("hint");
    if fill == Fill::Person && hint.is_none() {
        entry.book.wrong_hint(
            entry.offset,
            "a part that a person writes needs a `hint`",
            "say what to write there",
        );
    }
    TemplatePart {
        label: entry.need_short("label", 60),
        fill,
        hint,
    }
}

fn external(entry: &Section<'_>) -> ExternalNotice {
    ExternalNotice {
        id: entry.id(Kind::External),
        who: entry.need_short("who", 60),
        condition: entry.need_short("condition", 200),
        template: entry.need_refer("template", &[Kind::Template]),
    }
}

fn stakeholders(entry: &Section<'_>) -> Stakeholders {
    Stakeholders {
        severity: entry.need_refer("severity", &[Kind::Severity]),
        who: audience(entry, "who"),
        text: entry.need_short("text", 200),
    }
}

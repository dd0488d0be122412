//! `/drill`: a rehearsal of the plan, under an id of its own.

use super::super::effect::{Effect, Mark, Said};
use super::super::refusal::Refusal;
use super::draft::Draft;
use super::{Case, declare};
use crate::plan::Stage;

/// Without a name the plan's drills are listed; with one it begins.
pub(super) fn drill(case: &Case<'_>, name: Option<&str>) -> Result<Draft, Refusal> {
    let plan = case.plan()?;
    let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else {
        return Ok(case.answer(Said::Drills));
    };
    let found = plan.drill(name).ok_or_else(|| Refusal::UnknownWord {
        verb: case.verb,
        what: "drill",
        word: name.to_owned(),
        known: plan.drills.iter().map(|it| it.id.clone()).collect(),
    })?;
    // Two things at once are told apart badly, all the more if one of them is real and still burns.
    let in_the_way = case
        .chat
        .open_incidents()
        .find(|it| it.is_drill() || it.phase().stage != Stage::PostIncident);
    if let Some(incident) = in_the_way {
        return Err(Refusal::NoDrillNow {
            verb: case.verb,
            id: incident.id,
        });
    }
    let id = case.env.next_id;
    if !id.is_drill() {
        return Err(Refusal::Usage { verb: case.verb });
    }
    let severity = found
        .severity
        .clone()
        .or_else(|| plan.top_severity().map(|it| it.code.clone()));
    let what = declare::What {
        severity: severity.as_deref(),
        text: &found.summary,
        drill: Some(&found.id),
    };
    let draft = declare::begun(case, case.draft(), plan, &what);
    let said = Said::DrillBegun { incident: id };
    Ok(draft
        .effect(Effect::Announce {
            incident: id,
            said,
            silent: false,
        })
        .acknowledge(Mark::Seen, Said::Declared { incident: id }))
}

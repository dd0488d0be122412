//! A request's time is over.

use chrono::Duration;

use super::super::super::policy::Changed;
use super::super::super::request::{LATE_MINUTES, Outcome, Stage};
use super::super::draft::Draft;
use super::super::{Case, carry};
use super::ended;

pub(in super::super) fn due(case: &Case<'_>, number: u32) -> Draft {
    let Some(request) = case.chat.requests.get(&number) else {
        return case.draft();
    };
    // It was answered in the same moment, or waits for something later by now.
    let Some(stage) = request
        .waits_for()
        .filter(|stage| case.env.now >= stage.until())
    else {
        return case.draft();
    };
    let late = case.env.now - stage.until() > Duration::minutes(LATE_MINUTES);
    match stage {
        // Who asked and who agreed is what the log says.
        Stage::Countdown { .. } if case.env.log_changed => {
            let changed = Changed::Log;
            ended(case, case.draft(), request, Outcome::Refused { changed })
        }
        Stage::Countdown { warrant, .. } if !late => {
            carry::out(case, case.draft(), request, *warrant, Vec::new())
        }
        _ => ended(case, case.draft(), request, Outcome::Expired),
    }
}

//! The pinned card: where the incident stands and what to do next, on one screen of a phone.

pub(super) mod buttons;
mod guidance;
mod people;

use super::clocks::{self, Clock};
use super::html::{Html, NAME_MAX, line, ours, visible_len};
use super::phrases::say;
use super::view::{Rendered, View, commas, joined, lines, name};
use crate::incident::{Cancellation, Event, Incident, IncidentEvent, ItemState, Lifecycle, Topic};
use crate::plan::ChecklistItem;

use super::answers::run::under_way;
use people::seen_line;
pub(super) use people::{commander, people_line, to_notify};

/// UTF-16 units that a card may take; Telegram's limit is 4096.
const CARD_MAX: usize = 3_600;
/// Of these, what the checklist may take at most, so that the rest has room.
const ITEMS_MAX: usize = 2_000;
/// Characters of a reason on the card.
const WHY_MAX: usize = 60;

/// The card of an incident.
pub fn card(view: &View<'_>, incident: &Incident) -> Rendered {
    match &incident.lifecycle {
        Lifecycle::Open(_) => open_card(view, incident),
        Lifecycle::Closed(closed) => {
            let mut parts = vec![
                say!(
                    view.phrases,
                    "card-closed-head",
                    id = id(incident),
                    severity = view.severity(incident)
                ),
                title(incident),
            ];
            let span = view.times().span(closed.at - incident.declared_at);
            parts.push(say!(
                view.phrases,
                "card-closed",
                at = view.times().clock(closed.at),
                span = span
            ));
            if let Some(why) = forced(incident) {
                parts.push(say!(view.phrases, "phase-forced", why = line(why, 200)));
            }
            if let Some(person) = commander(incident) {
                parts.push(say!(view.phrases, "card-closed-by", name = name(person)));
            }
            if !incident.follow_ups.is_empty() {
                let open = incident.follow_ups.iter().filter(|it| !it.done).count();
                parts.push(say!(view.phrases, "card-closed-todos", open = open));
            }
            parts.push(say!(view.phrases, "card-closed-hint", id = id(incident)));
            bannered(view, incident, parts)
        }
        Lifecycle::Cancelled(cancelled) => {
            let head = match cancelled.kind {
                Cancellation::FalseAlarm => {
                    say!(view.phrases, "card-false-alarm-head", id = id(incident))
                }
                Cancellation::DuplicateOf(other) => {
                    let other = Html::own(other.to_string());
                    say!(
                        view.phrases,
                        "card-duplicate-head",
                        id = id(incident),
                        other = other
                    )
                }
            };
            let why = line(&cancelled.why, super::html::LINE_MAX);
            let at = view.times().clock(cancelled.at);
            let said = say!(view.phrases, "card-cancelled", at = at, why = why);
            bannered(view, incident, vec![head, title(incident), said])
        }
    }
}

fn bannered(view: &View<'_>, incident: &Incident, mut parts: Vec<Html>) -> Rendered {
    if incident.is_drill() {
        parts.insert(0, view.word("drill"));
    }
    lines(&parts).into()
}

fn open_card(view: &View<'_>, incident: &Incident) -> Rendered {
    let mut top = Vec::with_capacity(12);
    if incident.is_drill() {
        top.push(view.word("drill"));
    }
    top.push(head(view, incident));
    top.push(title(incident));
    top.push(phase_line(view, incident));
    top.extend(clock_lines(view, incident));
    top.extend(under_way(view, incident));
    top.push(people_line(view, incident));
    top.extend(seen_line(view, incident));
    top.extend(
        incident
            .evidence
            .last()
            .map(|it| super::evidence_state(view, it)),
    );
    if incident.severity.is_none() {
        top.extend(mistaken(view, incident));
        top.push(view.word("card-choose-severity"));
    }
    let mut sections = vec![lines(&top), checklist(view, incident)];
    sections.push(what_next(view, incident));
    let several = view.chat.open_incidents().count();
    if several > 1 && !matches!(incident.topic, Topic::Made(_)) {
        sections.push(say!(
            view.phrases,
            "card-several",
            count = several,
            id = id(incident)
        ));
    }
    let used: usize = sections.iter().map(|it| visible_len(it.as_str()) + 2).sum();
    if let Some(guide) = guidance::folded_guidance(view, incident, CARD_MAX.saturating_sub(used)) {
        sections.push(guide);
    }
    sections.retain(|it| !it.as_str().is_empty());
    let html = joined(&sections, "\n\n").into_string();
    Rendered {
        html,
        keyboard: Some(buttons::of(view, incident)),
    }
}

pub(super) fn id(incident: &Incident) -> Html {
    Html::own(incident.id.to_string())
}

/// Why it was closed although the last gate was open, if it was.
pub(super) fn forced(incident: &Incident) -> Option<&str> {
    let last = incident.timeline.iter().rev();
    let mut events = last.filter_map(|it| match &it.event {
        Event::Incident(_, event) => Some(event),
        Event::Chat(_) => None,
    });
    let closed = events.find(|event| matches!(event, IncidentEvent::Closed { .. }))?;
    match closed {
        IncidentEvent::Closed { forced } => forced.as_deref(),
        _ => None,
    }
}

pub(super) fn emoji(incident: &Incident) -> Html {
    let emoji = incident
        .severity()
        .map_or("⚪", |severity| severity.emoji.as_str());
    line(emoji, NAME_MAX)
}

pub(super) fn title(incident: &Incident) -> Html {
    line(&incident.title, 200).bold()
}

/// It was declared with a code that the plan has not.
fn mistaken(view: &View<'_>, incident: &Incident) -> Option<Html> {
    let word = incident.plan.mistaken_severity(&incident.title)?;
    let codes = incident.plan.severities.iter();
    let codes: Vec<Html> = codes.map(|it| line(&it.code, NAME_MAX)).collect();
    Some(say!(
        view.phrases,
        "card-no-such-severity",
        word = line(word, NAME_MAX),
        codes = commas(&codes)
    ))
}

pub(super) fn head(view: &View<'_>, incident: &Incident) -> Html {
    let severity = view.severity(incident);
    say!(
        view.phrases,
        "card-head",
        emoji = emoji(incident),
        id = id(incident),
        severity = severity
    )
}

pub(super) fn phase_line(view: &View<'_>, incident: &Incident) -> Html {
    say!(
        view.phrases,
        "card-phase",
        phase = &incident.phase().name,
        number = incident.phase_index() + 1,
        count = incident.plan.phases.len(),
        since = view.times().clock(incident.declared_at),
    )
}

/// The targets that still run; what was reached is said once, until the phase is over.
pub(super) fn clock_lines(view: &View<'_>, incident: &Incident) -> Vec<Html> {
    let mut said = Vec::new();
    if let Some(clock) = clocks::respond(incident).filter(|clock| clock.met.is_none()) {
        said.push(running(view, clock, "card-respond", "card-respond-over"));
    }
    if let Some(clock) = clocks::contain(incident) {
        match clock.met {
            None => said.push(running(view, clock, "card-contain", "card-contain-over")),
            Some(at) => {
                let span = view.times().span(at - incident.declared_at);
                said.push(say!(
                    view.phrases,
                    "card-contained",
                    at = view.times().clock(at),
                    span = span
                ));
            }
        }
    }
    said
}

/// The card is not drawn every minute: it says when its minutes were counted.
fn running(view: &View<'_>, clock: Clock, key: &str, key_over: &str) -> Html {
    let times = view.times();
    let (by, now) = (times.clock(clock.due), times.short(view.now));
    if view.now > clock.due {
        let over = times.span(view.now - clock.due);
        say!(view.phrases, key_over, by = by, over = over, now = now)
    } else {
        let left = times.span(clock.due - view.now);
        say!(view.phrases, key, by = by, left = left, now = now)
    }
}

/// The phase's goal, its items, and what is still open from before.
pub(super) fn checklist(view: &View<'_>, incident: &Incident) -> Html {
    let here = incident.phase_index();
    let mut said = vec![ours(&incident.phase().goal, 200).bold()];
    let mut earlier = Vec::new();
    let (mut used, mut left_out) = (0, 0_usize);
    for (number, phase, item) in incident.plan.items() {
        if phase < here && !incident.items.contains_key(&item.id) {
            earlier.push(Html::own(number.to_string()));
        }
        if phase != here {
            continue;
        }
        let text = item_line(view, incident, number, item);
        used += visible_len(text.as_str()) + 1;
        if used > ITEMS_MAX {
            left_out += 1;
        } else {
            said.push(text);
        }
    }
    if left_out > 0 {
        said.push(say!(view.phrases, "card-items-more", count = left_out));
    }
    if !earlier.is_empty() {
        said.push(say!(
            view.phrases,
            "card-earlier-open",
            items = commas(&earlier)
        ));
    }
    lines(&said)
}

fn item_line(view: &View<'_>, incident: &Incident, number: usize, item: &ChecklistItem) -> Html {
    let p = view.phrases;
    let text = ours(&item.text, 120);
    match incident.items.get(&item.id) {
        None => say!(view.phrases, "card-item-open", number = number, text = text),
        Some(ItemState::Ticked { by, at }) => {
            let at = view.times().short(*at);
            match by.person() {
                None => say!(p, "card-item-auto", number = number, text = text, at = at),
                Some(person) => {
                    let who = name(person);
                    say!(
                        p,
                        "card-item-ticked",
                        number = number,
                        text = text,
                        who = who,
                        at = at
                    )
                }
            }
        }
        Some(ItemState::Skipped { why, .. }) => {
            let why = line(why, WHY_MAX);
            say!(
                view.phrases,
                "card-item-skipped",
                number = number,
                text = text,
                why = why
            )
        }
    }
}

/// What the gate still needs, and what the plan advises.
fn what_next(view: &View<'_>, incident: &Incident) -> Html {
    let mut said = Vec::new();
    if incident.phase_index() == 0 && !incident.plan.info.quick.is_empty() {
        said.push(view.word("card-quick"));
        for (index, text) in incident.plan.info.quick.iter().take(8).enumerate() {
            said.push(say!(
                view.phrases,
                "card-quick-line",
                number = index + 1,
                text = ours(text, 120)
            ));
        }
    } else {
        let titles = guidance::titles(incident);
        if !titles.is_empty() {
            said.push(say!(
                view.phrases,
                "card-next",
                titles = joined(&titles, " · ")
            ));
        }
    }
    said.push(gate_line(view, incident));
    lines(&said)
}

pub(super) fn gate_line(view: &View<'_>, incident: &Incident) -> Html {
    let (items, facts) = incident.gate_needs();
    let mut needs: Vec<Html> = items
        .iter()
        .map(|(number, _)| Html::own(number.to_string()))
        .collect();
    needs.extend(facts.iter().map(|field| {
        say!(
            view.phrases,
            "card-gate-fact",
            field = line(field, NAME_MAX)
        )
    }));
    match (incident.next_phase(), needs.is_empty()) {
        (Some(next), true) => say!(view.phrases, "card-gate-met", phase = &next.name),
        (Some(next), false) => {
            say!(
                view.phrases,
                "card-gate-needs",
                phase = &next.name,
                needs = view.list(needs)
            )
        }
        (None, true) => view.word("card-gate-close-met"),
        (None, false) => say!(
            view.phrases,
            "card-gate-close-needs",
            needs = view.list(needs)
        ),
    }
}

#[cfg(test)]
mod tests;

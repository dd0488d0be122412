//! The card's buttons. Whatever a button does, a command does too.

use crate::incident::Incident;
use crate::messages::html::{Html, NAME_MAX};
use crate::messages::outgoing::{Button, Keyboard, Style};
use crate::messages::phrases::say;
use crate::messages::press::{MAX_BYTES, Press};
use crate::messages::view::View;

/// Item buttons in a row: so many fit a phone.
const ITEMS_A_ROW: usize = 4;
/// Severity buttons in a row: they carry a name.
const SEVERITIES_A_ROW: usize = 2;
/// Telegram shows no more than 100 buttons, and a person no more than a screen.
const ITEMS_MAX: usize = 24;

pub(super) fn of(view: &View<'_>, incident: &Incident) -> Keyboard {
    let mut rows = Vec::new();
    rows.extend(severities(view, incident));
    rows.extend(items(view, incident));
    rows.push(last_row(view, incident));
    Keyboard(rows)
}

/// A button for a press, without markup in its label; none where the data would not fit.
pub(in crate::messages) fn button(label: &Html, press: &Press) -> Option<Button> {
    let data = press.encode();
    let label: String = label.plain().chars().take(NAME_MAX).collect();
    (data.len() <= MAX_BYTES).then(|| Button::press(label, data))
}

pub(in crate::messages) fn rows(
    buttons: impl Iterator<Item = Button>,
    width: usize,
) -> Vec<Vec<Button>> {
    let buttons: Vec<Button> = buttons.collect();
    buttons.chunks(width).map(<[Button]>::to_vec).collect()
}

fn severities(view: &View<'_>, incident: &Incident) -> Vec<Vec<Button>> {
    if incident.severity.is_some() {
        return Vec::new();
    }
    let buttons = incident.plan.severities.iter().filter_map(|severity| {
        let label = say!(
            view.phrases,
            "button-severity",
            emoji = &severity.emoji,
            code = &severity.code,
            name = &severity.name,
        );
        button(
            &label,
            &Press::Severity {
                incident: incident.id,
                code: severity.code.clone(),
            },
        )
    });
    rows(buttons, SEVERITIES_A_ROW)
}

/// The open items of this phase, and those of earlier ones that hold back the next.
fn items(view: &View<'_>, incident: &Incident) -> Vec<Vec<Button>> {
    let here = incident.phase_index();
    let gate = &incident.phase().gate.items;
    let buttons = incident
        .plan
        .items()
        .filter(|(_, phase, item)| *phase == here || gate.contains(&item.id))
        .filter(|(_, _, item)| !incident.items.contains_key(&item.id))
        .filter(|(_, _, item)| !incident.is_untrue(item))
        .take(ITEMS_MAX)
        .filter_map(|(number, _, item)| {
            let label = say!(view.phrases, "button-tick", number = number);
            button(
                &label,
                &Press::Tick {
                    incident: incident.id,
                    item: item.id.clone(),
                },
            )
        });
    rows(buttons, ITEMS_A_ROW)
}

fn last_row(view: &View<'_>, incident: &Incident) -> Vec<Button> {
    let mut row = Vec::new();
    if incident.seen_by.is_empty() {
        let ack = button(
            &view.word("button-ack"),
            &Press::Ack {
                incident: incident.id,
            },
        );
        row.extend(ack.map(|button| button.styled(Style::Primary)));
    }
    if !incident.plan.playbooks.is_empty() {
        let press = Press::Playbook {
            incident: Some(incident.id),
            name: None,
        };
        row.extend(button(&view.word("button-playbook"), &press));
    }
    let (items, facts) = incident.gate_needs();
    let met = items.is_empty() && facts.is_empty();
    if incident.next_phase().is_some() {
        let press = Press::Next {
            incident: incident.id,
            from_phase: incident.phase().id.clone(),
        };
        let next = button(&view.word("button-next"), &press);
        row.extend(next.map(|button| {
            if met {
                button.styled(Style::Success)
            } else {
                button
            }
        }));
    } else if met {
        let close = button(
            &view.word("button-close"),
            &Press::Close {
                incident: incident.id,
            },
        );
        row.extend(close.map(|button| button.styled(Style::Success)));
    }
    row
}

//! One section of the report for each kind that a layout can name.

use super::text::{Writer, day, escape, line, moment, name, own, paragraphs, plain};
use super::{CheckBox, Field, Section, Table, actions, afterwards, marks};
use crate::incident::{Cancellation, Event, IncidentEvent, ItemState, Lifecycle, Warrant};
use crate::messages::{Html, lever_said, say};
use crate::plan::{self, FactField, KnownValue, LayoutValue, SectionKind};

pub(super) fn section(writer: &Writer<'_>, layout: &plan::Section) -> Section {
    let level = usize::from(layout.level.clamp(2, 4));
    let mut section = Section {
        heading: format!("{} {}", "#".repeat(level), escape(&layout.title)),
        ..Section::default()
    };
    match layout.kind {
        SectionKind::Heading => {}
        SectionKind::Fields => section.fields = fields(writer, layout),
        SectionKind::Summary => section.text = summary(writer),
        SectionKind::Timeline => section.tables = timeline(writer, layout),
        SectionKind::RootCause => section.text = root_cause(writer),
        SectionKind::ContributingFactors => {
            section.text = vec![writer.or_unknown(writer.fact(FactField::ContributingFactors))];
        }
        SectionKind::HowDetected => section.text = how_detected(writer),
        SectionKind::SystemsAffected => section.checks = systems(writer),
        SectionKind::ResponseActions => {
            section.numbered = actions::actions(writer, layout.stage);
            if section.numbered.is_empty() {
                section.text = vec![writer.word("report-none")];
            }
        }
        SectionKind::LessonsWell => section.bullets = lessons(writer, FactField::WentWell),
        SectionKind::LessonsPoorly => {
            section.bullets = lessons(writer, FactField::WentPoorly);
            let differently = writer.fact_lines(FactField::Differently);
            section.bullets.extend(differently.iter().map(|text| {
                plain(&say!(
                    writer.view.phrases,
                    "report-differently",
                    text = own(text)
                ))
            }));
        }
        SectionKind::LessonsPreventive => {
            let check = |text| CheckBox { done: false, text };
            section.checks = lessons(writer, FactField::Preventive)
                .into_iter()
                .map(check)
                .collect();
        }
        SectionKind::FollowUp => section.bullets = afterwards::follow_ups(writer),
        SectionKind::ActionItems => section.tables = vec![afterwards::action_items(writer)],
        SectionKind::Evidence => section.bullets = afterwards::evidence(writer),
        SectionKind::Communications => section.bullets = afterwards::communications(writer),
    }
    section
}

fn fields(writer: &Writer<'_>, layout: &plan::Section) -> Vec<Field> {
    let field = |it: &plan::LayoutField| Field {
        label: escape(&it.label),
        value: match it.value {
            LayoutValue::Known(known) => known_value(writer, known),
            LayoutValue::Fact(fact) => writer.or_unknown(writer.fact(fact)),
        },
    };
    layout.fields.iter().map(field).collect()
}

fn known_value(writer: &Writer<'_>, known: KnownValue) -> String {
    let incident = writer.incident;
    match known {
        KnownValue::IncidentId => incident.id.to_string(),
        KnownValue::Severity => {
            let named = incident
                .severity()
                .map(|it| line(&format!("{} {}", it.code, it.name)));
            writer.or_unknown(named)
        }
        KnownValue::Status => status(writer),
        KnownValue::Date => day(incident.declared_at.date_naive()),
        KnownValue::DetectedAt => moment(marks::detected(incident)),
        KnownValue::ResolvedAt => writer.or_unknown(marks::resolved(incident).map(moment)),
        KnownValue::Duration => {
            let span = writer.span(marks::duration(incident, writer.view.now));
            if marks::resolved(incident).is_some() {
                span
            } else {
                plain(&say!(
                    writer.view.phrases,
                    "report-so-far",
                    span = own(&span)
                ))
            }
        }
        KnownValue::Commander => {
            let first = incident
                .plan
                .roles
                .first()
                .and_then(|role| incident.roles.get(&role.id));
            writer.or_unknown(first.map(name))
        }
    }
}

fn status(writer: &Writer<'_>) -> String {
    let p = writer.view.phrases;
    match &writer.incident.lifecycle {
        Lifecycle::Open(_) => writer.word("report-status-ongoing"),
        Lifecycle::Closed(_) => writer.word("report-status-resolved"),
        Lifecycle::Cancelled(cancelled) => {
            let why = own(&line(&cancelled.why));
            plain(&match cancelled.kind {
                Cancellation::FalseAlarm => say!(p, "report-status-false-alarm", why = why),
                Cancellation::DuplicateOf(other) => {
                    say!(
                        p,
                        "report-status-duplicate",
                        other = own(&other.to_string()),
                        why = why
                    )
                }
            })
        }
    }
}

fn summary(writer: &Writer<'_>) -> Vec<String> {
    let p = writer.view.phrases;
    let recorded = writer.incident.facts.get(&FactField::Summary);
    let mut text = recorded.map_or_else(
        || vec![line(&writer.incident.title)],
        |fact| paragraphs(&fact.value),
    );
    if let Some(who) = writer.fact(FactField::Reporter) {
        text.push(plain(&say!(p, "report-reported-by", who = own(&who))));
    }
    if let Some(symptoms) = writer.fact(FactField::Symptoms) {
        text.push(plain(&say!(p, "report-symptoms", text = own(&symptoms))));
    }
    if let Some(impact) = writer.fact(FactField::Impact) {
        text.push(plain(&say!(p, "report-impact", text = own(&impact))));
    }
    text
}

fn root_cause(writer: &Writer<'_>) -> Vec<String> {
    let p = writer.view.phrases;
    let recorded = writer.incident.facts.get(&FactField::RootCause);
    let mut text = recorded.map_or_else(
        || vec![writer.word("report-not-recorded")],
        |it| paragraphs(&it.value),
    );
    if let Some(vector) = writer.fact(FactField::AttackVector) {
        text.push(plain(&say!(p, "report-way-in", text = own(&vector))));
    }
    if let Some(missed) = writer.fact(FactField::MissedSigns) {
        text.push(plain(&say!(p, "report-missed", text = own(&missed))));
    }
    text
}

fn how_detected(writer: &Writer<'_>) -> Vec<String> {
    let how = writer.or_unknown(writer.fact(FactField::HowDetected));
    let who = writer.fact(FactField::DetectedBy);
    let at = moment(marks::detected(writer.incident));
    let by = who.map_or_else(|| at.clone(), |who| format!("{who}, {at}"));
    vec![format!("{how} ({by})")]
}

fn systems(writer: &Writer<'_>) -> Vec<CheckBox> {
    let affected = writer.incident.facts.get(&FactField::Affected);
    let named: Vec<&str> =
        affected.map_or_else(Vec::new, |it| it.value.split(',').map(str::trim).collect());
    let systems = &writer.incident.plan.systems;
    let check = |it: &plan::System| CheckBox {
        done: named.contains(&it.name.as_str()),
        text: escape(&it.name),
    };
    systems.iter().map(check).collect()
}

fn timeline(writer: &Writer<'_>, layout: &plan::Section) -> Vec<Table> {
    let head = |keys: &[&str]| keys.iter().map(|key| writer.word(key)).collect();
    let milestone = |row: &plan::TimelineRow| {
        let at = marks::mark(writer.incident, row.mark)
            .map(|at| at.format("%Y-%m-%d %H:%M").to_string());
        vec![writer.or_unknown(at), escape(&row.label)]
    };
    let milestones = Table {
        title: writer.word("report-milestones"),
        head: head(&["report-column-time", "report-column-event"]),
        rows: layout.rows.iter().map(milestone).collect(),
    };
    let row = |it: &crate::incident::Recorded| {
        let Event::Incident(_, event) = &it.event else {
            return None;
        };
        let at = it.at.format("%Y-%m-%d %H:%M:%S").to_string();
        Some(vec![at, writer.event(event), writer.by(&it.by)])
    };
    let events = Table {
        title: writer.word("report-events"),
        head: head(&[
            "report-column-time",
            "report-column-event",
            "report-column-who",
        ]),
        rows: writer.incident.timeline.iter().filter_map(row).collect(),
    };
    if layout.rows.is_empty() {
        vec![events]
    } else {
        vec![milestones, events]
    }
}

fn lessons(writer: &Writer<'_>, field: FactField) -> Vec<String> {
    let found = writer.fact_lines(field);
    if found.is_empty() {
        vec![writer.word("report-not-recorded")]
    } else {
        found
    }
}

/// A lever that one person pulled without anybody's approval.
fn pulled_alone(writer: &Writer<'_>, event: &IncidentEvent) -> Option<Html> {
    let IncidentEvent::RunStarted {
        run,
        lever,
        warrant,
        asked_by,
        why,
        ..
    } = event
    else {
        return None;
    };
    let key = match warrant {
        Warrant::BreakGlass => "report-break-glass",
        Warrant::SinglePerson => "report-single",
        Warrant::Confirmed | Warrant::Approved | Warrant::Host => return None,
    };
    Some(say!(
        writer.view.phrases,
        key,
        run = *run,
        lever = lever_said(writer.view, &writer.incident.plan, lever),
        who = own(&writer.by(asked_by)),
        why = own(&line(why.as_deref().unwrap_or_default()))
    ))
}

/// Forced gates and skipped items, where there are any: the plan was left, and the report says so.
pub(super) fn deviations(writer: &Writer<'_>) -> Option<Section> {
    let p = writer.view.phrases;
    let plan = &writer.incident.plan;
    let mut bullets = Vec::new();
    for recorded in &writer.incident.timeline {
        let who = own(&writer.by(&recorded.by));
        let said = match &recorded.event {
            Event::Incident(
                _,
                IncidentEvent::PhaseEntered {
                    to,
                    forced: Some(why),
                    ..
                },
            ) => {
                let phase = plan.phase(to).map_or(to, |it| &it.name);
                say!(
                    p,
                    "report-forced",
                    phase = own(&line(phase)),
                    why = own(&line(why)),
                    who = who
                )
            }
            Event::Incident(_, IncidentEvent::Closed { forced: Some(why) }) => {
                say!(p, "report-forced-close", why = own(&line(why)), who = who)
            }
            Event::Incident(_, event @ IncidentEvent::RunStarted { .. }) => {
                match pulled_alone(writer, event) {
                    Some(said) => said,
                    None => continue,
                }
            }
            _ => continue,
        };
        bullets.push(plain(&said));
    }
    for (number, _, item) in plan.items() {
        if let Some(ItemState::Skipped { by, why, .. }) = writer.incident.items.get(&item.id) {
            let (text, why, who) = (own(&line(&item.text)), own(&line(why)), own(&writer.by(by)));
            let said = say!(
                p,
                "report-skipped",
                number = number,
                text = text,
                why = why,
                who = who
            );
            bullets.push(plain(&said));
        }
    }
    let heading = format!("## {}", writer.word("report-deviations"));
    (!bullets.is_empty()).then(|| Section {
        heading,
        bullets,
        ..Section::default()
    })
}

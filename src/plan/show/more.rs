//! The second half of a plan as text: levers, detection, communication, what stays.

use super::{Page, action};
use crate::plan::{Check, Due, LayoutValue, Plan, Rule, Section, Target, Template};

pub(super) fn levers(page: &mut Page, plan: &Plan) {
    page.heading("Credentials");
    for credential in &plan.credentials {
        let restarts = if credential.restarts_bot {
            "; restarts the bot"
        } else {
            ""
        };
        page.line(
            1,
            format_args!(
                "{} ({}): at most {} old; {}{restarts}",
                credential.name, credential.id, credential.max_age, credential.opens
            ),
        );
        for (index, step) in credential.steps.iter().enumerate() {
            super::step(page, index + 1, step);
        }
    }
    page.heading("Evidence");
    for collector in &plan.collectors {
        let judge = if collector.judge {
            "; a person judges the hits"
        } else {
            ""
        };
        page.line(
            1,
            format_args!(
                "{} ({}): {}{judge}",
                collector.name,
                collector.id,
                action(&collector.action)
            ),
        );
    }
    page.heading("Checks");
    for probe in &plan.probes {
        let check = match &probe.check {
            Check::Action(action) => super::action(action),
            Check::Tcp { connection, port } => format!("port {port} of {connection}"),
            Check::Certificate { connection, days } => {
                format!("certificate of {connection}, {days} days left")
            }
        };
        page.line(1, format_args!("{} ({}): {check}", probe.name, probe.id));
    }
    page.heading("Connections");
    for connection in &plan.connections {
        let settings = [
            connection.secrets.as_slice(),
            connection.settings.as_slice(),
        ]
        .concat();
        page.line(
            1,
            format_args!(
                "{} ({}, {}): {}",
                connection.name, connection.id, connection.kind, connection.address
            ),
        );
        page.list(2, "Also", &settings);
    }
}

pub(super) fn watch(page: &mut Page, plan: &Plan) {
    page.heading("Detection");
    for detect in &plan.detects {
        let rule = match &detect.rule {
            Rule::Each { event } => format!("each {event}"),
            Rule::Count {
                event,
                more_than,
                within,
                ..
            } => format!("more than {more_than} {event} in {within}"),
            Rule::Sum {
                event,
                field,
                more_than,
                within,
                ..
            } => format!("{field} of {event} above {more_than} in {within}"),
            Rule::Above {
                event,
                field,
                more_than,
                within,
                ..
            } => format!("{field} of {event} above {more_than} for {within}"),
            Rule::Person { text } => text.clone(),
        };
        page.line(
            1,
            format_args!("{}, {}: {rule}", detect.category, detect.name),
        );
    }
    for route in &plan.routes {
        let labels: Vec<String> = route
            .labels
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        page.line(
            1,
            format_args!("Alert {} → {}", labels.join(", "), route.severity),
        );
    }
}

pub(super) fn talk(page: &mut Page, plan: &Plan) {
    page.heading("Communication");
    for told in &plan.comms.stakeholders {
        page.line(1, format_args!("{}: {}", told.severity, told.text));
    }
    for notice in &plan.comms.external {
        page.line(
            1,
            format_args!("{}: {} [{}]", notice.who, notice.condition, notice.template),
        );
    }
    plan.comms
        .templates
        .iter()
        .for_each(|template| self::template(page, template));
}

fn template(page: &mut Page, template: &Template) {
    page.line(
        1,
        format_args!(
            "{} ({}, for {}): {}",
            template.name, template.id, template.audience, template.subject
        ),
    );
    for part in &template.parts {
        let hint = part
            .hint
            .as_deref()
            .map(|hint| format!(" — {hint}"))
            .unwrap_or_default();
        page.line(2, format_args!("{}: {}{hint}", part.label, part.fill));
    }
}

pub(super) fn after(page: &mut Page, plan: &Plan) {
    page.heading("Report");
    plan.report
        .sections
        .iter()
        .for_each(|section| self::section(page, section));
    page.heading("Metrics");
    for metric in &plan.metrics {
        let target = match metric.target {
            Target::Below(time) => format!("below {time}"),
            Target::BelowPercent(share) => format!("below {share} %"),
            Target::AtMost(count) => format!("at most {count}"),
        };
        page.line(1, format_args!("{}: {target}", metric.name));
    }
    page.heading("Drills");
    for drill in &plan.drills {
        let quarter = drill
            .quarter
            .map(|quarter| format!("Q{quarter} "))
            .unwrap_or_default();
        page.line(
            1,
            format_args!("{quarter}{} ({}): {}", drill.name, drill.id, drill.summary),
        );
        page.list(2, "Practises", &drill.practises);
    }
    page.heading(&format!("Readiness, {}", plan.readiness.cadence));
    for item in &plan.readiness.items {
        page.line(1, format_args!("[ ] {}", item.text));
    }
    page.heading("Follow-ups that open by themselves");
    for follow_up in &plan.follow_ups {
        let due = match follow_up.due {
            Due::After(time) => format!("due after {time}"),
            Due::BusinessHours => "due in business hours".to_owned(),
        };
        page.line(
            1,
            format_args!("{} ({}, {due})", follow_up.text, follow_up.opens),
        );
        page.list(2, "Agenda", &follow_up.agenda);
    }
}

fn section(page: &mut Page, section: &Section) {
    page.line(
        usize::from(section.level) - 1,
        format_args!("{} ({})", section.title, section.kind),
    );
    for field in &section.fields {
        let value = match field.value {
            LayoutValue::Known(value) => value.name(),
            LayoutValue::Fact(fact) => fact.name(),
        };
        page.line(
            usize::from(section.level),
            format_args!("{}: {value}", field.label),
        );
    }
    for row in &section.rows {
        page.line(
            usize::from(section.level),
            format_args!("{}: {}", row.label, row.mark),
        );
    }
}

//! A plan as plain text, for `breakglass plan show`.

mod more;

use super::{Action, Plan, Playbook, Procedure, Severity, Step};

/// The whole plan in plain text, section by section.
pub fn describe(plan: &Plan) -> String {
    let mut page = Page(String::new());
    head(&mut page, plan);
    page.heading("Severities");
    plan.severities
        .iter()
        .for_each(|severity| self::severity(&mut page, severity));
    phases(&mut page, plan);
    people(&mut page, plan);
    page.heading("Playbooks");
    plan.playbooks
        .iter()
        .for_each(|playbook| self::playbook(&mut page, playbook));
    page.heading("Procedures");
    page.line(
        0,
        format_args!(
            "One-time codes for destructive levers: {}",
            plan.levers.totp
        ),
    );
    plan.procedures
        .iter()
        .for_each(|procedure| self::procedure(&mut page, procedure));
    more::levers(&mut page, plan);
    more::watch(&mut page, plan);
    more::talk(&mut page, plan);
    more::after(&mut page, plan);
    page.0
}

/// Text that grows line by line.
struct Page(String);

impl Page {
    fn heading(&mut self, title: &str) {
        self.line(0, format_args!(""));
        self.line(0, format_args!("{}", title.to_uppercase()));
    }

    fn line(&mut self, depth: usize, text: std::fmt::Arguments<'_>) {
        let line = format!("{}{text}", "  ".repeat(depth));
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }

    fn list(&mut self, depth: usize, label: &str, entries: &[String]) {
        if !entries.is_empty() {
            self.line(depth, format_args!("{label}: {}", entries.join(" · ")));
        }
    }
}

fn head(page: &mut Page, plan: &Plan) {
    let info = &plan.info;
    page.line(
        0,
        format_args!(
            "{} (plan {}, version {}, {})",
            info.title, info.id, info.version, info.status
        ),
    );
    page.line(0, format_args!("{}", info.purpose));
    page.line(0, format_args!("Revision {}", plan.revision));
    if let Some(updated) = info.updated {
        page.line(0, format_args!("Updated {updated}"));
    }
    match info.review.next {
        Some(next) => page.line(
            0,
            format_args!("Review {}, next {next}", info.review.cadence),
        ),
        None => page.line(0, format_args!("Review {}", info.review.cadence)),
    }
    for entry in &info.history {
        let author = entry
            .author
            .as_deref()
            .map(|author| format!(", {author}"))
            .unwrap_or_default();
        page.line(
            0,
            format_args!(
                "{} {}: {}{author}",
                entry.version, entry.date, entry.changes
            ),
        );
    }
    page.heading("First moves");
    for (index, step) in info.quick.iter().enumerate() {
        page.line(1, format_args!("{}. {step}", index + 1));
    }
    let systems: Vec<String> = plan
        .systems
        .iter()
        .map(|system| system.name.clone())
        .collect();
    page.heading("Systems and resources");
    page.list(1, "Systems", &systems);
    for resource in &plan.resources {
        page.line(
            1,
            format_args!("{} ({}): {}", resource.name, resource.kind, resource.link),
        );
    }
    for reference in &info.references {
        page.line(1, format_args!("{}: {}", reference.name, reference.link));
    }
}

fn severity(page: &mut Page, severity: &Severity) {
    let target = if severity.immediate {
        format!("immediate, counted from {}", severity.respond_within)
    } else {
        format!("within {}", severity.respond_within)
    };
    page.line(
        1,
        format_args!(
            "{} {} {} — respond {target}",
            severity.emoji, severity.code, severity.name
        ),
    );
    page.line(2, format_args!("{}", severity.description));
    page.list(2, "Such as", &severity.examples);
    if let Some(contain) = severity.contain_within {
        page.line(2, format_args!("Contain within {contain}"));
    }
    page.line(2, format_args!("Escalation: {}", severity.escalation));
    page.list(2, "Notify", &severity.notify);
    if let Some(every) = severity.update_every {
        page.line(2, format_args!("Update every {every}"));
    }
}

fn phases(page: &mut Page, plan: &Plan) {
    page.heading("Phases");
    let mut number = 0;
    for phase in &plan.phases {
        let window = phase
            .window
            .map(|window| format!(", {}–{}", window.from, window.to))
            .unwrap_or_default();
        page.line(
            1,
            format_args!("{} ({}{window}): {}", phase.name, phase.stage, phase.goal),
        );
        for guidance in &phase.guidance {
            let only = if guidance.only.is_empty() {
                String::new()
            } else {
                format!(" [{}]", guidance.only.join(", "))
            };
            page.line(2, format_args!("{}{only}", guidance.title));
            if let Some(text) = &guidance.text {
                page.line(3, format_args!("{text}"));
            }
            for step in &guidance.steps {
                page.line(3, format_args!("- {step}"));
            }
            for question in &guidance.questions {
                page.line(3, format_args!("? {question}"));
            }
            page.list(3, "Record", &guidance.record);
            if let Some(run) = &guidance.run {
                page.line(3, format_args!("Run: {run}"));
            }
        }
        for item in &phase.checklist {
            number += 1;
            let auto = item
                .auto
                .map(|auto| format!(" (by itself: {auto})"))
                .unwrap_or_default();
            page.line(2, format_args!("[ ] {number} {}{auto}", item.text));
        }
        page.list(
            2,
            "The next phase needs",
            &[phase.gate.items.clone(), phase.gate.facts.clone()].concat(),
        );
    }
}

fn people(page: &mut Page, plan: &Plan) {
    page.heading("Roles");
    for role in &plan.roles {
        page.line(
            1,
            format_args!("{} ({}): {}", role.name, role.id, role.responsibility),
        );
    }
    page.heading("Contacts");
    for contact in &plan.contacts {
        let kind = if contact.internal {
            "internal"
        } else {
            "external"
        };
        let details: Vec<&str> = [
            contact.name.as_deref(),
            contact.channel.as_deref(),
            contact.backup.as_deref(),
        ]
        .into_iter()
        .flatten()
        .collect();
        page.line(
            1,
            format_args!(
                "{} ({}, {kind}): {}; {}",
                contact.role,
                contact.id,
                contact.responsibility,
                details.join(", ")
            ),
        );
    }
}

fn playbook(page: &mut Page, playbook: &Playbook) {
    let severity = playbook.severity.as_deref().unwrap_or("any severity");
    page.line(
        1,
        format_args!("{} ({}, {severity})", playbook.name, playbook.id),
    );
    page.list(2, "Signs", &playbook.indicators);
    for (index, step) in playbook.steps.iter().enumerate() {
        let run = step
            .run
            .as_deref()
            .map(|run| format!(" [{run}]"))
            .unwrap_or_default();
        let link = step
            .link
            .as_deref()
            .map(|link| format!(" {link}"))
            .unwrap_or_default();
        page.line(2, format_args!("{}. {}{run}{link}", index + 1, step.text));
    }
}

fn procedure(page: &mut Page, procedure: &Procedure) {
    let fail_safe = if procedure.fail_safe {
        ", fail-safe"
    } else {
        ""
    };
    page.line(
        1,
        format_args!(
            "{} ({}, {}, {} to agree{fail_safe}): {}",
            procedure.name, procedure.id, procedure.tier, procedure.approvals, procedure.summary
        ),
    );
    page.list(2, "Touches", &procedure.touches);
    for parameter in &procedure.parameters {
        page.line(
            2,
            format_args!(
                "Asks for {} ({}, {}{})",
                parameter.label,
                parameter.name,
                parameter.kind,
                parameter
                    .example
                    .as_ref()
                    .map(|it| format!(", such as {it}"))
                    .unwrap_or_default()
            ),
        );
    }
    for (index, step) in procedure.steps.iter().enumerate() {
        self::step(page, index + 1, step);
    }
    if let Some(undo) = &procedure.undo {
        page.line(2, format_args!("Taken back by {undo}"));
    }
}

fn step(page: &mut Page, number: usize, step: &Step) {
    let together = step
        .group
        .as_ref()
        .map(|group| format!("; together with the rest of {group}"))
        .unwrap_or_default();
    let again = match step.retries {
        0 => String::new(),
        times => format!(
            "; tried again up to {times} times, {} s apart",
            step.retry_wait_seconds
        ),
    };
    let revert = step
        .revert_after
        .map(|after| format!("; takes itself back after {after} unless confirmed"))
        .unwrap_or_default();
    let check = step
        .check
        .as_ref()
        .map(|check| format!("; done once {check} is green"))
        .unwrap_or_default();
    let needs = step
        .needs
        .map(|needed| format!("; only once step {needed} is done"))
        .unwrap_or_default();
    page.line(
        2,
        format_args!(
            "{number}. {}: {}{needs}{together}{again}{revert}{check}",
            step.name,
            action(&step.action)
        ),
    );
}

/// One action in a few words. Secrets appear by name only: a plan holds nothing else.
pub(super) fn action(action: &Action) -> String {
    match action {
        Action::Http(request) => format!(
            "{} {} at {}",
            request.method, request.path, request.connection
        ),
        Action::Command(call) => {
            let must = match call.expect_output.as_deref() {
                Some("") => "; must print nothing".to_owned(),
                Some(text) => format!("; must print {text}"),
                None => String::new(),
            };
            format!("{} on {}{must}", call.argv.join(" "), call.connection)
        }
        Action::File(file) => format!("{} {} in {}", file.change, file.path, file.connection),
        Action::Sql(call) => {
            let who = call.sign_in.as_ref();
            let who = who.map(|it| format!(" as {}, with {}", it.role, it.password));
            format!(
                "{} on {}{}",
                call.statement,
                call.connection,
                who.unwrap_or_default()
            )
        }
        Action::Service {
            connection,
            unit,
            change,
        } => format!("{change} {unit} on {connection}"),
        Action::Probe { probe } => format!("check {probe}"),
        Action::Collect { collectors } => format!("collect {}", collectors.join(", ")),
        Action::Notify { template } => format!("send {template}"),
        Action::Wait { seconds } => format!("wait {seconds} s"),
        Action::Manual { text, .. } => format!("by hand: {text}"),
    }
}

#[cfg(test)]
mod tests;

//! `/plan` and `/procedures`.

use crate::incident::Permission;
use crate::messages::html::{Html, NAME_MAX, escape, line, ours};
use crate::messages::phrases::say;
use crate::messages::view::{View, commas, folded, joined, lines};
use crate::plan::{Phase, Plan, PlanStatus, Procedure, Severity, Target};

/// An address of the plan: a link where it is one, else to be copied.
pub(super) fn link(address: &str) -> Html {
    let shown = escape(address);
    if address.starts_with("https://") || address.starts_with("http://") {
        let host = address
            .split("//")
            .nth(1)
            .and_then(|rest| rest.split('/').next());
        let host = escape(host.filter(|host| !host.is_empty()).unwrap_or(address));
        Html::own(format!("<a href=\"{shown}\">{host}</a>"))
    } else {
        Html::own(format!("<code>{shown}</code>"))
    }
}

pub(in crate::messages) fn plan(view: &View<'_>) -> Html {
    let p = view.phrases;
    let Some(plan) = view.plan() else {
        return view.word("no-plan");
    };
    let info = &plan.info;
    let status = view.word(match info.status {
        PlanStatus::Draft => "plan-status-draft",
        PlanStatus::Active => "plan-status-active",
        PlanStatus::Retired => "plan-status-retired",
    });
    let version = line(&info.version, 16);
    let mut said = vec![say!(
        p,
        "plan-head",
        title = &info.title,
        version = version,
        status = status
    )];
    if !info.purpose.is_empty() {
        said.push(ours(&info.purpose, 300));
    }
    said.push(review(view, plan));
    said.push(Html::default());
    said.push(view.word("plan-severities").bold());
    for severity in &plan.severities {
        said.push(severity_line(view, severity));
        said.push(folded(&severity_details(view, severity)));
    }
    said.push(view.word("plan-phases").bold());
    said.extend(
        plan.phases
            .iter()
            .enumerate()
            .map(|(index, phase)| phase_line(view, index + 1, phase)),
    );
    let roles: Vec<Html> = plan
        .roles
        .iter()
        .map(|role| line(&role.name, NAME_MAX))
        .collect();
    said.push(Html::default());
    said.push(say!(p, "plan-roles", names = commas(&roles)));
    said.push(say!(
        p,
        "plan-counts",
        playbooks = plan.playbooks.len(),
        procedures = plan.procedures.len(),
        contacts = plan.contacts.len(),
        items = plan.items().count(),
        drills = plan.drills.len(),
    ));
    said.push(folded(&further(view, plan)));
    said.push(say!(
        p,
        "plan-revision",
        revision = line(plan.revision.short(), 16)
    ));
    lines(&said)
}

fn review(view: &View<'_>, plan: &Plan) -> Html {
    let p = view.phrases;
    let review = &plan.info.review;
    let cadence = view.word(&format!("cadence-{}", review.cadence.name()));
    match review.next {
        None => say!(p, "plan-review-none", cadence = cadence),
        Some(date) => {
            let overdue = view.times().is_past(date);
            let key = if overdue {
                "plan-review-overdue"
            } else {
                "plan-review-next"
            };
            say!(p, key, date = view.times().day(date), cadence = cadence)
        }
    }
}

fn severity_line(view: &View<'_>, severity: &Severity) -> Html {
    let p = view.phrases;
    let times = view.times();
    let mut respond = times.minutes(severity.respond_within);
    if severity.immediate {
        respond = say!(p, "plan-immediate", respond = respond);
    }
    let (emoji, code, name) = (&severity.emoji, &severity.code, &severity.name);
    match severity.contain_within {
        None => say!(
            p,
            "plan-severity",
            emoji = emoji,
            code = code,
            name = name,
            respond = respond
        ),
        Some(contain) => say!(
            p,
            "plan-severity-contain",
            emoji = emoji,
            code = code,
            name = name,
            respond = respond,
            contain = times.minutes(contain),
        ),
    }
}

fn severity_details(view: &View<'_>, severity: &Severity) -> Vec<Html> {
    let p = view.phrases;
    let mut said = vec![say!(
        p,
        "plan-severity-text",
        text = ours(&severity.description, 300)
    )];
    said.extend(
        severity
            .examples
            .iter()
            .map(|text| say!(p, "guide-step", text = ours(text, 300))),
    );
    said.push(say!(
        p,
        "plan-severity-escalation",
        text = ours(&severity.escalation, 300)
    ));
    if let Some(every) = severity.update_every {
        said.push(say!(
            p,
            "plan-severity-update",
            every = view.times().minutes(every)
        ));
    }
    said
}

fn phase_line(view: &View<'_>, number: usize, phase: &Phase) -> Html {
    let p = view.phrases;
    let Some(window) = phase.window else {
        return say!(
            p,
            "plan-phase",
            number = number,
            name = &phase.name,
            goal = ours(&phase.goal, 200)
        );
    };
    let times = view.times();
    let from = if window.from.0 == 0 {
        view.word("plan-window-start")
    } else {
        times.minutes(window.from)
    };
    let to = times.minutes(window.to);
    say!(
        p,
        "plan-phase-window",
        number = number,
        name = &phase.name,
        from = from,
        to = to,
        goal = ours(&phase.goal, 200)
    )
}

/// Targets, places to look, reading, versions.
fn further(view: &View<'_>, plan: &Plan) -> Vec<Html> {
    let p = view.phrases;
    let mut said = Vec::new();
    if !plan.metrics.is_empty() {
        said.push(view.word("plan-targets").bold());
        said.extend(plan.metrics.iter().map(|it| {
            let target = match it.target {
                Target::Below(span) => say!(p, "plan-below", span = view.times().minutes(span)),
                Target::BelowPercent(percent) => say!(p, "plan-percent", percent = percent),
                Target::AtMost(count) => say!(p, "plan-at-most", count = count),
            };
            say!(p, "plan-target", name = &it.name, target = target)
        }));
    }
    if !plan.resources.is_empty() {
        said.push(view.word("plan-resources").bold());
        said.extend(
            plan.resources
                .iter()
                .map(|it| say!(p, "plan-resource", name = &it.name, link = link(&it.link))),
        );
    }
    if !plan.info.references.is_empty() {
        said.push(view.word("plan-references").bold());
        let references = plan.info.references.iter();
        said.extend(
            references.map(|it| say!(p, "plan-resource", name = &it.name, link = link(&it.link))),
        );
    }
    if !plan.info.history.is_empty() {
        said.push(view.word("plan-history").bold());
        said.extend(plan.info.history.iter().map(|it| {
            let (version, date) = (line(&it.version, 16), view.times().day(it.date));
            match &it.author {
                Some(author) => {
                    say!(
                        p,
                        "plan-history-author",
                        version = version,
                        date = date,
                        author = author,
                        changes = &it.changes
                    )
                }
                None => say!(
                    p,
                    "plan-history-line",
                    version = version,
                    date = date,
                    changes = &it.changes
                ),
            }
        }));
    }
    said
}

/// What a step of the plan can pull, in words: a procedure's id, `rotate:` or `collect:`.
pub(in crate::messages) fn lever(view: &View<'_>, plan: &Plan, run: &str) -> Html {
    let p = view.phrases;
    match run.split_once(':') {
        Some(("rotate", "all")) => view.word("lever-rotate-all"),
        Some(("rotate", id)) => {
            let name = plan.credential(id).map_or(id, |it| &it.name);
            say!(p, "lever-rotate", name = ours(name, 80))
        }
        Some(("collect", id)) => {
            let name = plan.collector(id).map_or(id, |it| &it.name);
            say!(p, "lever-collect", name = ours(name, 80))
        }
        _ => ours(plan.procedure(run).map_or(run, |it| &it.name), 80),
    }
}

/// Each procedure: how dangerous it is, what it touches, its steps in words. Two dozen of them must stay readable.
pub(in crate::messages) fn procedures(view: &View<'_>, permission: Permission) -> Html {
    let Some(plan) = view.current_plan() else {
        return view.word("no-plan");
    };
    if plan.procedures.is_empty() {
        return view.word("procedures-none");
    }
    let mut said = vec![
        say!(
            view.phrases,
            "procedures-head",
            permission = view.a_permission(permission)
        ),
        view.word("procedures-who"),
    ];
    for procedure in &plan.procedures {
        said.push(procedure_head(view, procedure));
        said.push(folded(&procedure_details(view, plan, procedure)));
    }
    if !plan.credentials.is_empty() {
        let names: Vec<Html> = plan
            .credentials
            .iter()
            .map(|it| ours(&it.name, 80))
            .collect();
        said.push(say!(view.phrases, "credentials", names = commas(&names)));
    }
    lines(&said)
}

fn procedure_head(view: &View<'_>, procedure: &Procedure) -> Html {
    let p = view.phrases;
    let mut rules = vec![view.word(&format!("tier-{}", procedure.tier.name()))];
    let reads = ["collect", "verify"].contains(&procedure.id.as_str());
    if procedure.approvals > 1 {
        rules.push(say!(p, "procedure-approvals", count = procedure.approvals));
    } else {
        rules.push(view.word(if reads {
            "procedure-reads"
        } else {
            "procedure-confirm"
        }));
    }
    if procedure.fail_safe {
        rules.push(view.word("procedure-fail-safe"));
    }
    say!(
        p,
        "procedure-head",
        name = ours(&procedure.name, 80),
        rules = joined(&rules, " · ")
    )
}

fn procedure_details(view: &View<'_>, plan: &Plan, procedure: &Procedure) -> Vec<Html> {
    let p = view.phrases;
    let steps = procedure.steps.iter().enumerate();
    let steps: Vec<Html> = steps
        .map(|(index, step)| {
            say!(
                p,
                "procedure-step",
                number = index + 1,
                text = ours(&step.name, 120)
            )
        })
        .collect();
    let usage = super::requests::usage(view, procedure, true);
    let mut said = vec![say!(p, "procedure-run", usage = usage), joined(&steps, " ")];
    if !procedure.touches.is_empty() {
        let what: Vec<Html> = procedure.touches.iter().map(|it| ours(it, 80)).collect();
        said.push(say!(p, "procedure-touches", what = commas(&what)));
    }
    if let Some(undo) = procedure.undo.as_deref().and_then(|id| plan.procedure(id)) {
        said.push(say!(p, "procedure-undo", name = ours(&undo.name, 80)));
    }
    said
}

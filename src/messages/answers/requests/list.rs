//! What can be pulled, and what it needs.

use crate::messages::html::{Html, NAME_MAX, line, ours};
use crate::messages::phrases::say;
use crate::messages::view::{View, joined, lines};
use crate::plan::{Parameter, ParameterKind, Procedure};

/// What a procedure needs before it can run.
pub(in crate::messages) fn needs(view: &View<'_>, procedure: &str, missing: &[String]) -> Html {
    let p = view.phrases;
    let Some(found) = view
        .current_plan()
        .and_then(|plan| plan.procedure(procedure))
    else {
        return view.word("no-plan");
    };
    let wanted: Vec<&Parameter> = found
        .parameters
        .iter()
        .filter(|it| missing.contains(&it.name))
        .collect();
    let mut said = vec![say!(p, "needs-head", name = ours(&found.name, 80))];
    said.extend(wanted.iter().map(|it| {
        say!(
            p,
            "needs-line",
            label = ours(&it.label, 80),
            name = line(&it.name, NAME_MAX),
            example = example(view, it)
        )
    }));
    let usage = usage(view, found, true);
    said.push(say!(p, "needs-hint", usage = usage));
    if wanted.iter().any(|it| it.choices.is_some()) {
        said.push(view.word("needs-choices"));
    }
    lines(&said)
}

fn example(view: &View<'_>, parameter: &Parameter) -> Html {
    match &parameter.example {
        // It stands in a command to be copied, and its kind lets no markup in.
        Some(example) => Html::escaped(example),
        None => view.word(&format!("kind-{}-example", parameter.kind.name())),
    }
}

/// The same for a parameter of which only the name is at hand: of the procedures that take it, the first that says.
pub(in crate::messages) fn example_of(view: &View<'_>, name: &str, kind: ParameterKind) -> Html {
    let plan = view.current_plan();
    let mut all = plan.iter().flat_map(|it| &it.procedures);
    let found = all.find_map(|it| {
        let mut named = it.parameters.iter();
        named.find(|it| it.name == name && it.kind == kind && it.example.is_some())
    });
    match found {
        Some(parameter) => example(view, parameter),
        None => view.word(&format!("kind-{}-example", kind.name())),
    }
}

/// Procedures that have a command of their own.
const OWN_COMMAND: [&str; 6] = [
    "emergency_shutdown",
    "lockdown",
    "restore",
    "rollback",
    "collect",
    "verify",
];

/// How a procedure is pulled.
pub(in crate::messages) fn usage(view: &View<'_>, procedure: &Procedure, required: bool) -> Html {
    let id = &procedure.id;
    let mut words = if OWN_COMMAND.contains(&id.as_str()) {
        vec![Html::own(format!("/{id}"))]
    } else {
        vec![Html::own(format!("/run {id}"))]
    };
    let wanted = procedure.parameters.iter().filter(|it| it.required);
    words.extend(wanted.filter(|_| required).map(|it| example(view, it)));
    joined(&words, " ")
}

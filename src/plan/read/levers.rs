//! Connections, procedures, credentials, collectors and probes.

use super::book::ConnectionFacts;
use super::list;
use super::steps::{self, Scope};
use super::{Kind, Section, values};
use crate::plan::{
    Action, Check, Collector, Connection, ConnectionKind, Credential, LeverRules, OnFailure,
    Parameter, ParameterKind, Probe, Procedure, SecondFactor, Tier,
};

pub(super) fn rules(root: &Section<'_>) -> LeverRules {
    let section = root.section("levers");
    let totp = section.and_then(|it| it.word("totp"));
    LeverRules {
        totp: totp.unwrap_or(SecondFactor::Optional),
    }
}

pub(super) fn connections(root: &Section<'_>) -> Vec<Connection> {
    root.sections("connection").iter().map(connection).collect()
}

fn connection(entry: &Section<'_>) -> Connection {
    let id = entry.id(Kind::Connection);
    let kind = entry.need_word("kind");
    let address = variable(entry.need_text_at("address"), entry);
    let secrets: Vec<String> = entry
        .texts_at("secrets")
        .into_iter()
        .map(|name| variable(name, entry))
        .collect();
    let settings: Vec<String> = entry
        .texts_at("settings")
        .into_iter()
        .map(|name| variable(name, entry))
        .collect();
    let facts = ConnectionFacts {
        kind,
        secrets: secrets.clone(),
        settings: settings.clone(),
    };
    entry.book.offer(&id, facts);
    Connection {
        id,
        name: entry.need_short("name", 60),
        kind: kind.unwrap_or(ConnectionKind::Http),
        address,
        secrets,
        settings,
    }
}

fn variable((name, offset): (String, usize), entry: &Section<'_>) -> String {
    if !name.is_empty() && !values::is_variable(&name) {
        entry.book.wrong_hint(
            offset,
            "this is not the name of an environment variable",
            "a plan can be shared: name the variable, such as \"TARS_APP_URL\", and set it on the machine",
        );
    }
    name
}

pub(super) fn procedures(root: &Section<'_>) -> Vec<Procedure> {
    root.sections("procedure").iter().map(procedure).collect()
}

fn procedure(entry: &Section<'_>) -> Procedure {
    let id = entry.id(Kind::Procedure);
    let tier = entry.need_word("tier").unwrap_or(Tier::T3);
    let usual = if tier == Tier::T3 { 2 } else { 1 };
    let approvals = entry.number("approvals", 1..=5).unwrap_or(usual);
    if tier == Tier::T3 && approvals < 2 {
        entry.book.wrong_hint(
            entry.place("approvals"),
            "a destructive procedure needs at least 2 approvals",
            "set approvals = 2, or tier = \"t2\" if it can be taken back",
        );
    }
    let fail_safe = entry.flag("fail_safe");
    let parameters: Vec<Parameter> = entry.sections("parameter").iter().map(parameter).collect();
    if fail_safe && parameters.iter().any(|parameter| parameter.required) {
        entry.book.wrong_hint(
            entry.place("fail_safe"),
            "a fail-safe procedure cannot ask for parameters",
            "it must run from the host with nothing but its name",
        );
    }
    let cooldown = entry.minutes("cooldown");
    if fail_safe && cooldown.is_some() {
        entry.book.wrong_hint(
            entry.place("cooldown"),
            "a fail-safe procedure never rests",
            "leave `cooldown` out: stopping things waits for nothing",
        );
    }
    let scope = Scope::procedure(
        parameters
            .iter()
            .map(|parameter| parameter.name.clone())
            .collect(),
    );
    let undo = entry.refer("undo", &[Kind::Procedure]);
    if undo.as_deref() == Some(id.as_str()) {
        entry
            .book
            .wrong(entry.place("undo"), "a procedure cannot undo itself");
    }
    Procedure {
        id,
        name: entry.need_short("name", 40),
        summary: entry.need_short("summary", 300),
        tier,
        approvals: u32::try_from(approvals).unwrap_or(2),
        fail_safe,
        touches: entry.need_texts("touches"),
        parameters,
        steps: list::steps(entry, &scope, 40),
        undo,
        cooldown,
        on_failure: entry.word("on_failure").unwrap_or(OnFailure::Stop),
    }
}

fn parameter(entry: &Section<'_>) -> Parameter {
    let (name, offset) = entry.need_text_at("name");
    if !name.is_empty() && !values::is_id(&name) {
        entry.book.wrong_hint(
            offset,
            "this cannot be the name of a parameter",
            "1 to 32 small letters a-z, digits and underscores",
        );
    }
    let kind = entry.need_word("kind").unwrap_or(ParameterKind::Name);
    let example = entry.text("example");
    if example
        .as_deref()
        .is_some_and(|it| kind.accept(it).is_none())
    {
        entry.book.wrong_hint(
            entry.place("example"),
            "the parameter's kind does not allow this example",
            "help shows it as something to type: give a value that would be taken",
        );
    }
    Parameter {
        name,
        label: entry.need_short("label", 60),
        kind,
        required: entry.flag("required"),
        choices: entry.refer("choices", &[Kind::Collector]),
        example,
    }
}

pub(super) fn credentials(root: &Section<'_>) -> Vec<Credential> {
    root.sections("credential").iter().map(credential).collect()
}

fn credential(entry: &Section<'_>) -> Credential {
    let scope = Scope::credential();
    let check = entry.refer("check", &[Kind::Probe]);
    let restarts_bot = entry.flag("restarts_bot");
    let steps = list::steps(entry, &scope, 20);
    // A person who restarts it says "done" only once it is back.
    let by_itself = steps
        .iter()
        .any(|it| !matches!(it.action, Action::Manual { .. }));
    if restarts_bot && by_itself && check.is_none() {
        entry.book.wrong_hint(
            entry.place("restarts_bot"),
            "nothing tells whether the bot works with its new secret",
            "add check = \"…\", a probe that is green then",
        );
    }
    Credential {
        id: entry.id(Kind::Credential),
        name: entry.need_short("name", 60),
        secret: variable(entry.need_text_at("secret"), entry),
        opens: entry.need_short("opens", 200),
        touches: entry.texts("touches"),
        max_age: entry.need_minutes("max_age"),
        steps,
        check,
        restarts_bot,
    }
}

pub(super) fn collectors(root: &Section<'_>) -> Vec<Collector> {
    root.sections("collector").iter().map(collector).collect()
}

fn collector(entry: &Section<'_>) -> Collector {
    let action = steps::action(entry, &Scope::evidence());
    if !matches!(
        action,
        Action::Http(_)
            | Action::Command(_)
            | Action::File(_)
            | Action::Sql(_)
            | Action::Service { .. }
            | Action::Manual { .. }
    ) {
        entry.book.wrong_hint(
            entry.place("kind"),
            "a collector gathers evidence; this kind does not",
            "http, command, file, sql, service or manual",
        );
    }
    if matches!(&action, Action::Command(call) if call.expect_output.is_some()) {
        entry.book.wrong_hint(
            entry.place("expect_output"),
            "a collector takes what comes",
            "`expect_output` belongs to steps and to probes",
        );
    }
    let limit_kib = entry.number("limit_kib", 1..=1_048_576).unwrap_or(64);
    Collector {
        id: entry.id(Kind::Collector),
        name: entry.need_short("name", 60),
        action,
        timeout_seconds: entry.seconds("timeout", 60),
        limit_kib: u32::try_from(limit_kib).unwrap_or(64),
        judge: entry.flag("judge"),
        by_hand: entry.text("by_hand"),
    }
}

pub(super) fn probes(root: &Section<'_>) -> Vec<Probe> {
    root.sections("probe").iter().map(probe).collect()
}

fn probe(entry: &Section<'_>) -> Probe {
    Probe {
        id: entry.id(Kind::Probe),
        name: entry.need_short("name", 60),
        check: check(entry),
        timeout_seconds: entry.seconds("timeout", 15),
        by_hand: entry.text("by_hand"),
    }
}

fn check(entry: &Section<'_>) -> Check {
    match entry.text("kind").as_deref() {
        Some("tcp") => Check::Tcp {
            connection: steps::connection(entry, &[ConnectionKind::Host]),
            port: entry
                .number("port", 1..=65_535)
                .and_then(|port| port.try_into().ok())
                .unwrap_or_else(|| {
                    if !entry.has("port") {
                        entry.book.wrong_hint(
                            entry.offset,
                            "the probe lacks `port`",
                            "add port = 443",
                        );
                    }
                    443
                }),
        },
        Some("certificate") => Check::Certificate {
            connection: steps::connection(entry, &[ConnectionKind::Http]),
            days: entry
                .number("days", 1..=365)
                .and_then(|days| days.try_into().ok())
                .unwrap_or(14),
        },
        Some("probe" | "collect" | "notify" | "wait") => {
            entry.book.wrong_hint(
                entry.place("kind"),
                "a probe looks at something; this kind does not",
                "http, command, file, sql, service, tcp, certificate or manual",
            );
            // Its keys are read all the same, so that they are not reported as unknown.
            Check::Action(steps::action(entry, &Scope::evidence()))
        }
        _ => Check::Action(steps::action(entry, &Scope::evidence())),
    }
}

//! The authorisation matrix: permission × command × incident state × chat kind × identity kind. The expected table is
//! `matrix/expected.txt`, written by hand; every cell is a message that goes through reading, routing and the rules.

mod scene;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use breakglass::app::{self, House, PlanFile, Setup, Wanted};
use breakglass::clock::Clock;
use breakglass::evidence::export::seal::Recipients;
use breakglass::evidence::vault::Vault;
use breakglass::incident::{
    Chat, ChatKey, Command, Env, IncidentId, Person, Plans, Refusal, Series, decide,
};
use breakglass::messages::Languages;
use breakglass::plan;
use breakglass::store::Ledger;
use breakglass::telegram::incoming::Incoming;
use breakglass::telegram::schema::{self, Routed};
use serde_json::{Value, json};

use self::scene::{at, person, scene};

const EXPECTED: &str = include_str!("matrix/expected.txt");
const STATES: [&str; 5] = ["none", "open", "last", "closed", "cancelled"];
const PERMISSIONS: [&str; 5] = ["stranger", "responder", "commander", "approver", "owner"];

/// How each command is typed.
const COMMANDS: &[(&str, &str)] = &[
    ("start", "/start"),
    ("help", "/help"),
    ("whoami", "/whoami"),
    ("status", "/status"),
    ("status_all", "/status all"),
    ("contacts", "/contacts"),
    ("plan", "/plan"),
    ("procedures", "/procedures"),
    ("playbook", "/playbook"),
    ("timeline", "/timeline"),
    ("todos", "/todos"),
    ("declare", "/declare P2 odd logins"),
    ("ack", "/ack"),
    ("role", "/role ic"),
    ("severity_up", "/severity P0 customers lose money"),
    ("severity_down", "/severity P3 only a test system"),
    ("done", "/done 7"),
    ("untick", "/untick 1"),
    ("skip", "/skip 8 nobody outside is concerned"),
    ("skip_guard", "/skip 6 the disk is gone"),
    ("next", "/next"),
    ("next_force", "/next force no time"),
    ("back", "/back something was missed"),
    ("note", "/note the key is in commit 4f2a91"),
    ("set", "/set affected database"),
    ("evidence", "/evidence the commit"),
    ("todo", "/todo write it down"),
    ("contact", "/contact legal @bob"),
    ("cancel", "/cancel false_alarm nothing had happened"),
    ("close", "/close force agreed"),
    ("reopen", "/reopen it came back"),
    ("report", "/report md"),
    ("export", "/export"),
    ("emergency_shutdown", "/emergency_shutdown they are in"),
    (
        "break_glass",
        "/emergency_shutdown now emergency_shutdown they are in",
    ),
    ("lockdown", "/lockdown sessions were stolen"),
    ("restore", "/restore all checks are green"),
    (
        "rollback",
        "/rollback 1a2b3c4 backup-1.db the last release is bad",
    ),
    ("credentials", "/rotate"),
    ("rotate", "/rotate nextauth_secret"),
    ("rotate_all", "/rotate all"),
    ("collect", "/collect"),
    ("verify", "/verify"),
    ("run_t2", "/run tighten_limits"),
    ("dry_run", "/emergency_shutdown dry"),
    ("drills", "/drill"),
    ("drill", "/drill key_leak"),
    ("approve", "/approve R1 42"),
    ("deny", "/deny R1"),
    ("abort", "/abort R1"),
    ("abort_run", "/abort"),
    ("step", "/step done"),
    ("audit", "/audit"),
    ("totp", "/totp"),
    ("setup", "/setup"),
    ("setup_admins", "/setup admins on"),
    ("language", "/language en"),
    ("grant", "/grant commander 70002"),
    ("revoke", "/revoke 70003"),
];

/// One situation of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    identity: &'static str,
    kind: &'static str,
    command: &'static str,
    state: &'static str,
    permission: &'static str,
}

/// Reads the table. Every cell once, none left out.
fn table() -> BTreeMap<Cell, char> {
    const IDENTITIES: [&str; 8] = [
        "person",
        "anonymous_admin",
        "channel",
        "bot",
        "via_bot",
        "forwarded",
        "edited",
        "caption",
    ];
    const KINDS: [&str; 6] = [
        "group",
        "supergroup",
        "forum",
        "unclaimed",
        "private",
        "channel",
    ];
    let known = |list: &[&'static str], word: &str| {
        let found = list.iter().find(|it| **it == word).copied();
        found.unwrap_or_else(|| panic!("{word:?} is not a word of the table"))
    };
    let mut cells = BTreeMap::new();
    let mut block: Vec<(&'static str, &'static str)> = Vec::new();
    let mut default: Vec<(Cell, char)> = Vec::new();
    for line in EXPECTED.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(head) = line.strip_prefix('@') {
            let (identities, kinds) = head.split_once(" in ").expect("identities in kinds");
            block = identities
                .split_whitespace()
                .flat_map(|identity| kinds.split_whitespace().map(move |kind| (identity, kind)))
                .map(|(identity, kind)| (known(&IDENTITIES, identity), known(&KINDS, kind)))
                .collect();
            continue;
        }
        let mut words = line.split_whitespace();
        let name = words.next().expect("a name");
        let groups: Vec<&str> = words.collect();
        assert_eq!(groups.len(), STATES.len(), "{line}");
        let names: Vec<&'static str> = COMMANDS
            .iter()
            .map(|it| it.0)
            .filter(|it| name == "*" || *it == name)
            .collect();
        assert!(!names.is_empty(), "no such command: {name}");
        for (identity, kind) in block.clone() {
            for (state, group) in STATES.iter().zip(&groups) {
                assert_eq!(group.len(), PERMISSIONS.len(), "{line}");
                for (permission, letter) in PERMISSIONS.iter().zip(group.chars()) {
                    for command in &names {
                        let cell = Cell {
                            identity,
                            kind,
                            command,
                            state,
                            permission,
                        };
                        if name == "*" {
                            default.push((cell, letter));
                        } else {
                            let before = cells.insert(cell, letter);
                            assert_eq!(before, None, "twice in the table: {cell:?}");
                        }
                    }
                }
            }
        }
    }
    for (cell, letter) in default {
        cells.entry(cell).or_insert(letter);
    }
    cells
}

/// The update that Telegram would send.
fn update(cell: &Cell) -> Value {
    let who = person(cell.permission);
    let from = json!({"id": who.id.0, "is_bot": false, "first_name": who.name});
    let kind = match cell.kind {
        "group" | "unclaimed" => "group",
        "supergroup" | "forum" => "supergroup",
        other => other,
    };
    let id = if kind == "private" {
        who.id.0
    } else {
        -1_000_500
    };
    let chat = json!({"id": id, "type": kind, "title": "Room", "is_forum": cell.kind == "forum"});
    let text = COMMANDS.iter().find(|it| it.0 == cell.command);
    let text = text.expect("a command").1;
    let mut message = json!({
        "message_id": 500, "date": at(0).timestamp(), "chat": chat, "from": from, "text": text,
        "reply_to_message": {"message_id": 400, "date": at(-1).timestamp(), "chat": chat, "from": from, "text": "look"},
    });
    let fields = message.as_object_mut().expect("an object");
    match cell.identity {
        "anonymous_admin" => {
            fields["from"] = json!({"id": 1_087_968_824, "is_bot": true, "first_name": "Group"});
            fields.insert("sender_chat".into(), chat);
        }
        "channel" => {
            fields["from"] = json!({"id": 136_817_688, "is_bot": true, "first_name": "Channel"});
            let sender = json!({"id": -1_000_777, "type": "channel", "title": "News"});
            fields.insert("sender_chat".into(), sender);
        }
        "bot" => fields["from"]["is_bot"] = json!(true),
        "via_bot" => {
            let bot = json!({"id": 99, "is_bot": true, "first_name": "Inline"});
            fields.insert("via_bot".into(), bot);
        }
        "forwarded" => {
            let origin = json!({"type": "user", "date": at(-9).timestamp(), "sender_user": from});
            fields.insert("forward_origin".into(), origin);
        }
        "caption" => {
            let text = fields.remove("text").expect("a text");
            fields.insert("caption".into(), text);
            let photo = json!([{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]);
            fields.insert("photo".into(), photo);
        }
        _ => {}
    }
    let name = if cell.identity == "edited" {
        "edited_message"
    } else {
        "message"
    };
    json!({"update_id": 1, name: message})
}

/// What became of it, as a letter of the table.
async fn run(
    cell: &Cell,
    chat: &Chat,
    plans: &Plans,
    house: &Arc<House>,
    routes: &schema::Schema,
) -> char {
    let raw = update(cell).to_string();
    let incoming = Incoming::read(&raw).expect("it can be read");
    let Routed::Letter(_, letter) = schema::route(routes, house, incoming).await else {
        return '-';
    };
    let Wanted::Command(command) = letter.wanted else {
        return '-';
    };
    let (author, request) = *command;
    let security = IncidentId::security(2026, 2);
    let drill = IncidentId {
        series: Series::Drill,
        ..security
    };
    let rehearses = matches!(request.command, Command::Drill { .. });
    let env = Env {
        now: at(0),
        next_id: if rehearses { drill } else { security },
        plans,
        languages: &["en"],
        owners: &[],
        dice: [7; 32],
        log_changed: false,
        elsewhere: None,
    };
    match decide(chat, &request, &author, env) {
        Ok(_) => '+',
        Err(refusal) => letter_of(&refusal),
    }
}

fn letter_of(refusal: &Refusal) -> char {
    match refusal {
        Refusal::NotAllowed { .. }
        | Refusal::GuardsTheGate { .. }
        | Refusal::OwnersBreakTheGlass { .. } => 'p',
        Refusal::NotAPerson { .. } => 'i',
        Refusal::NotInACaption { .. } => 'c',
        Refusal::GroupOnly { .. } => 'g',
        Refusal::NotClaimed { .. } => 'u',
        Refusal::NothingOpen { .. }
        | Refusal::WrongState { .. }
        | Refusal::LastPhase { .. }
        | Refusal::FirstPhase { .. }
        | Refusal::NotLastPhase { .. }
        | Refusal::NoDrillNow { .. }
        | Refusal::UnknownRequest { .. }
        | Refusal::NoRun { .. } => 's',
        _ => '?',
    }
}

async fn house(folder: &std::path::Path) -> Arc<House> {
    let files = plan::shipped().into_iter().map(|(name, source)| PlanFile {
        name: name.to_owned(),
        source: source.to_owned(),
    });
    let installed = app::install(files.collect()).expect("the plans are good");
    let clock = Clock::test(at(0));
    let url = format!("sqlite://{}", folder.join("matrix.db").display());
    let now = clock.clone();
    let ledger = Ledger::open(&url, Arc::new(move || now.micros()))
        .await
        .expect("a ledger");
    let setup = Setup {
        owners: [person("owner").id].into(),
        home_chat: None,
        bot: "breakglass_bot".to_owned(),
        language: "en".to_owned(),
        seed: Some(7),
        vault: Vault::open(&folder.join("evidence")).expect("a vault"),
        recipients: Recipients::default(),
    };
    let languages = Languages::embedded(Vec::new()).expect("the texts are good");
    let (house, _) = House::open(ledger, clock, setup, languages, installed)
        .await
        .expect("the house opens");
    // Names in commands are found among those that were seen.
    for known in ["responder", "commander", "approver"] {
        house.people().remember(
            ChatKey(1),
            &breakglass::app::PersonSeen {
                person: Person {
                    username: (known == "responder").then(|| "bob".to_owned()),
                    ..person(known)
                },
                language: None,
                left: false,
            },
        );
    }
    house
}

#[tokio::test]
async fn every_cell_is_as_the_table_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = house(folder.path()).await;
    let routes = schema::schema();
    let mut plans = Plans::default();
    for (_, source) in plan::shipped() {
        let read = plan::parse(source).expect("the plan is good");
        if plans.default.is_empty() || read.info.id == "tars" {
            plans.default.clone_from(&read.info.id);
        }
        plans.install(Arc::new(read));
    }
    let expected = table();
    let mut scenes: BTreeMap<(&str, &str), Chat> = BTreeMap::new();
    let mut wrong = String::new();
    let mut count = 0;
    for (cell, letter) in &expected {
        let chat = scenes
            .entry((cell.kind, cell.state))
            .or_insert_with(|| scene(&plans, cell.kind, cell.state));
        let found = run(cell, chat, &plans, &house, &routes).await;
        if found != *letter {
            count += 1;
            let _ = writeln!(wrong, "expected {letter}, found {found}: {cell:?}");
        }
    }
    crate::harness::figure(&format!(
        "authorisation matrix: {} cells ({} commands)",
        expected.len(),
        COMMANDS.len()
    ));
    assert!(count == 0, "{count} cells differ\n{wrong}");
}

/// Whoever adds a command adds its line to the table.
#[test]
fn no_command_is_missing() {
    let listed: Vec<&str> = COMMANDS
        .iter()
        .filter_map(|it| it.1.strip_prefix('/')?.split_whitespace().next())
        .collect();
    for name in breakglass::messages::command_names() {
        assert!(listed.contains(&name), "/{name} is not in the matrix");
    }
}

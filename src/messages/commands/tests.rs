use insta::assert_snapshot;

use super::*;
use crate::messages::testing::{Room, english, well_formed};

fn help_for(permission: Permission) -> String {
    let room = Room::with("tars");
    help(&room.view(), permission, None).into_string()
}

#[test]
fn a_stranger_is_offered_nothing_but_the_way_in() {
    assert_snapshot!(help_for(Permission::Stranger), @"
    I run a team's incident response plan. I act for the people of the team only; if you belong to it, ask one of its owners to add you.

    <b>Always</b>
    /help [command] — What you can do here
    /whoami — Your id and what you may do
    ");
}

#[test]
fn a_responder_reads_what_a_responder_may_do() {
    assert_snapshot!(help_for(Permission::Responder), @"
    I run your team's response plan here. Your permission: responder.

    <b>In an incident</b>
    /declare [severity] &lt;title&gt; — Open an incident
    /status [all or ID] — Where things stand
    /ack — Say that you have seen it
    /done &lt;number&gt;… — Tick checklist items
    /next [force &lt;why&gt;] — Begin the next phase
    /role &lt;role&gt; [@name] — Take or give a role
    /severity &lt;code&gt; [why] — Change how bad it is
    /skip &lt;number&gt; &lt;why&gt; — An item does not apply
    /untick &lt;number&gt; — Open an item again
    /back &lt;why&gt; — Return to the phase before

    <b>Writing down</b>
    /note &lt;text&gt; — Write something down
    /set &lt;field&gt; &lt;value&gt; — Record a fact
    /evidence [what it shows] — Keep a message or file
    /todo &lt;text&gt; [@name] [date] — Add or give out a follow-up

    <b>Looking things up</b>
    /playbook [name] — What to do in a scenario
    /contacts — Whom to call
    /timeline [ID] — What happened so far
    /todos [ID] — Follow-ups
    /plan — The plan in short
    /procedures — What the plan can execute

    <b>Always</b>
    /help [command] — What you can do here
    /whoami — Your id and what you may do

    <code>/help command</code> shows how one is used. With several open incidents, put the id first: <code>/done SEC-2026-007 2</code>, or reply to a card.
    ");
}

#[test]
fn a_commander_and_an_owner_read_more() {
    let without = |all: &str, known: &str| {
        let known: Vec<&str> = known.lines().collect();
        all.lines()
            .filter(|it| !known.contains(it))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let commander = help_for(Permission::Commander);
    assert_snapshot!(without(&commander, &help_for(Permission::Responder)), @"
    I run your team's response plan here. Your permission: commander.
    <b>For commanders</b>
    /close [force &lt;why&gt;] — Close the incident
    /cancel false_alarm &lt;why&gt;, or duplicate &lt;ID&gt; &lt;why&gt; — Call an incident off
    /reopen [ID] &lt;why&gt; — Take an ended incident up again
    /report [ID] [md] — Write the report
    /export [ID] — Make a ZIP of everything, for others to check
    /contact &lt;contact&gt; @name [backup @name] — Bind a contact to a person
    /totp [code] — Your second factor, in private
    /audit [number] — Who did what, and who was refused
    <b>Levers</b>
    /emergency_shutdown [dry] [why] — Take everything off the air
    /lockdown [dry] [why] — Keep everybody out but the team
    /restore [dry] [why] — Bring the service back
    /rollback [dry] &lt;target&gt; [why] — Go back to a known good state
    /rotate [name or all] [dry] — Rotate one credential, or all
    /collect [dry] [why] — Gather the evidence
    /verify [dry] [why] — Check that everything works
    /run &lt;procedure&gt; [dry] [target] [why] — Run a procedure of the plan
    /drill [drill] — Rehearse the plan
    /approve &lt;request&gt; [number] — Agree to a request
    /deny &lt;request&gt; — Say no to a request
    /abort [request or run] [why] — Stop a countdown, or a run between two steps
    /step [run] [step] done|retry|skip|undo — Decide about a step that waits
    ");
    assert_snapshot!(without(&help_for(Permission::Owner), &commander), @"
    I run your team's response plan here. Your permission: owner.
    <b>For owners</b>
    /grant &lt;responder, commander or approver&gt; [@name or id] — Give somebody a permission
    /revoke [@name or id] — Take a permission back
    /setup [setting value] — Settings of this chat
    /language &lt;code&gt; — Choose the language
    ");
}

#[test]
fn the_usage_of_one_command() {
    assert_snapshot!(usage(&english(), "/skip").unwrap().into_string(), @"
    <code>/skip &lt;number&gt; &lt;why&gt;</code>
    Marks it as not needed, with your reason on record. Items that guard the next phase need a commander.
    For example: <code>/skip 8 no customers are concerned</code>
    ");
    assert_snapshot!(usage(&english(), "close").unwrap().into_string(), @"
    <code>/close [force &lt;why&gt;]</code>
    In the last phase, once everything is there that the plan wants before.
    For example: <code>/close</code>
    Who may: commander and above.
    ");
    assert!(usage(&english(), "format_c").is_none());
}

#[test]
fn every_command_is_explained_within_telegrams_limits() {
    let phrases = english();
    for name in names() {
        let text = usage(&phrases, name).unwrap();
        well_formed(text.as_str()).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(name.len() <= 32);
        assert!(
            args(&phrases, name).is_none() || phrases.has(&format!("command-{name}.example")),
            "{name}"
        );
    }
    let menu = command_menu(&phrases, Permission::Owner, ChatKind::Supergroup);
    assert!(menu.len() <= 100);
    assert!(
        menu.iter()
            .all(|(_, does)| (3..=256).contains(&does.chars().count()))
    );
    let private: Vec<String> = command_menu(&phrases, Permission::Owner, ChatKind::Private)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(private, ["start", "help", "whoami"]);
}

#[test]
fn the_table_asks_for_what_the_core_asks_for() {
    use crate::incident::{CancelAs, Command, Setup, Whom, policy};
    let commands = [
        Command::Declare {
            text: String::new(),
        },
        Command::Done(Vec::new()),
        Command::Plan,
        Command::Close { force: None },
        Command::Cancel {
            kind: CancelAs::FalseAlarm,
            why: String::new(),
        },
        Command::Reopen { why: String::new() },
        Command::Report {
            format: String::new(),
        },
        Command::Audit { count: None },
        Command::Contact {
            contact: String::new(),
            whom: Whom::Myself,
            backup: None,
        },
        Command::Grant {
            permission: Permission::Responder,
            whom: Whom::Myself,
        },
        Command::Revoke { whom: Whom::Myself },
        Command::Setup(Setup::Show),
        Command::Setup(Setup::Language(String::new())),
        Command::Help { about: None },
    ];
    for command in commands {
        let known = find(command.verb()).unwrap_or_else(|| panic!("{}", command.verb()));
        assert_eq!(
            Some(known.needs),
            policy::tier(&command).map(policy::Tier::needs),
            "{}",
            known.name
        );
    }
}

use insta::assert_snapshot;

use super::*;
use crate::incident::{Changed, Choice, Hindrance, Outcome, Series, Unfinished};
use crate::messages::testing::{Room, person, well_formed};
use crate::plan::ParameterKind;

#[expect(clippy::too_many_lines, reason = "one of each kind")]
fn every() -> Vec<Refusal> {
    use Identity::{AnonymousAdmin, Bot, Channel, Forwarded, LinkedChannel, ViaBot};
    let id = IncidentId::security(2026, 7);
    let other = IncidentId::security(2026, 8);
    let phase = || "Containment".to_owned();
    let mut all = vec![
        Refusal::NotAllowed {
            verb: "close",
            needs: Permission::Commander,
            has: Permission::Responder,
        },
        Refusal::NotAllowed {
            verb: "next",
            needs: Permission::Commander,
            has: Permission::Responder,
        },
        Refusal::NotAllowed {
            verb: "severity",
            needs: Permission::Commander,
            has: Permission::Responder,
        },
        Refusal::NotAllowed {
            verb: "setup",
            needs: Permission::Owner,
            has: Permission::Commander,
        },
        Refusal::NotAllowed {
            verb: "done",
            needs: Permission::Responder,
            has: Permission::Stranger,
        },
    ];
    let voices = [
        AnonymousAdmin,
        Channel,
        LinkedChannel,
        Bot,
        ViaBot,
        Forwarded,
    ];
    all.extend(voices.map(|identity| Refusal::NotAPerson {
        verb: "done",
        identity,
    }));
    all.extend([
        Refusal::DuplicateOfItself { verb: "cancel", id },
        Refusal::NoDrillNow { verb: "drill", id },
        Refusal::NoDrillNow {
            verb: "drill",
            id: IncidentId {
                series: Series::Drill,
                ..id
            },
        },
        Refusal::NotOver {
            verb: "cancel",
            id,
            open: Unfinished::Run { run: 3 },
        },
        Refusal::NotOver {
            verb: "cancel",
            id,
            open: Unfinished::Stuck { run: 3 },
        },
        Refusal::NotOver {
            verb: "close",
            id,
            open: Unfinished::Stuck { run: 3 },
        },
        Refusal::NotOver {
            verb: "close",
            id,
            open: Unfinished::Request {
                request: 7,
                until: Room::with("tars").now,
            },
        },
        Refusal::NotOver {
            verb: "close",
            id,
            open: Unfinished::Countdown { request: 7 },
        },
        Refusal::LogBroken { verb: "close" },
        Refusal::NotInACaption { verb: "close" },
        Refusal::NotClaimed { verb: "declare" },
        Refusal::GroupOnly { verb: "declare" },
        Refusal::NothingOpen { verb: "done" },
        Refusal::NothingOpen { verb: "reopen" },
        Refusal::WhichIncident {
            verb: "done",
            open: vec![id, other],
        },
        Refusal::UnknownIncident { verb: "done", id },
        Refusal::WrongState {
            verb: "reopen",
            id,
            state: StateName::Open,
        },
        Refusal::WrongState {
            verb: "done",
            id,
            state: StateName::Closed,
        },
        Refusal::WrongState {
            verb: "done",
            id,
            state: StateName::Cancelled,
        },
        gate_open("next", &[(6, "Evidence preserved")], &[]),
        gate_open(
            "next",
            &[(5, "Affected systems isolated"), (6, "Evidence preserved")],
            &[],
        ),
        gate_open("close", &[], &["root_cause"]),
        gate_open(
            "next",
            &[(10, "Threat removed")],
            &["root_cause", "affected"],
        ),
        Refusal::LastPhase {
            verb: "next",
            id,
            phase: "Post-incident".into(),
        },
        Refusal::FirstPhase {
            verb: "back",
            id,
            phase: phase(),
        },
        Refusal::NotLastPhase {
            verb: "close",
            id,
            phase: phase(),
        },
        Refusal::PhaseMovedOn {
            verb: "next",
            id,
            phase: phase(),
        },
        Refusal::UnknownItem {
            verb: "done",
            item: "99".into(),
            last: 20,
        },
        Refusal::UnknownItem {
            verb: "done",
            item: "SEC2026003".into(),
            last: 20,
        },
        Refusal::ItemState {
            verb: "untick",
            number: 5,
            state: "open",
        },
        Refusal::ItemState {
            verb: "skip",
            number: 5,
            state: "ticked",
        },
        Refusal::ItemState {
            verb: "skip",
            number: 5,
            state: "skipped",
        },
        Refusal::NoSeverityYet {
            verb: "done",
            number: 2,
            codes: vec!["P0".into(), "P1".into()],
        },
        Refusal::GuardsTheGate {
            verb: "skip",
            number: 6,
        },
        unknown("severity", "p9", &["P0 Critical", "P1 High"]),
        unknown("plan", "mars", &[]),
        unknown("timezone", "Mars", &["UTC", "Europe/Berlin"]),
        unknown("follow-up", "9", &["1", "2"]),
        Refusal::UnknownPerson {
            verb: "role",
            name: "@carol".into(),
        },
    ]);
    all.extend(
        ["skip", "next", "close", "back", "cancel", "reopen"]
            .map(|verb| Refusal::ReasonMissing { verb }),
    );
    all.extend(["declare", "todo", "grant", "evidence"].map(|verb| Refusal::Usage { verb }));
    let fields = [
        ("started", "time"),
        ("affected", "systems"),
        ("ongoing", "yes-no"),
        ("records", "number"),
        ("impact", "text"),
    ];
    all.extend(fields.map(|(field, wants)| Refusal::BadValue {
        verb: "set",
        field: field.into(),
        wants,
    }));
    all.extend([
        Refusal::TooLong {
            verb: "set",
            max: 2_000,
        },
        Refusal::NothingToStore { verb: "evidence" },
        Refusal::QuestionGone { verb: "declare" },
        Refusal::NotYourQuestion { verb: "grant" },
        Refusal::OwnersAreSettings { verb: "grant" },
    ]);
    all.extend(of_levers());
    all.extend(
        ["over", "aborted", "under_way", "elsewhere"].map(|state| Refusal::RunState {
            verb: "abort",
            run: 3,
            state,
        }),
    );
    all.extend([
        Refusal::StepWaitsForNobody {
            verb: "step",
            run: 3,
            step: 2,
        },
        Refusal::StepTakes {
            verb: "step",
            run: 3,
            step: 2,
            can: vec![Choice::Done, Choice::Skip],
        },
        Refusal::NoRun { verb: "step" },
        Refusal::NoRun { verb: "abort" },
        Refusal::WhichStep {
            verb: "step",
            steps: vec![(3, 2), (4, 1)],
        },
    ]);
    all.extend(in_the_way());
    all
}

/// A run on the same target, here and in another chat, and a rest.
fn in_the_way() -> Vec<Refusal> {
    let until = Room::with("tars").now + chrono::Duration::minutes(10);
    let incident = IncidentId::security(2026, 7);
    let target = "Firewall of <the> server".to_owned();
    [
        Hindrance::Busy { incident, run: 3 },
        Hindrance::BusyElsewhere { target },
        Hindrance::LogChanged,
        Hindrance::Resting { until },
    ]
    .map(|hindrance| Refusal::InTheWay {
        verb: "run",
        hindrance,
    })
    .into()
}

fn gate_open(verb: &'static str, items: &[(u32, &str)], facts: &[&str]) -> Refusal {
    Refusal::GateOpen {
        verb,
        id: IncidentId::security(2026, 7),
        phase: "Containment".into(),
        items: items
            .iter()
            .map(|(number, text)| (*number, (*text).to_owned()))
            .collect(),
        facts: facts.iter().map(|it| (*it).to_owned()).collect(),
    }
}

fn unknown(what: &'static str, word: &str, known: &[&str]) -> Refusal {
    Refusal::UnknownWord {
        verb: "set",
        what,
        word: word.into(),
        known: known.iter().map(|it| (*it).to_owned()).collect(),
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one line for each refusal")]
fn a_refusal_says_what_is_missing_and_what_to_do() {
    let room = Room::with("tars");
    let said: Vec<String> = every()
        .iter()
        .map(|it| refusal(&room.view(), it).html)
        .collect();
    for html in &said {
        well_formed(html).unwrap_or_else(|why| panic!("{why}: {html}"));
    }
    // The mark that keeps a name from calling anybody cannot be seen: a ~ stands for it here.
    assert_snapshot!(said.join("\n").replace('\u{2060}', "~"), @"
    <code>/close</code> needs a commander; you are a responder here. An owner can reply to you with <code>/grant commander</code>.
    Forcing a phase needs a commander; you are a responder here. An owner can reply to you with <code>/grant commander</code>.
    Lowering the severity needs a commander; you are a responder here. An owner can reply to you with <code>/grant commander</code>.
    <code>/setup</code> is for owners; you are a commander here. Owners are set on the machine that runs me.
    <code>/done</code> is for the team. If you belong to it, ask an owner to reply to you with <code>/grant responder</code>.
    You are writing as the group, so I cannot tell who you are. Turn off “Remain anonymous” in your administrator rights, then send <code>/done</code> again.
    Messages sent as a channel cannot act. Send <code>/done</code> under your own name.
    Messages sent as a channel cannot act. Send <code>/done</code> under your own name.
    Other bots cannot act here. A person of the team has to send <code>/done</code>.
    Messages made by another bot cannot act. Type <code>/done</code> yourself.
    Forwarded messages never act. Type <code>/done</code> yourself.
    An incident cannot be a duplicate of itself. Name the other one: <code>/cancel SEC-2026-007 duplicate SEC-… why</code>
    SEC-2026-007 is open and needs you more. Start the drill once it is in its last phase, or closed.
    DRILL-2026-007 is a drill and still open. End it first: <code>/close</code>, or <code>/cancel false_alarm why</code>.
    Run 3 of SEC-2026-007 is not over, so it stays open. Wait for its end, or stop it between two steps: <code>/abort SEC-2026-007 3 why</code>. A step that takes itself back later is kept with <code>/step</code>.
    Run 3 of SEC-2026-007 waits for a decision. Decide about its step with <code>/step</code>, or end the run: <code>/abort SEC-2026-007 3 why</code>
    Run 3 of SEC-2026-007 waits for a decision. Decide about its step with <code>/step</code>, end the run with <code>/abort SEC-2026-007 3 why</code>, or leave it as it is: <code>/close SEC-2026-007 force why</code>
    R7 still waits for an answer, so SEC-2026-007 stays open. Answer it, say no with <code>/deny R7</code>, or wait: it lapses at 14:00 UTC.
    R7 begins in a moment, so SEC-2026-007 stays open. Stop it with <code>/abort R7</code>, or wait for its end.
    My log was changed from outside, so <code>/close</code> is refused here: I cannot trust who may do what. On the host, <code>breakglass audit verify</code> shows where; shutdown works there too.
    <code>/close</code> does not act from a caption. Send it as a message of its own.
    This group is not in use yet: one of my owners has to send <code>/start</code> here first.
    <code>/declare</code> belongs in your team's group: send it there. If I am not in it yet, add me first.
    No incident is open here. <code>/declare</code> opens one.
    No incident has ended here yet, so there is nothing to reopen. <code>/declare</code> opens a new one.
    Which one? SEC-2026-007 and SEC-2026-008 are open. Reply to its card, or name it: <code>/done SEC-2026-007 &lt;number&gt;…</code>
    SEC-2026-007 is not known in this chat. <code>/status all</code> lists what is open here.
    SEC-2026-007 is still open: there is nothing to reopen.
    SEC-2026-007 is closed, so nothing in it changes. A commander can take it up again with <code>/reopen SEC-2026-007 why</code>.
    SEC-2026-007 is called off, so nothing in it changes. A commander can take it up again with <code>/reopen SEC-2026-007 why</code>.
    Evidence preserved (6) is still open in Containment. Tick it with <code>/done 6</code>, or a commander uses <code>/next force why</code>.
    Still open in Containment: Affected systems isolated (5), Evidence preserved (6). Tick them with <code>/done 5 6</code>, or a commander uses <code>/next force why</code>.
    Containment cannot end without Root cause. Record it with <code>/set root_cause …</code>, or a commander uses <code>/close force why</code>.
    Still open in Containment: Threat removed (10); still to be recorded: Root cause and Systems affected. Use <code>/done 10</code> and <code>/set root_cause …</code>, or a commander uses <code>/next force why</code>.
    SEC-2026-007 is in its last phase, Post-incident. When the work is done, <code>/close</code> ends it.
    SEC-2026-007 is in its first phase, Containment: there is nothing before it.
    SEC-2026-007 is in Containment, and only the last phase can be closed. Go on with <code>/next</code>; if it was nothing, <code>/cancel false_alarm why</code>.
    SEC-2026-007 is in Containment already. The newest card shows where it stands.
    There is no item 99: they run from 1 to 20.
    SEC2026003 is no id; did you mean <code>SEC-2026-003</code>?
    Item 5 is open: there is nothing to take back.
    Item 5 is ticked already. <code>/untick 5</code> opens it again.
    Item 5 is skipped already. <code>/untick 5</code> opens it again.
    Item 2 is ticked once there is a severity. Choose one: <code>/severity CODE</code> (P0, P1)
    Item 6 guards the next phase, so only a commander skips it: <code>/skip 6 why</code>.
    I know no severity “p9”. There is: P0 Critical, P1 High.
    I know no plan “mars”.
    I know no time zone “Mars”. For example: UTC, Europe/Berlin.
    I know no follow-up “9”. There is: 1, 2.
    I have not seen @~carol here. Ask them to write one message, or reply to a message of theirs with the command.
    Please say why, it goes on record: <code>/skip 8 no customers are concerned</code>
    Please say why, it goes on record: <code>/next force the evidence is lost for good</code>
    Please say why, it goes on record: <code>/close force the evidence is lost for good</code>
    Please say why, it goes on record: <code>/back the attacker is still in</code>
    Please say why, it goes on record: <code>/cancel false_alarm the scanner was ours</code>
    Please say why, it goes on record: <code>/reopen SEC-2026-007 the key was used again</code>
    Use it like this: <code>/declare P1 Signing key found in a public repository</code>
    Use it like this: <code>/todo rotate the staging keys @bob 2026-03-01</code>
    Use it like this: <code>/grant commander @bob</code>
    Reply to the message or file that you want to keep with <code>/evidence what it shows</code>, or send a file with that as its caption.
    started must be a time. For example: <code>/set started 14:05</code>
    affected must be one or more of the plan's systems. For example: <code>/set affected database</code>
    ongoing must be yes, no or unknown. For example: <code>/set ongoing yes, mail addresses</code>
    records must be a number. For example: <code>/set records 1200</code>
    impact must be a few words. For example: <code>/set impact in your own words</code>
    That is longer than 2000 characters. Shorten it, or keep it as a file with <code>/evidence</code>.
    That message has neither text nor a file that I can fetch. Send a screenshot of it, with <code>/evidence what it shows</code> as its caption.
    That question was answered already, or it is too old. Send the command again.
    Somebody else was asked. Only they can answer this one.
    Owners are set on the machine that runs me, in <code>BREAKGLASS_OWNERS</code>. In chat you grant responder, commander or approver.
    You left this group, so you have no say here any more. Join again; if I did not notice, an owner grants you your permission anew.
    <code>/restore</code> took more than a minute to reach me, so I did nothing. If you still mean it, send it again.
    You have a second factor: send me its code in our private chat, <code>/totp 123456</code>, then do this again within a few minutes. A code counts for one lever.
    Too many wrong codes came from you, so <code>/approve</code> waits until 14:00 UTC. Breaking the glass, denying and stopping still work.
    The plan wants a second factor for <code>/approve</code>, and you have none: send me <code>/totp</code> in our private chat, then do this again. Breaking the glass works without.
    Somebody else who could approve was removed lately, by you or I cannot tell by whom, so you do not do this alone before 14:00. Ask them back into this group: then they can approve it at once. Breaking the glass still works.
    One lever at a time: that message holds two. Send each as a message of its own.
    R7 asks for the same already. Answer that one, or deny it first: <code>/deny R7</code>
    There is no request R7 here. The number stands on its message.
    R7 is over: a wrong number cancelled it. Send the command again if it is still needed.
    That button does not belong to R7 as it stands now. Use its newest message, or <code>/approve R7 NUMBER</code>.
    R7 is your own, and you are one of the two already. Somebody else has to approve it.
    Only Bob can answer that: R7 is theirs. You can still <code>/deny R7</code> if you could approve.
    You agreed to R7 already. Somebody else has to, too.
    Bob made you an approver less than a day ago, so you cannot approve what Bob asks for until 14:00 UTC. Somebody else has to approve R7.
    Which number? Ask whoever asked for R7 to tell you theirs: <code>/approve R7 42</code>
    R7 begins in a moment. It can only be stopped: <code>/abort R7</code>
    Type the name “restore” exactly, and a reason behind it: <code>/approve R7 restore why</code>
    Only an owner goes ahead without approval. Ask for it without <code>now</code>: <code>/run block_address why</code>
    restore needs approval: only what the plan calls fail-safe goes without. Send it again without <code>now</code>.
    address must be an IPv4 or IPv6 address, or a network that is not too wide. For example: <code>address=203.0.113.7</code>
    There is no moon to give here, or it was given twice. It takes none.
    It was not done: Bob may not approve it any more.
    Run 3 is over: nothing in it changes any more.
    Run 3 was aborted already. It ends after the step that is under way.
    Run 3 is still under way.
    Run 3 is not in a state for this.
    Step 2 of run 3 does not wait for a decision. The run's message shows which one does.
    Step 2 of run 3 can be decided so: <code>/step 3 2 done</code>, <code>/step 3 2 skip</code>.
    No run waits for a decision here.
    No run is under way here.
    Which one? <code>/step 3 2 …</code>, <code>/step 4 1 …</code>
    A run in another chat is at work on the same target. Try again when it is over.
    A run in another chat is at work on Firewall of &lt;the&gt; server. Try again when it is over.
    My log was changed from outside: I begin nothing before an owner has looked.
    It ran a short while ago and rests until 14:10 UTC, for 10 min more.
    ");
}

fn of_levers() -> Vec<Refusal> {
    let (verb, request) = ("approve", 7);
    let until = Room::with("tars").now;
    let asker = person(3, "Bob");
    vec![
        Refusal::LeftTheChat { verb },
        Refusal::Stale { verb: "restore" },
        Refusal::CodeNeeded { verb },
        Refusal::Locked { verb, until },
        Refusal::EnrolFirst { verb },
        Refusal::NotAloneYet { verb, until },
        Refusal::TwoLevers { verb: "restore" },
        Refusal::AlreadyAsked { verb, request },
        Refusal::UnknownRequest { verb, request },
        Refusal::RequestOver {
            verb,
            request,
            outcome: Outcome::WrongPick,
        },
        Refusal::WrongButton { verb, request },
        Refusal::OwnRequest { verb, request },
        Refusal::OnlyTheAsker {
            verb,
            request,
            asker: asker.clone(),
        },
        Refusal::AgreedAlready { verb, request },
        Refusal::GrantedByAsker {
            verb,
            request,
            asker: asker.clone(),
            until,
        },
        Refusal::NumberMissing { verb, request },
        Refusal::CountingDown { verb, request },
        Refusal::TypedName {
            verb: "restore",
            wants: "restore".into(),
            usage: "/approve R7 restore".into(),
        },
        Refusal::OwnersBreakTheGlass {
            verb: "run",
            usage: "/run block_address".into(),
        },
        Refusal::NotFailSafe {
            verb: "restore",
            procedure: "restore".into(),
        },
        Refusal::BadParameter {
            verb: "run",
            name: "address".into(),
            kind: ParameterKind::Address,
        },
        Refusal::UnknownParameter {
            verb: "run",
            name: "moon".into(),
            known: Vec::new(),
        },
        Refusal::Changed {
            verb: "run",
            changed: Changed::Approver { person: asker },
        },
    ]
}

#[test]
fn a_refusal_fits_a_toast() {
    let room = Room::with("tars");
    for it in every() {
        let toast = refusal_toast(&room.view(), &it);
        assert!(
            toast.chars().count() <= 200 && !toast.contains("<code>"),
            "{toast}"
        );
    }
}

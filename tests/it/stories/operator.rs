//! What the people who run the installation are told in the home chat.

use std::time::Duration;

use breakglass::secret::Secret;
use breakglass::store::NewSetAside;
use breakglass::telegram::api::Api;
use sqlx::{Connection, Executor};
use telegram_sandbox::{NewChat, Rights};

use crate::harness::{Harness, Stage};

/// Waits until the war room shows so many messages that say this.
async fn told(harness: &Harness, part: &str, count: usize) {
    let room = harness.chat("War room").id();
    let says = || harness.control.transcript(room).into_iter();
    harness
        .until(|| says().filter(|it| it.text.contains(part)).count() == count)
        .await;
}

fn aside(update_id: i64) -> NewSetAside {
    NewSetAside {
        update_id: Some(update_id),
        kind: "message".to_owned(),
        reason: "the handler <panicked>".to_owned(),
        body: "{}".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_is_set_aside_is_told_once_in_a_while() {
    let harness = Harness::start().await;
    let house = harness.house();
    let (done, seen) = harness.sees(house.set_aside(aside(900_001))).await;
    done.expect("set aside");
    assert_eq!(seen, "", "nobody said where alarms go");
    harness
        .chat("War room")
        .as_user("Olivia")
        .says("/setup home")
        .await;
    let (done, seen) = harness.sees(house.set_aside(aside(900_002))).await;
    done.expect("set aside");
    insta::assert_snapshot!(seen, @"🤖 ⚠️ An update could not be handled and was set aside after three tries (message: the handler <panicked>). If somebody's command had no effect, ask them to send it again.");
    let (done, seen) = harness.sees(house.set_aside(aside(900_003))).await;
    done.expect("set aside");
    assert_eq!(seen, "", "not again at once");
    harness.later(31).await;
    let (done, seen) = harness.sees(house.set_aside(aside(900_004))).await;
    done.expect("set aside");
    assert!(seen.contains("set aside after three tries"), "{seen}");
    let kept = house.ledger().set_aside().await.expect("a read");
    assert_eq!(kept.len(), 4, "each is kept");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_receiver_is_told_once_and_silence_of_telegram_not_at_all() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Olivia").says("/setup home").await;
    let telegram = harness.settings(&Stage::default()).telegram;
    let token = Secret::new(telegram.token.expose().to_owned());
    let thief = Api::new(&telegram.api_url, token).expect("an api");
    for _ in 0..2 {
        let _ = thief.get_updates(None, 1, Duration::ZERO, &[]).await;
        told(&harness, "Somebody else receives", 1).await;
        // The bot is heard again.
        room.as_user("Bob").says("/whoami").await;
    }
    insta::assert_snapshot!(room.message("Somebody else").text, @"⚠️ Somebody else receives my messages (Conflict: terminated by other getUpdates request; make sure that only one bot instance is running): my token is used by another program, and some of what is written reaches only that one. Stop it, or ask @BotFather for a new token.");
    let before = room.messages_of_the_bot();
    harness.control.down(true);
    for _ in 0..4 {
        harness.clock.advance(Duration::from_secs(40));
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    harness.control.down(false);
    room.as_user("Bob").says("/whoami").await;
    assert_eq!(room.messages_of_the_bot(), before + 1);
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_refused_is_told_when_it_works_again() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Olivia").says("/setup home").await;
    let url = format!("sqlite://{}", harness.database().display());
    let mut other = sqlx::AnyConnection::connect(&url)
        .await
        .expect("a connection");
    other.execute("BEGIN IMMEDIATE").await.expect("locked");
    let heard = harness
        .control
        .says(room.id(), harness.person("Bob"), "/whoami");
    // Longer than the ledger tries by itself.
    tokio::time::sleep(Duration::from_secs(11)).await;
    other.execute("ROLLBACK").await.expect("free again");
    let answered = |it: &telegram_sandbox::Entry| it.reply_to == Some(heard);
    let all = || harness.control.transcript(room.id());
    harness.until(|| all().iter().any(answered)).await;
    // The alarm itself may have been refused as well: it is tried again.
    harness.later(1).await;
    told(&harness, "The database took nothing", 1).await;
    insta::assert_snapshot!(room.message("The database").text, @"⚠️ The database took nothing for a while (another program holds it locked; close whatever has it open). It works again, and nothing that was asked is lost. Look at the host before it happens again.");
    harness.later(1).await;
    told(&harness, "The database took nothing", 1).await;
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_counted_and_goes_out_when_the_bot_may_write_again() {
    // Nothing is tried again by itself meanwhile.
    let stage = Stage {
        parked_pause: Some(Duration::from_mins(10)),
        ..Stage::default()
    };
    let mut harness = Harness::with(stage).await;
    let olivia = harness.person("Olivia");
    let id = harness.control.add_chat(NewChat::supergroup("Night shift"));
    harness.add_chat("Night shift", id);
    for name in ["Olivia", "Bob"] {
        harness.control.join(id, harness.person(name));
    }
    harness.control.add_bot(id, olivia);
    harness.quiet().await;
    let home = harness.chat("War room");
    home.as_user("Olivia").says("/setup home").await;
    let night = harness.chat("Night shift");
    night.as_user("Bob").says("/declare P1 key leaked").await;

    // The right goes without a word from Telegram, and comes back so.
    harness.control.writing_allowed(id, false);
    insta::assert_snapshot!(night.as_user("Bob").says("/plan").await, @"🤖 ⚠️ I may not write in Night shift (Bad Request: not enough rights to send text messages to the chat). What is for that chat waits, and goes out once I may write there again.");
    let silence = night.as_user("Bob").says("/contacts").await;
    assert_eq!(silence, "", "neither an answer nor a second alarm");
    assert_eq!(night.as_user("Bob").says("/status").await, "");
    harness.control.writing_allowed(id, true);
    // Telegram says that the bot is in: everything goes out, in order.
    let promoted = harness.sees(async { harness.control.make_bot_admin(id, olivia, Rights::ALL) });
    let status = promoted.await.1;
    insta::assert_snapshot!(status, @"
    🤖 (silent) TARS incident response · version 1.0, in force
    Quick, ordered answers to security incidents in TARS.
    Next review on 17 May (quarterly).

    Severities
    🔴 P0 Critical — respond within 15 min, contain within 1 h
    Production, secrets or customer data are lost or being lost. All hands, at once.
    • The production database is compromised
    • API keys are public
    • Customer data was breached
    • The trading system (Polymarket) is compromised
    • Everything is down
    ↗ Tell all stakeholders at once
    Update every 30 min
    🟠 P1 High — respond within 1 h, contain within 2 h
    An attack is under way or a barrier is broken. Urgent.
    • Somebody tries to get in without permission
    • A DDoS attack is running
    • A way around authentication was found
    • Payments misbehave
    • Data may have lost its integrity
    ↗ Call the Incident Commander
    Update every 1 h
    🟡 P2 Medium — respond within 4 h
    Suspicious or weak, without harm so far. Planned work.
    • Passwords seem to be tried by brute force
    • Clients break their rate limits
    • A small misconfiguration with security effect
    • A vulnerable dependency that is not critical
    ↗ Put it on record, look at it in business hours
    Update every 1 d
    🟢 P3 Low — respond within 1 d
    Housekeeping. When there is time.
    • A finding of a security scan
    • Documentation that needs an update
    • A dependency update of low severity
    ↗ Keep it in the issue tracker
    Phases
    1. Identification (start to 15 min) — Make sure that it is real, and how bad it is
    2. Containment (15 min to 1 h) — Stop the spread
    3. Eradication (1 h to 4 h) — Get the threat out, all of it
    4. Recovery (4 h to 1 d) — Back to normal, safely
    5. Post-incident (1 d to 3 d) — Learn from it and get better

    Roles: Incident Commander, Investigator, Communicator, Remediator
    4 playbooks, 35 procedures, 8 contacts, 20 checklist items, 4 drills
    Targets
    Mean time to detect (MTTD): below 15 min
    Mean time to contain (MTTC): below 1 h
    Mean time to resolve (MTTR): below 4 h
    False positive rate: below 5 %
    Incidents per month: at most 0
    Where to look
    Anthropic console: API keys: console.anthropic.com
    n8n: settings and API tokens: n8n.srv1378974.hstgr.cloud
    Vercel: project, firewall, Attack Challenge Mode: vercel.com
    Cloudflare: Security, DDoS: dash.cloudflare.com
    Further reading
    NIST SP 800-61 r3, incident response (r2 was withdrawn in April 2025): csrc.nist.gov
    OWASP on incident response: owasp.org
    SANS on incident response: www.sans.org
    Versions
    1.0 (17 Feb): First plan for TARS.
    Revision 4cd450d6516f
    🤖 (silent) The team
    Incident Commander: Owner · nobody bound yet, /contact incident_commander @name · backup Technical Lead — Has the final decision
    Technical Lead: TARS Agent · nobody bound yet, /contact technical_lead @name · Telegram — Investigates and remediates
    Communications: nobody bound yet, /contact communications @name — Notifies stakeholders
    Legal: nobody bound yet, /contact legal @name — Compliance and reports to authorities

    Outside
    Anthropic Support: support@anthropic.com — An API key is compromised
    Vercel Support: support@vercel.com — Trouble with the infrastructure
    n8n Support: support@n8n.io — A workflow is compromised
    Hosting Provider — The server is compromised; filtering upstream
    🤖 (silent) 🟠 SEC-2026-001 · P1 High
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ⬜ 3 Team notified
    ✅ 4 Timeline started — 14:00
    Containment needs 3 first.

    ⚠️ 2 messages of mine could not be delivered here and wait.
    ");
    let status = night.as_user("Bob").says("/status").await;
    assert!(!status.contains("could not be delivered"), "{status}");
    harness.end().await;
}

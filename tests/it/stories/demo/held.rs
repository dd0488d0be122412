//! What was begun before the log was changed from outside, or under older rules.

use breakglass::store::chain;
use sqlx::{Connection as _, Row as _};

use super::Play;

impl Play {
    async fn ledger(&self) -> sqlx::SqliteConnection {
        let url = format!("sqlite://{}", self.harness.database().display());
        let conn = sqlx::SqliteConnection::connect(&url).await;
        conn.expect("the ledger opens")
    }

    /// The bot is ended, somebody changes what the log says, and the bot is started again.
    async fn tampered(&mut self, from: &str, to: &str) {
        self.harness.stop_bot().await;
        let mut conn = self.ledger().await;
        let change = "UPDATE events SET body = replace(body, $1, $2) WHERE kind = 'declared'";
        let change = sqlx::query(change).bind(from).bind(to);
        let done = change.execute(&mut conn).await.expect("it goes in");
        assert_eq!(done.rows_affected(), 1);
        conn.close().await.expect("closed");
        self.harness.restart().await;
    }

    /// The bot is ended, and what was asked for was asked under other rules: the log is whole all the same.
    async fn asked_under_older_rules(&mut self) {
        self.harness.stop_bot().await;
        let mut conn = self.ledger().await;
        let rows =
            sqlx::query("SELECT stream, seq, at, kind, body FROM events ORDER BY stream, seq");
        let rows = rows.fetch_all(&mut conn).await.expect("rows");
        let (mut stream, mut prev, mut changed) = (String::new(), String::new(), 0);
        for row in rows {
            let of: String = row.get("stream");
            if of != stream {
                stream = of;
                prev.clear();
            }
            let (seq, at): (i64, i64) = (row.get("seq"), row.get("at"));
            let (kind, old): (String, String) = (row.get("kind"), row.get("body"));
            let body = old
                .replace("\"policy\":1,", "\"policy\":0,")
                .replace("\"policy\":1}", "\"policy\":0}");
            changed += usize::from(body != old);
            let hash = chain::hash(&prev, &stream, seq, at, &kind, &body);
            let write =
                "UPDATE events SET body = $1, prev = $2, hash = $3 WHERE stream = $4 AND seq = $5";
            let write = sqlx::query(write).bind(&body).bind(&prev).bind(&hash);
            let write = write.bind(&stream).bind(seq).execute(&mut conn).await;
            write.expect("written");
            prev = hash;
        }
        assert!(changed > 0, "a request says under which rules it was made");
        conn.close().await.expect("closed");
        self.harness.restart().await;
    }

    fn told(&self, words: &str) -> usize {
        let all = self.harness.control.transcript(self.room().id());
        let told = all.iter().filter(|it| it.is_bot && it.text.contains(words));
        told.count()
    }

    /// A restore of JARVIS that has come to its wait, with the kill switch still set.
    async fn restoring() -> Self {
        let play = Self::of("jarvis").await;
        let why = "/emergency_shutdown the treasury is signing";
        play.approved(why).await;
        play.over(1, "done").await;
        play.approved("/restore the wallet is new").await;
        play.run(2, "⏳ 12 Give it a moment").await;
        // The program took it away when it started; here somebody sets it once more, for the step to find.
        let switch = play.demo.root().join("jarvis/run/KILL_SWITCH");
        std::fs::write(switch, "").expect("a switch");
        play
    }

    fn switched_off(&self) -> bool {
        self.demo.root().join("jarvis/run/KILL_SWITCH").exists()
    }
}

const TITLE: &str = "Signing key in a public repository";

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_held_while_the_log_is_not_whole_and_goes_on_once_it_is() {
    let mut play = Play::restoring().await;
    play.tampered(TITLE, "Nothing to see here at all").await;
    for _ in 0..3 {
        play.harness.later(2).await;
    }
    assert!(play.switched_off(), "nothing further is done");
    assert_eq!(play.told("My log was changed"), 1, "once");
    let waits = "waits: my log was changed";
    assert_eq!(play.told(waits), 1, "once");
    insta::assert_snapshot!(play.room().message(waits).text, @"⏳ Run 2 · Restore service waits: my log was changed from outside, so I begin nothing further in it. An owner has to look first; /abort SEC-2026-001 2 ends it.");
    insta::assert_snapshot!(Play::from_step(&play.progress(2), 12), @"
    ⚙️ Run 2 · Restore service · SEC-2026-001
    ❓ 12 Give it a moment: I was restarted meanwhile
    ⬜ 13 Take the kill switch away
    ⬜ 14 The API is healthy
    ");
    insta::assert_snapshot!(play.bob().says("/restore again").await, @"🤖 (silent) Run 2 of SEC-2026-001 is at work on the same target. Wait for its end, or end it with /abort SEC-2026-001 2.");
    // Whoever looks puts back what was there, and starts the bot again.
    play.tampered("Nothing to see here at all", TITLE).await;
    play.harness.later(2).await;
    insta::assert_snapshot!(Play::from_step(&play.over(2, "done").await, 12), @"
    ✅ Run 2 · Restore service · SEC-2026-001
    ✅ 12 Give it a moment
    ✅ 13 Take the kill switch away
    ✅ 14 The API is healthy
    done
    ");
    assert!(!play.switched_off());
    assert_eq!(play.word("jarvis").await, "UP");
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_held_can_be_stopped() {
    let mut play = Play::restoring().await;
    play.tampered(TITLE, "Nothing to see here at all").await;
    play.harness.later(2).await;
    insta::assert_snapshot!(play.bob().briefly().says("/abort 2 the log was changed").await, @"
    ✏️ 🔴 SEC-2026-001 · P1 Critical …
    - ⏳ Respond by 14:06 UTC · 4 min left at 14:01
    - ⏳ Contain by 15:01 UTC · 59 min left at 14:01
    - ⚙️ Run 2 · Restore service: 11 of 14 steps
    + ⏳ Respond by 14:06 UTC · 2 min left at 14:03
    + ⏳ Contain by 15:01 UTC · 57 min left at 14:03
    ✏️ 🛑 Run 2 · Restore service · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the wallet is new
    ✅ 1 The system is whole
    ✅ 2 Begin with reading only
    ✅ 3 Start the API
    ✅ 4 The API reads
    ✅ 5 Allow writing
    ✅ 6 Have the API connect anew
    ✅ 7 The API is healthy with writing
    ✅ 8 Start the Telegram bot
    ✅ 9 The Telegram bot runs
    ✅ 10 Start the Twitter bot
    ✅ 11 The Twitter bot runs
    ❓ 12 Give it a moment: I was restarted meanwhile
    ⬜ 13 Take the kill switch away
    ⬜ 14 The API is healthy

    aborted
    (👌 breakglass)
    🤖 🛑 Run 2 · Restore service was aborted: 11 of 14 steps are done and stay as they are. SEC-2026-001
    Not done: Give it a moment, Take the kill switch away, The API is healthy
    ");
    assert!(play.run(2, "\n\n").await.ends_with("aborted"));
    assert!(play.switched_off());
    // Nothing of it is done later, also not once the log is whole again.
    play.tampered("Nothing to see here at all", TITLE).await;
    play.harness.later(5).await;
    assert!(play.switched_off());
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_promised_to_go_back_does_also_while_the_log_is_not_whole() {
    let mut play = Play::of("tars").await;
    play.confirmed("/lockdown sessions were stolen").await;
    play.run(1, "unless somebody keeps it").await;
    play.tampered(TITLE, "Nothing to see here at all").await;
    play.harness.later(11).await;
    insta::assert_snapshot!(Play::from_step(&play.run(1, "\n\n").await, 4), @"
    ✅ Run 1 · Lockdown · SEC-2026-001
    ↩️ 4 Let only administrators' addresses in: taken back
    ✅ 5 Tell the team
    done
    ");
    assert_eq!(play.status().await["firewall"], "usual rules");
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn under_newer_rules_a_lockdown_takes_itself_back_and_nothing_asked_before_begins() {
    let mut play = Play::of("tars").await;
    play.confirmed("/lockdown sessions were stolen").await;
    play.run(1, "unless somebody keeps it").await;
    play.bob().says("/restore the hole is closed").await;
    play.asked_under_older_rules().await;
    assert_eq!(play.told("My log was changed"), 0);
    assert_eq!(play.status().await["firewall"], "lockdown");
    let asked = play.room().message("R3 ·");
    let digits = play.number(&asked).await;
    let alice = play.room().as_user("Alice").briefly();
    insta::assert_snapshot!(alice.presses_on(asked.message_id, &digits).await, @"
    ✏️ 🔐 R3 · Restore service
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: the hole is closed
    Touches: Web app, n8n workflows, Vercel project, Database
    ❌ Not done 14:01 UTC: the rules have changed since it was asked for.
    [ Ask again ]
    (alert) R3: something had changed.
    ");
    play.harness.later(11).await;
    insta::assert_snapshot!(Play::from_step(&play.run(1, "\n\n").await, 4), @"
    ✅ Run 1 · Lockdown · SEC-2026-001
    ↩️ 4 Let only administrators' addresses in: taken back
    ✅ 5 Tell the team
    done
    ");
    assert_eq!(play.status().await["firewall"], "usual rules");
    assert_eq!(play.progress(2), "", "nothing began");
    play.end().await;
}

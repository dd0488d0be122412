//! Chats speak their own language, and a house may have its own words.

use std::path::Path;

use breakglass::store::NewSetAside;

use crate::harness::{Harness, Stage};

/// English as another language, with a few words changed.
fn german(folder: &Path) {
    let german = folder.join("de");
    std::fs::create_dir(&german).expect("a folder");
    let english = Path::new(env!("CARGO_MANIFEST_DIR")).join("messages/en");
    for entry in std::fs::read_dir(english).expect("the texts are there") {
        let entry = entry.expect("an entry");
        let mut text = std::fs::read_to_string(entry.path()).expect("a text");
        for (before, after) in [
            ("noted = Noted.", "noted = Notiert."),
            ("(possibly sent twice:", "(vielleicht doppelt:"),
            (
                "An update could not be handled",
                "Eine Nachricht ging verloren",
            ),
            ("command-declare = ", "command-declare = Vorfall melden: "),
        ] {
            text = text.replace(before, after);
        }
        std::fs::write(german.join(entry.file_name()), text).expect("written");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_speaks_the_language_that_it_chose() {
    let texts = tempfile::tempdir().expect("a folder");
    german(texts.path());
    let mut harness = Harness::with(Stage {
        messages: Some(texts.path().to_owned()),
        ..Stage::default()
    })
    .await;
    let room = || harness.chat("War room");
    let id = room().id();
    insta::assert_snapshot!(room().as_user("Olivia").says("/language de").await, @"(👌 breakglass)");
    room().as_user("Olivia").says("/setup home").await;
    let menu = harness.control.commands(&format!("chat {id}"), "");
    assert!(menu.expect("a list").to_string().contains("Vorfall melden"));

    // After a restart, too; the other group goes on in English.
    harness.restart().await;
    let chats = harness.house().ledger().chats().await.expect("chats");
    let mark = |telegram: i64| {
        let chat = chats.iter().find(|it| it.telegram_id == telegram);
        harness
            .house()
            .possible_repeat_mark(chat.expect("a chat").key)
    };
    insta::assert_snapshot!(mark(id), @"(vielleicht doppelt: the first try got no answer; a repeat changes nothing)");
    insta::assert_snapshot!(mark(harness.chat("Incident forum").id()), @"(possibly sent twice: the first try got no answer; a repeat changes nothing)");
    let lost = NewSetAside {
        update_id: None,
        kind: "message".to_owned(),
        reason: "the rules panicked".to_owned(),
        body: String::new(),
    };
    let (_, seen) = harness.sees(harness.house().set_aside(lost)).await;
    insta::assert_snapshot!(seen, @"🤖 ⚠️ Eine Nachricht ging verloren and was set aside after three tries (message: the rules panicked). If somebody's command had no effect, ask them to send it again.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_phrase_is_replaced_by_a_folder() {
    let texts = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(texts.path().join("en")).expect("a folder");
    std::fs::write(
        texts.path().join("en/house.ftl"),
        "help-stranger = Ask the duty desk, extension 2222.\n",
    )
    .expect("written");
    let harness = Harness::with(Stage {
        messages: Some(texts.path().to_owned()),
        ..Stage::default()
    })
    .await;
    insta::assert_snapshot!(harness.chat("Mallory").as_user("Mallory").says("/help").await, @"
    🤖 (silent) Ask the duty desk, extension 2222.

    Always
    /start — Begin here
    /help [command] — What you can do here
    /whoami — Your id and what you may do
    ");
    harness.end().await;
}

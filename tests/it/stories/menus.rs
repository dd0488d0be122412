//! What Telegram offers while somebody types follows what they may do, and the chat's language.

use telegram_sandbox::Rights;

use crate::harness::{Harness, Stage};

/// The names that a list of the chat offers; none where it has no such list.
fn offered(harness: &Harness, scope: &str) -> Option<Vec<String>> {
    let list = harness.control.commands(scope, "")?;
    let names = list.as_array().expect("a list").iter();
    Some(
        names
            .map(|it| it["command"].as_str().expect("a name").to_owned())
            .collect(),
    )
}

fn offers(harness: &Harness, scope: &str, name: &str) -> Option<bool> {
    offered(harness, scope).map(|names| names.iter().any(|it| it == name))
}

#[tokio::test(flavor = "multi_thread")]
async fn menus_follow_what_people_may_do() {
    let mut harness = Harness::start().await;
    let id = harness.chat("War room").id();
    let everybody = format!("chat {id}");
    let administrators = format!("chat_administrators {id}");
    let (olivia, bob) = (harness.person("Olivia"), harness.person("Bob"));
    let of_olivia = format!("chat_member {id} {olivia}");
    let of_bob = format!("chat_member {id} {bob}");

    // Claimed: the owner who brought the bot has a list of her own.
    assert_eq!(offers(&harness, &everybody, "declare"), Some(true));
    assert_eq!(offers(&harness, &everybody, "close"), Some(false));
    assert_eq!(offers(&harness, &of_olivia, "setup"), Some(true));
    assert_eq!(offered(&harness, &of_bob), None);
    assert_eq!(offered(&harness, &administrators), None);

    let room = || harness.chat("War room");
    room().as_user("Bob").says("/whoami").await;
    room().as_user("Alice").says("/whoami").await;
    room()
        .as_user("Olivia")
        .says(&format!("/grant commander {bob}"))
        .await;
    assert_eq!(offers(&harness, &of_bob, "close"), Some(true));
    assert_eq!(offers(&harness, &of_bob, "setup"), Some(false));
    room()
        .as_user("Olivia")
        .says(&format!("/revoke {bob}"))
        .await;
    assert_eq!(offered(&harness, &of_bob), None);

    // Administrators count, and no longer; whoever has a grant keeps the better of the two.
    harness
        .control
        .promote(id, harness.person("Alice"), Rights::ALL);
    harness.quiet().await;
    room().as_user("Olivia").says("/setup admins on").await;
    assert_eq!(offers(&harness, &administrators, "close"), Some(true));
    let alice = format!("chat_member {id} {}", harness.person("Alice"));
    let grant = format!("/grant responder {}", harness.person("Alice"));
    room().as_user("Olivia").says(&grant).await;
    assert_eq!(offers(&harness, &alice, "close"), Some(true));
    room().as_user("Olivia").says("/setup admins off").await;
    assert_eq!(offered(&harness, &administrators), None);
    assert_eq!(offers(&harness, &alice, "close"), Some(false));

    // Only those granted respond: the others are offered what strangers may.
    room()
        .as_user("Olivia")
        .says("/setup responders granted")
        .await;
    assert_eq!(
        offered(&harness, &everybody),
        Some(vec!["help".to_owned(), "whoami".to_owned()])
    );
    assert_eq!(offers(&harness, &alice, "declare"), Some(true));

    // An owner who was known before a restart is still known after it.
    harness.restart().await;
    let room = harness.chat("War room");
    room.as_user("Olivia")
        .says("/setup responders everybody")
        .await;
    assert_eq!(offers(&harness, &everybody, "declare"), Some(true));
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_comes_later_gets_a_list_too() {
    let harness = Harness::with(Stage {
        second_owner: true,
        ..Stage::default()
    })
    .await;
    let id = harness.chat("War room").id();
    let of_alice = format!("chat_member {id} {}", harness.person("Alice"));
    assert_eq!(offered(&harness, &of_alice), None);
    harness
        .chat("War room")
        .as_user("Alice")
        .says("/status")
        .await;
    assert_eq!(offers(&harness, &of_alice, "setup"), Some(true));
    let sent = harness.control.counts()["setMyCommands"];
    harness
        .chat("War room")
        .as_user("Alice")
        .says("/status")
        .await;
    assert_eq!(harness.control.counts()["setMyCommands"], sent);
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_language_sets_every_list_anew() {
    let harness = Harness::start().await;
    let room = || harness.chat("War room");
    let (id, bob) = (room().id(), harness.person("Bob"));
    room().as_user("Bob").says("/whoami").await;
    let grant = format!("/grant commander {bob}");
    room().as_user("Olivia").says(&grant).await;
    room().as_user("Olivia").says("/setup admins on").await;
    let before = harness.control.history().len();
    room().as_user("Olivia").says("/language en").await;
    let history = harness.control.history();
    let mut scopes: Vec<String> = history[before..]
        .iter()
        .filter(|call| call.method == "setMyCommands")
        .map(|call| call.params["scope"].to_string())
        .collect();
    scopes.sort();
    assert_eq!(scopes.len(), 4, "{scopes:?}");
    let olivia = harness.person("Olivia");
    for part in [
        "\"chat\"".to_owned(),
        "chat_administrators".to_owned(),
        bob.to_string(),
        olivia.to_string(),
    ] {
        assert!(
            scopes.iter().any(|it| it.contains(&part)),
            "{part}: {scopes:?}"
        );
    }
    assert!(scopes.iter().all(|it| it.contains(&id.to_string())));
    harness.end().await;
}

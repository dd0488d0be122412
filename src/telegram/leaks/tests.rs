use super::*;
use crate::telegram::incoming::{Entity, EntityKind, Incoming, What};

/// A token of GitHub's form, put together here so that no scanner takes this file for a leak.
fn token() -> String {
    format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8")
}

fn message(fields: &str) -> MessageIn {
    let raw = format!(
        r#"{{"update_id": 1, "message": {{"message_id": 7, "date": 1772000000, "chat": {{"id": -5, "type": "group", "title": "x"}},
        "from": {{"id": 11, "is_bot": false, "first_name": "Bob"}}, {fields}}}}}"#
    );
    match Incoming::read(&raw).expect("it can be read").what {
        What::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_text_is_clean_and_mentions_stay_where_they_are() {
    let text = format!("/todo revoke {} now @bob and Carol", token());
    let carol = text.find("Carol").expect("it is there");
    let mut message = message(&format!(
        r#""text": "{text}", "entities": [{{"type": "text_mention", "offset": {carol}, "length": 5,
        "user": {{"id": 12, "is_bot": false, "first_name": "Carol"}}}}]"#
    ));
    let leak = take_out(&mut message).expect("a leak");
    let names: Vec<_> = leak.found.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["GitHub token"]);
    assert_eq!(leak.messages, [7]);
    let text = message.text.expect("text");
    assert_eq!(
        text,
        "/todo revoke ‹secret removed: GitHub token› now @bob and Carol"
    );
    let Some(Entity {
        kind: EntityKind::TextMention(who),
        range,
    }) = message.entities.first()
    else {
        panic!("{:?}", message.entities);
    };
    assert_eq!((who.id, &text[range.clone()]), (12, "Carol"));
}

#[test]
fn what_a_command_answers_is_cleaned_too() {
    let mut with_reply = message(&format!(
        r#""text": "/evidence the leak", "reply_to_message": {{"message_id": 5, "date": 1, "text": "here: {}",
        "from": {{"id": 12, "is_bot": false, "first_name": "Carol"}}}}"#,
        token()
    ));
    let leak = take_out(&mut with_reply).expect("a leak");
    assert_eq!(leak.messages, [5]);
    let reply = with_reply.reply.expect("a reply");
    assert_eq!(
        reply.text.as_deref(),
        Some("here: ‹secret removed: GitHub token›")
    );
}

#[test]
fn clean_messages_are_left_alone() {
    let mut clean = message(r#""text": "/note deployed 9fceb02d0ae598e95dc970b74767f19372d61af8""#);
    let before = clean.clone();
    assert_eq!(take_out(&mut clean), None);
    assert_eq!(clean, before);
}

#[test]
fn each_secret_is_found_by_its_own_words_and_counts_once() {
    let (one, other) = (token(), token().replace("a1B2", "z9Y8"));
    let mut pasted = message(&format!(
        r#""text": "{one} {one} {other} NEXTAUTH_SECRET={}""#,
        "q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxC"
    ));
    let leak = take_out(&mut pasted).expect("a leak");
    let found: Vec<_> = leak
        .found
        .iter()
        .map(|it| (it.name.as_str(), it.count))
        .collect();
    assert_eq!(found, [("GitHub token", 2), ("secret value", 1)]);
    assert_eq!(leak.found[1].fits, ["nextauth_secret", "nextauth"]);
}

use super::{Entity, detect, format, parse_html, slice};

fn kinds(text: &str) -> Vec<(String, String)> {
    detect(text)
        .iter()
        .map(|entity| (entity.kind.clone(), slice(text, entity).to_owned()))
        .collect()
}

fn html(text: &str) -> (String, Vec<(String, String)>) {
    let formatted = parse_html(text).unwrap();
    let found = formatted
        .entities
        .iter()
        .map(|entity| {
            (
                entity.kind.clone(),
                slice(&formatted.text, entity).to_owned(),
            )
        })
        .collect();
    (formatted.text, found)
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(kind, text)| ((*kind).to_owned(), (*text).to_owned()))
        .collect()
}

#[test]
fn tags_become_entities_over_plain_text() {
    let (text, found) = html("<b>P1</b> by <i>Bob &amp; <u>Al</u></i> <code>a&lt;b</code>");
    assert_eq!(text, "P1 by Bob & Al a<b");
    assert_eq!(
        found,
        pairs(&[
            ("bold", "P1"),
            ("italic", "Bob & Al"),
            ("underline", "Al"),
            ("code", "a<b")
        ])
    );
}

#[test]
fn offsets_count_utf16_units() {
    let formatted = parse_html("🔥<b>é🔥</b>").unwrap();
    assert_eq!(formatted.entities, vec![Entity::new("bold", 2, 3)]);
}

#[test]
fn tags_with_attributes() {
    let formatted = parse_html(
        "<a href=\"https://e.org/?a=1&amp;b=2\">link</a><pre><code class=\"language-rust\">x</code></pre>\
         <blockquote expandable>q</blockquote><tg-time unix=\"1647531900\" format=\"wDT\">then</tg-time><span class=\"tg-spoiler\">s</span>",
    )
    .unwrap();
    let kinds: Vec<&str> = formatted
        .entities
        .iter()
        .map(|entity| entity.kind.as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "text_link",
            "pre",
            "expandable_blockquote",
            "date_time",
            "spoiler"
        ]
    );
    assert_eq!(
        formatted.entities[0].url.as_deref(),
        Some("https://e.org/?a=1&b=2")
    );
    assert_eq!(formatted.entities[1].language.as_deref(), Some("rust"));
    assert_eq!(formatted.entities[3].unix_time, Some(1_647_531_900));
    assert_eq!(
        formatted.entities[3].date_time_format.as_deref(),
        Some("wDT")
    );
}

#[test]
fn errors_are_telegrams_own() {
    let cases = [
        (
            "ab <x>c</x>",
            "Unsupported start tag \"x\" at byte offset 3",
        ),
        ("a <3", "Unclosed start tag at byte offset 2"),
        ("a <3 b", "Unsupported start tag \"3\" at byte offset 2"),
        (
            "<b>bold",
            "Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            "<b>bold</i>",
            "Unmatched end tag at byte offset 7, expected \"</b>\", found \"</i>\"",
        ),
        ("bold</b>", "Unexpected end tag at byte offset 4"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href=\"x", "Unclosed start tag at byte offset 0"),
        (
            "<a href=x_y>z</a>",
            "Unexpected end of name token at byte offset 8",
        ),
        (
            "<a =>z</a>",
            "Empty attribute name in the tag \"a\" at byte offset 0",
        ),
        (
            "<span class=\"x\">z</span>",
            "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0",
        ),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<", "Unclosed start tag at byte offset 0"),
        ("<a ", "Unclosed start tag \"a\" at byte offset 0"),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_html(text).unwrap_err(), expected, "for {text}");
    }
}

#[test]
fn unknown_character_references_stay() {
    assert_eq!(
        html("&nbsp; &copy; & &#60; &#x3e; &#0; &lt").0,
        "&nbsp; &copy; & < > &#0; <"
    );
}

#[test]
fn commands_mentions_tags_and_links_are_found() {
    assert_eq!(
        kinds("/declare@breakglass_bot P1 for @bob see https://e.org/x. #now a/b @x"),
        pairs(&[
            ("bot_command", "/declare@breakglass_bot"),
            ("mention", "@bob"),
            ("url", "https://e.org/x"),
            ("hashtag", "#now")
        ])
    );
    assert_eq!(kinds("🔥 /ack"), pairs(&[("bot_command", "/ack")]));
    assert_eq!(kinds("mail@example.org and //x and /päth"), pairs(&[]));
}

#[test]
fn white_space_at_the_ends_is_cut_with_its_entities() {
    let formatted = format(" \n<b> hi </b>\n ", Some("HTML"), None).unwrap();
    assert_eq!(formatted.text, "hi");
    assert_eq!(formatted.entities, vec![Entity::new("bold", 0, 2)]);
}

#[test]
fn nothing_is_detected_inside_code() {
    let formatted = format("<code>/ack @bob</code> /ack", Some("html"), None).unwrap();
    let kinds: Vec<&str> = formatted
        .entities
        .iter()
        .map(|entity| entity.kind.as_str())
        .collect();
    assert_eq!(kinds, ["code", "bot_command"]);
}

#[test]
fn any_rendered_text_comes_back_and_no_input_breaks_the_parser() {
    use rand::rngs::StdRng;
    use rand::seq::IndexedRandom;
    use rand::{Rng, SeedableRng};
    let mut rng = StdRng::seed_from_u64(7);
    let pieces = [
        "<", ">", "</", "b", "a", "i>", "&", "&lt;", "&#", "\"", "'", "=", " ", "é", "🔥", "/",
        "href", "\u{0}", "<b>", "</b>", "pre", "\n",
    ];
    for _ in 0..5_000 {
        let length = rng.random_range(0..14);
        let soup: String = (0..length)
            .map(|_| *pieces.choose(&mut rng).unwrap())
            .collect();
        // Whatever the soup: an answer, and entities inside the text.
        if let Ok(formatted) = parse_html(&soup) {
            let end = super::utf16_len(&formatted.text);
            assert!(
                formatted
                    .entities
                    .iter()
                    .all(|entity| entity.end() <= end && entity.length > 0),
                "{soup}"
            );
        }
        // Escaped, the same soup comes back as it is.
        let escaped = soup
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let formatted = parse_html(&format!("<b>{escaped}</b>")).unwrap();
        assert_eq!(formatted.text, soup);
        let whole = Entity::new("bold", 0, super::utf16_len(&soup));
        assert_eq!(
            formatted.entities,
            if soup.is_empty() { vec![] } else { vec![whole] }
        );
    }
}

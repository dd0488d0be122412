use proptest::prelude::*;

use super::*;
use crate::messages::testing::well_formed;

fn shown(text: &str) -> String {
    line(text, LINE_MAX).into_string()
}

#[test]
fn nothing_from_outside_is_active() {
    assert_eq!(
        shown("<b>&\"x\"</b>"),
        "&lt;b&gt;&amp;&quot;x&quot;&lt;/b&gt;"
    );
    assert_eq!(shown("ask @alice"), "ask @\u{2060}alice");
    assert_eq!(
        shown("/declare it, and/or not"),
        "<code>/declare</code> it, and/or not"
    );
    assert_eq!(
        shown("send /revoke, then the name; not </x>"),
        "send <code>/revoke</code>, then the name; not &lt;/x&gt;"
    );
    assert_eq!(
        shown("see https://evil.example/?a=<b>"),
        "see <code>https://evil.example/?a=&lt;b&gt;</code>"
    );
    assert_eq!(shown("mail a@b.org now"), "mail <code>a@b.org</code> now");
    assert_eq!(
        shown("read /var/log/app.log"),
        "read <code>/var/log/app.log</code>"
    );
    assert_eq!(
        shown("v1.2 at 14.05, e.g. 3.5%"),
        "v1.2 at 14.05, e.g. 3.5%"
    );
}

#[test]
fn a_command_with_its_arguments_is_code_as_a_whole() {
    assert_eq!(
        shown("if it is misused, /run disable_anthropic_key, then (/rotate all)"),
        "if it is misused, <code>/run disable_anthropic_key</code>, then (<code>/rotate all</code>)"
    );
    let ours = |text: &str| ours(text, LINE_MAX).into_string();
    assert_eq!(
        ours("misused: /run disable_anthropic_key. Else /rotate replaces it; see /status."),
        "misused: <code>/run disable_anthropic_key</code>. Else /rotate replaces it; see /status."
    );
    assert_eq!(
        ours("Open @BotFather, send /newbot, read /var/log/app.log. See https://a.example/?a&b"),
        "Open @BotFather, send /newbot, read <code>/var/log/app.log</code>. See https://a.example/?a&amp;b"
    );
    assert_eq!(
        ours("Type `systemctl stop <x>` (or `/run patch`); 5` long, 6` wide"),
        "Type <code>systemctl stop &lt;x&gt;</code> (or <code>/run patch</code>); 5` long, 6` wide"
    );
    assert_eq!(
        guidance(
            "if it burns: /emergency_shutdown. See https://a.example",
            LINE_MAX
        )
        .as_str(),
        "if it burns: <code>/emergency_shutdown</code>. See https://a.example"
    );
    assert_eq!(ours("`` and `open"), "`` and `open");
}

#[test]
fn a_long_text_is_cut_behind_a_word() {
    let cut = |text: &str, max| whole_words(text, max);
    assert_eq!(cut("all of it", 9), ("all of it".to_owned(), false));
    assert_eq!(
        cut("all of the words", 14),
        ("all of the …".to_owned(), true)
    );
    assert_eq!(
        cut("cut before: here, The fi…", 90),
        ("cut before: here, The …".to_owned(), true)
    );
    assert_eq!(cut("one, two", 6), ("one …".to_owned(), true));
    assert_eq!(cut("Donaudampfschiff", 6), ("Donau …".to_owned(), true));
}

#[test]
fn right_to_left_text_turns_nothing_around_it() {
    assert_eq!(shown("שלום"), "\u{2068}שלום\u{2069}");
    assert_eq!(shown("a\u{202E}b\u{2067}c"), "abc");
}

#[test]
fn code_stands_outside_bold() {
    assert_eq!(
        line("key in git.example now", 80).bold().as_str(),
        "<b>key in </b><code>git.example</code><b> now</b>"
    );
    assert_eq!(
        line("git.example", 80).bold().as_str(),
        "<code>git.example</code>"
    );
}

#[test]
fn the_length_counts_what_a_reader_sees() {
    assert_eq!(visible_len("<b>a&amp;b</b> 👀"), 6);
    assert_eq!(plain("<a href=\"tg://user?id=1\">A &lt;B&gt;</a>"), "A <B>");
}

proptest! {
    #[test]
    fn any_text_becomes_whole_html(text in "\\PC{0,300}", max in 1usize..200) {
        for html in [line(&text, max), line(&text, max).bold(), block(&text, max), ours(&text, max)] {
            prop_assert!(well_formed(html.as_str()).is_ok(), "{html}");
        }
        // Marks and what stands around them aside, a reader sees what was written.
        let read = line(&text, 400).plain().replace(['\u{2060}', '\u{2068}', '\u{2069}'], "");
        prop_assert_eq!(read, crate::incident::one_line(&text, 400));
    }
}

//! Limits and texts, without anybody to send to.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::limits::{Bucket, Limits, Pace};
use super::text::{cut, escape, plain, split};
use crate::messages::outgoing::Lane;

#[test]
fn a_bucket_gives_what_it_has_and_fills_up() {
    let start = Instant::now();
    let mut bucket = Bucket::full(2.0, 1.0, start);
    for _ in 0..2 {
        assert_eq!(bucket.wait(0.0, start), None);
        bucket.take();
    }
    let wait = bucket.wait(0.0, start).unwrap();
    assert!(
        wait >= Duration::from_secs(1) && wait < Duration::from_millis(1010),
        "{wait:?}"
    );
    assert_eq!(bucket.wait(0.0, start + Duration::from_secs(1)), None);
    assert!(
        bucket.wait(1.0, start + Duration::from_secs(1)).is_some(),
        "a reserve is not touched"
    );
}

/// How many of `lane` go into a group within `time`, asked all the time.
fn sent_within(
    pace: &mut Pace,
    limits: &Limits,
    lane: Lane,
    from: Instant,
    time: Duration,
) -> usize {
    let (mut now, mut sent) = (from, 0);
    while now < from + time {
        match pace.wait(limits, lane, false, true, now) {
            None => {
                pace.take(false, now);
                sent += 1;
            }
            Some(wait) => now += wait,
        }
    }
    sent
}

#[test]
fn a_group_gets_twenty_a_minute_and_emergencies_find_room() {
    let limits = Limits::default();
    let start = Instant::now();
    let minute = Duration::from_mins(1);
    let mut pace = Pace::new(&limits, start);
    assert_eq!(
        sent_within(
            &mut pace,
            &limits,
            Lane::Routine,
            start,
            Duration::from_secs(40)
        ),
        13
    );
    assert_eq!(
        sent_within(
            &mut pace,
            &limits,
            Lane::Incident,
            start + Duration::from_secs(40),
            Duration::from_secs(8)
        ),
        3
    );
    let soon = start + Duration::from_secs(48);
    assert_eq!(
        sent_within(
            &mut pace,
            &limits,
            Lane::Emergency,
            soon,
            Duration::from_secs(8)
        ),
        4
    );

    let mut pace = Pace::new(&limits, start);
    let in_three = sent_within(&mut pace, &limits, Lane::Emergency, start, minute * 3);
    assert!((57..=61).contains(&in_three), "{in_three}");
}

#[test]
fn short_texts_stay_whole() {
    assert_eq!(split("<b>hello</b> &amp; bye"), ["<b>hello</b> &amp; bye"]);
    assert_eq!(
        plain("<b>1 &lt; 2</b> &amp; <a href=\"x\">y</a> &#128512; &unknown; 3 < 4"),
        "1 < 2 & y 😀 &unknown; 3 < 4"
    );
    assert_eq!(split(""), [""]);
}

#[test]
fn what_is_open_at_a_cut_is_closed_and_opened_again() {
    let html = format!(
        "<pre><code class=\"language-sh\">{}</code></pre>end",
        "echo 1\n".repeat(1000)
    );
    let parts = split(&html);
    assert_eq!(parts.len(), 2);
    assert!(
        parts[0].ends_with("echo 1</code></pre>"),
        "{}",
        &parts[0][parts[0].len() - 40..]
    );
    assert!(parts[1].starts_with("<pre><code class=\"language-sh\">echo 1"));
    assert!(parts[1].ends_with("</code></pre>end"));
}

#[test]
fn a_text_without_a_single_blank_is_cut_between_characters() {
    let html = format!("<b>{}</b>", "😀&lt;".repeat(3000));
    let parts = split(&html);
    assert!(
        parts
            .iter()
            .all(|part| part.starts_with("<b>") && part.ends_with("</b>"))
    );
    assert_eq!(
        parts.iter().map(|part| plain(part)).collect::<String>(),
        "😀<".repeat(3000)
    );
    assert_eq!(cut("one two three", 8), "one two");
}

proptest! {
    #[test]
    fn parts_fit_lose_nothing_and_stay_balanced(words in prop::collection::vec("[a-z<>&😀я]{1,9}", 1..1500), tags in prop::collection::vec(0usize..4, 1500)) {
        let mut html = String::new();
        for (word, tag) in words.iter().zip(&tags) {
            let (open, close) = [("", ""), ("<b>", "</b>"), ("<a href=\"https://x.example/\">", "</a>"), ("<blockquote expandable>", "</blockquote>")][*tag];
            html.push_str(open);
            html.push_str(&escape(word));
            html.push(if *tag == 2 { '\n' } else { ' ' });
            html.push_str(&escape(word));
            html.push_str(close);
            html.push(' ');
        }
        let parts = split(&html);
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(parts.iter().map(|part| squeeze(&plain(part))).collect::<String>(), squeeze(&plain(&html)));
        for part in &parts {
            prop_assert!(plain(part).encode_utf16().count() <= 4096);
            prop_assert_eq!(part.matches("<b>").count(), part.matches("</b>").count());
            prop_assert_eq!(part.matches("<a ").count(), part.matches("</a>").count());
            prop_assert_eq!(part.matches("<blockquote").count(), part.matches("</blockquote>").count());
        }
    }

    #[test]
    fn any_text_is_split_without_panic(html in "[ \\n<>&;/a-z#0-9\"=]{0,300}") {
        let _ = (split(&html), plain(&html), cut(&html, 7));
    }
}

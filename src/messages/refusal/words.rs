//! About words that stand for nothing here.

use crate::messages::html::{Html, LINE_MAX, NAME_MAX, line};
use crate::messages::phrases::say;
use crate::messages::view::{View, commas};

/// So many of the words that would have been known: more is a wall on a phone.
const WORDS_MAX: usize = 9;

pub(super) fn unknown_word(view: &View<'_>, what: &str, word: &str, known: &[String]) -> Html {
    let p = view.phrases;
    let key = format!("what-{what}");
    // There are hundreds: the known ones are examples.
    let told = match what {
        "timezone" => "unknown-word-example",
        _ => "unknown-word-known",
    };
    let what = view.word(if p.has(&key) { &key } else { "what-other" });
    let word = line(word, NAME_MAX);
    if known.is_empty() {
        return say!(p, "unknown-word", what = what, word = word);
    }
    let names: Vec<Html> = known
        .iter()
        .take(WORDS_MAX)
        .map(|it| line(it, LINE_MAX))
        .collect();
    let more = known.len() - names.len();
    let known = if more == 0 {
        commas(&names)
    } else {
        let list = format!("{key}-list");
        let key = if p.has(&list) { &list } else { "known-more" };
        say!(p, key, names = commas(&names), more = more)
    };
    say!(p, told, what = what, word = word, known = known)
}

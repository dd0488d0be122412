//! Where a command that stands in a text ends: what its usage takes, and no more of the sentence.

use crate::incident::{Choice, IncidentId};
use crate::messages::commands;
use crate::plan::FactField;

/// A command at the beginning of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Typed<'t> {
    /// The command with its arguments.
    pub(super) all: &'t str,
    /// It stands there with arguments: whoever taps the word alone would send something else.
    pub(super) has_arguments: bool,
}

/// The command with which a text begins. Its arguments are words that its usage takes and that no sentence has: an id, a
/// number, `name=value`, a keyword. Whatever else follows belongs to the sentence; so does all behind a punctuation mark.
pub(super) fn command(text: &str) -> Option<Typed<'_>> {
    let rest = text.strip_prefix('/')?;
    let name = rest
        .find(|it: char| !(it.is_ascii_alphanumeric() || it == '_'))
        .map_or(rest, |end| &rest[..end]);
    if name.is_empty() {
        return None;
    }
    let known = commands::is_known(name);
    let bare = name.len() + 1;
    let mut end = bare;
    let mut words = 0;
    while let Some(word) = text[end..].strip_prefix(' ').filter(|_| known) {
        let word = word.split(char::is_whitespace).next().unwrap_or_default();
        let core = word.trim_end_matches(is_mark);
        let ends = core.len() < word.len() || text.len() == end + 1 + word.len();
        if core.is_empty() || !takes(name, words, core, ends) {
            break;
        }
        end += 1 + core.len();
        words += 1;
    }
    Some(Typed {
        all: &text[..end],
        has_arguments: end > bare,
    })
}

fn is_mark(letter: char) -> bool {
    matches!(
        letter,
        '.' | ',' | ';' | ':' | '!' | '?' | ')' | '"' | '”' | '\'' | '…'
    )
}

/// Whether a command takes this as the argument with this index. A plain word must also end its clause.
fn takes(name: &str, index: usize, word: &str, ends: bool) -> bool {
    if index == 0 && word.parse::<IncidentId>().is_ok() {
        return true;
    }
    match name {
        "run" => (index == 0 && is_id(word)) || (index > 0 && is_named(word)),
        "emergency_shutdown" | "lockdown" | "restore" | "rollback" | "collect" | "verify" => {
            is_named(word)
        }
        "rotate" => index == 0 && (is_id(word) || (word == "all" && ends)),
        "status" => index == 0 && word == "all" && ends,
        "playbook" | "cancel" => index == 0 && is_id(word),
        "step" => {
            (index < 2 && is_number(word)) || (index > 0 && Choice::from_word(word).is_some())
        }
        "done" => is_number(word),
        "skip" | "untick" => index == 0 && is_number(word),
        "approve" => (index == 0 && is_request(word)) || (index == 1 && is_number(word)),
        "deny" | "abort" => index == 0 && is_request(word),
        "declare" | "severity" => index == 0 && is_coded(word, 'P'),
        "set" => index == 0 && FactField::ALL.iter().any(|it| it.name() == word),
        "next" | "close" => index == 0 && word == "force" && ends,
        _ => false,
    }
}

/// `disable_api_key`: of a single word nobody can tell whether the sentence just goes on.
fn is_id(word: &str) -> bool {
    let letter = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
    word.starts_with(|it: char| it.is_ascii_lowercase())
        && word.chars().all(letter)
        && word.contains('_')
}

fn is_named(word: &str) -> bool {
    let Some((name, value)) = word.split_once('=') else {
        return false;
    };
    let letter = |it: char| it.is_ascii_alphanumeric() || it == '_';
    !name.is_empty() && name.chars().all(letter) && !value.is_empty()
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|it| it.is_ascii_digit())
}

fn is_request(word: &str) -> bool {
    is_coded(word, 'R')
}

fn is_coded(word: &str, letter: char) -> bool {
    word.strip_prefix(letter).is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::command;

    fn all(text: &str) -> &str {
        command(text).map_or("", |it| it.all)
    }

    #[test]
    fn a_command_is_whole() {
        for whole in [
            "/run disable_anthropic_key",
            "/run block_address address=203.0.113.7",
            "/rotate webhook_secrets",
            "/rotate all",
            "/restore SEC-2026-001",
            "/step 2 8 done",
            "/step 8 skip",
            "/done 5 6",
            "/done SEC-2026-001",
            "/approve R7 42",
            "/declare P1",
            "/set reporter",
            "/next force",
            "/cancel false_alarm",
            "/status all",
        ] {
            assert_eq!(all(whole), whole);
            assert_eq!(all(&format!("{whole}, then wait")), whole);
            assert_eq!(all(&format!("{whole}.")), whole);
        }
        assert_eq!(
            all("/run disable_anthropic_key stops it at once."),
            "/run disable_anthropic_key"
        );
        assert_eq!(all("/step 2 8 done and go on"), "/step 2 8 done");
    }

    #[test]
    fn the_sentence_is_not_swallowed() {
        for (text, command) in [
            ("/run it at once", "/run"),
            ("/run, disable_anthropic_key", "/run"),
            ("/run disable_it,now=1", "/run"),
            ("/rotate replaces it", "/rotate"),
            ("/rotate all of them", "/rotate"),
            ("/status all day", "/status"),
            ("/step skips it", "/step"),
            ("/step back", "/step"),
            ("/next force majeure", "/next"),
            ("/done with 5", "/done"),
            ("/declare Problems", "/declare"),
            ("/declare P, then", "/declare"),
            (
                "/emergency_shutdown here, the admin endpoint",
                "/emergency_shutdown",
            ),
            ("/set off", "/set"),
            ("/lockdown 3 of them", "/lockdown"),
            ("/restart some_unit", "/restart"),
            ("/status  all", "/status"),
            ("/run\ndisable_anthropic_key", "/run"),
        ] {
            assert_eq!(all(text), command, "{text}");
        }
        assert_eq!(command("/ run"), None);
        assert_eq!(command("and/or"), None);
    }
}

//! Names of files, made from words of people.

/// Bytes of a name: file systems take 255, and archives add folders before it.
const NAME_MAX: usize = 100;

/// How the name of a content begins that is not whole yet.
const COMING: &str = ".coming-";

/// The name of a content that is still coming.
pub(super) fn coming(number: u64) -> String {
    format!("{COMING}{number:016x}")
}

/// Whether a name is one that [`coming`] gives.
pub(super) fn is_coming(name: &str) -> bool {
    let number = name.strip_prefix(COMING);
    number.is_some_and(|it| it.len() == 16 && it.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A file name that is harmless everywhere: no folders, no leading dot, no control or format characters.
pub fn safe_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '_'
            }
        })
        .collect();
    let plain = plain.trim_start_matches('.');
    let (stem, ending) = split(plain);
    let mut stem = stem.to_owned();
    while stem.len() + ending.len() > NAME_MAX {
        stem.pop();
    }
    let whole = format!("{stem}{ending}");
    if whole.is_empty() {
        "file".to_owned()
    } else {
        whole
    }
}

/// `name` with a number before its ending, from the second on.
pub(super) fn numbered(name: &str, number: u32) -> String {
    if number == 1 {
        return name.to_owned();
    }
    let (stem, ending) = split(name);
    format!("{stem}-{number}{ending}")
}

/// A name without and with its ending, such as `.tar` (a short one: else it is none).
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= 12 => name.split_at(dot),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_harmless() {
        assert_eq!(safe_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(safe_name("Отчёт №1.pdf"), "Отчёт__1.pdf");
        assert_eq!(safe_name(".ssh"), "ssh");
        assert_eq!(safe_name("…"), "_");
        assert_eq!(safe_name("..."), "file");
        assert_eq!(safe_name("a\u{202e}fdp.exe\0"), "a_fdp.exe_");
        let long = safe_name(&format!("{}.json", "ö".repeat(300)));
        assert!(long.len() <= NAME_MAX && long.ends_with(".json"), "{long}");
        assert_eq!(numbered("a.log", 1), "a.log");
        assert_eq!(numbered("a.log", 2), "a-2.log");
        assert_eq!(numbered("log", 3), "log-3");
    }
}

//! `${…}` in the values of steps.

/// The names of all placeholders of a text; an error where one is not closed.
pub(in crate::plan) fn of(text: &str) -> Vec<Result<&str, &'static str>> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find("${") {
        rest = &rest[begin + 2..];
        if let Some(end) = rest.find('}') {
            names.push(Ok(&rest[..end]));
            rest = &rest[end + 1..];
        } else {
            names.push(Err("a placeholder is not closed"));
            break;
        }
    }
    names
}

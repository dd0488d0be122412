//! The plans that come with the program.

const TARS: &str = include_str!("../../plans/tars.toml");
const JARVIS: &str = include_str!("../../plans/jarvis.toml");

/// The shipped plans: id and source text, the default first.
pub fn shipped() -> [(&'static str, &'static str); 2] {
    [("tars", TARS), ("jarvis", JARVIS)]
}

/// The source text of the plan that a fresh chat works with.
pub fn default_source() -> &'static str {
    TARS
}

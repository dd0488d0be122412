//! The rules, from the particular to the general, each with lines that it must find something in and lines that it must not.
//!
//! Examples are invented. A `¦` in them is taken out before they are tried, so that nobody's scanner takes this file for a leak.

mod general;
mod keys;
mod services;

use std::ops::Range;

use super::Kind;
use super::tokens::{Nearby, Token};

/// How one kind of secret is found.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id, for tests and figures.
    pub id: &'static str,
    /// What it finds, for people.
    pub name: &'static str,
    /// What that opens.
    pub kind: Kind,
    /// Words by which a plan's credential is found that may be it, the best first.
    pub fits: &'static [&'static str],
    /// Lines with exactly one finding.
    pub hits: &'static [&'static str],
    /// Lines that look like it and have none.
    pub misses: &'static [&'static str],
    how: How,
}

#[derive(Debug)]
enum How {
    Tokens(&'static [Token]),
    Nearby(&'static [Nearby]),
    Shape(fn(&str, &mut Vec<Range<usize>>)),
}

impl PartialEq for How {
    fn eq(&self, _: &Self) -> bool {
        // A rule's id tells it.
        true
    }
}

impl Eq for How {}

impl Rule {
    pub(super) fn find(&self, text: &str, found: &mut Vec<Range<usize>>) {
        match self.how {
            How::Tokens(tokens) => tokens.iter().for_each(|it| it.find(text, found)),
            How::Nearby(all) => all.iter().for_each(|it| it.find(text, found)),
            How::Shape(find) => find(text, found),
        }
    }
}

const LONG: usize = 400;

/// All rules, in the order in which they are tried: from the particular to the general.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [keys::RULES, services::RULES, general::RULES]
        .into_iter()
        .flatten()
}

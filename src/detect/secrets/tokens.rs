//! Tokens that begin with a fixed text and go on with random letters.

use std::ops::Range;

use super::letters::{Class, begins, is_mixed, is_varied, near, places};

/// A token of this form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// How it begins.
    pub(super) head: &'static str,
    /// What follows.
    pub(super) of: Class,
    /// How many letters follow, at least and at most.
    pub(super) length: (usize, usize),
    /// Whether what follows must have both cases and digits: for short beginnings that words share.
    pub(super) mixed: bool,
}

/// `head` followed by exactly or at least so many letters.
pub(super) const fn token(head: &'static str, of: Class, least: usize, most: usize) -> Token {
    Token {
        head,
        of,
        length: (least, most),
        mixed: false,
    }
}

/// The same; what follows must look random by itself.
pub(super) const fn mixed(head: &'static str, of: Class, least: usize, most: usize) -> Token {
    Token {
        head,
        of,
        length: (least, most),
        mixed: true,
    }
}

impl Token {
    pub(super) fn find(&self, text: &str, found: &mut Vec<Range<usize>>) {
        for at in places(text, self.head) {
            let from = at + self.head.len();
            let run = self.of.run(text, from);
            let (least, most) = self.length;
            if !begins(text, at) || run < least || run > most {
                continue;
            }
            let body = &text[from..from + run];
            let random = if self.mixed {
                is_mixed(body)
            } else {
                is_varied(body)
            };
            if random {
                found.push(at..from + run);
            }
        }
    }
}

/// Random letters of exactly this length that say nothing of their origin: a word before them must.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Nearby {
    /// Words of which one stands before it, lower case.
    pub(super) words: &'static [&'static str],
    /// How far before, in bytes.
    pub(super) reach: usize,
    /// What it is made of.
    pub(super) of: Class,
    /// Its length, at least and at most.
    pub(super) length: (usize, usize),
    /// Plain hexadecimal digits are taken too; otherwise both cases and digits are needed.
    pub(super) hex: bool,
}

impl Nearby {
    pub(super) fn find(&self, text: &str, found: &mut Vec<Range<usize>>) {
        let mut at = 0;
        while at < text.len() {
            let run = self.of.run(text, at);
            if run == 0 {
                at += 1;
                continue;
            }
            let (least, most) = self.length;
            if (least..=most).contains(&run)
                && self.is_random(&text[at..at + run])
                && near(text, at, self.reach, self.words)
            {
                found.push(at..at + run);
            }
            at += run;
        }
    }

    fn is_random(&self, body: &str) -> bool {
        let digits = body.strip_prefix("0x").unwrap_or(body);
        let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hex {
            self.hex && is_varied(digits)
        } else {
            is_mixed(body)
        }
    }
}

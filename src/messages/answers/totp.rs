//! `/totp`: what is said about one-time codes.

use crate::incident::TotpSaid;
use crate::messages::html::{Html, escape};
use crate::messages::phrases::{Phrases, say};
use crate::messages::view::View;

pub(in crate::messages) fn said(view: &View<'_>, said: &TotpSaid) -> Html {
    let p = view.phrases;
    match said {
        TotpSaid::Off => view.word("totp-off"),
        TotpSaid::Failed => view.word("totp-failed"),
        // The picture says it.
        TotpSaid::Show(_) => Html::default(),
        TotpSaid::Enrolled { since, recovery } => say!(
            p,
            "totp-enrolled",
            since = view.times().short(*since),
            recovery = *recovery
        ),
        TotpSaid::Confirmed(_) => view.word("totp-confirmed"),
        TotpSaid::NotEnrolled => view.word("totp-not-enrolled"),
        TotpSaid::FirstWrong => view.word("totp-first-wrong"),
        TotpSaid::Passed => view.word("totp-passed"),
        TotpSaid::Wrong { left } => say!(p, "totp-wrong", left = *left),
        TotpSaid::Locked { until } => {
            say!(p, "totp-locked", until = view.times().clock(*until))
        }
    }
}

/// Below the picture: what to do with it, and the secret for typing in.
pub fn totp_caption(phrases: &Phrases, typed: &str) -> String {
    let typed = Html::own(format!("<code>{}</code>", escape(typed)));
    say!(phrases, "totp-picture", typed = typed).into_string()
}

/// The recovery codes, each on a line of its own.
pub fn recovery_codes(phrases: &Phrases, codes: &[&str]) -> String {
    let codes: Vec<String> = codes
        .iter()
        .map(|it| format!("<code>{}</code>", escape(it)))
        .collect();
    let codes = Html::own(codes.join("\n"));
    say!(phrases, "totp-recovery", codes = codes).into_string()
}

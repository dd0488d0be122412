//! Moments and spans as people read them: absolute first, in the chat's zone, with its name.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use chrono_tz::Tz;

use super::html::{Html, escape};
use super::phrases::{Phrases, say};
use crate::plan::Minutes;

/// The reader's zone and the time it is.
#[derive(Clone, Copy, Debug)]
pub struct Times<'a> {
    pub(super) phrases: &'a Phrases,
    pub(super) zone: Tz,
    pub(super) now: DateTime<Utc>,
}

impl Times<'_> {
    /// `14:05 UTC`, on another day `17 Feb 14:05 UTC`.
    pub fn clock(self, at: DateTime<Utc>) -> Html {
        let zone = at.with_timezone(&self.zone).format("%Z").to_string();
        Html::own(format!("{} {}", self.short(at), escape(&zone)))
    }

    /// The same without the zone, where it was named before.
    pub fn short(self, at: DateTime<Utc>) -> Html {
        let local = at.with_timezone(&self.zone);
        let time = local.format("%H:%M");
        if local.date_naive() == self.now.with_timezone(&self.zone).date_naive() {
            Html::own(time.to_string())
        } else {
            Html::own(format!("{} {time}", self.day(local.date_naive())))
        }
    }

    /// `17 Feb`, in another year `17 Feb 2025`.
    pub fn day(self, date: NaiveDate) -> Html {
        let month = self.phrases.word(&format!("month-{}", date.month()));
        if date.year() == self.now.with_timezone(&self.zone).year() {
            say!(self.phrases, "day-short", day = date.day(), month = month)
        } else {
            let year = Html::own(date.year().to_string());
            say!(
                self.phrases,
                "day-long",
                day = date.day(),
                month = month,
                year = year
            )
        }
    }

    /// `31 min`, `2 h 5 min`, `3 d 4 h`; below a minute `less than a minute`.
    pub fn span(self, span: Duration) -> Html {
        let minutes = span.num_minutes().max(0);
        let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
        match (days, hours, rest) {
            (0, 0, 0) => self.phrases.word("span-none"),
            (0, 0, m) => say!(self.phrases, "span-minutes", m = m),
            (0, h, 0) => say!(self.phrases, "span-hours", h = h),
            (0, h, m) => say!(self.phrases, "span-hours-minutes", h = h, m = m),
            (d, 0, _) => say!(self.phrases, "span-days", d = d),
            (d, h, _) => say!(self.phrases, "span-days-hours", d = d, h = h),
        }
    }

    /// A span of the plan.
    pub fn minutes(self, minutes: Minutes) -> Html {
        self.span(minutes.duration())
    }

    /// A date that is past.
    pub fn is_past(self, date: NaiveDate) -> bool {
        self.now.with_timezone(&self.zone).date_naive() > date
    }
}

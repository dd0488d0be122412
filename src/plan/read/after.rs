//! Report layout, metrics, drills, readiness and default follow-ups.

use super::section::suggest_either;
use super::{Kind, Section};
use crate::plan::{
    Cadence, DefaultFollowUp, Drill, Due, FactField, Inject, KnownValue, LayoutField, LayoutValue,
    Mark, Metric, MetricTarget, Minutes, Opens, Readiness, ReadinessItem, ReportLayout, Score,
    Section as ReportSection, SectionKind, Target, TimelineRow, Word,
};

pub(super) fn report(root: &Section<'_>) -> ReportLayout {
    let Some(report) = root.need_section("report") else {
        return ReportLayout {
            title: String::new(),
            sections: Vec::new(),
        };
    };
    ReportLayout {
        title: report.need_short("title", 80),
        sections: report
            .need_sections("section", 40)
            .iter()
            .map(section)
            .collect(),
    }
}

fn section(entry: &Section<'_>) -> ReportSection {
    let kind = entry.need_word("kind").unwrap_or(SectionKind::Heading);
    let fields: Vec<LayoutField> = entry.sections("field").iter().map(field).collect();
    let rows: Vec<TimelineRow> = entry.sections("row").iter().map(row).collect();
    if kind == SectionKind::Fields && fields.is_empty() {
        entry.book.wrong_hint(
            entry.offset,
            "a section of kind `fields` needs fields",
            "add field = [{ label = \"Severity\", value = \"severity\" }]",
        );
    }
    if kind != SectionKind::Fields && !fields.is_empty() {
        entry.book.wrong(
            entry.place("field"),
            format!("a section of kind `{kind}` has no fields"),
        );
    }
    if kind != SectionKind::Timeline && !rows.is_empty() {
        entry.book.wrong(
            entry.place("row"),
            format!("a section of kind `{kind}` has no rows"),
        );
    }
    ReportSection {
        title: entry.need_short("title", 60),
        level: entry
            .number("level", 2..=3)
            .and_then(|level| level.try_into().ok())
            .unwrap_or(2),
        kind,
        fields,
        rows,
        stage: entry.word("stage"),
    }
}

fn field(entry: &Section<'_>) -> LayoutField {
    let label = entry.need_short("label", 60);
    let (name, offset) = entry.need_text_at("value");
    let known = KnownValue::read(&name).map(LayoutValue::Known);
    let value = known.or_else(|| FactField::read(&name).map(LayoutValue::Fact));
    if value.is_none() && !name.is_empty() {
        entry.book.wrong_hint(
            offset,
            "the report knows no such value",
            suggest_either(&name, KnownValue::WORDS, FactField::WORDS),
        );
    }
    LayoutField {
        label,
        value: value.unwrap_or(LayoutValue::Known(KnownValue::IncidentId)),
    }
}

fn row(entry: &Section<'_>) -> TimelineRow {
    TimelineRow {
        label: entry.need_short("label", 80),
        mark: entry.need_word("mark").unwrap_or(Mark::Detected),
    }
}

pub(super) fn metrics(root: &Section<'_>) -> Vec<MetricTarget> {
    root.sections("metric").iter().map(metric).collect()
}

fn metric(entry: &Section<'_>) -> MetricTarget {
    let below = entry.minutes("below").map(Target::Below);
    let share = entry
        .number("below_percent", 0..=100)
        .and_then(|share| share.try_into().ok());
    let count = entry
        .number("at_most", 0..=1_000_000)
        .and_then(|count| count.try_into().ok());
    let given = ["below", "below_percent", "at_most"]
        .into_iter()
        .filter(|key| entry.has(key))
        .count();
    if given != 1 {
        entry.book.wrong_hint(
            entry.offset,
            "a metric needs exactly one target",
            "below = \"15m\", below_percent = 5 or at_most = 0",
        );
    }
    let target = below
        .or(share.map(Target::BelowPercent))
        .or(count.map(Target::AtMost));
    MetricTarget {
        metric: entry.need_word("metric").unwrap_or(Metric::Mttr),
        name: entry.need_short("name", 60),
        target: target.unwrap_or(Target::AtMost(0)),
    }
}

pub(super) fn drills(root: &Section<'_>) -> Vec<Drill> {
    root.sections("drill").iter().map(drill).collect()
}

fn drill(entry: &Section<'_>) -> Drill {
    let mut injects: Vec<Inject> = entry.sections("inject").iter().map(inject).collect();
    injects.sort_by_key(|inject| inject.after);
    Drill {
        id: entry.id(Kind::Drill),
        name: entry.need_short("name", 60),
        quarter: entry
            .number("quarter", 1..=4)
            .and_then(|quarter| quarter.try_into().ok()),
        scenario: entry.refer("scenario", &[Kind::Playbook]),
        severity: entry.refer("severity", &[Kind::Severity]),
        summary: entry.need_short("summary", 300),
        injects,
        practises: entry.need_texts("practises"),
        scoring: entry.sections("score").iter().map(score).collect(),
    }
}

fn inject(entry: &Section<'_>) -> Inject {
    Inject {
        after: entry.need_minutes("after"),
        text: entry.need_short("text", 300),
    }
}

fn score(entry: &Section<'_>) -> Score {
    Score {
        text: entry.need_short("text", 120),
        item: entry.refer("item", &[Kind::Item]),
        within: entry.minutes("within"),
    }
}

pub(super) fn readiness(root: &Section<'_>) -> Readiness {
    let Some(readiness) = root.need_section("readiness") else {
        return Readiness {
            cadence: Cadence::Monthly,
            items: Vec::new(),
        };
    };
    let items = readiness.need_sections("item", 30);
    Readiness {
        cadence: readiness.need_word("cadence").unwrap_or(Cadence::Monthly),
        items: items
            .iter()
            .map(|entry| ReadinessItem {
                id: entry.id(Kind::Readiness),
                text: entry.need_short("text", 120),
                check: entry.word("check"),
            })
            .collect(),
    }
}

pub(super) fn follow_ups(root: &Section<'_>) -> Vec<DefaultFollowUp> {
    root.sections("follow_up").iter().map(follow_up).collect()
}

fn follow_up(entry: &Section<'_>) -> DefaultFollowUp {
    let due = match entry.text("due").as_deref() {
        Some("business_hours") => Due::BusinessHours,
        _ => Due::After(entry.need_minutes("due")),
    };
    if due == Due::After(Minutes(0)) && entry.minutes("due").is_some() {
        entry
            .book
            .wrong(entry.place("due"), "`due` must be longer than nothing");
    }
    DefaultFollowUp {
        id: entry.id(Kind::FollowUp),
        text: entry.need_short("text", 200),
        opens: entry.need_word("opens").unwrap_or(Opens::Resolved),
        due,
        only: entry.refers("only", &[Kind::Severity]),
        agenda: entry.texts("agenda"),
        link: entry.flag("link"),
    }
}

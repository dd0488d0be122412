//! The message that asks about a run: it is read at night, and answered with one press.

use super::keyboard::keyboard;
use super::told::held_back;
use super::{ASKED_MAX, banner, came_to, number, summary_within};
use crate::incident::saga::{self, Part, Progress, StepState};
use crate::incident::{Incident, Run, StepKey, StepStatus};
use crate::messages::answers::timeline::run_named;
use crate::messages::card::id;
use crate::messages::html::{Html, NAME_MAX, guidance as words, ours, visible_len, whole_words};
use crate::messages::phrases::say;
use crate::messages::view::{Rendered, View, commas, lines};
use crate::plan::{Action, Step};

/// UTF-16 units of the steps together: below Telegram's 4096, with room for the head and the list of what comes next.
const STEPS_MAX: usize = 3_300;
/// Characters of what a person is to do: one step fits the message, whatever it says.
const GUIDANCE_MAX: usize = 2_400;
/// So many of the steps that are asked next are named.
const NEXT_MAX: usize = 6;
/// What was cut off shares at least so many letters with the text that it is taken from.
const SHARED_MIN: usize = 12;

/// A step that waits for a person.
struct Open<'a> {
    key: &'a StepKey,
    number: u32,
    step: Step,
    state: Option<&'a StepState>,
}

/// To the team: a run stands and somebody must decide. Steps for which there is no room are asked here once these are decided.
pub(in crate::messages) fn asks(
    view: &View<'_>,
    incident: &Incident,
    run: u32,
    steps: &[StepKey],
) -> Rendered {
    let p = view.phrases;
    let Some(run) = incident.run(run) else {
        return Rendered::default();
    };
    let open: Vec<Open<'_>> = steps
        .iter()
        .filter_map(|key| {
            Some(Open {
                key,
                number: number(incident, run, key)?,
                step: saga::step(&run.lever, &incident.plan, key)?,
                state: run.steps.get(key),
            })
        })
        .collect();
    let parts = saga::parts(&run.lever, &incident.plan);
    let mut said = banner(view, incident, run);
    said.push(head(view, incident, run, &open));
    let (mut used, mut shown) = (0, 0);
    for it in open.iter().take(ASKED_MAX) {
        let mut block = Vec::new();
        if open.len() > 1 {
            block.push(Html::default());
        }
        block.push(title(view, it, &parts, open.len() > 1));
        block.extend(about(view, incident, run, it, open.len() > 1));
        block.push(how(view, incident, run, it));
        used += visible_len(lines(&block).as_str()) + 1;
        if shown > 0 && used > STEPS_MAX {
            break;
        }
        said.extend(block);
        shown += 1;
    }
    let (now, next) = open.split_at(shown);
    if !next.is_empty() {
        let named = next.iter().take(NEXT_MAX);
        let named = named.map(|it| {
            let name = ours(&it.step.name, NAME_MAX);
            say!(p, "step-title", number = it.number, name = name)
        });
        said.push(Html::default());
        said.push(say!(
            p,
            "step-asks-next",
            count = next.len(),
            steps = commas(&named.collect::<Vec<_>>())
        ));
    }
    Rendered {
        html: lines(&said).into_string(),
        keyboard: keyboard(view, incident, run, now.iter().map(|it| it.key)),
    }
}

/// What is open in a run now: the message that asked for it shows that as long as it stands.
pub fn question(view: &View<'_>, incident: &Incident, run: &Run) -> Rendered {
    let open = saga::questions(run, &incident.plan, view.now);
    if !open.is_empty() {
        return asks(view, incident, run.number, &open);
    }
    let mut said = banner(view, incident, run);
    said.push(say!(
        view.phrases,
        "step-asks-over",
        run = run.number,
        lever = run_named(view, &incident.plan, &run.lever),
        id = id(incident)
    ));
    lines(&said).into()
}

/// One for all: of a single step it says why it waits.
fn head(view: &View<'_>, incident: &Incident, run: &Run, open: &[Open<'_>]) -> Html {
    let p = view.phrases;
    let lever = run_named(view, &incident.plan, &run.lever);
    let [only] = open else {
        let by_hand = open.iter().all(|it| kind(it) == "by-hand");
        return say!(
            p,
            "step-asks-several",
            mark = Html::own(if by_hand { "✋" } else { "❓" }),
            run = run.number,
            lever = lever,
            count = open.len()
        );
    };
    let key = format!("step-stands-{}", kind(only));
    let until = saga::kept_until(run, &incident.plan, only.key);
    let (run, number) = (run.number, only.number);
    match until.map(|at| view.times().clock(at)) {
        Some(at) => say!(p, &key, run = run, lever = lever, number = number, at = at),
        None => say!(p, &key, run = run, lever = lever, number = number),
    }
}

/// Why it waits, as the texts are named after it.
fn kind(it: &Open<'_>) -> &'static str {
    match it.state.map(|it| it.progress) {
        _ if it.key.undo => "undo",
        Some(Progress::ByHand) => "by-hand",
        Some(Progress::Failed) => "failed",
        Some(Progress::Succeeded) => "keep",
        None => "held",
        _ => "unknown",
    }
}

/// `4 · Create a new key`, and of what, where a run does several things. Among several each has its own mark.
fn title(view: &View<'_>, it: &Open<'_>, parts: &[Part<'_>], marked: bool) -> Html {
    let p = view.phrases;
    let name = ours(&it.step.name, 100);
    let name = say!(p, "step-title", number = it.number, name = name).bold();
    let name = if marked {
        let mark = view.word(&format!("step-mark-{}", kind(it)));
        say!(p, "step-title-marked", mark = mark, name = name)
    } else {
        name
    };
    match parts.iter().find(|part| part.id == it.key.part) {
        Some(part) if parts.len() > 1 => {
            let part = ours(part.name, NAME_MAX);
            say!(p, "step-title-of", name = name, part = part)
        }
        _ => name,
    }
}

/// What there is to know before deciding. Among several each says for itself why it waits.
fn about(
    view: &View<'_>,
    incident: &Incident,
    run: &Run,
    it: &Open<'_>,
    several: bool,
) -> Vec<Html> {
    let p = view.phrases;
    let mut said = Vec::new();
    // The mark and the text say that a person does it.
    if several && kind(it) != "by-hand" {
        let until = saga::kept_until(run, &incident.plan, it.key);
        let key = format!("step-why-{}", kind(it));
        said.push(match until.map(|at| view.times().clock(at)) {
            Some(at) => say!(p, &key, at = at),
            None => view.word(&key),
        });
    }
    said.extend(held_back(view, incident, run, it.key));
    said.extend(guidance(view, it));
    if it
        .state
        .is_some_and(|it| it.looked == Some(StepStatus::Failed))
    {
        said.push(view.word("step-asks-looked"));
    }
    if let Action::Manual {
        link: Some(link), ..
    } = &it.step.action
    {
        said.push(say!(p, "step-asks-link", link = ours(link, 200)));
    }
    said
}

/// What a person is to do, all of it; or what the step said, as far as it was kept.
fn guidance(view: &View<'_>, it: &Open<'_>) -> Vec<Html> {
    let text = match &it.step.action {
        Action::Manual { text, .. } => Some(text.as_str()),
        _ => it.step.by_hand.as_deref(),
    };
    let (fact, said) = match (it.state, text) {
        (Some(state), Some(text)) if state.progress == Progress::ByHand => {
            (state.fact.as_ref(), completed(&state.summary, text))
        }
        (Some(state), _) => return said_of(view, state).into_iter().collect(),
        (None, text) => (None, text.unwrap_or_default().to_owned()),
    };
    let p = view.phrases;
    let fact = fact.map(|fact| came_to(p, Some(fact), "", NAME_MAX));
    // Only the plan's own text is trusted with what a tap does.
    let (said, cut) = whole_words(&said, GUIDANCE_MAX);
    let guidance = (!said.is_empty()).then(|| words(&said, GUIDANCE_MAX));
    let rest = cut.then(|| view.word("step-asks-rest"));
    [fact, guidance, rest].into_iter().flatten().collect()
}

/// What a step said that was executed.
fn said_of(view: &View<'_>, state: &StepState) -> Option<Html> {
    let said = summary_within(view, state, GUIDANCE_MAX);
    (!said.as_str().is_empty()).then_some(said)
}

/// What is kept of a step's end is short: where that cut the plan's own text, all of it is put back.
fn completed(kept: &str, text: &str) -> String {
    let Some(kept) = kept.strip_suffix('…') else {
        return kept.to_owned();
    };
    let text = crate::incident::one_line(text, text.chars().count());
    let ends = kept.char_indices().map(|(at, _)| &kept[at..]);
    let shared = ends
        .take_while(|end| end.chars().count() >= SHARED_MIN)
        .find(|end| text.starts_with(*end));
    match shared {
        Some(shared) => format!("{}{text}", &kept[..kept.len() - shared.len()]),
        None => format!("{kept}… {text}"),
    }
}

fn how(view: &View<'_>, incident: &Incident, run: &Run, it: &Open<'_>) -> Html {
    let choices = saga::choices(run, &incident.plan, it.key, view.now).iter();
    let words: Vec<&str> = choices.map(|choice| choice.word()).collect();
    say!(
        view.phrases,
        "step-asks-how",
        run = run.number,
        number = it.number,
        words = Html::own(words.join("|"))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_is_put_back() {
        let text = "Open the console, delete the key, then say so here.";
        assert_eq!(completed(text, text), text);
        assert_eq!(completed("Open the console, del…", text), text);
        assert_eq!(
            completed("By hand (not set: X): Open the console, del…", text),
            format!("By hand (not set: X): {text}")
        );
        assert_eq!(
            completed("By hand (not set: A, B, C…", text),
            format!("By hand (not set: A, B, C… {text}")
        );
    }
}

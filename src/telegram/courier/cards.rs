//! Cards: rendered when they are sent, so that the newest wins; one exchange at a time for each; nothing sent twice.

use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::attempt::{pin, topic_of};
use super::shared::Shared;
use super::text::{cut, plain};
use super::{CardNow, Desk, Returned};
use crate::messages::outgoing::Keyboard;
use crate::store;
use crate::telegram::api::{ApiError, EditMessage, LinkPreview, SendMessage, markup};

/// Changes that follow a showing so closely are gathered: no eye tells them apart, and rendering costs as much as deciding.
const GATHER: Duration = Duration::from_millis(50);
/// Stands in the ledger in place of a hash while a card is being posted.
const BEING_POSTED: &str = "being posted";

/// What the courier remembers of a card.
#[derive(Debug, Default)]
pub(super) struct Card {
    /// The chat's key.
    pub(super) chat: i64,
    /// Outbox rows that its next showing settles.
    pub(super) rows: Vec<i64>,
    /// A change waits to be shown.
    pub(super) changed: bool,
    /// The lane of its most urgent change that waits.
    pub(super) lane: usize,
    /// It stands in its chat's queue, in this lane.
    pub(super) queued: Option<usize>,
    /// An exchange is under way.
    pub(super) under_way: bool,
    /// When it began to wait for its topic.
    pub(super) waiting_since: Option<Instant>,
    /// When it was last taken up to be shown.
    pub(super) taken_up: Option<Instant>,
    pub(super) shown: Shown,
}

impl Card {
    /// When it may be shown again, if that is not now: whatever changes until then is one showing.
    pub(super) fn rests_until(&self, now: Instant) -> Option<Instant> {
        self.taken_up
            .map(|taken_up| taken_up + GATHER)
            .filter(|until| *until > now)
    }
}

/// What its message shows, as far as this process knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// Message and hash of its content.
    content: Option<(i64, String)>,
    /// Posting it anew has an unknown outcome.
    unknown: bool,
    /// The ledger knows that it is being posted.
    begun: bool,
}

/// What a try made of it.
pub(super) enum CardAfter {
    /// It shows what it should, or there is nothing to show.
    Done,
    /// Telegram failed.
    Again,
    /// 429.
    ChatWaits(Duration),
    /// The bot may not write here.
    Forbidden(String),
}

/// Shows an incident's card as it should look now.
pub(super) async fn show<D: Desk>(
    shared: &Shared<D>,
    incident: &str,
    shown: &mut Shown,
) -> CardAfter {
    let mut lost = None;
    let mut form = Form {
        markup: true,
        keyboard: true,
    };
    for _ in 0..6 {
        let Some(mut card) = shared.desk.card(incident).await else {
            return CardAfter::Done;
        };
        let Some(chat_id) = shared.chat_id(card.chat) else {
            return CardAfter::Done;
        };
        card.message_id = card.message_id.filter(|id| lost != Some(*id));
        let error = match put(shared, incident, chat_id, &card, form, shown).await {
            Ok(put) => {
                told(shared, incident, &card, put, shown).await;
                return CardAfter::Done;
            }
            Err(error) => error,
        };
        match error {
            ApiError::Migrated(to) => shared.moved(card.chat, chat_id, to).await,
            ApiError::MessageGone(_) => {
                if let Some(message_id) = card.message_id {
                    lost = Some(message_id);
                    let incident = incident.to_owned();
                    shared
                        .desk
                        .came_back(Returned::CardLost {
                            incident,
                            message_id,
                        })
                        .await;
                }
            }
            ApiError::ThreadGone(_) => {
                if let Some(thread) = topic_of(shared, chat_id, &card.place) {
                    shared
                        .thread_gone(card.chat, chat_id, thread, Some(incident.to_owned()))
                        .await;
                }
            }
            ApiError::RetryAfter(wait) => return CardAfter::ChatWaits(wait),
            ApiError::Forbidden(why) | ApiError::ChatGone(why) | ApiError::NoRights(why) => {
                return CardAfter::Forbidden(why);
            }
            error
                if error.is_temporary()
                    || matches!(error, ApiError::Unauthorized | ApiError::NotFound(_)) =>
            {
                shown.unknown |= card.message_id.is_none() && error.maybe_done();
                return CardAfter::Again;
            }
            error => {
                tracing::warn!(incident, "Telegram refuses the card: {error}");
                let Some(simpler) = form.simpler(&error) else {
                    return CardAfter::Done;
                };
                form = simpler;
            }
        }
    }
    CardAfter::Again
}

/// Where a card stands now.
struct Put {
    message_id: i64,
    thread_id: Option<i64>,
    new: bool,
    hash: String,
}

/// Edits the card's message, or posts one; no exchange if it shows this already.
async fn put<D: Desk>(
    shared: &Shared<D>,
    incident: &str,
    chat_id: i64,
    card: &CardNow,
    form: Form,
    shown: &mut Shown,
) -> Result<Put, ApiError> {
    let hash = hash(&card.html, card.keyboard.as_ref());
    if let Some(message_id) = card.message_id {
        let same = shown
            .content
            .as_ref()
            .is_some_and(|(id, before)| *id == message_id && *before == hash);
        if !same {
            edit(shared, chat_id, message_id, card, form).await?;
        }
        return Ok(Put {
            message_id,
            thread_id: None,
            new: false,
            hash,
        });
    }
    if !shown.begun {
        let begun_before = begin(shared, incident, card.chat).await;
        // What this process has posted itself is no riddle.
        shown.unknown |= begun_before && shown.content.is_none();
        shown.begun = true;
    }
    let (message_id, thread_id) = post(shared, chat_id, card, form, shown.unknown).await?;
    Ok(Put {
        message_id,
        thread_id,
        new: true,
        hash,
    })
}

/// Notes in the ledger that a card is being posted. True if that stood there already: the process died meanwhile, and the
/// card may be a repeat.
async fn begin<D: Desk>(shared: &Shared<D>, incident: &str, chat: i64) -> bool {
    let before = shared.ledger.card(incident).await.ok().flatten();
    let card = store::Card {
        incident: incident.to_owned(),
        chat,
        message_id: None,
        thread_id: None,
        shown_version: 0,
        shown_hash: BEING_POSTED.to_owned(),
    };
    // Of no chat: it depends on nothing that is being decided there.
    let unit = store::Unit {
        cards: vec![card],
        ..store::Unit::default()
    };
    if let Err(error) = shared.ledger.commit(unit).await {
        tracing::error!(
            incident,
            "a card cannot be noted before it is posted: {error}"
        );
    }
    before.is_some_and(|card| card.message_id.is_none() && card.shown_hash == BEING_POSTED)
}

async fn told<D: Desk>(
    shared: &Shared<D>,
    incident: &str,
    card: &CardNow,
    put: Put,
    shown: &mut Shown,
) {
    shared.delivered();
    let Put {
        message_id,
        thread_id,
        new,
        hash,
    } = put;
    *shown = Shown {
        content: Some((message_id, hash.clone())),
        ..Shown::default()
    };
    let (chat, version, incident) = (card.chat, card.version, incident.to_owned());
    shared
        .desk
        .came_back(Returned::CardShown {
            incident,
            chat,
            message_id,
            thread_id,
            version,
            hash,
            new,
        })
        .await;
    if new && card.pin {
        pin(shared, chat, message_id).await;
    }
}

/// What is left of a card's form after refusals.
#[derive(Clone, Copy)]
struct Form {
    markup: bool,
    keyboard: bool,
}

impl Form {
    fn text(self, html: &str) -> String {
        // A card that is too long loses its end: a second message would be no card.
        let html = cut(html, 4000);
        if self.markup { html } else { plain(&html) }
    }

    /// What to try after a refusal; none if nothing is left to leave out.
    fn simpler(self, error: &ApiError) -> Option<Self> {
        match (error, self) {
            (ApiError::CantParse(_), Self { markup: true, .. }) => Some(Self {
                markup: false,
                ..self
            }),
            (_, Self { keyboard: true, .. }) => Some(Self {
                keyboard: false,
                ..self
            }),
            (_, Self { markup: true, .. }) => Some(Self {
                markup: false,
                ..self
            }),
            _ => None,
        }
    }

    fn mode(self) -> Option<&'static str> {
        self.markup.then_some("HTML")
    }
}

async fn edit<D: Desk>(
    shared: &Shared<D>,
    chat_id: i64,
    message_id: i64,
    card: &CardNow,
    form: Form,
) -> Result<(), ApiError> {
    let edit = EditMessage {
        chat_id,
        message_id,
        text: &form.text(&card.html),
        parse_mode: form.mode(),
        link_preview_options: LinkPreview::OFF,
        reply_markup: card.keyboard.as_ref().filter(|_| form.keyboard).map(markup),
    };
    match shared.api.edit_message(&edit).await {
        Err(ApiError::NotModified) => Ok(()),
        other => other,
    }
}

async fn post<D: Desk>(
    shared: &Shared<D>,
    chat_id: i64,
    card: &CardNow,
    form: Form,
    unknown: bool,
) -> Result<(i64, Option<i64>), ApiError> {
    let thread = topic_of(shared, chat_id, &card.place);
    let mut text = form.text(&card.html);
    if unknown {
        let mark = shared.desk.possible_repeat_mark(card.chat);
        text.push_str("\n\n");
        text.push_str(&if form.markup { mark } else { plain(&mark) });
    }
    let request = SendMessage {
        chat_id,
        text: &text,
        parse_mode: form.mode(),
        message_thread_id: thread,
        reply_parameters: None,
        disable_notification: false,
        link_preview_options: LinkPreview::OFF,
        reply_markup: card.keyboard.as_ref().filter(|_| form.keyboard).map(markup),
    };
    let sent = shared.api.send_message(&request).await?;
    Ok((sent.message_id, thread))
}

fn hash(html: &str, keyboard: Option<&Keyboard>) -> String {
    let mut hasher = Sha256::new();
    hasher.update(html);
    hasher.update([0]);
    if let Some(keyboard) = keyboard {
        hasher.update(serde_json::to_vec(keyboard).unwrap_or_default());
    }
    hasher
        .finalize()
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            use std::fmt::Write;
            let _ = write!(text, "{byte:02x}");
            text
        })
}

//! The state of the stand-in: who is where, who wrote what, and what the bot is told of it.

mod happen;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::api_error::ApiError;
use crate::clock::Clock;
use crate::entities::{self, Entity};
use crate::faults::Faults;
use crate::history::{Call, History};
use crate::limits::Limits;
use crate::model::{
    CallbackId, Chat, ChatKind, Content, MessageId, Msg, Rights, Service, Standing, User, UserId,
    raw,
};
use crate::news::News;
use crate::params::ChatRef;
use crate::updates::UpdateQueue;
use crate::view::{MessageView, chat_view};
use crate::webhook::Webhook;

/// Messages of one chat that are kept; older ones vanish.
const KEPT_MESSAGES: usize = 20_000;
/// Presses that are remembered for their toasts.
const KEPT_CALLBACKS: usize = 20_000;

/// A press of a button that waits for its answer, or has it.
#[derive(Debug, Clone)]
pub(crate) struct Callback {
    pub chat: i64,
    pub user: UserId,
    pub message: MessageId,
    pub at: std::time::Duration,
    pub toast: Option<crate::Toast>,
}

/// A stored file.
#[derive(Debug, Clone)]
pub(crate) struct StoredFile {
    pub name: String,
    pub bytes: Arc<Vec<u8>>,
}

pub(crate) struct World {
    pub clock: Clock,
    pub bot: User,
    /// Privacy mode: in groups the bot sees only what concerns it, unless it is an administrator.
    pub privacy: bool,
    users: HashMap<UserId, User>,
    pub chats: BTreeMap<i64, Chat>,
    pub files: HashMap<String, StoredFile>,
    pub queue: UpdateQueue,
    pub callbacks: HashMap<CallbackId, Callback>,
    callback_order: VecDeque<CallbackId>,
    /// By scope and language.
    pub commands: BTreeMap<(String, String), Value>,
    pub webhook: Option<Webhook>,
    pub limits: Limits,
    pub faults: Faults,
    pub history: History,
    pub news: News,
    next_user: UserId,
    next_group: i64,
    next_supergroup: i64,
    next_shared_message: MessageId,
    next_file: u64,
    next_callback: u64,
}

impl World {
    pub fn new(token: &str, username: &str, first_update_id: i64, seed: u64, limits: bool) -> Self {
        let id = token
            .split(':')
            .next()
            .and_then(|id| id.parse().ok())
            .unwrap_or(42);
        let mut bot = User {
            id,
            is_bot: true,
            first_name: "breakglass".to_owned(),
            last_name: None,
            username: Some(username.to_owned()),
            language_code: None,
            json: raw(&()),
        };
        bot.json = raw(&bot.render());
        Self {
            clock: Clock::default(),
            users: HashMap::from([(id, bot.clone())]),
            bot,
            privacy: true,
            chats: BTreeMap::new(),
            files: HashMap::new(),
            queue: UpdateQueue::new(first_update_id),
            callbacks: HashMap::new(),
            callback_order: VecDeque::new(),
            commands: BTreeMap::new(),
            webhook: None,
            limits: Limits::new(limits),
            faults: Faults::new(seed),
            history: History::default(),
            news: News::default(),
            next_user: 1_000_001,
            next_group: -4_000_000_001,
            next_supergroup: -1_002_000_000_001,
            next_shared_message: 1,
            next_file: 1,
            next_callback: 1,
        }
    }

    // --- who is who ---

    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id)
    }

    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    pub fn put_user(&mut self, mut user: User) {
        user.json = raw(&user.render());
        self.next_user = self.next_user.max(user.id + 1);
        if user.id == self.bot.id {
            self.bot = user.clone();
        }
        if let Some(chat) = self.chats.get_mut(&user.id) {
            chat.json = raw(&chat_view(chat, Some(&user)));
        }
        self.users.insert(user.id, user);
    }

    pub fn next_user_id(&mut self) -> UserId {
        self.next_user += 1;
        self.next_user - 1
    }

    /// The next person gets this id.
    pub fn restart_user_ids(&mut self, next: UserId) {
        self.next_user = next;
    }

    pub fn user_name(&self, id: UserId) -> String {
        self.user(id)
            .map_or_else(|| format!("user {id}"), User::full_name)
    }

    // --- chats ---

    pub fn add_chat(&mut self, kind: ChatKind, title: &str) -> i64 {
        let id = if kind == ChatKind::Group {
            self.next_group -= 1;
            self.next_group + 1
        } else {
            self.next_supergroup -= 1;
            self.next_supergroup + 1
        };
        self.insert_chat(id, kind, title.to_owned(), BTreeMap::new());
        id
    }

    pub fn insert_chat(
        &mut self,
        id: i64,
        kind: ChatKind,
        title: String,
        members: BTreeMap<UserId, Standing>,
    ) {
        let mut chat = Chat {
            id,
            kind,
            title,
            members,
            messages: BTreeMap::new(),
            last_id: 0,
            pinned: Vec::new(),
            topics: BTreeMap::new(),
            reactions_allowed: true,
            writing_allowed: true,
            migrated_to: None,
            started: false,
            blocked: false,
            json: raw(&()),
        };
        chat.json = raw(&chat_view(&chat, self.user(id)));
        self.chats.insert(id, chat);
        self.news.chat(id);
    }

    /// The private chat with a person; it exists from the first look on, but the bot may write only once it is started.
    pub fn private_chat(&mut self, user: UserId) -> &mut Chat {
        if !self.chats.contains_key(&user) {
            let bot = self.bot.id;
            let members = BTreeMap::from([(user, Standing::Member), (bot, Standing::Member)]);
            let name = self.user_name(user);
            self.insert_chat(user, ChatKind::Private, name, members);
        }
        self.chats.get_mut(&user).expect("just inserted")
    }

    /// A chat that must exist: for the control side, where a wrong id is the test's mistake.
    pub fn chat(&self, id: i64) -> &Chat {
        self.chats
            .get(&id)
            .unwrap_or_else(|| panic!("there is no chat {id} in the sandbox"))
    }

    pub fn chat_mut(&mut self, id: i64) -> &mut Chat {
        self.chats
            .get_mut(&id)
            .unwrap_or_else(|| panic!("there is no chat {id} in the sandbox"))
    }

    /// The chat that a Bot API call names, if the bot may see it.
    pub fn find_chat(&self, chat: &ChatRef) -> Result<i64, ApiError> {
        let chat = match chat {
            ChatRef::Id(id) => {
                if let (true, Some(_), false) =
                    (*id > 0, self.user(*id), self.chats.contains_key(id))
                {
                    return Err(ApiError::forbidden(
                        "bot can't initiate conversation with a user",
                    ));
                }
                self.chats.get(id)
            }
            ChatRef::Username(name) => self.chats.values().find(|chat| {
                chat.username()
                    .is_some_and(|other| other.eq_ignore_ascii_case(name))
            }),
        };
        let chat = chat.ok_or_else(|| ApiError::bad("chat not found"))?;
        if let Some(to) = chat.migrated_to {
            return Err(ApiError::migrated(to));
        }
        if chat.is_private() {
            if chat.blocked {
                return Err(ApiError::forbidden("bot was blocked by the user"));
            }
            if !chat.started {
                return Err(ApiError::forbidden(
                    "bot can't initiate conversation with a user",
                ));
            }
            return Ok(chat.id);
        }
        match chat.standing(self.bot.id) {
            Standing::Kicked => Err(ApiError::forbidden(format!(
                "bot was kicked from the {} chat",
                chat.type_name()
            ))),
            Standing::Left if chat.members.contains_key(&self.bot.id) => Err(ApiError::forbidden(
                format!("bot is not a member of the {} chat", chat.type_name()),
            )),
            Standing::Left => Err(ApiError::bad("chat not found")),
            _ => Ok(chat.id),
        }
    }

    /// Whether the bot may write in a chat that it sees.
    pub fn bot_may_write(&self, chat: i64) -> bool {
        self.chats.get(&chat).is_some_and(|chat| {
            let standing = chat.standing(self.bot.id);
            chat.writing_allowed || matches!(standing, Standing::Admin(_) | Standing::Creator)
        })
    }

    pub fn bot_rights(&self, chat: i64) -> Rights {
        self.chats.get(&chat).map_or(Rights::NONE, |chat| {
            if chat.is_private() {
                Rights::ALL
            } else {
                chat.standing(self.bot.id).rights()
            }
        })
    }

    // --- messages ---

    pub fn next_message_id(&mut self, chat: i64) -> MessageId {
        let shared = !self.chat(chat).is_super();
        if shared {
            let id = self.next_shared_message;
            self.next_shared_message += 1;
            self.chat_mut(chat).last_id = id;
            return id;
        }
        let chat = self.chat_mut(chat);
        chat.last_id += 1;
        chat.last_id
    }

    /// Stores a message under a new id, with the time of now if it has none.
    pub fn store(&mut self, chat_id: i64, mut msg: Msg) -> MessageId {
        msg.id = self.next_message_id(chat_id);
        if msg.date == 0 {
            msg.date = self.clock.unix();
        }
        let id = msg.id;
        let chat = self.chat_mut(chat_id);
        chat.messages.insert(id, msg);
        if chat.messages.len() > KEPT_MESSAGES {
            // What is pinned or opens a topic stays in use for as long as the chat lives.
            let kept = |id: &MessageId| chat.pinned.contains(id) || chat.topics.contains_key(id);
            if let Some(oldest) = chat.messages.keys().copied().find(|id| !kept(id)) {
                chat.messages.remove(&oldest);
            }
        }
        self.news.message(chat_id, id);
        id
    }

    /// Stores a service message and tells the bot if it is there to see it.
    pub fn service(
        &mut self,
        chat: i64,
        by: UserId,
        kind: &'static str,
        value: Value,
        thread: Option<MessageId>,
        silent: bool,
    ) -> MessageId {
        let msg = Msg {
            from: Some(by),
            service: Some(Service { kind, value }),
            thread,
            silent,
            ..Msg::default()
        };
        let id = self.store(chat, msg);
        self.tell(chat, id, "message");
        id
    }

    pub fn message_json(&self, chat: i64, id: MessageId) -> Option<String> {
        let chat = self.chats.get(&chat)?;
        Some(MessageView::new(self, chat, chat.messages.get(&id)?).json())
    }

    /// Whether the bot gets to see a message that somebody else wrote.
    fn sees(&self, chat: &Chat, msg: &Msg) -> bool {
        if chat.is_private() {
            return true;
        }
        let standing = chat.standing(self.bot.id);
        if !standing.inside() {
            return false;
        }
        if standing.admin() || !self.privacy || msg.is_service() {
            return true;
        }
        let to_bot = msg
            .reply_to
            .and_then(|id| chat.messages.get(&id))
            .is_some_and(|replied| replied.from == Some(self.bot.id));
        to_bot
            || msg
                .content
                .entities
                .iter()
                .any(|entity| self.concerns_bot(&msg.content, entity))
    }

    fn concerns_bot(&self, content: &Content, entity: &Entity) -> bool {
        let name = self.bot.username.as_deref().unwrap_or_default();
        let text = entities::slice(&content.text, entity);
        match entity.kind.as_str() {
            "bot_command" => text
                .split_once('@')
                .is_none_or(|(_, other)| other.eq_ignore_ascii_case(name)),
            "mention" => text.trim_start_matches('@').eq_ignore_ascii_case(name),
            "text_mention" => {
                entity
                    .user
                    .as_ref()
                    .and_then(|user| user.get("id"))
                    .and_then(Value::as_i64)
                    == Some(self.bot.id)
            }
            _ => false,
        }
    }

    /// Queues a message for the bot if it may see it; `kind` is `message` or `edited_message`.
    pub fn tell(&mut self, chat: i64, id: MessageId, kind: &str) -> Option<i64> {
        let place = self.chats.get(&chat)?;
        let msg = place.messages.get(&id)?;
        if !self.sees(place, msg) || !self.queue.wants(kind) {
            return None;
        }
        let json = MessageView::new(self, place, msg).json();
        Some(self.queue.push(kind, &json, self.clock.now()))
    }

    /// Queues an update of another kind if the bot wants it.
    pub fn tell_value(&mut self, kind: &str, value: &Value) -> Option<i64> {
        self.queue
            .wants(kind)
            .then(|| self.queue.push(kind, &value.to_string(), self.clock.now()))
    }

    /// Notes a Bot API call in the history.
    pub fn record(
        &mut self,
        method: &str,
        params: Map<String, Value>,
        outcome: Result<&str, &ApiError>,
    ) {
        let outcome = match outcome {
            Ok(result) => Ok(result.to_owned()),
            Err(error) => Err((error.code, error.description.clone())),
        };
        self.history.add(Call {
            method: method.to_owned(),
            params: Value::Object(params),
            outcome,
            at_ms: i64::try_from(self.clock.now().as_millis()).unwrap_or(i64::MAX),
        });
    }
}

//! Users, chats, members, topics, migration.

use std::time::Duration;

use serde_json::json;

use super::{Control, NewChat, NewUser};
use crate::faults::Fault;
use crate::model::{ChatKind, MessageId, Rights, Standing, User, UserId, raw};

/// Who speaks when an administrator hides behind the group.
pub(super) const ANONYMOUS_ADMIN: UserId = 1_087_968_824;
/// Who speaks when somebody writes as a channel.
pub(super) const CHANNEL_BOT: UserId = 136_817_688;
/// Who speaks when a linked channel's post is forwarded.
pub(super) const TELEGRAM: UserId = 777_000;

fn user(id: UserId, new: NewUser) -> User {
    let first_name = if new.first_name.is_empty() {
        "Someone".to_owned()
    } else {
        new.first_name
    };
    User {
        id,
        is_bot: new.is_bot,
        first_name,
        last_name: new.last_name,
        username: new.username,
        language_code: new.language_code,
        json: raw(&()),
    }
}

impl Control {
    /// Creates a person with a fresh id.
    pub fn add_user(&self, new: NewUser) -> UserId {
        let id = self.shared.lock().next_user_id();
        self.add_user_with_id(id, new);
        id
    }

    /// Creates a person, or changes the one with this id.
    pub fn add_user_with_id(&self, id: UserId, new: NewUser) {
        let mut world = self.shared.change();
        world.put_user(user(id, new));
        world.news.user(id);
    }

    pub(super) fn add_telegrams_own_users(&self) {
        let own = |first_name: &str, username: Option<&str>, is_bot| NewUser {
            first_name: first_name.to_owned(),
            username: username.map(str::to_owned),
            is_bot,
            ..NewUser::default()
        };
        let mut world = self.shared.change();
        let next = world.next_user_id();
        world.put_user(user(TELEGRAM, own("Telegram", None, false)));
        world.put_user(user(CHANNEL_BOT, own("Channel", Some("Channel_Bot"), true)));
        world.put_user(user(
            ANONYMOUS_ADMIN,
            own("Group", Some("GroupAnonymousBot"), true),
        ));
        world.restart_user_ids(next);
    }

    /// Creates an empty chat. A private one comes with a person of that name who has already started the bot.
    pub fn add_chat(&self, new: NewChat) -> i64 {
        if new.kind == ChatKind::Private {
            let user = self.add_user(NewUser {
                first_name: new.title,
                ..NewUser::default()
            });
            self.open_private(user);
            return user;
        }
        self.shared.change().add_chat(new.kind, &new.title)
    }

    /// Opens the private chat with a person as if `/start` had been sent long ago; its id is the person's.
    pub fn open_private(&self, user: UserId) {
        self.shared.change().private_chat(user).started = true;
    }

    /// A person joins a chat by themselves.
    pub fn join(&self, chat: i64, user: UserId) {
        self.shared
            .change()
            .set_standing(chat, user, Standing::Member, user);
    }

    /// A person leaves a chat.
    pub fn leave(&self, chat: i64, user: UserId) {
        self.shared
            .change()
            .set_standing(chat, user, Standing::Left, user);
    }

    /// A person is removed from a chat by another one.
    pub fn remove(&self, chat: i64, user: UserId, by: UserId) {
        self.shared
            .change()
            .set_standing(chat, user, Standing::Kicked, by);
    }

    /// A person becomes an administrator.
    pub fn promote(&self, chat: i64, user: UserId, rights: Rights) {
        self.shared
            .change()
            .set_standing(chat, user, Standing::Admin(rights), user);
    }

    /// A person owns the chat from now on.
    pub fn make_owner(&self, chat: i64, user: UserId) {
        self.shared
            .change()
            .set_standing(chat, user, Standing::Creator, user);
    }

    /// An administrator is one no longer.
    pub fn demote(&self, chat: i64, user: UserId) {
        self.shared
            .change()
            .set_standing(chat, user, Standing::Member, user);
    }

    /// Somebody adds the bot.
    pub fn add_bot(&self, chat: i64, by: UserId) {
        self.set_bot(chat, Standing::Member, by);
    }

    /// Somebody removes the bot.
    pub fn kick_bot(&self, chat: i64, by: UserId) {
        self.set_bot(chat, Standing::Kicked, by);
    }

    /// Somebody makes the bot an administrator, adding it if need be.
    pub fn make_bot_admin(&self, chat: i64, by: UserId, rights: Rights) {
        self.set_bot(chat, Standing::Admin(rights), by);
    }

    fn set_bot(&self, chat: i64, standing: Standing, by: UserId) {
        let mut world = self.shared.change();
        let bot = world.bot.id;
        world.set_standing(chat, bot, standing, by);
    }

    /// A person blocks the bot in private.
    pub fn block_bot(&self, user: UserId) {
        self.set_blocked(user, true);
    }

    /// A person lets the bot write again.
    pub fn unblock_bot(&self, user: UserId) {
        self.set_blocked(user, false);
    }

    fn set_blocked(&self, user: UserId, blocked: bool) {
        let mut world = self.shared.change();
        world.private_chat(user).blocked = blocked;
        let bot = world.bot.id;
        world.set_standing(
            user,
            bot,
            if blocked {
                Standing::Kicked
            } else {
                Standing::Member
            },
            user,
        );
    }

    /// Whether reactions are allowed in a chat.
    pub fn reactions_allowed(&self, chat: i64, allowed: bool) {
        let mut world = self.shared.change();
        world.chat_mut(chat).reactions_allowed = allowed;
        world.news.chat(chat);
    }

    /// Whether members who are no administrators may write in a group. Nobody is told of the change: the bot neither.
    pub fn writing_allowed(&self, chat: i64, allowed: bool) {
        self.shared.change().chat_mut(chat).writing_allowed = allowed;
    }

    /// Privacy mode, which is on at first: in groups the bot sees only what concerns it.
    pub fn privacy(&self, on: bool) {
        self.shared.change().privacy = on;
    }

    /// A basic group becomes a supergroup: its members move, its messages stay behind, ids begin anew.
    pub fn migrate_to_supergroup(&self, chat: i64) -> i64 {
        let mut world = self.shared.change();
        let old = world.chat(chat);
        let (title, members) = (old.title.clone(), old.members.clone());
        let by = members
            .iter()
            .find(|(_, standing)| **standing == Standing::Creator)
            .or(members.iter().next())
            .map_or(world.bot.id, |(user, _)| *user);
        let reactions = old.reactions_allowed;
        let to = world.add_chat(
            ChatKind::Supergroup {
                public_username: None,
            },
            &title,
        );
        let new = world.chat_mut(to);
        new.members = members;
        new.reactions_allowed = reactions;
        world.service(chat, by, "migrate_to_chat_id", json!(to), None, false);
        world.service(to, by, "migrate_from_chat_id", json!(chat), None, false);
        world.chat_mut(chat).migrated_to = Some(to);
        world.news.chat(chat);
        world.news.chat(to);
        to
    }

    /// Somebody opens a topic; returns its thread id.
    pub fn create_topic(&self, chat: i64, name: &str, by: UserId) -> MessageId {
        self.shared.change().create_topic(chat, name, by, 7_322_096)
    }

    /// Somebody closes a topic.
    pub fn close_topic(&self, chat: i64, thread: MessageId, by: UserId) {
        self.shared.change().close_topic(chat, thread, true, by);
    }

    /// Somebody opens a closed topic again.
    pub fn reopen_topic(&self, chat: i64, thread: MessageId, by: UserId) {
        self.shared.change().close_topic(chat, thread, false, by);
    }

    /// A topic vanishes with its messages; the bot is not told, as with Telegram.
    pub fn delete_topic(&self, chat: i64, thread: MessageId) {
        self.shared.change().delete_topic(chat, thread);
    }

    /// A message vanishes; the bot is not told, as with Telegram.
    pub fn delete_message(&self, chat: i64, message: MessageId) -> bool {
        self.shared.change().delete_message(chat, message)
    }

    /// Somebody pins a message.
    pub fn pin(&self, chat: i64, message: MessageId, by: UserId) {
        self.shared.change().pin(chat, message, by, false);
    }

    /// Somebody unpins a message; the bot is not told, as with Telegram.
    pub fn unpin(&self, chat: i64, message: MessageId) -> bool {
        self.shared.change().unpin(chat, message)
    }

    // --- the machine itself ---

    /// Adds a fault; the first that matches a call strikes.
    pub fn set_fault(&self, fault: Fault) {
        self.shared.change().faults.add(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.shared.change().faults.clear();
    }

    /// Flood limits on or off.
    pub fn limits(&self, on: bool) {
        self.shared.change().limits.on = on;
    }

    /// Down: every connection is dropped, also polls that wait.
    pub fn down(&self, down: bool) {
        let mut world = self.shared.change();
        world.faults.down = down;
        world.queue.rings += 1;
    }

    /// Moves the stand-in's clock forward: presses and limits age, `date` follows.
    pub fn advance(&self, by: Duration) {
        let mut world = self.shared.change();
        world.clock.advance(by);
        world.queue.rings += 1;
    }

    /// The next `update_id`, as Telegram may choose one after a week of silence.
    pub fn renumber_updates(&self, next: i64) {
        self.shared.change().queue.renumber(next);
    }
}

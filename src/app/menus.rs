//! The lists of commands that Telegram offers while somebody types: they follow what people may do.
//!
//! Telegram takes the narrowest list that a person has: of the member, of the administrators, of the chat. So a person
//! with a list of their own needs the best of what they are.

use std::collections::BTreeMap;

use crate::incident::{Chat, ChatEvent, Event, Permission, Standing, UserId, policy};
use crate::messages::outgoing::Scope;

/// For whom there is a list in a chat, and what those may do.
pub(super) type Menus = BTreeMap<Scope, Permission>;

/// The lists of a chat. `owners` are those that were seen in it.
pub(super) fn of(chat: &Chat, owners: &[UserId]) -> Menus {
    let mut menus = Menus::new();
    if !chat.claimed || matches!(chat.standing, Standing::Gone) {
        return menus;
    }
    let everybody = if chat.everybody_responds() {
        Permission::Responder
    } else {
        Permission::Stranger
    };
    menus.insert(Scope::Chat, everybody);
    if chat.settings.admins_count && chat.bot_administers() {
        menus.insert(Scope::AdministratorsOf, Permission::Commander);
    }
    for id in chat.grants.keys() {
        menus.insert(Scope::Member(id.0), policy::standing(chat, &[], *id));
    }
    for id in owners {
        menus.insert(Scope::Member(id.0), Permission::Owner);
    }
    menus
}

/// Whether an event may change what somebody is offered. Where all lists are set anew anyway, there is an effect for it.
pub(super) fn concerns(event: &Event) -> bool {
    matches!(
        event,
        Event::Chat(
            ChatEvent::Granted { .. }
                | ChatEvent::Revoked { .. }
                | ChatEvent::AdminsCount { .. }
                | ChatEvent::RespondersChosen { .. }
                | ChatEvent::AdministratorsListed { .. }
                | ChatEvent::BotStanding { .. }
                | ChatEvent::Described { .. }
                | ChatEvent::Left { .. }
                | ChatEvent::Returned { .. }
        )
    )
}

/// What is to be told to Telegram: a list that is new or another one; nothing where it is there no more.
pub(super) fn differ(before: &Menus, after: &Menus) -> Vec<(Scope, Option<Permission>)> {
    // Not in use here: nothing can be told.
    if before.is_empty() || after.is_empty() {
        return Vec::new();
    }
    let ended = before.keys().filter(|scope| !after.contains_key(scope));
    let ended = ended.map(|scope| (scope.clone(), None));
    let changed = after
        .iter()
        .filter(|(scope, may)| before.get(scope) != Some(may));
    let changed = changed.map(|(scope, may)| (scope.clone(), Some(*may)));
    ended.chain(changed).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::incident::{ChatKey, Grant, Person};

    fn chat() -> Chat {
        let mut chat = Chat::new(ChatKey(1));
        chat.claimed = true;
        chat.standing = Standing::Administrator {
            can_pin: true,
            can_manage_topics: true,
            can_delete: true,
        };
        let person = |id| Person {
            id: UserId(id),
            name: "P".into(),
            username: None,
        };
        let grant = |id, permission| Grant {
            person: person(id),
            permission,
            by: None,
            at: chrono::DateTime::UNIX_EPOCH,
        };
        chat.grants = [
            (UserId(2), grant(2, Permission::Responder)),
            (UserId(3), grant(3, Permission::Approver)),
        ]
        .into();
        chat.administrators = BTreeSet::from([UserId(2), UserId(3)]);
        chat
    }

    #[test]
    fn each_list_holds_the_best_of_what_its_people_are() {
        let mut chat = chat();
        let expected = [
            (Scope::Chat, Permission::Responder),
            (Scope::Member(1), Permission::Owner),
            (Scope::Member(2), Permission::Responder),
            (Scope::Member(3), Permission::Approver),
        ];
        assert_eq!(of(&chat, &[UserId(1)]), expected.into());
        chat.settings.admins_count = true;
        let menus = of(&chat, &[UserId(3)]);
        let expected = [
            (Scope::Chat, Permission::Responder),
            (Scope::AdministratorsOf, Permission::Commander),
            (Scope::Member(2), Permission::Commander),
            (Scope::Member(3), Permission::Owner),
        ];
        assert_eq!(menus, expected.into());
        chat.gone.insert(UserId(2));
        assert_eq!(of(&chat, &[])[&Scope::Member(2)], Permission::Stranger);
    }

    #[test]
    fn only_what_differs_is_told_and_nothing_where_the_bot_is_not_in_use() {
        let mut chat = chat();
        let before = of(&chat, &[]);
        chat.grants.remove(&UserId(2));
        chat.settings.everybody_responds = Some(false);
        let after = of(&chat, &[]);
        let told = [
            (Scope::Member(2), None),
            (Scope::Chat, Some(Permission::Stranger)),
        ];
        assert_eq!(differ(&before, &after), told);
        assert_eq!(differ(&after, &after), []);
        chat.standing = Standing::Gone;
        assert_eq!(differ(&after, &of(&chat, &[])), []);
        chat.claimed = false;
        assert_eq!(of(&chat, &[UserId(1)]), Menus::new());
    }
}

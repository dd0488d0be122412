// What the page knows: the world as the server tells it, who sits before the page, and what they have read.

export const world = {
  bot: { id: 0, name: "Bot", username: "" },
  users: new Map(),
  chats: new Map(),
  commands: [],
  /** chat → Map(message_id → Entry), in the order of the ids */
  messages: new Map(),
};

/** Who is at the keyboard and what they look at. `thread` is null outside a topic. */
export const me = { user: 0, chat: 0, thread: null };

const read = new Map();

export const inside = (status) => ["creator", "administrator", "member"].includes(status);
export const isAdmin = (status) => status === "creator" || status === "administrator";

export function statusOf(chat, user) {
  if (chat.type === "private") return chat.id === user ? "member" : "left";
  return chat.members.find((member) => member.user === user)?.status ?? "left";
}

/** A private chat exists for everybody, also before its first message. */
export function chatOf(id) {
  const chat = world.chats.get(id);
  if (chat || id <= 0) return chat;
  return {
    id, type: "private", title: "", members: [], bot: "member", topics: [], pinned: [], is_forum: false,
    reactions_allowed: true, migrated_to: null, started: false, blocked: false, last_message_id: 0,
  };
}

export const titleOf = (chat) => (chat.type === "private" ? world.bot.name : chat.title);
export const nameOf = (user) => (user === world.bot.id ? world.bot.name : world.users.get(user)?.name ?? "Somebody");
export const shortName = (user) => world.users.get(user)?.first_name || nameOf(user);

/** All messages of a chat, oldest first. */
export const entries = (chat) => [...(world.messages.get(chat)?.values() ?? [])];
export const entryOf = (chat, id) => world.messages.get(chat)?.get(id);
/** Those of one topic; of the whole chat where there are no topics. */
export const threadEntries = (chat, thread) => {
  const all = entries(chat);
  return chatOf(chat)?.is_forum ? all.filter((entry) => (entry.thread ?? null) === thread) : all;
};

export function setMessages(chat, list) {
  world.messages.set(chat, new Map(list.map((entry) => [entry.message_id, entry])));
}

/** Keeps a message; says whether it is new. */
export function putMessage(chat, entry) {
  let map = world.messages.get(chat);
  if (!map) world.messages.set(chat, (map = new Map()));
  const fresh = !map.has(entry.message_id);
  let newest = 0;
  if (fresh) for (const id of map.keys()) newest = id;
  map.set(entry.message_id, entry);
  if (fresh && entry.message_id < newest) {
    setMessages(chat, [...map.values()].sort((a, b) => a.message_id - b.message_id));
  }
  return fresh;
}

// --- what is read ---

const markKey = (user, chat, thread) => `${user}:${chat}:${thread ?? 0}`;

/** When the page starts, everything counts as read. */
export function readEverything() {
  read.clear();
  for (const chat of world.chats.values()) {
    for (const user of world.users.keys()) {
      for (const thread of [null, ...chat.topics.map((topic) => topic.thread)]) {
        read.set(markKey(user, chat.id, thread), chat.last_message_id);
      }
    }
  }
}

export function markRead() {
  let newest = 0;
  for (const entry of threadEntries(me.chat, me.thread)) newest = entry.message_id;
  const key = markKey(me.user, me.chat, me.thread);
  if (newest > (read.get(key) ?? 0)) read.set(key, newest);
}

/** How many messages of others the person has not read, in one topic or (without `thread`) in the whole chat. */
export function unread(chat, thread) {
  let count = 0;
  for (const entry of entries(chat.id)) {
    const topic = chat.is_forum ? entry.thread ?? null : null;
    if (entry.from === me.user || entry.service || (thread !== undefined && topic !== thread)) continue;
    if (entry.message_id > (read.get(markKey(me.user, chat.id, topic)) ?? 0)) count++;
  }
  return count;
}

// --- which commands the person sees here ---

/** The bot's commands for this person in this chat: the narrowest scope that has a list, as Telegram chooses. */
export function commandsHere() {
  const chat = chatOf(me.chat);
  if (!chat) return [];
  const admin = isAdmin(statusOf(chat, me.user));
  const scopes = chat.type === "private"
    ? [`chat ${chat.id}`, "all_private_chats", "default"]
    : [
      `chat_member ${chat.id} ${me.user}`,
      ...(admin ? [`chat_administrators ${chat.id}`] : []),
      `chat ${chat.id}`,
      ...(admin ? ["all_chat_administrators"] : []),
      "all_group_chats", "default",
    ];
  const language = world.users.get(me.user)?.language_code ?? "";
  for (const scope of scopes) {
    for (const code of [language, ""]) {
      const list = world.commands.find((entry) => entry.scope === scope && entry.language === code);
      if (list?.commands.length) return list.commands;
    }
  }
  return [];
}

// --- settings that outlive the page ---

export function remember(key, value) {
  try { localStorage.setItem(key, value); } catch { /* storage may be off */ }
}

export function recall(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

// The chat page: puts the parts together and follows what happens.

import { $, soon } from "./dom.js";
import { follow, get, post } from "./net.js";
import { alertBox, dismiss, failed, toast } from "./popups.js";
import { waiting, waitKey } from "./message.js";
import { cancelContext, compose, drawComposer, drawContext, editMessage, replyTo, startComposer, write } from "./composer.js";
import { changeBot, changeMember, changeTopic, chatMenu, copy, drawHint, help, messageMenu, newTopic, personMenu, worldMenu } from "./menus.js";
import { chatsHere, drawChats, drawHead, drawPersons, drawTopics, drawTyping, persons } from "./sidebar.js";
import { drawMessage, drawPinned, drawThread, dropMessage, startThread } from "./thread.js";
import { chatOf, inside, me, putMessage, readEverything, remember, setMessages, statusOf, world } from "./store.js";

const HISTORY = 500;
let loaded = false;

// --- loading ---

async function load() {
  const state = await get("state");
  const lists = await Promise.all(state.chats.map(async (chat) => [chat.id, (await get(`chats/${chat.id}/messages?limit=${HISTORY}`)).messages]));
  world.bot = state.bot;
  world.commands = state.commands;
  world.users = new Map(state.users.map((user) => [user.id, user]));
  world.chats = new Map(state.chats.map((chat) => [chat.id, chat]));
  world.messages.clear();
  for (const [chat, list] of lists) setMessages(chat, list);
  if (!loaded || !world.users.has(me.user)) {
    readEverything();
    choosePlace();
  }
  if (!chatOf(me.chat)) openFirstChat();
  loaded = true;
  waiting.clear();
  $("offline").hidden = true;
  drawAll();
  document.body.dataset.ready = "1";
}

/** Where the page was, from its address; else the first group with its owner. */
function choosePlace() {
  const place = new URLSearchParams(location.hash.slice(1));
  const chat = chatOf(Number(place.get("chat")));
  const groups = [...world.chats.values()].filter((each) => each.type !== "private" && !each.migrated_to);
  const first = groups.find((each) => !each.is_forum && inside(each.bot)) ?? groups.find((each) => inside(each.bot)) ?? groups[0];
  const user = Number(place.get("as"));
  const owner = first?.members.find((member) => member.status === "creator" && world.users.has(member.user))?.user;
  me.user = world.users.has(user) ? user : owner ?? persons()[0]?.id ?? 0;
  me.chat = chat && (chat.id < 0 || chat.id === me.user) ? chat.id : first?.id ?? me.user;
  const thread = Number(place.get("topic")) || null;
  me.thread = chatOf(me.chat)?.topics.some((topic) => topic.thread === thread) ? thread : null;
  if (chat || matchMedia("(min-width: 720px)").matches) document.body.dataset.pane = "chat";
}

function openFirstChat() {
  me.chat = chatsHere().joined[0]?.id ?? 0;
  me.thread = null;
}

// --- drawing ---

const drawSide = soon(() => {
  drawPersons(pickPerson);
  drawChats(openChat);
  drawTopics(openThread, () => newTopic(openThread));
});

function drawAll() {
  drawPersons(pickPerson);
  drawHead();
  drawPinned();
  drawComposer();
  drawHint(write);
  drawThread();
  drawChats(openChat);
  drawTopics(openThread, () => newTopic(openThread));
  const topic = me.thread ? `&topic=${me.thread}` : "";
  history.replaceState(null, "", `#as=${me.user}&chat=${me.chat}${topic}`);
}

function openChat(chat) {
  if (me.chat !== chat) {
    me.chat = chat;
    me.thread = null;
  }
  document.body.dataset.pane = "chat";
  drawAll();
  if (matchMedia("(min-width: 720px) and (hover: hover)").matches) compose();
}

function openThread(thread) {
  me.thread = thread;
  drawAll();
}

function pickPerson(user) {
  const privately = me.chat === me.user;
  me.user = user;
  if (privately) me.chat = user;
  drawAll();
}

// --- what a person does ---

const said = (what, body) => post(`chats/${me.chat}/${what}`, { user: me.user, ...body }).catch(failed);

async function press(entry, data) {
  const key = waitKey(entry.chat, entry.message_id, data);
  if (waiting.has(key)) return;
  const token = {};
  waiting.set(key, token);
  busy(entry, data, true);
  try {
    const { callback_id: callback } = await post(`chats/${entry.chat}/press`, { user: me.user, message_id: entry.message_id, data });
    token.callback = callback;
    if (answered.delete(callback)) ended(callback);
    else setTimeout(() => { if (waiting.get(key) === token) { ended(callback); toast("The bot has not answered yet."); } }, 15_000);
  } catch (error) {
    waiting.delete(key);
    busy(entry, data, false);
    failed(error);
  }
}

function busy(entry, data, on) {
  for (const key of document.querySelectorAll(`#m${entry.message_id} [data-key]`)) {
    if (key.dataset.key !== data || entry.chat !== me.chat) continue;
    key.classList.toggle("busy", on);
    key.setAttribute("aria-busy", String(on));
  }
}

/** Answers that came before the server told us the press's id. */
const answered = new Set();

function ended(callback) {
  for (const [key, token] of waiting) {
    if (token.callback !== callback) continue;
    waiting.delete(key);
    const [chat, message, ...data] = key.split(":");
    busy({ chat: Number(chat), message_id: Number(message) }, data.join(":"), false);
    return true;
  }
  return false;
}

const pin = (entry, pinned) => said("pin", { message_id: entry.message_id, pinned });

startThread({
  press, pin, copy, openThread, compose,
  command: (text) => write(`${text} `),
  hint: toast,
  react: (entry, emoji) => said("react", { message_id: entry.message_id, emoji }),
  reply: (entry) => { if (entry && inside(statusOf(chatOf(me.chat), me.user))) replyTo(entry); },
  more: (entry, anchor) => messageMenu(entry, anchor, { pin, edit: editMessage }),
}, drawSide);

startComposer({
  openChat,
  say: (text) => said("say", { text }),
  join: () => changeMember(me.user, "join"),
  unblock: () => changeBot("unblock"),
  reopen: () => changeTopic("reopen"),
  persons: (anchor) => personMenu(anchor, pickPerson),
});

// --- what happens ---

const happens = {
  message({ chat, message }) {
    const fresh = putMessage(chat, message);
    if (chat === me.chat) {
      drawMessage(message, fresh);
      drawPinned();
      drawHint(write);
      if (!fresh) drawContext();
      if (fresh && message.from !== me.user && (message.thread ?? null) === me.thread) speak(message);
      if (fresh && message.is_bot) drawHead();
    }
    drawSide();
  },
  deleted({ chat, message_id: id }) {
    world.messages.get(chat)?.delete(id);
    if (chat === me.chat) { dropMessage(id); drawPinned(); drawContext(); }
    drawSide();
  },
  chat({ chat }) {
    const old = world.chats.get(chat.id);
    world.chats.set(chat.id, chat);
    if (chat.id !== me.chat) { drawSide(); return; }
    // Whoever looks at a group that moves, moves with it.
    if (chat.migrated_to && !old?.migrated_to && world.chats.has(chat.migrated_to)) { openChat(chat.migrated_to); return; }
    if (me.thread && !chat.topics.some((topic) => topic.thread === me.thread)) { openThread(null); return; }
    drawHead();
    drawPinned();
    drawComposer();
    drawHint(write);
    if (JSON.stringify(old?.members) !== JSON.stringify(chat.members)) drawThread();
    drawSide();
  },
  user({ user }) {
    if (user.is_bot) return;
    world.users.set(user.id, user);
    drawSide();
  },
  toast(event) {
    if (!ended(event.callback_id)) {
      answered.add(event.callback_id);
      if (answered.size > 200) answered.delete(answered.values().next().value);
    }
    if (event.user !== me.user || (!event.text && !event.url)) return;
    const link = event.url && /^https?:/.test(event.url) ? event.url : null;
    if (event.show_alert) alertBox(world.bot.name, event.text, link);
    else toast(event.text, link);
  },
  typing({ chat, thread }) {
    if (chat === me.chat && (thread ?? null) === (chatOf(chat)?.is_forum ? me.thread : thread ?? null)) drawTyping();
  },
};

function speak(message) {
  $("live").textContent = message.service ? message.service_text ?? "" : `${message.from_name}: ${message.text.slice(0, 300)}`;
}

follow({
  onHello: load,
  onEvent: (event) => happens[event.type]?.(event),
  onDown() {
    $("offline").hidden = false;
    $("offline").textContent = loaded ? "Connection lost. Trying again…" : "Connecting…";
    delete document.body.dataset.ready;
  },
});

// --- keys and buttons of the frame ---

$("back").addEventListener("click", () => {
  document.body.dataset.pane = "list";
  $("chats").querySelector(".on")?.focus();
});
$("menu").addEventListener("click", () => chatMenu($("menu"), { openChat, openThread }));
$("world").addEventListener("click", () => worldMenu($("world"), { openChat, pickPerson }));
$("help").addEventListener("click", help);
$("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  remember("theme", root.dataset.theme);
});

addEventListener("keydown", (event) => {
  if (event.altKey && !event.ctrlKey && !event.metaKey) {
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (digit && persons()[digit - 1]) pickPerson(persons()[digit - 1].id);
    else if (step) stepChat(step);
    else return;
    event.preventDefault();
  } else if (event.key === "Escape") {
    if (document.querySelector("dialog[open]")) return;
    if (!dismiss() && !cancelContext() && loaded) compose();
  } else if (event.key === "?" && !event.target.closest?.("textarea, input, select")) help();
});

function stepChat(step) {
  const { joined, others } = chatsHere();
  const all = [...joined, ...others];
  const at = all.findIndex((chat) => chat.id === me.chat);
  openChat(all[(at + step + all.length) % all.length].id);
}

// The left column: who you are, which chats there are; and the head of the open chat.

import { $, avatar, clock, dayKey, dayName, h, icon } from "./dom.js";
import { snippet } from "./message.js";
import { chatOf, entries, inside, me, nameOf, shortName, statusOf, titleOf, unread, world } from "./store.js";

const ROLES = { creator: "owner", administrator: "administrator", member: "member", left: "outsider", kicked: "removed" };

/** Persons in the order of their ids: Alt+1 is the first. */
export const persons = () => [...world.users.values()].filter((user) => !user.is_bot).sort((a, b) => a.id - b.id);

export function roleHere(user) {
  const chat = chatOf(me.chat);
  if (!chat || chat.type === "private") return "";
  return ROLES[statusOf(chat, user)] ?? "";
}

export function drawPersons(onPick) {
  $("you-name").textContent = shortName(me.user);
  $("you-role").textContent = roleHere(me.user);
  $("you-role").hidden = !roleHere(me.user);
  const box = $("persons");
  const focus = box.contains(document.activeElement);
  box.replaceChildren(...persons().map((user, index) => {
    const on = user.id === me.user;
    const keys = index < 9 ? ` (Alt+${index + 1})` : "";
    return h(`button.person${on ? ".on" : ""}`, {
      type: "button", role: "radio", "aria-checked": String(on), tabIndex: on ? 0 : -1, "data-testid": `person-${user.id}`,
      title: `${user.name}${user.username ? ` @${user.username}` : ""}${keys}`, onclick: () => onPick(user.id),
    }, avatar(user.id, user.name), h("span.person-name", { dir: "auto" }, shortName(user.id)));
  }));
  if (focus) box.querySelector(".on")?.focus();
  box.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step || event.altKey) return;
    event.preventDefault();
    const all = persons();
    onPick(all[(all.findIndex((user) => user.id === me.user) + step + all.length) % all.length].id);
  };
}

const newest = (chat) => entries(chat.id).at(-1);

/** The chats that the person sees, the liveliest first; then groups they are not in. */
export function chatsHere() {
  const own = chatOf(me.user);
  const groups = [...world.chats.values()].filter((chat) => chat.type !== "private" && !chat.migrated_to);
  const when = (chat) => newest(chat)?.date ?? 0;
  const order = (a, b) => when(b) - when(a) || a.title.localeCompare(b.title);
  const [joined, others] = [true, false].map((wanted) => groups.filter((chat) => inside(statusOf(chat, me.user)) === wanted));
  return { joined: [...joined, own].sort(order), others: others.sort(order) };
}

export function drawChats(onPick) {
  const { joined, others } = chatsHere();
  const box = $("chats");
  const focus = document.activeElement?.dataset?.chat;
  box.replaceChildren(
    ...joined.map((chat) => chatItem(chat, onPick)),
    ...(others.length ? [h("div.divider", {}, `${shortName(me.user)} is not in`)] : []),
    ...others.map((chat) => chatItem(chat, onPick)));
  if (focus) box.querySelector(`[data-chat="${focus}"]`)?.focus();
  let total = 0;
  for (const chat of joined) total += unread(chat);
  document.title = `${total ? `(${total}) ` : ""}${chatOf(me.chat) ? titleOf(chatOf(me.chat)) : "Telegram sandbox"}`;
}

function chatItem(chat, onPick) {
  const last = newest(chat);
  const count = unread(chat);
  const on = chat.id === me.chat;
  const title = titleOf(chat);
  const who = !last || last.service || chat.type === "private" ? "" : last.from === me.user ? "You: " : `${last.is_bot ? nameOf(last.from) : last.from_name.split(" ")[0]}: `;
  const kind = chat.is_forum ? "topics" : "";
  return h(`button.chat${on ? ".on" : ""}`, {
    type: "button", "data-testid": `chat-${chat.id}`, "data-chat": String(chat.id), "aria-current": on ? "true" : null,
    onclick: () => onPick(chat.id),
  },
  avatar(chat.type === "private" ? world.bot.id : chat.id, title, chat.is_forum ? ".square" : ""),
  h("span.chat-text", {},
    h("span.line", {}, h("b", { dir: "auto" }, title), kind && h("span.kind", {}, kind), h("time", {}, last ? stamp(last.date) : "")),
    h("span.line", {}, h("span.preview", { dir: "auto" }, who && h("span.who", {}, who), last ? snippet(last) : "No messages yet"),
      count > 0 && h("span.badge", { "aria-label": `${count} unread` }, String(count)))));
}

const stamp = (date) => (dayKey(date) === dayKey(Date.now() / 1000) ? clock(date) : dayName(date));

let typing = 0;

/** Shows for a while that the bot writes. */
export function drawTyping() {
  const line = $("subtitle");
  line.textContent = `${world.bot.name} is typing…`;
  line.classList.add("typing");
  clearTimeout(typing);
  typing = setTimeout(drawHead, 5000);
}

export function drawHead() {
  clearTimeout(typing);
  const chat = chatOf(me.chat);
  $("head").classList.toggle("empty", !chat);
  if (!chat) return;
  const title = titleOf(chat);
  $("title").textContent = title;
  $("subtitle").classList.remove("typing");
  $("subtitle").textContent = subtitle(chat);
  $("head-avatar").replaceChildren(avatar(chat.type === "private" ? world.bot.id : chat.id, title, chat.is_forum ? ".square" : ""));
}

function subtitle(chat) {
  if (chat.type === "private") return chat.blocked ? "bot, blocked by you" : `bot${world.bot.username ? `, @${world.bot.username}` : ""}`;
  const people = chat.members.filter((member) => inside(member.status) && member.user !== world.bot.id).length;
  const bot = { creator: "the bot is an administrator", administrator: "the bot is an administrator", member: "the bot is a member" }[chat.bot] ?? "the bot is not here";
  const kind = chat.is_forum ? "group with topics" : chat.type === "supergroup" ? "supergroup" : "group";
  return `${kind}, ${people} ${people === 1 ? "person" : "people"}, ${bot}`;
}

/** Topics as tabs; `onPick` gets the thread, `onNew` opens one. */
export function drawTopics(onPick, onNew) {
  const chat = chatOf(me.chat);
  const bar = $("topics");
  bar.hidden = !chat?.is_forum;
  if (bar.hidden) { bar.replaceChildren(); return; }
  const focus = document.activeElement?.dataset?.thread;
  const all = [{ thread: null, name: "General", closed: false }, ...chat.topics];
  bar.replaceChildren(...all.map(({ thread, name, closed }) => {
    const on = thread === me.thread;
    const count = unread(chat, thread);
    return h(`button.topic${on ? ".on" : ""}`, {
      type: "button", role: "tab", "aria-selected": String(on), tabIndex: on ? 0 : -1, "data-testid": `topic-${thread ?? "general"}`, "data-thread": String(thread ?? 0),
      onclick: () => onPick(thread), title: closed ? `${name} (closed)` : name,
    }, closed && h("span", { "aria-label": "closed" }, "🔒 "), h("span", { dir: "auto" }, name), count > 0 && h("span.badge", {}, String(count)));
  }), h("button.topic.add", { type: "button", "aria-label": "New topic", title: "New topic", onclick: onNew }, icon("plus")));
  bar.querySelector(".on")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (focus !== undefined) bar.querySelector(`[data-thread="${focus}"]`)?.focus();
  bar.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || event.altKey) return;
    event.preventDefault();
    onPick(all[(all.findIndex((topic) => topic.thread === me.thread) + step + all.length) % all.length].thread);
    bar.querySelector(".on")?.focus();
  };
}

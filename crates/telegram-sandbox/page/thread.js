// The list of messages: keeps the place while somebody reads, follows the newest otherwise.

import { $, calm, h } from "./dom.js";
import { iconButton, picker } from "./popups.js";
import { join, messageRow, snippet } from "./message.js";
import { chatOf, entryOf, markRead, me, threadEntries, unread } from "./store.js";

const list = $("list");
const scroll = $("scroll");
const places = new Map();
let actions = {};
let sticky = true;
let shown = "";
let onRead = () => {};

const key = () => `${me.user}:${me.chat}:${me.thread ?? 0}`;
const rowOf = (id) => $(`m${id}`);

/** `on` is what a person can do with a message, `seen` is called when messages become read. */
export function startThread(on, seen) {
  actions = { ...on, jump };
  onRead = seen;
  scroll.addEventListener("scroll", scrolled, { passive: true });
  new ResizeObserver(() => { if (sticky) toBottom(); }).observe(list);
  new ResizeObserver(() => { if (sticky) toBottom(); }).observe(scroll);
  $("jump").addEventListener("click", () => toBottom(true));
  list.addEventListener("pointerover", (event) => offer(event.target.closest(".row")));
  list.addEventListener("focusin", (event) => offer(event.target.closest(".row")));
  list.addEventListener("keydown", keys);
  list.addEventListener("dblclick", (event) => {
    const row = event.target.closest(".row");
    if (row && event.target.closest(".row, .text, .bubble") === row) actions.reply(entryOf(me.chat, Number(row.dataset.id)));
  });
}

function scrolled() {
  sticky = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 48;
  places.set(key(), sticky ? null : scroll.scrollTop);
  if (sticky) seen();
  jumpButton();
}

function seen() {
  if (!sticky) return;
  markRead();
  onRead();
}

function jumpButton() {
  const chat = chatOf(me.chat);
  const count = chat && !sticky ? unread(chat, chat.is_forum ? me.thread : undefined) : 0;
  $("jump").hidden = sticky;
  $("jump-count").textContent = count > 0 ? String(count) : "";
}

export function toBottom(smoothly) {
  scroll.scrollTo({ top: scroll.scrollHeight, behavior: smoothly && !calm() ? "smooth" : "instant" });
}

/** Draws the whole list of the chat that is open. */
export function drawThread() {
  const changed = shown !== key();
  const top = scroll.scrollTop;
  shown = key();
  list.replaceChildren(...threadEntries(me.chat, me.thread).map((entry) => messageRow(entry, actions)));
  list.querySelectorAll(".row").forEach(join);
  const place = changed ? places.get(shown) ?? null : sticky ? null : top;
  sticky = place === null;
  if (sticky) toBottom();
  else scroll.scrollTop = place;
  seen();
  jumpButton();
}

const visible = (entry) => entry.chat === me.chat && (!chatOf(me.chat)?.is_forum || (entry.thread ?? null) === me.thread);

/** Draws one message that is new or changed. */
export function drawMessage(entry, fresh) {
  if (!visible(entry)) return;
  const old = rowOf(entry.message_id);
  const row = messageRow(entry, actions);
  if (old) {
    const focus = focused(old);
    old.replaceWith(row);
    if (focus) refocus(row, focus);
    if (old.contains(tools)) offer(row);
  } else {
    if (fresh) row.classList.add("fresh");
    const after = [...list.children].find((other) => Number(other.dataset.id) > entry.message_id);
    list.insertBefore(row, after ?? null);
  }
  join(row);
  join(row.previousElementSibling);
  join(row.nextElementSibling);
  if (fresh && entry.from === me.user && !entry.service) { sticky = true; toBottom(); }
  if (sticky) { toBottom(); seen(); }
  jumpButton();
}

export function dropMessage(id) {
  const row = rowOf(id);
  if (!row) return;
  const { previousElementSibling: before, nextElementSibling: after } = row;
  row.remove();
  join(before);
  join(after);
  jumpButton();
}

/** Where the focus is inside a row, in words that survive drawing it anew. */
function focused(row) {
  const at = document.activeElement;
  if (!row.contains(at)) return null;
  const keys = [...row.querySelectorAll(".key")];
  return { data: at.dataset?.key, index: keys.indexOf(at), tools: tools.contains(at) ? at : null };
}

function refocus(row, { data, index, tools: tool }) {
  if (tool) { offer(row); tool.focus({ preventScroll: true }); return; }
  const keys = [...row.querySelectorAll(".key")];
  const same = data === undefined ? null : keys.find((other) => other.dataset.key === data);
  const next = index < 0 ? null : keys[Math.min(index, keys.length - 1)];
  (same ?? next ?? row).focus({ preventScroll: true });
}

// --- going somewhere ---

export function jump(id) {
  const entry = entryOf(me.chat, id);
  if (!entry) { actions.hint("That message was deleted."); return; }
  if (chatOf(me.chat).is_forum && (entry.thread ?? null) !== me.thread) actions.openThread(entry.thread ?? null);
  const row = rowOf(id);
  if (!row) return;
  sticky = false;
  // Of a message that is higher than the view one wants to read the beginning.
  const block = row.offsetHeight > scroll.clientHeight * 0.8 ? "start" : "center";
  row.scrollIntoView({ block, behavior: calm() ? "instant" : "smooth" });
  row.classList.remove("flash");
  void row.offsetWidth;
  row.classList.add("flash");
  row.focus({ preventScroll: true });
}

export function focusLast() {
  list.querySelector(".row:last-child")?.focus();
}

// --- what can be done with the message under the pointer or the focus ---

const tools = h("div.tools", { role: "toolbar", "aria-label": "Message" },
  iconButton("reply", "Reply (R)", () => actions.reply(current())),
  iconButton("smile", "React (E)", () => react(current())),
  iconButton("more", "More", () => actions.more(current(), tools.lastElementChild)));
let owner = 0;
const current = () => entryOf(me.chat, owner);

function offer(row) {
  if (!row || row.classList.contains("service") || document.querySelector("[aria-expanded=true]")?.closest(".tools")) return;
  owner = Number(row.dataset.id);
  const bubble = row.querySelector(".bubble");
  // Moving an element takes the focus away from it.
  if (bubble && !bubble.contains(tools)) bubble.append(tools);
}

function react(entry, anchor) {
  picker(anchor ?? tools.children[1], (emoji) => actions.react(entry, emoji));
}

function keys(event) {
  const row = document.activeElement.closest?.(".row");
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    const next = event.key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
    event.preventDefault();
    if (next) next.focus();
    else if (event.key === "ArrowDown") actions.compose();
    next?.scrollIntoView({ block: "nearest" });
    return;
  }
  if (document.activeElement !== row || row.classList.contains("service")) return;
  const entry = entryOf(me.chat, Number(row.dataset.id));
  const letter = event.key.toLowerCase();
  if (letter === "r") actions.reply(entry);
  else if (letter === "e") react(entry);
  else if (letter === "p") actions.pin(entry, !entry.pinned);
  else return;
  event.preventDefault();
}

// --- what is pinned here ---

let pinAt = 0;
let pinsShown = "";

/** The bar above the messages; each click goes one pin further back. */
export function drawPinned() {
  const bar = $("pinned");
  const chat = chatOf(me.chat);
  const pins = (chat?.pinned ?? []).map((id) => entryOf(me.chat, id))
    .filter((entry) => entry && (!chat.is_forum || (entry.thread ?? null) === me.thread));
  bar.hidden = !pins.length;
  const state = `${key()} ${pins.map((entry) => entry.message_id)}`;
  if (state !== pinsShown) { pinsShown = state; pinAt = 0; }
  if (!pins.length) return;
  const index = pins.length - 1 - (pinAt % pins.length);
  const entry = pins[index];
  bar.replaceChildren(
    h("span.ticks", { "aria-hidden": "true" }, pins.map((_, at) => h(`i${at === index ? ".on" : ""}`))),
    h("span.pin-text", {}, h("b", {}, pins.length > 1 ? `Pinned message ${index + 1} of ${pins.length}` : "Pinned message"), h("span", { dir: "auto" }, snippet(entry))));
  bar.onclick = () => {
    pinAt++;
    drawPinned();
    jump(entry.message_id);
  };
}

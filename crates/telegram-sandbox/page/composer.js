// Writing: text, replies, edits, files, and the list of commands.

import { $, avatar, h, icon, size } from "./dom.js";
import { get, post, upload } from "./net.js";
import { failed, iconButton } from "./popups.js";
import { snippet } from "./message.js";
import { focusLast } from "./thread.js";
import { chatOf, commandsHere, entryOf, inside, isAdmin, me, nameOf, shortName, statusOf, world } from "./store.js";

const field = $("composer");
const drafts = new Map();
let mode = null; // {kind: "reply" | "edit", message}
let pending = null; // a file
let sending = false;
let key = "";
let hooks = {};

/** `on` has `join`, `start`, `unblock`, `openChat`, `reopen`, `persons`. */
export function startComposer(on) {
  hooks = on;
  field.addEventListener("input", () => { grow(); suggest(); });
  field.addEventListener("keydown", keys);
  field.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== field) hide(); }, 150));
  field.addEventListener("paste", (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (file) { event.preventDefault(); attach(file); }
  });
  $("send").addEventListener("click", send);
  $("slash").addEventListener("click", () => {
    if (!field.value.startsWith("/")) field.value = "/";
    field.focus();
    suggest();
  });
  $("attach").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", () => { attach($("file").files[0]); $("file").value = ""; });
  $("as").addEventListener("click", () => hooks.persons($("as")));
  const main = $("main");
  main.addEventListener("dragover", (event) => { event.preventDefault(); main.classList.add("drop"); });
  main.addEventListener("dragleave", (event) => { if (!main.contains(event.relatedTarget)) main.classList.remove("drop"); });
  main.addEventListener("drop", (event) => {
    event.preventDefault();
    main.classList.remove("drop");
    attach(event.dataTransfer?.files[0]);
  });
}

export const compose = () => field.focus();

export function write(text) {
  field.value = text;
  grow();
  field.focus();
  field.setSelectionRange(text.length, text.length);
  suggest();
}

function grow() {
  field.style.height = "0";
  field.style.height = `${Math.min(field.scrollHeight, 180)}px`;
  $("send").disabled = !field.value.trim() && !pending;
}

/** Draws the foot for the person and chat that are open; each keeps a draft of its own. */
export function drawComposer() {
  const now = `${me.user}:${me.chat}:${me.thread ?? 0}`;
  if (now !== key) {
    if (key) drafts.set(key, field.value);
    key = now;
    field.value = drafts.get(key) ?? "";
    mode = null;
    pending = null;
    hide();
  }
  field.placeholder = `Message as ${shortName(me.user)}`;
  $("as").replaceChildren(avatar(me.user, nameOf(me.user)));
  $("as").title = `You write as ${nameOf(me.user)}`;
  $("as").setAttribute("aria-label", `You write as ${nameOf(me.user)}. Choose another person`);
  const instead = hurdle(chatOf(me.chat));
  $("bar").hidden = Boolean(instead);
  $("instead").hidden = !instead;
  $("instead").replaceChildren(...(instead ?? []));
  drawContext();
  grow();
}

/** What stands in the way of writing, with the button that removes it. */
function hurdle(chat) {
  if (!chat) return [];
  const line = (text, label, run) => [h("span", {}, text), h("button.action", { type: "button", onclick: run }, label)];
  if (chat.migrated_to) return line("This group became a supergroup.", "Open it", () => hooks.openChat(chat.migrated_to));
  if (chat.type === "private") {
    if (chat.blocked) return line("You have blocked the bot.", "Unblock", hooks.unblock);
    if (!chat.started) return line(`Nothing said to ${world.bot.name} yet.`, "Start", () => hooks.say("/start"));
    return null;
  }
  if (!inside(statusOf(chat, me.user))) return line(`${shortName(me.user)} is not in this group.`, "Join", hooks.join);
  const topic = chat.topics.find((each) => each.thread === me.thread);
  if (topic?.closed && isAdmin(statusOf(chat, me.user))) return line("This topic is closed.", "Reopen", hooks.reopen);
  return topic?.closed ? [h("span", {}, "This topic is closed.")] : null;
}

// --- reply, edit, file ---

export function replyTo(entry) {
  mode = { kind: "reply", message: entry.message_id };
  drawContext();
  field.focus();
}

export function editMessage(entry) {
  mode = { kind: "edit", message: entry.message_id };
  pending = null;
  write(entry.text);
  drawContext();
}

function attach(file) {
  if (!file || $("bar").hidden) return;
  pending = file;
  if (mode?.kind === "edit") mode = null;
  drawContext();
  grow();
  field.focus();
}

const picture = (file) => /^image\/(png|jpeg)$/.test(file.type);

export function drawContext() {
  const box = $("context");
  const lines = [];
  if (mode) {
    const entry = entryOf(me.chat, mode.message);
    if (!entry) mode = null;
    else {
      const title = mode.kind === "edit" ? "Edit message" : `Reply to ${entry.from === me.user ? "yourself" : entry.from_name}`;
      lines.push(contextLine(mode.kind === "edit" ? "edit" : "reply", title, snippet(entry), () => {
        if (mode?.kind === "edit") field.value = "";
        mode = null;
        drawContext();
        grow();
      }));
    }
  }
  if (pending) {
    lines.push(contextLine("file", pending.name || "Picture", `${size(pending.size)}${picture(pending) ? ", sent as a photo" : ""}`, () => { pending = null; drawContext(); grow(); }));
  }
  box.hidden = !lines.length || $("bar").hidden;
  box.replaceChildren(...lines);
}

function contextLine(sign, title, text, cancel) {
  return h("div.context-line", {}, icon(sign), h("span.context-text", {}, h("b", { dir: "auto" }, title), h("span", { dir: "auto" }, text)),
    iconButton("close", "Cancel", () => { cancel(); field.focus(); }));
}

async function send() {
  const text = field.value.trim();
  if (sending || (!text && !pending)) return;
  const { chat, user, thread } = me;
  const reply_to = mode?.kind === "reply" ? mode.message : undefined;
  const was = { text: field.value, mode, pending };
  sending = true;
  field.value = "";
  mode = null;
  pending = null;
  drafts.delete(key);
  hide();
  drawContext();
  grow();
  try {
    if (was.mode?.kind === "edit") await post(`chats/${chat}/edit`, { user, message_id: was.mode.message, text });
    else if (was.pending) await upload(chat, was.pending, { user, caption: text, reply_to, thread, photo: picture(was.pending) });
    else await post(`chats/${chat}/say`, { user, text, reply_to, thread: thread ?? undefined });
  } catch (error) {
    failed(error);
    // Nothing is lost: the text comes back, unless somebody has begun another.
    if (!field.value && me.chat === chat) { field.value = was.text; mode = was.mode; pending = was.pending; drawContext(); grow(); }
  } finally {
    sending = false;
  }
}

/** Drops a reply or a file; says whether there was one. */
export function cancelContext() {
  if (hide()) return true;
  if (!mode && !pending) return false;
  if (mode?.kind === "edit") field.value = "";
  mode = null;
  pending = null;
  drawContext();
  grow();
  return true;
}

// --- commands ---

let options = [];
let chosen = -1;

function hide() {
  const was = !$("commands").hidden;
  $("commands").hidden = true;
  field.removeAttribute("aria-activedescendant");
  options = [];
  chosen = -1;
  return was;
}

let fetched = 0;

/** The bot may have set other commands since the page was loaded. */
async function refresh() {
  if (Date.now() - fetched < 3000) return;
  fetched = Date.now();
  try {
    world.commands = (await get("state")).commands;
    suggest();
  } catch { /* the old list will do */ }
}

function suggest() {
  const match = /^\/([a-z0-9_]*)$/i.exec(field.value);
  if (!match || document.activeElement !== field) { hide(); return; }
  refresh();
  const start = match[1].toLowerCase();
  const all = commandsHere();
  options = all.filter((each) => each.command.startsWith(start));
  if (start && !options.length) options = all.filter((each) => each.command.includes(start) || each.description.toLowerCase().includes(start));
  if (!options.length) { hide(); return; }
  chosen = -1;
  $("commands").replaceChildren(...options.map((each, index) => h("div.option", {
    id: `option-${index}`, role: "option", "aria-selected": "false",
    onpointerdown: (event) => { event.preventDefault(); complete(index); },
  }, h("b", {}, `/${each.command}`), h("span", { dir: "auto" }, each.description))));
  $("commands").hidden = false;
  $("commands").scrollTop = 0;
}

function choose(index) {
  chosen = (index + options.length) % options.length;
  [...$("commands").children].forEach((element, at) => {
    element.setAttribute("aria-selected", String(at === chosen));
    if (at === chosen) element.scrollIntoView({ block: "nearest" });
  });
  field.setAttribute("aria-activedescendant", `option-${chosen}`);
}

function complete(index) {
  const { command } = options[index];
  write(`/${command} `);
  hide();
}

function keys(event) {
  if (event.isComposing) return;
  if (options.length && listKeys(event)) { event.preventDefault(); return; }
  if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    send();
  } else if (event.key === "ArrowUp" && !field.value && !event.altKey) {
    event.preventDefault();
    focusLast();
  }
}

function listKeys({ key: pressed, altKey, shiftKey }) {
  if (altKey) return false;
  if (pressed === "ArrowDown") choose(chosen + 1);
  else if (pressed === "ArrowUp") choose(chosen < 0 ? options.length - 1 : chosen - 1);
  else if (pressed === "Tab" && !shiftKey) complete(Math.max(chosen, 0));
  else if (pressed === "Enter" && chosen >= 0) complete(chosen);
  else return false;
  return true;
}

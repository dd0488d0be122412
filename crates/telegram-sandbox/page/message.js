// One message as an element.

import { avatar, clock, colour, dayKey, dayName, h, icon, size } from "./dom.js";
import { fileUrl } from "./net.js";
import { rich, safeUrl } from "./rich.js";
import { chatOf, entryOf, isAdmin, me, statusOf } from "./store.js";

/** Presses that wait for the bot: `message:data`. */
export const waiting = new Map();
export const waitKey = (chat, message, data) => `${chat}:${message}:${data}`;

/** Words for a message in one line: for replies, pins and the list of chats. */
export function snippet(entry) {
  if (!entry) return "Deleted message";
  if (entry.service) return entry.service_text ?? entry.service;
  const text = hideSpoilers(entry).replace(/\s+/g, " ").trim();
  if (entry.file) return [entry.file.photo ? "🖼" : "📎", text || (entry.file.photo ? "Photo" : entry.file.name)].join(" ");
  return text || "Message";
}

function hideSpoilers(entry) {
  let text = entry.text;
  for (const { type, offset, length } of entry.entities) {
    if (type === "spoiler") text = text.slice(0, offset) + "▒".repeat(length) + text.slice(offset + length);
  }
  return text;
}

/** Draws a message. `on` has what the person can do with it. */
export function messageRow(entry, on) {
  const own = entry.from === me.user && !entry.service;
  const kind = entry.service ? ".service" : own ? ".own" : "";
  const row = h(`article.row${kind}`, {
    id: `m${entry.message_id}`, tabIndex: -1,
    "data-testid": `message-${entry.message_id}`, "data-version": String(entry.edits),
    "data-id": String(entry.message_id), "data-from": String(entry.from ?? 0), "data-date": String(entry.date),
    "aria-label": `${own ? "You" : entry.from_name}, ${clock(entry.date)}`,
  });
  row.append(h("div.day", {}, h("span", {}, dayName(entry.date))));
  if (entry.service) {
    row.append(h("div.note", {}, h("span", { dir: "auto" }, entry.service_text ?? entry.service)));
    return row;
  }
  const grouped = chatOf(entry.chat)?.type !== "private";
  if (!own && grouped) row.append(avatar(entry.from ?? entry.chat, entry.from_name));
  row.append(h("div.stack", {}, bubble(entry, own, grouped, on), keyboard(entry, on)));
  return row;
}

function bubble(entry, own, grouped, on) {
  const inner = h(`div.bubble${entry.keyboard.length ? ".wide" : ""}`);
  if (!own && grouped) inner.append(sender(entry));
  if (entry.reply_to) inner.append(quote(entry, on));
  if (entry.file) inner.append(attachment(entry.file));
  const text = h("div.text", {}, rich(entry.text, entry.entities, `${entry.chat}:${entry.message_id}`, on.command), meta(entry));
  text.classList.toggle("bare", !entry.text);
  inner.append(text);
  if (entry.reactions.length) inner.append(reactions(entry, on));
  return inner;
}

function sender(entry) {
  const status = entry.from === null ? "" : statusOf(chatOf(entry.chat), entry.from);
  const label = entry.is_bot ? "bot" : status === "creator" ? "owner" : isAdmin(status) ? "admin" : "";
  return h("div.sender", {}, h(`span.name.n${colour(entry.from ?? entry.chat)}`, { dir: "auto" }, entry.from_name), label && h("span.label", {}, label));
}

function quote(entry, on) {
  const target = entryOf(entry.chat, entry.reply_to);
  const who = target ? (target.service ? "" : target.from_name) : "";
  return h(`button.quote.n${colour(target?.from ?? 0)}`, { type: "button", title: "Go to that message", onclick: () => on.jump(entry.reply_to) },
    who && h("b", { dir: "auto" }, who), h("span", { dir: "auto" }, snippet(target)));
}

function attachment(file) {
  const href = fileUrl(file.file_id);
  if (file.photo) {
    const image = h("img", { src: href, alt: file.name, loading: "eager" });
    image.addEventListener("error", () => image.closest("a").classList.add("broken"));
    return h("a.photo", { href, target: "_blank", rel: "noopener", title: file.name }, image);
  }
  return h("a.file", { href, download: file.name },
    h("span.file-icon", {}, icon("file")),
    h("span.file-text", {}, h("b", { dir: "auto" }, file.name), h("small", {}, size(file.size))));
}

function meta(entry) {
  return h("span.meta", { title: new Date(entry.date * 1000).toLocaleString("en-GB") },
    entry.silent && h("span.sign", { title: "Sent without a sound" }, icon("mute")),
    entry.pinned && h("span.sign", { title: "Pinned" }, icon("pin")),
    entry.edits > 0 && "edited ", clock(entry.date));
}

function reactions(entry, on) {
  const groups = new Map();
  for (const reaction of entry.reactions) {
    groups.set(reaction.emoji, [...(groups.get(reaction.emoji) ?? []), reaction]);
  }
  return h("div.reactions", {}, [...groups].map(([emoji, list]) => {
    const mine = list.some((reaction) => reaction.by === me.user);
    const names = list.map((reaction) => reaction.by_name).join(", ");
    return h(`button.chip${mine ? ".mine" : ""}`, {
      type: "button", title: names, "aria-pressed": String(mine), "aria-label": `${emoji} from ${names}`,
      onclick: () => on.react(entry, mine ? "" : emoji),
    }, h("span.emoji", {}, emoji), list.length > 1 ? h("span", {}, String(list.length)) : avatar(list[0].by, list[0].by_name));
  }));
}

function keyboard(entry, on) {
  if (!entry.keyboard.length) return null;
  return h("div.keyboard", { role: "group", "aria-label": "Buttons" },
    entry.keyboard.map((row) => h("div.keys", {}, row.map((button) => key(entry, button, on)))));
}

function key(entry, button, on) {
  const style = ["primary", "success", "danger"].includes(button.style) ? `.${button.style}` : "";
  const common = { "data-testid": "button", dir: "auto" };
  if (button.disabled) {
    return h(`button.key.off${style}`, { ...common, type: "button", "aria-disabled": "true", onclick: () => on.hint("This button is off at the moment.") }, button.text);
  }
  if (button.url) {
    const href = safeUrl(button.url);
    return h(`a.key.out${style}`, { ...common, ...(href ? { href, target: "_blank", rel: "noopener noreferrer" } : {}), title: button.url }, button.text);
  }
  if (button.copy_text) {
    return h(`button.key.copy${style}`, { ...common, type: "button", title: `Copy: ${button.copy_text.text}`, onclick: () => on.copy(button.copy_text.text) }, button.text);
  }
  const data = button.callback_data ?? "";
  const busy = waiting.has(waitKey(entry.chat, entry.message_id, data));
  return h(`button.key${style}${busy ? ".busy" : ""}`, {
    ...common, type: "button", "data-key": data, "aria-busy": String(busy),
    onclick: () => on.press(entry, data),
  }, button.text);
}

/** Joins a message with its neighbours: one name and one picture for a run of messages by the same person. */
export function join(row) {
  if (!row) return;
  const before = neighbour(row, "previousElementSibling");
  const after = neighbour(row, "nextElementSibling");
  row.classList.toggle("new-day", !before || dayKey(before.dataset.date) !== dayKey(row.dataset.date));
  row.classList.toggle("first", !together(before, row));
  row.classList.toggle("last", !together(row, after));
}

const neighbour = (row, side) => (row[side]?.classList.contains("row") ? row[side] : null);

function together(a, b) {
  if (!a || !b || a.classList.contains("service") || b.classList.contains("service")) return false;
  return a.dataset.from === b.dataset.from && b.dataset.date - a.dataset.date < 300 && dayKey(a.dataset.date) === dayKey(b.dataset.date);
}

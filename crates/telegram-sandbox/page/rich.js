// Text with entities → elements. Offsets are UTF-16 units, that is, JavaScript string indices.

import { h } from "./dom.js";

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

/** Spoilers that were opened and quotes that were unfolded stay so while messages are drawn anew. */
const opened = new Set();

/** Builds the nodes of a text. `key` names the message, `onCommand` gets a command that was clicked. */
export function rich(text, entities, key, onCommand) {
  const sorted = entities
    .filter((entity) => entity.length > 0 && entity.offset >= 0 && entity.offset < text.length)
    .map((entity) => ({ ...entity, end: Math.min(entity.offset + entity.length, text.length) }))
    .sort((a, b) => a.offset - b.offset || b.end - a.end || BLOCKS.has(b.type) - BLOCKS.has(a.type));
  return range(text, 0, text.length, sorted, { key, onCommand });
}

function range(text, start, end, entities, context) {
  const nodes = [];
  let at = start;
  let rest = entities;
  while (rest.length) {
    const [entity, ...others] = rest;
    const until = Math.min(entity.end, end);
    const from = Math.max(entity.offset, at);
    const within = [];
    const after = [];
    for (const other of others) {
      if (other.offset >= until) after.push(other);
      else {
        within.push(other);
        // What reaches over the edge goes on behind it.
        if (other.end > until) after.unshift({ ...other, offset: until });
      }
    }
    rest = after.sort((a, b) => a.offset - b.offset);
    if (from >= until) continue;
    const block = BLOCKS.has(entity.type);
    let before = text.slice(at, from);
    // A block stands on lines of its own: the line breaks around it are already there.
    if (block) before = before.replace(/\n$/, "");
    if (before) nodes.push(before);
    nodes.push(element(entity, text, from, until, within, context));
    at = until;
    if (block && text[at] === "\n") at++;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

const PLAIN = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code",
  mention: "span.mention", hashtag: "span.mention", cashtag: "span.mention", text_mention: "span.mention", phone_number: "span.mention",
};

function element(entity, text, from, until, within, context) {
  const children = () => range(text, from, until, within, context);
  const raw = text.slice(from, until);
  const key = `${context.key}:${entity.type}:${entity.offset}`;
  switch (entity.type) {
    case "spoiler": return spoiler(children(), key);
    case "pre": return h("pre", { "data-language": entity.language || null }, h("code", {}, children()));
    case "blockquote": return h("blockquote", {}, children());
    case "expandable_blockquote": return foldable(children(), raw, key);
    case "text_link": return link(entity.url, children());
    case "url": return link(raw, children());
    case "email": return link(`mailto:${raw}`, children());
    case "date_time": return time(entity, raw);
    case "bot_command":
      return h("button.command", { type: "button", title: `Write ${raw}`, onclick: () => context.onCommand(raw) }, raw);
    default: return PLAIN[entity.type] ? h(PLAIN[entity.type], {}, children()) : h("span", {}, children());
  }
}

/** Only the web and mail; anything else stays text. */
export function safeUrl(url) {
  const full = /^[a-z][a-z0-9+.-]*:/i.test(url) ? url : `https://${url}`;
  try {
    const parsed = new URL(full);
    return ["http:", "https:", "mailto:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

function link(url, children) {
  const href = safeUrl(url ?? "");
  if (!href) return h("span.mention", {}, children);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer", title: href }, children);
}

function spoiler(children, key) {
  const element = h("span.spoiler", { role: "button", tabIndex: 0, "aria-label": "Hidden text: press to show" }, h("span.veiled", {}, children));
  const show = () => {
    opened.add(key);
    element.classList.add("open");
    element.removeAttribute("role");
    element.removeAttribute("tabindex");
    element.removeAttribute("aria-label");
  };
  if (opened.has(key)) show();
  element.addEventListener("click", show);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(); }
  });
  return element;
}

function foldable(children, raw, key) {
  const body = h("div.fold", {}, children);
  const quote = h("blockquote", {}, body);
  // Three lines are shown anyway.
  if (raw.split("\n").length <= 3 && raw.length < 180) return quote;
  const toggle = h("button.unfold", { type: "button" });
  const draw = () => {
    const open = opened.has(key);
    quote.classList.toggle("folded", !open);
    toggle.textContent = open ? "Show less" : "Show more";
    toggle.setAttribute("aria-expanded", String(open));
  };
  toggle.addEventListener("click", () => {
    if (!opened.delete(key)) opened.add(key);
    draw();
  });
  draw();
  quote.append(toggle);
  return quote;
}

const LOCALE = "en-GB";

function relative(seconds) {
  const away = seconds - Date.now() / 1000;
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const units = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, length] = units.find(([, each]) => Math.abs(away) >= each) ?? units[3];
  return format.format(Math.round(away / length), unit);
}

/** The reader's local time in the form the bot asked for; without a form the bot's own words stay. */
function time(entity, raw) {
  const moment = new Date(entity.unix_time * 1000);
  const form = entity.date_time_format ?? "";
  const options = {};
  if (form.includes("w")) options.weekday = "short";
  if (form.includes("d")) Object.assign(options, { day: "2-digit", month: "2-digit", year: "numeric" });
  if (form.includes("D")) Object.assign(options, { day: "numeric", month: "long", year: "numeric" });
  if (/t/i.test(form)) Object.assign(options, { hour: "2-digit", minute: "2-digit" });
  if (form.includes("T")) options.second = "2-digit";
  const shown = () => {
    if (form.includes("r")) return relative(entity.unix_time);
    return Object.keys(options).length ? moment.toLocaleString(LOCALE, options) : raw;
  };
  const element = h("time", { dateTime: Number.isNaN(+moment) ? "" : moment.toISOString(), title: moment.toLocaleString(LOCALE, { dateStyle: "full", timeStyle: "medium" }) }, shown());
  if (form.includes("r")) element.dataset.relative = entity.unix_time;
  return element;
}

setInterval(() => {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    element.textContent = relative(Number(element.dataset.relative));
  }
}, 30_000);

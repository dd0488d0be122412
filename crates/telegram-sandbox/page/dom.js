// Small helpers to build elements. Text from outside only ever enters as text nodes.

import { world } from "./store.js";

export const $ = (id) => document.getElementById(id);

/** `h("button.key", {type: "button", onclick}, "text", child, …)`; properties with a dash become attributes. */
export function h(what, properties = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value === true ? "" : value);
    else element[name] = value;
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** A round picture with initials; its colour follows from the id. */
export function avatar(id, name, extra = "") {
  const words = name.split(/\s+/).filter((word) => /\p{L}|\p{N}/u.test(word));
  const first = (word) => [...letters.segment(word.replace(/^[^\p{L}\p{N}]+/u, ""))][0]?.segment ?? "";
  const initials = words.slice(0, 2).map(first).join("").toUpperCase() || "?";
  return h(`span.avatar.c${colour(id)}${extra}`, { "aria-hidden": "true" }, initials);
}

/** One of seven colours for people and groups; the bot has its own. */
export const colour = (id) => (id === world.bot.id ? "b" : Math.abs(id) % 7);

const pad = (number) => String(number).padStart(2, "0");

export function clock(seconds) {
  const date = new Date(seconds * 1000);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

export const dayKey = (seconds) => new Date(seconds * 1000).toDateString();

export function dayName(seconds) {
  const date = new Date(seconds * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "long" });
}

export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Runs `work` once, soon, however often it is asked for. */
export function soon(work) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => { waiting = false; work(); }, 10);
  };
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

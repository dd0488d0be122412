// Everything that opens above the page and closes with Escape: toasts, alerts, menus, forms, the reaction picker.

import { $, h, icon } from "./dom.js";

let fading = 0;

/** A small bar that fades by itself. */
export function toast(text, link) {
  const bar = h("div.toast", { "data-testid": "toast" }, h("span", { dir: "auto" }, text),
    link && h("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, "Open"));
  $("toasts").replaceChildren(bar);
  clearTimeout(fading);
  fading = setTimeout(() => {
    bar.classList.add("gone");
    fading = setTimeout(() => bar.remove(), 400);
  }, Math.min(9000, 3000 + text.length * 45));
}

export const failed = (error) => toast(error.message);

function dialog(kind, label, content, testid) {
  const back = document.activeElement;
  const element = h(`dialog.${kind}`, { "aria-label": label, "data-testid": testid }, content);
  element.addEventListener("click", (event) => { if (event.target === element) element.close(); });
  element.addEventListener("close", () => {
    element.remove();
    if (back?.isConnected) back.focus();
  });
  $("layer").append(element);
  element.showModal();
  return element;
}

/** The bot's alert: stays until it is closed. */
export function alertBox(title, text, link) {
  const ok = h("button.action", { type: "button", autofocus: true, onclick: () => box.close() }, "OK");
  const box = dialog("alert", title, [h("h2", { dir: "auto" }, title), h("p", { dir: "auto" }, text),
    h("div.actions", {}, link && h("a.action.flat", { href: link, target: "_blank", rel: "noopener noreferrer" }, "Open"), ok)], "alert");
}

/** Questions with fields `{name, label, value?, options?: [[value, label]], note?}`; resolves with the answers, or null. */
export function form(title, fields, submit) {
  return new Promise((resolve) => {
    const inputs = new Map();
    const rows = fields.map((field) => {
      const input = field.options
        ? h("select", {}, field.options.map(([value, label]) => h("option", { value }, label)))
        : h("input", { type: "text", value: field.value ?? "", autocomplete: "off", maxLength: 128, dir: "auto", placeholder: field.note ?? "" });
      inputs.set(field.name, input);
      return h("label", {}, h("span", {}, field.label), input);
    });
    let answers = null;
    const send = h("button.action", { type: "submit" }, submit);
    const body = h("form", {}, h("h2", {}, title), rows, h("div.actions", {},
      h("button.action.flat", { type: "button", onclick: () => box.close() }, "Cancel"), send));
    body.addEventListener("submit", (event) => {
      event.preventDefault();
      answers = Object.fromEntries([...inputs].map(([name, input]) => [name, input.value.trim()]));
      box.close();
    });
    const box = dialog("sheet", title, body);
    box.addEventListener("close", () => resolve(answers));
    inputs.values().next().value?.focus();
  });
}

/** Content of one's own in a dialog with a closing button. */
export function sheet(title, content) {
  const box = dialog("sheet", title, h("div", {}, h("h2", {}, title), content,
    h("div.actions", {}, h("button.action", { type: "button", autofocus: true, onclick: () => box.close() }, "Close"))));
  return box;
}

let open = null;

function closePopover(focus) {
  if (!open) return false;
  const { element, anchor } = open;
  open = null;
  element.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (focus && anchor.isConnected) anchor.focus();
  return true;
}

function popover(anchor, element) {
  closePopover(false);
  $("layer").append(element);
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = element;
  const left = Math.max(8, Math.min(at.right - width, innerWidth - width - 8));
  const below = at.bottom + 6;
  const top = below + height < innerHeight - 8 ? below : Math.max(8, at.top - height - 6);
  element.style.left = `${Math.round(at.left + width < innerWidth - 8 && at.left < innerWidth / 2 ? Math.max(8, at.left) : left)}px`;
  element.style.top = `${Math.round(top)}px`;
  anchor.setAttribute("aria-expanded", "true");
  open = { element, anchor };
  element.addEventListener("keydown", (event) => move(event, element));
  element.querySelector("button:not([disabled])")?.focus();
}

function move(event, element) {
  const items = [...element.querySelectorAll("button:not([disabled])")];
  const at = items.indexOf(document.activeElement);
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  if (steps[event.key]) items[(at + steps[event.key] + items.length) % items.length]?.focus();
  else if (event.key === "Home") items[0]?.focus();
  else if (event.key === "End") items.at(-1)?.focus();
  else if (event.key === "Tab") closePopover(true);
  else return;
  event.preventDefault();
}

/** A menu of `{label, run, note?, danger?, off?}`, headings as plain strings, falsy entries left out. */
export function menu(anchor, items, label) {
  if (open?.anchor === anchor) { closePopover(true); return; }
  const list = h("div.menu", { role: "menu", "aria-label": label }, items.filter(Boolean).map((item) => {
    if (typeof item === "string") return h("div.menu-title", {}, item);
    return h(`button.menu-item${item.danger ? ".danger" : ""}`, {
      type: "button", role: "menuitem", disabled: item.off,
      onclick: () => { closePopover(true); item.run(); },
    }, item.icon ?? null, h("span", { dir: "auto" }, item.label), item.note && h("small", {}, item.note));
  }));
  popover(anchor, list);
}

const EMOJI = ["👍", "👌", "👀", "🔥", "🫡", "🙏", "❤", "🎉", "✍", "🤔", "😱", "👎"];

/** Calls `pick` with an emoji. */
export function picker(anchor, pick) {
  if (open?.anchor === anchor) { closePopover(true); return; }
  popover(anchor, h("div.picker", { role: "menu", "aria-label": "Reactions" }, EMOJI.map((emoji) => h("button.emoji", {
    type: "button", role: "menuitem", "aria-label": emoji, onclick: () => { closePopover(true); pick(emoji); },
  }, emoji))));
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.element.contains(event.target) && !open.anchor.contains(event.target)) closePopover(false);
});
addEventListener("resize", () => closePopover(false));

/** Closes what is open above the page; says whether there was something. */
export const dismiss = () => closePopover(true) || Boolean(document.querySelector("dialog[open]"));

export const iconButton = (name, label, onclick) => h("button.icon", { type: "button", "aria-label": label, title: label, onclick }, icon(name));

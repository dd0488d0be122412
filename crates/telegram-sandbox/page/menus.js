// The menus that move the world, the welcome and the page of keys.

import { $, h } from "./dom.js";
import { post } from "./net.js";
import { failed, form, menu, sheet, toast } from "./popups.js";
import { chatOf, inside, isAdmin, me, nameOf, recall, remember, shortName, statusOf, world } from "./store.js";
import { persons } from "./sidebar.js";

const attempt = (work) => work.catch(failed);
const chatPost = (what, body) => post(`chats/${me.chat}/${what}`, { user: me.user, ...body });

export const changeBot = (action) => attempt(chatPost("bot", { action }));
export const changeMember = (user, action) => attempt(post(`chats/${me.chat}/members`, { user, action }));
export const changeTopic = (action) => attempt(chatPost(`topics/${me.thread}`, { action }));

export async function newTopic(openThread) {
  const answers = await form("New topic", [{ name: "name", label: "Name", note: "Payments are failing" }], "Create");
  if (!answers?.name) return;
  await attempt(chatPost("topics", { name: answers.name }).then(({ thread }) => openThread(thread)));
}

/** The menu of the open chat. */
export function chatMenu(anchor, on) {
  const chat = chatOf(me.chat);
  if (!chat) return;
  const items = chat.type === "private" ? privateItems(chat) : groupItems(chat, on);
  menu(anchor, items, "This chat");
}

function privateItems(chat) {
  return [chat.blocked
    ? { label: "Unblock the bot", run: () => changeBot("unblock") }
    : { label: "Block the bot", danger: true, run: () => changeBot("block") }];
}

function groupItems(chat, on) {
  const here = inside(chat.bot);
  const admin = isAdmin(chat.bot);
  const mine = statusOf(chat, me.user);
  const topic = chat.topics.find((each) => each.thread === me.thread);
  return [
    "The bot",
    !here && { label: "Add the bot", run: () => changeBot("add") },
    !admin && { label: "Make the bot an administrator", run: () => changeBot("promote") },
    admin && { label: "Take the bot's rights away", run: () => changeBot("demote") },
    here && { label: "Remove the bot", danger: true, run: () => changeBot("kick") },
    "The group",
    { label: "Members…", run: () => members() },
    !inside(mine) && { label: `Join as ${shortName(me.user)}`, run: () => changeMember(me.user, "join") },
    inside(mine) && { label: `Leave as ${shortName(me.user)}`, run: () => changeMember(me.user, "leave") },
    chat.type === "group" && !chat.migrated_to && { label: "Turn into a supergroup", run: () => attempt(chatPost("migrate").then(({ chat: next }) => on.openChat(next))) },
    ...(chat.is_forum ? ["Topics",
      { label: "New topic…", run: () => newTopic(on.openThread) },
      topic && { label: topic.closed ? "Reopen this topic" : "Close this topic", run: () => changeTopic(topic.closed ? "reopen" : "close") },
      topic && { label: "Delete this topic", danger: true, run: () => changeTopic("delete").then(() => on.openThread(null)) },
    ] : []),
  ];
}

function members() {
  const chat = me.chat;
  const list = h("div.members");
  const draw = () => list.replaceChildren(...persons().map((user) => {
    const status = statusOf(chatOf(chat), user.id);
    const choose = h("select", { "aria-label": user.name, disabled: status === "creator" }, [
      ["left", "not a member"], ["member", "member"], ["administrator", "administrator"], ...(status === "creator" ? [["creator", "owner"]] : []),
    ].map(([value, label]) => h("option", { value, selected: value === status || (value === "left" && !inside(status)) }, label)));
    choose.addEventListener("change", async () => {
      const action = { left: "leave", member: inside(status) ? "demote" : "join", administrator: "promote" }[choose.value];
      await changeMember(user.id, action);
      setTimeout(draw, 150);
    });
    return h("label.member", {}, h("span", { dir: "auto" }, user.name), choose);
  }));
  draw();
  sheet(`Members of ${chatOf(chat).title}`, list);
}

/** New persons and groups. */
export function worldMenu(anchor, on) {
  menu(anchor, [
    { label: "New person…", run: () => newPerson(on) },
    { label: "New group…", run: () => newGroup(on) },
  ], "New");
}

async function newPerson(on) {
  const answers = await form("New person", [
    { name: "first_name", label: "Name", note: "Dana" }, { name: "username", label: "Username", note: "dana, may be empty" },
  ], "Create");
  if (!answers?.first_name) return;
  const username = answers.username.replace(/^@/, "") || null;
  await attempt(post("users", { first_name: answers.first_name, username, language_code: "en" }).then(({ id }) => on.pickPerson(id)));
}

async function newGroup(on) {
  const answers = await form("New group", [
    { name: "title", label: "Name", note: "War room" },
    { name: "kind", label: "Kind", options: [["group", "Group"], ["supergroup", "Supergroup"], ["forum", "Group with topics"]] },
    { name: "members", label: "Members", options: [["all", "Everybody there is"], ["me", `${shortName(me.user)} alone`]] },
    { name: "bot", label: "The bot", options: [["administrator", "is an administrator"], ["member", "is a member"], ["", "is not there"]] },
  ], "Create");
  if (!answers?.title) return;
  const others = answers.members === "all" ? persons().map((user) => user.id).filter((id) => id !== me.user) : [];
  await attempt(post("chats", { title: answers.title, kind: answers.kind, owner: me.user, members: others, bot: answers.bot || undefined }).then(({ id }) => on.openChat(id)));
}

/** What else can be done with a message. */
export function messageMenu(entry, anchor, on) {
  const own = entry.from === me.user;
  menu(anchor, [
    { label: "Copy the text", run: () => copy(entry.text), off: !entry.text },
    { label: entry.pinned ? "Unpin" : "Pin", run: () => on.pin(entry, !entry.pinned) },
    own && { label: "Edit", run: () => on.edit(entry), off: !entry.text },
    { label: "Delete", danger: true, run: () => attempt(chatPost("delete", { message_id: entry.message_id })) },
    `message ${entry.message_id}${entry.edits ? `, edited ${entry.edits} ×` : ""}`,
  ], "Message");
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    const area = h("textarea.quiet", { value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    toast(done ? "Copied" : "The browser refused to copy.");
  }
}

/** Everybody, to write as somebody else. */
export function personMenu(anchor, pick) {
  menu(anchor, ["Write as", ...persons().map((user, index) => ({
    label: user.name, note: index < 9 ? `Alt+${index + 1}` : "", run: () => pick(user.id),
  }))], "Write as");
}

// --- the welcome ---

/** Tells a newcomer what to do first; gone once closed, or once somebody has spoken here. */
export function drawHint(write) {
  const chat = chatOf(me.chat);
  const spoken = [...(world.messages.get(me.chat)?.values() ?? [])].some((entry) => !entry.is_bot && !entry.service);
  const box = $("hint");
  if (!chat || chat.type === "private" || spoken || recall("welcomed") || !inside(statusOf(chat, me.user))) { box.replaceChildren(); return; }
  if (box.firstChild) return;
  const suggest = (text) => h("button.try", { type: "button", onclick: () => write(text) }, h("code", {}, text));
  box.replaceChildren(h("section.welcome", { "aria-label": "Welcome" },
    h("h2", {}, inside(chat.bot) ? "Declare your first incident" : "Add the bot first"),
    inside(chat.bot)
      ? h("p", {}, "This chat is a rehearsal room: nobody outside sees it. Write, and the bot answers as it would in Telegram.")
      : h("p", {}, "Nobody answers here yet. Open the menu at the top right and choose “Add the bot”."),
    inside(chat.bot) && h("p.tries", {}, suggest("/declare P1 key leaked"), suggest("/help")),
    h("p.small", {}, `You are ${nameOf(me.user)}. Press `, h("kbd", {}, "Alt"), " ", h("kbd", {}, "2"), " to become the next person, or click a picture at the top left."),
    h("button.action.flat", { type: "button", onclick: () => { remember("welcomed", "1"); box.replaceChildren(); } }, "Got it")));
}

const KEYS = [
  [["Alt", "1…9"], "become another person"], [["Alt", "↑ ↓"], "go through the chats"], [["/"], "list the commands; Tab completes"],
  [["Enter"], "send; Shift+Enter begins a new line"], [["↑"], "from the empty field into the messages"], [["R"], "reply to the message"],
  [["E"], "react to it"], [["P"], "pin it"], [["Tab"], "reach its buttons"], [["Esc"], "close, cancel, back to writing"],
];

export function help() {
  sheet("Keys and tips", [
    h("dl.keys-help", {}, KEYS.map(([keys, what]) => [h("dt", {}, keys.map((each) => h("kbd", {}, each))), h("dd", {}, what)]).flat()),
    h("p.small", {}, "The menu at the top right adds and removes the bot, makes it an administrator, changes members and turns a group into a supergroup. Everything lives in memory and is gone when the sandbox stops."),
  ]);
}

// Requests to the stand-in, and its stream of events.

async function answer(response) {
  let body = {};
  try { body = await response.json(); } catch { /* an error without a body */ }
  if (!response.ok) throw new Error(body.error || `The sandbox answered ${response.status}.`);
  return body;
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The sandbox does not answer. Is it still running?");
  }
  return answer(response);
}

export const get = (path) => ask(`/control/${path}`);

export const post = (path, body = {}) => ask(`/control/${path}`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

export function upload(chat, file, { user, caption, reply_to, thread, photo }) {
  const query = new URLSearchParams({ user, name: file.name || "file" });
  if (caption) query.set("caption", caption);
  if (reply_to) query.set("reply_to", reply_to);
  if (thread) query.set("thread", thread);
  if (photo) query.set("photo", "true");
  return ask(`/control/chats/${chat}/upload?${query}`, { method: "POST", body: file });
}

export const fileUrl = (id) => `/control/files/${encodeURIComponent(id)}`;

/**
 * Follows the events for ever. `onHello` loads everything anew; what arrives meanwhile is kept and handed to `onEvent`
 * afterwards, so that nothing falls between. `onDown` is told when the connection is lost.
 */
export function follow({ onHello, onEvent, onDown }) {
  let kept = null;
  let wait = 500;
  let loads = 0;

  async function load(source) {
    const mine = ++loads;
    kept = [];
    try {
      await onHello();
    } catch {
      if (mine === loads) { source.close(); again(); }
      return;
    }
    // A newer load took over: it holds the events now.
    if (mine !== loads) return;
    const waiting = kept;
    kept = null;
    waiting.forEach(onEvent);
  }

  function again() {
    kept = null;
    onDown();
    setTimeout(open, wait);
    wait = Math.min(wait * 2, 5000);
  }

  function open() {
    const source = new EventSource("/control/events");
    source.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === "hello" || event.type === "reload") {
        wait = 500;
        load(source);
      } else if (kept) kept.push(event);
      else onEvent(event);
    };
    source.onerror = () => { source.close(); loads++; again(); };
  }
  open();
}

// What is sent and not yet taken: it waits in this browser, in order, and goes by itself once the house is reached. Each item has a key of its own, so
// that sending it again is harmless.

import { $, Refused, post, say, settings } from "./dom.js";
import { on } from "./live.js";
import { toEnd } from "./timeline.js";

// Of this agent alone: others may sit at the same browser.
const OUTBOX = `hubline.outbox.${settings.agent}`;
const key = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
const items = () => JSON.parse(localStorage.getItem(OUTBOX) || "[]");
const keep = list => localStorage.setItem(OUTBOX, JSON.stringify(list));

/// Sends this as soon as can be: { person, note, text, names, url, … }, and `body` where its fields differ from those of a reply.
export function give(item) {
  item.key = key();
  keep([...items(), item]);
  pending(item);
  toEnd();
  flush();
}

/// Shows what waits at the end of a freshly drawn timeline.
export function show() {
  items().filter(item => item.person === $("#tl")?.dataset.person).forEach(pending);
}

const RETRY = [2000, 5000, 10_000, 20_000], ANSWER = 10_000;
let flushing = null, failures = 0, retry = 0;
/// Sends what waits, in order. What finds no house, or one that cannot record it, holds up the rest and goes by itself later.
async function flush() {
  if (flushing) return;
  clearTimeout(retry);
  for (let item; (item = items().find(other => !other.failed));) {
    flushing = new AbortController();
    // A connection that a changed network has left dead would be waited for in vain.
    const bound = setTimeout(() => flushing.abort(), ANSWER);
    try {
      const fields = item.body ?? { text: item.text, files: item.files, articles: item.articles ?? "", ...item.mail ?? {} };
      await post(item.url, item.note ? { text: item.text, work: item.work ?? "", key: item.key } : { ...fields, key: item.key }, { signal: flushing.signal });
      drop(item.key);
      failures = 0;
    } catch (error) {
      const said = error instanceof Refused ? error.message : say("sent_later");
      const later = !(error instanceof Refused) || error.status === 503 || error.status === 401;
      fail(item, said, later);
      if (!later) continue;
      retry = setTimeout(flush, RETRY[Math.min(failures++, RETRY.length - 1)]);
      break;
    } finally {
      clearTimeout(bound);
    }
  }
  flushing = null;
}
// Where the socket found nobody, the request beside it waits for nobody, too.
on("closed", () => flushing?.abort());
on("open", flush);

function drop(id) {
  keep(items().filter(item => item.key !== id));
  document.getElementById(`pending-${id}`)?.remove();
}

function fail(item, why, retry) {
  if (!retry) keep(items().map(other => other.key === item.key ? { ...other, failed: why } : other));
  const el = document.getElementById(`pending-${item.key}`);
  if (!el) return;
  const line = $(".rcpt", el);
  line.replaceChildren();
  const strong = document.createElement("b"), again = document.createElement("button");
  strong.className = "bad";
  strong.textContent = say("not_sent");
  again.type = "button";
  again.className = "btn s";
  again.dataset.again = item.key;
  again.textContent = say("try_now");
  const gone = document.createElement("button");
  gone.type = "button";
  gone.className = "btn s quiet";
  gone.dataset.drop = item.key;
  gone.textContent = say("remove");
  line.append(strong, ` ${why} `, again, gone);
}

// What is on its way stands at the end of the line, paler.
function pending(item) {
  const tl = $("#tl");
  if (!tl || tl.dataset.person !== item.person || document.getElementById(`pending-${item.key}`)) return;
  const ev = document.createElement("article"), body = document.createElement("div"), bubble = document.createElement("div"), line = document.createElement("span");
  ev.className = "ev c pending";
  ev.id = `pending-${item.key}`;
  body.className = item.note ? "nte" : "me";
  bubble.className = item.note ? "txt" : "bub txt";
  bubble.textContent = item.text || item.names;
  line.className = "rcpt";
  line.textContent = say("saving");
  body.append(bubble, line);
  const time = document.createElement("time"), dot = document.createElement("span");
  dot.className = "dot";
  ev.append(time, dot, body);
  tl.append(ev);
  if (item.failed) fail(item, item.failed, false);
}

document.addEventListener("click", e => {
  const again = e.target.closest("[data-again]"), gone = e.target.closest("[data-drop]");
  if (again) { keep(items().map(item => item.key === again.dataset.again ? { ...item, failed: undefined } : item)); flush(); }
  if (gone) drop(gone.dataset.drop);
});

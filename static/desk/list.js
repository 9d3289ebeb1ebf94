// The left pane. Rows keep their place while the pointer or the focus is in the list; the new order waits until both are out.

import { $, $$, part, put } from "./dom.js";
import { on } from "./live.js";
import { tick } from "./clock.js";
import { unread } from "./notify.js";

let pending = null;

const pane = () => $("#list");
const touched = () => { const el = pane(); return el && (el.matches(":hover") && matchMedia("(hover: hover)").matches || el.contains(document.activeElement)); };

export const here = () => location.pathname.match(/^\/inbox\/(call|conversation)\/(\d+)/);

/// Marks the row of the open contact.
export function mark() {
  const at = here(), key = at ? `${at[1]}-${at[2]}` : "";
  for (const row of $$("#list .cv")) row.dataset.key === key ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current");
}

function apply(html, count) {
  const el = pane();
  unread(count);
  const badge = $("#tabunread");
  if (badge) { badge.textContent = count; badge.hidden = !count; }
  if (!el) return;
  el.dataset.unread = count;
  if (!touched()) {
    pending = null;
    const top = $(".scroll", el)?.scrollTop ?? 0;
    put(el, html);
    const scroll = $(".scroll", el);
    if (scroll) scroll.scrollTop = top;
  } else {
    pending = [html, count];
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const rows = new Map($$(".cv", fresh.content).map(row => [row.dataset.key, row]));
    for (const old of $$(".cv", el)) {
      const row = rows.get(old.dataset.key);
      if (!row) { old.classList.add("gone"); continue; }
      if (old === document.activeElement || old.contains(document.activeElement)) continue;
      if (old.innerHTML !== row.innerHTML) { old.innerHTML = row.innerHTML; old.className = row.className; }
    }
  }
  mark();
  tick();
}

function settle() {
  setTimeout(() => { if (pending && !touched()) apply(...pending); }, 250);
}

document.addEventListener("pointerout", e => { if (pane()?.contains(e.target) && !pane().contains(e.relatedTarget)) settle(); });
document.addEventListener("focusout", e => { if (pane()?.contains(e.target)) settle(); });
on("list", frame => apply(frame.html, frame.unread));

/// What the visitor types before sending it.
on("typing", frame => {
  const line = $(`#row-conversation-${frame.conversation} [data-line]`);
  if (!line) return;
  if (!line.dataset.text) line.dataset.text = line.textContent;
  line.classList.toggle("typing", !!frame.text);
  line.textContent = frame.text ? frame.line : line.dataset.text;
});

/// Next or previous row.
export function step(by) {
  const rows = $$("#list .cv:not(.gone)");
  if (!rows.length) return null;
  const at = rows.findIndex(row => row.hasAttribute("aria-current"));
  return rows[Math.min(rows.length - 1, Math.max(0, at + by))];
}

export async function resync() {
  const at = here();
  const text = await part(`/inbox/parts/now${at ? `?${at[1]}=${at[2]}` : ""}`);
  return text ? JSON.parse(text) : null;
}
export { apply };

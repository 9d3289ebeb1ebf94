// Single keys, outside of fields and never during composition. `?` lists them; Ctrl or ⌘ with K searches from anywhere.

import { $, $$, composing, inField, part } from "./dom.js";
import { step } from "./list.js";
import * as ring from "./ring.js";
import * as composer from "./composer.js";
import { mute } from "./call.js";
import { open as dial } from "./dial.js";
import { open as transfer } from "./transfer.js";

const go = href => document.dispatchEvent(new CustomEvent("desk:go", { detail: href }));
const click = selector => { const el = $(selector); if (!el) return false; el.click(); return true; };

const KEYS = {
  a: () => ring.top() && ring.answer(ring.top(), true),
  d: () => ring.top() && ring.answer(ring.top(), false),
  j: () => move(1), ArrowDown: () => move(1),
  k: () => move(-1), ArrowUp: () => move(-1),
  r: () => $("#composer") && composer.choose(false),
  n: () => $("#composer") && composer.choose(true),
  x: () => composer.template(),
  e: () => click("[data-resolve]"),
  c: () => { if ($("section.call")) return false; dial(); return true; },
  w: () => click("#swap"),
  o: () => click("#merge:not(:disabled)"),
  b: () => click("#back"),
  p: () => click("#park"),
  t: () => { if (click("#complete")) return true; const el = $("#call [data-transfer]") || $(".chd [data-transfer]"); if (el) transfer(el.dataset.transfer); return !!el; },
  m: () => { mute(); return true; },
  h: () => click("#hold"),
  "?": () => { $("#helpbox")?.showModal(); return true; },
};

function move(by) {
  const row = step(by);
  if (!row) return false;
  go(row.getAttribute("href"));
  row.scrollIntoView({ block: "nearest" });
  return true;
}

document.addEventListener("keydown", e => {
  if (composing(e)) return;
  if ((e.ctrlKey || e.metaKey) && !e.altKey && e.key.toLowerCase() === "k") {
    e.preventDefault();
    search();
    return;
  }
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === "Escape" && inField(e.target) && !$("dialog[open]")) { e.target.blur(); return; }
  if (inField(e.target) || $("dialog[open]")) return;
  // Arrows scroll where something scrolls under the focus.
  if (e.key.startsWith("Arrow") && e.target.closest?.(".tl, .person, [role=menu]")) return;
  const run = KEYS[e.key.length === 1 ? e.key.toLowerCase() : e.key];
  if (run && run() !== false) e.preventDefault();
});

export function search() {
  const box = $("#findbox");
  if (!box || box.open) return;
  box.showModal();
  $("#findtext").select();
}

let asked = 0;
document.addEventListener("input", e => {
  if (e.target.id !== "findtext" || e.isComposing) return;
  clearTimeout(asked);
  const query = e.target.value.trim();
  asked = setTimeout(async () => {
    const html = query ? await part(`/search?part=1&q=${encodeURIComponent(query)}`) : "";
    if (html !== null && $("#findtext").value.trim() === query) $("#found").innerHTML = html;
  }, 120);
});
document.addEventListener("compositionend", e => { if (e.target.id === "findtext") e.target.dispatchEvent(new Event("input", { bubbles: true })); });
document.addEventListener("keydown", e => {
  if (!$("#findbox")?.open || composing(e) || !["ArrowDown", "ArrowUp"].includes(e.key)) return;
  const hits = $$("#found .hit"), i = hits.indexOf(document.activeElement);
  e.preventDefault();
  (e.key === "ArrowDown" ? hits[Math.min(i + 1, hits.length - 1)] : i > 0 ? hits[i - 1] : $("#findtext"))?.focus();
});

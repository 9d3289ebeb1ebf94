// The wallboard: what the server draws is put in place piece by piece, so that a button under the pointer and an open form stay where they are.

import { $, $$, part } from "./dom.js";
import { on } from "./live.js";
import { tick } from "./clock.js";

const board = () => $("#board");

/// Without what ticks, which differs always.
function bare(el) {
  const copy = el.cloneNode(true);
  for (const time of copy.querySelectorAll("[data-age], [data-left]")) time.textContent = "";
  for (const open of copy.querySelectorAll("details[open]")) open.removeAttribute("open");
  for (const said of copy.querySelectorAll(".refused")) { said.textContent = ""; said.hidden = true; }
  return copy.innerHTML + [...copy.attributes].filter(a => a.name !== "open").map(a => `${a.name}=${a.value}`).join();
}

/// Children by their keys: those that stay are changed inside, those that are new come, those that are gone go.
function keyed(old, fresh) {
  const have = new Map([...old.children].map(child => [child.dataset.key, child]));
  let last = null;
  for (const next of [...fresh.children]) {
    const same = have.get(next.dataset.key);
    have.delete(next.dataset.key);
    const now = same ? put(same, next) : next, place = last ? last.nextElementSibling : old.firstElementChild;
    if (now !== place) old.insertBefore(now, place);
    last = now;
  }
  for (const gone of have.values()) gone.remove();
}

function put(old, fresh) {
  if (bare(old) === bare(fresh)) return old;
  const kids = [...fresh.children];
  if (old.tagName === fresh.tagName && kids.length && kids.every(kid => kid.dataset.key) && [...old.children].every(kid => kid.dataset.key)) {
    old.className = fresh.className;
    keyed(old, fresh);
    return old;
  }
  const focus = old.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  const open = old.matches("details[open]"), left = old.scrollLeft;
  old.replaceWith(fresh);
  fresh.scrollLeft = left;
  if (open) fresh.open = true;
  if (focus) $$("button", fresh).find(button => button.getAttribute("aria-label") === focus)?.focus({ preventScroll: true });
  return fresh;
}

export function draw(html) {
  const el = board();
  if (!el) return;
  const fresh = document.createElement("div");
  fresh.innerHTML = html;
  keyed(el, fresh);
  stamp();
  tick();
}

/// When the board was drawn last, and the day, in the house's time zone.
export function stamp() {
  const at = new Date(), time = $("#snapshot"), day = $("[data-today]"), lang = document.documentElement.lang;
  const timeZone = day?.dataset.zone;
  if (time) time.textContent = at.toLocaleTimeString(lang, { hour12: false, timeZone });
  if (day) day.textContent = at.toLocaleDateString(lang, { weekday: "long", day: "numeric", month: "long", timeZone });
}

on("board", frame => draw(frame.html));
on("resync", async () => {
  const url = $("[data-board]")?.dataset.board;
  const html = url && await part(url);
  if (html) draw(html);
});
document.addEventListener("desk:mounted", () => { if (board()) stamp(); });

// A form that is about one of many: whom it is about stands in the button that opens it.
document.addEventListener("click", e => {
  const ask = e.target.closest("[data-ask]");
  if (!ask) return;
  const box = document.getElementById(ask.dataset.ask);
  if (!box) return;
  for (const name of $$("[data-name]", box)) name.textContent = ask.dataset.name;
  for (const el of $$("[data-url]", box)) {
    const url = el.dataset.url.replace("{id}", encodeURIComponent(ask.dataset.id));
    if ("form" in el.dataset) el.dataset.form = url; else el.dataset.post = url;
  }
  box.showModal();
});

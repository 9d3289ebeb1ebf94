// Small things that every module of the desk needs: settings of the page, posting, refusals beside their cause, server time.

const box = document.getElementById("desk-settings");
export const settings = box ? JSON.parse(box.dataset.settings) : { words: {}, age: {} };
/// The microphone, speaker or ringer chosen in this browser's settings page; empty for the system's.
export const device = kind => localStorage.getItem(`hubline.${kind}`) || settings[kind] || "";
const skew = Date.now() - (settings.now || Date.now());

/// The name of this page while it is open: the server tells the agent's pages apart by it.
export const page = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;

/// The server's clock, ms: offers and timers are its own.
export const now = () => Date.now() - skew;

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/// A sentence of desk.js.*, its {placeholders} filled.
export const say = (key, values = {}) => (settings.words[key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/// True while a word is being composed (Chinese input): no key means anything then.
export const composing = e => e.isComposing || e.keyCode === 229;

export const inField = el => !!el?.closest?.("input, textarea, select, [contenteditable=true]");

export class Refused extends Error {
  constructor(text, status) { super(text); this.status = status; }
}

/// Posts form fields. Resolves with the response; rejects with Refused (the server's own sentence) or TypeError (no connection).
export async function post(url, fields = {}, more = {}) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  const response = await fetch(url, { method: "POST", body, headers: { Accept: "*/*" }, ...more });
  if (response.status === 401) { signedOut(); throw new Refused(say("session"), 401); }
  if (!response.ok) throw new Refused((await response.text()) || say("failed"), response.status);
  return response;
}

/// Work is the agent's now, by the address that accepted or took it.
export const took = url => document.dispatchEvent(new CustomEvent("desk:taken", { detail: url.match(/^\/work\/(\w+\/\d+)\/(accept|take)$/)?.[1] ?? "" }));

const ANSWER = 8_000, AGAIN = 2;
/// A part of the page as text; null when it is gone. What is not answered is asked for again: a changed network leaves connections that look alive.
export async function part(url) {
  for (let left = AGAIN; ; left--) {
    try {
      const response = await fetch(url, { headers: { Accept: "*/*" }, signal: AbortSignal.timeout(ANSWER) });
      if (response.status === 401) { signedOut(); return null; }
      return response.ok ? await response.text() : null;
    } catch (error) {
      if (!left || error.name !== "TimeoutError") throw error;
    }
  }
}

export function signedOut() {
  notice("session", say("session"));
  setTimeout(() => { location.href = `/login?next=${encodeURIComponent(location.pathname)}`; }, 2500);
}

/// Puts one sentence where the person is looking; an empty one takes it away.
export function refuse(from, text) {
  let place = null;
  for (let el = from; el && !place; el = el.parentElement) place = el.querySelector?.(":scope > .refused, :scope > * > .refused, :scope > .refused.pop");
  if (!place) { if (text) toast(text); return; }
  place.textContent = text;
  place.hidden = !text;
  if (text) setTimeout(() => { if (place.textContent === text) place.hidden = true; }, 8000);
}

/// For what has no place of its own.
export function toast(text) {
  const el = $("#toast");
  if (!el) return;
  el.textContent = text;
  el.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { el.hidden = true; }, 5000);
}

/// A banner that stays until it is solved; `text` empty takes it away. Each of `actions`: [label, function].
export function notice(key, text, ...actions) {
  const notes = $("#notes");
  if (!notes) return;
  let el = $(`[data-note="${key}"]`, notes);
  if (!text) { el?.remove(); return; }
  if (el) return;
  el = document.createElement("div");
  el.className = "ban warn";
  el.dataset.note = key;
  el.setAttribute("role", "status");
  const p = document.createElement("p");
  p.className = "grow";
  p.textContent = text;
  el.append(p);
  el.append(...actions.map(([label, run]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn s";
    button.textContent = label;
    button.onclick = run;
    return button;
  }));
  notes.append(el);
}

// What each part was drawn from, what waits until it may be drawn, and what a finger or the mouse is just pressing.
const drawn = new WeakMap(), waiting = new Map();
let pressed = null;

function again() {
  const all = [...waiting];
  waiting.clear();
  for (const [el, html] of all) fill(el, html);
}
addEventListener("pointerdown", e => { pressed = e.target; }, true);
for (const over of ["pointerup", "pointercancel"]) addEventListener(over, () => setTimeout(() => { pressed = null; again(); }), true);
addEventListener("focusout", () => { if (waiting.size) setTimeout(again, 200); });

/// Replaces the content only when it differs, and never under a field that somebody is typing in or a button that is just being
/// pressed: then once they leave it.
export function fill(el, html) {
  if (!el) return;
  const typing = el.contains(document.activeElement) && inField(document.activeElement);
  if (typing || el.contains(pressed) || $("form:not([hidden]).edit, form:not([hidden]).tagf", el)) { waiting.set(el, html); return; }
  waiting.delete(el);
  if (drawn.get(el) === html) return;
  drawn.set(el, html);
  const held = el.contains(document.activeElement) ? document.activeElement.id : "";
  put(el, html);
  if (held) document.getElementById(held)?.focus();
}

/// Replaces the content; what somebody has unfolded stays so.
export function put(el, html) {
  const open = new Set($$("details[data-keep][open]", el).map(fold => fold.dataset.keep));
  el.innerHTML = html;
  for (const fold of $$("details[data-keep]", el)) if (open.has(fold.dataset.keep)) fold.open = true;
}

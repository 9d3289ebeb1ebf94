// Pages of the desk change without leaving the document, so that a call in the page goes on. Only the main part is swapped; what is
// not a page of the desk loads as ever, in a tab of its own while there is a call.

import { $, $$, say, settings, toast } from "./dom.js";
import * as timeline from "./timeline.js";
import * as composer from "./composer.js";
import { mark } from "./list.js";
import { retitle } from "./notify.js";
import { tick } from "./clock.js";
import { on, tell } from "./live.js";

// What is no page of ours, or one that begins anew.
const OTHER = /^\/($|login|logout|invite|files|recordings|static|status|ca|ca\.crt|demo|chat|help)(\/|$)/;
const ours = url => url.origin === location.origin && !OTHER.test(url.pathname);
const inCall = () => !!$(".callbox .call");
// `leading`: the way to another page, while it is under way.
let asked = 0, leading = 0;

/// What was changed here and not saved would be lost.
const stays = () => $("main [data-dirty]") && !confirm(say("unsaved"));

// A document of its own: in a tab of its own while there is a call.
function leave(href) {
  if (inCall()) open(href, "_blank", "noopener"); else location.href = href;
}

export async function go(href, push = true) {
  const url = new URL(href, location.href);
  if (!ours(url)) { leave(href); return; }
  if (stays()) return;
  const turn = ++asked;
  leading = url.href === location.href ? 0 : turn;
  await composer.settle();
  try {
    const response = await fetch(url, { headers: { Accept: "text/html" } });
    if (turn === asked) await show(response, url, push);
  } catch { toast(say("failed")); }
  finally { if (leading === turn) leading = 0; }
}

/// The same page, drawn anew. Whoever is on their way to another is not held back.
export function refresh() {
  if (!leading) go(location.href, false);
}

/// A form of the page, sent without leaving it; the answer is the next page.
async function send(form, submitter) {
  const turn = ++asked, fields = new URLSearchParams(new FormData(form, submitter));
  const url = new URL(submitter?.getAttribute("formaction") ?? form.getAttribute("action"), location.href);
  if (submitter) submitter.disabled = true;
  try {
    const response = await fetch(url, { method: "POST", body: fields, headers: { Accept: "text/html" } });
    if (turn === asked) await show(response, response.redirected ? url : new URL(location.href), response.redirected);
  } catch { toast(say("failed")); }
  finally { if (submitter) submitter.disabled = false; }
}

async function show(response, asked, push) {
  const url = response.redirected ? new URL(response.url) : asked;
  if (asked.hash && !url.hash) url.hash = asked.hash;
  if (!ours(url) || !response.headers.get("content-type")?.startsWith("text/html")) { leave(url.href); return; }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = $("main[data-swap]", page), old = $("main[data-swap]");
  if (!fresh && !response.ok) { toast($("main p", page)?.textContent || say("failed")); return; }
  // Another language is another page: every word of it, and what the script says.
  const other = page.documentElement.lang !== document.documentElement.lang;
  if (!fresh || !old || other) { leave(url.href); return; }
  if (push && url.href !== location.href) history.pushState(null, "", url);
  for (const look of ["theme", "density"]) {
    const now = page.documentElement.dataset[look];
    if (now === undefined) delete document.documentElement.dataset[look]; else document.documentElement.dataset[look] = now;
  }
  Object.assign(settings, JSON.parse($("#desk-settings", page)?.dataset.settings ?? "{}"));
  swap(old, fresh, url);
  document.title = page.title;
  for (const link of $$(".rail a")) {
    const same = $$(".rail a", page).find(other => other.getAttribute("href") === link.getAttribute("href"));
    same?.hasAttribute("aria-current") ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  const bar = $(".tabbar"), bar2 = $(".tabbar", page);
  if (bar && bar2) bar.replaceWith(bar2);
  mount();
  retitle();
  // On a phone the next thing to see is the conversation.
  if (push && innerWidth <= 760 && /^\/inbox\/./.test(url.pathname)) $("#conv")?.scrollIntoView({ inline: "start", block: "nearest" });
}

// Between two pages of the inbox the list stays: nothing moves under the pointer.
function swap(old, fresh, url) {
  const list = $("#list", old), next = $("#list", fresh);
  if (list && next && old.className === fresh.className) {
    for (const id of ["conv", "person"]) {
      const a = document.getElementById(id), b = $(`#${id}`, fresh);
      if (a && b) { a.innerHTML = b.innerHTML; a.scrollTop = 0; }
    }
  } else old.replaceWith(document.importNode(fresh, true));
  if (url.hash) document.getElementById(url.hash.slice(1))?.scrollIntoView({ block: "center" });
}

export function mount() {
  timeline.mount();
  composer.mount();
  mark();
  tick();
  look();
  document.dispatchEvent(new CustomEvent("desk:mounted"));
}

// The server hears what this page shows: what changes there comes at once, and colleagues at the same person hear of each other.
function look() {
  const person = $("#tl")?.dataset.person;
  tell({ type: "look", path: location.pathname, query: location.search, person: person ? Number(person) : null });
}
on("open", look);

document.addEventListener("click", e => {
  const link = e.target.closest("a[href]");
  if (!link || e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey || link.target || link.hasAttribute("download")) return;
  if (e.target.closest("button")) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || url.pathname === location.pathname && url.search === location.search && url.hash) return;
  if (ours(url)) { e.preventDefault(); $("#findbox")?.close(); go(url.href); }
  else if (inCall() && !/^\/(files|recordings)\//.test(url.pathname)) { e.preventDefault(); open(url.href, "_blank", "noopener"); }
});
document.addEventListener("submit", e => {
  const form = e.target;
  if (e.defaultPrevented || form.dataset.form || !form.hasAttribute("action")) return;
  const url = new URL(e.submitter?.getAttribute("formaction") ?? form.getAttribute("action"), location.href);
  if (!ours(url)) return;
  if (form.method === "post") {
    if (!form.closest("main[data-swap]")) return;
    e.preventDefault();
    send(form, e.submitter);
    return;
  }
  e.preventDefault();
  url.search = new URLSearchParams(new FormData(form)).toString();
  $("#findbox")?.close();
  go(url.href);
});
document.addEventListener("change", e => { if (e.target.matches("[data-go]")) e.target.form.requestSubmit(); });
// On a phone the panes lie side by side: the bar says which one is seen.
document.addEventListener("scroll", e => {
  const desk = e.target;
  if (!desk.matches?.("main.desk") || innerWidth > 760) return;
  const seen = desk.children[Math.round(desk.scrollLeft / desk.clientWidth)]?.id;
  for (const link of $$(".tabbar a")) link.getAttribute("href") === `#${seen}` ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
}, { capture: true, passive: true });
document.addEventListener("desk:go", e => go(e.detail));
addEventListener("popstate", () => { if (!location.hash || ours(new URL(location.href))) go(location.href, false); });

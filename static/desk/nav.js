// Pages of the desk change without leaving the document, so that a call in the page goes on. Only the main part is swapped; what is
// not a page of the desk loads as ever, in a tab of its own while there is a call.

import { $, $$, say, toast } from "./dom.js";
import * as timeline from "./timeline.js";
import * as composer from "./composer.js";
import { mark } from "./list.js";
import { retitle } from "./notify.js";
import { tick } from "./clock.js";

const DESK = /^\/(inbox|people|tickets|callbacks|search)(\/|$|\?)/;
const ours = url => url.origin === location.origin && DESK.test(url.pathname + url.search);
let asked = 0;

export async function go(href, push = true) {
  const url = new URL(href, location.href);
  if (!ours(url)) { location.href = href; return; }
  const turn = ++asked;
  let page;
  try {
    const response = await fetch(url, { headers: { Accept: "text/html" } });
    if (turn !== asked) return;
    if (response.redirected && !ours(new URL(response.url))) { location.href = response.url; return; }
    page = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch { toast(say("failed")); return; }
  const fresh = $("main[data-swap]", page), old = $("main[data-swap]");
  if (!fresh || !old) { location.href = href; return; }
  if (push && url.href !== location.href) history.pushState(null, "", url);
  swap(old, fresh, url);
  document.title = page.title;
  for (const link of $$(".rail a")) {
    const same = $$(".rail a", page).find(other => other.getAttribute("href") === link.getAttribute("href"));
    same?.hasAttribute("aria-current") ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  const bar = $(".tabbar"), bar2 = $(".tabbar", page);
  if (bar && !bar2) bar.remove(); else if (!bar && bar2) $(".app").append(bar2);
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
}

document.addEventListener("click", e => {
  const link = e.target.closest("a[href]");
  if (!link || e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey || link.target || link.hasAttribute("download")) return;
  if (e.target.closest("button")) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || url.pathname === location.pathname && url.search === location.search && url.hash) return;
  if (ours(url)) { e.preventDefault(); $("#findbox")?.close(); go(url.href); }
  else if ($(".callbox .call") && !url.pathname.startsWith("/files/")) { e.preventDefault(); open(url.href, "_blank", "noopener"); }
});
document.addEventListener("submit", e => {
  const form = e.target;
  if (e.defaultPrevented || (form.method || "get") !== "get" || !form.action) return;
  const url = new URL(form.action);
  if (!ours(url)) return;
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

// What one has open, as tabs over the timeline: of each its channel, and a dot for what needs looking at. They live as long as the window.

import { $, $$, say } from "./dom.js";
import { on } from "./live.js";

const KEY = "hubline.tabs", MOST = 12;
const read = () => JSON.parse(sessionStorage.getItem(KEY) || "[]");
const keep = tabs => sessionStorage.setItem(KEY, JSON.stringify(tabs.slice(-MOST)));
const box = () => $("#tabs");
const key = href => href.replace("/inbox/", "").replace("/", "-");

// new: the customer has written; away: they have no window open; mine: they are here; over: it is not among mine any more.
function state(href) {
  const row = document.getElementById(`row-${key(href)}`);
  if (!row || row.classList.contains("gone")) return "over";
  return row.classList.contains("new") ? "new" : row.classList.contains("away") ? "away" : "mine";
}

function draw() {
  if (!box()) return;
  const tabs = read();
  box().hidden = tabs.length < 2 || !/^\/inbox(\/|$)/.test(location.pathname);
  box().replaceChildren(...tabs.map(tab => {
    const el = document.createElement("span"), link = document.createElement("a"), dot = document.createElement("span"), name = document.createElement("span"), close = document.createElement("button");
    el.className = "tab";
    link.href = tab.href;
    if (tab.href === location.pathname) link.setAttribute("aria-current", "page");
    const is = state(tab.href);
    dot.className = `tdot ${is}`;
    dot.setAttribute("aria-hidden", "true");
    name.className = "cut";
    name.textContent = tab.name;
    link.title = tab.name;
    link.setAttribute("aria-label", is === "new" ? `${tab.name} •` : tab.name);
    link.append(dot);
    const glyph = document.getElementById(`row-${key(tab.href)}`)?.querySelector(".ch svg")?.cloneNode(true);
    if (glyph) { glyph.setAttribute("aria-hidden", "true"); link.append(glyph); }
    link.append(name);
    close.type = "button";
    close.className = "btn quiet ico s";
    close.dataset.untab = tab.href;
    close.setAttribute("aria-label", `${say("tab_close")} ${tab.name}`);
    close.textContent = "×";
    el.append(link, close);
    return el;
  }));
}

document.addEventListener("desk:mounted", () => {
  const at = location.pathname.match(/^\/inbox\/(call|conversation|person)\/\d+$/);
  if (at && $(".chd h1")) {
    const tabs = read(), name = $(".chd h1").textContent.trim(), known = tabs.find(tab => tab.href === location.pathname);
    if (known) known.name = name; else tabs.push({ href: location.pathname, name });
    keep(tabs);
  }
  draw();
});
on("list", () => setTimeout(draw));

document.addEventListener("click", e => {
  const gone = e.target.closest("[data-untab]")?.dataset.untab;
  if (!gone) return;
  e.preventDefault();
  const tabs = read(), at = tabs.findIndex(tab => tab.href === gone), rest = tabs.filter(tab => tab.href !== gone);
  keep(rest);
  if (gone === location.pathname) document.dispatchEvent(new CustomEvent("desk:go", { detail: rest[Math.min(at, rest.length - 1)]?.href ?? "/inbox" }));
  else draw();
});

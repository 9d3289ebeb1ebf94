// Conversations side by side: up to three more beside the one of the page. Each is a page of its own without list and telephone, so that all
// that works in one works in all.

import { $, $$, say, toast } from "./dom.js";

const MOST = 3, KEY = "hubline.panes";
const box = () => $("#panes");
const read = () => JSON.parse(sessionStorage.getItem(KEY) || "[]");
const ours = href => /^\/inbox\/(call|conversation|person)\/\d+$/.test(href);

function draw() {
  if (!box()) return;
  const want = /^\/inbox(\/|$)/.test(location.pathname) ? read().filter(pane => ours(pane.href)) : [];
  document.body.classList.toggle("beside", want.length > 0);
  box().hidden = !want.length;
  const have = new Map($$(".pane", box()).map(el => [el.dataset.href, el]));
  for (const pane of want) {
    const el = have.get(pane.href);
    have.delete(pane.href);
    if (el) continue;
    const section = document.createElement("section"), head = document.createElement("div"), name = document.createElement("b"), close = document.createElement("button"), frame = document.createElement("iframe");
    section.className = "pane";
    section.dataset.href = pane.href;
    head.className = "row paneh";
    name.className = "cut grow";
    name.textContent = pane.name;
    close.type = "button";
    close.className = "btn quiet ico s";
    close.dataset.unpane = pane.href;
    close.setAttribute("aria-label", `${say("pane_close")} ${pane.name}`);
    close.textContent = "×";
    frame.src = `${pane.href}?pane=1`;
    frame.title = pane.name;
    head.append(name, close);
    section.append(head, frame);
    box().append(section);
  }
  for (const gone of have.values()) gone.remove();
}

// The conversation that is open stays beside whatever is opened next.
document.addEventListener("desk:beside", () => {
  const panes = read(), href = location.pathname;
  if (!ours(href) || panes.some(pane => pane.href === href)) return;
  if (panes.length >= MOST) { toast(say("panes_full")); return; }
  sessionStorage.setItem(KEY, JSON.stringify([...panes, { href, name: $(".chd h1")?.textContent.trim() ?? "" }]));
  draw();
});

document.addEventListener("click", e => {
  if (e.target.closest("#beside")) document.dispatchEvent(new CustomEvent("desk:beside"));
  const gone = e.target.closest("[data-unpane]")?.dataset.unpane;
  if (!gone) return;
  sessionStorage.setItem(KEY, JSON.stringify(read().filter(pane => pane.href !== gone)));
  draw();
  $("#conv")?.focus?.();
});
document.addEventListener("desk:mounted", draw);

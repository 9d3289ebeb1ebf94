// The command bar (Ctrl or ⌘ with K): what one can do here, where one can go, and whom one looks for, in one field. Enter does the first line.

import { $, $$, composing, part, say, settings } from "./dom.js";
import { marks } from "./keynames.js";
import { run } from "./commands.js";

const MOST = 8;
const box = () => $("#findbox"), field = () => $("#findtext");
let before = null, only = null;

/// `kind`: only lines of that kind (macros).
export function open(kind = null) {
  if (!box() || box().open) return;
  only = kind;
  document.dispatchEvent(new CustomEvent("desk:bar_opens"));
  before = document.activeElement;
  for (const other of $$("dialog[open]")) other.close();
  box().showModal();
  field().select();
  draw();
}

const plain = text => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");

/// How well a line answers what is typed: whole beginnings first, then words, then letters in order; -1 for not at all.
function score(label, query) {
  const text = plain(label);
  if (text.startsWith(query)) return 4;
  if (text.split(/[\s/·:]+/).some(word => word.startsWith(query))) return 3;
  if (text.includes(query)) return 2;
  let at = 0;
  for (const letter of query) { at = text.indexOf(letter, at) + 1; if (!at) return -1; }
  return query.length > 2 ? 1 : -1;
}

// What stands in the table, what the page's own menus offer, and what other modules bring (macros, views).
const sources = [
  () => (settings.commands ?? []).filter(command => !["bar", "search", "accept", "decline"].includes(command.name))
    .map(command => ({ label: command.label, hint: command.group, marks: marks(command), run: () => run(command.name) })),
  () => $$('.mestat .menu button:is([name="status"], [name="takes"])').map(button => ({ label: button.textContent.trim().replace(/\s+/g, " · "), hint: $(".mestat .menu")?.getAttribute("aria-label") ?? "", marks: [], run: () => button.click() })),
];
/// Adds lines: `source` gives `{ label, hint, run }` for what can be done now.
export const offer = source => { sources.push(source); };

let shown = [];
function draw() {
  const query = plain(field().value.trim()), list = $("#commands");
  const all = sources.flatMap(source => source()).filter(line => !only || line.kind === only);
  const hits = query ? all.map(line => [score(line.label, query), line]).filter(([points]) => points > 0).sort((a, b) => b[0] - a[0]) : [];
  shown = query ? hits.slice(0, MOST).map(([, line]) => line) : (only ? all : all.filter(line => line.marks?.length)).slice(0, MOST);
  list.hidden = !shown.length;
  list.replaceChildren(...shown.map(line => {
    const button = document.createElement("button"), label = document.createElement("span"), hint = document.createElement("span"), keys = document.createElement("span");
    button.type = "button";
    button.className = "mi hit cmd";
    label.className = "cut";
    label.textContent = line.label;
    hint.className = "sm dim cut";
    hint.textContent = line.hint ?? "";
    keys.className = "nw";
    keys.append(...line.marks ?? []);
    button.append(label, hint, keys);
    button.onclick = () => choose(line);
    return button;
  }));
}

// The command works on the page as it was, not on the bar.
function choose(line) {
  field().value = "";
  $("#found").replaceChildren();
  box().close();
  before?.focus?.({ preventScroll: true });
  line.run();
}

let asked = 0;
document.addEventListener("input", e => {
  if (e.target.id !== "findtext" || e.isComposing) return;
  draw();
  clearTimeout(asked);
  const query = e.target.value.trim();
  asked = setTimeout(async () => {
    const html = query ? await part(`/search?part=1&q=${encodeURIComponent(query)}`) : "";
    if (html !== null && field().value.trim() === query) $("#found").innerHTML = html;
  }, 120);
});
document.addEventListener("compositionend", e => { if (e.target.id === "findtext") e.target.dispatchEvent(new Event("input", { bubbles: true })); });
document.addEventListener("keydown", e => {
  if (!box()?.open || composing(e)) return;
  if (e.key === "Enter" && e.target === field() && shown.length && field().value.trim()) { e.preventDefault(); choose(shown[0]); return; }
  if (!["ArrowDown", "ArrowUp"].includes(e.key)) return;
  const hits = $$("#commands .hit, #found .hit"), i = hits.indexOf(document.activeElement);
  e.preventDefault();
  (e.key === "ArrowDown" ? hits[Math.min(i + 1, hits.length - 1)] : i > 0 ? hits[i - 1] : field())?.focus();
});
document.addEventListener("desk:commands", () => open());

// Canned replies: `/` at the start of the text opens the list, what follows it narrows it, Enter puts the text in, filled for this
// customer and still to be edited before it is sent.

import { $, part, say } from "./dom.js";
import { here } from "./list.js";

let all = null, of = "", shown = [], at = 0, area = null;
const box = () => $("#pick");
export const isOpen = () => !!box() && !box().hidden;

async function load(person) {
  const at = here(), url = `/inbox/canned?person=${person}${at ? `&${at[1]}=${at[2]}` : ""}`;
  if (all && of === url) return;
  const text = await part(url);
  all = text ? JSON.parse(text) : [];
  of = url;
}

export function typed(el, person) {
  const hit = el.value.match(/^\/(\S*)$/);
  if (!hit) { close(); return; }
  open(el, person, hit[1]);
}

export async function open(el, person, query = "") {
  area = el;
  await load(person);
  const want = query.toLowerCase();
  shown = all.filter(reply => !want || reply.shortcut.toLowerCase().startsWith(want) || `${reply.folder} ${reply.title}`.toLowerCase().includes(want)).slice(0, 8);
  at = 0;
  draw();
}

export function close() {
  if (isOpen()) box().hidden = true;
  area?.removeAttribute("aria-activedescendant");
}

function draw() {
  const rows = shown.map((reply, i) => {
    const row = document.createElement("div"), code = document.createElement("code"), body = document.createElement("span");
    const title = document.createElement("b"), line = document.createElement("span");
    row.className = "mi";
    row.id = `pick-${i}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", i === at);
    code.textContent = `/${reply.shortcut}`;
    title.textContent = reply.folder ? `${reply.folder} / ${reply.title}` : reply.title;
    line.className = "sm sub cut blk";
    line.textContent = reply.text;
    body.className = "cut";
    body.append(title, line);
    row.append(code, body, document.createElement("span"));
    row.onpointerdown = e => { e.preventDefault(); at = i; put(); };
    return row;
  });
  if (!rows.length) {
    const none = document.createElement("p");
    none.className = "none";
    none.textContent = say("nothing");
    rows.push(none);
  }
  box().replaceChildren(...rows);
  box().hidden = false;
  if (shown.length) area.setAttribute("aria-activedescendant", `pick-${at}`);
}

function put() {
  const reply = shown[at];
  if (!reply) return;
  const rest = area.value.replace(/^\/\S*/, "");
  area.value = reply.text + rest;
  area.setSelectionRange(reply.text.length, reply.text.length);
  close();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/// True when the key was the list's.
export function key(e) {
  if (!isOpen()) return false;
  const move = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (move && shown.length) { e.preventDefault(); at = (at + move + shown.length) % shown.length; draw(); return true; }
  if ((e.key === "Enter" || e.key === "Tab") && shown.length) { e.preventDefault(); put(); return true; }
  if (e.key === "Escape") { e.preventDefault(); close(); return true; }
  return false;
}

// Colleagues named in a note: `@` and some letters open the list; Enter puts the name in by which they are told. In a reply it is a sign like any.

import { $, part, say } from "./dom.js";

const MARK = /(^|\s)@@?([^\s@]*)$/;
const MOST = 8;
const box = () => $("#mpick"), area = () => $("#text");
let all = null, shown = [], at = 0;
export const isOpen = () => !!box() && !box().hidden;

async function load() {
  if (all) return;
  const text = await part("/inbox/colleagues");
  all = text ? JSON.parse(text) : [];
}

export async function typed(note) {
  const before = area().value.slice(0, area().selectionStart), hit = note && before.match(MARK);
  if (!hit) { close(); return; }
  await load();
  const want = hit[2].toLowerCase();
  shown = all.filter(one => `${one.id} ${one.name}`.toLowerCase().split(/[\s.]+/).some(word => word.startsWith(want)) || one.name.toLowerCase().includes(want)).slice(0, MOST);
  at = 0;
  draw();
}

export function close() {
  if (!isOpen()) return;
  box().hidden = true;
  area()?.removeAttribute("aria-activedescendant");
}

function draw() {
  if (!shown.length) { close(); return; }
  box().replaceChildren(...shown.map((one, i) => {
    const row = document.createElement("div"), sign = document.createElement("code"), name = document.createElement("b");
    row.className = "mi";
    row.id = `mpick-${i}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", i === at);
    sign.textContent = `@${one.id}`;
    name.className = "cut";
    name.textContent = one.name;
    row.append(sign, name, document.createElement("span"));
    row.onpointerdown = e => { e.preventDefault(); at = i; put(); };
    return row;
  }));
  box().setAttribute("aria-label", say("colleagues"));
  box().hidden = false;
  area().setAttribute("aria-activedescendant", `mpick-${at}`);
}

function put() {
  const caret = area().selectionStart, before = area().value.slice(0, caret), hit = before.match(MARK);
  if (hit) area().setRangeText(`@${shown[at].id} `, caret - hit[0].length + hit[1].length, caret, "end");
  close();
  area().dispatchEvent(new Event("input", { bubbles: true }));
}

/// True when the key was the list's.
export function key(e) {
  if (!isOpen()) return false;
  const move = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (move) { e.preventDefault(); at = (at + move + shown.length) % shown.length; draw(); return true; }
  if (e.key === "Enter" || e.key === "Tab") { e.preventDefault(); put(); return true; }
  if (e.key === "Escape") { e.preventDefault(); close(); return true; }
  return false;
}

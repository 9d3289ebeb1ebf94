// Menus by keyboard (the menu pattern of WAI-ARIA): one that is opened by a key begins on its first line, arrows, Home and End walk through it.
// Escape closes it, as act.js has it.

import { $$, composing, inField } from "./dom.js";

const MENUS = "details.drop, details.mestat, details.more";
const lines = menu => $$(".menu :is(button:not(:disabled), a[href], input)", menu).filter(el => el.getClientRects().length > 0);

let byKey = false;
addEventListener("keydown", () => { byKey = true; }, true);
addEventListener("pointerdown", () => { byKey = false; }, true);

document.addEventListener("toggle", e => {
  const menu = e.target, at = document.activeElement;
  // One that is drawn anew while it is open takes nobody's place.
  if (!byKey || !menu.matches?.(MENUS) || !menu.open || inField(at) || lines(menu).includes(at)) return;
  lines(menu)[0]?.focus();
}, true);

document.addEventListener("keydown", e => {
  const menu = e.target.closest?.(MENUS), step = { ArrowDown: 1, ArrowUp: -1, Home: 0, End: 0 }[e.key];
  if (step === undefined || !menu?.open || composing(e) || inField(e.target)) return;
  const all = lines(menu), at = all.indexOf(document.activeElement);
  e.preventDefault();
  if (e.key === "Home" || (at < 0 && step > 0)) all[0]?.focus();
  else if (e.key === "End" || at < 0) all.at(-1)?.focus();
  else all[(at + step + all.length) % all.length].focus();
});

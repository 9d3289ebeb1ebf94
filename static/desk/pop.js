// The firm's own system beside a contact. Its link stands on the card that rings, in the head and on the call strip. Where the house says so it
// opens by itself, once per contact: a call in the window that is looked at, a chat in the one where it was taken.

import { $$, notice, say } from "./dom.js";
import { leader } from "./notify.js";

const KEY = "hubline.popped", KEEP = 50;
let taken = "";

function known() {
  try { return JSON.parse(localStorage.getItem(KEY)) ?? []; } catch { return []; }
}

function show(href) {
  const tab = open("", "_blank");
  if (!tab) return false;
  // The other system is told nothing of this page.
  tab.opener = null;
  tab.location.replace(href);
  return true;
}

function look() {
  for (const link of $$("a[data-pop]")) {
    const work = link.dataset.pop, href = link.href;
    const here = work.startsWith("call/") ? leader || !document.hidden : work === taken;
    if (!here || known().includes(work)) continue;
    localStorage.setItem(KEY, JSON.stringify([work, ...known()].slice(0, KEEP)));
    if (!show(href)) notice("pop", say("pop_blocked"), [say("pop_open"), () => { show(href); notice("pop", ""); }]);
  }
}

document.addEventListener("desk:taken", e => { taken = e.detail; });
document.addEventListener("desk:mounted", look);
document.addEventListener("desk:bar", look);

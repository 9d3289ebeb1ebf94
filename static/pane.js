// One conversation beside others, in a frame of the desk: its timeline and composer. Telephone, rings and the list are the page's around it.

import { connect, on } from "./desk/live.js";
import * as timeline from "./desk/timeline.js";
import { mount } from "./desk/nav.js";
import "./desk/act.js";
import "./desk/menus.js";
import "./desk/keys.js";
import "./desk/snooze.js";
import "./desk/macros.js";
import "./desk/scripts.js";

on("resync", () => timeline.refresh());
// What leads elsewhere leads there in the page around; what comes back to this conversation is drawn anew here.
function lead(href) {
  if (new URL(href, location.href).pathname === location.pathname) location.reload();
  else parent.document.dispatchEvent(new parent.CustomEvent("desk:go", { detail: href }));
}
addEventListener("desk:go", e => { e.stopPropagation(); lead(e.detail); }, true);
document.addEventListener("click", e => {
  const link = e.target.closest("a[href]");
  if (link && !link.target && !link.hasAttribute("download") && new URL(link.href).pathname !== location.pathname) { e.preventDefault(); e.stopPropagation(); lead(link.href); }
}, true);
mount();
connect();

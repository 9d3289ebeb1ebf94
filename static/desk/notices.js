// The bell: how many notices are not seen, and one word when one comes.

import { $, $$, part, post, say, settings, toast } from "./dom.js";
import { on } from "./live.js";
import * as notify from "./notify.js";

function show(open) {
  for (const badge of $$(".bell .navn")) { badge.textContent = open; badge.hidden = !open; }
}

on("notices", frame => {
  show(frame.open);
  if (frame.news) {
    // Whoever looks at them has it before their eyes.
    const here = frame.ticket ? $("main")?.dataset.ticket === String(frame.ticket) : frame.person && $("#tl")?.dataset.person === String(frame.person);
    const of = frame.ticket ? "ticket" : "notice";
    const text = frame.assist ? say("assist_wanted", { who: frame.assist }) : frame.text;
    if (!here) { notify.tick(of); if (text) toast(text); notify.desktop(of, text || say("notice")); }
  }
  if (location.pathname === "/notices") document.dispatchEvent(new CustomEvent("desk:changed", { detail: "" }));
});

async function count() {
  const text = await part("/notices/count");
  if (text) show(JSON.parse(text).open);
}
on("open", () => count().catch(() => {}));

// What is open on the screen is seen.
document.addEventListener("desk:mounted", () => {
  if (!$(".bell .navn:not([hidden])")) return;
  const person = $("#tl")?.dataset.person, ticket = $("main")?.dataset.ticket;
  if (ticket) post("/notices/seen", { ticket }).catch(() => {});
  else if (person) post("/notices/seen", { person }).catch(() => {});
});

// Putting a conversation aside: the dialog, and what comes next.

import { $, post, say, toast } from "./dom.js";
import { here } from "./list.js";

let conversation = "";
const box = () => $("#snoozebox");

document.addEventListener("click", e => {
  const button = e.target.closest("[data-snooze]");
  if (!button || !box()) return;
  conversation = button.dataset.snooze;
  $(".refused", box()).hidden = true;
  box().showModal();
  $("button[value]", box()).focus();
});

document.addEventListener("submit", async e => {
  if (!e.target.matches?.("[data-snooze-form]")) return;
  e.preventDefault();
  const when = e.submitter?.value ?? "at", at = $("#snoozeat"), place = $(".refused", box());
  if (when === "at" && !at.value) { at.focus(); return; }
  try {
    await post(`/work/conversation/${conversation}/snooze`, { when, at: at.value });
    box().close();
    toast(say("snoozed"));
    const row = here()?.[2] === conversation && $("#list .rows .cv:not(.gone):not([aria-current])");
    document.dispatchEvent(new CustomEvent("desk:go", { detail: row ? row.getAttribute("href") : here()?.[2] === conversation ? "/inbox" : location.href }));
  } catch (error) {
    place.textContent = error.message || say("failed");
    place.hidden = false;
  }
});

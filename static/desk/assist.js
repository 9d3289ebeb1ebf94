// Asking the supervisors for help with a contact: the dialog with its word, and which contacts help is asked for.

import { $, $$, post, refuse, say, toast } from "./dom.js";

let work = "";
const box = () => $("#assistbox");

function mark(button, on) {
  button.setAttribute("aria-pressed", on);
  button.dataset.ask ??= button.title;
  button.title = on ? button.dataset.asked : button.dataset.ask;
  button.setAttribute("aria-label", on ? button.dataset.asked : box()?.querySelector("h2").textContent ?? button.title);
}

/// As the bar tells it; a pane has no bar, and is told by its own clicks.
export function show() {
  const told = $("[data-assists]");
  if (!told) return;
  const asked = told.dataset.assists.split(" ");
  for (const button of $$("[data-assist]")) mark(button, asked.includes(button.dataset.assist));
}
document.addEventListener("desk:mounted", show);

const here = of => $$(`[data-assist="${of}"]`);

document.addEventListener("click", async e => {
  const button = e.target.closest("[data-assist]");
  if (!button || !box()) return;
  work = button.dataset.assist;
  if (button.getAttribute("aria-pressed") !== "true") {
    $(".refused", box()).hidden = true;
    box().showModal();
    return;
  }
  try {
    await post(`/work/${work}/assist/end`);
    here(work).forEach(el => mark(el, false));
    toast(say("assist_ended"));
  } catch (error) { refuse(button, error.message || say("failed")); }
});

document.addEventListener("submit", async e => {
  if (!e.target.matches?.("[data-assist-form]")) return;
  e.preventDefault();
  const word = $("#assistword");
  try {
    await post(`/work/${work}/assist`, { word: word.value });
    word.value = "";
    box().close();
    here(work).forEach(el => mark(el, true));
    toast(say("assist_asked"));
  } catch (error) { refuse(word, error.message || say("failed")); }
});
show();

// Fields whose content must not be recorded (card numbers): while one has the focus, the recording of the running call is paused.
// The house ends the pause by itself three minutes after it was last told, should this page not be able to.

import { $, post } from "./dom.js";

const call = () => $("section.call")?.dataset.call;
let masked = "";

function tell(id, on) {
  post(`/work/call/${id}/masked`, { on }).catch(() => {});
}

setInterval(() => { if (masked) tell(masked, true); }, 60_000);

document.addEventListener("focusin", e => {
  if (!e.target.matches?.("[data-masked]") || !call() || masked) return;
  masked = call();
  tell(masked, true);
});

document.addEventListener("focusout", e => {
  if (!e.target.matches?.("[data-masked]") || !masked) return;
  // What is only typed to be read elsewhere does not stay on the page.
  if (e.target.dataset.masked === "clear") e.target.value = "";
  tell(masked, false);
  masked = "";
});

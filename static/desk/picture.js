// The pictures of a call: the customer's, and one's own camera or screen. The panel is the page's own: what the server draws anew never touches
// a picture that plays.

import { $, say, settings, toast } from "./dom.js";

let pictures = null, open = false;

/// The phone in this page; called once.
export async function start(soft) {
  if (!settings.video || !$("#pictures")) return;
  const { Pictures } = await import(settings.pictures);
  pictures = new Pictures({ theirs: $("#theirs"), mine: $("#mine"), kept: "hubline.filmed" });
  // Whoever shows something is seen.
  let was = "";
  pictures.addEventListener("change", () => {
    const now = `${pictures.seen}${pictures.kind}`;
    if (now !== was && (pictures.seen || pictures.kind)) open = true;
    was = now;
    draw();
  });
  soft.addEventListener("picture", () => pictures.attach(soft.picture));
  pictures.attach(soft.picture);
  begin();
}

let inCall = false;
/// There is a call: what was filmed before the page was loaded again is filmed on. A screen is asked for anew, as browsers want it.
export function begin() {
  const first = !inCall;
  inCall = true;
  if (!pictures || !first || !$("#call")) return;
  if (pictures.before === "camera") film("camera");
  else if (pictures.before === "screen") { open = true; draw(); toast(say("screen_again")); }
}

/// The call is over: nobody is filmed any more.
export function end() {
  inCall = false;
  open = false;
  pictures?.end();
}

async function film(kind, turn) {
  const wrong = await pictures.film(kind, turn);
  if (wrong) toast(say(wrong));
  // The call may have ended while the browser asked.
  if (!inCall) pictures.end();
}

function draw() {
  const panel = $("#pictures");
  panel.hidden = !open;
  $("#mine").hidden = !pictures.kind;
  $("#theirs").hidden = !pictures.seen;
  $(".none", panel).hidden = pictures.seen;
  $("#snapshot").disabled = !pictures.seen;
  for (const name of ["camera", "screen"]) $(`#${name}`).setAttribute("aria-pressed", pictures.kind === name);
  $("#video")?.setAttribute("aria-pressed", open);
}

// What the customer shows now waits in the composer until it is sent.
async function snapshot() {
  const blob = await pictures.snapshot();
  if (!blob) return;
  const name = `${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-")}.jpg`;
  document.dispatchEvent(new CustomEvent("desk:attach", { detail: [new File([blob], name, { type: "image/jpeg" })] }));
}

document.addEventListener("click", e => {
  if (!pictures) return;
  const hit = e.target.closest("#video, #camera, #screen, #snapshot, #nopictures")?.id;
  if (hit === "video" || hit === "nopictures") { open = hit === "video" && !open; draw(); }
  if (hit === "camera" || hit === "screen") film(pictures.kind === hit ? "" : hit);
  if (hit === "snapshot") snapshot();
});
// The strip is drawn anew with each news of the call.
document.addEventListener("desk:bar", () => { if (pictures) draw(); });

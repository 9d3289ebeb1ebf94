// The pictures of a call: the customer's, and one's own camera or screen. The panel is the page's own: what the server draws anew never touches
// a picture that plays.

import { $, post, say, settings, toast } from "./dom.js";
import { live, on, tell } from "./live.js";

let pictures = null, arrows = null, open = false;

/// The phone in this page; called once.
export async function start(soft) {
  if (!settings.video || !$("#pictures")) return;
  const [{ Pictures }, { Arrows }] = await Promise.all([import(settings.pictures), import(settings.arrows)]);
  pictures = new Pictures({ theirs: $("#theirs"), mine: $("#mine"), kept: "hubline.filmed" });
  arrows = new Arrows($("#pictures .stage"), { customer: $("#theirs"), agent: $("#mine") }, at => tell({ type: "arrow", call: callId(), at }));
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
  if (inCall) begin();
}

const callId = () => Number($("#call .call, section#call, .callbox .call")?.dataset.call);
on("arrow", frame => { if (frame.call === callId()) arrows?.show(frame.at); });

let inCall = false, asked = false, wished = false;
/// The next call is one with pictures: the camera is on as soon as it is there.
export function wish(on) { wished = on; }

/// There is a call: what was filmed before the page was loaded again is filmed on. A screen is asked for anew, as browsers want it.
export function begin() {
  inCall = true;
  // The call may be there before the module is.
  if (!pictures || asked || !$("#call")) return;
  asked = true;
  if (wished || pictures.before === "camera") film("camera");
  else if (pictures.before === "screen") { open = true; draw(); toast(say("screen_again")); }
}

/// The call is over: nobody is filmed any more.
export function end() {
  inCall = asked = wished = false;
  open = false;
  if (!pictures) return;
  pictures.end();
  draw();
}

async function film(kind, turn) {
  const wrong = await pictures.film(kind, turn);
  if (wrong) toast(say(wrong));
  // The call may have ended while the browser asked.
  if (!inCall) pictures.end();
}

function draw() {
  const panel = $("#pictures");
  panel.hidden = !open || !inCall;
  $(".none", panel).hidden = pictures.seen || !!pictures.kind;
  $("#snap").disabled = !pictures.seen;
  // Where a snapshot can be kept with a case, it is offered now.
  document.documentElement.classList.toggle("sees", pictures.seen);
  for (const name of ["camera", "screen"]) $(`#${name}`).setAttribute("aria-pressed", pictures.kind === name);
  $("#video")?.setAttribute("aria-pressed", open);
}

// What the customer shows now waits in the composer until it is sent.
async function snapshot() {
  const blob = await pictures.snapshot();
  if (!blob) return;
  const name = `${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-")}.jpg`;
  const picture = new CustomEvent("desk:attach", { cancelable: true, detail: [new File([blob], name, { type: "image/jpeg" })] });
  // Nobody takes it where no reply is being written.
  if (document.dispatchEvent(picture)) toast(say("no_conversation"));
}

/// Into the case: an identity check keeps it with the customer's own pictures.
async function evidence(button) {
  const blob = await pictures.snapshot();
  if (!blob) return;
  const form = new FormData();
  form.append("file", new File([blob], "video.jpg", { type: "image/jpeg" }));
  button.disabled = true;
  try {
    await post(button.dataset.snapshot, form);
    // It is drawn with the rest of the case.
    live.dispatchEvent(new CustomEvent("resync", { detail: {} }));
  } catch (error) { toast(error.message); }
  button.disabled = false;
}

document.addEventListener("click", e => {
  if (!pictures) return;
  const button = e.target.closest("[data-snapshot]");
  if (button) evidence(button);
  const hit = e.target.closest("#video, #camera, #screen, #snap, #largepictures, #nopictures")?.id;
  if (hit === "video" || hit === "nopictures") { open = hit === "video" && !open; draw(); }
  if (hit === "camera" || hit === "screen") film(pictures.kind === hit ? "" : hit);
  if (hit === "snap") snapshot();
  if (hit === "largepictures") e.target.closest("button").setAttribute("aria-pressed", $("#pictures").classList.toggle("large"));
});
// The strip is drawn anew with each news of the call.
document.addEventListener("desk:bar", () => { if (pictures) draw(); });

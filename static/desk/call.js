// The call strip and the agent's phone. The server says which call there is (it draws the strip); here the phone in the page joins and
// leaves it, shows what it measures, and tells the server when voice does not work, before anything is offered.

import { $, $$, device, fill, notice, page, post, refuse, say, settings } from "./dom.js";
import { on, tell } from "./live.js";
import * as picture from "./picture.js";
import { show as assists } from "./assist.js";
import { draw as afterCall } from "./wrapup.js";

let soft = null, current = "", last = null;
export const phone = () => soft;

export async function start() {
  if (settings.deskPhone) { state(); return; }
  const { Softphone } = await import(settings.softphone);
  soft = new Softphone({ audio: $("#voice"), name: page, video: settings.video, relays: settings.relays ? "/softphone/relays" : "" });
  // What was drawn while the modules came has said already that there is a call.
  if (current) soft.attach();
  picture.start(soft);
  soft.addEventListener("problem", report);
  soft.addEventListener("state", report);
  soft.addEventListener("state", elsewhere);
  soft.addEventListener("autoplay", e => notice("sound", e.detail.blocked ? say("audio_blocked") : "", [say("allow"), () => soft.unlock()]));
  soft.addEventListener("level", e => level(e.detail));
  soft.addEventListener("quality", e => quality(e.detail));
  soft.setRingVolume?.((settings.ringVolume ?? 70) / 100);
  if (device("ringer")) soft.setRingSink(device("ringer")).catch(() => {});
  if (device("speaker")) soft.setSink(device("speaker")).catch(() => {});
  await soft.start({ deviceId: device("microphone") });
  // Any first click allows sound from then on.
  addEventListener("pointerdown", () => soft.unlock(), { once: true });
  state();
}

document.addEventListener("desk:device", e => {
  const { kind, id } = e.detail, set = { microphone: "setMicrophone", speaker: "setSink", ringer: "setRingSink" }[kind];
  soft?.[set](id)?.catch(() => {});
});
document.addEventListener("desk:mounted", () => soft?.setRingVolume((settings.ringVolume ?? 70) / 100));

// The server hears of the phone by its connection and believes nothing else; what only this page knows is whether its microphone works
// and why there is no connection.
function report() {
  const state = soft.state, problem = soft.problems.find(code => code !== "autoplay_blocked");
  // Idle means that another tab or browser is the phone: it tells.
  const ready = (state === "ready" || state === "in_call") && !problem;
  const key = ready ? "ready" : problem || (state === "lost" ? "offline" : "");
  if (!key || key === last) return;
  last = key;
  tell(ready ? { type: "voice", ready: true, phone: page } : { type: "voice", ready: false, problem: key, phone: page });
}
on("open", () => { last = null; if (soft) report(); });

// One window of an agent is the phone. The others say so, and can become it.
function elsewhere() {
  notice("elsewhere", soft.elsewhere ? say("elsewhere") : "", [say("take_calls"), () => { soft.unlock(); soft.takeover(); }]);
}

// Speaking begins with the click: the call is ours once the first packet has arrived, and not before.
const JOIN_MS = 8000;
export function join() {
  soft?.attach();
  setTimeout(() => { if (!current) soft?.detach(); }, JOIN_MS);
}

/// Joins or leaves according to what is drawn.
export function state() {
  const el = $("#call .call, section#call, .callbox .call"), id = el?.dataset.call ?? "";
  if (id && id !== current) { soft?.attach(); picture.begin(); }
  if (!id && current) { soft?.detach(); if (soft?.muted) soft.mute(false); closePad(); picture.end(); }
  if (id !== current) poor = lately = {};
  current = id;
  document.dispatchEvent(new Event("desk:bar"));
  muted();
  lines();
}

function muted() {
  const button = $("#mute");
  if (!button || !soft) return;
  button.setAttribute("aria-pressed", soft.muted);
  const label = soft.muted ? say("unmute") : button.title.replace(/ \([^()]*\)$/, "");
  button.setAttribute("aria-label", label);
  const use = $(".im use", button);
  use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, soft.muted ? "#mic-off" : "#mic"));
}

export function mute() {
  if (!soft || !current) return;
  soft.mute(!soft.muted);
  muted();
}

function level({ mic }) {
  const rects = $$("#mute .mic rect"), lit = soft.muted ? 0 : Math.ceil(Math.min(1, mic * 1.6) * rects.length);
  rects.forEach((rect, i) => rect.classList.toggle("on", i < lit));
}

// What one hears: an estimate in the manner of G.107 from loss and delay, good enough for four bars.
function quality({ loss = 0, jitter_ms = 0, rtt_ms = 0 }) {
  const el = $("#quality");
  if (!el) return;
  const delay = rtt_ms / 2 + 2 * jitter_ms + 20, r = 93.2 - delay / 40 - Math.max(0, delay - 177) * .11 - 30 * Math.log(1 + 15 * loss);
  const mos = Math.max(1, Math.min(4.5, 1 + .035 * r + r * (r - 60) * (100 - r) * 7e-6));
  const lit = mos >= 4 ? 4 : mos >= 3.6 ? 3 : mos >= 3.1 ? 2 : 1;
  const bars = $(".bars", el);
  bars.setAttribute("class", `bars${lit === 2 ? " mid" : lit === 1 ? " low" : ""}`);
  $$("rect", bars).forEach((rect, i) => rect.setAttribute("class", i < lit ? "on" : ""));
  $(".num", el).textContent = mos.toFixed(1);
  el.title = `MOS ${mos.toFixed(1)} · ${(loss * 100).toFixed(1)} % · ${Math.round(jitter_ms)} ms`;
}

// How the lines sound as they arrive at the server, in words where one is poor: what the agent does not hear, and the customer's own trouble.
const POOR_MOS = 3.6, LOSSY = 2, STALE_MS = 12000;
let poor = {}, lately = {};
on("line", frame => {
  if (String(frame.call) !== current) return;
  // A desk phone measures nothing that we see: its agent's call is as good as the worst of its lines.
  if (settings.deskPhone) {
    lately = { ...lately, [frame.whose]: frame };
    const worst = Object.values(lately).reduce((a, b) => a.mos <= b.mos ? a : b);
    quality({ ...worst, loss: worst.loss / 100 });
  }
  const kind = frame.loss >= LOSSY ? "loss" : "late";
  poor[frame.whose] = frame.mos < POOR_MOS ? { at: Date.now(), text: say(`line_${frame.whose}_${kind}`, { n: Math.round(frame.loss) }) } : null;
  lines();
});

function lines() {
  const el = $("#line"), told = Object.values(poor).filter(line => line && Date.now() - line.at < STALE_MS).map(line => line.text).join(" · ");
  if (el && el.textContent !== told) { el.textContent = told; el.title = told; }
}

/// The strip, the banner and the after-call form as the server draws them.
export function draw(frame) {
  if (frame.me !== undefined && !$("#me details[open]")) fill($("#me"), frame.me);
  fill($("#call.callbox") || $(".callbox"), frame.html);
  fill($("#voicealert"), frame.alerts);
  // The window that was the phone is gone: another one takes over by itself.
  if ($("#voicealert [data-problem=offline], #voicealert [data-problem=media_lost]")) soft?.resume();
  afterCall(frame.wrap);
  assists();
  state();
}
on("bar", draw);

// Keypad: our own side hears the key at once, the customer by the desk.
const closePad = () => { const box = $("#padbox"); if (box?.open) box.close(); };
let pressing = Promise.resolve();
export function press(digit) {
  if (!current) return;
  const said = $("#padsaid");
  said.textContent = (said.textContent + digit).slice(-18);
  const call = current;
  pressing = pressing.then(() => post(`/work/call/${call}/digits`, { digits: digit })).catch(error => refuse(said, error.message));
}

document.addEventListener("click", e => {
  if (e.target.closest("#mute")) mute();
  const digit = e.target.closest("[data-digit]");
  if (digit) press(digit.dataset.digit);
  if (e.target.closest("[data-voice-retry]")) { last = null; soft?.stop(); soft?.start({ deviceId: device("microphone") }).then(report); }
});
document.addEventListener("keydown", e => {
  if ($("#padbox")?.open && /^[0-9*#]$/.test(e.key)) { e.preventDefault(); press(e.key); }
});

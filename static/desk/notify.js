// What reaches an agent who looks elsewhere: title, favicon dot, desktop notification, sounds. Only the leading tab makes any.

import { $, now, settings, say, notice } from "./dom.js";

let count = 0, ringing = null, blink = 0, flip = false, dot = false;
const base = () => document.title.replace(/^(\(\d+\) |● |☎ .*? · )+/, "");

/// One tab leads: it rings and notifies. The lock passes on when that tab closes.
export let leader = false;
if ("pane" in document.body.dataset) leader = false;
else if (navigator.locks) navigator.locks.request("hubline-notify", () => new Promise(() => { leader = true; }));
else leader = true;

function title() {
  const head = ringing && flip ? `☎ ${ringing} · ` : count ? `(${count}) ` : "";
  document.title = head + base();
}

export function unread(n) {
  count = n;
  title();
  icon(n > 0 || !!ringing);
}

/// Called when a page was swapped in: the title is new.
export function retitle() { title(); }

/// Blinks while something rings; the name is what the desk shows.
export function ring(name) {
  ringing = name;
  clearInterval(blink);
  flip = !!name;
  if (name) blink = setInterval(() => { flip = !flip; title(); }, 1000);
  title();
  icon(!!name || count > 0);
}

function icon(on) {
  const link = $("link[rel=icon]");
  if (!link || on === dot) return;
  dot = on;
  link.dataset.plain ??= link.href;
  if (!on) { link.href = link.dataset.plain; return; }
  const canvas = document.createElement("canvas"), size = 32, c = canvas.getContext("2d");
  canvas.width = canvas.height = size;
  const img = new Image();
  img.onload = () => {
    c.drawImage(img, 0, 0, size, size);
    c.fillStyle = "#c22f26";
    c.beginPath(); c.arc(24, 8, 7, 0, 7); c.fill();
    if (dot) link.href = canvas.toDataURL();
  };
  img.src = link.dataset.plain;
}

// Do not disturb: what rings is heard in any case.
const quiet = () => (settings.quietUntil ?? 0) > now();
const wanted = of => ({ message: settings.messageSound, notice: settings.notices, ticket: settings.tickets, team: settings.team })[of];

const names = new Map();
/// A desktop notification; one per key, gone with `close`.
export function desktop(key, text, body) {
  const of = key === "notice" || key === "ticket" ? key : key.startsWith("team-") ? "team" : "ring";
  if (!leader || of !== "ring" && quiet() || !(of === "ring" ? settings.notify : wanted(of)) || !document.hidden && document.hasFocus()) return;
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const note = new Notification(text, { body, tag: key, renotify: true });
  note.onclick = () => { window.focus(); note.close(); };
  names.set(key, note);
}
export function close(key) { names.get(key)?.close(); names.delete(key); }

const NOT_NOW = "hubline.notify.not_now";
/// Asked for before anything is offered, and not again in this browser once the answer was "not now".
export function ask() {
  if (!settings.notify || !("Notification" in window) || Notification.permission !== "default" || localStorage.getItem(NOT_NOW)) return;
  const done = () => notice("notify", "");
  notice("notify", say("no_notify"), [say("allow"), async () => { await Notification.requestPermission(); done(); }],
    [say("not_now"), () => { localStorage.setItem(NOT_NOW, "1"); done(); }]);
}

let context = null, last = 0, chimes = 0;
/// One short tick for a message, at most one in five seconds.
/// `of`: `message`, `notice`, `ticket` or `team`, each of which can be switched off alone.
export function tick(of = "message") {
  if (quiet() || !wanted(of) || Date.now() - last < 5000) return;
  last = Date.now();
  beep();
}

/// What rings and is no call ticks until it is answered, also for who is not to be disturbed; not for who has switched its sound off.
export function chime(rings) {
  const on = rings && wanted("message");
  if (on === !!chimes) return;
  clearInterval(chimes);
  chimes = on ? setInterval(beep, 2500) : 0;
  if (on) beep();
}

function beep() {
  if (!leader || !navigator.userActivation?.hasBeenActive) return;
  try {
    context ??= new AudioContext();
    const tone = context.createOscillator(), level = context.createGain(), at = context.currentTime;
    tone.frequency.value = 880;
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(.06, at + .01);
    level.gain.exponentialRampToValueAtTime(.0001, at + .18);
    tone.connect(level).connect(context.destination);
    tone.start(at);
    tone.stop(at + .2);
  } catch { /* without sound the title and the list still say it */ }
}

// The page's one socket. Frames become events on `live`; a lost socket comes back by itself, and what was missed is asked for.

import { $, say, signedOut } from "./dom.js";

export const live = new EventTarget();
const BACKOFF = [300, 700, 1500, 3000, 5000];
const PING = 20_000;
/// A house that says nothing for so long, asked whether it is there, is not reached by this socket any more.
const PROOF = 6_000;
/// Connections a browser keeps to one house, and how long one of them is tried, ms.
const KEPT = 6, FRESH = 1_500;
const SIGNED_OUT = 4401;
let socket = null, tries = 0, again = 0, beat = 0, proof = 0, heard = Date.now(), was = false, over = false;

export const on = (type, run) => live.addEventListener(type, e => run(e.detail));
export const online = () => socket?.readyState === WebSocket.OPEN;

export function tell(message) {
  if (online()) socket.send(JSON.stringify(message));
}

export function connect() {
  clearTimeout(again);
  const mine = socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
  mine.onopen = () => {
    tries = 0;
    heard = Date.now();
    show(true);
    clearInterval(beat);
    beat = setInterval(prove, PING);
    emit("open", {});
    if (was) emit("resync", {});
    was = true;
  };
  mine.onmessage = e => {
    heard = Date.now();
    const frame = JSON.parse(e.data);
    emit(frame.type, frame);
  };
  mine.onclose = e => { if (socket === mine) lost(e.code); };
  awaits(mine);
}

/// Asks whether the house is still there. A network that was changed or slept through answers nothing, and tells nobody.
function prove() {
  tell({ type: "ping" });
  awaits(socket);
}

function awaits(mine) {
  const since = Date.now();
  clearTimeout(proof);
  proof = setTimeout(() => {
    if (socket !== mine || heard > since) return;
    // No goodbye is waited for: browsers give the other side a minute to say one.
    socket = null;
    mine.close();
    lost(0);
    freshen();
  }, PROOF);
}

/// The connections that the browser keeps for requests are as dead as the socket was, and each request would find one more of them. So many requests as it
/// keeps connections take them all; what has no answer soon is given up, and its connection with it.
function freshen() {
  for (let at = 0; at < KEPT; at++) fetch(`/status?${at}`, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(FRESH) }).catch(() => {});
}

function lost(code) {
  socket = null;
  clearInterval(beat);
  clearTimeout(proof);
  if (code === SIGNED_OUT) {
    // Nobody asks again for somebody who may not come in.
    over = true;
    return signedOut();
  }
  show(false);
  emit("closed", {});
  again = setTimeout(connect, BACKOFF[Math.min(tries++, BACKOFF.length - 1)]);
}

function emit(type, detail) {
  live.dispatchEvent(new CustomEvent(type, { detail }));
}

// A blink is not worth a banner: it shows after two seconds.
let waiting = 0;
function show(ok) {
  clearTimeout(waiting);
  const el = $("#offline");
  if (!el) return;
  if (ok) { el.hidden = true; return; }
  waiting = setTimeout(() => {
    el.textContent = say("offline", { time: new Date(heard).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) });
    el.hidden = false;
  }, 2000);
}
// What tells that the network may be another one, or that nobody looked for a while.
function doubt() {
  if (online()) prove(); else if (!socket && !over) connect();
}
addEventListener("online", doubt);
addEventListener("pageshow", doubt);
document.addEventListener("visibilitychange", () => { if (!document.hidden) doubt(); });

// The page's one socket. Frames become events on `live`; a lost socket comes back by itself, and what was missed is asked for.

import { $, say, signedOut } from "./dom.js";

export const live = new EventTarget();
const BACKOFF = [300, 700, 1500, 3000, 5000];
const PING = 20_000;
const SIGNED_OUT = 4401;
let socket = null, tries = 0, beat = 0, heard = Date.now(), was = false;

export const on = (type, run) => live.addEventListener(type, e => run(e.detail));
export const online = () => socket?.readyState === WebSocket.OPEN;

export function tell(message) {
  if (online()) socket.send(JSON.stringify(message));
}

export function connect() {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
  socket.onopen = () => {
    tries = 0;
    show(true);
    clearInterval(beat);
    beat = setInterval(() => {
      if (Date.now() - heard > 3 * PING) socket.close();
      tell({ type: "ping" });
    }, PING);
    emit("open", {});
    if (was) emit("resync", {});
    was = true;
  };
  socket.onmessage = e => {
    heard = Date.now();
    const frame = JSON.parse(e.data);
    emit(frame.type, frame);
  };
  socket.onclose = e => {
    clearInterval(beat);
    if (e.code === SIGNED_OUT) return signedOut();
    show(false);
    emit("closed", {});
    setTimeout(connect, BACKOFF[Math.min(tries++, BACKOFF.length - 1)]);
  };
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
addEventListener("online", () => { if (socket?.readyState === WebSocket.CLOSED) connect(); });

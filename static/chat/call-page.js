// The page of a link by which a customer calls: one button, and the call of the chat window without the window.

import { Call } from "./call.js";

const place = document.getElementById("call"), begin = document.getElementById("begin"), film = document.getElementById("film"), gone = document.getElementById("gone");
const { channel, link } = place.dataset;
const base = `/chat/${encodeURIComponent(channel)}`;
const stayed = `hubline.link.${link}`;
const AGAIN_MS = 2000;

const el = (name, props = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) key.includes("-") || key === "role" ? node.setAttribute(key, value) : (node[key] = value);
  node.append(...children.filter((child) => child != null));
  return node;
};
const icon = (...paths) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
};

let token = null, socket = null, relays = false;

function hide(yes) {
  for (const button of [begin, film]) if (button) button.hidden = yes;
}

function inCall(now) {
  try {
    if (now === undefined) return !!sessionStorage.getItem(stayed);
    if (now) sessionStorage.setItem(stayed, "1"); else sessionStorage.removeItem(stayed);
  } catch { /* then a page that is loaded again loses its call */ }
  hide(!!now);
}

function tell(frame) {
  if (socket?.readyState === WebSocket.OPEN) return socket.send(JSON.stringify(frame));
  fetch(`${base}/say`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${token}` }, body: JSON.stringify(frame) }).catch(() => {});
}

// True once the house knows who this is; false for good when the link is not good any more.
async function session() {
  if (token) return true;
  const answer = await fetch(`${base}/session`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ link }) });
  if (answer.ok) ({ token, relays } = await answer.json());
  gone.hidden = answer.status !== 410;
  return answer.ok;
}

function connect() {
  const wire = new WebSocket(`${location.origin.replace(/^http/, "ws")}${base}/socket`);
  socket = wire;
  wire.onopen = () => wire.send(JSON.stringify({ type: "hello", token }));
  wire.onmessage = (event) => {
    const frame = JSON.parse(event.data);
    if (frame.type === "call") call.show(frame.call);
    if (frame.type === "arrow") call.arrow(frame.at);
  };
  wire.onclose = () => setTimeout(connect, AGAIN_MS);
}

const call = new Call({
  root: document, el, icon, language: document.documentElement.lang.startsWith("zh") ? "zh" : "en", url: `${base}/call`,
  video: place.dataset.video === "true", relays: () => relays, records: () => place.dataset.records === "true", token: () => token, tell, inCall, place: (node) => place.append(node), shown: () => {},
});

async function ready() {
  try {
    if (!(await session())) return false;
  } catch { return false; }
  if (!socket) connect();
  return true;
}

for (const button of [begin, film]) if (button) button.onclick = async () => { if (await ready()) call.start(button === film); };
if (inCall()) ready().then((yes) => { if (yes) { hide(true); call.resume(); } });

// The large screen: it only shows. It comes back by itself after a lost connection, a restart and an upgrade.

import { $ } from "./desk/dom.js";
import { connect, on, tell } from "./desk/live.js";
import { draw, stamp } from "./desk/board.js";
import { tick } from "./desk/clock.js";

const RELOAD_MS = 6 * 3600 * 1000;
const PATH = "/wallboard/screen";

on("open", () => tell({ type: "look", path: PATH, query: location.search, person: null }));
on("resync", async () => {
  const response = await fetch("/wallboard/parts/screen" + location.search).catch(() => null);
  if (response?.ok) draw(await response.text()); else if (response) setTimeout(() => location.reload(), 5000);
});

function clock() {
  const at = new Date(), el = $("#clock");
  if (el) el.textContent = at.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
}
setInterval(clock, 1000);
// A screen hangs on the wall for months: new versions come by reloading, while nobody looks closely.
setTimeout(() => location.reload(), RELOAD_MS);
clock();
stamp();
tick();
connect();

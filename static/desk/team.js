// Rooms of colleagues: lines come as they are written; one's own goes once, whatever the connection does.

import { $, $$, composing, part, post, say } from "./dom.js";
import { on } from "./live.js";
import * as notify from "./notify.js";

const room = () => $(".talkp")?.dataset.room;
const list = () => $("#teamlines");

async function refresh() {
  const of = room();
  if (!of) return;
  const html = await part(`/team/${of}?part=true`);
  if (html === null || of !== room()) return;
  list().innerHTML = html;
  $("#teamnone").hidden = !!list().children.length;
  list().scrollTop = list().scrollHeight;
}

function unread(of, more) {
  const badge = $(`[data-room="${CSS.escape(of)}"] .count`);
  if (badge) { badge.textContent = more ? Number(badge.textContent) + 1 : 0; badge.hidden = !more; }
}

on("team", frame => {
  if (frame.room === room() && !document.hidden) { refresh(); return; }
  if (frame.mine) return;
  unread(frame.room, true);
  for (const dot of $$(".teamdot")) dot.hidden = false;
  notify.tick("team");
  notify.desktop(`team-${frame.room}`, frame.by, frame.line);
});
on("resync", refresh);

document.addEventListener("desk:mounted", () => {
  if (!list()) return;
  list().scrollTop = list().scrollHeight;
  unread(room(), false);
  for (const dot of $$(".teamdot")) dot.hidden = true;
  $("#teamtext").focus({ preventScroll: true });
});

let key = "";
async function send() {
  const text = $("#teamtext"), value = text.value.trim(), refused = $("#teamrefused");
  if (!value) return;
  key ||= crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  try {
    await post($("#teamform").dataset.url, { text: value, key });
    key = "";
    text.value = "";
    refused.hidden = true;
    await refresh();
  } catch (error) {
    // The same key again: what arrived already is not said twice.
    refused.textContent = error.message || say("not_sent");
    refused.hidden = false;
  }
}

document.addEventListener("submit", e => { if (e.target.id === "teamform") { e.preventDefault(); send(); } });
document.addEventListener("keydown", e => {
  if (e.target.id === "teamtext" && e.key === "Enter" && !e.shiftKey && !composing(e)) { e.preventDefault(); send(); }
});
document.addEventListener("click", e => { if (e.target.closest("[data-rooms]")) { e.preventDefault(); $(".rooms")?.scrollIntoView(); } });

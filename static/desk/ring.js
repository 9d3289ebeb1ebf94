// What rings: cards above the layout, stacked, each with its seconds. The card is drawn by the server; here it is shown, counted down,
// answered and taken away. The tone, the title and the notification follow what is on the stack.

import { $, $$, inField, now, post, refuse, say, took } from "./dom.js";
import { on } from "./live.js";
import * as notify from "./notify.js";
import { join, phone } from "./call.js";

const stack = () => $("#rings");
const cards = () => stack() ? $$(".ringcard", stack()) : [];

export function show(frame) {
  if (!stack()) return;
  document.getElementById(`ring-${frame.key}`)?.remove();
  // A call stands above what can wait.
  const chat = frame.call && cards().find(card => card.dataset.call !== "true");
  if (chat) chat.insertAdjacentHTML("beforebegin", frame.html); else stack().insertAdjacentHTML("beforeend", frame.html);
  const card = document.getElementById(`ring-${frame.key}`);
  notify.desktop(frame.key, say(frame.call ? "incoming" : "incoming_chat"), frame.title);
  arrive(card);
}

// The first card takes the focus, which is the one that A answers, and only from somebody who is not writing.
// What is drawn on a visible page has been before somebody's eyes: by this it is measured who knew whom they were answering.
const told = new Set();
function tell() {
  if (document.hidden) return;
  for (const card of cards()) {
    const path = $(".accept", card)?.dataset.post?.replace(/\/accept$/, "/shown");
    const key = `${card.dataset.key}/${card.dataset.until}`;
    if (!path || told.has(key)) continue;
    told.add(key);
    post(path).catch(() => told.delete(key));
  }
}
document.addEventListener("visibilitychange", tell);

function arrive(card) {
  tell();
  const active = document.activeElement;
  const writing = inField(active) && (active.value ?? "") !== "";
  if (card && card === top() && !writing && !document.querySelector("dialog[open]")) $(".accept", card)?.focus({ preventScroll: true });
  sound();
}

export function end(key) {
  document.getElementById(`ring-${key}`)?.remove();
  notify.close(key);
  sound();
}

/// The tone and the title are what the stack is.
export function sound() {
  const all = cards();
  const call = all.some(card => card.dataset.call === "true");
  notify.ring(all[0]?.dataset.title ?? null);
  phone()?.ring(call && notify.leader);
  notify.chime(all.length > 0 && !call);
}

/// Exactly what the server says rings. A card that is there already stays as it is: somebody may be about to press it.
export function replace(html) {
  if (!stack()) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const wanted = $$(".ringcard", fresh.content), same = (a, b) => a.id === b.id && a.dataset.until === b.dataset.until;
  for (const card of cards()) if (!wanted.some(other => same(card, other))) end(card.dataset.key);
  let added = false;
  wanted.forEach((card, at) => {
    if (cards().some(other => same(other, card))) return;
    stack().insertBefore(card, cards()[at] ?? null);
    added = true;
  });
  if (added) arrive(top()); else sound();
}

setInterval(() => {
  for (const card of cards()) {
    const left = card.dataset.until - now(), seconds = Math.max(0, Math.ceil(left / 1000));
    $("text", card).textContent = seconds;
    $(".v", card).setAttribute("stroke-dasharray", `${Math.max(0, Math.min(100, 100 * left / card.dataset.total))} 100`);
    // The desk takes it back; a page that heard nothing of it stops ringing by itself.
    if (left < -3000) end(card.dataset.key);
  }
}, 1000);

/// A and D, and the buttons.
export async function answer(card, accept) {
  const button = $(accept ? ".accept" : ".decline", card);
  if (!button || card.dataset.busy) return;
  card.dataset.busy = "1";
  refuse(button, "");
  if (accept) phone()?.unlock();
  if (accept && card.dataset.call === "true") join();
  try {
    await post(button.dataset.post);
    const then = button.dataset.then;
    end(card.dataset.key);
    if (accept) took(button.dataset.post);
    if (accept && then) document.dispatchEvent(new CustomEvent("desk:go", { detail: then }));
  } catch (error) {
    delete card.dataset.busy;
    const place = $(".refused", card);
    place.textContent = error.message || say("failed");
    place.hidden = false;
  }
}

export const top = () => cards()[0];

on("ring", show);
on("ring_end", frame => end(frame.key));
addEventListener("storage", sound);
tell();

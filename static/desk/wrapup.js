// The form after a call, as the server says which there is. What somebody has begun to write is never taken away, by a timer or a reload: it is
// kept as drafts are, and such a form stays until it is handed in or thrown away.

import { $, $$, inField, post, say, settings } from "./dom.js";

// A pane has none.
const box = $("#wrap") ?? document.createElement("div");

// The form of the call that the server waits for.
const current = root => $("form.wrapup:not(.lapsed)", root);
let told = current(box)?.id ?? "";

const filled = el => el.name && (el.matches("select") ? el.selectedIndex > 0 : el.matches("input, textarea") && el.value.trim() !== "");
const written = form => [...form.elements].some(filled);

export function draw(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const next = current(fresh.content), same = next && document.getElementById(next.id);
  told = next?.id ?? "";
  for (const form of $$("form.wrapup", box)) if (form !== same) over(form);
  for (const form of $$("form.wrapup", fresh.content)) if (form !== next && !document.getElementById(form.id)) add(form);
  // What is being written stays: only the time left is new.
  if (same) { same.classList.remove("lapsed"); $(".wraphead", same).replaceWith($(".wraphead", next)); return; }
  if (!next) return;
  add(next);
  if (!inField(document.activeElement)) $("select, input, textarea", next)?.focus({ preventScroll: true });
}

function add(form) {
  box.append(form);
  restore(form);
}

// The server waits for it no more.
function over(form) {
  // On its way: its answer decides.
  if (form.dataset.busy || form.classList.contains("lapsed")) return;
  if (form.dataset.handed || !written(form)) { form.remove(); return; }
  form.classList.add("lapsed");
  const head = $(".wraphead", form), said = document.createElement("p"), drop = document.createElement("button");
  $("[role=timer]", head)?.remove();
  $("[data-overdue]", head)?.remove();
  said.className = "sm warn";
  said.setAttribute("role", "status");
  said.textContent = say("wrap_lapsed");
  drop.type = "button";
  drop.className = "btn xs quiet push";
  drop.dataset.drop = "";
  drop.textContent = say("wrap_drop");
  $("p", head).append(drop);
  head.append(said);
}

// What was last kept of each form, and the timer after which what is in it now will be.
const kept = new WeakMap(), timers = new WeakMap();
const place = form => form.dataset.form.replace(/wrapup$/, "draft");
const waits = form => `hubline.draft.${settings.agent}.${place(form)}`;

function text(form) {
  const values = [...form.elements].filter(filled).map(el => [el.name, el.value]);
  return values.length ? JSON.stringify(Object.fromEntries(values)) : "";
}

async function keep(form, now = text(form)) {
  clearTimeout(timers.get(form));
  if (form.dataset.handed || form.dataset.busy || now === kept.get(form)) return;
  kept.set(form, now);
  try {
    await post(place(form), { text: now }, { keepalive: now.length < 20_000 });
    localStorage.removeItem(waits(form));
  } catch {
    // It waits in this browser; the next key, or the next time the page is opened, tries again.
    kept.delete(form);
    now ? localStorage.setItem(waits(form), now) : localStorage.removeItem(waits(form));
  }
}

function restore(form) {
  const here = localStorage.getItem(waits(form)), there = form.dataset.draft;
  kept.set(form, there);
  const values = JSON.parse((here ?? there) || "{}");
  for (const el of form.elements) if (Object.hasOwn(values, el.name)) el.value = values[el.name];
  if (values.task) $(".wtask", form).open = true;
  if (here === there) localStorage.removeItem(waits(form));
  else if (here !== null) keep(form);
}

$$("form.wrapup", box).forEach(restore);

box.addEventListener("input", e => {
  const form = e.target.closest("form.wrapup");
  if (!form) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(keep, 800, form));
});
box.addEventListener("click", e => {
  const form = e.target.closest("[data-drop]")?.closest("form.wrapup");
  if (!form) return;
  keep(form, "");
  form.remove();
});
// The page that comes next may be drawn before this has arrived: what waits in this browser is newer.
addEventListener("pagehide", () => {
  for (const form of $$("form.wrapup", box)) {
    const now = text(form);
    if (form.dataset.handed || form.dataset.busy || now === kept.get(form)) continue;
    localStorage.setItem(waits(form), now);
    keep(form, now);
  }
});

document.addEventListener("desk:handed", e => {
  const form = e.detail;
  form.dataset.handed = "1";
  clearTimeout(timers.get(form));
  localStorage.removeItem(waits(form));
  if (form.id !== told || form.classList.contains("lapsed")) form.remove();
});

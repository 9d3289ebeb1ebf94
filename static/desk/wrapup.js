// The form after a call, as the server says which there is. What somebody has begun to write is never taken away by a timer: such a form
// stays until it is handed in or thrown away.

import { $, $$, inField, say } from "./dom.js";

// The form of the call that the server tells of now.
let told = $("#wrap form.wrapup")?.id ?? "";

const written = form => [...form.elements].some(el => el.matches("select") ? el.selectedIndex > 0 : el.matches("input, textarea") && el.value.trim() !== "");

export function draw(html) {
  const box = $("#wrap"), fresh = document.createElement("template");
  fresh.innerHTML = html;
  const next = $("form.wrapup", fresh.content), same = next && document.getElementById(next.id);
  told = next?.id ?? "";
  for (const form of $$("form.wrapup", box)) if (form !== same) over(form);
  // What is being written stays: only the time left is new.
  if (same) { same.classList.remove("lapsed"); $(".wraphead", same).replaceWith($(".wraphead", next)); return; }
  if (!next) return;
  box.append(next);
  if (!inField(document.activeElement)) $("select, input, textarea", next)?.focus({ preventScroll: true });
}

// The server waits for it no more.
function over(form) {
  // On its way: its answer decides.
  if (form.dataset.busy || form.classList.contains("lapsed")) return;
  if (form.dataset.handed || !written(form)) { form.remove(); return; }
  form.classList.add("lapsed");
  // The next call's form has the same fields.
  for (const el of $$("[id]", form)) el.id = `${form.id}-${el.id}`;
  for (const label of $$("label[for]", form)) label.htmlFor = `${form.id}-${label.htmlFor}`;
  const head = $(".wraphead", form), said = document.createElement("p"), drop = document.createElement("button");
  $("[role=timer]", head)?.remove();
  $("[data-overdue]", head)?.remove();
  said.className = "sm warn";
  said.setAttribute("role", "status");
  said.textContent = say("wrap_lapsed");
  drop.type = "button";
  drop.className = "btn xs quiet push";
  drop.textContent = say("wrap_drop");
  drop.onclick = () => form.remove();
  $("p", head).append(drop);
  head.append(said);
}

document.addEventListener("desk:handed", e => {
  const form = e.detail;
  form.dataset.handed = "1";
  if (form.id !== told || form.classList.contains("lapsed")) form.remove();
});

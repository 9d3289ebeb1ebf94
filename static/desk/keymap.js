// The page where keys are chosen: a field takes the next key that is pressed. Without script its name can be typed.

import { $$, composing } from "./dom.js";
import { named } from "./keynames.js";

document.addEventListener("keydown", e => {
  const field = e.target.closest?.("input[data-key]");
  if (!field || composing(e) || e.key === "Tab" || e.key === "Escape") return;
  if ((e.key === "Backspace" || e.key === "Delete") && !e.ctrlKey && !e.metaKey && !e.altKey && !e.shiftKey) { e.preventDefault(); put(field, ""); return; }
  const key = named(e);
  if (!key || key === "Enter") return;
  e.preventDefault();
  put(field, key);
});

function put(field, key) {
  field.value = key;
  const all = $$("input[data-key]");
  for (const one of all) {
    const twice = one.value.split(" ").some(key => key && all.some(other => other !== one && other.value.split(" ").includes(key)));
    twice ? one.setAttribute("aria-invalid", "true") : one.removeAttribute("aria-invalid");
  }
}

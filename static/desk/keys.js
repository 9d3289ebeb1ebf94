// Keys: which command a press means, by the table that the user has. Never during composition (a Chinese word is being typed), and in a text
// field only what is held with Ctrl or ⌘: Alt with a letter writes letters on many keyboards.

import { $, composing, inField, settings } from "./dom.js";
import { commandOf, marks, named } from "./keynames.js";
import { run } from "./commands.js";

// What asks for a key, or for a text, is asked first.
const busy = () => !!$("dialog[open]");

document.addEventListener("keydown", e => {
  if (e.defaultPrevented || composing(e)) return;
  const field = inField(e.target), mod = e.ctrlKey || e.metaKey;
  if (e.key === "Escape" && field && !busy()) { e.target.blur(); return; }
  const name = commandOf(named(e));
  if (!name || e.target.matches?.("input[data-key]")) return;
  if (field && (!mod || e.altKey)) return;
  // Sending is for what is being written, a reply or a form; elsewhere Enter is the button's.
  if (name === "send" && !e.target.closest?.("#composer")) {
    const form = e.target.closest?.("form[data-form]");
    if (form) { e.preventDefault(); form.requestSubmit(); }
    return;
  }
  if (busy() && name !== "bar") return;
  // Arrows scroll where something scrolls under the focus.
  if (e.key.startsWith("Arrow") && !mod && e.target.closest?.(".tl, .person, [role=menu], [role=radiogroup], .scroll:not(#list .scroll)")) return;
  if (run(name)) e.preventDefault();
});

// `?`: the table, as it is now.
function help() {
  const box = $("#helpbox");
  if (!box || box.open) return;
  const groups = new Map();
  for (const command of settings.commands ?? []) {
    if (command.keys.length) groups.set(command.group, [...groups.get(command.group) ?? [], command]);
  }
  $("#keysg").replaceChildren(...[...groups].map(([title, commands]) => {
    const section = document.createElement("section"), head = document.createElement("h3"), list = document.createElement("dl");
    head.textContent = title;
    list.className = "keysl";
    for (const command of commands) {
      const dt = document.createElement("dt"), dd = document.createElement("dd");
      marks(command).forEach((mark, i) => dt.append(...i ? [" ", mark] : [mark]));
      dd.textContent = command.label;
      list.append(dt, dd);
    }
    section.append(head, list);
    return section;
  }));
  box.showModal();
}
document.addEventListener("desk:help", help);
document.addEventListener("click", e => { if (e.target.closest('[data-open="helpbox"]')) { $("#helpbox")?.close(); help(); } });

// A message of the agent's own gets other words: written in a dialog, so that nothing that arrives meanwhile draws over them.

import { $ } from "./dom.js";
import { on } from "./live.js";

document.addEventListener("click", e => {
  const button = e.target.closest("[data-amend]");
  if (!button) return;
  button.closest("details")?.removeAttribute("open");
  const box = document.getElementById("amendbox"), form = $("form", box), text = $("textarea", form);
  form.dataset.form = button.dataset.amend;
  form.elements.message.value = button.dataset.message;
  text.value = $(".bub", button.closest(".ev"))?.textContent ?? "";
  $(".refused", form).hidden = true;
  box.showModal();
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
});

// As in the composer: Ctrl or Command with Enter is done.
document.addEventListener("keydown", e => {
  if (e.key !== "Enter" || !(e.ctrlKey || e.metaKey) || e.isComposing || e.target.id !== "amendtext") return;
  e.preventDefault();
  e.target.form.requestSubmit();
});

// Wherever it stands in the line, only what it says is drawn anew: place and hour stay.
on("amended", frame => {
  const old = document.getElementById(`message-${frame.message}`), fresh = document.createElement("template");
  fresh.innerHTML = frame.html;
  const node = fresh.content.getElementById(`message-${frame.message}`);
  if (old && node) old.lastElementChild.replaceWith(node.lastElementChild);
});

// Tickets: files are attached as they are chosen, and the lists are walked by keys.

import { $, $$, composing, inField, post, refuse, say } from "./dom.js";

document.addEventListener("change", async e => {
  const field = e.target.closest("input[data-attach]");
  if (!field?.files.length) return;
  try {
    for (const file of [...field.files].slice(0, 10)) {
      const body = new FormData();
      body.append("file", file, file.name);
      const { id } = await (await post("/files", body)).json();
      await post(field.dataset.attach, { field: "attach", value: id });
    }
    document.dispatchEvent(new CustomEvent("desk:changed", { detail: field.dataset.attach }));
  } catch (error) {
    refuse(field.closest("div") ?? field, error.message || say("failed"));
  } finally {
    field.value = "";
  }
});

// J and K walk the lines of the list, Enter opens one: as in the inbox.
document.addEventListener("keydown", e => {
  const lines = $$("main[data-reload] .tbl a.strong[href^='/tickets/']");
  if (!lines.length || composing(e) || inField(e.target) || e.ctrlKey || e.metaKey || e.altKey || $("dialog[open]")) return;
  const step = { j: 1, k: -1 }[e.key];
  if (!step) return;
  e.preventDefault();
  const at = lines.indexOf(document.activeElement);
  lines[at < 0 ? (step > 0 ? 0 : lines.length - 1) : Math.min(lines.length - 1, Math.max(0, at + step))].focus();
});

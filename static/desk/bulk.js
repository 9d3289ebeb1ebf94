// Many conversations or tickets at once: what is ticked goes with the form, and each choice shows the field it needs.

import { $, $$, part } from "./dom.js";
import { offer } from "./commandbar.js";

const form = () => $("#bulkform");
const picks = () => $$("[data-pick]");

function mount() {
  if (!form()) return;
  const act = $("#bulkact").value, chosen = picks().filter(box => box.checked);
  for (const field of $$("[data-of]", form())) {
    const on = field.dataset.of.split(" ").includes(act);
    field.hidden = !on;
    on ? field.setAttribute("name", "value") : field.removeAttribute("name");
    field.required = on && field.matches("input");
  }
  form().elements.ids.value = chosen.map(box => box.dataset.pick).join();
  form().elements.key.value = crypto.randomUUID?.() ?? String(Date.now());
  $("#bulkn").textContent = chosen.length ? $("#bulkn").dataset.words.replace("{n}", chosen.length) : "";
  $("#bulkgo").disabled = !chosen.length;
  $("#bulkall").checked = chosen.length > 0 && chosen.length === picks().length;
}

let last = null;
document.addEventListener("change", e => {
  if (!form()) return;
  if (e.target.id === "bulkall") for (const box of picks()) box.checked = e.target.checked;
  if (e.target.closest("#bulkform") || e.target.matches("[data-pick]")) mount();
});
// Shift and a click tick everything in between.
document.addEventListener("click", e => {
  if (!e.target.matches("[data-pick]")) return;
  const all = picks(), to = all.indexOf(e.target), from = all.indexOf(last);
  if (e.shiftKey && from >= 0) for (const box of all.slice(Math.min(from, to), Math.max(from, to) + 1)) box.checked = e.target.checked;
  last = e.target;
  mount();
});
document.addEventListener("desk:mounted", mount);

let views = [];
async function load() {
  const texts = await Promise.all(["/conversations/views", "/tickets/views"].map(part));
  views = texts.flatMap(text => text ? JSON.parse(text) : []);
}
document.addEventListener("desk:bar_opens", () => load().catch(() => {}));
offer(() => views.map(view => ({ label: view.name, hint: view.href.replace(/^\/\w+\?/, ""), kind: "view", run: () => document.dispatchEvent(new CustomEvent("desk:go", { detail: view.href })) })));

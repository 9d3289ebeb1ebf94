// Macros of the conversation that is open: each is a line of the command bar; a button of the composer shows them alone.

import { $, part, post, say, toast } from "./dom.js";
import { here } from "./list.js";
import { offer, open } from "./commandbar.js";

let all = [];
async function load() {
  const text = await part("/inbox/macros");
  all = text ? JSON.parse(text) : [];
}

const conversation = () => here()?.[1] === "conversation" && $("#tl")?.dataset.mine !== undefined ? here()[2] : null;

async function run(macro) {
  const of = conversation();
  if (!of) return;
  try {
    const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    const response = await post(`/work/conversation/${of}/macro/${macro.id}`, { key });
    toast(say("macro_ran", { name: macro.name }));
    const next = response.headers.get("location");
    document.dispatchEvent(next ? new CustomEvent("desk:go", { detail: next }) : new CustomEvent("desk:changed", { detail: "" }));
  } catch (error) { toast(error.message || say("failed")); }
}

offer(() => conversation() ? all.map(macro => ({
  label: macro.folder ? `${macro.folder} / ${macro.name}` : macro.name,
  hint: macro.steps.join(" · "),
  kind: "macro",
  run: () => run(macro),
})) : []);

document.addEventListener("desk:mounted", () => { if (conversation()) load().catch(() => {}); });
document.addEventListener("click", e => { if (e.target.closest("#macro")) open("macro"); });

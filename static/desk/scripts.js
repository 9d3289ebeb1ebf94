// The script beside a contact: what to say, step by step. An answer of the customer's leads on; what is said can be put into the reply.

import { $, part, say } from "./dom.js";
import { here } from "./list.js";

let all = [], which = 0, at = 0, of = "";
const box = () => $("#scriptbox");

async function open() {
  const work = here();
  if (!work || !box()) return;
  const text = await part(`/inbox/scripts?${work[1]}=${work[2]}`);
  all = text ? JSON.parse(text) : [];
  if (of !== work.join()) { which = 0; at = 0; of = work.join(); }
  box().hidden = false;
  draw();
  $("select, button", box())?.focus();
}

export function close() { if (box()) box().hidden = true; }

function button(label, run, kind = "") {
  const el = document.createElement("button");
  el.type = "button";
  el.className = `btn s ${kind}`;
  el.textContent = label;
  el.onclick = run;
  return el;
}

function draw() {
  const script = all[which], body = $("#scripttext"), pick = $("#scriptpick");
  pick.replaceChildren(...all.map((one, i) => new Option(one.name, i, false, i === which)));
  pick.hidden = all.length < 2;
  $("#scriptnone").hidden = !!script;
  if (!script) { body.replaceChildren(); return; }
  const step = script.steps[Math.min(at, script.steps.length - 1)], title = document.createElement("h3"), text = document.createElement("p"), row = document.createElement("div");
  title.textContent = step.title || script.name;
  text.className = "txt";
  text.textContent = step.text;
  if (script.language) text.lang = script.language;
  row.className = "row wrap";
  row.append(...step.answers.map(([answer, to]) => button(answer, () => { at = to ?? at; draw(); })));
  if (!step.answers.length && at + 1 < script.steps.length) row.append(button(`${script.steps[at + 1].title || "→"}`, () => { at += 1; draw(); }));
  if (at) row.append(button(say("script_start"), () => { at = 0; draw(); }, "quiet"));
  if ($("#text")) row.append(button(say("script_insert"), () => insert(step.text), "primary push"));
  body.replaceChildren(title, text, row);
}

function insert(words) {
  const area = $("#text");
  area.setRangeText(words, area.selectionStart, area.selectionEnd, "end");
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", e => {
  if (e.target.closest("#script")) box()?.hidden ? open() : close();
  if (e.target.closest("#scriptclose")) close();
});
document.addEventListener("change", e => { if (e.target.id === "scriptpick") { which = Number(e.target.value); at = 0; draw(); } });
document.addEventListener("keydown", e => { if (e.key === "Escape" && box() && !box().hidden && box().contains(e.target)) { e.preventDefault(); close(); $("#text")?.focus(); } });

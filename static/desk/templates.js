// Texts that the platform has approved: a list to choose from, fields for their variables, and how the message will read. Where nothing else
// can be sent, the list stands in the place of the text.

import { $, $$, Refused, composing, part, post, say } from "./dom.js";

const box = () => $("#tpl");
let all = [], of = null, chosen = null, at = 0, shown = [];
/// Told when the list opens or closes, or something is filled in.
let changed = () => {};
export const onChange = run => { changed = run; };

export const isOpen = () => !!box() && !box().hidden;
/// What is chosen and filled in, as it is sent; null when something is missing, which is then under the cursor.
export function ready() {
  if (!chosen) { $("#tplq").focus(); return null; }
  const fields = $$("input", $("#tplf")), wrong = fields.find(field => !field.value.trim());
  if (wrong) { wrong.setAttribute("aria-invalid", "true"); wrong.focus(); return null; }
  return { name: chosen.name, language: chosen.language, values: JSON.stringify(fields.map(field => field.value)), text: preview() };
}

export async function open(conversation, why) {
  const fresh = of !== conversation;
  box().hidden = false;
  $("#tplwhy").textContent = why;
  $("#tplwhy").parentElement.hidden = !why;
  if (fresh) { all = []; of = conversation; pick(null); }
  draw();
  changed();
  await load(part(`/inbox/templates?conversation=${conversation}`), conversation);
}

export function close() {
  if (!box()) return;
  box().hidden = true;
  pick(null);
  changed();
}

/// A composer that was drawn anew knows of no list.
export function forget() { of = null; chosen = null; }

/// It is sent: the next one begins with the list.
export function done() { pick(null); draw(); changed(); }

async function load(asked, conversation) {
  const text = await asked;
  if (!text || of !== conversation || !box()) return;
  const told = JSON.parse(text);
  all = told.templates;
  $("#tplat").textContent = told.read;
  $("#tplbad").textContent = told.trouble ?? "";
  $("#tplbad").hidden = !told.trouble;
  draw();
}

async function refresh() {
  const button = $("#tplre"), conversation = of;
  button.disabled = true;
  try { await load(post(`/inbox/templates?conversation=${conversation}`).then(answer => answer.text()), conversation); }
  catch (error) {
    $("#tplbad").textContent = error instanceof Refused ? error.message : say("failed");
    $("#tplbad").hidden = false;
  }
  button.disabled = false;
}

const el = (tag, name, text) => { const made = document.createElement(tag); made.className = name; if (text !== undefined) made.textContent = text; return made; };

function draw() {
  const query = $("#tplq"), want = query.value.trim().toLowerCase();
  const fits = one => [one.name, one.title, one.language, one.text].some(text => text.toLowerCase().includes(want));
  shown = all.filter(fits);
  at = Math.min(at, Math.max(shown.length - 1, 0));
  const rows = shown.map((one, i) => {
    const row = el("div", `mi tplr${one.state === "approved" ? "" : " off"}`), head = el("span", "row"), body = el("span", "cut");
    row.id = `tpl-${i}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", i === at);
    if (one.state !== "approved") row.setAttribute("aria-disabled", "true");
    head.append(el("b", "cut", one.title || one.name));
    if (one.language) head.append(el("span", "chip", one.language));
    if (one.title) head.append(el("code", "sm dim", one.name));
    body.append(head, el("span", "sm sub blk tplt", one.text));
    if (one.why) body.append(el("span", "sm bad blk tplt", one.why));
    row.append(body, el("span", `chip ${{ approved: "ok", waiting: "warn", refused: "bad" }[one.state]}`, one.state_text));
    row.onclick = () => { at = i; choose(); };
    return row;
  });
  if (!rows.length) rows.push(el("p", "none", all.length ? say("no_template_fits") : say("no_templates")));
  $("#tpls").replaceChildren(...rows);
  shown.length ? query.setAttribute("aria-activedescendant", `tpl-${at}`) : query.removeAttribute("aria-activedescendant");
  $(`#tpl-${at}`)?.scrollIntoView({ block: "nearest" });
}

function choose() {
  const one = shown[at];
  if (!one) return;
  if (one.state !== "approved") { draw(); return; }
  pick(one);
  changed();
  ($("input", $("#tplf")) ?? $("#send")).focus();
}

function pick(one) {
  chosen = one;
  const form = $("#tplf");
  if (!form) return;
  form.hidden = !one;
  $("#tpll").hidden = !!one;
  if (!one) { $("#tplfields").replaceChildren(); return; }
  $("#tpln").textContent = one.title || one.name;
  $("#tplla").textContent = one.language;
  $("#tplla").hidden = !one.language;
  $("#tplfields").replaceChildren(...one.variables.map(variable => {
    const label = el("label", "fld"), input = el("input", "in");
    input.maxLength = variable.most;
    input.autocomplete = "off";
    input.name = variable.name;
    label.append(el("span", "", variable.label), input);
    return label;
  }));
  look();
}

// In one pass: what is written into a field is never taken for a place.
function preview() {
  const values = new Map($$("input", $("#tplf")).map(input => [input.name, input.value.trim().split(/\s+/).join(" ")]));
  return chosen.text.replace(/\{\{\s*([^{}]*?)\s*\}\}/g, (whole, name) => values.get(name) || whole);
}

function look() {
  const shows = $("#tplp"), values = new Map($$("input", $("#tplf")).map(input => [input.name, input]));
  shows.replaceChildren();
  let from = 0;
  for (const place of chosen.text.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)) {
    const input = values.get(place[1]);
    if (!input) continue;
    shows.append(chosen.text.slice(from, place.index), el("mark", input.value.trim() ? "filled" : "", input.value.trim() || input.labels[0].firstChild.textContent));
    from = place.index + place[0].length;
  }
  shows.append(chosen.text.slice(from));
  const over = [...preview()].length - chosen.most;
  $("#tplover").textContent = over > 0 ? say("over", { n: over }) : "";
}

/// Back to the list.
function back() { pick(null); draw(); changed(); $("#tplq").focus(); }

document.addEventListener("input", e => {
  if (e.target.id === "tplq") { at = 0; draw(); }
  if (e.target.closest?.("#tplf")) { e.target.removeAttribute("aria-invalid"); look(); }
});
document.addEventListener("click", e => {
  if (e.target.closest?.("#tplre")) refresh();
  if (e.target.closest?.("#tplback")) back();
});
document.addEventListener("keydown", e => {
  if (!isOpen() || composing(e) || !e.target.closest?.("#tpl")) return;
  if (e.target.id === "tplq") {
    const move = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (move && shown.length) { e.preventDefault(); at = (at + move + shown.length) % shown.length; draw(); }
    if (e.key === "Enter") { e.preventDefault(); choose(); }
    return;
  }
  if (e.key === "Escape" && chosen) { e.preventDefault(); e.stopImmediatePropagation(); back(); return; }
  // Enter goes on to the next field that is empty, and sends from the last: the form's own submit does that.
  const fields = $$("input", $("#tplf")), next = fields.slice(fields.indexOf(e.target) + 1).find(field => !field.value.trim());
  if (e.key === "Enter" && e.target.matches("#tplf input") && next && !e.ctrlKey && !e.metaKey) { e.preventDefault(); next.focus(); }
}, true);

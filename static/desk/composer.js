// The composer: reply and note, drafts kept on the server, colleagues at the same person, attachments by button, drag and paste.

import { $, $$, composing, now, post, say, settings, toast } from "./dom.js";
import { on, online, tell } from "./live.js";
import * as outbox from "./outbox.js";
import * as picker from "./picker.js";
import * as know from "./know.js";
import * as mention from "./mention.js";
import * as mail from "./mail.js";
import * as templates from "./templates.js";
import * as cards from "./cards.js";
import { keysOf, pretty } from "./keynames.js";

const form = () => $("#composer");
const text = () => $("#text");
let files = [], typed = 0;

const tab = () => $('.ctab[aria-selected="true"]', form());
export const isNote = () => !!tab() && "note" in tab().dataset;
const enterSends = () => !!settings.enterSends;
const conversation = () => tab()?.dataset.conversation;

/// Prepares a freshly drawn composer.
export function mount() {
  files = [];
  templates.forget();
  if (!form()) return;
  attached();
  how();
  const writes = cards.stays(conversation());
  mode();
  if (writes) card(false);
  grow();
  restore();
  also();
  outbox.show();
  know.refresh();
}

// What could not be saved waits in this browser, and is newer than what the server has.
function restore() {
  const kept = localStorage.getItem(draftKey(draftUrl()));
  if (kept === null) return;
  text().value = kept;
  grow();
  save();
}
/// What is attached to the reply of this tab.
function attached() {
  files = JSON.parse(tab().dataset.files || "[]");
  chips();
}
const draftUrl = () => isNote() ? `/people/${form().dataset.person}/draft` : `/work/conversation/${conversation()}/draft`;
const draftKey = url => `hubline.draft.${settings.agent}.${url}`;

/// Chooses the note (true) or the reply tab.
export function choose(note) {
  const want = $$(".ctab", form()).find(el => note === "note" in el.dataset);
  if (want) { select(want); text().focus(); }
}

// A note must never become a message because a tab was changed: each tab keeps its own text.
function select(next) {
  if (next === tab()) return;
  tab().dataset.draft = text().value;
  settle();
  tab().setAttribute("aria-selected", "false");
  next.setAttribute("aria-selected", "true");
  text().value = next.dataset.draft ?? "";
  attached();
  restore();
  mode();
  grow();
  know.close();
  mention.close();
  know.refresh();
}

function mode() {
  const note = isNote(), f = form();
  f.classList.toggle("note", note);
  $$(".reply-only", f).forEach(el => { el.hidden = note; });
  $$("[data-for]", f).forEach(el => { el.hidden = (el.dataset.for === "note") !== note; });
  const label = note ? text().dataset.noteLabel : text().dataset.replyLabel;
  text().placeholder = label;
  text().setAttribute("aria-label", label);
  const why = note ? "" : tab()?.dataset.blocked ?? "", blocked = $(".blocked", f);
  blocked.hidden = !why;
  $("p", blocked).textContent = why;
  $("#send").setAttribute("aria-disabled", !!why);
  mail.show(note || why ? null : tab());
  cards.close();
  $("#cardb").hidden = note || !!why || !tab()?.dataset.cards || !!tab().dataset.templates;
  byTemplate(!note && !why && !!tab()?.dataset.templates);
  gone();
  left();
  meter();
}

// Texts that the platform approved, instead of one's own: by a click, and where nothing else can be sent.
function byTemplate(open) {
  $("#template").hidden = isNote() || !("templates" in (tab()?.dataset ?? {})) || !!tab().dataset.blocked;
  if (open) templates.open(conversation(), tab().dataset.templates); else templates.close();
}
// What stands in the place of the text while it is open.
function instead() {
  const on = templates.isOpen(), only = !!tab()?.dataset.templates && !isNote(), card = cards.isOpen();
  form().classList.toggle("templating", on);
  $("#template").setAttribute("aria-pressed", on);
  $("#template").disabled = only;
  $("#cardb").setAttribute("aria-pressed", card);
  $$("#text, #attach, #canned, #attached, #ksug").forEach(el => { el.classList.toggle("instead", on || card); });
  left();
}
templates.onChange(instead);
cards.onChange(instead);
/// Opens or closes the box for a question, a link or a place; false where nothing like that goes out.
export function card(focus = true) {
  if (!form() || $("#cardb").hidden) return false;
  if (cards.isOpen()) { cards.close(); text().focus(); return true; }
  templates.close();
  cards.open(JSON.parse(tab().dataset.cards), conversation(), focus);
  return true;
}
/// Opens or closes the list of templates; false where there are none.
export function template() {
  if (!form() || isNote() || $("#template").hidden) return false;
  if (!tab().dataset.templates) { cards.close(); byTemplate(!templates.isOpen()); }
  (templates.isOpen() ? $("#tplq") : text()).focus();
  return true;
}

// How long the platform lets us answer.
function meter() {
  const el = $("#window"), said = isNote() ? "" : tab()?.dataset.window ?? "";
  if (!el) return;
  el.hidden = !said;
  $("span", el).textContent = said;
  $(".v", el).setAttribute("width", tab()?.dataset.percent ?? 0);
  $("#attach").disabled = "textOnly" in (tab()?.dataset ?? {});
}

// A window that closes while it is looked at: what can still be sent is offered, without a word of what was written being lost.
function shut() {
  if (!form()) return;
  let here = false;
  for (const el of $$(".ctab[data-until]", form())) {
    if (now() < Number(el.dataset.until)) continue;
    delete el.dataset.until;
    el.dataset.closed = "";
    el.dataset.window = el.dataset.shut;
    el.dataset.percent = "0";
    if ("templates" in el.dataset) el.dataset.templates = el.dataset.then; else el.dataset.blocked ||= el.dataset.then;
    here ||= el === tab();
  }
  if (here) { save(); mode(); }
}
setInterval(shut, 2000);

const COUNTED = {
  characters: said => [...said].length,
  bytes: said => new TextEncoder().encode(said).length,
  utf16: said => said.length,
  segments: said => [...said].length,
};

// Whoever has left reads it later: said before one writes.
function gone() {
  const el = $("#gone");
  if (el) el.hidden = isNote() || !tab() || !("gone" in tab().dataset);
}

function grow() {
  const el = text();
  el.style.height = "auto";
  el.style.height = `${Math.min(el.scrollHeight + 2, innerHeight * .4)}px`;
}

function left() {
  const max = Number(tab()?.dataset.max || 0), used = (COUNTED[tab()?.dataset.unit] ?? COUNTED.characters)(text().value), el = $("#left");
  const other = templates.isOpen() || cards.isOpen(), over = max && used > max && !other;
  el.textContent = !max || isNote() || other || used < max * .8 ? "" : over ? say("over", { n: used - max }) : say("left", { n: max - used });
  el.classList.toggle("bad", over);
}

// The draft that waits to be saved: where, what, and the timer.
let waiting = null;

function save() {
  if (!form()) return;
  const url = draftUrl(), value = text().value, head = isNote() ? null : mail.draft();
  const added = isNote() ? null : files.filter(file => file.id).map(file => file.id).join();
  tab().dataset.draft = value;
  if (waiting && waiting.url !== url) settle();
  clearTimeout(waiting?.timer);
  waiting = { url, value, head, added, timer: setTimeout(settle, 800) };
}

/// Saves at once what waits to be saved.
export async function settle() {
  const draft = waiting;
  if (!draft) return;
  clearTimeout(draft.timer);
  waiting = null;
  const kept = draftKey(draft.url);
  try {
    await post(draft.url, { text: draft.value, ...draft.head === null ? {} : { mail: draft.head }, ...draft.added === null ? {} : { files: draft.added } }, { keepalive: draft.value.length < 20_000 });
    localStorage.removeItem(kept);
    const el = $("#saved");
    if (el && !waiting && form() && draftUrl() === draft.url) el.textContent = draft.value || draft.added ? say("saved") : "";
  } catch {
    // It waits in this browser; the next key, or the next time it is opened, tries again.
    draft.value ? localStorage.setItem(kept, draft.value) : localStorage.removeItem(kept);
  }
}
addEventListener("pagehide", settle);

/// What was written is sent: there is no draft any more, here or on the server.
function forget() {
  clearTimeout(waiting?.timer);
  waiting = null;
  tab().dataset.draft = "";
  delete tab().dataset.files;
  localStorage.removeItem(draftKey(draftUrl()));
  $("#saved").textContent = "";
}

export async function send() {
  const f = form(), value = text().value.trimEnd();
  if (!f || picker.isOpen() || know.isOpen() || mention.isOpen() || $("#send").getAttribute("aria-disabled") === "true") return;
  if (templates.isOpen()) { sendTemplate(); return; }
  if (cards.isOpen()) { sendCard(); return; }
  if (!value && !(files.length && !isNote())) { text().focus(); return; }
  if (files.some(file => !file.id)) { toast(say("uploading")); return; }
  const note = isNote();
  const item = { person: f.dataset.person, note, text: value, files: note ? "" : files.map(file => file.id).join(), names: files.map(file => file.name).join(", ") };
  item.url = note ? `/people/${item.person}/note` : `/work/conversation/${conversation()}/reply`;
  if (note) item.work = f.dataset.work ?? "";
  else { item.articles = know.taken(); item.mail = mail.fields(); mail.done(tab()); }
  text().value = "";
  if (!note) { files = []; chips(); }
  forget();
  grow(); left(); refused("");
  outbox.give(item);
}

function sendCard() {
  const written = cards.ready();
  if (!written) return;
  const item = { person: form().dataset.person, note: false, text: written.text, names: "", url: `/work/conversation/${conversation()}/card`, body: { card: written.card } };
  refused("");
  cards.done();
  text().focus();
  outbox.give(item);
}

function sendTemplate() {
  const chosen = templates.ready();
  if (!chosen) return;
  const { text: said, ...body } = chosen;
  const item = { person: form().dataset.person, note: false, text: said, names: "", url: `/work/conversation/${conversation()}/template`, body };
  refused("");
  if (tab().dataset.templates) templates.done(); else { templates.close(); text().focus(); }
  outbox.give(item);
}

mail.onChange(save);

function refused(sentence) {
  const el = $("#refusal");
  if (el) { el.textContent = sentence; el.hidden = !sentence; }
}

async function attach(list) {
  if (!form() || isNote()) return;
  const here = tab();
  for (const file of [...list].slice(0, 10 - files.length)) {
    const entry = { name: file.name || "image.png", id: null };
    files.push(entry);
    chips();
    const body = new FormData();
    body.append("file", file, entry.name);
    try { entry.id = (await (await post("/files", body)).json()).id; }
    catch (error) { files = files.filter(other => other !== entry); refused(`${entry.name}: ${error.message || say("failed")}`); }
    if (!here.isConnected) return;
    if (tab() === here) {
      if (entry.id && !files.includes(entry)) files.push(entry);
      chips();
      if (entry.id) changed();
    } else if (entry.id) here.dataset.files = JSON.stringify([...JSON.parse(here.dataset.files || "[]"), entry]);
  }
}

// What is attached is kept with the draft.
function changed() {
  tab().dataset.files = JSON.stringify(files.filter(file => file.id));
  save();
}

function chips() {
  const box = $("#attached");
  box.hidden = !files.length;
  box.replaceChildren(...files.map(file => {
    const chip = document.createElement("span"), name = document.createElement("span"), x = document.createElement("button");
    chip.className = "att";
    name.className = "cut";
    name.textContent = file.id ? file.name : `${file.name} · ${say("uploading")}`;
    x.type = "button";
    x.setAttribute("aria-label", `${say("remove")} ${file.name}`);
    x.textContent = "×";
    x.onclick = () => { files = files.filter(other => other !== file); chips(); changed(); };
    chip.append(name, x);
    return chip;
  }));
}

function how() {
  const plain = enterSends();
  $$("#sendhow [data-enter]").forEach(el => el.setAttribute("aria-checked", (el.dataset.enter === "plain") === plain));
  const kbd = $("#send .kbd");
  if (kbd) kbd.textContent = plain ? "↵" : pretty(keysOf("send")[0] ?? "");
}

document.addEventListener("submit", e => { if (e.target === form()) { e.preventDefault(); send(); } });
document.addEventListener("keydown", e => {
  if (!composing(e) && e.target.closest?.("#tpl")) {
    if (e.key === "Escape" && !tab()?.dataset.templates) { e.preventDefault(); e.stopPropagation(); template(); }
  }
  if (e.key === "Escape" && !composing(e) && e.target.closest?.("#card")) { e.preventDefault(); e.stopPropagation(); card(); }
  if (e.target !== text() || composing(e) || picker.key(e) || know.key(e) || mention.key(e)) return;
  if (e.key !== "Enter") return;
  if (enterSends() && !e.shiftKey && !e.altKey && !e.ctrlKey && !e.metaKey) { e.preventDefault(); send(); }
});
document.addEventListener("input", e => {
  if (e.target !== text()) return;
  grow(); left(); save();
  if (!e.isComposing) { picker.typed(text(), form().dataset.person); know.typed(); mention.typed(isNote()); }
  if (online() && Date.now() - typed > 2500) { typed = Date.now(); tell({ type: "typing", conversation: isNote() ? null : Number(conversation()) }); }
});
document.addEventListener("click", e => {
  const next = e.target.closest("#composer .ctab");
  if (next) { select(next); text().focus(); }
  if (e.target.closest("#template")) template();
  if (e.target.closest("#cardb")) card();
  if (e.target.closest("#attach")) $("#files").click();
  if (e.target.closest("#canned")) { text().focus(); picker.open(text(), form().dataset.person); }
  const menu = $("#sendhow");
  if (menu) {
    const toggle = e.target.closest("#sendmenu");
    menu.hidden = toggle ? !menu.hidden : true;
    $("#sendmenu").setAttribute("aria-expanded", !menu.hidden);
    const choice = e.target.closest("[data-enter]");
    if (choice) {
      settings.enterSends = choice.dataset.enter === "plain";
      how();
      post("/settings/enter", { on: settings.enterSends }).catch(error => toast(error.message));
    }
  }
});
document.addEventListener("change", e => { if (e.target.id === "files") { attach(e.target.files); e.target.value = ""; } });
document.addEventListener("desk:attach", e => { if (form() && !isNote()) { e.preventDefault(); attach(e.detail); } });
document.addEventListener("paste", e => { if (e.target === text() && e.clipboardData.files.length) { e.preventDefault(); attach(e.clipboardData.files); } });
document.addEventListener("dragover", e => { if (e.target.closest?.("#conv") && form()) { e.preventDefault(); form().classList.add("drop"); } });
document.addEventListener("dragleave", e => { if (!e.relatedTarget) form()?.classList.remove("drop"); });
document.addEventListener("drop", e => {
  form()?.classList.remove("drop");
  if (e.target.closest?.("#conv") && e.dataTransfer?.files.length) { e.preventDefault(); attach(e.dataTransfer.files); }
});
on("left", frame => {
  const el = $(`#composer .ctab[data-conversation="${frame.conversation}"]`);
  if (!el) return;
  if (frame.left) el.dataset.gone = ""; else delete el.dataset.gone;
  gone();
});

// Colleagues at the same person: who looks, and who writes just now. Nothing of it is kept.
let others = [], writers = new Map();
function also() {
  const el = $("#also");
  if (!el) return;
  const here = $("#tl")?.dataset.person, now = Date.now();
  const writing = [...writers].filter(([, at]) => now - at < 6000).map(([name]) => name);
  const looking = others.person === here ? others.map(other => other.name).filter(name => !writing.includes(name)) : [];
  const parts = [...writing.map(name => say("also_writing", { name })), ...looking.length ? [say("also_here", { names: looking.join(", ") })] : []];
  const line = parts.join(" · ");
  if ($("span", el).textContent !== line) $("span", el).textContent = line;
  el.hidden = !line;
}
on("viewers", frame => {
  if (String(frame.person) !== others.person) writers.clear();
  others = Object.assign(frame.others, { person: String(frame.person) });
  for (const name of writers.keys()) if (!others.some(other => other.name === name)) writers.delete(name);
  also();
});
on("writes", frame => {
  if (String(frame.person) !== $("#tl")?.dataset.person) return;
  writers.set(frame.name, Date.now());
  also();
  setTimeout(also, 6100);
});
on("typing", frame => {
  const el = $("#typing");
  if (!el || String(frame.conversation) !== conversation()) return;
  el.textContent = frame.text ? say("typing", { text: frame.text }) : frame.on === false ? "" : say("is_typing");
  clearTimeout(el.timer);
  el.timer = setTimeout(() => { el.textContent = ""; }, 6000);
});

// Articles beside the composer. What may answer the customer's latest words stands over the text, anew as they write. `??` opens the list, what
// follows it searches; Enter puts the answer in, Ctrl/⌘+Enter sends it at once, Shift+Enter puts in its link (of public ones), Alt+Enter opens it.
// Each is counted by the server.

import { $, part, post, say, toast } from "./dom.js";
import { on } from "./live.js";

const MARK = /(^|\s)(?:\?\?|？？)([^\n]*)$/;
const box = () => $("#kpick");
const bar = () => $("#ksug");
const area = () => $("#text");
// What is offered unasked, what the open list shows, which line, and what went into the text that is not sent yet.
let offered = [], shown = [], at = 0, turn = 0, later = 0, used = new Set(), about = "";

const conversation = () => $('.ctab[aria-selected="true"]', $("#composer"))?.dataset.conversation ?? "";
export const isOpen = () => !!box() && !box().hidden;

/// The articles in the text, for whoever sends it; and from then on none.
export function taken() {
  const all = [...used].join();
  used.clear();
  return all;
}

async function ask(query) {
  const fields = new URLSearchParams({ conversation: conversation(), q: query });
  if (!conversation()) fields.delete("conversation");
  const text = await part(`/knowledge/suggest?${fields}`);
  return text ? JSON.parse(text) : [];
}

/// Looks at the customer's latest words anew.
export function refresh() {
  clearTimeout(later);
  later = setTimeout(async () => {
    const of = conversation();
    if (of !== about) { used.clear(); about = of; }
    offered = of ? await ask("") : [];
    if (of === conversation()) offer();
  }, 400);
}

function offer() {
  if (!bar()) return;
  bar().hidden = !offered.length;
  const buttons = offered.map(article => {
    const button = document.createElement("button"), name = document.createElement("span");
    button.type = "button";
    button.className = "btn s";
    button.title = article.text;
    button.lang = article.language;
    name.className = "cut";
    name.textContent = article.title;
    button.append(name);
    button.onclick = () => use(article, "inserted");
    return button;
  });
  const key = document.createElement("kbd");
  key.className = "kbd";
  key.textContent = "??";
  bar().replaceChildren(key, ...buttons);
}

/// Opens, narrows or closes the list by what stands before the caret.
export function typed() {
  const before = area().value.slice(0, area().selectionStart), hit = before.match(MARK);
  if (!hit) { close(); return; }
  open(hit[2].trim());
}

async function open(query) {
  const mine = ++turn;
  const found = query ? await ask(query) : offered;
  if (mine !== turn || !area()) return;
  shown = found;
  at = 0;
  draw();
}

export function close() {
  turn++;
  if (!isOpen()) return;
  box().hidden = true;
  area()?.removeAttribute("aria-activedescendant");
}

function draw() {
  const rows = shown.map((article, i) => {
    const row = document.createElement("div"), sign = document.createElement("code"), body = document.createElement("span");
    const title = document.createElement("b"), line = document.createElement("span"), keys = document.createElement("span");
    row.className = "mi";
    row.id = `kpick-${i}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", i === at);
    sign.textContent = "??";
    title.textContent = article.title;
    line.className = "sm sub cut blk";
    line.textContent = article.text;
    body.className = "cut";
    body.lang = article.language;
    body.append(title, line);
    keys.className = "kmeta";
    keys.textContent = article.link ? "↵ · ⌘↵ · ⇧↵ · ⌥↵" : "↵ · ⌘↵ · ⌥↵";
    row.append(sign, body, keys);
    row.onpointerdown = e => { e.preventDefault(); choose(article, "inserted"); };
    return row;
  });
  const foot = document.createElement("p");
  foot.className = "none";
  foot.textContent = rows.length ? say("article_keys") : say("no_article");
  box().replaceChildren(...rows, foot);
  box().hidden = false;
  if (rows.length) area().setAttribute("aria-activedescendant", `kpick-${at}`);
}

// What was typed to find it goes, the words of the article come.
async function choose(article, kind, send = false) {
  const caret = area().selectionStart, before = area().value.slice(0, caret), hit = before.match(MARK);
  if (hit) area().setRangeText("", caret - hit[0].length + hit[1].length, caret, "end");
  close();
  if (await use(article, kind) && send) area()?.form.requestSubmit();
}

/// Whether its words are in the text now.
async function use(article, kind) {
  if (kind === "linked" && !article.link) { toast(say("not_public")); return false; }
  // The tab first: a browser opens one only at once after the key.
  if (kind === "opened") open_(article);
  try {
    const fields = { language: article.language, kind };
    const call = document.querySelector("section.call")?.dataset.call;
    if (conversation()) fields.conversation = conversation();
    else if (call) fields.call = call;
    const words = await (await post(`/knowledge/${article.article}/cite`, fields)).json();
    if (kind === "opened" || !area()) return false;
    const text = kind === "linked" ? `${words.title} ${words.link}` : words.text;
    area().setRangeText(text, area().selectionStart, area().selectionEnd, "end");
    used.add(article.article);
    area().focus();
    area().dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  } catch (error) { toast(error.message); return false; }
}

const open_ = article => window.open(article.href, "_blank", "noopener");

/// True when the key was the list's.
export function key(e) {
  if (!isOpen()) return false;
  const move = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (move && shown.length) { e.preventDefault(); at = (at + move + shown.length) % shown.length; draw(); return true; }
  if (e.key === "Enter" && shown.length) { e.preventDefault(); choose(shown[at], e.shiftKey ? "linked" : e.altKey ? "opened" : "inserted", e.ctrlKey || e.metaKey); return true; }
  if (e.key === "Tab" && shown.length) { e.preventDefault(); choose(shown[at], "inserted"); return true; }
  if (e.key === "Escape") { e.preventDefault(); close(); return true; }
  return false;
}

on("events", frame => { if (String(frame.person) === $("#tl")?.dataset.person) refresh(); });

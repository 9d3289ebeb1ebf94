// The dialog that sends something beside the talk: a form by one click, a prepared reply, an article, a text or link, pictures and files. It says first
// where it goes; what was sent under one key is not sent again, however often it is asked for.

import { $, part, post, say, toast } from "./dom.js";

let path = "", key = "", files = [], tries = 0, tried = "";
const box = () => $("#pushbox");
const refused = text => { const place = $(".refused", box()); if (place) { place.textContent = text; place.hidden = !text; } };
const fresh = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;

export async function open(work) {
  path = work;
  key = fresh();
  files = [];
  tried = "";
  const html = await part(`/work/${path}/push`);
  if (html === null || !box()) return;
  $("form", box()).innerHTML = html;
  if (!box().open) box().showModal();
}

async function send(fields, under) {
  const seen = $(".way", box())?.dataset.seen ?? "";
  refused("");
  try {
    await post(`/work/${path}/push`, { ...fields, seen, key: `${key}-${under}` });
    box().close();
    toast(say("pushed"));
  } catch (error) {
    const text = error.message || say("failed");
    // Where it goes may be another place by now: the dialog says which, with what was written kept.
    const written = $("#pushtext")?.value;
    const html = error.status === 409 ? await part(`/work/${path}/push`) : null;
    if (html !== null) { $("form", box()).innerHTML = html; if (written && $("#pushtext")) $("#pushtext").value = written; attached(); }
    refused(text);
  }
}

function attached() {
  const place = $("#pushattached");
  if (place) place.textContent = files.map(file => file.name).join(", ");
}

// What was found of the knowledge base: a public article goes as its link, another as its words. Each is counted with the contact.
let asking = 0;
async function find(query) {
  const turn = ++asking, text = query ? await part(`/knowledge/suggest?${new URLSearchParams({ q: query })}`) : "[]";
  const place = $("#pushfound");
  if (turn !== asking || !place) return;
  const buttons = JSON.parse(text ?? "[]").map(article => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn s";
    button.lang = article.language;
    button.title = article.text;
    button.textContent = article.title;
    button.onclick = () => cite(article);
    return button;
  });
  if (query && !buttons.length) place.textContent = say("no_article"); else place.replaceChildren(...buttons);
  place.hidden = !query;
}

async function cite(article) {
  const [kind, id] = path.split("/");
  try {
    const words = await (await post(`/knowledge/${article.article}/cite`, { language: article.language, kind: article.link ? "linked" : "inserted", [kind]: id })).json();
    const text = $("#pushtext"), cited = words.link ? `${words.title} ${words.link}` : words.text;
    text.value = [text.value.trimEnd(), cited].filter(Boolean).join("\n");
    text.focus();
  } catch (error) { refused(error.message || say("failed")); }
}

document.addEventListener("input", e => { if (e.target.id === "pushknow") find(e.target.value.trim()); });

document.addEventListener("click", e => {
  const opener = e.target.closest("[data-push]");
  if (opener) { opener.closest("details")?.removeAttribute("open"); open(opener.dataset.push); return; }
  const form = e.target.closest("[data-push-form]");
  if (form) { send({ form: form.dataset.pushForm }, `form-${form.dataset.pushForm}`.slice(0, 40)); return; }
  if (e.target.closest("[data-push-attach]")) $("#pushfiles").click();
});

document.addEventListener("change", async e => {
  if (e.target.id === "pushreply" && e.target.value) { $("#pushtext").value = e.target.value; $("#pushtext").focus(); }
  if (e.target.id !== "pushfiles") return;
  for (const file of e.target.files) {
    const body = new FormData();
    body.append("file", file, file.name);
    try { files.push(await (await post("/files", body)).json()); attached(); } catch (error) { refused(error.message || say("failed")); }
  }
  e.target.value = "";
});

document.addEventListener("submit", e => {
  if (!e.target.matches?.("#pushbox form")) return;
  e.preventDefault();
  const fields = { text: $("#pushtext").value, files: files.map(file => file.id).join(",") };
  // The same once more keeps its key; what was changed meanwhile is something else.
  if (JSON.stringify(fields) !== tried) { tried = JSON.stringify(fields); tries++; }
  send(fields, `text-${tries}`);
});

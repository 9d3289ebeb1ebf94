// The editor of an article: buttons that write Markdown, pictures by button, drag and paste, a preview that follows, and nothing lost by leaving.

import { $, composing, post, say } from "./dom.js";

const body = () => $("#kbody");
const MARKS = { bold: ["**", "**"], heading: ["\n## ", ""], list: ["\n- ", ""], steps: ["\n1. ", ""], link: ["[", "](https://)"] };
let later = 0, turn = 0;

function preview() {
  clearTimeout(later);
  later = setTimeout(async () => {
    if (!body()) return;
    const mine = ++turn;
    $("#kptitle").textContent = $("#ktitle").value;
    try {
      const html = await (await post("/knowledge/preview", { body: body().value })).text();
      if (mine === turn && $("#kpreview")) $("#kpreview").innerHTML = html;
    } catch { /* the next key tries again */ }
  }, 250);
}

function put(before, after) {
  const el = body(), from = el.selectionStart, to = el.selectionEnd, chosen = el.value.slice(from, to);
  const start = from === 0 ? before.replace(/^\n/, "") : before;
  el.setRangeText(start + chosen + after, from, to, "end");
  el.setSelectionRange(from + start.length, from + start.length + chosen.length);
  el.focus();
  el.dispatchEvent(new Event("input", { bubbles: true }));
}

async function pictures(list) {
  const wrong = $("#kwrong");
  wrong.hidden = true;
  for (const file of [...list].filter(file => file.type.startsWith("image/"))) {
    const form = new FormData();
    form.append("file", file, file.name || "image.png");
    try {
      const kept = await (await post("/files", form)).json();
      put(`\n![${(file.name || "").replace(/\.[^.]*$/, "").replace(/[[\]]/g, "")}](file:${kept.id})\n`, "");
    } catch (error) {
      wrong.textContent = error.message || say("failed");
      wrong.hidden = false;
    }
  }
}

document.addEventListener("input", e => {
  if (!e.target.closest?.("#kedit")) return;
  $("#kedit").dataset.dirty = "";
  if (e.target === body() || e.target.id === "ktitle") preview();
});
// What is being saved is not lost by leaving.
document.addEventListener("submit", e => { if (e.target.id === "kedit") delete e.target.dataset.dirty; }, true);
document.addEventListener("click", e => {
  const mark = e.target.closest("[data-md]");
  if (mark && body()) put(...MARKS[mark.dataset.md]);
  if (e.target.closest("#kpicture")) $("#kfile").click();
});
document.addEventListener("change", e => { if (e.target.id === "kfile") { pictures(e.target.files); e.target.value = ""; } });
document.addEventListener("paste", e => { if (e.target === body() && e.clipboardData.files.length) { e.preventDefault(); pictures(e.clipboardData.files); } });
document.addEventListener("dragover", e => { if (e.target === body()) e.preventDefault(); });
document.addEventListener("drop", e => { if (e.target === body() && e.dataTransfer.files.length) { e.preventDefault(); pictures(e.dataTransfer.files); } });
document.addEventListener("keydown", e => {
  if (e.target !== body() || composing(e) || !(e.ctrlKey || e.metaKey) || e.altKey) return;
  if (e.key.toLowerCase() === "b") { e.preventDefault(); put(...MARKS.bold); }
  if (e.key.toLowerCase() === "s") { e.preventDefault(); $("#kedit").requestSubmit(); }
});
document.addEventListener("desk:mounted", () => { if (body()) preview(); });

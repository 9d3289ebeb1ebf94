// A letter that answers none: kept on the server while it is written, with what was attached.

import { $, post, say, toast } from "./dom.js";

const form = () => $("#letter");
let timer = 0, files = [];

async function keep() {
  timer = 0;
  const el = form();
  if (!el) return;
  try {
    await post(el.dataset.draft, Object.fromEntries(new FormData(el)), { keepalive: true });
    $("#lsaved").textContent = say("saved");
  } catch { /* the next key tries again */ }
}

document.addEventListener("input", e => {
  if (!form()?.contains(e.target)) return;
  $("#lsaved").textContent = "";
  clearTimeout(timer);
  timer = setTimeout(keep, 800);
});
addEventListener("pagehide", () => { if (timer) keep(); });

// What is attached is kept with the draft.
function changed() {
  chips();
  clearTimeout(timer);
  keep();
}

function chips() {
  const place = $("#lattached");
  $("#lfiles").value = files.map(file => file.id).join();
  place.hidden = !files.length;
  place.replaceChildren(...files.map(file => {
    const chip = document.createElement("span"), name = document.createElement("span"), x = document.createElement("button");
    chip.className = "att";
    name.className = "cut";
    name.textContent = file.name;
    x.type = "button";
    x.setAttribute("aria-label", `${say("remove")} ${file.name}`);
    x.textContent = "×";
    x.onclick = () => { files = files.filter(other => other !== file); changed(); };
    chip.append(name, x);
    return chip;
  }));
}

document.addEventListener("click", e => { if (e.target.closest("#lattach")) $("#lpick").click(); });
document.addEventListener("change", async e => {
  if (e.target.id !== "lpick") return;
  const list = [...e.target.files];
  e.target.value = "";
  for (const file of list.slice(0, 10 - files.length)) {
    const body = new FormData();
    body.append("file", file, file.name);
    try { files.push({ name: file.name, id: (await (await post("/files", body)).json()).id }); changed(); }
    catch (error) { toast(`${file.name}: ${error.message || say("failed")}`); }
  }
});
document.addEventListener("submit", e => {
  if (e.target !== form()) return;
  clearTimeout(timer);
  timer = 0;
  $("button.primary", form()).setAttribute("aria-disabled", "true");
});
function mount() {
  files = form() ? JSON.parse(form().dataset.files) : [];
  if (form()) chips();
}
document.addEventListener("desk:mounted", mount);

// The transfer dialog: queues and colleagues with their presence, fresh each time it opens.

import { $, $$, part, post, say, toast } from "./dom.js";

let work = "";
const box = () => $("#transferbox");

export async function open(path) {
  work = path;
  const html = await part("/inbox/targets");
  if (html === null) return;
  $("#targets").innerHTML = html;
  $("#transferfind").value = "";
  $("#transfernote").value = "";
  $(".refused", box()).hidden = true;
  box().showModal();
  $("#transferfind").focus();
}

document.addEventListener("input", e => {
  if (e.target.id !== "transferfind") return;
  const want = e.target.value.trim().toLowerCase();
  $$("#targets label").forEach(line => { line.hidden = !line.textContent.toLowerCase().includes(want); });
});

document.addEventListener("submit", async e => {
  if (!e.target.matches?.("[data-transfer-form]")) return;
  e.preventDefault();
  const to = $("#targets input:checked")?.value, place = $(".refused", box());
  if (!to) { $("#targets input:not(:disabled)")?.focus(); return; }
  try {
    await post(`/work/${work}/transfer`, { to, note: $("#transfernote").value });
    box().close();
    toast(say("transferred"));
  } catch (error) {
    place.textContent = error.message || say("failed");
    place.hidden = false;
  }
});

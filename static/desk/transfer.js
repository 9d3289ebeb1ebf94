// The transfer dialog: queues and colleagues with their presence, fresh each time it opens.

import { $, $$, part, post, say, toast } from "./dom.js";

let work = "", how = "transfer";
const box = () => $("#transferbox");

// A number and what people write between its digits.
const NUMBER = /^\+?[\d\s().\/-]{3,25}$/;

/// `how` is `transfer`, or `add` for one more in the talk.
export async function open(path, way = "transfer") {
  work = path;
  how = way;
  const html = await part("/inbox/targets");
  if (html === null) return;
  $("#targets").innerHTML = html;
  $("#transferfind").value = "";
  $("#transfernote").value = "";
  $(".refused", box()).hidden = true;
  const call = path.startsWith("call/"), go = $("[data-go]", box());
  go.textContent = go.dataset[`${how}Label`];
  $$("[data-for=consult]", box()).forEach(el => { el.hidden = !call || how === "add"; });
  $$("[data-for=transfer]", box()).forEach(el => { el.hidden = !call || how === "add"; });
  box().showModal();
  $("#transferfind").focus();
}

document.addEventListener("input", e => {
  if (e.target.id !== "transferfind") return;
  const want = e.target.value.trim().toLowerCase();
  $$("#targets label:not(#outsidetarget)").forEach(line => {
    line.hidden = !line.textContent.toLowerCase().includes(want) || (line.dataset.for === "transfer" && (how === "add" || !work.startsWith("call/")));
  });
  const outside = $("#outsidetarget");
  if (!outside) return;
  outside.hidden = !work.startsWith("call/") || !NUMBER.test(want);
  const radio = $("input", outside);
  radio.value = outside.hidden ? "" : `outside/${want}`;
  radio.checked = !outside.hidden;
  $("[data-number]", outside).textContent = want;
});

document.addEventListener("submit", async e => {
  if (!e.target.matches?.("[data-transfer-form]")) return;
  e.preventDefault();
  const to = $("#targets input:checked")?.value, place = $(".refused", box());
  if (!to) { $("#targets input:not(:disabled)")?.focus(); return; }
  try {
    const act = how === "add" ? "add" : e.submitter?.value === "consult" ? "consult" : "transfer";
    await post(`/work/${work}/${act}`, { to, note: $("#transfernote").value });
    box().close();
    if (act === "transfer") toast(say("transferred"));
  } catch (error) {
    place.textContent = error.message || say("failed");
    place.hidden = false;
  }
});

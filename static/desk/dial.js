// The dialog that calls somebody without a customer's card: a number as it is typed, a colleague, or a call that is parked.

import { $, part, post, refuse, say } from "./dom.js";
import { join, phone } from "./call.js";

const box = () => $("#dialbox");

export async function open() {
  if (!box() || box().open) return;
  $(".refused", box()).hidden = true;
  box().showModal();
  $("#dialnumber").select();
  const html = await part("/inbox/dial");
  if (html !== null) $("#dialto").innerHTML = html;
}

document.addEventListener("click", e => { if (e.target.closest("[data-dial]")) open(); });

document.addEventListener("submit", async e => {
  if (!e.target.matches?.("[data-dial-form]")) return;
  e.preventDefault();
  const field = $("#dialnumber"), number = field.value.trim();
  if (!number) { field.focus(); return; }
  phone()?.unlock();
  join();
  try {
    const response = await post("/work/call", { number });
    box().close();
    field.value = "";
    document.dispatchEvent(new CustomEvent("desk:go", { detail: response.headers.get("location") }));
  } catch (error) {
    refuse(field, error.message || say("failed"));
    field.select();
  }
});

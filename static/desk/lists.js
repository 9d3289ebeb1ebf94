// Lists of customers: the chosen file is sent as it is, and a page that tells how far something is looks again by itself.

import { $, refuse, say, signedOut } from "./dom.js";

document.addEventListener("change", async e => {
  const form = e.target.closest("[data-list]"), file = e.target.files?.[0];
  if (!form || !file) return;
  refuse(form, "");
  try {
    const response = await fetch(form.dataset.list, { method: "POST", body: file, headers: { Accept: "*/*", "X-File-Name": encodeURIComponent(file.name), "Content-Type": "text/csv" } });
    if (response.status === 401) return signedOut();
    if (!response.ok) throw new Error((await response.text()) || say("failed"));
    document.dispatchEvent(new CustomEvent("desk:go", { detail: response.headers.get("location") }));
  } catch (error) {
    refuse(form, error.message || say("failed"));
  } finally {
    e.target.value = "";
  }
});

setInterval(() => {
  const main = $("main[data-again]");
  if (main && !document.hidden) document.dispatchEvent(new CustomEvent("desk:go", { detail: location.pathname }));
}, 1500);


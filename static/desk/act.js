// Buttons and small forms: what they post stands in their attributes; a refusal stands beside them.

import { $, $$, post, refuse, say, toast, took } from "./dom.js";
import * as picture from "./picture.js";
import { open as transfer } from "./transfer.js";
import { join, phone } from "./call.js";
import * as ring from "./ring.js";
import { open as search } from "./commandbar.js";
import "./amend.js";
import "./assist.js";
import "./dial.js";
import "./lists.js";
import "./masked.js";
import "./push.js";
import "./resolve.js";
import "./ticket.js";

const FIELDS = ["on", "disposition", "remove", "field", "value", "person", "identity", "number", "colleague", "back", "slot", "party", "page", "video", "chat", "message"];

document.addEventListener("click", async e => {
  const button = e.target.closest("[data-post]");
  if (button) {
    e.preventDefault();
    if (button.dataset.sure && !confirm(button.dataset.sure)) return;
    const card = button.closest(".ringcard");
    if (card) { ring.answer(card, button.classList.contains("accept")); return; }
    const fields = Object.fromEntries(FIELDS.filter(name => name in button.dataset).map(name => [name, button.dataset[name]]));
    button.closest("details.drop")?.removeAttribute("open");
    await send(button, button.dataset.post, fields);
    return;
  }
  const path = e.target.closest("[data-transfer]");
  if (path) { e.target.closest("details")?.removeAttribute("open"); transfer(path.dataset.transfer, path.dataset.how); }
  const dialog = e.target.closest("[data-open]");
  if (dialog) { e.target.closest("details")?.removeAttribute("open"); document.getElementById(dialog.dataset.open)?.showModal(); }
  if (e.target.closest("[data-close]")) e.target.closest("dialog")?.close();
  if (e.target.closest("[data-cmd]") || e.target.closest('a[href="/search"]')) { e.preventDefault(); search(); }
  const toggle = e.target.closest("[data-toggle]");
  if (toggle) {
    const form = document.getElementById(toggle.dataset.toggle);
    form.hidden = !form.hidden;
    $$(`[data-toggle="${toggle.dataset.toggle}"]`).forEach(el => el.hasAttribute("aria-expanded") && el.setAttribute("aria-expanded", !form.hidden));
    if (!form.hidden) $("input:not([type=hidden]), textarea", form)?.focus();
  }
  // A menu closes when one clicks elsewhere; so does a dialog by its backdrop.
  for (const open of $$("details.drop[open], details.mestat[open], details.more[open]")) if (!open.contains(e.target)) open.open = false;
  if (e.target.matches("dialog")) e.target.close();
}, true);

// After resolving: the next one, where it was asked for so.
function after() {
  const next = sessionStorage.getItem("hubline.next");
  sessionStorage.removeItem("hubline.next");
  return next === null ? location.pathname : next || "/inbox";
}

async function send(from, url, fields) {
  if (from.dataset.busy) return false;
  from.dataset.busy = "1";
  refuse(from, "");
  const taken = url.match(/^\/work\/((call|conversation|callback)\/\d+)\/take$/);
  // Taking a call is answering it: it is ours once the first packet has arrived.
  const calls = url === "/work/call" || url === "/work/pickup" || url.endsWith("/phone") || /^\/wallboard\/call\/\d+\/watch$/.test(url) || /^\/callbacks\/\d+\/call$/.test(url);
  if (taken?.[2] === "call" || taken?.[2] === "callback" || calls) { phone()?.unlock(); join(); picture.wish(!!fields.video); }
  try {
    const response = await post(url, fields);
    from.closest("dialog")?.close();
    if (taken) took(url);
    if (response.status === 202) toast(await response.text());
    if (/\/park$/.test(url)) toast(say("parked", { slot: await response.text() }));
    const redraws = /^\/people\/\d+\/unmerge$/.test(url) || (/^\/people\/\d+\/merge$/.test(url) && !fields.back);
    const next = taken && taken[2] !== "callback" ? `/inbox/${taken[1]}` : /\/resolve$/.test(url) ? after() : redraws ? location.pathname : response.headers.get("location");
    if ("again" in from.dataset) document.dispatchEvent(new CustomEvent("desk:go", { detail: location.href }));
    else if (next) document.dispatchEvent(new CustomEvent("desk:go", { detail: next }));
    else if (/^\/(tickets|callbacks|people)\//.test(url)) document.dispatchEvent(new CustomEvent("desk:changed", { detail: url }));
    return true;
  } catch (error) {
    picture.wish(false);
    refuse(from, error.message || say("failed"));
    return false;
  } finally {
    delete from.dataset.busy;
  }
}

document.addEventListener("submit", async e => {
  const form = e.target;
  if (form.dataset.form) {
    e.preventDefault();
    const fields = Object.fromEntries(new FormData(form));
    if (!await send(form, form.dataset.form, fields)) return;
    if (form.matches(".wrapup")) document.dispatchEvent(new CustomEvent("desk:handed", { detail: form }));
    else if (!form.matches("[data-keep]")) { form.reset(); if (form.matches(".edit, .tagf")) form.hidden = true; document.activeElement?.blur?.(); }
  } else if (form.getAttribute("action") === "/me/status") {
    // The status changes without leaving the page.
    e.preventDefault();
    const value = e.submitter?.value ?? new FormData(form).get("status");
    form.closest("details")?.removeAttribute("open");
    $("#status")?.focus({ preventScroll: true });
    if (e.submitter?.name === "takes") await send(form, "/me/takes", { takes: value });
    else await send(form, "/me/status", { status: value });
  }
});

document.addEventListener("change", e => {
  const el = e.target.closest("[data-change]");
  if (el) send(el, el.dataset.change, { field: el.dataset.field, value: el.value });
});

document.addEventListener("keydown", e => {
  if (e.key !== "Escape") return;
  for (const open of $$("details.drop[open], details.mestat[open], details.more[open]")) { open.open = false; $("summary", open)?.focus(); }
});

// The page of channels: addresses are copied, and a channel is tried while one waits.

import { $, post, refuse, say } from "./dom.js";
import { refresh } from "./nav.js";

async function tryIt(button) {
  const list = $("ol", button.parentElement);
  button.disabled = true;
  list.setAttribute("aria-busy", "true");
  refuse(button, "");
  try {
    list.innerHTML = await (await post(button.dataset.try)).text();
    list.hidden = false;
  } catch (error) { refuse(button, error.message || say("failed")); }
  list.removeAttribute("aria-busy");
  button.disabled = false;
}

// Without https a page may not write to the clipboard: what is to be copied is marked instead.
async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    const word = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = word; }, 2000);
  } catch { getSelection().selectAllChildren(button.previousElementSibling); }
}

// How channels stand changes while one looks; not while something is tried, read or marked here.
setInterval(() => {
  const main = $("main[data-poll]");
  if (!main || document.hidden || $("details[open], [aria-busy], .trls:not([hidden])", main) || !getSelection().isCollapsed) return;
  if (!main.contains(document.activeElement) || document.activeElement === main) refresh();
}, 10_000);

document.addEventListener("click", e => {
  const tried = e.target.closest("[data-try]"), copied = e.target.closest("[data-copy]");
  if (tried) tryIt(tried);
  if (copied) copy(copied);
});

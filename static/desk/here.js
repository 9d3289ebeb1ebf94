// Where a visitor is on the firm's site, beside their timeline: it follows them from page to page. Whose page has told nothing for a while is gone.

import { $ } from "./dom.js";
import { on } from "./live.js";
import { tick } from "./clock.js";

const GONE_MS = 45_000;
let gone = 0;

on("here", frame => {
  const line = $("#person .here");
  if (!line || $("#tl")?.dataset.person !== String(frame.person)) return;
  clearTimeout(gone);
  line.hidden = !frame.title;
  if (!frame.title) return;
  gone = setTimeout(() => { const now = $("#person .here"); if (now) now.hidden = true; }, GONE_MS);
  const page = $("a", line), time = $("[data-age], .num", line);
  // The same page again: its clock runs on.
  if (page.textContent === frame.title && (page.getAttribute("href") ?? "") === (frame.href ?? "")) return;
  page.textContent = frame.title;
  if (frame.href) page.href = frame.href; else page.removeAttribute("href");
  time.dataset.age = frame.since;
  time.dataset.clock = "";
  tick();
});

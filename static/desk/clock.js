// Everything that ticks: one timer for the page. `data-age` counts up from a moment (as a clock with `data-clock`, else in words),
// `data-left` counts down to one. With `data-words` an hour and more is said in words, where seconds would only be unrest.

import { $$, now, settings } from "./dom.js";

export function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000)), h = Math.floor(s / 3600);
  const m = Math.floor(s / 60) % 60, two = n => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

function age(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const [unit, n] = s < 60 ? ["s", s] : s < 3600 ? ["m", Math.floor(s / 60)] : s < 86400 ? ["h", Math.floor(s / 3600)] : ["d", Math.floor(s / 86400)];
  return (settings.age[unit] || "{n}").replace("{n}", n);
}

const put = (el, text) => { if (el.textContent !== text) el.textContent = text; };

export function tick() {
  const at = now();
  const calm = (el, ms) => "words" in el.dataset && ms >= 3_600_000;
  for (const el of $$("[data-age]")) { const ms = at - el.dataset.age; put(el, "clock" in el.dataset && !calm(el, ms) ? span(ms) : age(ms)); }
  for (const el of $$("[data-left]")) { const ms = el.dataset.left - at; put(el, ms > 86_400_000 || calm(el, ms) ? age(ms) : span(ms)); }
}

setInterval(tick, 1000);

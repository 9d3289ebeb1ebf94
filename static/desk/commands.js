// What each command of the table does. A function that gives false could do nothing just now; the key is then left to the browser.

import { $, $$, now, post, say, settings, toast } from "./dom.js";
import { step } from "./list.js";
import * as ring from "./ring.js";
import * as composer from "./composer.js";
import { mute } from "./call.js";
import { open as dial } from "./dial.js";
import { open as transfer } from "./transfer.js";

const go = href => { document.dispatchEvent(new CustomEvent("desk:go", { detail: href })); return true; };
const tell = (type, detail) => document.dispatchEvent(new CustomEvent(type, { detail }));
const click = selector => { const el = $(selector); if (!el) return false; el.click(); return true; };
const focus = selector => { const el = $(selector); el?.focus(); return !!el; };
const open = row => { if (!row) return false; row.scrollIntoView({ block: "nearest" }); return go(row.getAttribute("href")); };

// The next one of mine, as the list has it, leaving out the one that is open.
function resolveNext() {
  const rows = $$('#list .rows:first-of-type .cv:not(.gone):not([aria-current])');
  if (!click("[data-resolve]")) return false;
  // Where an outcome is asked for, the menu stands open, and the next one comes once it is chosen.
  sessionStorage.setItem("hubline.next", rows[0]?.getAttribute("href") ?? "");
  return true;
}

function hand() {
  if (click("#complete")) return true;
  const el = $("#call [data-transfer]") || $(".chd [data-transfer]");
  if (el) transfer(el.dataset.transfer);
  return !!el;
}

export const RUN = {
  bar: () => { tell("desk:commands"); },
  search: () => { tell("desk:commands"); },
  help: () => { tell("desk:help"); },
  accept: () => !!ring.top() && (ring.answer(ring.top(), true), true),
  decline: () => !!ring.top() && (ring.answer(ring.top(), false), true),
  next: () => open(step(1)),
  previous: () => open(step(-1)),
  unread: () => open($("#list .cv.new:not(.gone):not([aria-current])") ?? $("#list .cv.new:not(.gone)")),
  take: () => click(".chd [data-post$='/take']") || click("#list .take"),
  reply: () => !!$("#composer") && (composer.choose(false), true),
  note: () => !!$("#composer") && (composer.choose(true), true),
  template: () => composer.template(),
  card: () => composer.card(),
  attach: () => click("#attach:not(:disabled)"),
  send: () => !!$("#composer") && (composer.send(), true),
  macro: () => click("#macro"),
  script: () => click("#script"),
  resolve: () => { sessionStorage.removeItem("hubline.next"); return click("[data-resolve]"); },
  resolve_next: () => resolveNext(),
  snooze: () => click("#snooze"),
  transfer: () => hand(),
  assist: () => click("#call [data-assist]") || click(".chd [data-assist]"),
  follow: () => click("#follow"),
  task: () => click("#task"),
  mute: () => { mute(); },
  hold: () => click("#hold"),
  dial: () => !$("section.call") && (dial(), true),
  swap: () => click("#swap"),
  merge: () => click("#merge:not(:disabled)"),
  back: () => click("#back"),
  park: () => click("#park"),
  keypad: () => click("#keypad"),
  hangup: () => click("#end"),
  wrap_up: () => focus(".wrapup select, .wrapup input, .wrapup textarea"),
  go_desk: () => go("/inbox"),
  go_conversations: () => go("/conversations"),
  go_team: () => go("/team"),
  go_notices: () => go("/notices"),
  go_people: () => go("/people"),
  go_tickets: () => go("/tickets"),
  go_callbacks: () => go("/callbacks"),
  go_canned: () => go("/canned"),
  go_knowledge: () => go("/knowledge"),
  go_wallboard: () => click('.rail a[href="/wallboard"]'),
  go_surveys: () => click('.rail a[href="/surveys"]'),
  go_topics: () => click('.rail a[href="/topics"]'),
  go_settings: () => go("/settings"),
  go_keys: () => go("/settings/keys"),
  go_person: () => { const el = $("#person"); if (!el) return false; if (el.getClientRects().length === 0 || innerWidth <= 1240) location.hash = "person"; el.focus(); return true; },
  go_day: () => go("/me/day"),
  beside: () => { tell("desk:beside"); },
  pane_close: () => click("#panes .pane:last-child [data-unpane]"),
  tab_next: () => { const tabs = $$("#tabs a"), at = tabs.findIndex(tab => tab.hasAttribute("aria-current")); return tabs.length > 1 && go(tabs[(at + 1) % tabs.length].getAttribute("href")); },
  tab_close: () => click("#tabs .tab:has([aria-current]) [data-untab]"),
  status: () => click("#status") && ($("details.mestat")?.open ? focus(".mestat button") : true),
  quiet: () => { const on = (settings.quietUntil ?? 0) > now(); post("/me/quiet", { value: on ? "off" : "60" }).then(() => { settings.quietUntil = on ? 0 : now() + 3_600_000; toast(say(on ? "quiet_off" : "quiet_on")); }).catch(error => toast(error.message)); },
  theme: () => click("[data-theme-toggle]"),
};

export const run = name => RUN[name]?.() !== false;

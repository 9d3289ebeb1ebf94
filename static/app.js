// The desk's script: one socket, one phone, small modules. No framework, no build; each file says what it is for.

import { $, $$, fill, notice, post, say, toast } from "./desk/dom.js";
import { connect, on } from "./desk/live.js";
import * as list from "./desk/list.js";
import * as timeline from "./desk/timeline.js";
import * as ring from "./desk/ring.js";
import * as call from "./desk/call.js";
import * as notify from "./desk/notify.js";
import * as devices from "./devices.js";
import { go, mount, refresh } from "./desk/nav.js";
import "./desk/act.js";
import "./desk/menus.js";
import "./desk/keys.js";
import "./desk/board.js";
import "./desk/editor.js";
import "./desk/letter.js";
import "./desk/channels.js";
import "./desk/commandbar.js";
import "./desk/keymap.js";
import "./desk/snooze.js";
import "./desk/macros.js";
import "./desk/scripts.js";
import "./desk/bulk.js";
import "./desk/notices.js";
import "./desk/team.js";
import "./desk/tabs.js";
import "./desk/panes.js";
import "./desk/pop.js";
import "./desk/here.js";

// What was missed is asked for as a whole: the way back is the way in.
async function resync() {
  const now = await list.resync();
  if (!now) return;
  call.draw({ html: now.bar, alerts: now.alerts, wrap: now.wrap });
  ring.replace(now.rings);
  list.apply(now.list, now.unread);
  await timeline.refresh();
}

on("resync", resync);
// What began or ceased to ring after the page was drawn, and before it had a socket, was told to nobody here.
let drawn = true;
on("open", async () => {
  if (!drawn) return;
  drawn = false;
  // A page that is left meanwhile needs nothing any more.
  const now = await list.resync().catch(() => null);
  if (now) ring.replace(now.rings);
});
on("person", frame => { if ($("#tl")?.dataset.person === String(frame.person)) fill($("#person"), frame.html); });
on("list", frame => { if (frame.unread > (on.unread ?? 0)) notify.tick(); on.unread = frame.unread; });

// The desk set the agent away: said until they choose a status.
on("rated", frame => toast(frame.text));
on("away", () => notice("away", say("missed"), [say("available_again"), () => post("/me/status", { status: "available" }).catch(error => toast(error.message))]));
on("bar", () => { if (!$("#status .p-contact")) notice("away", ""); });

// Pages without pushes of their own draw themselves again.
const again = () => { if (!document.activeElement?.closest?.("main input, main textarea, main select") && !$("[data-pick]:checked")) refresh(); };
on("ticket", frame => { const at = $("main")?.dataset; if (at && (at.ticket === String(frame.ticket) || "reload" in at)) again(); });
on("trunks", () => { if ($("main")?.hasAttribute("data-trunks")) again(); });
on("alarm", frame => notice(frame.key, frame.text, [say("look"), () => go(frame.href ?? "/admin/trunks")]));
on("trial", frame => {
  const list = $("#trial");
  if (!list) return;
  if (frame.first) list.replaceChildren();
  if (frame.html) list.insertAdjacentHTML("beforeend", frame.html);
  list.toggleAttribute("aria-busy", !frame.last);
  list.hidden = false;
});
on("callbacks", frame => {
  for (const badge of $$(".missedn")) { badge.textContent = frame.open; (badge.closest(".missedl") ?? badge).hidden = !frame.open; }
  if ($("main")?.hasAttribute("data-reload")) again();
});
document.addEventListener("desk:changed", () => {
  if ($("main")?.matches("[data-reload], [data-ticket]")) { document.activeElement?.blur?.(); again(); return; }
  const person = $("#tl")?.dataset.person;
  if (person) fetch(`/inbox/parts/person/${person}`).then(r => r.ok ? r.text() : null).then(html => html && fill($("#person"), html));
});

document.addEventListener("desk:mounted", devices.mount);
mount();
notify.unread(Number($("#list")?.dataset.unread ?? 0));
notify.ask();
connect();
ring.sound();
call.start().then(ring.sound).catch(error => console.error(error));

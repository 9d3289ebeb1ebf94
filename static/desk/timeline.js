// The centre: new events join at the end, older ones above, and what was read is told to the desk. The player of recordings lives here.

import { $, $$, part, post, say } from "./dom.js";
import { on } from "./live.js";
import { tick, span } from "./clock.js";

const tl = () => $("#tl");
const atEnd = el => el.scrollHeight - el.scrollTop - el.clientHeight < 120;

export function toEnd() {
  const el = tl();
  if (!el) return;
  el.scrollTop = el.scrollHeight;
  $("#newest") && ($("#newest").hidden = true);
}

// Drawn, but what happened until the server heard that it is looked at was told to nobody here.
let gap = false;
on("viewers", frame => {
  if (!gap || tl()?.dataset.person !== String(frame.person)) return;
  gap = false;
  refresh();
});

/// Prepares a freshly drawn timeline.
export function mount() {
  const el = tl();
  if (!el) return;
  gap = true;
  const named = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (named && el.contains(named)) { named.scrollIntoView({ block: "center" }); named.classList.add("found"); }
  else toEnd();
  // A banner or a growing text field makes the pane smaller: who stood at the end stays there.
  let bottom = !named;
  new ResizeObserver(() => { if (bottom) el.scrollTop = el.scrollHeight; }).observe(el);
  // Pictures that load late must not push the newest line out of sight.
  for (const img of $$("img", el)) img.addEventListener("load", () => { if (bottom) toEnd(); }, { once: true });
  el.addEventListener("scroll", () => {
    bottom = atEnd(el);
    if (bottom) { $("#newest") && ($("#newest").hidden = true); seen(); }
    if (el.scrollTop < 80) older();
  }, { passive: true });
  seen();
}

/// Puts events where they belong: known ones are drawn again in place, new ones come at the end.
export function upsert(html) {
  const el = tl();
  if (!el) return;
  const end = atEnd(el), grew = () => { if (end) toEnd(); }, fresh = document.createElement("template");
  fresh.innerHTML = html;
  let added = 0, day = null;
  for (const node of [...fresh.content.children]) {
    if (node.dataset.day) { day = node; continue; }
    const old = document.getElementById(node.id);
    if (old) {
      if (old.outerHTML !== node.outerHTML && !$("audio.playing", old) && !old.contains(document.activeElement)) old.replaceWith(node);
    } else {
      if (day && !$(`[data-day="${day.dataset.day}"]`, el)) el.append(day);
      el.append(node);
      for (const img of $$("img", node)) img.addEventListener("load", grew, { once: true });
      added++;
    }
    day = null;
  }
  $$(".pending", el).forEach(pending => el.append(pending));
  tick();
  if (!added) return;
  const last = $$("[id^=message-]", el).filter(node => !$(".me", node)).pop();
  if (last) el.dataset.upto = last.id.slice(8);
  if (end) toEnd(); else $("#newest") && ($("#newest").hidden = false);
  seen();
}

let busy = false;
async function older() {
  const button = $("[data-older]", tl());
  if (!button || busy) return;
  busy = true;
  const el = tl(), html = await part(button.dataset.older), height = el.scrollHeight;
  if (html !== null && el === tl()) {
    const first = $(".ev.dy", el), fresh = document.createElement("template");
    fresh.innerHTML = html;
    // The day that both pages begin with stands once, above.
    if (first && $(`[data-day="${first.dataset.day}"]`, fresh.content)) first.remove();
    button.closest(".older").replaceWith(fresh.content);
    el.scrollTop += el.scrollHeight - height;
  }
  busy = false;
}

// Read is what was on a visible screen, at the end of the line, in one's own conversation.
let told = "";
function seen() {
  const el = tl();
  if (!el || !("mine" in el.dataset) || !el.dataset.upto || document.hidden || !document.hasFocus()) return;
  const key = `${el.dataset.conversation}/${el.dataset.upto}`;
  if (key === told || !atEnd(el)) return;
  told = key;
  post(`/work/conversation/${el.dataset.conversation}/read`, { upto: el.dataset.upto }).catch(() => { told = ""; });
}
addEventListener("focus", seen);
document.addEventListener("visibilitychange", seen);

on("events", frame => { if (tl()?.dataset.person === String(frame.person)) upsert(frame.html); });
on("receipt", frame => { const el = document.getElementById(`receipt-${frame.message}`); if (el && frame.html.trim()) el.outerHTML = frame.html; });

/// The newest events again, after a gap.
export async function refresh() {
  const person = tl()?.dataset.person;
  if (!person) return;
  const html = await part(`/inbox/parts/events/${person}`);
  if (html !== null && tl()?.dataset.person === person) upsert(html);
}

document.addEventListener("click", e => {
  if (e.target.closest("[data-older]")) older();
  if (e.target.closest("#newest")) toEnd();
  const chapter = e.target.closest("[data-seek]");
  if (chapter) seek($("[data-player]", chapter.closest(".box")), chapter.dataset.seek / 1000);
  const wave = e.target.closest("[data-player]");
  if (wave) play(wave, e);
});

function player(wave) {
  let audio = $("audio", wave);
  if (!audio) {
    audio = new Audio();
    audio.preload = "metadata";
    audio.src = wave.dataset.player;
    wave.append(audio);
    audio.ontimeupdate = () => show(wave, audio);
    audio.onplay = audio.onpause = audio.onended = audio.onseeked = () => show(wave, audio);
  }
  return audio;
}

/// Plays from a place, in seconds.
function seek(wave, seconds) {
  if (!wave) return;
  const audio = player(wave), jump = () => { audio.currentTime = seconds; audio.play(); };
  $$("audio.playing").forEach(other => { if (other !== audio) other.pause(); });
  audio.readyState ? jump() : audio.addEventListener("loadedmetadata", jump, { once: true });
  if (!audio.readyState) audio.load();
}

// One recording plays at a time.
function play(wave, e) {
  const audio = player(wave);
  const rate = e.target.closest("[data-rate]"), place = e.target.closest(".wv");
  if (rate) {
    const next = { "1×": 1.25, "1.25×": 1.5, "1.5×": 2, "2×": 1 }[rate.textContent] ?? 1;
    audio.playbackRate = next;
    rate.textContent = `${next}×`;
    return;
  }
  if (place) {
    const box = place.getBoundingClientRect(), part = e.detail ? (e.clientX - box.left) / box.width : 0;
    const jump = () => { audio.currentTime = part * audio.duration; audio.play(); };
    audio.readyState ? jump() : audio.addEventListener("loadedmetadata", jump, { once: true });
    if (!audio.readyState) audio.load();
    return;
  }
  if (!e.target.closest(".playb")) return;
  $$("audio.playing").forEach(other => { if (other !== audio) other.pause(); });
  audio.paused ? audio.play() : audio.pause();
}

// What was shown runs with what was said; the sound is the clock.
const APART_S = 0.3;
function films(wave, audio, on) {
  for (const film of $$("[data-film]", wave.closest(".box"))) {
    film.playbackRate = audio.playbackRate;
    const at = Math.min(audio.currentTime, film.duration || 0);
    if (Math.abs(film.currentTime - at) > APART_S) film.currentTime = at;
    if (!on) film.pause();
    else if (film.paused && at < film.duration) film.play().catch(() => {});
  }
}

function show(wave, audio) {
  const on = !audio.paused && !audio.ended, button = $(".playb", wave), use = $("use", button);
  audio.classList.toggle("playing", on);
  films(wave, audio, on);
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, on ? "#pause" : "#play"));
  $("[data-pos]", wave).textContent = span(audio.currentTime * 1000);
  const head = $(".hear", wave);
  head.hidden = !audio.duration;
  // A custom property by script is no inline style: the policy allows CSSOM.
  head.style.setProperty("--at", audio.duration ? audio.currentTime / audio.duration : 0);
}

// A voice message that cannot be played says so, with the file to take away.
document.addEventListener("error", e => {
  const audio = e.target;
  if (!audio.matches?.("audio.voicemsg")) return;
  const line = document.createElement("p");
  line.className = "sm dim";
  line.textContent = say("no_voice");
  if (!audio.nextElementSibling?.matches("a[download]")) {
    const link = document.createElement("a");
    link.href = audio.getAttribute("src");
    link.download = "";
    link.textContent = say("download");
    line.append(" ", link);
  }
  audio.replaceWith(line);
}, true);

// Cards: a question with choices, a link or a place, written in the place of the text. How the channel will show it is said before it is sent.

import { $, $$, composing, say } from "./dom.js";

const box = () => $("#card");
let can = null;
// What is written survives a composer that is drawn anew, as when the customer writes meanwhile.
let kept = { of: null, open: false, kind: "choices", values: {} };
export const stays = conversation => kept.open && kept.of === conversation;
/// Told when the box opens or closes.
let changed = () => {};
export const onChange = run => { changed = run; };

export const isOpen = () => !!box() && !box().hidden;
const kind = () => $("input[name=cardkind]:checked", box()).value;
const field = name => $(`[data-card="${kind()}"] [name="card-${name}"]`, box());
const value = name => field(name).value.trim();
const long = text => [...text].length;
const lines = () => value("choices").split("\n").map(line => line.trim()).filter(Boolean);

/// `limits`: what this conversation's channel shows of cards; `focus`: it was asked for just now.
export function open(limits, conversation, focus) {
  can = limits;
  if (kept.of !== conversation) kept = { of: conversation, kind: "choices", values: {} };
  kept.open = true;
  box().hidden = false;
  $(`input[name=cardkind][value=${kept.kind}]`, box()).checked = true;
  $$(".in", box()).forEach(el => { el.value = kept.values[el.name] ?? ""; });
  draw();
  changed();
  if (focus) $(`[data-card="${kind()}"] .in`, box()).focus();
}

export function close() {
  if (!box()) return;
  kept.open = false;
  box().hidden = true;
  changed();
}

/// It is sent: the next one begins empty.
export function done() {
  kept.of = null;
  close();
}

/// What is written, as it is sent; null when something is missing or too long, which is then said and under the cursor.
export function ready() {
  const found = wrong();
  $$(".in", box()).forEach(el => el.removeAttribute("aria-invalid"));
  $("#cardbad").textContent = found ? found.why : "";
  if (!found) return { card: JSON.stringify(card()), text: words() };
  field(found.at).setAttribute("aria-invalid", "true");
  field(found.at).focus();
  return null;
}

function card() {
  switch (kind()) {
    case "choices": return { kind: "choices", question: value("question"), choices: lines() };
    case "link": return { kind: "link", title: value("title"), about: value("about"), url: value("url"), picture: value("picture") };
    default: return { kind: "place", name: value("name"), address: value("address"), latitude: degrees("latitude"), longitude: degrees("longitude") };
  }
}
const degrees = name => Number(value(name).replace(",", "."));

// The first thing that keeps it from being sent. The desk looks again; here it is said before anything is lost.
function wrong() {
  const empty = ["question", "title", "url", "name", "latitude", "longitude"].find(name => field(name) && !value(name));
  if (empty) return { at: empty, why: say("card_missing") };
  if (kind() === "choices") {
    const choices = lines(), most = can.choices || 20, each = (can.choices && can.choice) || 100;
    const over = choices.find(choice => long(choice) > each);
    const same = choices.find((choice, at) => choices.findIndex(other => other.toLowerCase() === choice.toLowerCase()) < at);
    if (choices.length < 2) return { at: "choices", why: say("card_few") };
    if (choices.length > most) return { at: "choices", why: say("card_many", { n: most }) };
    if (over) return { at: "choices", why: say("card_long", { what: over, n: each }) };
    if (same) return { at: "choices", why: say("card_same", { what: same }) };
  }
  if (kind() === "link") {
    if (!/^https?:\/\/[^\s"'<>]+$/i.test(value("url"))) return { at: "url", why: say("card_address") };
    if (value("picture") && !/^https?:\/\/[^\s"'<>]+$/i.test(value("picture"))) return { at: "picture", why: say("card_address") };
  }
  if (kind() === "place") {
    const off = [["latitude", 90], ["longitude", 180]].find(([name, most]) => !(Math.abs(degrees(name)) <= most));
    if (off) return { at: off[0], why: say("card_place_bad") };
  }
  return null;
}

// What is read where the channel has no cards, and by whoever looks back.
function words() {
  switch (kind()) {
    case "choices": return [value("question"), ...can.choices ? [] : lines().map((choice, at) => `${at + 1}. ${choice}`)].filter(Boolean).join("\n");
    case "link": return [value("title"), value("about"), value("url")].filter(Boolean).join("\n");
    default: return [value("name"), value("address"), [value("latitude"), value("longitude")].filter(Boolean).join(", ")].filter(Boolean).join("\n");
  }
}

function draw() {
  const chosen = kind(), shown = { choices: can.choices > 0, link: can.links, place: can.places }[chosen];
  $$("[data-card]", box()).forEach(el => { el.hidden = el.dataset.card !== chosen; });
  const limit = chosen === "choices" && shown && can.choice ? ` ${say("card_limit", { n: can.choices, m: can.choice })}` : "";
  $("#cardhow").textContent = say(shown ? `card_${chosen}` : chosen === "choices" ? "card_numbers" : "card_words") + limit;
  for (const [name, most] of [["title", can.links && can.title], ["about", can.links && can.about]]) $(`[name="card-${name}"]`, box()).maxLength = most || { title: 100, about: 300 }[name];
  look();
}

function look() {
  const preview = $("#cardp"), text = document.createElement("span");
  text.textContent = words();
  const chips = kind() === "choices" && can.choices ? lines().map(choice => { const chip = document.createElement("span"); chip.className = "chip"; chip.textContent = choice; return chip; }) : [];
  preview.replaceChildren(text, ...chips);
  preview.hidden = !text.textContent && !chips.length;
}

document.addEventListener("input", e => {
  if (!e.target.closest?.("#card")) return;
  e.target.removeAttribute("aria-invalid");
  $("#cardbad").textContent = "";
  kept.kind = kind();
  if (e.target.name === "cardkind") draw(); else { kept.values[e.target.name] = e.target.value; look(); }
});
document.addEventListener("keydown", e => {
  if (!isOpen() || composing(e) || !e.target.closest?.("#card")) return;
  // A new line is a new choice; in a field of one line Enter goes on to the next, and from the last it sends.
  const fields = $$(`[data-card="${kind()}"] .in`, box()), next = fields[fields.indexOf(e.target) + 1];
  if (e.key === "Enter" && e.target.matches("input.in") && next && !e.ctrlKey && !e.metaKey) { e.preventDefault(); next.focus(); }
  if (e.key === "Enter" && e.target.name === "cardkind") { e.preventDefault(); fields[0].focus(); }
});

// The head of a letter in the composer: whom the answer goes to, from which address, under what subject. Whoever else had the customer's
// letter gets the answer, too, unless the agent says otherwise. What is changed is kept with the draft.

import { $, $$ } from "./dom.js";

const box = () => $("#mail");
const field = name => $(`#m-${name}`);
let head = null, changed = () => {};
/// Told when something of it was changed.
export const onChange = run => { changed = run; };

/// Shows the head of this tab's letters; of other channels none.
export function show(tab) {
  if (!box()) return;
  head = tab?.dataset.mail ? JSON.parse(tab.dataset.mail) : null;
  box().hidden = !head;
  if (!head) return;
  const kept = head.draft ?? {}, all = kept.all ?? head.others.length > 0;
  for (const radio of $$("[name=mailto]", box())) {
    radio.checked = (radio.value === "all") === all;
    radio.disabled = radio.value === "all" && !head.others.length;
  }
  $(".seg", box()).hidden = !head.others.length;
  field("from").replaceChildren(...head.from.map(address => new Option(address, address, false, address === (kept.from || head.chosen))));
  field("cc").value = kept.cc ?? (all ? head.others.join(", ") : "");
  field("bcc").value = kept.bcc ?? "";
  field("subject").value = kept.subject ?? head.subject;
  field("quote").checked = kept.quote ?? head.quotes;
  field("quote").disabled = !head.quotes;
  line();
}

/// What is sent with the text; null where no letter is written.
export function fields() {
  if (!head) return null;
  const subject = field("subject").value.trim(), from = field("from").value;
  return {
    letter: true, quote: field("quote").checked, from: from === head.chosen ? "" : from,
    subject: subject === head.subject ? "" : subject, cc: field("cc").value, bcc: field("bcc").value,
  };
}

/// What is kept with the draft, as JSON; empty where nothing was changed; null where no letter is written.
export function draft() {
  return head && (Object.keys(head.draft ?? {}).length ? JSON.stringify(head.draft) : "");
}

/// It is sent: the next one begins as the house would.
export function done(tab) {
  if (!head) return;
  head.draft = null;
  tab.dataset.mail = JSON.stringify(head);
  show(tab);
}

const everybody = () => $("[name=mailto]:checked", box())?.value === "all";

function line() {
  const names = [field("cc").value, field("bcc").value].flatMap(list => list.split(/[,;]/)).map(one => one.trim()).filter(Boolean);
  $("#mailto").textContent = [head.to, ...names].join(", ");
  $("#mailto").title = $("#mailto").textContent;
}

function keep() {
  head.draft = { all: everybody(), from: field("from").value, cc: field("cc").value, bcc: field("bcc").value, subject: field("subject").value, quote: field("quote").checked };
  const tab = $('.ctab[aria-selected="true"]');
  tab.dataset.mail = JSON.stringify(head);
  line();
  changed();
}

document.addEventListener("input", e => {
  if (!head || !box()?.contains(e.target)) return;
  if (e.target.name === "mailto") {
    const typed = field("cc").value.split(/[,;]/).map(one => one.trim()).filter(one => one && !head.others.includes(one));
    field("cc").value = (everybody() ? [...head.others, ...typed] : typed).join(", ");
  }
  keep();
});
document.addEventListener("click", e => {
  const more = e.target.closest("#mailmore");
  if (!more) return;
  const open = more.getAttribute("aria-expanded") !== "true";
  more.setAttribute("aria-expanded", open);
  $("#mailfields").hidden = !open;
  if (open) field("cc").focus();
});

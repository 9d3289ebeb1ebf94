// Resolving where the queue asks for more than an outcome: the dialog that asks, drawn when it is opened. It is sent like every small form.

import { $, part, say, toast } from "./dom.js";

document.addEventListener("click", async e => {
  const opener = e.target.closest("[data-resolve-ask]"), box = $("#resolvebox");
  if (!opener || !box || box.open) return;
  const html = await part(`/work/conversation/${opener.dataset.resolveAsk}/resolve`);
  if (html === null) { toast(say("failed")); return; }
  box.innerHTML = html;
  if (!box.open) box.showModal();
});

// Whoever turns back does not go on to the next one either. After sending, the way on has been read before this is heard.
$("#resolvebox")?.addEventListener("close", () => sessionStorage.removeItem("hubline.next"));

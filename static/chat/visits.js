// Pages: told only where the site's tag wants it (data-visits), the visitor has agreed, and their browser does not say no. Fetched by widget.js.
// `ask` in the tag: the window asks; `site`: the page says it, hublineChat.consent(true). What the house decides comes back as an invitation.
const words = {
  en: { ask: "May we see which pages you look at here, so that we can help you better?", yes: "Yes", no: "No, thank you", invite: "Invitation", take: "Chat with us", leave: "Not now" },
  zh: { ask: "为了更好地为您服务，是否允许我们了解您浏览了哪些页面？", yes: "允许", no: "不用了", invite: "在线咨询邀请", take: "在线咨询", leave: "暂不需要" },
};
const EVERY = 10_000;

export function visits({ root, el, mode, channel, language, tell, connect, show, isOpen }) {
  const stored = `hubline.${channel}.visits`;
  const read = () => { try { return localStorage.getItem(stored); } catch { return null; } };
  const keep = (value) => { try { localStorage.setItem(stored, value); } catch { /* then it is asked again */ } };
  // What a browser says for its user stands, whatever was clicked.
  const refuses = () => navigator.globalPrivacyControl === true || navigator.doNotTrack === "1" || window.doNotTrack === "1";
  const t = (key) => words[language()][key];
  const bubble = el("section", { className: "bubble", hidden: true, role: "region" });
  bubble.setAttribute("aria-live", "polite");
  root.append(bubble);
  let key = "", url = "", seconds = 0, since = 0, timer = 0, cart = null, agreed = false;

  // Beside the page's own work: it takes no focus, covers nothing but its corner, and moves nothing.
  function say(label, text, yes, no, done) {
    const choose = (value) => () => { bubble.hidden = true; done(value); };
    bubble.lang = language() === "zh" ? "zh-CN" : "en";
    bubble.setAttribute("aria-label", label);
    bubble.replaceChildren(el("p", { textContent: text }), el("div", {},
      el("button", { type: "button", className: "yes", textContent: yes, onclick: choose(true) }),
      el("button", { type: "button", textContent: no, onclick: choose(false) })));
    bubble.hidden = false;
  }

  function page() {
    const now = location.href.split("#")[0];
    if (now === url) return;
    [url, seconds, since] = [now, 0, Date.now()];
    key = Math.random().toString(36).slice(2, 12) + Date.now().toString(36);
  }

  function report() {
    if (!agreed || refuses()) return;
    page();
    tell({ type: "visit", key, url, title: document.title.slice(0, 200), seconds: Math.round(seconds), cart });
  }

  function tick() {
    const now = Date.now();
    if (document.visibilityState === "visible") seconds += Math.min(now - since, 2 * EVERY) / 1000;
    since = now;
    if (document.visibilityState === "visible") report();
  }

  function begin() {
    if (agreed || refuses()) return;
    agreed = true;
    since = Date.now();
    connect();
    report();
    timer = setInterval(tick, EVERY);
  }

  function consent(yes) {
    if (yes) { keep("yes"); return begin(); }
    const before = agreed;
    agreed = false;
    clearInterval(timer);
    keep("no");
    if (before) tell({ type: "forget" });
  }

  addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") tick(); else since = Date.now(); });
  if (read() === "yes") begin();
  else if (mode === "ask" && !read() && !refuses()) say(t("ask"), t("ask"), t("yes"), t("no"), consent);

  return {
    consent,
    cart(value) {
      const amount = Number(value?.value), items = Math.trunc(Number(value?.items) || 0);
      cart = Number.isFinite(amount) ? { value: amount, items: Math.min(Math.max(items, 0), 10_000) } : null;
      report();
    },
    report,
    invited({ id, text }) {
      if (isOpen()) return tell({ type: "invited", id, accepted: false });
      const own = text[language() === "zh" ? "zh-CN" : "en"] || text.en || Object.values(text)[0];
      say(t("invite"), own, t("take"), t("leave"), (yes) => { tell({ type: "invited", id, accepted: yes }); if (yes) show(); });
    },
  };
}

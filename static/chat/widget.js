// The chat window for any web page: one script tag, no dependency, nothing of the page's own touched.
//
//   <script src="https://desk.example.com/chat/widget.js" data-channel="site" async></script>
//
// Who is signed in at the site is said by data-account (a token), or by data-user and data-user-hash; see docs/app.md.
//
// It lives in a shadow root with a constructed style sheet, so neither the page's styles nor its content security policy (which must
// allow this script, and our host in connect-src and img-src) get in the way. Text is only ever set as text. It is served as one function:
// this file behind words.js and look.js. Calls are a script of their own, call.js, which is fetched when one begins.
const script = document.currentScript;
if (!script || window.hublineChat) return;
const base = new URL(script.src).origin;
const channel = script.dataset.channel || "site";
// Whoever came by a link to call is somebody else here than who writes in this browser otherwise.
const stored = script.dataset.link ? `hubline.${channel}.${script.dataset.link}` : `hubline.${channel}.token`;

let language = "en";
const t = (key, values = {}) => (words[language][key] || words[language].failed).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

const el = (name, props = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) key.includes("-") || key === "role" ? node.setAttribute(key, value) : (node[key] = value);
  node.append(...children.filter((child) => child != null));
  return node;
};
const icon = (...paths) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
};

// State: what the server has told, what is still to be sent, and whether the window is open.
let settings = null, token = read(), socket = null, connecting = null, polling = false, pollState = "", tries = 0, open = false, unread = 0, agent = null, typingTimer = 0;
const lines = new Map(); // id → line
const outbox = new Map(kept()); // key → { text, files, blob: a file still to be uploaded, busy, failed: why }
const notices = []; // { after: id of the message before, words }
const drawn = new Map(); // key → { sign, node }: what stands in the log
let atEnd = true, readUpto = 0, tellTyping = 0, newest = 0, reached = 0, talking = false;

function read() { try { return localStorage.getItem(stored); } catch { return null; } }
function keep(value) { token = value; try { localStorage.setItem(stored, value); } catch { /* private windows forget, which is their right */ } }

// What is not sent yet outlives a reload of the page; its keys keep it from being sent twice.
function kept() { try { return JSON.parse(sessionStorage.getItem(`${stored}.out`)) || []; } catch { return []; } }
function keepOut() {
  const rest = [...outbox].filter(([, item]) => !item.blob).map(([key, { text, files, failed, chosen }]) => [key, { text, files, failed, chosen }]);
  try { sessionStorage.setItem(`${stored}.out`, JSON.stringify(rest)); } catch { /* then it lives as long as the page */ }
}

// ---- drawing
const host = el("div", { id: "hubline-chat" });
if (script.dataset.theme) host.dataset.theme = script.dataset.theme;
const root = host.attachShadow({ mode: "open" });
const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
root.adoptedStyleSheets = [sheet];

const count = el("span", { className: "count", hidden: true });
const launch = el("button", { className: "launch", type: "button", "aria-haspopup": "dialog" }, icon("M21 12a8 8 0 0 1-8 8H4l2-3.2A8 8 0 1 1 21 12Z"), count);
const face = el("span", { className: "face", "aria-hidden": "true" }), title = el("b"), under = el("p", { role: "status" });
const shut = el("button", { className: "icon", type: "button" }, icon("m6 9 6 6 6-6"));
const ring = el("button", { className: "icon", type: "button", hidden: true }, icon("M6 3h3l1.5 4.5L8.5 9a12 12 0 0 0 6.5 6.5l1.5-2L21 15v3a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3Z"));
const film = el("button", { className: "icon", type: "button", hidden: true }, icon("M3 7h11v10H3z", "m14 10 6-3v10l-6-3"));
const log = el("div", { className: "log", role: "log", tabIndex: 0, "aria-live": "polite" });
const bar = el("p", { className: "bar", hidden: true, role: "status" });
const news = el("p", { className: "news", hidden: true, role: "status" });
const rating = el("section", { className: "rate", hidden: true });
const text = el("textarea", { rows: 1 });
const picker = el("input", { type: "file", hidden: true, multiple: true, accept: "image/png,image/jpeg,image/gif,image/webp,application/pdf,application/zip,text/plain,audio/ogg,video/webm,video/mp4,.docx,.xlsx,.pptx,.csv" });
const clip = el("button", { className: "icon", type: "button", hidden: true }, icon("m21 11-9 9a5.5 5.5 0 0 1-8-8l9-9a3.7 3.7 0 0 1 5.3 5.3L9.5 17a1.8 1.8 0 0 1-2.6-2.6L15 6.5"));
const send = el("button", { className: "icon send", type: "submit", "aria-disabled": "true" }, icon("M12 19V5", "m6 11 6-6 6 6"));
const form = el("form", {}, clip, text, send, picker);
const win = el("section", { className: "win", role: "dialog", hidden: true }, el("header", {}, face, el("div", {}, title, under), ring, film, shut), news, log, rating, bar, form);
root.append(launch, win);

function label() {
  win.lang = language === "zh" ? "zh-CN" : "en";
  for (const [node, key] of [[launch, "open"], [ring, "call"], [film, "video_call"], [shut, "close"], [send, "send"], [clip, "attach"], [text, "write"]]) node.setAttribute("aria-label", t(key));
  text.placeholder = t("write");
  win.setAttribute("aria-label", settings?.title || t("open"));
  log.setAttribute("aria-label", settings?.title || t("open"));
  clip.hidden = !settings?.files;
  ring.hidden = !settings?.calls;
  film.hidden = !settings?.calls || !settings?.video;
  if (/^#[0-9a-f]{6}$/i.test(settings?.accent || "")) {
    host.style.setProperty("--accent", settings.accent);
    // Ink on a colour that we do not know: black where white would be too faint (WCAG 2 relative luminance).
    const [red, green, blue] = [1, 3, 5].map((at) => (parseInt(settings.accent.slice(at, at + 2), 16) / 255) ** 2.2);
    host.style.setProperty("--on", 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.3 ? "#14181d" : "#fff");
  }
}

const initials = (name) => /[\u3400-\u9fff]/.test(name) ? name.slice(0, 2) : name.split(/\s+/).map((word) => word[0] || "").join("").slice(0, 2).toUpperCase();

const clock = (at) => new Date(at).toLocaleTimeString(language === "zh" ? "zh-CN" : undefined, { hour: "2-digit", minute: "2-digit" });

function draw() {
  const wanted = []; // [key, sign, make]: one node each, made again only when its sign has changed
  const word = (key, words) => wanted.push([key, words, () => el("p", { className: "sys", textContent: words })]);
  const said = (after) => notices.forEach((notice, at) => notice.after === after && word(`n${at}`, notice.words));
  const bubbled = (key, mine, item, at) => wanted.push([key, (item.changed || "") + item.text + (item.blob?.name || "") + item.files.map((file) => file.id) + (item.card ? may(item) : ""), () => bubble(mine, item, clock(at), !!item.card && may(item))]);
  const greeting = settings?.greeting || t("hello");
  if (!lines.size && !outbox.size && settings?.help) wanted.push(["find", "", finder]);
  if (!lines.size && !outbox.size) wanted.push(["hello", greeting, () => bubble(false, { text: greeting, files: [] }, "")]);
  said(0);
  const sorted = [...lines.values()].sort((a, b) => a.id - b.id);
  const last = sorted.findLast((line) => line.from === "visitor");
  // A question can be answered until something else was said to it.
  const may = (item) => !outbox.size && item.id > (last?.id || 0);
  let before = null;
  for (const line of sorted) {
    const mine = line.from === "visitor", by = line.name || settings?.title || "";
    if (!mine && (before?.from !== line.from || before.name !== line.name)) wanted.push([`b${line.id}`, by, () => el("span", { className: "by", textContent: by })]);
    bubbled(line.key || `l${line.id}`, mine, line, line.at);
    if (line === last) mark(line.id <= readUpto ? "read" : "sent");
    before = line;
    said(line.id);
  }
  for (const [key, item] of outbox) {
    bubbled(key, true, item, Date.now());
    wanted.push([`s${key}`, item.failed || "", () => state(key, item)]);
  }
  function mark(key) {
    wanted.push(["mark", t(key), () => el("span", { className: "meta", "aria-live": "off" }, key === "read" ? icon("M2.5 12.5 7 17l8-8.5", "m11.5 16 1 1 9-9.5") : null, t(key))]);
  }
  const typist = t("typing", { name: agent || t("someone") });
  if (typingTimer) wanted.push(["dots", typist, () => el("div", { className: "dots m", role: "img", "aria-label": typist }, el("i"), el("i"), el("i"))]);
  stand(wanted);
  if (atEnd) log.scrollTop = log.scrollHeight;
  const site = settings?.title || "";
  title.textContent = agent ? `${agent} · ${site}` : site;
  face.textContent = initials(agent || site);
  face.hidden = !face.textContent;
  const place = agent ? t("here") : under.dataset.place || "";
  if (under.textContent !== place) under.textContent = place;
  under.classList.toggle("live", !!agent);
  count.hidden = !unread;
  count.textContent = unread > 9 ? "9+" : String(unread);
  launch.setAttribute("aria-label", t("open") + (unread ? `, ${t("unread", { n: unread })}` : ""));
}

// Nodes that stay are not touched: screen readers hear only what is new, pictures do not flicker, a selection lives.
function stand(wanted) {
  const stays = new Set(wanted.map(([key]) => key));
  for (const [key, { node }] of drawn) if (!stays.has(key)) { node.remove(); drawn.delete(key); }
  let at = log.firstChild;
  for (const [key, sign, make] of wanted) {
    let entry = drawn.get(key);
    if (entry?.sign !== sign) {
      const node = make();
      if (entry) { if (at === entry.node) at = node; entry.node.replaceWith(node); }
      drawn.set(key, (entry = { sign, node }));
    }
    if (entry.node === at) at = at.nextSibling; else log.insertBefore(entry.node, at);
  }
}

// What can be tapped: choices, a link, a place.
function card(item, may) {
  const it = item.card;
  if (it.kind === "choices") return el("div", { className: "opts", role: "group", "aria-label": t("choose") }, ...it.choices.map((choice, at) => el("button", { type: "button", textContent: choice, disabled: !may, onclick: () => submit(choice, null, { question: item.id, number: at + 1 }) })));
  const away = { className: "card", target: "_blank", rel: "noopener noreferrer" };
  if (it.kind === "place") return el("a", { ...away, href: `https://www.openstreetmap.org/?mlat=${it.latitude}&mlon=${it.longitude}#map=16/${it.latitude}/${it.longitude}` }, el("b", { textContent: it.name }), it.address ? el("span", { textContent: it.address }) : null, el("small", { textContent: `${it.latitude}, ${it.longitude}` }));
  if (!/^https?:\/\//i.test(it.url)) return el("div", { className: "b", textContent: item.text });
  const shot = /^https?:\/\//i.test(it.picture || "") ? el("img", { src: it.picture, alt: "", loading: "lazy", referrerPolicy: "no-referrer", onerror: (event) => event.target.remove() }) : null;
  return el("a", { ...away, href: it.url }, shot, el("b", { textContent: it.title }), it.about ? el("span", { textContent: it.about }) : null, el("small", { textContent: new URL(it.url).host }));
}

// Addresses in what we write can be followed; everything else of it is text.
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"']+)/).map((part, n) => n % 2 ? el("a", { href: part, target: "_blank", rel: "noopener noreferrer", textContent: part }) : part);
}

function bubble(mine, item, time, may = false) {
  const box = el("div", { className: mine ? "m you" : "m", title: time });
  if (item.changed === "recalled") { box.append(el("div", { className: "b gone", textContent: t("recalled") })); return box; }
  if (item.text && (!item.card || item.card.kind === "choices")) box.append(mine ? el("div", { className: "b", textContent: item.text }) : el("div", { className: "b" }, ...linked(item.text)));
  if (item.card) box.append(card(item, may));
  if (item.blob) box.append(el("div", { className: "b", textContent: item.blob.name || t("sent_file") }));
  for (const file of item.files) {
    if (file.mime.startsWith("video/")) {
      box.append(el("span", { className: "f" }, el("video", { src: base + file.url, controls: true, preload: "metadata", playsInline: true, "aria-label": file.name })));
      continue;
    }
    const picture = file.mime.startsWith("image/");
    const link = el("a", { href: base + file.url, target: "_blank", rel: "noopener", textContent: picture ? "" : `${file.name} · ${Math.ceil(file.bytes / 1024)} KB` });
    if (picture) link.append(el("img", { src: base + file.url, alt: file.name, onload: () => { if (atEnd) log.scrollTop = log.scrollHeight; } }));
    box.append(el("span", { className: "f" }, link));
  }
  if (item.changed === "edited") box.append(el("span", { className: "then", textContent: t("edited") }));
  return box;
}

// Answers before a human is asked: a script of its own, fetched when there is nothing else to show.
function finder() {
  const place = el("div");
  import(`${base}/chat/find.js`).then(({ find }) => find(place, { root, el, icon, base, language })).catch(() => { /* then there is the chat */ });
  return place;
}

function state(key, item) {
  if (!item.failed) return el("span", { className: "meta", textContent: t("sending") });
  // What can never be sent as it is goes back to the writer; anything else may be tried again.
  const hopeless = ["too_long", "too_big", "bad_file"].includes(item.failed);
  const act = () => {
    if (hopeless) {
      outbox.delete(key);
      if (item.text) { text.value = item.text; grow(); }
      keepOut();
    } else { item.failed = null; connect(); say(key); }
    draw();
    text.focus();
  };
  const again = el("button", { type: "button", textContent: t(!hopeless ? "again" : item.text ? "edit" : "remove"), onclick: act });
  return el("span", { className: "meta bad", role: "alert", textContent: t(item.failed) + " " }, again);
}

// What happened, said between the messages; of this visit only.
function notice(words) {
  if (notices.at(-1)?.words === words) return;
  notices.push({ after: newest, words });
  draw();
}

// ---- the wire
async function post(path, body, headers = {}) {
  // A connection that a changed network has left dead would be waited for in vain; a file takes its time.
  const signal = path === "files" ? undefined : AbortSignal.timeout?.(8000);
  const answer = await fetch(`${base}/chat/${encodeURIComponent(channel)}/${path}`, { method: "POST", headers, body, credentials: "omit", signal });
  if (!answer.ok) throw Object.assign(new Error(path), { status: answer.status });
  return answer.json();
}

// Who the site says is there; without its word, whoever this browser was.
function who() {
  const { account, user, userHash, name, email, phone, go, link } = script.dataset;
  return { token, account, user, user_hash: userHash, name, email, phone, go, link };
}

async function session() {
  // Another tab may have become somebody in the meantime: both are the same visitor.
  token = read() || token;
  settings = await post("session", JSON.stringify(who()), { "content-type": "application/json" });
  keep(settings.token);
  const wanted = script.dataset.lang || document.documentElement.lang || navigator.language || settings.language;
  language = wanted.toLowerCase().startsWith("zh") ? "zh" : "en";
  label();
}

async function connect() {
  if (!socket && !polling) await (connecting ??= begin().finally(() => { connecting = null; }));
}

async function begin() {
  try { await session(); } catch (error) {
    const status = error.status ?? (error.name !== "TimeoutError" && await unlisted() ? 403 : 0);
    // A link that another browser has opened, or that is too old: here one begins anew.
    if (status === 410 && script.dataset.go) { delete script.dataset.go; return later(); }
    if ([403, 404, 410].includes(status)) return turnedAway(status);
    return later();
  }
  draw();
  // This page had a call before it was loaded again.
  if (!call && inCall()) { if (script.dataset.link) show(true); calling().then((it) => it.resume()); }
  const wire = new WebSocket(`${base.replace(/^http/, "ws")}/chat/${encodeURIComponent(channel)}/socket`);
  socket = wire;
  let opened = false;
  wire.onopen = () => { opened = true; tries = 0; online(true); wire.send(JSON.stringify({ type: "hello", token })); };
  wire.onmessage = (event) => { heard = Date.now(); hear(JSON.parse(event.data)); };
  wire.onclose = () => {
    if (socket !== wire) return;
    socket = null;
    // A network that never lets a socket open may still let requests through.
    if (!opened && tries >= 1) poll(); else later();
  };
}

// Asks whether the house is still there. A network that was changed or slept through answers nothing and tells nobody, and browsers wait a
// minute for the other side's goodbye.
let heard = 0;
function prove() {
  const wire = socket;
  if (!wire) return connect();
  const since = Date.now();
  tell({ type: "ping" });
  setTimeout(() => {
    if (socket !== wire || heard >= since) return;
    socket = null;
    wire.close();
    later();
  }, 6000);
}
setInterval(() => socket && prove(), 25000);

const there = () => fetch(script.src, { mode: "no-cors", cache: "no-store", signal: AbortSignal.timeout?.(8000) });
// A browser hides from a page why it may not read an answer. The house is there and yet unreadable, twice: this site is not listed.
async function unlisted() {
  try {
    await there();
    await session();
  } catch (error) {
    if (error.status) return false;
    return there().then(() => true, () => false);
  }
  return false;
}

// Visitors are told no more than that; whoever runs the site finds the reason in the console.
function turnedAway(status) {
  if (status !== 410) console.error(status === 404 ? `Hubline: there is no chat channel "${channel}" at ${base}.`
    : `Hubline: this site is not allowed to show the chat: origin ${location.origin} is not in \`origins\` of the channel "${channel}".`);
  bar.hidden = false;
  bar.textContent = t("closed");
  text.disabled = true;
}

let timer = 0;
function later() {
  if (tries++) online(false);
  clearTimeout(timer);
  timer = setTimeout(connect, Math.min(30000, 500 * 2 ** tries) * (0.7 + Math.random() * 0.6));
}

async function poll() {
  polling = true;
  let first = true, behind = true;
  // Now and then a socket is tried again: networks change.
  const until = Date.now() + 600000;
  while (Date.now() < until) {
    try {
      const query = first ? "" : `?after=${reached}&state=${pollState}`;
      const answer = await fetch(`${base}/chat/${encodeURIComponent(channel)}/hear${query}`, { method: "POST", headers: { authorization: `Bearer ${token}` }, credentials: "omit" });
      if (answer.status === 401) await session();
      if (!answer.ok) throw new Error("hear");
      for (const frame of await answer.json()) hear(frame);
      if (behind) for (const key of outbox.keys()) say(key);
      first = behind = false;
      online(true);
    } catch {
      behind = true;
      online(false);
      await new Promise((done) => setTimeout(done, 3000 + Math.random() * 3000));
    }
  }
  polling = false;
  connect();
}

function online(yes) {
  bar.hidden = yes;
  bar.textContent = yes ? "" : t("offline");
}

function tell(frame) {
  if (socket?.readyState === WebSocket.OPEN) return socket.send(JSON.stringify(frame));
  if (polling) said = said.then(() => request(frame));
}

// One request after the other, so that messages keep their order: what failed is said again with those after it.
let said = Promise.resolve(), unsaid = false;
async function request(frame) {
  if (unsaid && frame.type === "message") return;
  try {
    const answer = await post("say", JSON.stringify(frame), { "content-type": "application/json", authorization: `Bearer ${token}` });
    if (answer) hear(answer);
  } catch {
    if (frame.type !== "message" || unsaid) return;
    unsaid = true;
    setTimeout(() => { unsaid = false; for (const key of outbox.keys()) say(key); }, 3000);
  }
}

function hear(frame) {
  switch (frame.type) {
    case "welcome":
      agent = frame.agent;
      under.dataset.place = "";
      readUpto = Math.max(readUpto, frame.read || 0);
      for (const line of frame.history) put(line, true);
      arrived();
      // It may have ended while nobody told this page.
      if (talking && !frame.open) notice(t("ended"));
      talking = frame.open;
      outages([]);
      rate(!!frame.rate, frame.survey);
      if (!polling) for (const key of outbox.keys()) say(key);
      pages?.then((it) => it.report());
      break;
    case "pong": return;
    case "state":
      pollState = frame.state;
      return;
    case "message":
      if (frame.line.from !== "visitor") typing(false);
      put(frame.line, false);
      arrived();
      break;
    case "changed":
      if (lines.has(frame.line.id)) put(frame.line, true);
      break;
    case "recorded": {
      const sent = outbox.get(frame.key);
      newest = Math.max(newest, frame.id);
      if (sent && !lines.has(frame.id)) lines.set(frame.id, { id: frame.id, key: frame.key, from: "visitor", text: sent.text, files: sent.files, at: Date.now() });
      outbox.delete(frame.key);
      keepOut();
      talking = true;
      break;
    }
    case "refused": {
      const failed = outbox.get(frame.key);
      if (failed) failed.failed = frame.code;
      keepOut();
      break;
    }
    case "typing": typing(frame.on); break;
    case "read": readUpto = Math.max(readUpto, frame.upto); break;
    case "outages": outages(frame.names); return;
    case "waiting":
      agent = null;
      under.dataset.place = frame.position ? t("waiting", { n: frame.position }) + (frame.estimate_s ? " · " + t("estimate", { m: Math.max(1, Math.round(frame.estimate_s / 60)) }) : "") : t("waitingPlain");
      break;
    case "joined":
      agent = frame.agent;
      return notice(t("joined", { name: agent }));
    case "rated": rated(frame.score); return;
    case "invite": pages?.then((it) => it.invited(frame)); return;
    case "ended":
      rate(!!frame.rate, frame.survey);
      agent = null;
      talking = false;
      under.dataset.place = "";
      return notice(t("ended"));
    case "call": return called(frame.call);
    case "arrow": return call?.then((it) => it.arrow(frame.at));
    case "unknown":
      socket?.close();
      return;
  }
  draw();
  seen();
}

// How it was, when a chat is over: five stars, or eleven numbers where the house asks whether it is recommended, and why. The first answer counts
// at once; what is written after it comes with the same score.
let score = 0, asks = null;
const star = "m12 3 2.8 5.7 6.2.9-4.5 4.4 1.1 6.2L12 17.3l-5.6 2.9 1.1-6.2L3 9.6l6.2-.9Z";
const own = (texts) => texts?.[language === "zh" ? "zh-CN" : "en"] || "";
function rate(asked, survey) {
  if (asked === !rating.hidden) return;
  rating.hidden = !asked;
  score = 0;
  asks = survey;
  rating.replaceChildren();
  if (!asked) return;
  const nps = asks?.kind === "nps", best = nps ? 10 : 5, question = own(asks?.question) || t("rate");
  const marks = Array.from({ length: nps ? 11 : 5 }, (_, at) => nps ? at : at + 1);
  const each = marks.map((n) => el("button", { type: "button", role: "radio", "aria-checked": "false", "aria-label": t("rate_n", { n, best }), value: n, onclick: () => give(n) }, nps ? String(n) : icon(star)));
  each.forEach((it, at) => { it.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); each[at + step]?.focus(); }
  }; });
  rating.append(el("p", { textContent: question }), el("div", { className: nps ? "stars nps" : "stars", role: "radiogroup", "aria-label": question }, ...each));
  if (nps) rating.append(el("p", { className: "ends" }, el("span", { textContent: own(asks.worst) }), el("span", { textContent: own(asks.best) })));
}
function give(n) {
  score = n;
  tell({ type: "rate", score: n });
}
function rated(n) {
  if (rating.hidden) return;
  [...rating.querySelectorAll(".stars button")].forEach((star, at) => { star.classList.toggle("on", asks?.kind === "nps" ? at === n : at < n); star.setAttribute("aria-checked", String(+star.value === n)); });
  if (rating.dataset.done) { delete rating.dataset.done; const thanks = own(asks?.thanks); rate(false); return notice(thanks || t("rate_thanks")); }
  if (rating.querySelector(".why")) return;
  if (asks?.comment === false) { const thanks = own(asks.thanks); rate(false); return notice(thanks || t("rate_thanks")); }
  const why = el("input", { type: "text", maxLength: 1000, placeholder: t("rate_why"), "aria-label": t("rate_why") });
  const done = el("button", { type: "button", textContent: t("rate_send"), onclick: () => {
    rating.dataset.done = "1";
    if (why.value.trim()) tell({ type: "rate", score, comment: why.value.trim() }); else rated(score);
  } });
  why.onkeydown = (event) => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); done.click(); } };
  rating.append(el("div", { className: "why" }, why, done));
  why.focus();
}

// Other channels of the house that do not work.
function outages(names) {
  const known = names.map((name) => name[language === "zh" ? "zh-CN" : "en"] || name.en).filter(Boolean);
  const words = known.length ? t("outages", { names: known.join(t("outage_and")) }) : "";
  if (news.textContent !== words) news.textContent = words;
  news.hidden = !words;
}

function put(line, old) {
  if (!old && line.from !== "visitor" && !lines.has(line.id) && !(open && document.hasFocus())) unread++;
  // What this page said itself keeps its place and its look; what was said again after a lost line is there once.
  if (line.key && outbox.delete(line.key)) keepOut();
  lines.set(line.id, { ...line, key: line.key || lines.get(line.id)?.key });
  newest = Math.max(newest, line.id);
  // Of what was heard, not of what was said: others may have written before it.
  reached = Math.max(reached, line.id);
}

let got = 0;
function arrived() {
  const last = theirs();
  if (last > got) tell({ type: "got", upto: (got = last) });
}

const theirs = () => Math.max(0, ...[...lines.values()].filter((line) => line.from !== "visitor").map((line) => line.id));

function typing(on) {
  clearTimeout(typingTimer);
  typingTimer = on ? setTimeout(() => { typingTimer = 0; draw(); }, 6000) : 0;
}

// What is on the screen of a window that has the focus has been read.
let told = 0;
function seen() {
  if (!open || !document.hasFocus()) return;
  if (unread) { unread = 0; draw(); }
  const last = theirs();
  if (last <= told) return;
  told = last;
  tell({ type: "read", upto: last });
}

async function say(key) {
  const item = outbox.get(key);
  if (!item || item.failed || item.busy) return;
  if (item.blob) {
    item.busy = true;
    try {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/octet-stream", "x-file-name": encodeURIComponent(item.blob.name || "") };
      item.files = [(await post("files", item.blob, headers)).file];
      item.blob = null;
      keepOut();
    } catch (error) {
      // Without a line it is tried again when there is one.
      const why = { 403: "bad_file", 413: "too_big", 415: "bad_file", 429: "too_many" }[error.status];
      if (error.status || polling || socket?.readyState === WebSocket.OPEN) item.failed = why || "failed";
    }
    item.busy = false;
    draw();
    if (item.blob) return;
  }
  tell({ type: "message", key, text: item.text, files: item.files.map((file) => file.id), page: location.origin + location.pathname, ...item.chosen ? { chosen: item.chosen } : {} });
}

function submit(words, blob, chosen) {
  // A question is answered once, however often and in however many windows its buttons are tapped.
  const key = chosen ? `chosen-${chosen.question}` : `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
  // Code points, as the server counts.
  const failed = [...words].length > (settings?.max_text || 4000) ? "too_long" : blob && blob.size > ((blob.type.startsWith("video/") ? settings?.max_video : settings?.max_file) || 0) ? "too_big" : null;
  outbox.set(key, { text: words, files: [], blob, failed, chosen });
  keepOut();
  atEnd = true;
  draw();
  connect();
  say(key);
}

function upload(list) {
  for (const file of list) submit("", file);
}

// ---- calls: a script of their own, fetched when one begins
let call = null;
const stayed = script.dataset.link ? `${stored}.call` : `hubline.${channel}.call`;
function inCall(now) {
  try {
    if (now === undefined) return !!sessionStorage.getItem(stayed);
    if (now) sessionStorage.setItem(stayed, "1"); else sessionStorage.removeItem(stayed);
  } catch { /* then a page that is loaded again loses its call */ }
}
function calling() {
  call ??= import(`${base}/chat/call.js`).then(({ Call }) => new Call({
    root, el, icon, language, video: !!settings?.video, records: () => !!settings?.records, relays: () => !!settings?.relays, url: `${base}/chat/${encodeURIComponent(channel)}/call`, token: () => token, tell, inCall,
    place: (node) => log.before(node), shown: () => show(true),
  }));
  call.catch(() => { call = null; });
  return call;
}
// What the house says of this visitor's call. Other pages of theirs only show that it rings.
function called(shown) {
  if (call || shown.stage === "rings" || (shown.stage !== "over" && inCall())) calling().then((it) => it.show(shown));
}
async function dial(video) {
  show(true);
  await connect();
  if (settings) calling().then((it) => it.start(video), () => online(false));
}
for (const button of [ring, film]) button.onclick = () => dial(button === film);

// ---- hands
function show(yes) {
  open = yes;
  win.hidden = !yes;
  launch.hidden = yes;
  if (yes) { atEnd = true; connect(); draw(); text.focus(); seen(); } else launch.focus();
}
log.onscroll = () => { atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80; };
launch.onclick = () => show(true);
shut.onclick = () => show(false);
win.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.isComposing) show(false); });
form.onsubmit = (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words) return;
  text.value = "";
  grow();
  submit(words);
  text.focus();
};
text.onkeydown = (event) => {
  // Enter that ends a composition chooses a word; it does not send.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) { event.preventDefault(); form.requestSubmit(); }
};
function grow() {
  send.setAttribute("aria-disabled", String(!text.value.trim()));
  text.style.height = "auto";
  text.style.height = `${Math.min(132, text.scrollHeight)}px`;
}
text.oninput = () => {
  grow();
  const now = Date.now();
  if (now - tellTyping > 1500) { tellTyping = now; tell({ type: "typing", on: true, preview: text.value.slice(0, 500) }); }
};
text.onblur = () => { if (tellTyping) { tellTyping = 0; tell({ type: "typing", on: false, preview: null }); } };
text.onpaste = (event) => { const files = [...(event.clipboardData?.files || [])]; if (files.length && settings?.files) { event.preventDefault(); upload(files); } };
clip.onclick = () => picker.click();
picker.onchange = () => { upload([...picker.files]); picker.value = ""; };
win.ondragover = (event) => event.preventDefault();
win.ondrop = (event) => { event.preventDefault(); if (settings?.files) upload([...event.dataTransfer.files]); };
addEventListener("focus", seen);
// What tells that the network may be another one, or that nobody looked for a while.
addEventListener("online", () => { tries = 0; prove(); });
addEventListener("pageshow", (event) => { if (event.persisted) prove(); });
document.addEventListener("visibilitychange", () => { if (socket && !document.hidden) prove(); });

language = (script.dataset.lang || document.documentElement.lang || navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en";
label();
const mount = () => document.body.append(host);
document.body ? mount() : addEventListener("DOMContentLoaded", mount);
// Somebody who has written before gets answers without opening the window first.
if (token || outbox.size) connect();
// Pages are told of by a script of its own, where the tag wants it.
const pages = script.dataset.visits ? import(`${base}/chat/visits.js`).then(({ visits }) => visits({ root, el, mode: script.dataset.visits, channel, language: () => language, tell, connect, show: () => show(true), isOpen: () => open })) : null;
window.hublineChat = { open: () => show(true), close: () => show(false), call: (video) => dial(!!video), consent: (yes) => pages?.then((it) => it.consent(!!yes)), cart: (value) => pages?.then((it) => it.cart(value)) };
// hubline("consent", true), hubline("cart", { value: 120, items: 2 }): the same by name.
window.hubline = (name, value) => window.hublineChat[name]?.(value);

// The chat window for any web page: one script tag, no dependency, nothing of the page's own touched.
//
//   <script src="https://desk.example.com/chat/widget.js" data-channel="site" async></script>
//
// It lives in a shadow root with a constructed style sheet, so neither the page's styles nor its content security policy (which must
// allow this script, and our host in connect-src and img-src) get in the way. Text is only ever set as text.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || window.hublineChat) return;
  const base = new URL(script.src).origin;
  const channel = script.dataset.channel || "site";
  const stored = `hubline.${channel}.token`;

  const words = {
    en: {
      open: "Chat with us", close: "Close chat", write: "Write a message", send: "Send", attach: "Attach a file",
      waiting: "You are number {n} in the queue", estimate: "about {m} min", waitingPlain: "Somebody will be with you soon",
      joined: "{name} is here", ended: "This chat has ended. Write to open it again.", read: "Read", sent: "Sent", sending: "Sending…",
      failed: "Not sent.", again: "Try again", remove: "Remove", edit: "Edit", offline: "No connection. Messages are sent when it is back.", closed: "The chat is not available here at the moment.", typing: "{name} is typing",
      too_long: "This text is too long.", too_many: "Too much at once. Please wait a moment.", bad_file: "This file cannot be sent.",
      too_big: "This file is too large.", busy: "Not sent.", hello: "Hello! How can we help?", here: "with you now", someone: "Somebody", unread: "{n} unread", sent_file: "File",
    },
    zh: {
      open: "在线咨询", close: "收起", write: "输入消息", send: "发送", attach: "发送文件",
      waiting: "您排在第 {n} 位", estimate: "约 {m} 分钟", waitingPlain: "客服马上就来",
      joined: "{name} 已接入", ended: "会话已结束，发消息可重新开始。", read: "已读", sent: "已发送", sending: "发送中…",
      failed: "未发出。", again: "重试", remove: "移除", edit: "修改", offline: "网络已断开，恢复后自动发送。", closed: "在线咨询暂不可用。", typing: "{name} 正在输入",
      too_long: "内容太长了。", too_many: "发送太频繁，请稍候。", bad_file: "无法发送此文件。",
      too_big: "文件太大。", busy: "未发出。", hello: "您好！请问有什么可以帮您？", here: "正在为您服务", someone: "客服", unread: "{n} 条未读", sent_file: "文件",
    },
  };
  let language = "en";
  const t = (key, values = {}) => (words[language][key] || words[language].failed).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  const css = `
    :host { all: initial; --ink: #1a1d22; --sub: #636a75; --surface: #fff; --fill: #eef0f3; --line: #e4e7eb; --field: #8a919c; --accent: #0f648f; --focus: #0f648f; --on: #fff; --bad: #c22f26; --ok: #187a42; color-scheme: light;
      position: fixed; right: max(20px, env(safe-area-inset-right)); bottom: max(20px, env(safe-area-inset-bottom)); z-index: 2147483000; font: 14px/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", Inter, Roboto, "Helvetica Neue", "PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif; color: var(--ink); }
    @media (prefers-color-scheme: dark) { :host(:not([data-theme=light])) { --ink: #e7e9ec; --sub: #a4acb7; --surface: #1c2025; --fill: #2a3038; --line: #39414a; --field: #6b737e; --accent: #1f76a3; --focus: #7cc3e6; --bad: #f48b82; --ok: #6ccb93; color-scheme: dark; } }
    :host([data-theme=dark]) { --ink: #e7e9ec; --sub: #a4acb7; --surface: #1c2025; --fill: #2a3038; --line: #39414a; --field: #6b737e; --accent: #1f76a3; --focus: #7cc3e6; --bad: #f48b82; --ok: #6ccb93; color-scheme: dark; }
    * { box-sizing: border-box; margin: 0; font: inherit; color: inherit; }
    button { border: 0; background: none; cursor: pointer; border-radius: 8px; }
    :focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
    .launch { width: 56px; height: 56px; border-radius: 28px; background: var(--accent); color: var(--on); box-shadow: 0 6px 20px rgba(0,0,0,.22); display: grid; place-items: center; position: relative; }
    .count { position: absolute; top: -4px; right: -4px; min-width: 20px; height: 20px; border-radius: 10px; padding: 0 6px; background: #c22f26; color: #fff; font-size: 12px; line-height: 20px; font-weight: 600; }
    .win { position: fixed; right: max(20px, env(safe-area-inset-right)); bottom: max(20px, env(safe-area-inset-bottom)); width: 384px; height: min(680px, calc(100vh - 40px)); height: min(680px, calc(100dvh - 40px)); display: flex; flex-direction: column; background: var(--surface); border: 1px solid var(--line); border-radius: 14px; box-shadow: 0 16px 48px rgba(0,0,0,.24); overflow: hidden; }
    [hidden] { display: none !important; }
    header { display: flex; align-items: center; gap: 10px; min-height: 60px; padding: 10px 8px 10px 16px; border-bottom: 1px solid var(--line); }
    header div { flex: 1; min-width: 0; } header b { display: block; font-weight: 600; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
    header p, .by, .meta, .sys { font-size: 12px; color: var(--sub); } header p.live::before { content: ""; display: inline-block; width: 8px; height: 8px; border-radius: 4px; background: var(--ok); margin-right: 6px; }
    .face { width: 36px; height: 36px; border-radius: 18px; display: grid; place-items: center; flex: none; background: var(--fill); color: var(--sub); font-size: 12px; font-weight: 600; }
    .icon { width: 40px; height: 40px; display: grid; place-items: center; flex: none; } .icon:hover { background: var(--fill); }
    .log { flex: 1; overflow-y: auto; padding: 16px; display: flex; flex-direction: column; gap: 6px; overscroll-behavior: contain; }
    .m { display: flex; flex-direction: column; align-items: flex-start; max-width: 84%; align-self: flex-start; } .m.you { align-self: flex-end; align-items: flex-end; }
    .b { background: var(--fill); border-radius: 12px 12px 12px 4px; padding: 8px 12px; white-space: pre-wrap; overflow-wrap: anywhere; }
    .you .b { background: var(--accent); color: var(--on); border-radius: 12px 12px 4px 12px; }
    .sys { align-self: center; text-align: center; padding: 4px 0; } .meta { display: flex; align-items: center; gap: 4px; align-self: flex-end; min-height: 18px; } .meta svg { width: 16px; height: 16px; color: var(--focus); } .by { margin-top: 6px; font-weight: 600; } .bad { color: var(--bad); } .bad button { text-decoration: underline; padding: 0 4px; }
    .f { display: block; margin-top: 4px; } .f img { display: block; max-width: 240px; max-height: 240px; border-radius: 10px; border: 1px solid var(--line); } .f a { text-decoration: underline; overflow-wrap: anywhere; }
    .bar { padding: 8px 16px; font-size: 12px; background: var(--fill); }
    form { display: flex; align-items: flex-end; gap: 4px; margin: 0 12px 12px; border: 1px solid var(--field); border-radius: 12px; padding: 4px; } form:focus-within { outline: 2px solid var(--focus); outline-offset: -1px; }
    textarea, textarea:focus-visible { outline: 0; } textarea { flex: 1; border: 0; resize: none; background: none; padding: 8px 4px; max-height: 132px; min-height: 38px; line-height: 22px; }
    .send { background: var(--accent); color: var(--on); } .send:hover { background: var(--accent); filter: brightness(1.1); } .send[aria-disabled=true] { opacity: .45; }
    svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; } .launch svg { width: 26px; height: 26px; }
    .dots { display: inline-flex; gap: 4px; background: var(--fill); border-radius: 12px; padding: 12px; } .dots i { width: 6px; height: 6px; border-radius: 3px; background: var(--sub); animation: dot 1.2s infinite; } .dots i:nth-child(2) { animation-delay: .2s; } .dots i:nth-child(3) { animation-delay: .4s; }
    @keyframes dot { 50% { opacity: .25; } } @media (prefers-reduced-motion: reduce) { .dots i { animation: none; } }
    @media (forced-colors: active) { .b, .launch, .send, .face { border: 1px solid; } }
    @media (max-width: 480px) { .win { inset: 0; width: auto; height: auto; border-radius: 0; border: 0; } textarea { font-size: 16px; } }`;

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
  let settings = null, token = read(), socket = null, connecting = false, polling = false, pollState = "", tries = 0, open = false, unread = 0, agent = null, typingTimer = 0;
  const lines = new Map(); // id → line
  const outbox = new Map(kept()); // key → { text, files, blob: a file still to be uploaded, busy, failed: why }
  const notices = []; // { after: id of the message before, words }
  const drawn = new Map(); // key → { sign, node }: what stands in the log
  let atEnd = true, readUpto = 0, tellTyping = 0, newest = 0, talking = false;

  function read() { try { return localStorage.getItem(stored); } catch { return null; } }
  function keep(value) { token = value; try { localStorage.setItem(stored, value); } catch { /* private windows forget, which is their right */ } }

  // What is not sent yet outlives a reload of the page; its keys keep it from being sent twice.
  function kept() { try { return JSON.parse(sessionStorage.getItem(`${stored}.out`)) || []; } catch { return []; } }
  function keepOut() {
    const rest = [...outbox].filter(([, item]) => !item.blob).map(([key, { text, files, failed }]) => [key, { text, files, failed }]);
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
  const log = el("div", { className: "log", role: "log", tabIndex: 0, "aria-live": "polite" });
  const bar = el("p", { className: "bar", hidden: true, role: "status" });
  const text = el("textarea", { rows: 1 });
  const picker = el("input", { type: "file", hidden: true, multiple: true, accept: "image/png,image/jpeg,image/gif,image/webp,application/pdf,application/zip,text/plain,audio/ogg,video/webm,video/mp4,.docx,.xlsx,.pptx,.csv" });
  const clip = el("button", { className: "icon", type: "button", hidden: true }, icon("m21 11-9 9a5.5 5.5 0 0 1-8-8l9-9a3.7 3.7 0 0 1 5.3 5.3L9.5 17a1.8 1.8 0 0 1-2.6-2.6L15 6.5"));
  const send = el("button", { className: "icon send", type: "submit", "aria-disabled": "true" }, icon("M12 19V5", "m6 11 6-6 6 6"));
  const form = el("form", {}, clip, text, send, picker);
  const win = el("section", { className: "win", role: "dialog", hidden: true }, el("header", {}, face, el("div", {}, title, under), shut), log, bar, form);
  root.append(launch, win);

  function label() {
    win.lang = language === "zh" ? "zh-CN" : "en";
    for (const [node, key] of [[launch, "open"], [shut, "close"], [send, "send"], [clip, "attach"], [text, "write"]]) node.setAttribute("aria-label", t(key));
    text.placeholder = t("write");
    win.setAttribute("aria-label", settings?.title || t("open"));
    log.setAttribute("aria-label", settings?.title || t("open"));
    clip.hidden = !settings?.files;
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
    const bubbled = (key, mine, item, at) => wanted.push([key, item.text + (item.blob?.name || "") + item.files.map((file) => file.id), () => bubble(mine, item, clock(at))]);
    const greeting = settings?.greeting || t("hello");
    if (!lines.size && !outbox.size) wanted.push(["hello", greeting, () => bubble(false, { text: greeting, files: [] }, "")]);
    said(0);
    const sorted = [...lines.values()].sort((a, b) => a.id - b.id);
    const last = sorted.findLast((line) => line.from === "visitor");
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

  function bubble(mine, item, time) {
    const box = el("div", { className: mine ? "m you" : "m", title: time });
    if (item.text) box.append(el("div", { className: "b", textContent: item.text }));
    if (item.blob) box.append(el("div", { className: "b", textContent: item.blob.name || t("sent_file") }));
    for (const file of item.files) {
      const picture = file.mime.startsWith("image/");
      const link = el("a", { href: base + file.url, target: "_blank", rel: "noopener", textContent: picture ? "" : `${file.name} · ${Math.ceil(file.bytes / 1024)} KB` });
      if (picture) link.append(el("img", { src: base + file.url, alt: file.name, onload: () => { if (atEnd) log.scrollTop = log.scrollHeight; } }));
      box.append(el("span", { className: "f" }, link));
    }
    return box;
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
    const answer = await fetch(`${base}/chat/${encodeURIComponent(channel)}/${path}`, { method: "POST", headers, body, credentials: "omit" });
    if (!answer.ok) throw Object.assign(new Error(path), { status: answer.status });
    return answer.json();
  }

  async function session() {
    // Another tab may have become somebody in the meantime: both are the same visitor.
    token = read() || token;
    settings = await post("session", JSON.stringify({ token }), { "content-type": "application/json" });
    keep(settings.token);
    const wanted = script.dataset.lang || document.documentElement.lang || navigator.language || settings.language;
    language = wanted.toLowerCase().startsWith("zh") ? "zh" : "en";
    label();
  }

  async function connect() {
    if (socket || connecting || polling) return;
    connecting = true;
    try { await session(); } catch (error) {
      const status = error.status ?? (await unlisted() ? 403 : 0);
      if (status === 403 || status === 404) return turnedAway(status);
      return later();
    } finally { connecting = false; }
    draw();
    const wire = new WebSocket(`${base.replace(/^http/, "ws")}/chat/${encodeURIComponent(channel)}/socket`);
    socket = wire;
    let opened = false;
    wire.onopen = () => { opened = true; tries = 0; online(true); wire.send(JSON.stringify({ type: "hello", token })); };
    wire.onmessage = (event) => hear(JSON.parse(event.data));
    wire.onclose = () => {
      if (socket !== wire) return;
      socket = null;
      // A network that never lets a socket open may still let requests through.
      if (!opened && tries >= 1) poll(); else later();
    };
  }

  // A browser hides from a page why it may not read an answer. The house is there and yet unreadable, twice: this site is not listed.
  async function unlisted() {
    try {
      await fetch(script.src, { mode: "no-cors", cache: "no-store" });
      await session();
    } catch (error) {
      if (error.status) return false;
      return fetch(script.src, { mode: "no-cors", cache: "no-store" }).then(() => true, () => false);
    }
    return false;
  }

  // Visitors are told no more than that; whoever runs the site finds the reason in the console.
  function turnedAway(status) {
    console.error(status === 404 ? `Hubline: there is no chat channel "${channel}" at ${base}.`
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
        const query = first ? "" : `?after=${newest}&state=${pollState}`;
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
    if (polling) post("say", JSON.stringify(frame), { "content-type": "application/json", authorization: `Bearer ${token}` }).then((answer) => answer && hear(answer), () => {});
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
        if (!polling) for (const key of outbox.keys()) say(key);
        break;
      case "state":
        pollState = frame.state;
        return;
      case "message":
        if (frame.line.from !== "visitor") typing(false);
        put(frame.line, false);
        arrived();
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
      case "waiting":
        agent = null;
        under.dataset.place = frame.position ? t("waiting", { n: frame.position }) + (frame.estimate_s ? " · " + t("estimate", { m: Math.max(1, Math.round(frame.estimate_s / 60)) }) : "") : t("waitingPlain");
        break;
      case "joined":
        agent = frame.agent;
        return notice(t("joined", { name: agent }));
      case "ended":
        agent = null;
        talking = false;
        under.dataset.place = "";
        return notice(t("ended"));
      case "unknown":
        socket?.close();
        return;
    }
    draw();
    seen();
  }

  function put(line, old) {
    if (!old && line.from !== "visitor" && !lines.has(line.id) && !(open && document.hasFocus())) unread++;
    // What this page said itself keeps its place and its look; what was said again after a lost line is there once.
    if (line.key && outbox.delete(line.key)) keepOut();
    lines.set(line.id, { ...line, key: line.key || lines.get(line.id)?.key });
    newest = Math.max(newest, line.id);
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
    tell({ type: "message", key, text: item.text, files: item.files.map((file) => file.id), page: location.origin + location.pathname });
  }

  function submit(words, blob) {
    const key = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
    // Code points, as the server counts.
    const failed = [...words].length > (settings?.max_text || 4000) ? "too_long" : blob && blob.size > (settings?.max_file || 0) ? "too_big" : null;
    outbox.set(key, { text: words, files: [], blob, failed });
    keepOut();
    atEnd = true;
    draw();
    connect();
    say(key);
  }

  function upload(list) {
    for (const file of list) submit("", file);
  }

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
  addEventListener("online", () => { tries = 0; connect(); });
  // A page restored from the back/forward cache has a dead socket.
  addEventListener("pageshow", (event) => { if (event.persisted && socket) socket.close(); });

  language = (script.dataset.lang || document.documentElement.lang || navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en";
  label();
  const mount = () => document.body.append(host);
  document.body ? mount() : addEventListener("DOMContentLoaded", mount);
  // Somebody who has written before gets answers without opening the window first.
  if (token || outbox.size) connect();
  window.hublineChat = { open: () => show(true), close: () => show(false) };
})();

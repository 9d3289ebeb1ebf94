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
      failed: "Not sent.", again: "Try again", offline: "No connection. Messages are sent when it is back.", typing: "{name} is typing",
      too_long: "This text is too long.", too_many: "Too much at once. Please wait a moment.", bad_file: "This file cannot be sent.",
      too_big: "This file is too large.", busy: "Not sent.", hello: "Hello! How can we help?", you: "You", someone: "Somebody", today: "Today",
    },
    zh: {
      open: "在线咨询", close: "收起", write: "输入消息", send: "发送", attach: "发送文件",
      waiting: "前面还有 {n} 位", estimate: "约 {m} 分钟", waitingPlain: "客服马上就来",
      joined: "{name} 已接入", ended: "会话已结束，发消息可重新开始。", read: "已读", sent: "已发送", sending: "发送中…",
      failed: "未发出。", again: "重试", offline: "网络已断开，恢复后自动发送。", typing: "{name} 正在输入",
      too_long: "内容太长了。", too_many: "发送太频繁，请稍候。", bad_file: "无法发送此文件。",
      too_big: "文件太大。", busy: "未发出。", hello: "您好！请问有什么可以帮您？", you: "我", someone: "客服", today: "今天",
    },
  };
  let language = "en";
  const t = (key, values = {}) => (words[language][key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  const css = `
    :host { all: initial; --ink: #1a1d22; --sub: #636a75; --surface: #fff; --fill: #eef0f3; --line: #e4e7eb; --field: #8a919c; --accent: #0f648f; --on: #fff; --bad: #c22f26; color-scheme: light;
      position: fixed; right: max(20px, env(safe-area-inset-right)); bottom: max(20px, env(safe-area-inset-bottom)); z-index: 2147483000; font: 14px/1.5 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans SC", sans-serif; color: var(--ink); }
    @media (prefers-color-scheme: dark) { :host(:not([data-theme=light])) { --ink: #e7e9ec; --sub: #a4acb7; --surface: #1c2025; --fill: #2a3038; --line: #39414a; --field: #6b737e; --bad: #f48b82; color-scheme: dark; } }
    :host([data-theme=dark]) { --ink: #e7e9ec; --sub: #a4acb7; --surface: #1c2025; --fill: #2a3038; --line: #39414a; --field: #6b737e; --bad: #f48b82; color-scheme: dark; }
    * { box-sizing: border-box; margin: 0; font: inherit; color: inherit; }
    button { border: 0; background: none; cursor: pointer; border-radius: 8px; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    .launch { width: 56px; height: 56px; border-radius: 28px; background: var(--accent); color: var(--on); box-shadow: 0 6px 20px rgba(0,0,0,.22); display: grid; place-items: center; position: relative; }
    .count { position: absolute; top: -4px; right: -4px; min-width: 20px; height: 20px; border-radius: 10px; padding: 0 6px; background: var(--bad); color: #fff; font-size: 12px; line-height: 20px; font-weight: 600; }
    .win { position: fixed; right: max(20px, env(safe-area-inset-right)); bottom: max(20px, env(safe-area-inset-bottom)); width: 380px; height: min(640px, calc(100vh - 40px)); height: min(640px, calc(100dvh - 40px)); display: flex; flex-direction: column; background: var(--surface); border: 1px solid var(--line); border-radius: 14px; box-shadow: 0 16px 48px rgba(0,0,0,.24); overflow: hidden; }
    [hidden] { display: none !important; }
    header { display: flex; align-items: center; gap: 10px; padding: 12px 12px 12px 16px; border-bottom: 1px solid var(--line); }
    header div { flex: 1; min-width: 0; } header b { display: block; font-weight: 600; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
    header p, .by, .meta, .sys { font-size: 12px; color: var(--sub); }
    .icon { width: 40px; height: 40px; display: grid; place-items: center; flex: none; } .icon:hover { background: var(--fill); }
    .log { flex: 1; overflow-y: auto; padding: 16px; display: flex; flex-direction: column; gap: 6px; overscroll-behavior: contain; }
    .m { display: flex; flex-direction: column; align-items: flex-start; max-width: 84%; } .m.you { align-self: flex-end; align-items: flex-end; }
    .b { background: var(--fill); border-radius: 12px 12px 12px 4px; padding: 8px 12px; white-space: pre-wrap; overflow-wrap: anywhere; }
    .you .b { background: var(--accent); color: var(--on); border-radius: 12px 12px 4px 12px; }
    .sys { align-self: center; text-align: center; padding: 4px 0; } .meta { min-height: 18px; } .bad { color: var(--bad); } .bad button { text-decoration: underline; padding: 0 4px; }
    .f { display: block; margin-top: 4px; } .f img { display: block; max-width: 240px; max-height: 240px; border-radius: 10px; border: 1px solid var(--line); } .f a { text-decoration: underline; }
    .bar { padding: 8px 16px; font-size: 12px; background: var(--fill); }
    form { display: flex; align-items: flex-end; gap: 4px; margin: 0 12px 12px; border: 1px solid var(--field); border-radius: 12px; padding: 4px; } form:focus-within { outline: 2px solid var(--accent); outline-offset: -1px; }
    textarea { flex: 1; border: 0; outline: 0; resize: none; background: none; padding: 8px 4px; max-height: 132px; min-height: 38px; line-height: 22px; }
    .send { background: var(--accent); color: var(--on); } .send:hover { background: var(--accent); filter: brightness(1.1); } .send[aria-disabled=true] { opacity: .45; }
    svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; } .launch svg { width: 26px; height: 26px; }
    .dots { display: inline-flex; gap: 4px; background: var(--fill); border-radius: 12px; padding: 12px; } .dots i { width: 6px; height: 6px; border-radius: 3px; background: var(--sub); animation: dot 1.2s infinite; } .dots i:nth-child(2) { animation-delay: .2s; } .dots i:nth-child(3) { animation-delay: .4s; }
    @keyframes dot { 50% { opacity: .25; } } @media (prefers-reduced-motion: reduce) { .dots i { animation: none; } }
    .sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
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
  let settings = null, token = read(), socket = null, polling = false, tries = 0, open = false, unread = 0, agent = null, typingTimer = 0;
  const lines = new Map(); // id → line
  const outbox = new Map(); // key → { text, files, failed }
  const notices = []; // { after: id of the message before, words }
  let readUpto = 0, tellTyping = 0, newest = 0;

  function read() { try { return localStorage.getItem(stored); } catch { return null; } }
  function keep(value) { token = value; try { localStorage.setItem(stored, value); } catch { /* private windows forget, which is their right */ } }

  // ---- drawing
  const host = el("div", { id: "hubline-chat" });
  if (script.dataset.theme) host.dataset.theme = script.dataset.theme;
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];

  const count = el("span", { className: "count", hidden: true });
  const launch = el("button", { className: "launch", type: "button", "aria-haspopup": "dialog" }, icon("M21 12a8 8 0 0 1-8 8H4l2-3.2A8 8 0 1 1 21 12Z"), count);
  const title = el("b"), under = el("p");
  const shut = el("button", { className: "icon", type: "button" }, icon("m6 9 6 6 6-6"));
  const log = el("div", { className: "log", role: "log", tabIndex: 0, "aria-live": "polite" });
  const bar = el("p", { className: "bar", hidden: true, role: "status" });
  const text = el("textarea", { rows: 1 });
  const picker = el("input", { type: "file", hidden: true, multiple: true });
  const clip = el("button", { className: "icon", type: "button", hidden: true }, icon("m21 11-9 9a5.5 5.5 0 0 1-8-8l9-9a3.7 3.7 0 0 1 5.3 5.3L9.5 17a1.8 1.8 0 0 1-2.6-2.6L15 6.5"));
  const send = el("button", { className: "icon send", type: "submit", "aria-disabled": "true" }, icon("M12 19V5", "m6 11 6-6 6 6"));
  const form = el("form", {}, clip, text, send, picker);
  const win = el("section", { className: "win", role: "dialog", hidden: true }, el("header", {}, el("div", {}, title, under), shut), log, bar, form);
  root.append(launch, win);

  function label() {
    win.lang = language === "zh" ? "zh-CN" : "en";
    for (const [node, key] of [[launch, "open"], [shut, "close"], [send, "send"], [clip, "attach"], [text, "write"]]) node.setAttribute("aria-label", t(key));
    text.placeholder = t("write");
    win.setAttribute("aria-label", settings?.title || t("open"));
    title.textContent = settings?.title || "";
    clip.hidden = !settings?.files;
    if (/^#[0-9a-f]{6}$/i.test(settings?.accent || "")) host.style.setProperty("--accent", settings.accent);
  }

  const clock = (at) => new Date(at).toLocaleTimeString(language === "zh" ? "zh-CN" : undefined, { hour: "2-digit", minute: "2-digit" });

  function draw() {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    log.replaceChildren();
    if (!lines.size && !outbox.size) log.append(el("div", { className: "m" }, el("div", { className: "b", textContent: settings?.greeting || t("hello") })));
    let before = null;
    const said = (after) => notices.filter((notice) => notice.after === after).forEach((notice) => log.append(el("p", { className: "sys", textContent: notice.words })));
    said(0);
    const sorted = [...lines.values()].sort((a, b) => a.id - b.id);
    for (const line of sorted) {
      const mine = line.from === "visitor";
      const same = before && before.from === line.from && before.name === line.name;
      if (!mine && !same) log.append(el("span", { className: "by", textContent: line.name || settings?.title || "" }));
      const last = mine && line === sorted.findLast((other) => other.from === "visitor");
      const state = last ? el("span", { className: "meta", textContent: line.id <= readUpto ? t("read") : t("sent") }) : null;
      log.append(bubble(mine, line.text, line.files, clock(line.at), state));
      before = line;
      said(line.id);
    }
    for (const [key, waiting] of outbox) {
      const state = waiting.failed
        ? el("span", { className: "meta bad", role: "alert", textContent: t(waiting.failed) + " " }, el("button", { type: "button", textContent: t("again"), onclick: () => { waiting.failed = null; say(key); draw(); } }))
        : el("span", { className: "meta", textContent: t("sending") });
      log.append(bubble(true, waiting.text, waiting.files, "", state));
    }
    if (typingTimer) log.append(el("div", { className: "dots", "aria-label": t("typing", { name: agent || t("someone") }) }, el("i"), el("i"), el("i")));
    if (atEnd) log.scrollTop = log.scrollHeight;
    under.textContent = agent ? t("joined", { name: agent }) : under.dataset.place || "";
    count.hidden = !unread;
    count.textContent = unread > 9 ? "9+" : String(unread);
  }

  function bubble(mine, words, files, time, state) {
    const box = el("div", { className: mine ? "m you" : "m", title: time });
    if (words) box.append(el("div", { className: "b", textContent: words }));
    for (const file of files || []) {
      const link = el("a", { href: base + file.url, target: "_blank", rel: "noopener", textContent: file.mime.startsWith("image/") ? "" : `${file.name} · ${Math.ceil(file.bytes / 1024)} KB` });
      if (file.mime.startsWith("image/")) link.append(el("img", { src: base + file.url, alt: file.name, loading: "lazy" }));
      box.append(el("span", { className: "f" }, link));
    }
    if (state) box.append(state);
    return box;
  }

  // What happened, said between the messages; of this visit only.
  function notice(words) {
    if (notices.at(-1)?.words === words) return;
    notices.push({ after: newest, words });
    draw();
    log.scrollTop = log.scrollHeight;
  }

  // ---- the wire
  async function post(path, body, headers = {}) {
    const answer = await fetch(`${base}/chat/${encodeURIComponent(channel)}/${path}`, { method: "POST", headers, body, credentials: "omit" });
    if (!answer.ok) throw Object.assign(new Error(path), { status: answer.status });
    return answer.json();
  }

  async function session() {
    settings = await post("session", JSON.stringify({ token }), { "content-type": "application/json" });
    keep(settings.token);
    const wanted = script.dataset.lang || document.documentElement.lang || navigator.language || settings.language;
    language = wanted.toLowerCase().startsWith("zh") ? "zh" : "en";
    label();
  }

  async function connect() {
    if (socket || polling) return;
    try { await session(); } catch (error) {
      if (error.status === 403 || error.status === 404) return console.warn(`chat: ${channel} is not open to this site`);
      return later();
    }
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

  function later() {
    if (tries++) online(false);
    setTimeout(connect, Math.min(30000, 500 * 2 ** tries) * (0.7 + Math.random() * 0.6));
  }

  async function poll() {
    polling = true;
    let first = true;
    while (polling) {
      try {
        const answer = await fetch(`${base}/chat/${encodeURIComponent(channel)}/hear${first ? "" : `?after=${newest}`}`, { headers: { authorization: `Bearer ${token}` }, credentials: "omit" });
        if (!answer.ok) throw new Error("hear");
        for (const frame of await answer.json()) hear(frame);
        if (first) for (const key of outbox.keys()) say(key);
        first = false;
        online(true);
      } catch {
        online(false);
        await new Promise((done) => setTimeout(done, 5000));
      }
    }
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
        for (const line of frame.history) put(line, true);
        for (const key of outbox.keys()) say(key);
        break;
      case "message":
        typing(false);
        put(frame.line, false);
        break;
      case "recorded": {
        const sent = outbox.get(frame.key);
        outbox.delete(frame.key);
        newest = Math.max(newest, frame.id);
        if (sent && !lines.has(frame.id)) lines.set(frame.id, { id: frame.id, from: "visitor", text: sent.text, files: sent.files, at: Date.now() });
        break;
      }
      case "refused": {
        const failed = outbox.get(frame.key);
        if (failed) failed.failed = frame.code;
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
        under.dataset.place = "";
        return notice(t("ended"));
      case "unknown":
        token = null;
        socket?.close();
        return;
    }
    draw();
    seen();
  }

  function put(line, old) {
    if (!old && line.from !== "visitor" && !lines.has(line.id) && !(open && document.hasFocus())) unread++;
    lines.set(line.id, line);
    newest = Math.max(newest, line.id);
    if (line.from !== "visitor") tell({ type: "got", upto: line.id });
  }

  function typing(on) {
    clearTimeout(typingTimer);
    typingTimer = on ? setTimeout(() => { typingTimer = 0; draw(); }, 6000) : 0;
  }

  // What is on the screen of a window that has the focus has been read.
  let told = 0;
  function seen() {
    const last = Math.max(0, ...[...lines.values()].filter((line) => line.from !== "visitor").map((line) => line.id));
    if (!open || !document.hasFocus() || last <= told) return;
    told = last;
    unread = 0;
    count.hidden = true;
    tell({ type: "read", upto: last });
  }

  function say(key) {
    const waiting = outbox.get(key);
    if (waiting && !waiting.failed) tell({ type: "message", key, text: waiting.text, files: waiting.files.map((file) => file.id), page: location.origin + location.pathname });
  }

  function submit(words, files = []) {
    const key = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
    const long = words.length > (settings?.max_text || 4000);
    outbox.set(key, { text: words, files, failed: long ? "too_long" : null });
    log.scrollTop = log.scrollHeight;
    connect();
    say(key);
    draw();
    log.scrollTop = log.scrollHeight;
  }

  async function upload(list) {
    for (const file of list) {
      if (file.size > (settings?.max_file || 0)) { notice(t("too_big")); continue; }
      try {
        const { file: kept } = await post("files", file, { authorization: `Bearer ${token}`, "content-type": "application/octet-stream", "x-file-name": encodeURIComponent(file.name) });
        submit("", [kept]);
      } catch (error) {
        notice(t(error.status === 413 ? "too_big" : error.status === 429 ? "too_many" : "bad_file"));
      }
    }
  }

  // ---- hands
  function show(yes) {
    open = yes;
    win.hidden = !yes;
    launch.hidden = yes;
    if (yes) { connect(); draw(); text.focus(); log.scrollTop = log.scrollHeight; seen(); } else launch.focus();
  }
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
  if (token) connect();
  window.hublineChat = { open: () => show(true), close: () => show(false) };
})();

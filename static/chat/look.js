// How the chat window looks; see widget.js.
const css = `
  :host { all: initial; --ink: #1a1d22; --sub: #636a75; --surface: #fff; --fill: #eef0f3; --line: #e4e7eb; --field: #8a919c; --accent: #0f648f; --focus: #0f648f; --on: #fff; --bad: #c22f26; --warn-fill: #fdf3dc; --ok: #187a42; color-scheme: light;
    position: fixed; right: max(20px, env(safe-area-inset-right)); bottom: max(20px, env(safe-area-inset-bottom)); z-index: 2147483000; font: 14px/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", Inter, Roboto, "Helvetica Neue", "PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif; color: var(--ink); }
  @media (prefers-color-scheme: dark) { :host(:not([data-theme=light])) { --ink: #e7e9ec; --sub: #a4acb7; --surface: #1c2025; --fill: #2a3038; --line: #39414a; --field: #6b737e; --accent: #1f76a3; --focus: #7cc3e6; --bad: #f48b82; --warn-fill: #3a3018; --ok: #6ccb93; color-scheme: dark; } }
  :host([data-theme=dark]) { --ink: #e7e9ec; --sub: #a4acb7; --surface: #1c2025; --fill: #2a3038; --line: #39414a; --field: #6b737e; --accent: #1f76a3; --focus: #7cc3e6; --bad: #f48b82; --warn-fill: #3a3018; --ok: #6ccb93; color-scheme: dark; }
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
  .b a { color: inherit; }
  .you .b { background: var(--accent); color: var(--on); border-radius: 12px 12px 4px 12px; }
  .sys { align-self: center; text-align: center; padding: 4px 0; } .meta { display: flex; align-items: center; gap: 4px; align-self: flex-end; min-height: 18px; } .meta svg { width: 16px; height: 16px; color: var(--focus); } .by { margin-top: 6px; font-weight: 600; } .bad { color: var(--bad); } .bad button { text-decoration: underline; padding: 0 4px; }
  .f { display: block; margin-top: 4px; } .f img { display: block; max-width: 240px; max-height: 240px; border-radius: 10px; border: 1px solid var(--line); } .f video { display: block; width: 240px; max-width: 100%; aspect-ratio: 16 / 9; object-fit: contain; background: #111; border-radius: 10px; } .f a { text-decoration: underline; overflow-wrap: anywhere; }
  .news { padding: 10px 16px; font-size: 13px; background: var(--warn-fill); border-bottom: 1px solid var(--line); }
  .rate { padding: 12px 16px; border-top: 1px solid var(--line); display: grid; gap: 8px; } .rate > p { font-weight: 600; } .stars { display: flex; gap: 4px; } .stars button { width: 44px; height: 44px; display: grid; place-items: center; color: var(--field); } .stars button:hover { background: var(--fill); } .stars button.on { color: var(--accent); } .stars button.on svg { fill: currentColor; } .stars svg { width: 26px; height: 26px; } .rate .why { display: flex; gap: 8px; } .rate input { flex: 1; min-width: 0; border: 1px solid var(--field); border-radius: 8px; padding: 8px 10px; background: none; } .rate .why button { background: var(--accent); color: var(--on); padding: 0 14px; min-height: 40px; }
  .bar { padding: 8px 16px; font-size: 12px; background: var(--fill); }
  form { display: flex; align-items: flex-end; gap: 4px; margin: 0 12px 12px; border: 1px solid var(--field); border-radius: 12px; padding: 4px; } form:focus-within { outline: 2px solid var(--focus); outline-offset: -1px; }
  textarea, textarea:focus-visible { outline: 0; } textarea { flex: 1; border: 0; resize: none; background: none; padding: 8px 4px; max-height: 132px; min-height: 38px; line-height: 22px; }
  .send { background: var(--accent); color: var(--on); } .send:hover { background: var(--accent); filter: brightness(1.1); } .send[aria-disabled=true] { opacity: .45; }
  svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; } .launch svg { width: 26px; height: 26px; }
  .dots { display: inline-flex; gap: 4px; background: var(--fill); border-radius: 12px; padding: 12px; } .dots i { width: 6px; height: 6px; border-radius: 3px; background: var(--sub); animation: dot 1.2s infinite; } .dots i:nth-child(2) { animation-delay: .2s; } .dots i:nth-child(3) { animation-delay: .4s; }
  @keyframes dot { 50% { opacity: .25; } } @media (prefers-reduced-motion: reduce) { .dots i { animation: none; } }
  @media (forced-colors: active) { .b, .launch, .send, .face { border: 1px solid; } }
  @media (max-width: 480px) { .win { inset: 0; width: auto; height: auto; border-radius: 0; border: 0; } textarea { font-size: 16px; } }`;

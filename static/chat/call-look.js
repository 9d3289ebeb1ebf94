// How calls look and what they say in the chat window and on the page of a link; see call.js.

export const words = {
  en: {
    call: "Call", calling: "Connecting…", queued: "Please hold on…", place: "You are number {n} in the queue", estimate: "about {m} min",
    talking: "Talking with {name}", held: "{name} has put you on hold", again: "The line broke. Connecting again…", over: "The call has ended", rate: "Rate this call",
    rings: "{name} is calling you", rings_video: "{name} is calling you with video", accept: "Accept", accept_video: "Accept with camera", accept_sound: "Sound only", decline: "Decline", mute: "Mute", muted: "Your microphone is off", keys: "Keypad",
    devices: "Microphone and speaker", microphone: "Microphone", speaker: "Speaker", standard: "System default", hangup: "Hang up",
    camera: "Your camera", screen: "Share your screen", theirs: "Picture of the other side", mine: "Your own picture", no_camera: "The camera cannot be used.",
    camera_denied: "The camera is blocked. Allow it in your browser's address bar, then try again.", turn: "Other camera", consent: "This call may be recorded, in sound and picture. Your picture is only shown if you agree.", agree: "Agree and show", not_now: "Not now", point: "Drag over the picture to point at something", large: "Large picture",
    no_screen: "The screen cannot be shared here.", screen_again: "Your screen is not shared any more. Share it again if you like.",
    listen: "Tap to hear the call", retry: "Try again", close: "Close",
    mic_denied: "The microphone is blocked. Allow it in your browser's address bar, then try again.",
    mic_missing: "No microphone was found.", mic_busy: "Another program uses the microphone.", mic_lost: "The microphone is gone.",
    insecure: "This browser cannot make calls here.", offline: "No connection. Please try again.", media_failed: "The call could not be connected.",
    too_many: "Too many attempts. Please wait a moment.",
  },
  zh: {
    call: "通话", calling: "正在接通…", queued: "请稍候…", place: "您排在第 {n} 位", estimate: "约 {m} 分钟",
    talking: "正在与 {name} 通话", held: "{name} 已将通话保持", again: "线路中断，正在重新接通…", over: "通话已结束", rate: "评价本次通话",
    rings: "{name} 来电", rings_video: "{name} 发起视频通话", accept: "接听", accept_video: "打开摄像头接听", accept_sound: "仅语音接听", decline: "拒绝", mute: "静音", muted: "您的麦克风已关闭", keys: "拨号键盘",
    devices: "麦克风和扬声器", microphone: "麦克风", speaker: "扬声器", standard: "系统默认", hangup: "挂断",
    camera: "您的摄像头", screen: "共享您的屏幕", theirs: "对方画面", mine: "您的画面", no_camera: "无法使用摄像头。",
    camera_denied: "摄像头被禁用。请在浏览器地址栏中允许使用，然后重试。", turn: "切换摄像头", consent: "本次通话的声音和画面可能会被录制。您同意后才会显示您的画面。", agree: "同意并显示", not_now: "暂不", point: "在画面上拖动即可指示位置", large: "放大画面",
    no_screen: "此处无法共享屏幕。", screen_again: "您的屏幕已停止共享，如有需要请重新共享。",
    listen: "点此收听通话", retry: "重试", close: "关闭",
    mic_denied: "麦克风被禁用。请在浏览器地址栏中允许使用，然后重试。",
    mic_missing: "未找到麦克风。", mic_busy: "麦克风正被其他程序使用。", mic_lost: "麦克风已断开。",
    insecure: "此浏览器无法在此页面通话。", offline: "网络不通，请重试。", media_failed: "通话未能接通。",
    too_many: "尝试过于频繁，请稍候。",
  },
};

export const look = `
  .call { border-bottom: 1px solid var(--line); padding: 12px 16px; display: flex; flex-direction: column; gap: 10px; }
  .call .what { display: flex; align-items: center; gap: 8px; min-height: 24px; font-weight: 600; }
  .call .what span:first-child { flex: 1; min-width: 0; overflow-wrap: anywhere; }
  .call .time { font-variant-numeric: tabular-nums; color: var(--sub); font-weight: 400; }
  .call .hint { font-size: 12px; color: var(--sub); }
  .call .hint.bad { color: var(--bad); }
  .call .stage { position: relative; display: grid; place-items: center; background: #111; border-radius: 10px; overflow: hidden; max-height: 46vh; } .call .stage[hidden], .call .stage video[hidden] { display: none; } .call .stage video { width: 100%; max-height: 46vh; object-fit: contain; } .call .stage:fullscreen { max-height: none; border-radius: 0; } .call .stage:fullscreen video:not(.small) { height: 100%; max-height: none; }
  .call .stage .small { position: absolute; right: 8px; bottom: 8px; width: 28%; border-radius: 8px; outline: 1px solid #fff6; cursor: pointer; z-index: 1; } .call .stage video:not(.small) { cursor: crosshair; touch-action: none; }
  .call .arrows { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; fill: none; stroke-linecap: round; stroke-linejoin: round; } .call .arrows .under { stroke: #fff; stroke-width: 8; } .call .arrows .over { stroke: #d22; stroke-width: 4; }
  .call .row { display: flex; flex-wrap: wrap; gap: 6px; }
  .call .b2 { min-width: 44px; min-height: 44px; padding: 0 12px; background: var(--fill); border-radius: 22px; display: inline-flex; align-items: center; justify-content: center; gap: 6px; }
  .call .b2[aria-pressed=true], .call .b2[aria-expanded=true] { background: var(--ink); color: var(--surface); }
  .call .b2.go { background: #187a42; color: #fff; flex: 1 0 auto; max-width: 100%; } .call .b2.stop { background: #c22f26; color: #fff; } .call .b2.stop.wide { flex: 1; }
  .call .b2.end { margin-left: auto; } .call a.b2 { text-decoration: none; font-weight: 600; }
  .call .pad { display: grid; grid-template-columns: repeat(3, 1fr); gap: 6px; } .call .pad button { min-height: 44px; background: var(--fill); font-size: 16px; }
  .call label { display: flex; flex-direction: column; gap: 2px; font-size: 12px; color: var(--sub); }
  .call label + label { margin-top: 8px; }
  .call select { min-height: 40px; border: 1px solid var(--field); border-radius: 8px; padding: 0 8px; background: var(--surface); color: var(--ink); font-size: 14px; }
  @media (forced-colors: active) { .call .b2 { border: 1px solid; } }`;

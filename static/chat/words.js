// What the chat window says; see widget.js.
const words = {
  en: {
    open: "Chat with us", close: "Close chat", write: "Write a message", send: "Send", attach: "Attach a file",
    waiting: "You are number {n} in the queue", estimate: "about {m} min", waitingPlain: "Somebody will be with you soon",
    joined: "{name} is here", ended: "This chat has ended. Write to open it again.", read: "Read", sent: "Sent", sending: "Sending…",
    failed: "Not sent.", again: "Try again", remove: "Remove", edit: "Edit", offline: "No connection. Messages are sent when it is back.", closed: "The chat is not available here at the moment.", typing: "{name} is typing",
    too_long: "This text is too long.", too_many: "Too much at once. Please wait a moment.", bad_file: "This file cannot be sent.",
    too_big: "This file is too large.", busy: "Not sent.", hello: "Hello! How can we help?", here: "with you now", someone: "Somebody", unread: "{n} unread", sent_file: "File", call: "Call us", video_call: "Video call us",
    rate: "How was it?", rate_n: "{n} of {best}", rate_why: "What could be better? (optional)", rate_send: "Send", rate_thanks: "Thank you!",
    outages: "We cannot be reached by {names} at the moment. Nothing is lost; please write to us here.", outage_and: " and ", choose: "Choose an answer", edited: "Edited", recalled: "This message was recalled",
  },
  zh: {
    open: "在线咨询", close: "收起", write: "输入消息", send: "发送", attach: "发送文件",
    waiting: "您排在第 {n} 位", estimate: "约 {m} 分钟", waitingPlain: "客服马上就来",
    joined: "{name} 已接入", ended: "会话已结束，发消息可重新开始。", read: "已读", sent: "已发送", sending: "发送中…",
    failed: "未发出。", again: "重试", remove: "移除", edit: "修改", offline: "网络已断开，恢复后自动发送。", closed: "在线咨询暂不可用。", typing: "{name} 正在输入",
    too_long: "内容太长了。", too_many: "发送太频繁，请稍候。", bad_file: "无法发送此文件。",
    too_big: "文件太大。", busy: "未发出。", hello: "您好！请问有什么可以帮您？", here: "正在为您服务", someone: "客服", unread: "{n} 条未读", sent_file: "文件", call: "语音通话", video_call: "视频通话",
    rate: "本次服务您满意吗？", rate_n: "{n} 分（满分 {best} 分）", rate_why: "有什么可以改进？（选填）", rate_send: "提交", rate_thanks: "感谢您的评价！",
    outages: "我们的{names}暂时无法使用，消息不会丢失。请在这里联系我们。", outage_and: "、", choose: "请选择", edited: "已编辑", recalled: "此消息已撤回",
  },
};

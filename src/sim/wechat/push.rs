//! What customers do, as the platform tells it: a push, tried again while the house does not answer in time, twice or overtaken by the plan.

use super::state::Sent;
use super::wire::{call, encode, now_ms};
use super::{Form, Inner, Mode, Sim, crypt};
use axum::body::Bytes;
use serde_json::{Value, json};
use std::sync::{PoisonError, Weak};
use tokio::sync::mpsc;

const HOUR_MS: i64 = 3_600_000;

/// What a customer does.
#[derive(Debug, Clone)]
pub enum Says {
    Text(String),
    Image(Bytes),
    Voice {
        bytes: Bytes,
        recognition: String,
    },
    Video(Bytes),
    Place {
        latitude: f64,
        longitude: f64,
        label: String,
    },
    Link {
        title: String,
        url: String,
    },
    /// A tap on a choice of a `msgmenu`.
    Choice {
        id: String,
        content: String,
    },
    /// Follows, by the code of this scene; empty: by none.
    Follows(String),
    Leaves,
    Scans(String),
    Clicks(String),
    /// Scans a code through a menu entry of type `scancode_waitmsg`, whose app waits for an answer.
    ScansByMenu {
        key: String,
        result: String,
    },
    /// A mini-program's customer opens the talk.
    Enters(String),
    /// A kind that nobody has documented yet.
    New(String),
    /// A template's result: message and status.
    Finished(u64, String),
}

pub(super) struct Push {
    id: u64,
    body: Vec<u8>,
    from: String,
}

impl Sim {
    /// The console's 服务器配置 → 提交: greets the house. An error is what the console would show.
    pub async fn configure(&self, hook: &str) -> anyhow::Result<()> {
        let (timestamp, nonce) = (stamp(), self.book(|book| book.dice.roll() % 1_000_000_000).to_string());
        let echo = self.book(|book| book.dice.roll()).to_string();
        let signature = crypt::signature(vec![&self.inner.account.token, &timestamp, &nonce]);
        let url = format!("{hook}?signature={signature}&echostr={echo}&timestamp={timestamp}&nonce={nonce}");
        let (status, body) = call("GET", &url, &[], Bytes::new()).await?;
        anyhow::ensure!(status == 200 && body == echo.as_bytes(), "token验证失败: {status} {}", String::from_utf8_lossy(&body));
        self.calls(hook);
        Ok(())
    }

    /// Where the house is from now on; it was greeted before, or will be.
    pub fn calls(&self, hook: &str) {
        *self.inner.hook.lock().unwrap_or_else(PoisonError::into_inner) = hook.to_owned();
    }

    /// A customer does something; its push goes out in turn. Gives the id by which it is acknowledged, a message's `MsgId`.
    pub fn customer(&self, openid: &str, says: Says) -> u64 {
        let id = self.book(|book| 23_456_789_012_345_000 + book.number());
        let body = self.written(openid, id, &says);
        self.trigger(openid, &says);
        // Thousands that were never told are more than the platform keeps.
        if self.inner.pushes.try_send(Push { id, body, from: openid.to_owned() }).is_err() {
            self.book(|book| book.faults += 1);
        }
        id
    }

    fn trigger(&self, openid: &str, says: &Says) {
        self.book(|book| {
            match says {
                Says::Leaves => {
                    book.followers.insert(openid.to_owned(), false);
                    book.windows.remove(openid);
                }
                Says::Follows(_) | Says::Scans(_) | Says::Clicks(_) | Says::ScansByMenu { .. } | Says::Choice { .. } => {
                    book.open_window(openid, 60_000, 3);
                }
                Says::Enters(_) => book.open_window(openid, 60_000, 2),
                Says::Finished(..) => {}
                _ => book.open_window(openid, 48 * HOUR_MS, self.inner.account.messages),
            }
            if !matches!(says, Says::Leaves | Says::Finished(..)) {
                book.followers.insert(openid.to_owned(), true);
            }
        });
    }

    fn written(&self, openid: &str, id: u64, says: &Says) -> Vec<u8> {
        let mut fields = vec![
            ("ToUserName", json!(if self.inner.account.mini_program { "gh_mini" } else { "gh_sim" })),
            ("FromUserName", json!(openid)),
            ("CreateTime", json!(now_ms() / 1_000)),
        ];
        let keep = |kind: &str, mime, bytes: &Bytes| json!(self.book(|book| book.keep(kind, mime, bytes.clone())));
        let event = |name: &str, key: &str| vec![("MsgType", json!("event")), ("Event", json!(name)), ("EventKey", json!(key))];
        let (more, message) = match says {
            Says::Text(text) => (vec![("MsgType", json!("text")), ("Content", json!(text))], true),
            Says::Choice { id, content } => {
                (vec![("MsgType", json!("text")), ("Content", json!(content)), ("bizmsgmenuid", json!(id))], true)
            }
            Says::Image(bytes) => {
                let id = keep("image", "image/jpeg", bytes);
                (vec![("MsgType", json!("image")), ("PicUrl", json!("http://mmbiz.qpic.example/sim/0")), ("MediaId", id)], true)
            }
            Says::Voice { bytes, recognition } => {
                let id = keep("voice", "audio/amr", bytes);
                (vec![("MsgType", json!("voice")), ("MediaId", id), ("Format", json!("amr")), ("Recognition", json!(recognition))], true)
            }
            Says::Video(bytes) => {
                let (id, thumb) = (keep("video", "video/mp4", bytes), keep("thumb", "image/jpeg", &Bytes::from_static(b"\xff\xd8\xff")));
                (vec![("MsgType", json!("video")), ("MediaId", id), ("ThumbMediaId", thumb)], true)
            }
            Says::Place { latitude, longitude, label } => (
                vec![
                    ("MsgType", json!("location")),
                    ("Location_X", json!(latitude)),
                    ("Location_Y", json!(longitude)),
                    ("Scale", json!(20)),
                    ("Label", json!(label)),
                ],
                true,
            ),
            Says::Link { title, url } => {
                (vec![("MsgType", json!("link")), ("Title", json!(title)), ("Description", json!("")), ("Url", json!(url))], true)
            }
            Says::New(kind) => (vec![("MsgType", json!(kind))], true),
            Says::Follows(scene) if scene.is_empty() => (event("subscribe", ""), false),
            Says::Follows(scene) => (event("subscribe", &format!("qrscene_{scene}")), false),
            Says::Leaves => (event("unsubscribe", ""), false),
            Says::Scans(scene) => (event("SCAN", scene), false),
            Says::Clicks(key) => (event("CLICK", key), false),
            Says::ScansByMenu { key, result } => {
                let mut fields = event("scancode_waitmsg", key);
                fields.push(("ScanCodeInfo", json!({ "ScanType": "qrcode", "ScanResult": result })));
                (fields, false)
            }
            Says::Enters(from) => {
                (vec![("MsgType", json!("event")), ("Event", json!("user_enter_tempsession")), ("SessionFrom", json!(from))], false)
            }
            Says::Finished(id, status) => (
                vec![
                    ("MsgType", json!("event")),
                    ("Event", json!("TEMPLATESENDJOBFINISH")),
                    ("MsgID", json!(id)),
                    ("Status", json!(status)),
                ],
                false,
            ),
        };
        fields.extend(more);
        if message {
            fields.push(("MsgId", json!(id)));
        }
        write(self.inner.account.form, &fields)
    }

    /// One try: the address and the body, signed anew each time.
    fn request(&self, push: &Push) -> (String, Vec<u8>) {
        let account = &self.inner.account;
        let (timestamp, nonce) = (stamp(), self.book(|book| book.dice.roll() % 1_000_000_000).to_string());
        let signature = crypt::signature(vec![&account.token, &timestamp, &nonce]);
        let hook = self.inner.hook.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut url = format!("{hook}?signature={signature}&timestamp={timestamp}&nonce={nonce}&openid={}", encode(&push.from));
        if account.mode == Mode::Plain {
            return (url, push.body.clone());
        }
        let (key, salt) = self.book(|book| (crypt::key(book.rotated.as_deref().unwrap_or(&account.aes_key)), book.dice.roll()));
        let mut random = [b'0'; 16];
        random.copy_from_slice(format!("{salt:016x}").as_bytes());
        let envelope = crypt::seal(&key, &random, &push.body, &account.app_id);
        let sealed = crypt::signature(vec![&account.token, &timestamp, &nonce, &envelope]);
        url.push_str(&format!("&encrypt_type=aes&msg_signature={sealed}"));
        let body = match (account.form, account.mode) {
            (Form::Xml, Mode::Compatible) => {
                let clear = String::from_utf8_lossy(&push.body).replace("</xml>", "");
                format!("{clear}<Encrypt><![CDATA[{envelope}]]></Encrypt></xml>")
            }
            (Form::Xml, _) => format!("<xml><ToUserName><![CDATA[gh_sim]]></ToUserName><Encrypt><![CDATA[{envelope}]]></Encrypt></xml>"),
            (Form::Json, Mode::Compatible) => {
                let mut clear: Value = serde_json::from_slice(&push.body).unwrap_or_default();
                clear["Encrypt"] = json!(envelope);
                clear.to_string()
            }
            (Form::Json, _) => json!({ "ToUserName": "gh_sim", "Encrypt": envelope }).to_string(),
        };
        (url, body.into_bytes())
    }

    /// Three tries, then it is lost. What the house answers is looked at as the platform does.
    async fn deliver(&self, push: &Push) {
        let kind = if self.inner.account.form == Form::Xml { "text/xml" } else { "application/json" };
        for _ in 0..self.inner.account.tries {
            let (url, body) = self.request(push);
            let asked = tokio::time::timeout(self.inner.account.patience, call("POST", &url, &[("content-type", kind)], body)).await;
            match asked {
                Ok(Ok((200, answer))) => {
                    let answer = self.passive(&answer);
                    self.book(|book| match answer {
                        Passive::Nothing => book.acknowledged.push(push.id),
                        Passive::Reply(text) => {
                            book.acknowledged.push(push.id);
                            book.sent.push(Sent { to: push.from.clone(), kind: "passive".into(), text, ..Sent::default() });
                        }
                        Passive::Broken => book.faults += 1,
                    });
                    return;
                }
                Ok(Ok((status, _))) => self.book(|book| book.refused.push(format!("the house says {status}"))),
                // Not there, or too slow: the platform waits for what is left of its patience.
                Ok(Err(_)) => tokio::time::sleep(self.inner.account.patience / 10).await,
                Err(_) => {}
            }
        }
        self.book(|book| book.faults += 1);
    }
}

/// Pushes in turn; by the plan some come twice, and some overtake.
pub(super) async fn run(inner: Weak<Inner>, mut queue: mpsc::Receiver<Push>) {
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let mut held: Option<Push> = None;
    loop {
        // What is held back waits for one other push, and not for ever.
        let next = match &held {
            None => queue.recv().await,
            Some(_) => tokio::time::timeout(std::time::Duration::from_millis(50), queue.recv()).await.ok().flatten(),
        };
        let Some(inner) = inner.upgrade() else { return };
        let sim = Sim { inner, address };
        let plan = sim.inner.plan;
        let turn = match (next, held.take()) {
            (None, None) => return,
            (None, Some(late)) => vec![late],
            (Some(push), Some(late)) => vec![push, late],
            (Some(push), None) if sim.book(|book| book.dice.chance(plan.reordered)) => {
                held = Some(push);
                continue;
            }
            (Some(push), None) => vec![push],
        };
        for push in turn {
            sim.deliver(&push).await;
            if sim.book(|book| book.dice.chance(plan.twice)) {
                sim.deliver(&push).await;
            }
        }
    }
}

fn stamp() -> String {
    (now_ms() / 1_000).to_string()
}

fn write(form: Form, fields: &[(&str, Value)]) -> Vec<u8> {
    if form == Form::Json {
        let object: serde_json::Map<String, Value> = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        return Value::Object(object).to_string().into_bytes();
    }
    let inside: String = fields.iter().map(|(name, value)| element(name, value)).collect();
    format!("<xml>{inside}</xml>").into_bytes()
}

fn element(name: &str, value: &Value) -> String {
    match value {
        // What would end the section is written in two.
        Value::String(text) => format!("<{name}><![CDATA[{}]]></{name}>", text.replace("]]>", "]]]]><![CDATA[>")),
        Value::Object(within) => {
            let inside: String = within.iter().map(|(name, value)| element(name, value)).collect();
            format!("<{name}>{inside}</{name}>")
        }
        other => format!("<{name}>{other}</{name}>"),
    }
}

enum Passive {
    Nothing,
    Reply(String),
    Broken,
}

impl Sim {
    /// A house answers nothing, `success`, or a reply: sealed and signed in safe mode, else in the clear.
    fn passive(&self, answer: &[u8]) -> Passive {
        let text = String::from_utf8_lossy(answer);
        let reply = match text.as_ref() {
            "" | "success" => return Passive::Nothing,
            reply if reply.starts_with("<xml>") && reply.ends_with("</xml>") => reply,
            _ => return Passive::Broken,
        };
        let account = &self.inner.account;
        let clear = if account.mode == Mode::Safe {
            let signed =
                within(reply, "Encrypt").zip(within(reply, "MsgSignature")).zip(within(reply, "TimeStamp")).zip(within(reply, "Nonce"));
            let opened = signed.and_then(|(((envelope, signature), timestamp), nonce)| {
                let right = crypt::signature(vec![&account.token, timestamp, nonce, envelope]) == signature;
                let key = self.book(|book| crypt::key(book.rotated.as_deref().unwrap_or(&account.aes_key)));
                crypt::open(&key, envelope, &account.app_id).filter(|_| right)
            });
            opened.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
        } else {
            reply.to_owned()
        };
        match within(&clear, "MsgType") {
            Some("text") => within(&clear, "Content").map_or(Passive::Broken, |content| Passive::Reply(content.to_owned())),
            Some("image" | "voice" | "video" | "music" | "news" | "transfer_customer_service") => Passive::Reply(String::new()),
            _ => Passive::Broken,
        }
    }
}

/// What stands in an element, without the marks of a section.
fn within<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (inner, _) = rest.split_once(&format!("</{name}>"))?;
    Some(inner.strip_prefix("<![CDATA[").and_then(|inner| inner.strip_suffix("]]>")).unwrap_or(inner))
}

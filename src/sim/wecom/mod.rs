//! WeCom as strict as the real one: customer service, of which callbacks are only hints and messages come by a cursor, and messages of an
//! application to members. What goes wrong, goes wrong by a seeded plan. Signatures and envelopes are those of `sim/wechat`.

mod desk;
mod kf;
mod staff;

#[cfg(test)]
mod tests;

use super::wechat::crypt;
use super::wechat::wire::{Dice, call, encode, now_ms, serve};
use axum::body::Bytes;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// What shall go wrong, of a thousand each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// A callback is lost.
    pub lost: u32,
    /// A callback comes twice at once.
    pub twice: u32,
    /// An item stands on two pages.
    pub repeated: u32,
    /// A page is empty, and there is more.
    pub empty: u32,
    /// A message is not taken: `-1`.
    pub busy: u32,
    /// A message is taken, and the connection is cut before its answer.
    pub cut: u32,
    /// The token ends early: `42001`.
    pub expired: u32,
    pub seed: u64,
}

/// The corporation, its application and its account as the console shows them.
#[derive(Debug, Clone)]
pub struct Corp {
    pub corp_id: String,
    pub secret: String,
    pub token: String,
    pub aes_key: String,
    pub open_kfid: String,
    pub agent_id: u64,
    pub members: Vec<String>,
    /// Items on one page at most.
    pub page: usize,
    /// Messages that a customer's own opens the window for.
    pub messages: u32,
}

impl Corp {
    pub fn example() -> Corp {
        Corp {
            corp_id: "ww0123456789abcdef".into(),
            secret: "corpsecret0123456789".into(),
            token: "kftoken".into(),
            aes_key: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR".into(),
            open_kfid: "wkSIM1".into(),
            agent_id: 1_000_002,
            members: vec!["mara".into(), "liwei".into()],
            page: 1_000,
            messages: 5,
        }
    }
}

/// One message as the customer, or the member, sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent {
    pub to: String,
    /// `text`, `image`, `voice`, `video`, `file`, `msgmenu`, `link`, `location`, `welcome`; `staff` to a member.
    pub kind: String,
    pub text: String,
    pub options: Vec<String>,
    /// What a tap on each says.
    pub ids: Vec<String>,
    pub media: Option<Bytes>,
    /// Under which key it was sent.
    pub msgid: String,
}

/// What a customer does.
#[derive(Debug, Clone)]
pub enum Says {
    Text(String),
    Image(Bytes),
    Voice(Bytes),
    Video(Bytes),
    File(Bytes, String),
    Place {
        latitude: f64,
        longitude: f64,
        name: String,
    },
    /// Opens the talk by the link of this scene, with this parameter.
    Enters(String, String),
    /// Takes back the message of this id.
    Recalls(String),
    /// A kind that nobody has documented yet.
    New(String),
}

#[derive(Debug, Clone)]
struct Media {
    kind: String,
    name: String,
    bytes: Bytes,
    at: i64,
}

/// A customer as the platform knows them.
#[derive(Debug, Clone, Default)]
struct Customer {
    /// In whose hands the session is: 0 nobody's, 1 the interface's, 2 waiting, 3 a colleague's, 4 ended.
    state: u8,
    until: i64,
    left: u32,
    blocked: bool,
}

#[derive(Default)]
struct Book {
    /// What customers call themselves.
    names: HashMap<String, String>,
    items: Vec<(i64, Value)>,
    sent: Vec<Sent>,
    refused: Vec<String>,
    /// When each was sent.
    times: HashMap<String, i64>,
    /// What each key was answered with.
    keys: HashMap<String, String>,
    customers: BTreeMap<String, Customer>,
    media: HashMap<String, Media>,
    /// Tokens of hints, and when they were given.
    hints: HashMap<String, i64>,
    /// Questions without one lately.
    bare: Vec<i64>,
    codes: HashMap<String, (String, i64)>,
    tokens: HashMap<String, i64>,
    staff: HashMap<String, Vec<i64>>,
    current: Option<String>,
    outside: bool,
    /// Cursors of former times mean nothing.
    epoch: u64,
    offset_ms: i64,
    dice: Dice,
    count: u64,
}

impl Book {
    fn now(&self) -> i64 {
        now_ms() + self.offset_ms
    }

    fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn name(&mut self, kind: &str) -> String {
        format!("{kind}_{:012x}{}", self.dice.roll() >> 16, self.number())
    }
}

/// A running platform; stops with its last clone.
#[derive(Clone)]
pub struct Sim {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

struct Inner {
    corp: Corp,
    plan: Plan,
    book: Mutex<Book>,
    arrived: watch::Sender<usize>,
    hook: Mutex<String>,
    _running: watch::Sender<()>,
}

impl Sim {
    pub async fn open(corp: Corp, plan: Plan) -> std::io::Result<Sim> {
        let (running, stopped) = watch::channel(());
        let book = Mutex::new(Book { dice: Dice(plan.seed | 1), ..Book::default() });
        let inner = Arc::new(Inner { corp, plan, book, arrived: watch::channel(0).0, hook: Mutex::default(), _running: running });
        let address = serve(desk::router(Arc::downgrade(&inner)), stopped).await?;
        Ok(Sim { inner, address })
    }

    /// What `base_url` must be.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every message that customers and members have got, in order.
    pub fn sent(&self) -> Vec<Sent> {
        self.book(|book| book.sent.clone())
    }

    /// Why requests of the house were refused.
    pub fn refused(&self) -> Vec<String> {
        self.book(|book| book.refused.clone())
    }

    /// Waits for the nth message, counted from 1.
    pub async fn nth(&self, nth: usize, within: Duration) -> Option<Sent> {
        let mut arrived = self.inner.arrived.subscribe();
        let there = tokio::time::timeout(within, arrived.wait_for(|count| *count >= nth)).await;
        there.ok()?.ok()?;
        self.book(|book| book.sent.get(nth - 1).cloned())
    }

    /// Lets so much time pass for windows, tokens, codes and media; signatures go by the real clock.
    pub fn pass(&self, time: Duration) {
        self.book(|book| book.offset_ms += i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    }

    /// All cursors given so far mean nothing any more.
    pub fn forget_cursors(&self) {
        self.book(|book| book.epoch += 1);
    }

    /// The house's address is taken from 企业可信IP, or put there.
    pub fn allow(&self, allowed: bool) {
        self.book(|book| book.outside = !allowed);
    }

    /// In whose hands a customer's session is.
    pub fn state(&self, customer: &str) -> u8 {
        self.book(|book| book.customers.get(customer).map_or(0, |customer| customer.state))
    }

    /// A colleague takes the session in WeCom (3), or it ends (4).
    pub fn set_state(&self, customer: &str, state: u8) {
        self.book(|book| book.customers.entry(customer.to_owned()).or_default().state = state);
    }

    /// The customer refuses messages from now on: they are taken, and fail later.
    pub fn block(&self, customer: &str) {
        self.book(|book| book.customers.entry(customer.to_owned()).or_default().blocked = true);
    }

    /// 接收消息服务器配置 → 保存: the greeting, sealed, answered within a second.
    pub async fn configure(&self, hook: &str) -> anyhow::Result<()> {
        let corp = &self.inner.corp;
        let (salt, echo, nonce) =
            self.book(|book| (book.dice.roll(), book.dice.roll().to_string(), (book.dice.roll() % 1_000_000).to_string()));
        let timestamp = (now_ms() / 1_000).to_string();
        let envelope = self.seal(salt, echo.as_bytes());
        let signature = crypt::signature(vec![&corp.token, &timestamp, &nonce, &envelope]);
        let url = format!("{hook}?msg_signature={signature}&timestamp={timestamp}&nonce={nonce}&echostr={}", encode(&envelope));
        let asked = tokio::time::timeout(Duration::from_secs(1), call("GET", &url, &[], Bytes::new())).await;
        let (status, body) = asked.map_err(|_| anyhow::anyhow!("回调地址请求超时"))??;
        anyhow::ensure!(status == 200 && body == echo.as_bytes(), "openapi回调地址请求不通过: {status}");
        self.calls(hook);
        Ok(())
    }

    fn seal(&self, salt: u64, message: &[u8]) -> String {
        let mut random = [b'0'; 16];
        random.copy_from_slice(format!("{salt:016x}").as_bytes());
        crypt::seal(&crypt::key(&self.inner.corp.aes_key), &random, message, &self.inner.corp.corp_id)
    }

    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.inner.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn took(&self, sent: Sent) {
        let count = self.book(|book| {
            let now = book.now();
            book.times.insert(sent.msgid.clone(), now);
            book.sent.push(sent);
            book.sent.len()
        });
        self.inner.arrived.send_replace(count);
    }

    fn hint_xml(&self, token: &str) -> String {
        let corp = &self.inner.corp;
        format!(
            "<xml><ToUserName><![CDATA[{}]]></ToUserName><CreateTime>{}</CreateTime><MsgType><![CDATA[event]]></MsgType>\
             <Event><![CDATA[kf_msg_or_event]]></Event><Token><![CDATA[{token}]]></Token><OpenKfId><![CDATA[{}]]></OpenKfId></xml>",
            corp.corp_id,
            now_ms() / 1_000,
            corp.open_kfid
        )
    }

    /// A customer does something; the house gets a hint unless it is lost. Gives the `msgid`.
    pub async fn customer(&self, customer: &str, says: Says) -> String {
        let id = self.note(customer, says);
        self.hint().await;
        id
    }

    /// What a customer calls themselves.
    pub fn is_called(&self, user: &str, name: &str) {
        self.book(|book| book.names.insert(user.to_string(), name.to_owned()));
    }

    /// The same, without waiting for what the house says to the hint.
    pub fn tells(&self, customer: &str, says: Says) -> String {
        let (id, sim) = (self.note(customer, says), self.clone());
        tokio::spawn(async move { sim.hint().await });
        id
    }

    /// Where the house is from now on; it was greeted before, or will be.
    pub fn calls(&self, hook: &str) {
        *self.inner.hook.lock().unwrap_or_else(PoisonError::into_inner) = hook.to_owned();
    }

    fn note(&self, customer: &str, says: Says) -> String {
        self.book(|book| {
            let id = book.name("msg");
            let mut keep = |kind: &str, name: &str, bytes: Bytes| {
                let media = book.name("media");
                let at = book.now();
                book.media.insert(media.clone(), Media { kind: kind.into(), name: name.into(), bytes, at });
                json!({ "media_id": media })
            };
            let (kind, content) = match says {
                Says::Text(text) => ("text".to_owned(), json!({ "content": text })),
                Says::Image(bytes) => ("image".to_owned(), keep("image", "picture.jpg", bytes)),
                Says::Voice(bytes) => ("voice".to_owned(), keep("voice", "voice.amr", bytes)),
                Says::Video(bytes) => ("video".to_owned(), keep("video", "video.mp4", bytes)),
                Says::File(bytes, name) => ("file".to_owned(), keep("file", &name, bytes)),
                Says::Place { latitude, longitude, name } => {
                    ("location".to_owned(), json!({ "latitude": latitude, "longitude": longitude, "name": name, "address": "" }))
                }
                Says::New(kind) => (kind, json!({ "what": "ever" })),
                Says::Enters(scene, param) => {
                    let code = book.name("code");
                    let until = book.now() + 20_000;
                    book.codes.insert(code.clone(), (customer.to_owned(), until));
                    let event = json!({ "event_type": "enter_session", "scene": scene, "scene_param": param, "welcome_code": code });
                    book.event(&id, customer, event);
                    return id;
                }
                Says::Recalls(of) => {
                    book.event(&id, customer, json!({ "event_type": "user_recall_msg", "recall_msgid": of }));
                    return id;
                }
            };
            let now = book.now();
            let known = book.customers.entry(customer.to_owned()).or_default();
            (known.until, known.left) = (now + 48 * 3_600_000, self.inner.corp.messages);
            if known.state == 4 {
                known.state = 0;
            }
            let item = json!({ "msgid": id, "open_kfid": self.inner.corp.open_kfid, "external_userid": customer, "send_time": now_ms() / 1_000,
                "origin": 3, "servicer_userid": "", "msgtype": kind, kind.clone(): content });
            book.items.push((now, item));
            id
        })
    }

    /// Says that there is something: lost or twice by the plan.
    pub async fn hint(&self) {
        let plan = self.inner.plan;
        let (lost, twice) = self.book(|book| (book.dice.chance(plan.lost), book.dice.chance(plan.twice)));
        if lost {
            return;
        }
        if twice {
            tokio::join!(self.call_house(), self.call_house());
        } else {
            self.call_house().await;
        }
    }

    async fn call_house(&self) {
        let hook = self.inner.hook.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (hint, salt, nonce) = self.book(|book| {
            let hint = book.name("ENC");
            let at = book.now();
            book.hints.insert(hint.clone(), at);
            (hint, book.dice.roll(), book.dice.roll() % 1_000_000_000)
        });
        let corp = &self.inner.corp;
        let (timestamp, nonce) = ((now_ms() / 1_000).to_string(), nonce.to_string());
        let envelope = self.seal(salt, self.hint_xml(&hint).as_bytes());
        let signature = crypt::signature(vec![&corp.token, &timestamp, &nonce, &envelope]);
        let url = format!("{hook}?msg_signature={signature}&timestamp={timestamp}&nonce={nonce}");
        let body = format!(
            "<xml><ToUserName><![CDATA[{}]]></ToUserName><AgentID><![CDATA[]]></AgentID><Encrypt><![CDATA[{envelope}]]></Encrypt></xml>",
            corp.corp_id
        );
        for _ in 0..3 {
            let asked =
                tokio::time::timeout(Duration::from_secs(5), call("POST", &url, &[("content-type", "text/xml")], body.clone())).await;
            match asked {
                Ok(Ok((200, _))) => return,
                Ok(Ok((status, _))) => self.book(|book| book.refused.push(format!("the house says {status}"))),
                Ok(Err(_)) => tokio::time::sleep(Duration::from_millis(100)).await,
                Err(_) => {}
            }
        }
    }
}

impl Book {
    fn event(&mut self, id: &str, customer: &str, mut event: Value) {
        event["external_userid"] = json!(customer);
        event["open_kfid"] = json!("wkSIM1");
        let item = json!({ "msgid": id, "send_time": now_ms() / 1_000, "origin": 4, "msgtype": "event", "event": event });
        let now = self.now();
        self.items.push((now, item));
    }
}

//! Aliyun's text messages as a house meets them: every signature checked, templates alone, limits for each number, pushes without a signature.

use super::courier::{Courier, Sign};
use super::keyed::{hmac, sha256};
use super::plan::{Dice, Plan};
use super::{twilio, web};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::{HeaderMap, Method, StatusCode};
use ring::digest::SHA256;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One message on a telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub biz_id: String,
    pub to: String,
    pub template: String,
    pub variables: Value,
    pub out_id: String,
}

/// A running service with one signature and one template, `SMS_1` with the variable `code`.
#[derive(Clone)]
pub struct Aliyun {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

struct Inner {
    key: String,
    secret: String,
    sign: String,
    /// When the first customer wrote: some time ago, so that none writes in the future, s.
    first: i64,
    plan: Plan,
    dice: Dice,
    book: Mutex<Book>,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Book {
    sent: Vec<Sent>,
    refused: Vec<String>,
    nonces: BTreeSet<String>,
    courier: Option<Courier>,
    /// Numbers that fail, and their code.
    failing: BTreeMap<String, String>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Aliyun {
    /// Listens on loopback.
    pub async fn open(key: &str, secret: &str, sign: &str, plan: Plan) -> std::io::Result<Aliyun> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let inner = Arc::new_cyclic(|weak: &Weak<Inner>| {
            let router = Router::new().route("/", any(answer)).with_state(weak.clone());
            let tasks = vec![web::serve(listener, router)];
            let (key, secret, sign) = (key.to_owned(), secret.to_owned(), sign.to_owned());
            let first = web::millis() / 1_000 - 3_600;
            Inner { key, secret, sign, first, plan, dice: Dice::new(plan.seed), book: Mutex::default(), tasks }
        });
        Ok(Aliyun { inner, address })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address for SmsUp and SmsReport, with its key.
    pub fn calls(&self, hook: &str) {
        let sign: Sign = Arc::new(|_: &[u8]| Vec::new());
        let courier = Courier::start(hook.to_owned(), sign, self.inner.plan);
        self.inner.book(|book| book.courier = Some(courier));
    }

    /// A customer writes, so many seconds after the first of them; numbers of messages are told as numbers and as texts in turn, as the real
    /// ones are.
    pub fn customer_writes(&self, sequence: u64, from: &str, text: &str) {
        let id = if sequence.is_multiple_of(2) { json!(sequence) } else { json!(sequence.to_string()) };
        let time = jiff::Timestamp::from_second(self.inner.first + i64::try_from(sequence).unwrap_or(0)).unwrap_or_default();
        let time = jiff::tz::Offset::constant(8).to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let item = json!([{
            "phone_number": from, "content": text, "send_time": time, "dest_code": "10690001",
            "sequence_id": id, "sign_name": self.inner.sign,
        }]);
        self.inner.tell(&item);
    }

    /// This number's messages are not sent from now on.
    pub fn fail(&self, number: &str, code: &str) {
        self.inner.book(|book| book.failing.insert(number.to_owned(), code.to_owned()));
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.inner.book(|book| book.sent.clone())
    }

    pub fn refused(&self) -> Vec<String> {
        self.inner.book(|book| book.refused.clone())
    }
}

impl Inner {
    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn tell(&self, items: &Value) {
        if let Some(courier) = self.book(|book| book.courier.clone()) {
            courier.tell(items.to_string());
        }
    }

    fn refuse(&self, status: u16, code: &str, message: &str) -> Response {
        self.book(|book| book.refused.push(code.to_owned()));
        web::json(status, &json!({ "Code": code, "Message": message, "RequestId": "R" }))
    }

    /// Why a signature is none. Written down from the other side: what the client should have signed.
    fn objection(&self, method: &Method, query: &str, headers: &HeaderMap, body: &[u8]) -> Option<&'static str> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let claim = header("authorization").strip_prefix("ACS3-HMAC-SHA256 ")?;
        let part = |name: &str| claim.split(',').find_map(|part| part.strip_prefix(name)).unwrap_or_default();
        if part("Credential=") != self.key {
            return Some("InvalidAccessKeyId.NotFound");
        }
        let names: Vec<&str> = part("SignedHeaders=").split(';').collect();
        let needed = ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"];
        if !names.is_sorted() || needed.iter().any(|needed| !names.contains(needed)) || header("x-acs-content-sha256") != sha256(body) {
            return Some("SignatureDoesNotMatch");
        }
        let mut sorted: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
        sorted.sort_unstable();
        let lines: String = names.iter().map(|name| format!("{name}:{}\n", header(name))).collect();
        let canonical = format!("{method}\n/\n{}\n{lines}\n{}\n{}", sorted.join("&"), names.join(";"), sha256(body));
        let said = format!("ACS3-HMAC-SHA256\n{}", sha256(canonical.as_bytes()));
        if part("Signature=") != hex::encode(hmac(&SHA256, self.secret.as_bytes(), said.as_bytes())) {
            return Some("SignatureDoesNotMatch");
        }
        let at = header("x-acs-date").parse::<jiff::Timestamp>().map_or(0, |at| at.as_millisecond());
        if at.abs_diff(web::millis()) > 15 * 60_000 {
            return Some("InvalidTimeStamp.Expired");
        }
        let fresh = self.book(|book| book.nonces.insert(header("x-acs-signature-nonce").to_owned()));
        if fresh { None } else { Some("SignatureNonceUsed") }
    }
}

async fn answer(State(inner): State<Weak<Inner>>, method: Method, RawQuery(query): RawQuery, headers: HeaderMap, body: Bytes) -> Response {
    let Some(inner) = inner.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let query = query.unwrap_or_default();
    if inner.dice.chance(inner.plan.busy) {
        return inner.refuse(503, "ServiceUnavailable", "busy");
    }
    if !headers.contains_key("authorization") {
        return inner.refuse(400, "MissingAuthorization", "no signature");
    }
    if let Some(code) = inner.objection(&method, &query, &headers, &body) {
        return inner.refuse(400, code, "The request signature does not conform to Aliyun standards.");
    }
    if inner.dice.chance(inner.plan.flood) {
        return inner.refuse(400, "Throttling.User", "Request was denied due to user flow control.");
    }
    if headers.get("x-acs-version").is_none_or(|version| version != "2017-05-25") {
        return inner.refuse(400, "InvalidVersion", "Specified parameter Version is not valid.");
    }
    let fields: BTreeMap<String, String> = twilio::parsed(query.as_bytes()).unwrap_or_default().into_iter().collect();
    match headers.get("x-acs-action").and_then(|action| action.to_str().ok()) {
        Some("SendSms") => send(&inner, &fields),
        Some("QuerySmsSign") => {
            web::json(200, &json!({ "Code": "OK", "Message": "OK", "SignStatus": i32::from(fields.get("SignName") == Some(&inner.sign)) }))
        }
        Some("QuerySmsTemplate") => {
            let told = match fields.get("TemplateCode").map(String::as_str) {
                Some("SMS_1") => {
                    json!({ "TemplateStatus": 1, "TemplateName": "验证码", "TemplateContent": "您的验证码是${code}，五分钟内有效。", "Reason": "" })
                }
                _ => json!({ "TemplateStatus": 2, "TemplateName": "促销", "TemplateContent": "全场五折", "Reason": "未附营销授权" }),
            };
            let mut answer = json!({ "Code": "OK", "Message": "OK" });
            if let (Some(answer), Some(told)) = (answer.as_object_mut(), told.as_object()) {
                answer.extend(told.clone());
            }
            web::json(200, &answer)
        }
        _ => inner.refuse(404, "InvalidAction.NotFound", "Specified api is not found."),
    }
}

fn send(inner: &Inner, fields: &BTreeMap<String, String>) -> Response {
    let get = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let (to, sign, template) = (get("PhoneNumbers"), get("SignName"), get("TemplateCode"));
    let mobile = to.len() == 11 && to.starts_with('1') || to.starts_with("00") && to.len() >= 10;
    if !mobile || !to.bytes().all(|b| b.is_ascii_digit()) {
        return inner.refuse(200, "isv.MOBILE_NUMBER_ILLEGAL", "非法手机号");
    }
    if sign != inner.sign {
        return inner.refuse(200, "isv.SMS_SIGNATURE_ILLEGAL", "签名不合法");
    }
    if template != "SMS_1" {
        return inner.refuse(200, "isv.SMS_TEMPLATE_ILLEGAL", "模版不合法");
    }
    let Ok(variables) = serde_json::from_str::<Value>(&get("TemplateParam")) else {
        return inner.refuse(200, "isv.INVALID_JSON_PARAM", "参数格式错误");
    };
    if !variables.get("code").is_some_and(Value::is_string) {
        return inner.refuse(200, "isv.TEMPLATE_MISSING_PARAMETERS", "模版缺少变量");
    }
    if let Some(code) = inner.book(|book| book.failing.get(&to).cloned()) {
        return inner.refuse(200, &code, "触发号码流控");
    }
    let biz_id = inner.book(|book| {
        let biz_id = format!("9006{:08}^0", book.sent.len() + 1);
        book.sent.push(Sent { biz_id: biz_id.clone(), to: to.clone(), template, variables, out_id: get("OutId") });
        biz_id
    });
    if !inner.dice.chance(inner.plan.lost) {
        inner.tell(&json!([{
            "phone_number": to, "send_time": "2026-01-01 10:00:00", "report_time": "2026-01-01 10:00:02", "success": true,
            "err_code": "DELIVERED", "err_msg": "用户接收成功", "sms_size": "1", "biz_id": biz_id, "out_id": get("OutId"),
        }]));
    }
    if inner.dice.chance(inner.plan.cut) {
        return web::cut();
    }
    web::json(200, &json!({ "Code": "OK", "Message": "OK", "BizId": biz_id, "RequestId": "R" }))
}

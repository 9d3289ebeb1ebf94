//! Tencent Cloud's text messages as a house meets them: every signature checked, templates alone, a verdict for each number, callbacks
//! without a signature.

use super::courier::{Courier, Sign};
use super::keyed::{hmac, sha256};
use super::plan::{Dice, Plan};
use super::web;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use ring::digest::SHA256;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One message on a telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub serial: String,
    pub to: String,
    pub variables: Vec<String>,
    pub context: String,
}

/// A running service with one application, one signature and one template, `1001` with one variable.
#[derive(Clone)]
pub struct Tencent {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

struct Inner {
    id: String,
    secret: String,
    sign: String,
    plan: Plan,
    dice: Dice,
    book: Mutex<Book>,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Book {
    sent: Vec<Sent>,
    refused: Vec<String>,
    courier: Option<Courier>,
    failing: BTreeMap<String, String>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Tencent {
    pub async fn open(id: &str, secret: &str, sign: &str, plan: Plan) -> std::io::Result<Tencent> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let inner = Arc::new_cyclic(|weak: &Weak<Inner>| {
            let router = Router::new().route("/", post(answer)).with_state(weak.clone());
            let tasks = vec![web::serve(listener, router)];
            let (id, secret, sign) = (id.to_owned(), secret.to_owned(), sign.to_owned());
            Inner { id, secret, sign, plan, dice: Dice::new(plan.seed), book: Mutex::default(), tasks }
        });
        Ok(Tencent { inner, address })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address for both callbacks, with its key.
    pub fn calls(&self, hook: &str) {
        let sign: Sign = Arc::new(|_: &[u8]| Vec::new());
        let courier = Courier::start(hook.to_owned(), sign, self.inner.plan);
        self.inner.book(|book| book.courier = Some(courier));
    }

    pub fn customer_writes(&self, seconds: i64, mobile: &str, text: &str) {
        let reply = json!({ "extend": "", "mobile": mobile, "nationcode": "86", "sign": self.inner.sign, "text": text, "time": seconds });
        self.inner.tell(&reply);
    }

    /// This number's messages are not sent from now on: a success of the request that says so of the number.
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

    fn tell(&self, told: &Value) {
        if let Some(courier) = self.book(|book| book.courier.clone()) {
            courier.tell(told.to_string());
        }
    }

    /// Tencent refuses with status 200.
    fn refuse(&self, code: &str) -> Response {
        self.book(|book| book.refused.push(code.to_owned()));
        web::json(200, &json!({ "Response": { "Error": { "Code": code, "Message": "refused" }, "RequestId": "R" } }))
    }

    fn objection(&self, headers: &HeaderMap, body: &[u8]) -> Option<&'static str> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let at: i64 = header("x-tc-timestamp").parse().unwrap_or_default();
        if at.abs_diff(web::millis() / 1_000) > 300 {
            return Some("AuthFailure.SignatureExpire");
        }
        let date = jiff::Timestamp::from_second(at).map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
        let scope = format!("{date}/sms/tc3_request");
        let canonical =
            format!("POST\n/\n\ncontent-type:{}\nhost:{}\n\ncontent-type;host\n{}", header("content-type"), header("host"), sha256(body));
        let said = format!("TC3-HMAC-SHA256\n{at}\n{scope}\n{}", sha256(canonical.as_bytes()));
        let day = hmac(&SHA256, format!("TC3{}", self.secret).as_bytes(), date.as_bytes());
        let key = hmac(&SHA256, &hmac(&SHA256, &day, b"sms"), b"tc3_request");
        let wanted = format!(
            "TC3-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=content-type;host, Signature={}",
            self.id,
            hex::encode(hmac(&SHA256, &key, said.as_bytes()))
        );
        (header("authorization") != wanted).then_some("AuthFailure.SignatureFailure")
    }
}

async fn answer(State(inner): State<Weak<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(inner) = inner.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    // What stands before the service says nothing in its words.
    if inner.dice.chance(inner.plan.busy) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if let Some(code) = inner.objection(&headers, &body) {
        return inner.refuse(code);
    }
    if inner.dice.chance(inner.plan.flood) {
        return inner.refuse("RequestLimitExceeded");
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if header("x-tc-version") != "2021-01-11" || header("x-tc-region").is_empty() {
        return inner.refuse("InvalidParameter");
    }
    let Ok(asked) = serde_json::from_slice::<Value>(&body) else { return inner.refuse("InvalidParameter") };
    match header("x-tc-action") {
        "SendSms" => send(&inner, &asked),
        "DescribeSmsTemplateList" => {
            let ids = asked["TemplateIdSet"].as_array().cloned().unwrap_or_default();
            let status = |id: &Value| match *id == 1001 {
                true => {
                    json!({ "TemplateId": id, "StatusCode": 0, "ReviewReply": "", "TemplateName": "取货", "TemplateContent": "您的订单{1}可以取货了。" })
                }
                false => {
                    json!({ "TemplateId": id, "StatusCode": -1, "ReviewReply": "内容不符", "TemplateName": "促销", "TemplateContent": "全场五折" })
                }
            };
            let set: Vec<Value> = ids.iter().map(status).collect();
            web::json(200, &json!({ "Response": { "DescribeTemplateStatusSet": set, "RequestId": "R" } }))
        }
        _ => inner.refuse("InvalidAction"),
    }
}

fn send(inner: &Inner, asked: &Value) -> Response {
    let text = |name: &str| asked[name].as_str().unwrap_or_default();
    let to = asked["PhoneNumberSet"][0].as_str().unwrap_or_default().to_owned();
    let variables: Option<Vec<String>> = serde_json::from_value(asked["TemplateParamSet"].clone()).ok();
    let digits = to.strip_prefix('+').unwrap_or_default();
    let verdict = match (&variables, inner.book(|book| book.failing.get(&to).cloned())) {
        _ if text("SmsSdkAppId") != "1400000001" => return inner.refuse("UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
        (_, Some(code)) => code,
        _ if digits.len() < 8 || !digits.bytes().all(|b| b.is_ascii_digit()) => "InvalidParameterValue.IncorrectPhoneNumber".into(),
        _ if text("SignName") != inner.sign => "FailedOperation.SignatureIncorrectOrUnapproved".into(),
        _ if text("TemplateId") != "1001" => "FailedOperation.TemplateIncorrectOrUnapproved".into(),
        (Some(variables), None) if variables.len() == 1 => "Ok".into(),
        _ => "FailedOperation.TemplateParamSetNotMatchApprovedTemplate".to_owned(),
    };
    let mut serial = String::new();
    if verdict == "Ok" {
        let context = text("SessionContext").to_owned();
        serial = inner.book(|book| {
            let serial = format!("5000:{}", book.sent.len() + 1);
            book.sent.push(Sent { serial: serial.clone(), to: to.clone(), variables: variables.unwrap_or_default(), context });
            serial
        });
        if !inner.dice.chance(inner.plan.lost) {
            inner.tell(&json!([{
                "user_receive_time": "2026-01-01 10:00:00", "nationcode": "86", "mobile": digits, "report_status": "SUCCESS",
                "errmsg": "DELIVRD", "description": "用户短信送达成功", "sid": serial,
            }]));
        }
        if inner.dice.chance(inner.plan.cut) {
            return web::cut();
        }
    } else {
        inner.book(|book| book.refused.push(verdict.clone()));
    }
    let status = json!({ "SerialNo": serial, "PhoneNumber": to, "Fee": 1, "SessionContext": text("SessionContext"), "Code": verdict, "Message": "", "IsoCode": "CN" });
    web::json(200, &json!({ "Response": { "SendStatusSet": [status], "RequestId": "R" } }))
}

//! Requests to the platform: each with the account's token, and once more with a fresh one where the platform does not believe it any more.
//! Shared with WeCom, whose API has the same shape.

use super::errors::{Fault, Outcome};
use crate::channels::platform::{Fetched, LocalFile, Trouble};
use crate::channels::token::{Keeper, Token};
use crate::reach::{Answer, Ask, Client, Lost, Part, multipart};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Uri, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// One small request.
const WITHIN: Duration = Duration::from_secs(15);
/// A file up or down.
const FILE_WITHIN: Duration = Duration::from_secs(60);
/// Largest file that comes, bytes.
const LARGEST_FILE: usize = 32 << 20;

/// An account's way to its platform.
pub struct Api {
    client: Client,
    /// Without a slash at its end.
    base: String,
    keeper: Keeper,
    ask_token: AskToken,
    faults: fn(i64, &str) -> Fault,
}

/// How the platform is asked for a token.
pub enum AskToken {
    /// Official accounts and mini-programs. Stable tokens: nobody else who asks for one takes ours away.
    Stable { app_id: String, secret: secrecy::SecretString },
    /// WeCom.
    Corp { corp_id: String, secret: secrecy::SecretString },
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Option<String>,
    #[serde(default)]
    expires_in: u64,
}

#[derive(Deserialize)]
struct Uploaded {
    media_id: Option<String>,
    /// A thumbnail's.
    thumb_media_id: Option<String>,
}

/// The answer to something sent, with its id as a number or a text.
#[derive(Debug, Default, Deserialize)]
pub struct SentId {
    #[serde(default)]
    msgid: Value,
}

impl SentId {
    pub fn id(&self) -> Option<String> {
        match &self.msgid {
            Value::String(id) => Some(id.clone()).filter(|id| !id.is_empty()),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        }
    }
}

impl Api {
    pub fn new(client: Client, base: &str, ask_token: AskToken) -> Api {
        let faults = match ask_token {
            AskToken::Stable { .. } => super::errors::of_wechat,
            AskToken::Corp { .. } => super::errors::of_wecom,
        };
        Api { client, base: base.trim_end_matches('/').to_owned(), keeper: Keeper::default(), ask_token, faults }
    }

    /// What is asked leaves nothing behind: an answer that is lost is no harm.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, Fault> {
        harmless(
            self.with_token(|token| Ok(Ask::get(self.url(path, token, query)?).within(WITHIN))).await.and_then(|answer| self.read(&answer)),
        )
    }

    /// Asks by POST without changing anything.
    pub async fn look<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, Fault> {
        harmless(self.post(path, body).await)
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, Fault> {
        let body = Bytes::from(body.to_string());
        let ask = |token: &str| Ok(Ask::post(self.url(path, token, &[])?, "application/json; charset=utf-8", body.clone()).within(WITHIN));
        let answer = self.with_token(ask).await?;
        self.read(&answer)
    }

    /// Puts a file there for three days; its name is the answer.
    pub async fn upload(&self, kind: &str, file: &LocalFile) -> Result<String, Fault> {
        let content = tokio::fs::read(&file.path).await.map_err(|error| Fault::Trouble(Trouble::Retry(format!("a file: {error}"))))?;
        self.upload_bytes(kind, &file.name, &file.mime, content.into()).await
    }

    pub async fn upload_bytes(&self, kind: &str, name: &str, mime: &str, content: Bytes) -> Result<String, Fault> {
        let (content_type, body) = multipart(&[Part::file("media", name, mime, content)]);
        let ask = |token: &str| {
            let mut ask = Ask::post(self.url("/cgi-bin/media/upload", token, &[("type", kind)])?, "multipart/form-data", body.clone());
            ask.headers.remove(header::CONTENT_TYPE);
            Ok(ask.header(header::CONTENT_TYPE, &content_type).within(FILE_WITHIN))
        };
        let uploaded: Uploaded = harmless(self.with_token(ask).await.and_then(|answer| self.read(&answer)))?;
        let missing = || Fault::Trouble(Trouble::Retry("no media_id for what was uploaded".into()));
        uploaded.media_id.or(uploaded.thumb_media_id).ok_or_else(missing)
    }

    /// A file that a customer sent. Films of official accounts are elsewhere: the answer says where.
    pub async fn download(&self, media: &str) -> Result<Fetched, Fault> {
        let ask = |token: &str| {
            let url = self.url("/cgi-bin/media/get", token, &[("media_id", media)])?;
            Ok(Ask::get(url).within(FILE_WITHIN).most(LARGEST_FILE))
        };
        let answer = harmless(self.with_token(ask).await)?;
        if !is_json(&answer) {
            return fetched(answer);
        }
        #[derive(Deserialize)]
        struct Elsewhere {
            video_url: String,
        }
        let elsewhere: Elsewhere = harmless(self.read(&answer))?;
        self.fetch(&elsewhere.video_url).await
    }

    /// From an address that came from outside.
    pub async fn fetch(&self, url: &str) -> Result<Fetched, Fault> {
        let url: Uri = url.parse().map_err(|_| Fault::Trouble(Trouble::Refused("not an address".into())))?;
        let answer = self.client.fetch(Ask::get(url).within(FILE_WITHIN).most(LARGEST_FILE)).await.map_err(lost);
        fetched(harmless(answer)?)
    }

    /// Whether the account and its secret are believed.
    pub async fn try_token(&self) -> Result<(), Trouble> {
        self.token().await.map(drop).map_err(Fault::trouble)
    }

    async fn with_token(&self, ask: impl Fn(&str) -> Result<Ask, Fault>) -> Result<Answer, Fault> {
        let token = self.token().await?;
        let first = self.client.ask(ask(&token)?).await.map_err(lost)?;
        if !matches!(self.fault(&first), Some(Fault::Token(_))) {
            return Ok(first);
        }
        self.keeper.refused(&token).await;
        let token = self.token().await?;
        self.client.ask(ask(&token)?).await.map_err(lost)
    }

    async fn token(&self) -> Result<String, Fault> {
        self.keeper.token(|| self.fresh_token()).await.map_err(Fault::Trouble)
    }

    fn fresh_token(&self) -> BoxFuture<'_, Result<Token, Trouble>> {
        use secrecy::ExposeSecret;
        Box::pin(async move {
            let asked = match &self.ask_token {
                AskToken::Stable { app_id, secret } => {
                    let secret = secret.expose_secret();
                    let body =
                        serde_json::json!({ "grant_type": "client_credential", "appid": app_id, "secret": secret, "force_refresh": false });
                    let url = self.address("/cgi-bin/stable_token", &[]);
                    url.map(|url| Ask::post(url, "application/json; charset=utf-8", body.to_string()))
                }
                AskToken::Corp { corp_id, secret } => {
                    self.address("/cgi-bin/gettoken", &[("corpid", corp_id), ("corpsecret", secret.expose_secret())]).map(Ask::get)
                }
            };
            let answer = self.client.ask(asked.map_err(Fault::trouble)?.within(WITHIN)).await.map_err(lost);
            let answer: TokenAnswer = harmless(answer.and_then(|answer| self.read(&answer))).map_err(Fault::trouble)?;
            let token =
                answer.access_token.filter(|token| !token.is_empty()).ok_or_else(|| Trouble::Retry("no token in the answer".into()))?;
            Ok(Token::new(token, Duration::from_secs(answer.expires_in)))
        })
    }

    fn url(&self, path: &str, token: &str, query: &[(&str, &str)]) -> Result<Uri, Fault> {
        let mut all = vec![("access_token", token)];
        all.extend(query);
        self.address(path, &all)
    }

    fn address(&self, path: &str, query: &[(&str, &str)]) -> Result<Uri, Fault> {
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let url = format!("{}{path}{mark}{}", self.base, query.join("&"));
        url.parse().map_err(|_| Fault::Trouble(Trouble::Down("base_url is not an address".into())))
    }

    fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Fault> {
        if !answer.status.is_success() {
            return Err(Fault::Trouble(Trouble::Uncertain(format!("HTTP {}", answer.status.as_u16()))));
        }
        if let Some(fault) = self.fault(answer) {
            return Err(fault);
        }
        serde_json::from_slice(&answer.body).map_err(|_| Fault::Trouble(Trouble::Uncertain("an answer that cannot be read".into())))
    }

    /// What the answer says went wrong, whatever it was the answer to.
    fn fault(&self, answer: &Answer) -> Option<Fault> {
        let outcome: Outcome = is_json(answer).then(|| serde_json::from_slice(&answer.body).ok())??;
        (outcome.errcode != 0).then(|| (self.faults)(outcome.errcode, &outcome.errmsg))
    }
}

/// The platform is not exact about content types: what begins like an object and is short is one.
fn is_json(answer: &Answer) -> bool {
    let declared = answer.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // What has a name is somebody's file, whatever is in it.
    let named = answer.headers.contains_key(header::CONTENT_DISPOSITION);
    let textual = declared.is_empty() || declared.contains("json") || declared.starts_with("text/");
    textual && !named && answer.body.trim_ascii_start().starts_with(b"{")
}

fn lost(lost: Lost) -> Fault {
    Fault::Trouble(match lost {
        Lost::NotSent(why) | Lost::Untrusted(why) => Trouble::Retry(why),
        Lost::Uncertain(why) => Trouble::Uncertain(why),
        lost @ (Lost::TooLong(_) | Lost::Forbidden(_)) => Trouble::Refused(lost.to_string()),
    })
}

/// What leaves nothing behind may simply be asked again.
fn harmless<T>(result: Result<T, Fault>) -> Result<T, Fault> {
    result.map_err(|fault| match fault {
        Fault::Trouble(Trouble::Uncertain(why)) => Fault::Trouble(Trouble::Retry(why)),
        fault => fault,
    })
}

fn fetched(answer: Answer) -> Result<Fetched, Fault> {
    if !answer.status.is_success() {
        return Err(Fault::Trouble(match answer.status.as_u16() {
            500.. => Trouble::Retry(format!("HTTP {}", answer.status.as_u16())),
            status => Trouble::Refused(format!("HTTP {status}")),
        }));
    }
    let disposition = answer.headers.get(header::CONTENT_DISPOSITION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok(Fetched { name: file_name(disposition), bytes: answer.body })
}

/// `attachment; filename="report.pdf"`. A platform's name for its own file says nothing to anybody.
fn file_name(disposition: &str) -> Option<String> {
    let (_, name) = disposition.split_once("filename=")?;
    let name = name.split(';').next()?.trim().trim_matches('"');
    (!name.is_empty() && name.contains('.')).then(|| name.to_owned())
}

/// Percent-encoded for a query: all but what RFC 3986 §2.3 leaves alone.
pub fn encoded(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

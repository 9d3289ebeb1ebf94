//! Text messages through Tencent Cloud (腾讯云短信, 2021-01-11).
//!
//! ```text
//!  Tencent ──POST, unsigned──▶ unsigned.rs, hear.rs: replies, receipts
//!  Tencent ◀──POST JSON, TC3 (sign.rs)── SendSms, one number each; errors.rs
//! ```
//!
//! As with all networks in China a message is an approved template. An answer can be a success that says of the one number that it failed.

pub mod config;
mod errors;
mod hear;
mod sign;

#[cfg(test)]
mod tests;

use super::platform::*;
use super::{asked, unsigned};
use crate::clock::Clock;
use crate::desk::id::ChannelId;
use crate::desk::input::Extra;
use crate::desk::traits::{Cards, Tells, Text, Traits, Unit, Within};
use crate::reach::{Ask, Client, Lost};
use config::TencentSection;
use futures_util::future::BoxFuture;
use http::{HeaderName, Uri, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

const VERSION: &str = "2021-01-11";
/// Longest text, characters; values have no limit of their own.
const LONGEST: usize = 500;
const JSON: &str = "application/json; charset=utf-8";

/// One signature of an application.
pub struct Tencent {
    channel: ChannelId,
    section: TencentSection,
    secret: SecretString,
    push_key: SecretString,
    client: Client,
    clock: Clock,
    traits: Traits,
}

pub fn traits() -> Traits {
    Traits {
        // No words of one's own at all.
        text: Text { most: 0, unit: Unit::Segments, parts: 0 },
        caption: 0,
        captioned: &[],
        files: Vec::new(),
        whole: false,
        choices: 0,
        cards: Cards::default(),
        templates: true,
        window: None,
        threads: false,
        first: Some("phone"),
        open_page: false,
        edit: Within::Never,
        recall: Within::Never,
        tells: Tells { delivered: true, ..Tells::default() },
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    response: Response,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Response {
    error: Option<Refused>,
    send_status_set: Vec<SendStatus>,
    describe_template_status_set: Vec<TemplateStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refused {
    code: String,
    message: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct SendStatus {
    serial_no: String,
    code: String,
    message: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TemplateStatus {
    template_id: i64,
    status_code: i64,
    review_reply: String,
    template_name: String,
    template_content: String,
}

impl Tencent {
    pub fn new(
        channel: ChannelId,
        section: TencentSection,
        (secret, push_key): (SecretString, SecretString),
        client: Client,
        clock: Clock,
    ) -> Tencent {
        Tencent { channel, section, secret, push_key, client, clock, traits: traits() }
    }

    async fn hand_over(&self, piece: &Piece) -> Result<Handed, Trouble> {
        let Some(Extra::Template { name, variables, .. }) = &piece.extra else {
            return Err(Trouble::Refused("Tencent sends approved templates alone, no free text: choose a template (正文模板)".into()));
        };
        let body = json!({
            "PhoneNumberSet": [piece.to.value],
            "SmsSdkAppId": self.section.app.get_ref(),
            "SignName": self.section.sign.get_ref(),
            "TemplateId": name,
            "TemplateParamSet": variables,
            "ExtendCode": self.section.extend_code.as_ref().map_or("", |code| code.get_ref()),
            "SessionContext": piece.key,
        });
        let response = self.ask("SendSms", &body, asked::trouble).await?;
        let Some(status) = response.send_status_set.into_iter().next() else {
            return Err(Trouble::Uncertain("an answer without SendStatusSet".into()));
        };
        if status.code == "Ok" { Ok(Handed::sent(status.serial_no)) } else { Err(errors::of(&status.code, &status.message)) }
    }

    async fn ask(&self, action: &str, body: &Value, lost: fn(Lost) -> Trouble) -> Result<Response, Trouble> {
        let base = self.section.base_url.get_ref().trim_end_matches('/');
        let url: Uri = format!("{base}/").parse().map_err(|_| Trouble::Down(format!("{base} is not an address")))?;
        let host = url.authority().map_or("", |host| host.as_str()).to_owned();
        let (body, at) = (body.to_string(), self.clock.now().0.div_euclid(1_000));
        let request = sign::Request { service: "sms", host: &host, content_type: JSON, body: body.as_bytes(), at };
        let authorization = request.authorization(self.section.secret_id.get_ref(), self.secret.expose_secret());
        let authorization = authorization.ok_or_else(|| Trouble::Retry("the clock is wrong".into()))?;
        let at = at.to_string();
        let headers = [
            (header::AUTHORIZATION, authorization.as_str()),
            (HeaderName::from_static("x-tc-action"), action),
            (HeaderName::from_static("x-tc-version"), VERSION),
            (HeaderName::from_static("x-tc-region"), self.section.region.get_ref()),
            (HeaderName::from_static("x-tc-timestamp"), at.as_str()),
        ];
        let ask = headers.into_iter().fold(Ask::post(url, JSON, body.clone()), |ask, (name, value)| ask.header(name, value));
        let answer = self.client.ask(ask).await.map_err(lost)?;
        let Ok(Envelope { response }) = serde_json::from_slice(&answer.body) else {
            return Err(lost(Lost::Uncertain(answer.status.to_string())));
        };
        match response.error {
            Some(refused) => Err(errors::of(&refused.code, &refused.message)),
            None => Ok(response),
        }
    }

    /// Those that agents may send, in the order of the configuration.
    async fn all_templates(&self) -> Result<Vec<Template>, Trouble> {
        let ids: Vec<i64> = self.section.templates.iter().filter_map(|id| id.get_ref().parse().ok()).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let body = json!({ "International": 0, "TemplateIdSet": ids });
        let told = self.ask("DescribeSmsTemplateList", &body, asked::harmless).await?.describe_template_status_set;
        let one = |id: &i64| match told.iter().find(|told| told.template_id == *id) {
            Some(told) => template(told),
            None => template(&TemplateStatus {
                template_id: *id,
                review_reply: "no such template".into(),
                status_code: -1,
                ..Default::default()
            }),
        };
        Ok(ids.iter().map(one).collect())
    }

    async fn try_out(&self) -> Vec<Probe> {
        const SETTING: &str = "短信控制台 › 国内短信 › 正文模板管理";
        match self.all_templates().await {
            Err(trouble) => {
                vec![Probe {
                    what: "tencent_account",
                    found: Found::Bad(trouble),
                    setting: "访问管理 › API 密钥管理 (SecretId, SecretKey)",
                }]
            }
            Ok(told) => told
                .iter()
                .map(|template| Probe { what: "sms_template", found: asked::approved(template).into(), setting: SETTING })
                .collect(),
        }
    }
}

/// Its places are written `{1}` in the console.
fn template(told: &TemplateStatus) -> Template {
    let mut text = told.template_content.clone();
    let places = (1..).take_while(|number| told.template_content.contains(&format!("{{{number}}}")));
    let variables: Vec<Variable> = places.map(|number: usize| Variable { name: number.to_string(), most: LONGEST }).collect();
    for Variable { name, .. } in &variables {
        text = text.replace(&format!("{{{name}}}"), &format!("{{{{{name}}}}}"));
    }
    let state = match told.status_code {
        0 => Approval::Approved,
        1 => Approval::Waiting,
        code => Approval::Unusable(format!("{code} {}", told.review_reply).trim_end().to_owned()),
    };
    let (name, title) = (told.template_id.to_string(), told.template_name.clone());
    Template { name, title, language: String::new(), category: String::new(), state, text, variables, most: LONGEST }
}

impl Platform for Tencent {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn hook(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        unsigned::is_small(request)?;
        unsigned::is_believed(request, &self.push_key, &self.section.from_addresses)?;
        hear::events(request.body, request.now)
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        hear::read(&self.channel, raw)
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(self.hand_over(piece))
    }

    fn templates(&self) -> BoxFuture<'_, Result<Vec<Template>, Trouble>> {
        Box::pin(self.all_templates())
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(self.try_out())
    }

    fn called(&self) -> Option<&'static str> {
        Some("短信控制台 › 应用管理 › 事件回调配置, URL?key=push_key")
    }
}

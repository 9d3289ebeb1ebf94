//! Text messages through Aliyun (阿里云短信服务, Dysmsapi 2017-05-25).
//!
//! ```text
//!  Aliyun ──POST [{…}] unsigned──▶ unsigned.rs, hear.rs: SmsUp, SmsReport
//!  Aliyun ◀──POST /?Action=SendSms, ACS3 (sign.rs)── SendSms; errors.rs
//! ```
//!
//! Networks in China carry approved words alone: a message is a template, of which the variables are filled. Free text is refused with a
//! sentence that says so, and never reaches Aliyun.

pub mod config;
mod errors;
mod hear;
mod sign;

#[cfg(test)]
mod tests;

pub(super) use hear::beijing;

use super::platform::*;
use super::{asked, unsigned};
use crate::clock::Clock;
use crate::desk::id::ChannelId;
use crate::desk::input::Extra;
use crate::desk::traits::{Cards, Tells, Text, Traits, Unit, Within};
use crate::reach::{Ask, Client};
use config::AliyunSection;
use futures_util::future::BoxFuture;
use http::{HeaderName, Method, StatusCode, Uri, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::time::Duration;

const VERSION: &str = "2017-05-25";
/// Longest value of a variable, and longest text, characters.
const VARIABLE: usize = 35;
const LONGEST: usize = 500;

/// One signature of an account.
pub struct Aliyun {
    channel: ChannelId,
    section: AliyunSection,
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

/// Every answer has `Code`, whatever its HTTP status.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Answered {
    code: String,
    message: String,
    biz_id: String,
    template_status: Option<i64>,
    template_name: String,
    template_content: String,
    reason: String,
    sign_status: Option<i64>,
}

impl Aliyun {
    pub fn new(
        channel: ChannelId,
        section: AliyunSection,
        (secret, push_key): (SecretString, SecretString),
        client: Client,
        clock: Clock,
    ) -> Aliyun {
        Aliyun { channel, section, secret, push_key, client, clock, traits: traits() }
    }

    async fn hand_over(&self, piece: &Piece) -> Result<Handed, Trouble> {
        let Some(Extra::Template { name, variables, .. }) = &piece.extra else {
            return Err(Trouble::Refused("Aliyun sends approved templates alone, no free text: choose a template (短信模板)".into()));
        };
        let names = self.section.templates.iter().find(|(known, _)| known.get_ref() == name).map(|(_, names)| names.clone());
        let names = names.unwrap_or_default();
        if names.len() != variables.len() {
            let said = format!("template {name} has {} variables in [channels.aliyun.templates], not {}", names.len(), variables.len());
            return Err(Trouble::Refused(said));
        }
        let filled = names.into_iter().zip(variables.iter().map(|value| value.clone().into()));
        let filled = serde_json::Value::Object(filled.collect()).to_string();
        let to = piece.to.value.strip_prefix("+86").unwrap_or(&piece.to.value);
        let to = to.strip_prefix('+').map_or_else(|| to.to_owned(), |abroad| format!("00{abroad}"));
        let mut query = vec![
            ("PhoneNumbers", to.as_str()),
            ("SignName", self.section.sign.get_ref()),
            ("TemplateCode", name.as_str()),
            ("TemplateParam", filled.as_str()),
            ("OutId", piece.key.as_str()),
        ];
        if let Some(code) = &self.section.extend_code {
            query.push(("SmsUpExtendCode", code.get_ref()));
        }
        let answered = self.ask("SendSms", &query, asked::trouble).await?;
        Ok(Handed::sent(answered.biz_id))
    }

    async fn ask(&self, action: &str, query: &[(&str, &str)], lost: fn(crate::reach::Lost) -> Trouble) -> Result<Answered, Trouble> {
        let base = self.section.base_url.get_ref().trim_end_matches('/');
        let encoded = super::form::encoded(query.iter().copied());
        let url: Uri = format!("{base}/?{encoded}").parse().map_err(|_| Trouble::Down(format!("{base} is not an address")))?;
        let host = url.authority().map_or("", |host| host.as_str()).to_owned();
        let at = jiff::Timestamp::from_millisecond(self.clock.now().0).map_err(|error| Trouble::Retry(error.to_string()))?;
        let date = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let (nonce, digest) = (format!("{:032x}", rand::random::<u128>()), sign::digest(b""));
        let headers = [
            ("host", host.as_str()),
            ("x-acs-action", action),
            ("x-acs-content-sha256", &digest),
            ("x-acs-date", &date),
            ("x-acs-signature-nonce", &nonce),
            ("x-acs-version", VERSION),
        ];
        let request = sign::Request { method: "POST", query, headers: &headers };
        let authorization = request.authorization(self.section.access_key.get_ref(), self.secret.expose_secret().as_bytes());
        let mut ask = Ask::new(Method::POST, url).header(header::AUTHORIZATION, &authorization);
        for (name, value) in headers.iter().filter(|(name, _)| *name != "host") {
            ask = ask.header(HeaderName::from_bytes(name.as_bytes()).map_err(|error| Trouble::Down(error.to_string()))?, value);
        }
        let answer = self.client.ask(ask).await.map_err(lost)?;
        let answered: Answered = serde_json::from_slice(&answer.body).unwrap_or_default();
        match answered.code.as_str() {
            "OK" => Ok(answered),
            "" if answer.status == StatusCode::TOO_MANY_REQUESTS => Err(Trouble::Retry(answer.status.to_string())),
            "" => Err(lost(crate::reach::Lost::Uncertain(answer.status.to_string()))),
            code => Err(errors::of(code, &answered.message)),
        }
    }

    /// A template that agents may send, with its variables in the order of the configuration.
    async fn template(&self, code: &str, names: &[String]) -> Result<Template, Trouble> {
        let told = match self.ask("QuerySmsTemplate", &[("TemplateCode", code)], asked::harmless).await {
            Err(Trouble::Refused(why)) => Answered { reason: why, ..Answered::default() },
            told => told?,
        };
        // Written `${name}` in the console.
        let text = names.iter().fold(told.template_content, |text, name| text.replace(&format!("${{{name}}}"), &format!("{{{{{name}}}}}")));
        let state = match told.template_status {
            Some(1) if text.contains("${") => Approval::Unusable("it has variables that [channels.aliyun.templates] does not name".into()),
            Some(1) => Approval::Approved,
            Some(0) => Approval::Waiting,
            other if told.reason.is_empty() => Approval::Unusable(format!("TemplateStatus {}", other.unwrap_or(-1))),
            _ => Approval::Unusable(told.reason),
        };
        let variables = names.iter().map(|name| Variable { name: name.clone(), most: VARIABLE }).collect();
        let (name, title) = (code.to_owned(), told.template_name);
        Ok(Template { name, title, language: String::new(), category: String::new(), state, text, variables, most: LONGEST })
    }

    async fn all_templates(&self) -> Result<Vec<Template>, Trouble> {
        let mut all = Vec::new();
        for (code, names) in &self.section.templates {
            all.push(self.template(code.get_ref(), names).await?);
        }
        Ok(all)
    }

    async fn signature(&self) -> Result<String, Trouble> {
        let sign = self.section.sign.get_ref();
        let answered = self.ask("QuerySmsSign", &[("SignName", sign)], asked::harmless).await?;
        match answered.sign_status {
            Some(1) => Ok(format!("{sign}: approved")),
            other => Err(Trouble::Down(format!("{sign}: SignStatus {}", other.unwrap_or(-1)))),
        }
    }

    async fn try_out(&self) -> Vec<Probe> {
        let mut probes = vec![Probe {
            what: "sms_sign", found: self.signature().await.into(), setting: "短信服务 › 国内消息 › 签名管理"
        }];
        for (code, names) in &self.section.templates {
            let result = self.template(code.get_ref(), names).await.and_then(|template| asked::approved(&template));
            probes.push(Probe { what: "sms_template", found: result.into(), setting: "短信服务 › 国内消息 › 模板管理" });
        }
        probes
    }
}

impl Platform for Aliyun {
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

    fn probe_every(&self) -> Duration {
        // The signature and each template are a request of their own.
        Duration::from_secs(900)
    }

    fn called(&self) -> Option<&'static str> {
        Some("短信服务 › 系统设置 › 国内消息设置 › 短信接口消费模式 (SmsReport, SmsUp), URL?key=push_key")
    }
}

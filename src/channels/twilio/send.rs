//! Our requests to Twilio: messages, media of theirs, and whether the account works.

use super::{Twilio, errors};
use crate::channels::platform::*;
use crate::channels::{asked, form};
use crate::desk::input::Extra;
use crate::reach::Ask;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{Method, StatusCode, Uri, header};
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::time::Duration;

/// Largest file that is fetched, bytes.
const MEDIA: usize = 20 << 20;
const MEDIA_TIME: Duration = Duration::from_secs(60);
const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Deserialize)]
struct Taken {
    sid: String,
}

impl Twilio {
    pub(super) async fn hand_over(&self, piece: &Piece) -> Result<Handed, Trouble> {
        let to = match piece.to.kind.as_str() {
            "phone" | "sms" => piece.to.value.clone(),
            app => format!("{app}:{}", piece.to.value),
        };
        let mut fields: Vec<(&str, String)> = vec![("To", to)];
        if let Some(service) = &self.section.service {
            fields.push(("MessagingServiceSid", service.get_ref().clone()));
        }
        if let Some(from) = &self.section.from {
            fields.push(("From", from.get_ref().clone()));
        }
        match &piece.extra {
            Some(Extra::Template { name, variables, .. }) => {
                let numbered = variables.iter().enumerate().map(|(nth, value)| ((nth + 1).to_string(), value.clone().into()));
                fields.push(("ContentSid", name.clone()));
                fields.push(("ContentVariables", serde_json::Value::Object(numbered.collect()).to_string()));
            }
            _ if !piece.text.is_empty() => fields.push(("Body", piece.text.clone())),
            _ => {}
        }
        if let Some(hook) = &self.hook {
            fields.push(("StatusCallback", hook.clone()));
            for file in &piece.files {
                let url = self.offered.offer(hook, file, self.clock.now());
                fields.push(("MediaUrl", url.ok_or_else(|| Trouble::Refused("not a picture that MMS carries".into()))?));
            }
        } else if !piece.files.is_empty() {
            return Err(Trouble::Refused("a picture needs a public address of ours: [site] url".into()));
        }
        let body = form::encoded(fields.iter().map(|(name, value)| (*name, value.as_str())));
        let ask = Ask::post(self.url(&format!("/2010-04-01/Accounts/{}/Messages.json", self.section.account))?, FORM, body);
        let answer = self.client.ask(ask.header(header::AUTHORIZATION, &self.basic())).await.map_err(asked::trouble)?;
        if !answer.status.is_success() {
            return Err(errors::of_answer(&answer));
        }
        let taken: Taken = serde_json::from_slice(&answer.body).map_err(|error| Trouble::Uncertain(error.to_string()))?;
        Ok(Handed::sent(taken.sid))
    }

    /// With our password to Twilio alone: it leads on to a server of files, which must not see it.
    pub(super) async fn get_media(&self, media: &str) -> Result<Fetched, Trouble> {
        let url: Uri = media.parse().map_err(|_| Trouble::Refused("not an address".into()))?;
        let own: Uri = self.url("/")?;
        let theirs = |uri: &Uri| (uri.scheme().cloned(), uri.authority().cloned());
        if theirs(&url) != theirs(&own) {
            return Err(Trouble::Refused("a file that is not at Twilio".into()));
        }
        let ask = Ask::get(url).header(header::AUTHORIZATION, &self.basic()).within(MEDIA_TIME).most(MEDIA);
        let answer = self.client.fetch_own(ask).await.map_err(asked::harmless)?;
        match answer.status {
            StatusCode::OK => Ok(Fetched { bytes: answer.body, name: None }),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => Err(Trouble::Retry(status.to_string())),
            // The file may not be there yet when its message is.
            StatusCode::NOT_FOUND => Err(Trouble::Retry("not there yet".into())),
            status => Err(Trouble::Refused(status.to_string())),
        }
    }

    pub(super) async fn try_out(&self) -> Vec<Probe> {
        let account = self.account().await;
        let admitted = account.is_ok();
        let mut probes = vec![Probe { what: "twilio_account", found: account.into(), setting: "Account SID, Auth Token" }];
        if admitted {
            // They are read elsewhere: whatever is wrong there, messages go out.
            let found = self.templates_there().await.map_err(|trouble| Trouble::Refused(trouble.told().1)).into();
            probes.push(Probe { what: "twilio_templates", found, setting: "Messaging → Content Template Builder" });
        }
        probes
    }

    async fn account(&self) -> Result<String, Trouble> {
        #[derive(Deserialize)]
        struct Account {
            status: String,
            friendly_name: String,
        }
        let ask = Ask::new(Method::GET, self.url(&format!("/2010-04-01/Accounts/{}.json", self.section.account))?);
        let answer = self.client.ask(ask.header(header::AUTHORIZATION, &self.basic())).await.map_err(asked::harmless)?;
        if !answer.status.is_success() {
            return Err(errors::of_answer(&answer));
        }
        let account: Account = serde_json::from_slice(&answer.body).map_err(|error| Trouble::Retry(error.to_string()))?;
        if account.status == "active" {
            Ok(account.friendly_name)
        } else {
            Err(Trouble::Down(format!("the account is {}", account.status)))
        }
    }

    fn url(&self, path: &str) -> Result<Uri, Trouble> {
        let base = self.section.base_url.get_ref().trim_end_matches('/');
        format!("{base}{path}").parse().map_err(|_| Trouble::Down(format!("{base} is not an address")))
    }

    pub(super) fn basic(&self) -> String {
        format!("Basic {}", BASE64.encode(format!("{}:{}", self.section.account, self.token.expose_secret())))
    }
}

//! Tokens for a mailbox (RFC 6749 §6 and §4.4). Some providers give a new refresh token with each access token and let the old one die: where
//! it stands in a file, the file is replaced before the token is used.

use super::config::OauthSection;
use crate::channels::platform::Trouble;
use crate::channels::token::{Keeper, Token};
use crate::config::value::Secret;
use crate::reach::{self, Ask};
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What most providers give.
const LASTS: u64 = 3_600;

pub(super) struct Oauth {
    section: OauthSection,
    folder: PathBuf,
    keeper: Keeper,
    client: reach::Client,
    /// The newest refresh token, where the provider has given one since the start.
    rotated: std::sync::Mutex<Option<String>>,
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
}

#[derive(Deserialize, Default)]
struct Refused {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Oauth {
    pub fn new(section: OauthSection, folder: &Path, client: reach::Client) -> Oauth {
        Oauth { section, folder: folder.to_owned(), keeper: Keeper::default(), client, rotated: std::sync::Mutex::default() }
    }

    pub async fn token(&self) -> Result<String, Trouble> {
        self.keeper.token(|| self.fetch()).await
    }

    pub async fn refused(&self, token: &str) {
        self.keeper.refused(token).await;
    }

    async fn fetch(&self) -> Result<Token, Trouble> {
        let section = &self.section;
        let reveal = |secret: &Secret| secret.reveal(&self.folder).map_err(|error| Trouble::Down(error.to_string()));
        let mut form: Vec<(&str, String)> = vec![("client_id", section.client_id.get_ref().clone())];
        if let Some(secret) = &section.client_secret {
            form.push(("client_secret", reveal(secret.get_ref())?.expose_secret().to_owned()));
        }
        let rotated = self.rotated.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        match (&section.refresh_token, rotated) {
            (Some(_), Some(token)) => form.extend([("grant_type", "refresh_token".to_owned()), ("refresh_token", token)]),
            (Some(secret), None) => {
                form.extend([
                    ("grant_type", "refresh_token".to_owned()),
                    ("refresh_token", reveal(secret.get_ref())?.expose_secret().to_owned()),
                ]);
            }
            (None, _) => form.push(("grant_type", "client_credentials".to_owned())),
        }
        form.extend(section.scope.as_ref().map(|scope| ("scope", scope.get_ref().clone())));
        let body = form.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect::<Vec<_>>().join("&");
        let url = section.token_url.get_ref().parse().map_err(|_| Trouble::Down(format!("`{}` is no address", section.token_url)))?;
        let ask = Ask::post(url, "application/x-www-form-urlencoded", body);
        let answer = self.client.ask(ask).await.map_err(|lost| Trouble::Retry(lost.to_string()))?;
        if !answer.status.is_success() {
            let refused: Refused = serde_json::from_slice(&answer.body).unwrap_or_default();
            let why =
                format!("{} {} {}", answer.status.as_u16(), refused.error, refused.error_description.chars().take(200).collect::<String>());
            return Err(if answer.status.is_server_error() || answer.status.as_u16() == 429 {
                Trouble::Retry(why)
            } else {
                Trouble::Down(why)
            });
        }
        let given: Given = serde_json::from_slice(&answer.body).map_err(|_| Trouble::Down("the answer holds no token".into()))?;
        if let Some(next) = given.refresh_token {
            self.rotate(next);
        }
        Ok(Token::new(given.access_token, Duration::from_secs(given.expires_in.unwrap_or(LASTS))))
    }

    /// The new refresh token takes the old one's place, whole or not at all.
    fn rotate(&self, next: String) {
        if let Some(path) = self.section.refresh_token.as_ref().and_then(|secret| secret.get_ref().file(&self.folder)) {
            let written = || -> std::io::Result<()> {
                let beside = path.with_extension("new");
                let mut file = std::fs::File::create(&beside)?;
                file.set_permissions(std::fs::metadata(&path)?.permissions())?;
                file.write_all(next.as_bytes())?;
                file.sync_all()?;
                std::fs::rename(&beside, &path)
            };
            if let Err(error) = written() {
                tracing::error!(path = %path.display(), %error, "a new refresh token could not be kept; it is lost at the next start");
            }
        }
        *self.rotated.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(next);
    }
}

/// A value of a form (application/x-www-form-urlencoded).
fn escape(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    value.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

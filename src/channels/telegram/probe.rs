//! Whether the bot works: its token, and how it hears.

use super::Telegram;
use crate::channels::platform::{Probe, Trouble};
use serde_json::{Value, json};
use std::time::Duration;

const ASK: Duration = Duration::from_secs(15);

impl Telegram {
    pub(super) async fn probed(&self) -> Vec<Probe> {
        let me = self.api.ask("getMe", &json!({}), ASK).await;
        let me = me.map(|me| format!("@{}", me.get("username").and_then(Value::as_str).unwrap_or("?")));
        let alive = me.is_ok();
        let mut probes = vec![Probe { what: "telegram_token", found: me.into(), setting: "@BotFather: /mybots → API Token" }];
        if alive {
            let heard = self.api.ask("getWebhookInfo", &json!({}), ASK).await.and_then(|info| self.hears(&info));
            probes.push(Probe { what: "telegram_hearing", found: heard.into(), setting: "setWebhook: url, secret_token" });
        }
        probes
    }

    fn hears(&self, info: &Value) -> Result<String, Trouble> {
        let url = info.get("url").and_then(Value::as_str).unwrap_or_default();
        let waiting = info.get("pending_update_count").and_then(Value::as_u64).unwrap_or(0);
        let error = info.get("last_error_message").and_then(Value::as_str);
        match (&self.webhook, url) {
            (None, "") => Ok(format!("getUpdates; {waiting} waiting")),
            (None, url) => Err(Trouble::Down(format!("a webhook is set: {url}"))),
            (Some(webhook), url) if url != webhook.url => Err(Trouble::Down(format!("the webhook is {url:?}, not {:?}", webhook.url))),
            (Some(_), _) => match error.filter(|_| waiting > 0) {
                // It tries again by itself; what lasts is found again.
                Some(error) => Err(Trouble::Retry(format!("{waiting} waiting: {error}"))),
                None => Ok(format!("{url}; {waiting} waiting")),
            },
        }
    }
}

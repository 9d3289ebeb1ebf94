//! How updates come: asked for (the default, which needs no public address), or told to our webhook. Taps on buttons are confirmed at
//! once, because the customer's app shows a turning wheel until then.

use super::api::Api;
use super::{Telegram, Webhook};
use crate::channels::platform::{HookAnswer, HookRefused, HookRequest, Hooked, Polled, Raw, Trouble};
use crate::channels::proof;
use crate::desk::id::At;
use http::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What we want to hear; Telegram tells reactions only to those who name them.
const UPDATES: [&str; 9] = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
];
/// Updates in one answer; the most that there are.
const LIMIT: u32 = 100;
/// Past the time that Telegram waits, for the answer to come.
const SLACK: Duration = Duration::from_secs(15);
/// How often the webhook is looked after.
const LOOK: Duration = Duration::from_secs(600);
/// The header with the word that only Telegram knows.
const SECRET: &str = "x-telegram-bot-api-secret-token";
/// Largest update, bytes.
const LARGEST: usize = 1 << 20;

impl Telegram {
    pub(super) async fn asked(&self, cursor: Option<&str>) -> Result<Polled, Trouble> {
        let offset: Option<i64> = cursor.and_then(|cursor| cursor.parse().ok());
        let wait = self.poll_wait.as_secs().clamp(1, 50);
        let mut parameters = json!({ "limit": LIMIT, "timeout": wait, "allowed_updates": UPDATES });
        if let (Some(offset), Some(parameters)) = (offset, parameters.as_object_mut()) {
            parameters.insert("offset".into(), offset.into());
        }
        let result = match self.api.ask("getUpdates", &parameters, Duration::from_secs(wait) + SLACK).await {
            Ok(result) => result,
            Err(Trouble::Retry(why)) if why.to_lowercase().contains("webhook") => return Err(self.without_webhook(why).await),
            Err(trouble) => return Err(trouble),
        };
        let Value::Array(updates) = result else { return Err(Trouble::Retry("getUpdates gave no list".into())) };
        let mut polled = Polled::default();
        let mut last = offset;
        for update in updates {
            // Without a number it could never be acknowledged, so it does not exist.
            let Some(id) = update.get("update_id").and_then(Value::as_i64) else { continue };
            last = last.max(Some(id.saturating_add(1)));
            if let Some(query) = query(&update) {
                tokio::spawn(confirm(Arc::clone(&self.api), query));
            }
            polled.events.push(kept(id, &update, self.clock.now()));
        }
        polled.cursor = last.filter(|_| last != offset).map(|last| last.to_string());
        Ok(polled)
    }

    /// A webhook that somebody set keeps us from asking; the file says that we ask.
    async fn without_webhook(&self, why: String) -> Trouble {
        tracing::warn!(error = why, "the bot has a webhook but is to be asked: it is taken away");
        match self.api.ask("deleteWebhook", &json!({ "drop_pending_updates": false }), SLACK).await {
            Ok(_) => Trouble::Retry("the webhook was taken away".into()),
            Err(trouble) => trouble,
        }
    }

    /// Sees to it that Telegram knows our webhook.
    pub(super) async fn told(&self, webhook: &Webhook) -> Result<Polled, Trouble> {
        let info = self.api.ask("getWebhookInfo", &json!({}), SLACK).await?;
        if !self.registered.load(std::sync::atomic::Ordering::Relaxed) || info.get("url").and_then(Value::as_str) != Some(&webhook.url) {
            let secret = webhook.secret.expose_secret();
            let parameters =
                json!({ "url": webhook.url, "secret_token": secret, "allowed_updates": UPDATES, "drop_pending_updates": false });
            self.api.ask("setWebhook", &parameters, SLACK).await?;
            self.registered.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        Ok(Polled { wait: LOOK, ..Polled::default() })
    }

    pub(super) fn called(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        let refused = |status, why| Err(HookRefused { status, why });
        let Some(webhook) = &self.webhook else { return refused(StatusCode::NOT_FOUND, "this bot is asked, not called") };
        let given = request.headers.get(SECRET).map(http::HeaderValue::as_bytes).unwrap_or_default();
        if !proof::same(given, webhook.secret.expose_secret().as_bytes()) {
            return refused(StatusCode::UNAUTHORIZED, "X-Telegram-Bot-Api-Secret-Token is not ours");
        }
        if request.method != Method::POST {
            return refused(StatusCode::METHOD_NOT_ALLOWED, "Telegram posts updates");
        }
        if request.body.len() > LARGEST {
            return refused(StatusCode::PAYLOAD_TOO_LARGE, "larger than an update can be");
        }
        let Ok(update) = serde_json::from_slice::<Value>(request.body) else {
            return refused(StatusCode::BAD_REQUEST, "the update is no JSON");
        };
        let Some(id) = update.get("update_id").and_then(Value::as_i64) else {
            return refused(StatusCode::BAD_REQUEST, "the update has no update_id");
        };
        // The answer itself may be a request: it saves a connection, and nobody needs its result.
        let body = query(&update).map(|query| proof::json(&json!({ "method": "answerCallbackQuery", "callback_query_id": query })));
        let answer = HookAnswer { content_type: "application/json", body: body.unwrap_or_default(), ..HookAnswer::default() };
        Ok(Hooked { events: vec![kept(id, &update, request.now)], answer, poll: false })
    }
}

fn kept(id: i64, update: &Value, heard: At) -> Raw {
    Raw { key: id.to_string(), body: proof::json(&json!({ "heard": heard.0, "update": update })).to_vec() }
}

fn query(update: &Value) -> Option<String> {
    update.get("callback_query")?.get("id")?.as_str().map(str::to_owned)
}

async fn confirm(api: Arc<Api>, query: String) {
    // Too late or told twice: the wheel has stopped by itself.
    if let Err(error) = api.ask("answerCallbackQuery", &json!({ "callback_query_id": query }), SLACK).await {
        tracing::debug!(%error, "a tap could not be confirmed");
    }
}

//! What LINE tells (line/line-openapi, webhook.yml), as far as we look at it.

use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event {
    #[serde(rename = "type")]
    pub kind: String,
    /// `standby`: another module answers.
    pub mode: String,
    /// Milliseconds since 1970 UTC.
    pub timestamp: i64,
    pub source: Source,
    #[serde(rename = "replyToken")]
    pub reply_token: Option<String>,
    pub message: Option<Message>,
    pub postback: Option<Postback>,
    pub unsend: Option<Unsend>,
    #[serde(rename = "webhookEventId")]
    pub id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Source {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(rename = "userId")]
    pub user: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
    pub text: Option<String>,
    #[serde(rename = "markAsReadToken")]
    pub read_token: Option<String>,
    #[serde(rename = "contentProvider")]
    pub provider: Option<Provider>,
    #[serde(rename = "fileName")]
    pub file_name: Option<String>,
    pub title: Option<String>,
    pub address: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub keywords: Vec<String>,
    #[serde(rename = "packageId")]
    pub package: Option<String>,
    #[serde(rename = "stickerId")]
    pub sticker: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Provider {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(rename = "originalContentUrl")]
    pub url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Postback {
    pub data: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Unsend {
    #[serde(rename = "messageId")]
    pub message: String,
}

/// A refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    pub message: String,
    pub details: Vec<Detail>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Detail {
    pub message: String,
    pub property: String,
}

//! What the WhatsApp Cloud API tells, as far as we look at it.

use crate::channels::meta::errors::Said;
use serde::Deserialize;
use serde_json::Value;

/// One event as it is kept: cut out of its batch, with whom the batch says that it is from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    pub contacts: Vec<Contact>,
    pub message: Option<Message>,
    /// Written by the firm with the app on a telephone.
    pub echo: Option<Message>,
    pub status: Option<Status>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Contact {
    pub profile: Profile,
    /// Digits; absent for customers who are known by a name of their own.
    pub wa_id: Option<String>,
    /// Of this portfolio only.
    pub user_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    pub name: Option<String>,
    pub username: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    pub id: String,
    pub from: Option<String>,
    pub from_user_id: Option<String>,
    /// Of an echo.
    pub to: Option<String>,
    pub to_user_id: Option<String>,
    /// Seconds since 1970 UTC, as text.
    pub timestamp: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub text: Option<Text>,
    pub image: Option<File>,
    pub video: Option<File>,
    pub audio: Option<File>,
    pub document: Option<File>,
    pub sticker: Option<File>,
    pub location: Option<Location>,
    pub contacts: Option<Vec<Card>>,
    pub interactive: Option<Interactive>,
    pub button: Option<Button>,
    pub reaction: Option<Reaction>,
    pub system: Option<System>,
    pub order: Option<Order>,
    pub referral: Option<Referral>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Text {
    pub body: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct File {
    pub id: String,
    pub caption: Option<String>,
    pub filename: Option<String>,
    /// Spoken into the telephone.
    pub voice: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Location {
    pub latitude: f64,
    pub longitude: f64,
    pub name: Option<String>,
    pub address: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Card {
    pub name: CardName,
    pub phones: Vec<CardPhone>,
    pub emails: Vec<CardEmail>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CardName {
    pub formatted_name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CardPhone {
    pub phone: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CardEmail {
    pub email: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Interactive {
    #[serde(rename = "type")]
    pub kind: String,
    pub button_reply: Option<Reply>,
    pub list_reply: Option<Reply>,
    pub nfm_reply: Option<FormReply>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reply {
    pub id: String,
    pub title: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FormReply {
    pub body: Option<String>,
    pub response_json: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Button {
    pub text: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reaction {
    pub message_id: String,
    /// Absent when it was taken away.
    pub emoji: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct System {
    pub body: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// The new names of whoever has changed theirs.
    pub wa_id: Option<String>,
    pub new_wa_id: Option<String>,
    pub user_id: Option<String>,
    pub previous_user_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Order {
    pub text: String,
    pub product_items: Vec<Item>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Item {
    pub product_retailer_id: String,
    pub quantity: Value,
}

/// The advertisement by which a customer came.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Referral {
    pub source_url: String,
    pub headline: String,
    pub body: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub id: String,
    pub status: String,
    /// What we gave with the message: its key.
    pub biz_opaque_callback_data: Option<String>,
    pub errors: Vec<Said>,
}

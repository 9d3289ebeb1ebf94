//! Customer service as JSON: what `sync_msg` gives. What is missing is empty.

use serde::Deserialize;
use serde_json::Value;

/// The answer to `sync_msg`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Page {
    pub next_cursor: String,
    /// 1: there is more, even where this page is empty.
    pub has_more: u8,
    pub msg_list: Vec<Value>,
}

/// One of its items.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Item {
    pub msgid: String,
    pub external_userid: String,
    /// Seconds since 1970 UTC.
    pub send_time: i64,
    /// 3: the customer, 4: the platform, 5: a colleague in WeCom.
    pub origin: u8,
    pub msgtype: String,
    pub text: Text,
    pub image: Medium,
    pub voice: Medium,
    pub video: Medium,
    pub file: Medium,
    pub location: Location,
    pub link: Link,
    pub business_card: Card,
    pub miniprogram: MiniProgram,
    pub merged_msg: Merged,
    pub channels: Channels,
    pub event: Event,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Text {
    pub content: String,
    /// Of the line of our menu that was tapped.
    pub menu_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Medium {
    pub media_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Location {
    pub latitude: f64,
    pub longitude: f64,
    pub name: String,
    pub address: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Link {
    pub title: String,
    pub desc: String,
    pub url: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Card {
    pub userid: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MiniProgram {
    pub title: String,
    pub pagepath: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Merged {
    pub title: String,
    pub item: Vec<MergedItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MergedItem {
    pub sender_name: String,
    pub msgtype: String,
    /// JSON again, as a text.
    pub msg_content: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Channels {
    pub nickname: String,
    pub title: String,
}

/// Whom an event is about stands in it, not beside it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event {
    pub event_type: String,
    pub external_userid: String,
    pub scene: String,
    pub scene_param: String,
    pub welcome_code: String,
    pub fail_msgid: String,
    pub fail_type: i64,
    pub recall_msgid: String,
    pub reject_switch: u8,
}

//! What is said between us and the gateway, as JSON.

use serde::{Deserialize, Serialize};

/// One message to a telephone; the body of our POST.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message<'a> {
    /// Ours; also the idempotency key, and named again by every receipt.
    pub id: &'a str,
    pub from: &'a str,
    /// E.164.
    pub to: &'a str,
    pub text: &'a str,
    /// Parts that the text takes, and the alphabet that was counted with: `gsm7` or `ucs2`.
    pub parts: usize,
    pub encoding: &'static str,
    /// Where replies and receipts go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback: Option<&'a str>,
}

/// The gateway's refusal, in a 4xx answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Refused {
    pub error: String,
}

/// What the gateway tells us.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Hook {
    /// A customer wrote.
    Message {
        /// The gateway's; the same message told twice is one.
        id: String,
        from: String,
        text: String,
        /// Milliseconds since 1970 UTC.
        #[serde(default)]
        at: Option<i64>,
    },
    /// How far one of ours has come.
    Receipt {
        /// Ours.
        id: String,
        state: ReceiptState,
        #[serde(default)]
        reason: Option<String>,
    },
    /// A kind that we do not know yet.
    #[serde(other)]
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    Sent,
    Delivered,
    Failed,
    Unknown,
}

//! Act → gateway. Texts to one number keep their order; different numbers do not wait for each other's retries.

use super::client::NoAnswer;
use super::wire::{Message, Refused};
use super::{Account, Sms, sign};
use crate::desk::act::Outbound;
use crate::desk::id::ChannelId;
use crate::desk::input::{Delivery, Input};
use crate::desk::segments::{Encoding, measure};
use bytes::Bytes;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;
use tokio::sync::mpsc;

/// Lines in which texts wait for their turn; one number is always in the same.
const LANES: usize = 8;
/// Texts waiting in one of them.
const LANE: usize = 128;
/// The first pause before another try; it doubles.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Longest reason that is kept, characters.
const REASON: usize = 200;

/// Sends one account's texts.
pub(super) async fn run(sms: Sms, channel: ChannelId, mut outlet: mpsc::Receiver<Outbound>) {
    let mut lanes = Vec::with_capacity(LANES);
    for _ in 0..LANES {
        let (lane, waiting) = mpsc::channel(LANE);
        tokio::spawn(lane_of(sms.clone(), channel.clone(), waiting));
        lanes.push(lane);
    }
    while let Some(outbound) = outlet.recv().await {
        let mut hasher = DefaultHasher::new();
        outbound.to.value.hash(&mut hasher);
        let lane = (hasher.finish() % LANES as u64) as usize;
        if let Some(lane) = lanes.get(lane)
            && lane.send(outbound).await.is_err()
        {
            return;
        }
        // The gateway's rate, for all lanes together.
        if let Some(account) = sms.account(&channel) {
            tokio::time::sleep(Duration::from_secs(1) / account.rate.max(1)).await;
        }
    }
}

async fn lane_of(sms: Sms, channel: ChannelId, mut waiting: mpsc::Receiver<Outbound>) {
    while let Some(outbound) = waiting.recv().await {
        // An account that a reload removed sends nothing: what waited stays recorded as unsent.
        let Some(account) = sms.account(&channel) else { continue };
        let delivery = deliver(&sms, &account, &outbound).await;
        if let Err(refusal) = sms.shared.switchboard.ask(Input::Delivery(outbound.message, delivery)).await {
            tracing::warn!(message = %outbound.message, ?refusal, "what became of a text is not recorded");
        }
    }
}

/// Tries until the gateway has taken it, refused it, or the tries are used up.
async fn deliver(sms: &Sms, account: &Account, outbound: &Outbound) -> Delivery {
    let (encoding, parts) = measure(&outbound.body.text);
    if parts > account.max_parts {
        return failed("too_long");
    }
    let id = outbound.message.to_string();
    let message = Message {
        id: &id,
        from: &account.from,
        to: &outbound.to.value,
        text: &outbound.body.text,
        parts,
        encoding: match encoding {
            Encoding::Gsm7 => "gsm7",
            Encoding::Ucs2 => "ucs2",
        },
        callback: account.hook.as_deref(),
    };
    let Ok(body) = serde_json::to_vec(&message).map(Bytes::from) else { return failed("not_json") };
    let (mut pause, mut uncertain, mut last) = (PAUSE, false, String::new());
    for attempt in 1..=account.tries.max(1) {
        if attempt > 1 {
            let jitter = 0.75 + 0.5 * rand::random::<f64>();
            tokio::time::sleep(pause.mul_f64(jitter)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        match post(sms, account, &id, body.clone()).await {
            // 409: it has this one already, from a try whose answer was lost.
            Ok(answer) if answer.status.is_success() || answer.status == http::StatusCode::CONFLICT => return Delivery::Sent,
            Ok(answer) if answer.status.as_u16() == 429 || answer.status.is_server_error() => {
                // A server that broke down in the middle may have passed it on.
                uncertain |= answer.status.is_server_error();
                last = format!("status {}", answer.status.as_u16());
                if let Some(seconds) = answer.retry_after {
                    pause = pause.max(Duration::from_secs(seconds)).min(LONGEST_PAUSE);
                }
            }
            Ok(answer) => {
                let said: Refused = serde_json::from_slice(&answer.body).unwrap_or_default();
                tracing::warn!(message = %id, status = answer.status.as_u16(), reason = said.error, "the gateway refused a text");
                return failed(if said.error.is_empty() { answer.status.as_str() } else { &said.error });
            }
            Err(error) => {
                uncertain |= matches!(error, NoAnswer::Uncertain(_));
                last = error.to_string();
            }
        }
        tracing::info!(message = %id, attempt, error = last, "a text could not be handed over");
    }
    tracing::error!(message = %id, channel = %account.id, error = last, uncertain, "a text is given up");
    if uncertain { Delivery::Unknown } else { failed(&last) }
}

async fn post(sms: &Sms, account: &Account, id: &str, body: Bytes) -> Result<super::client::Answer, NoAnswer> {
    let timestamp = sms.shared.clock.now().0.div_euclid(1_000);
    let headers = [
        ("idempotency-key", format!("{}-{id}", account.id)),
        (sign::TIMESTAMP, timestamp.to_string()),
        (sign::SIGNATURE, sign::sign(&account.secret, timestamp, &body)),
    ];
    sms.shared.client.post(&account.url, &headers, body, account.timeout).await
}

fn failed(reason: &str) -> Delivery {
    Delivery::Failed { reason: reason.chars().filter(|c| !c.is_control()).take(REASON).collect() }
}

//! Our requests to the gateway.

use super::wire::{Message, Refused};
use super::{Sms, sign};
use crate::channels::asked;
use crate::channels::platform::*;
use crate::desk::input::Delivery;
use crate::desk::segments::{Encoding, measure};
use crate::reach::{Answer, Ask};
use http::{HeaderName, StatusCode, Uri};

/// Longest reason that is kept, characters.
const REASON: usize = 200;
/// Bytes of an answer that are read; more says nothing to us.
const LONGEST_ANSWER: usize = 16 * 1024;

impl Sms {
    pub(super) async fn hand_over(&self, piece: &Piece) -> Result<Handed, Trouble> {
        if !piece.files.is_empty() {
            return Err(Trouble::Refused("a text message carries no files".into()));
        }
        let (encoding, parts) = measure(&piece.text);
        let message = Message {
            id: &piece.key,
            from: self.section.from.get_ref(),
            to: &piece.to.value,
            text: &piece.text,
            parts,
            encoding: match encoding {
                Encoding::Gsm7 => "gsm7",
                Encoding::Ucs2 => "ucs2",
            },
            callback: self.hook.as_deref(),
        };
        let body = serde_json::to_vec(&message).map_err(|error| Trouble::Refused(error.to_string()))?;
        let answer = self.post(&piece.key, body).await?;
        match answer.status {
            // 409: it has this one already, from a try whose answer was lost.
            status if status.is_success() || status == StatusCode::CONFLICT => {
                Ok(Handed { ids: Vec::new(), state: Delivery::Sent, threads: Vec::new() })
            }
            status => Err(refusal(status, &answer)),
        }
    }

    async fn post(&self, id: &str, body: Vec<u8>) -> Result<Answer, Trouble> {
        let url: Uri = self.section.url.get_ref().parse().map_err(|_| Trouble::Down("gateway.url is not an address".into()))?;
        let timestamp = self.clock.now().0.div_euclid(1_000);
        let signature = sign::sign(&self.secret, timestamp, &body);
        let ask = Ask::post(url, "application/json", body)
            .within(self.section.timeout.duration())
            .most(LONGEST_ANSWER)
            .header(HeaderName::from_static("idempotency-key"), &format!("{}-{id}", self.channel))
            .header(HeaderName::from_static(sign::TIMESTAMP), &timestamp.to_string())
            .header(HeaderName::from_static(sign::SIGNATURE), &signature);
        self.client.ask(ask).await.map_err(asked::trouble)
    }

    /// Nothing can be asked of a gateway without sending: that it answers at all is what can be known.
    pub(super) async fn try_out(&self) -> Vec<Probe> {
        let there = self.post("probe", b"{}".to_vec()).await.and_then(|answer| match answer.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Trouble::Down("it does not believe our signature".into())),
            StatusCode::NOT_FOUND => Err(Trouble::Down("nothing is at this address".into())),
            status if status.is_server_error() => Err(Trouble::Retry(status.to_string())),
            _ => Ok(self.section.url.to_string()),
        });
        vec![Probe { what: "sms_gateway", found: there.into(), setting: "gateway.url, gateway.secret" }]
    }
}

fn refusal(status: StatusCode, answer: &Answer) -> Trouble {
    if let (429 | 503, Some(wait)) = (status.as_u16(), answer.retry_after()) {
        return Trouble::RetryAfter(wait);
    }
    match status.as_u16() {
        429 => Trouble::Retry(status.to_string()),
        // A server that broke down in the middle may have passed it on.
        500.. => Trouble::Uncertain(status.to_string()),
        _ => {
            let said: Refused = serde_json::from_slice(&answer.body).unwrap_or_default();
            let said = if said.error.is_empty() { status.as_str().to_owned() } else { said.error };
            Trouble::Refused(said.chars().filter(|c| !c.is_control()).take(REASON).collect())
        }
    }
}

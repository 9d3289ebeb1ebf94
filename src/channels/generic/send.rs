//! Our requests to the program.

use super::profile::{SendSection, filled, put_in};
use super::wire::{Card, OurMedia, OurMessage, Refused, Taken, Tell, Template};
use super::{Generic, mapped};
use crate::channels::platform::*;
use crate::channels::{asked, taps};
use crate::desk::input::{Change, Delivery, Extra};
use crate::reach::{Answer, Ask};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderName, StatusCode, Uri};
use secrecy::ExposeSecret;
use serde_json::Value;
use std::time::Duration;

const JSON: &str = "application/json";
/// Largest file that is fetched, bytes.
const MEDIA: usize = 50 << 20;
const MEDIA_TIME: Duration = Duration::from_secs(60);
/// Largest answer, bytes.
const ANSWER: usize = 64 * 1024;

impl Generic {
    pub(super) async fn hand_over(&self, piece: &Piece) -> Result<Handed, Trouble> {
        if let Some(send) = self.section.profile.as_ref().and_then(|profile| profile.send.as_ref()) {
            return self.hand_over_mapped(send, piece).await;
        }
        let mut media = Vec::new();
        for file in &piece.files {
            media.push(OurMedia { name: &file.name, mime: &file.mime, data: BASE64.encode(asked::bytes(file).await?) });
        }
        let none: &[String] = &[];
        let (mut choices, mut template, mut card) = (none, None, None);
        match &piece.extra {
            Some(Extra::Choices { options }) => choices = options.as_slice(),
            Some(Extra::Template { name, language, variables }) => template = Some(Template { name, language, variables }),
            Some(Extra::Link { url, title, about, picture }) => card = Some(Box::new(Card::Link { title, about, url, picture })),
            Some(Extra::Place { latitude, longitude, label, address }) => {
                let (latitude, longitude) = (taps::degrees(*latitude), taps::degrees(*longitude));
                card = Some(Box::new(Card::Place { name: label, address, latitude, longitude }));
            }
            _ => {}
        }
        let tell = Tell::Message {
            id: &piece.key,
            to: &piece.to.value,
            conversation: piece.conversation.0,
            text: &piece.text,
            part: piece.part + 1,
            parts: piece.parts,
            media,
            choices,
            question: (!choices.is_empty()).then_some(piece.message.0),
            card,
            template,
            answers: piece.answers.newest.as_ref().map(|(id, _)| id.as_str()),
        };
        let answer = self.tell(&piece.key, &tell).await?;
        let taken = taken(&answer)?;
        Ok(Handed { ids: taken.id.into_iter().collect(), state: Delivery::Sent, threads: Vec::new() })
    }

    pub(super) async fn hand_amended(&self, amend: &Amend) -> Result<(), Trouble> {
        taken(&self.tell(&amend.key, &told_as(amend)).await?).map(drop)
    }

    async fn hand_over_mapped(&self, send: &SendSection, piece: &Piece) -> Result<Handed, Trouble> {
        if !piece.files.is_empty() {
            return Err(Trouble::Refused("a channel with a profile of its own sends no files".into()));
        }
        let conversation = piece.conversation.to_string();
        let values = [("to", piece.to.value.as_str()), ("text", &piece.text), ("id", &piece.key), ("conversation", &conversation)];
        let escaped: Vec<(&str, String)> = values.iter().map(|(name, value)| (*name, crate::channels::form::percent(value))).collect();
        let escaped: Vec<(&str, &str)> = escaped.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let template: Value =
            serde_json::from_str(send.body.get_ref()).map_err(|error| Trouble::Down(format!("profile.send.body: {error}")))?;
        let body = filled(&template, &values).to_string();
        let url: Uri = put_in(self.section.url.get_ref(), &escaped).parse().map_err(|_| Trouble::Down("url is not an address".into()))?;
        let mut ask = Ask::post(url, JSON, body).within(self.section.timeout.duration()).most(ANSWER);
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Trouble::Down(format!("{name} is not a header")))?;
            ask = ask.header(name, value.expose_secret());
        }
        let answer = self.client.ask(ask).await.map_err(asked::trouble)?;
        mapped::answered(send, &answer)
    }

    /// Posts a signed request; the program tells by its id what it has heard already.
    pub(super) async fn tell(&self, id: &str, tell: &Tell<'_>) -> Result<Answer, Trouble> {
        let url: Uri = self.section.url.get_ref().parse().map_err(|_| Trouble::Down("url is not an address".into()))?;
        let body = serde_json::to_vec(tell).map_err(|error| Trouble::Refused(error.to_string()))?;
        let now = self.clock.now().0.div_euclid(1_000);
        let Some(key) = self.keys.first() else { return Err(Trouble::Down("no secret".into())) };
        let ask = Ask::post(url, JSON, body.clone()).within(self.section.timeout.duration()).most(ANSWER);
        let ask = ask.signed(key, id, now);
        self.client.ask(ask).await.map_err(asked::trouble)
    }

    pub(super) async fn get_media(&self, media: &str) -> Result<Fetched, Trouble> {
        let url: Uri = media.parse().map_err(|_| Trouble::Refused("not an address".into()))?;
        let name = url.path().rsplit('/').next().map(str::to_owned).filter(|name| name.contains('.'));
        let answer = self.client.fetch(Ask::get(url).within(MEDIA_TIME).most(MEDIA)).await.map_err(asked::harmless)?;
        match answer.status {
            status if status.is_success() => Ok(Fetched { bytes: answer.body, name }),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => Err(Trouble::Retry(status.to_string())),
            status => Err(Trouble::Refused(status.to_string())),
        }
    }

    pub(super) async fn try_out(&self) -> Vec<Probe> {
        let mapped = self.section.profile.as_ref().is_some_and(|profile| profile.send.is_some());
        let mut probes = Vec::new();
        if !mapped {
            let id = format!("ping-{:016x}", rand::random::<u64>());
            let result = self.tell(&id, &Tell::Ping).await.and_then(|answer| match answer.status {
                status if status.is_success() => Ok(status.to_string()),
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Trouble::Down("it does not believe our signature".into())),
                status => Err(Trouble::Refused(format!("it answers {status} to a ping"))),
            });
            probes.push(Probe { what: "http_program", found: result.into(), setting: "url, secret" });
        }
        probes
    }
}

/// What shall become of a message, in the program's words.
pub(super) fn told_as(amend: &Amend) -> Tell<'_> {
    let messages = amend.pieces.iter().map(|piece| OurMessage { id: &piece.key, yours: piece.id.as_deref() }).collect();
    let (id, to, conversation) = (amend.key.as_str(), amend.to.value.as_str(), amend.conversation.0);
    match &amend.change {
        Change::Edited(text) => Tell::Edit { id, to, conversation, messages, text },
        Change::Recalled => Tell::Recall { id, to, conversation, messages },
    }
}

/// What the program says to what we told it under a key.
fn taken(answer: &Answer) -> Result<Taken, Trouble> {
    if answer.status == StatusCode::CONFLICT {
        // It has this one already, from a try whose answer was lost.
        return Ok(Taken::default());
    }
    if answer.status.is_success() {
        return Ok(serde_json::from_slice(&answer.body).unwrap_or_default());
    }
    let refused: Refused = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said = if refused.error.is_empty() { answer.status.to_string() } else { refused.error };
    let said: String = said.chars().filter(|c| !c.is_control()).take(200).collect();
    Err(match refused.code.as_str() {
        "window_closed" => Trouble::WindowClosed,
        "blocked" => Trouble::Blocked(said),
        "quota" => Trouble::Quota(said),
        "down" => Trouble::Down(said),
        _ => of_status(answer, said, true),
    })
}

/// What a status alone says. What `repeats` safely may be tried again even if the program broke down over it.
pub(super) fn of_status(answer: &Answer, said: String, repeats: bool) -> Trouble {
    match answer.status.as_u16() {
        429 | 503 => answer.retry_after().map_or(Trouble::Retry(said), Trouble::RetryAfter),
        500.. if repeats => Trouble::Retry(said),
        500.. => Trouble::Uncertain(said),
        401 | 403 | 404 | 410 => Trouble::Down(said),
        _ => Trouble::Refused(said),
    }
}

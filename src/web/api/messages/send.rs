//! `POST /api/v1/messages`: one message to one customer, through the channel that reaches them best.

use super::status::Status;
use crate::desk::card::{Card, CardProblem};
use crate::desk::id::{At, ChannelId, PersonId};
use crate::desk::input::{Ask, Input, Purpose, Wording};
use crate::desk::places::filled;
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::desk::traits::{Traits, Unit};
use crate::store::proactive::{self, Found, To};
use crate::web::WebState;
use crate::web::api::keyed::{key, whole};
use crate::web::api::problem::Problem;
use crate::web::api::token::Messenger;
use crate::web::card::WrittenCard;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Longest text, and whatever else is text, characters.
const LONGEST_TEXT: usize = 10_000;
const LONGEST: usize = 500;
const MOST: usize = 50;

/// What is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMessage)]
struct Request {
    to: Addressed,
    #[serde(default)]
    text: String,
    /// Instead of a text: a question with choices, a link or a place. What a platform does not show as a card goes as words.
    card: Option<WrittenCard>,
    #[serde(default)]
    subject: String,
    template: Option<Template>,
    /// `service`: about something they have bought or asked. `offer`: something you want to sell.
    #[schema(value_type = Wish)]
    purpose: Purpose,
    #[serde(default)]
    channels: Vec<String>,
    #[schema(format = DateTime)]
    not_after: Option<String>,
    /// Put into `{name}` of the text and the subject.
    #[serde(default)]
    variables: BTreeMap<String, String>,
}

/// What a message is for.
#[derive(ToSchema)]
#[schema(as = Purpose, rename_all = "snake_case")]
#[allow(dead_code, reason = "its shape is all that the description needs")]
enum Wish {
    Service,
    Offer,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct Addressed {
    person: Option<u64>,
    #[serde(default)]
    identities: Vec<Known>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KnownBy)]
struct Known {
    kind: String,
    value: String,
    namespace: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Template {
    name: String,
    language: String,
    #[serde(default)]
    variables: Vec<String>,
}

#[utoipa::path(
    post, path = "/messages", tag = "messages", request_body = Request,
    params(("Idempotency-Key" = String, Header, description = "A name of your own for this message.", min_length = 1, max_length = 255)),
    responses((status = 202, body = Status, headers(("Location" = String, description = "Where to ask what became of it."))), Problem)
)]
pub async fn send(
    State(state): State<WebState>,
    Messenger(name): Messenger,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = whole(body)?;
    let key = key(&headers)?;
    let digest = hex::encode(Sha256::digest(&body));
    if let Some(known) = proactive::by_key(&state.store, &name, &key).await? {
        return if known.digest == digest { Ok(accepted(known)) } else { Err(Refusal::KeyUsed.into()) };
    }
    let request: Request = serde_json::from_slice(&body)
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "unreadable", format!("Not the JSON of a message: {error}.")))?;
    let to = addressed(request.to)?;
    let (text, subject) = (filled(&request.text, &request.variables), filled(&request.subject, &request.variables));
    let template =
        request.template.map(|template| Wording { name: template.name, language: template.language, variables: template.variables });
    bounded(&text, &subject, template.as_ref())?;
    let card = request.card.map(|card| card.card().filled(&request.variables));
    fitting(card.as_ref(), &text)?;
    let channels: Vec<ChannelId> = request.channels.iter().map(|id| ChannelId::from(id.as_str())).collect();
    let loaded = state.config.load_full();
    if let Some(unknown) = channels.iter().find(|id| !loaded.catalog.channels.contains_key(*id)) {
        return Err(Problem::unfit("unknown_channel", format!("There is no channel `{unknown}`.")));
    }
    let not_after = request.not_after.map(|text| moment(&text)).transpose()?;
    let to = match proactive::recipient(&state.store, to).await? {
        Found::Recipient(to) => *to,
        Found::Nobody => {
            return Err(Problem::unfit("unknown_recipient", "Nobody is known by that, and it is no number or address to write to."));
        }
        Found::Several => return Err(Problem::unfit("several_recipients", "These identities belong to different people.")),
    };
    let by = name.clone();
    let ask = Ask {
        to,
        text,
        card,
        subject,
        template,
        purpose: request.purpose,
        channels,
        not_after,
        outage: None,
        by,
        key: key.clone(),
        digest,
    };
    match state.switchboard.ask(Input::Proactive(Box::new(ask))).await? {
        Answer::Proactive(id) => {
            let row = proactive::get(&state.store, id).await?.ok_or_else(|| Problem::from(Refusal::NotRecorded))?;
            Ok(accepted(row))
        }
        answer => {
            tracing::error!(?answer, "an answer to something else");
            Err(Refusal::NotRecorded.into())
        }
    }
}

fn accepted(row: proactive::ProactiveRow) -> Response {
    let place = format!("/api/v1/messages/{}", row.id);
    (StatusCode::ACCEPTED, [(header::LOCATION, place)], Json(Status::of(row))).into_response()
}

pub(in crate::web::api) fn addressed(to: Addressed) -> Result<To, Problem> {
    let wrong = |detail: &str| Problem::unfit("recipient", detail);
    match (to.person, to.identities) {
        (Some(person), identities) if identities.is_empty() && i64::try_from(person).is_ok() => Ok(To::Person(PersonId(person))),
        (None, identities) if (1..=MOST).contains(&identities.len()) => identities
            .into_iter()
            .map(|Known { kind, value, namespace }| {
                let number = |value: &str| {
                    value.strip_prefix('+').is_some_and(|n| (7..=15).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()))
                };
                let mail = |value: &str| {
                    value.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.')) && !value.contains(char::is_whitespace)
                };
                match kind.as_str() {
                    _ if value.is_empty() || value.len() > LONGEST || kind.len() > LONGEST => {
                        Err(wrong("An identity is too short or too long."))
                    }
                    "phone" if !number(&value) => Err(wrong("A telephone number is written `+`, country, number: +4915112345678.")),
                    "email" if !mail(&value) => Err(wrong("That is no e-mail address.")),
                    "email" => Ok((kind, namespace, value.to_lowercase())),
                    _ => Ok((kind, namespace, value)),
                }
            })
            .collect::<Result<Vec<_>, Problem>>()
            .map(To::Identities),
        _ => Err(wrong("Name either `person` or one to fifty `identities`.")),
    }
}

fn bounded(text: &str, subject: &str, template: Option<&Wording>) -> Result<(), Problem> {
    let long = |text: &str, most: usize| text.chars().count() > most;
    let wording = template.is_some_and(|t| {
        t.name.is_empty()
            || t.variables.len() > MOST
            || std::iter::once(&t.name).chain([&t.language]).chain(&t.variables).any(|text| long(text, LONGEST))
    });
    let plain = |text: &str| text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    if long(text, LONGEST_TEXT) || long(subject, LONGEST) || wording {
        return Err(Problem::unfit("too_long", "A text, the subject or a variable is too long."));
    }
    if !plain(text) || subject.chars().any(char::is_control) || template.is_some_and(|t| t.variables.iter().any(|text| !plain(text))) {
        return Err(Problem::unfit("control_characters", "A text has control characters."));
    }
    Ok(())
}

/// Whether a card is one at all: a platform's own limits only decide how it goes there.
fn fitting(card: Option<&Card>, text: &str) -> Result<(), Problem> {
    let Some(card) = card else { return Ok(()) };
    if !text.is_empty() {
        return Err(Problem::unfit("card", "A message is a `text` or a `card`."));
    }
    let any = Traits::words(crate::desk::traits::Text { most: LONGEST_TEXT, unit: Unit::Characters, parts: 1 });
    let body = card.body(&any).map_err(|problem| Problem::unfit("card", because(&problem)))?;
    bounded(&body.text, "", None)
}

fn because(problem: &CardProblem) -> String {
    match problem {
        CardProblem::NoQuestion => "A card with choices needs a `question`.".to_owned(),
        CardProblem::LongQuestion { most } => format!("The `question` has more than {most} characters."),
        CardProblem::FewChoices => "One choice is none: write two or more.".to_owned(),
        CardProblem::ManyChoices { most } => format!("There are more than {most} `choices`."),
        CardProblem::LongChoice { most, .. } => format!("A choice has more than {most} characters."),
        CardProblem::SameChoice { choice } => format!("The choice `{choice}` is there twice."),
        CardProblem::NoTitle => "The card needs a `title` or `name`.".to_owned(),
        CardProblem::LongTitle { most } => format!("Its `title` or `name` has more than {most} characters."),
        CardProblem::LongAbout { most } => format!("Its `about` or `address` has more than {most} characters."),
        CardProblem::BadAddress => "`url` and `picture` are addresses that begin with https:// or http://.".to_owned(),
        CardProblem::BadPlace => "`latitude` is -90 to 90, `longitude` -180 to 180.".to_owned(),
    }
}

fn moment(text: &str) -> Result<At, Problem> {
    let at = text.parse::<jiff::Timestamp>().map(|at| At(at.as_millisecond()));
    at.map_err(|_| Problem::unfit("not_after", "`not_after` is a moment as RFC 3339 writes it: 2026-03-02T18:00:00Z."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_addresses_are_what_they_say() {
        let known = |kind: &str, value: &str| Addressed {
            person: None,
            identities: vec![Known { kind: kind.into(), value: value.into(), namespace: None }],
        };
        assert!(addressed(known("phone", "+4915112345678")).is_ok());
        for (kind, value) in [("phone", "015112345678"), ("phone", "+49 151"), ("email", "anna"), ("email", "a b@c.de"), ("webchat", "")] {
            assert!(addressed(known(kind, value)).is_err(), "{kind} {value}");
        }
        assert!(addressed(Addressed { person: None, identities: Vec::new() }).is_err());
    }
}

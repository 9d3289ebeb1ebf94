//! `POST /people/{id}/identity`: a number or address more by which a customer is known, or one that is not theirs.

use crate::auth::Agent;
use crate::config::Loaded;
use crate::desk::dial::number::Number;
use crate::desk::input::Command;
use crate::desk::person::Identity;
use crate::desk::refusal::Refusal;
use crate::store::persons;
use crate::web::work::{command, empty_is_none};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Change {
    /// As the agent writes it.
    #[serde(default, deserialize_with = "empty_is_none")]
    add: Option<String>,
    /// The id of one that they have.
    remove: Option<i64>,
}

pub async fn identity(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(change): Form<Change>,
) -> Result<StatusCode, WebError> {
    let person = super::living(&state, id).await?;
    match change {
        Change { add: Some(text), remove: None } => {
            let identity = read(&state.config.load(), &text)?;
            let whose = persons::brief(&state.store, identity.clone()).await?.map(|brief| brief.id);
            command(&state, &me, Command::AddIdentity { person, identity, whose }).await
        }
        Change { add: None, remove: Some(row) } => {
            let identity = persons::identity(&state.store, person, row).await?.ok_or(WebError::NotFound)?;
            // By their account a platform names them; agents take away what lists and agents have added.
            if number_or_address(&identity.kind, &identity.namespace) {
                let opted_out = persons::brief(&state.store, identity.clone()).await?.is_some_and(|brief| brief.opted_out);
                command(&state, &me, Command::RemoveIdentity { person, identity, opted_out }).await
            } else {
                Err(WebError::Bad("remove"))
            }
        }
        _ => Err(WebError::Bad("add")),
    }
}

/// What agents may add and take away.
pub fn number_or_address(kind: &str, namespace: &str) -> bool {
    matches!(kind, "phone" | "email") && namespace.is_empty()
}

/// A full number or an address, as somebody writes it.
pub(super) fn read(loaded: &Loaded, text: &str) -> Result<Identity, WebError> {
    let text = text.trim();
    let identity = if text.contains('@') { email(text) } else { phone(loaded, text) };
    identity.ok_or_else(|| Refusal::NoIdentity { text: text.chars().take(80).collect() }.into())
}

/// A number that can be compared: read as everywhere, and full.
pub(super) fn phone(loaded: &Loaded, text: &str) -> Option<Identity> {
    match loaded.catalog.dial.numbering.read(text)?.number {
        Number::Full(value) => Some(Identity { kind: "phone".into(), namespace: String::new(), value }),
        _ => None,
    }
}

pub(super) fn email(text: &str) -> Option<Identity> {
    let value = text.to_lowercase();
    let good = value.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.') && !domain.contains('@'));
    let good = good && value.len() <= 254 && !value.chars().any(|c| c.is_control() || c.is_whitespace());
    good.then(|| Identity { kind: "email".into(), namespace: String::new(), value })
}

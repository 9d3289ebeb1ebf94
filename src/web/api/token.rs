//! Who asks: a token of the configuration, compared in constant time. Wrong ones are counted by address, right ones by name.

use super::config::{Scope, TokenSection};
use super::problem::Problem;
use crate::desk::id::{AgentId, At};
use crate::store::viewer::{Role, Viewer};
use crate::web::WebState;
use crate::web::client::ClientIp;
use crate::web::customer::Limit;
use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{StatusCode, header};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
use subtle::{Choice, ConstantTimeEq};

/// Longest token that is looked at, bytes.
const LONGEST: usize = 512;

/// What is remembered of those who ask.
#[derive(Clone, Default)]
pub struct Callers {
    wrong: Limit,
    /// Requests of a token in the second that began then.
    asked: Arc<Mutex<HashMap<String, (At, u32)>>>,
}

/// A program that may send messages.
#[derive(Debug, Clone)]
pub struct Messenger(pub String);

impl FromRequestParts<WebState> for Messenger {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Messenger, Problem> {
        caller(parts, state, Scope::Messages).await.map(Messenger)
    }
}

/// A program that may tell what happens to customers.
#[derive(Debug, Clone)]
pub struct Teller(pub String);

impl FromRequestParts<WebState> for Teller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Teller, Problem> {
        caller(parts, state, Scope::Facts).await.map(Teller)
    }
}

/// A program that may open tickets.
#[derive(Debug, Clone)]
pub struct Clerk(pub String);

impl FromRequestParts<WebState> for Clerk {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Clerk, Problem> {
        caller(parts, state, Scope::OpenTickets).await.map(Clerk)
    }
}

/// A program that may read what `S` names.
#[derive(Debug, Clone)]
pub struct Reader<S> {
    pub viewer: Viewer,
    scope: PhantomData<S>,
}

/// What a program may read.
pub trait Scoped {
    const SCOPE: Scope;
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Scoped for $name {
            const SCOPE: Scope = Scope::$name;
        }
    )*};
}

scopes! {
    /// Who the customers are.
    People
    /// Conversations, messages and calls.
    Contacts
    /// Tickets.
    Tickets
    /// What customers were asked and what they said.
    Surveys
    /// What happens.
    Events
}

impl<S: Scoped> FromRequestParts<WebState> for Reader<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Reader<S>, Problem> {
        let name = caller(parts, state, S::SCOPE).await?;
        // A program of the firm's sees what those see who are answerable for it.
        Ok(Reader { viewer: Viewer { agent: AgentId::from(name.as_str()), role: Role::Supervisor }, scope: PhantomData })
    }
}

async fn caller(parts: &mut Parts, state: &WebState, scope: Scope) -> Result<String, Problem> {
    let now = state.clock.now();
    let Ok(ClientIp(from)) = ClientIp::from_request_parts(parts, state).await;
    let callers = &state.callers;
    let slowly = || Problem::later(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Ask more slowly.", 1);
    if !callers.wrong.allows(from, now) {
        return Err(Problem { retry_after: Some(60), ..slowly() });
    }
    let given = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = given.and_then(|given| given.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let loaded = state.config.load();
    let section = &loaded.config.api;
    let token = bearer.map(|(_, token)| token.trim()).filter(|token| token.len() <= LONGEST);
    let Some(known) = token.and_then(|token| known(&section.tokens, token, &loaded.config.folder)) else {
        callers.wrong.wrong(from, now);
        tracing::warn!(%from, "a request without a token that is known");
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Send `Authorization: Bearer` with a token of the configuration.",
        ));
    };
    if !callers.counts(known.name.get_ref(), *section.rate.get_ref(), now) {
        return Err(slowly());
    }
    if !known.scopes.contains(&scope) {
        let detail = format!("This token may not do that: it lacks the scope `{}`.", scope.word());
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail));
    }
    Ok(known.name.get_ref().clone())
}

/// All are compared, whichever fits, so that the time tells nothing.
fn known<'t>(tokens: &'t [TokenSection], given: &str, folder: &std::path::Path) -> Option<&'t TokenSection> {
    let given = Sha256::digest(given.as_bytes());
    let mut found = None;
    for token in tokens {
        let same: Choice = match token.secret.get_ref().reveal(folder) {
            Ok(secret) => Sha256::digest(secret.expose_secret().as_bytes()).as_slice().ct_eq(given.as_slice()),
            Err(error) => {
                tracing::error!(token = %token.name, %error, "the secret of a token cannot be read");
                Choice::from(0)
            }
        };
        if bool::from(same) {
            found = Some(token);
        }
    }
    found
}

impl Callers {
    fn counts(&self, name: &str, rate: u32, now: At) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        // As many names as the configuration has.
        let second = asked.entry(name.to_owned()).or_insert((now, 0));
        if now.since(second.0) >= 1_000 {
            *second = (now, 0);
        }
        second.1 = second.1.saturating_add(1);
        second.1 <= rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_asks_so_often_in_a_second() {
        let callers = Callers::default();
        assert!(callers.counts("shop", 2, At(0)) && callers.counts("shop", 2, At(999)));
        assert!(!callers.counts("shop", 2, At(999)));
        assert!(callers.counts("crm", 2, At(999)), "each has its own");
        assert!(callers.counts("shop", 2, At(1_000)));
    }
}

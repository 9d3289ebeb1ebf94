//! Who asks, as the type of a handler's argument: a handler that takes `Supervisor` cannot be reached by anyone less. Someone who is
//! not signed in and asks for a page is sent to the login page and back; a script or a socket gets 401.

use super::sessions::Session;
use super::{Gate, Role, read_cookie};
use axum::extract::{FromRef, FromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Method, StatusCode, header};

/// Anyone who is signed in.
#[derive(Debug, Clone)]
pub struct Agent(pub Session);
/// A supervisor or an admin.
#[derive(Debug, Clone)]
pub struct Supervisor(pub Session);
/// An admin.
#[derive(Debug, Clone)]
pub struct Admin(pub Session);
/// Whoever asks, signed in or not.
#[derive(Debug, Clone)]
pub struct MaybeSession(pub Option<Session>);

/// Why a request does not reach its handler.
#[derive(Debug)]
pub enum Denied {
    /// Not signed in; `Some` is the login page that leads back.
    SignIn(Option<String>),
    /// Signed in, but the role is too low. The error page is drawn by the shell.
    Role,
    /// The store could not be asked.
    Unavailable,
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let status = match self {
            Denied::SignIn(Some(login)) => {
                return (StatusCode::SEE_OTHER, [(header::LOCATION, login)]).into_response();
            }
            Denied::SignIn(None) => StatusCode::UNAUTHORIZED,
            Denied::Role => StatusCode::FORBIDDEN,
            Denied::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        };
        status.into_response()
    }
}

impl<S> FromRequestParts<S> for MaybeSession
where
    Gate: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Denied;

    /// Looks the session up once per request; later extractors find it in the request's extensions.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Denied> {
        if let Some(found) = parts.extensions.get::<MaybeSession>() {
            return Ok(found.clone());
        }
        let gate = Gate::from_ref(state);
        let found = match read_cookie(&parts.headers, gate.cookies().name()) {
            Some(cookie) => gate.find(cookie).await.map_err(|error| {
                tracing::error!(%error, "session could not be looked up");
                Denied::Unavailable
            })?,
            None => None,
        };
        let found = MaybeSession(found);
        parts.extensions.insert(found.clone());
        Ok(found)
    }
}

async fn at_least<S>(role: Role, parts: &mut Parts, state: &S) -> Result<Session, Denied>
where
    Gate: FromRef<S>,
    S: Send + Sync,
{
    let MaybeSession(found) = <MaybeSession as FromRequestParts<S>>::from_request_parts(parts, state).await?;
    let session = found.ok_or_else(|| Denied::SignIn(login_page(parts)))?;
    if session.role >= role { Ok(session) } else { Err(Denied::Role) }
}

/// Where a browser that navigates is sent; scripts and sockets are told 401 instead of being given a login page as their data.
fn login_page(parts: &Parts) -> Option<String> {
    let header = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("");
    let navigates = match header("sec-fetch-mode") {
        "" => header("accept").contains("text/html"),
        mode => mode == "navigate",
    };
    if !navigates || !header("hx-request").is_empty() || !header("upgrade").is_empty() {
        return None;
    }
    if parts.method != Method::GET {
        return Some("/login".into());
    }
    // axum nests strip prefixes from `uri`; no nested router stands before these extractors, so this is the address asked for.
    let asked = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    Some(if asked == "/" { "/login".into() } else { format!("/login?next={}", encoded(asked)) })
}

/// Percent-encoding for a query value (RFC 3986 §3.4); a path's own slashes stay readable.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(byte as char),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

macro_rules! gate {
    ($($extractor:ident)*) => {$(
        impl<S> FromRequestParts<S> for $extractor
        where
            Gate: FromRef<S>,
            S: Send + Sync,
        {
            type Rejection = Denied;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Denied> {
                at_least(Role::$extractor, parts, state).await.map($extractor)
            }
        }
    )*};
}

gate! { Agent Supervisor Admin }

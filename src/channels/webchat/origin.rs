//! Which sites may show a window. Browsers send `Origin` on every request a script makes to another site; a request without one is not a
//! page's and may not speak for a visitor.

use super::visitors::Visitor;
use super::{WebChat, Window};
use crate::desk::id::ChannelId;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The window of that name, if the requesting page may show it.
pub(super) fn window(chat: &WebChat, channel: &str, headers: &HeaderMap) -> Result<Window, StatusCode> {
    let window = chat.window(channel).ok_or(StatusCode::NOT_FOUND)?;
    allowed(&window, headers).ok_or(StatusCode::FORBIDDEN)?;
    Ok(window)
}

/// The window and the visitor whose token the request carries (`Authorization: Bearer …`).
pub(super) fn visitor(chat: &WebChat, channel: &str, headers: &HeaderMap) -> Result<(Window, Visitor), StatusCode> {
    let window = window(chat, channel, headers)?;
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .ok_or(StatusCode::UNAUTHORIZED)?;
    let visitor = chat.shared.key.visitor_of(&window.id, token, chat.shared.clock.now()).ok_or(StatusCode::UNAUTHORIZED)?;
    Ok((window.clone(), (window.id, visitor)))
}

/// Lets allowed sites read the answers, and answers their preflights.
pub(super) async fn share(State(chat): State<WebChat>, Path(path): Path<Vec<(String, String)>>, request: Request, next: Next) -> Response {
    let channel = path.iter().find(|(name, _)| name == "channel").map(|(_, channel)| channel.as_str());
    let window = channel.and_then(|channel| chat.window(channel));
    let origin = window.as_ref().and_then(|window| allowed(window, request.headers()));
    if let (Some(window), None) = (&window, &origin) {
        chat.shared.strangers.tell(window, request.headers());
    }
    let mut response = if request.method() == Method::OPTIONS { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("authorization, content-type, x-file-name, x-requested-with"),
        );
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
    }
    response
}

/// Sites that asked for a window and may not show it. The one who runs the house is told of each once: mostly it is their own shop under
/// a name they forgot.
#[derive(Default)]
pub(super) struct Strangers(Mutex<BTreeSet<(ChannelId, String)>>);

/// Sites told of; whoever sends more has no shop.
const MOST_STRANGERS: usize = 100;
/// Longest origin that is told, bytes.
const LONGEST_ORIGIN: usize = 200;

impl Strangers {
    fn tell(&self, window: &Window, headers: &HeaderMap) {
        let Some(origin) = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok()).filter(|v| v.len() <= LONGEST_ORIGIN) else {
            return;
        };
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < MOST_STRANGERS && told.insert((window.id.clone(), origin.to_owned())) {
            tracing::warn!(channel = %window.id, origin, "a site is not allowed to show the chat: its origin is not in `origins` of the channel");
        }
    }

    #[cfg(test)]
    fn told(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// HTTP/2 names the host as `:authority` (RFC 9113 §8.3.1), older requests in a header; what follows reads the header.
pub(super) async fn name_host(mut request: Request, next: Next) -> Response {
    if !request.headers().contains_key(header::HOST)
        && let Some(host) = request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok())
    {
        request.headers_mut().insert(header::HOST, host);
    }
    next.run(request).await
}

/// The origin of a request, if this window may be shown there. Our own host always may: the demo and the desk live there.
pub(super) fn allowed(window: &Window, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let text = origin.to_str().ok()?;
    let own = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let listed = window.origins.iter().any(|listed| listed.trim_end_matches('/').eq_ignore_ascii_case(text));
    (listed || own.is_some_and(|own| host_of(text).eq_ignore_ascii_case(own))).then(|| origin.clone())
}

fn host_of(origin: &str) -> &str {
    origin.split_once("://").map_or("", |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> Window {
        Window {
            id: ChannelId::from("site"),
            origins: vec!["https://shop.example".into()],
            title: String::new(),
            greeting: None,
            accent: None,
            files: true,
            calls: true,
            video: false,
            records: false,
            help: false,
            questions: Default::default(),
            visits: None,
            push: None,
            outages: Default::default(),
            relays: None,
            max_file: 1,
            max_video: 4_000,
            account_key: None,
            max_text: 1,
            language: "en".into(),
        }
    }

    #[test]
    fn only_listed_sites_and_our_own_pages() {
        let window = window();
        let headers = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("desk.example:8443"))]);
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            headers
        };
        assert!(allowed(&window, &headers(Some("https://shop.example"))).is_some());
        assert!(allowed(&window, &headers(Some("https://desk.example:8443"))).is_some());
        for other in [None, Some("null"), Some("https://shop.example.evil.test"), Some("http://shop.example"), Some("https://evil.test")] {
            assert!(allowed(&window, &headers(other)).is_none(), "{other:?}");
        }
    }

    #[test]
    fn each_stranger_is_told_of_once_and_floods_are_not() {
        let strangers = Strangers::default();
        let ask =
            |origin: &str| strangers.tell(&window(), &HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_str(origin).unwrap())]));
        ask("https://www.shop.example");
        ask("https://www.shop.example");
        assert_eq!(strangers.told(), 1);
        ask(&format!("https://{}.example", "x".repeat(300)));
        assert_eq!(strangers.told(), 1);
        (0..500).for_each(|n| ask(&format!("https://{n}.example")));
        assert_eq!(strangers.told(), MOST_STRANGERS);
    }
}

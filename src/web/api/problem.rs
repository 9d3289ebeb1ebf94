//! Why a program does not get what it asked for, as `application/problem+json` (RFC 9457).

use crate::desk::refusal::Refusal;
use crate::store::StoreError;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::openapi::{ContentBuilder, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

/// `code` is for programs and stays the same; `detail` is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    pub detail: String,
    /// Seconds.
    pub retry_after: Option<u32>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, code, detail: detail.into(), retry_after: None }
    }

    pub fn later(status: StatusCode, code: &'static str, detail: &str, seconds: u32) -> Problem {
        Problem { retry_after: Some(seconds), ..Problem::new(status, code, detail) }
    }

    /// The request can be read, but not be done.
    pub fn unfit(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        tracing::error!(%error, "a request of a program could not be answered");
        Problem::later(StatusCode::SERVICE_UNAVAILABLE, "not_recorded", "The disk does not take it now.", 1)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal {
            Refusal::KeyUsed => Problem::unfit("key_used", "This Idempotency-Key belongs to another request."),
            Refusal::Empty => Problem::unfit("empty", "There is neither a text nor a card nor a template."),
            Refusal::Busy | Refusal::NotRecorded => {
                Problem::later(StatusCode::SERVICE_UNAVAILABLE, "not_recorded", "Nothing was done. Ask again with the same key.", 1)
            }
            refusal => {
                tracing::error!(?refusal, "a request of a program was refused in a way that it does not know");
                Problem::unfit("refused", "The desk does not do that.")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let body = json!({
            "type": format!("urn:hubline:problem:{}", self.code),
            "title": title,
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A problem as it is written.
#[derive(ToSchema)]
#[allow(dead_code, reason = "its shape is all that the description needs")]
struct Written {
    /// `urn:hubline:problem:` and the code.
    r#type: String,
    title: String,
    status: u16,
    /// For programs; stays the same.
    code: String,
    /// For people.
    detail: String,
}

/// Whatever may go wrong with any of the addresses.
impl IntoResponses for Problem {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let all = [
            ("400", "The request cannot be read."),
            ("401", "No token, or one that is not known."),
            ("403", "The token may not do that."),
            ("404", "There is nothing."),
            ("405", "Not that method."),
            ("413", "The request is too large."),
            ("422", "The request can be read, but not be done."),
            ("429", "Too many requests."),
            ("503", "Nothing was done: ask again."),
        ];
        let content = || ContentBuilder::new().schema(Some(Written::schema())).build();
        let response = |text: &str| ResponseBuilder::new().description(text).content("application/problem+json", content()).build();
        all.into_iter().map(|(status, text)| (status.to_owned(), RefOr::T(response(text)))).collect()
    }
}

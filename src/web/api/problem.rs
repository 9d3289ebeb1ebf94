//! Why a program does not get what it asked for, as `application/problem+json` (RFC 9457).

use crate::desk::refusal::Refusal;
use crate::store::StoreError;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

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
            Refusal::Empty => Problem::unfit("empty", "There is neither a text nor a template."),
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

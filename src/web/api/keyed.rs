//! Requests that do something: whole or not at all, and once under one key however often they come.

use super::problem::Problem;
use axum::extract::rejection::BytesRejection;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// Longest key, characters.
const LONGEST_KEY: usize = 255;

pub fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    body.map_err(|rejected| match rejected.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "A request has at most 64 KiB."),
        status => Problem::new(status, "unreadable", "The request broke off."),
    })
}

/// As draft-ietf-httpapi-idempotency-key-header has it: a string, perhaps in quotation marks.
pub fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let missing = || Problem::new(StatusCode::BAD_REQUEST, "key_missing", "Send an `Idempotency-Key`, so that nothing is sent twice.");
    let given = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::trim).ok_or_else(missing)?;
    let plain = given.strip_prefix('"').and_then(|given| given.strip_suffix('"')).unwrap_or(given);
    let usable = (1..=LONGEST_KEY).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    if usable { Ok(plain.to_owned()) } else { Err(missing()) }
}

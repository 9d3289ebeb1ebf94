//! A stored file as an answer: the whole, or the one range that was asked for (RFC 9110 §14), read while it is sent. However large the
//! file and however slow the line, no more than a chunk of it stands in memory.

mod range;
#[cfg(test)]
mod tests;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use range::{Asked, asked};
use std::io::{self, SeekFrom};
use std::ops::Range;
use std::path::Path;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// Bytes read at once.
const CHUNK: u64 = 64 * 1024;

/// The file at `path`, for a request with these headers. What it is and how it may be shown, the caller adds.
pub async fn send(path: &Path, request: &HeaderMap) -> io::Result<Response> {
    let file = File::open(path).await?;
    let length = file.metadata().await?.len();
    let (mut response, part) = headed(length, request);
    // A refusal needs a body of its own, else it is drawn as a page.
    *response.body_mut() = if part.is_empty() && length > 0 { Body::from(" ") } else { read(file, part).await? };
    Ok(response)
}

/// The same for what was made in memory.
pub fn send_bytes(bytes: &Bytes, request: &HeaderMap) -> Response {
    let (mut response, part) = headed(bytes.len() as u64, request);
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    *response.body_mut() = if part.is_empty() { Body::from(" ") } else { Body::from(bytes.slice(place(part.start)..place(part.end))) };
    response
}

/// The answer without its body, and which bytes that has.
fn headed(length: u64, request: &HeaderMap) -> (Response, Range<u64>) {
    let wanted = asked(request.get(header::RANGE).and_then(|v| v.to_str().ok()), length);
    let (status, part) = match &wanted {
        Asked::Whole => (StatusCode::OK, 0..length),
        Asked::Part(part) => (StatusCode::PARTIAL_CONTENT, part.clone()),
        Asked::Nothing => (StatusCode::RANGE_NOT_SATISFIABLE, 0..0),
    };
    let range = match &wanted {
        Asked::Whole => None,
        Asked::Part(part) => Some(format!("bytes {}-{}/{length}", part.start, part.end - 1)),
        Asked::Nothing => Some(format!("bytes */{length}")),
    };
    let bytes = part.end - part.start;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if wanted != Asked::Nothing {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    }
    if let Some(range) = range.and_then(|range| HeaderValue::from_str(&range).ok()) {
        headers.insert(header::CONTENT_RANGE, range);
    }
    (response, part)
}

async fn read(mut file: File, part: Range<u64>) -> io::Result<Body> {
    file.seek(SeekFrom::Start(part.start)).await?;
    let chunks = stream::try_unfold((file, part.end - part.start), |(mut file, left)| async move {
        if left == 0 {
            return Ok::<_, io::Error>(None);
        }
        let mut chunk = vec![0; usize::try_from(left.min(CHUNK)).unwrap_or(0)];
        let got = file.read(&mut chunk).await?;
        chunk.truncate(got);
        Ok((got > 0).then(|| (bytes::Bytes::from(chunk), (file, left - got as u64))))
    });
    Ok(Body::from_stream(chunks))
}

//! A stored file as an answer: the whole, or the one range that was asked for (RFC 9110 §14), read while it is sent. However large the
//! file and however slow the line, no more than a chunk of it stands in memory.

mod range;
#[cfg(test)]
mod tests;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
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
    // A refusal needs a body of its own, else it is drawn as a page.
    let body = if wanted == Asked::Nothing { Body::from(" ") } else { read(file, part).await? };
    let mut response = Response::new(body);
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
    Ok(response)
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

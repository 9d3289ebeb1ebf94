//! The sound of a call, whole or in part: players ask for ranges when one jumps.

use super::range::{Asked, asked};
use crate::desk::id::CallId;
use crate::web::WebError;
use axum::body::Body;
use axum::response::Response;
use futures_util::stream;
use http::{HeaderMap, Response as Reply, StatusCode, header};
use std::io::SeekFrom;
use std::ops::Range;
use std::path::PathBuf;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// Bytes read at once.
const CHUNK: u64 = 64 * 1024;

pub async fn sound(path: PathBuf, call: CallId, headers: &HeaderMap) -> Result<Response, WebError> {
    let file = File::open(&path).await.map_err(|error| missing(&error))?;
    let length = file.metadata().await.map_err(|error| missing(&error))?.len();
    let wanted = asked(headers.get(header::RANGE).and_then(|v| v.to_str().ok()), length);
    let reply = Reply::builder()
        .header(header::CONTENT_TYPE, "audio/wav")
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CACHE_CONTROL, "private, max-age=3600")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::CONTENT_DISPOSITION, format!("inline; filename=\"call-{call}.wav\""));
    let reply = match wanted {
        Asked::Whole => reply.header(header::CONTENT_LENGTH, length).body(read(file, 0..length).await?),
        Asked::Part(part) => reply
            .status(StatusCode::PARTIAL_CONTENT)
            .header(header::CONTENT_RANGE, format!("bytes {}-{}/{length}", part.start, part.end - 1))
            .header(header::CONTENT_LENGTH, part.end - part.start)
            .body(read(file, part).await?),
        Asked::Nothing => {
            reply.status(StatusCode::RANGE_NOT_SATISFIABLE).header(header::CONTENT_RANGE, format!("bytes */{length}")).body(Body::from(" "))
        }
    };
    reply.map_err(|_| WebError::Internal)
}

async fn read(mut file: File, part: Range<u64>) -> Result<Body, WebError> {
    file.seek(SeekFrom::Start(part.start)).await.map_err(|error| missing(&error))?;
    let chunks = stream::try_unfold((file, part.end - part.start), |(mut file, left)| async move {
        if left == 0 {
            return Ok::<_, std::io::Error>(None);
        }
        let mut chunk = vec![0; usize::try_from(left.min(CHUNK)).unwrap_or(0)];
        let got = file.read(&mut chunk).await?;
        chunk.truncate(got);
        Ok((got > 0).then(|| (bytes::Bytes::from(chunk), (file, left - got as u64))))
    });
    Ok(Body::from_stream(chunks))
}

fn missing(error: &std::io::Error) -> WebError {
    if error.kind() == std::io::ErrorKind::NotFound {
        return WebError::NotFound;
    }
    tracing::error!(%error, "recording could not be read");
    WebError::Internal
}

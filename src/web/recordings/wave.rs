//! The picture of a recording: the customer above the line, us below.

use crate::media::recording::waveform;
use crate::web::WebError;
use axum::response::{IntoResponse, Response};
use http::header;
use std::fmt::Write;
use std::path::PathBuf;

/// Bars of the picture.
const BUCKETS: usize = 116;

pub async fn picture(path: PathBuf) -> Result<Response, WebError> {
    // Reads the whole file: off the async threads.
    let peaks = tokio::task::spawn_blocking(move || waveform(&path, BUCKETS)).await.map_err(|_| WebError::Internal)?;
    let peaks = peaks.map_err(|error| {
        tracing::warn!(%error, "no picture of a recording");
        WebError::NotFound
    })?;
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "private, max-age=86400"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    Ok((headers, svg(&peaks)).into_response())
}

/// Greys and petrol that read on light and dark alike, because a picture does not see the page's theme.
pub(super) fn svg(peaks: &[(u8, u8)]) -> String {
    let (mut up, mut down) = (String::new(), String::new());
    for (index, (customer, agent)) in peaks.iter().enumerate() {
        let x = index * 4 + 2;
        let height = |peak: u8| 1.0 + f32::from(peak) / 255.0 * 13.0;
        // Writing to a string cannot fail.
        let _ = write!(up, "M{x} {:.1}V17", 17.0 - height(*customer));
        let _ = write!(down, "M{x} 19V{:.1}", 19.0 + height(*agent));
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} 36\" preserveAspectRatio=\"none\" fill=\"none\" stroke-width=\"2\" stroke-linecap=\"round\">\
         <path stroke=\"#7d8590\" d=\"{up}\"/><path stroke=\"#2b87b5\" d=\"{down}\"/></svg>",
        peaks.len().max(1) * 4
    )
}

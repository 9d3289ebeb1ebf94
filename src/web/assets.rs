//! Static files, embedded in the binary. `url("hubline.css")` carries the file's hash, so that a browser may keep it for ever and
//! still has the new one after an upgrade; an address without the right hash is checked by ETag each time.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// One file as it is served.
struct Asset {
    mime: String,
    etag: HeaderValue,
    plain: bytes::Bytes,
}

/// Small enough to hold; read once, because the files of a running process do not change.
static ASSETS: LazyLock<HashMap<String, Asset>> =
    LazyLock::new(|| Files::iter().filter_map(|path| Some((path.to_string(), asset(&path)?))).collect());

fn asset(path: &str) -> Option<Asset> {
    let file = Files::get(path)?;
    let hash = hex::encode(&file.metadata.sha256_hash()[..8]);
    let mime = file.metadata.mimetype();
    let mime = if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime.to_owned() };
    Some(Asset { mime, etag: HeaderValue::from_str(&format!("\"{hash}\"")).ok()?, plain: file.data.into_owned().into() })
}

/// `/static/<path>?v=<hash>`; without a hash for a file that does not exist, so that the mistake shows as 404.
pub fn url(path: &str) -> String {
    match ASSETS.get(path) {
        Some(asset) => format!("/static/{path}?v={}", asset.etag.to_str().unwrap_or("").trim_matches('"')),
        None => format!("/static/{path}"),
    }
}

/// `GET /static/{*path}`
pub async fn show(Path(path): Path<String>, axum::extract::RawQuery(query): axum::extract::RawQuery, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.get(&path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = asset.etag.to_str().unwrap_or("").trim_matches('"');
    let named = query.as_deref().and_then(|q| q.strip_prefix("v=")) == Some(tag);
    let cache = if named { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.split(',').any(|t| t.trim().trim_start_matches("W/") == asset.etag));
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { asset.plain.clone().into_response() };
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    out.insert(header::ETAG, asset.etag.clone());
    if let Ok(mime) = HeaderValue::from_str(&asset.mime) {
        out.insert(header::CONTENT_TYPE, mime);
    }
    response
}

//! Static files, embedded in the binary. `url("hubline.css")` carries the file's hash, so that a browser may keep it for ever and
//! still has the new one after an upgrade; an address without the right hash is checked by ETag each time. What shrinks is pressed once, as hard
//! as it goes: every browser fetches dozens of these at its first page.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;
use std::collections::HashMap;
use std::io::Write;
use std::sync::{LazyLock, OnceLock};

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// One file as it is served.
struct Asset {
    mime: String,
    etag: HeaderValue,
    plain: Bytes,
    /// By gzip (RFC 1952), once somebody takes it so; `None` where that is no gain.
    packed: OnceLock<Option<Bytes>>,
}

/// Small enough to hold; read once, because the files of a running process do not change.
static ASSETS: LazyLock<HashMap<String, Asset>> =
    LazyLock::new(|| Files::iter().filter_map(|path| Some((path.to_string(), asset(&path)?))).collect());

fn asset(path: &str) -> Option<Asset> {
    let file = Files::get(path)?;
    let hash = hex::encode(&file.metadata.sha256_hash()[..8]);
    let mime = file.metadata.mimetype();
    let mime = if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime.to_owned() };
    Some(Asset {
        mime,
        etag: HeaderValue::from_str(&format!("\"{hash}\"")).ok()?,
        plain: file.data.into_owned().into(),
        packed: OnceLock::new(),
    })
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
    let packed = asset.packed.get_or_init(|| pack(&asset.plain)).as_ref().filter(|_| !known && takes_gzip(&headers));
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { packed.unwrap_or(&asset.plain).clone().into_response() };
    let out = response.headers_mut();
    if packed.is_some() {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    out.insert(header::ETAG, asset.etag.clone());
    if let Ok(mime) = HeaderValue::from_str(&asset.mime) {
        out.insert(header::CONTENT_TYPE, mime);
    }
    response
}

/// Pictures and fonts are pressed already: they would grow.
fn pack(plain: &[u8]) -> Option<Bytes> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let packed = packer.write_all(plain).and_then(|()| packer.finish()).ok()?;
    (packed.len() < plain.len() * 9 / 10).then(|| packed.into())
}

/// Whether an answer may be pressed by gzip (RFC 9110 §12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let wished = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    wished.map(|coding| coding.split_once(';').unwrap_or((coding, ""))).any(|(coding, weight)| {
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse() == Ok(0.0));
        coding.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

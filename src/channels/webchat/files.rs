//! Files from and for visitors. What a file is, is told by its bytes; what cannot be told is refused. Nothing but pictures and films is shown in
//! place. Films go to the disk as they come: they are too large for memory.

use super::limits::Counted;
use super::visitors::Visitor;
use super::{WebChat, Window, origin, wire};
use crate::auth::network;
use crate::channels::ClientAddress;
use crate::desk::id::{ChannelId, FileId};
use crate::desk::input::FileRef;
use crate::desk::person::plain_name;
use crate::download;
use crate::store::files::Incoming;
use crate::store::{self, StoreError};
use axum::body::{Body, BodyDataStream};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Uploads in memory at once, of all visitors.
pub(super) const AT_ONCE: usize = 16;
/// An upload takes no longer than this, however slow the line: its place is wanted.
const UPLOAD_WITHIN: Duration = Duration::from_secs(120);
/// Films on their way at once, of all visitors, and how long one may take.
pub(super) const FILMS_AT_ONCE: usize = 8;
const FILM_WITHIN: Duration = Duration::from_secs(600);
/// Bytes by which a film is known.
const HEAD: usize = 64;
/// Longest name kept, characters.
const LONGEST_NAME: usize = 120;

#[derive(Serialize)]
struct Uploaded {
    file: wire::File,
}

/// `POST /chat/{channel}/files`, body = the file, `X-File-Name` = its percent-encoded name.
pub(super) async fn upload(
    State(chat): State<WebChat>,
    Extension(client): Extension<ClientAddress>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (window, visitor) = match origin::visitor(&chat, &channel, &headers) {
        Ok(found) => found,
        Err(status) => return status.into_response(),
    };
    if !window.files {
        return StatusCode::FORBIDDEN.into_response();
    }
    let counted = [Counted::Files(visitor.1.clone()), Counted::FilesFrom(network(client.0))];
    if !counted.into_iter().all(|counted| chat.shared.limits.allow(counted, chat.shared.clock.now())) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    let name = name(&headers);
    match take(&chat, &window, &visitor, &name, body).await {
        Ok(file) => match shown(&chat, &visitor.0, vec![file]).pop() {
            Some(file) => Json(Uploaded { file }).into_response(),
            None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        Err(status) => status.into_response(),
    }
}

/// Takes a file in; the error is the answer.
async fn take(chat: &WebChat, window: &Window, visitor: &Visitor, name: &str, body: Body) -> Result<FileRef, StatusCode> {
    let mut pieces = body.into_data_stream();
    let (mut head, uploads) = (Vec::new(), &chat.shared.uploads);
    let place = uploads.try_acquire().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let most = usize::try_from(window.max_file).unwrap_or(usize::MAX);
    let read = async {
        while let Some(piece) = pieces.next().await {
            head.extend_from_slice(&piece.map_err(|_| StatusCode::BAD_REQUEST)?);
            if head.len() >= HEAD && store::files::video(&head).is_some() {
                return Ok(());
            }
            if head.len() > most {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
        }
        Ok(())
    };
    tokio::time::timeout(UPLOAD_WITHIN, read).await.map_err(|_| StatusCode::REQUEST_TIMEOUT)??;
    let (by, now) = (owner(visitor), chat.shared.clock.now());
    let kept = match store::files::video(&head) {
        Some(mime) => {
            drop(place);
            let _film = chat.shared.films.try_acquire().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
            let film = tokio::time::timeout(FILM_WITHIN, film(chat, window.max_video, &head, pieces));
            film.await.map_err(|_| StatusCode::REQUEST_TIMEOUT)??.finish(&chat.shared.store, name, mime, &by, now).await
        }
        None => {
            let mime = store::files::kind::sniff(&head).ok_or(StatusCode::UNSUPPORTED_MEDIA_TYPE)?;
            store::files::create(&chat.shared.store, name, mime, head, &by, now).await
        }
    };
    kept.map_err(no_room)
}

/// Writes a film as it comes.
async fn film(chat: &WebChat, most: u64, head: &[u8], mut pieces: BodyDataStream) -> Result<Incoming, StatusCode> {
    if head.len() as u64 > most {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let mut film = Incoming::begin(&chat.shared.store).await.map_err(no_room)?;
    film.write(head).await.map_err(no_room)?;
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| StatusCode::BAD_REQUEST)?;
        if film.bytes() + piece.len() as u64 > most {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        film.write(&piece).await.map_err(no_room)?;
    }
    Ok(film)
}

fn no_room(error: StoreError) -> StatusCode {
    tracing::error!(%error, "a visitor's file could not be kept");
    StatusCode::INSUFFICIENT_STORAGE
}

#[derive(Deserialize)]
pub(super) struct Signature {
    sig: String,
}

/// `GET /chat/{channel}/files/{id}?sig=…`
pub(super) async fn download(
    State(chat): State<WebChat>,
    Path((channel, id)): Path<(String, u64)>,
    Query(signature): Query<Signature>,
    request: HeaderMap,
) -> Response {
    let (channel, id) = (ChannelId::from(channel.as_str()), FileId(id));
    if !chat.shared.key.opens(&channel, id, &signature.sig, chat.shared.clock.now()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let file = match store::files::get(&chat.shared.store, id).await {
        Ok(Some(file)) => file,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a file could not be looked up");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    match store::amendments::is_recalled(&chat.shared.store, id).await {
        Ok(false) => {}
        Ok(true) => return StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a file could not be looked up");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    }
    let mut response = match download::send(&store::files::path(&chat.shared.store, &file), &request).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(file = %id, %error, "a file could not be read");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let headers = response.headers_mut();
    let set = [
        (header::CONTENT_TYPE, HeaderValue::from_str(&file.mime).ok()),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition(&file.mime, &file.name)).ok()),
        (header::CONTENT_SECURITY_POLICY, Some(HeaderValue::from_static("default-src 'none'; sandbox"))),
        (header::CACHE_CONTROL, Some(HeaderValue::from_static("private, max-age=86400, immutable"))),
        // The address is signed, and the page that shows the picture is on another site.
        (header::HeaderName::from_static("cross-origin-resource-policy"), Some(HeaderValue::from_static("cross-origin"))),
    ];
    for (name, value) in set {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    response
}

/// The files a visitor's message names; only their own uploads may be named.
pub(super) async fn of_visitor(chat: &WebChat, visitor: &Visitor, ids: &[FileId]) -> Result<Vec<FileRef>, &'static str> {
    let mut files = Vec::with_capacity(ids.len());
    for id in ids {
        // Ids that no row can have are not even looked up.
        if i64::try_from(id.0).is_err() {
            return Err("bad_file");
        }
        match store::files::get(&chat.shared.store, *id).await {
            Ok(Some(file)) if file.by == owner(visitor) => {
                files.push(FileRef { id: file.id, name: file.name, mime: file.mime, bytes: file.bytes });
            }
            Ok(_) => return Err("bad_file"),
            Err(error) => {
                tracing::error!(%error, "a visitor's file could not be looked up");
                return Err("busy");
            }
        }
    }
    Ok(files)
}

/// Files with the addresses at which a page may read them.
pub(super) fn shown(chat: &WebChat, channel: &ChannelId, files: Vec<FileRef>) -> Vec<wire::File> {
    let now = chat.shared.clock.now();
    let url = |id| format!("/chat/{channel}/files/{id}?sig={}", chat.shared.key.sign_file(channel, id, now));
    files
        .into_iter()
        .map(|file| wire::File { url: url(file.id), id: file.id, name: file.name, mime: file.mime, bytes: file.bytes })
        .collect()
}

/// Pictures in place, all else as a download under its name (RFC 6266; the name as RFC 8187 writes it).
fn disposition(mime: &str, name: &str) -> String {
    let place = if mime.starts_with("image/") { "inline" } else { "attachment" };
    let mut disposition = format!("{place}; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            disposition.push(char::from(byte));
        } else {
            disposition.push_str(&format!("%{byte:02X}"));
        }
    }
    disposition
}

/// Whose upload it is, in the store's words.
fn owner(visitor: &Visitor) -> String {
    format!("webchat/{}/{}", visitor.0, visitor.1)
}

/// The name as shown: decoded, without anything that could be a path.
fn name(headers: &HeaderMap) -> String {
    let encoded = headers.get("x-file-name").map(HeaderValue::as_bytes).unwrap_or_default();
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((&byte, tail)) = rest.split_first() {
        let hex =
            (byte == b'%').then(|| tail.get(..2)).flatten().and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        match hex {
            Some(value) => {
                decoded.push(value);
                rest = &tail[2..];
            }
            None => {
                decoded.push(byte);
                rest = tail;
            }
        }
    }
    let decoded = String::from_utf8_lossy(&decoded);
    let last = decoded.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = plain_name(last, LONGEST_NAME);
    if name.is_empty() { "file".into() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leaves_its_header() {
        let header = disposition("text/plain", "a\"\r\nSet-Cookie: x=1; 发.txt");
        assert_eq!(header, "attachment; filename*=UTF-8''a%22%0D%0ASet-Cookie%3A%20x%3D1%3B%20%E5%8F%91.txt");
        assert!(disposition("image/png", "x.png").starts_with("inline; "));
    }

    #[test]
    fn names_are_no_paths() {
        let of = |name: &str| {
            let headers = HeaderMap::from_iter([(header::HeaderName::from_static("x-file-name"), HeaderValue::from_str(name).unwrap())]);
            super::name(&headers)
        };
        assert_eq!(of("%E5%8F%91%E7%A5%A8.pdf"), "发票.pdf");
        assert_eq!(of("..%2F..%2Fetc%2Fpasswd"), "passwd");
        assert_eq!(of("C:\\x\\y.png"), "y.png");
        assert_eq!(of("%00%0a"), "file");
        assert_eq!(of("a%E2%80%AEgnp.exe"), "agnp.exe");
        assert_eq!(of("100%.txt"), "100%.txt");
    }
}

//! What a bot asks with: JSON, or a form with a file.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use serde_json::{Map, Value};

/// Field, name, type and bytes of a file.
pub(super) type Attached = Option<(String, String, String, Bytes)>;

/// JSON, or a form with a file; every other kind is refused.
pub(super) async fn parameters(request: Request<Body>) -> Result<(Map<String, Value>, Attached), String> {
    let kind = request.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    if kind.starts_with("application/json") {
        let body = Bytes::from_request(request, &()).await.map_err(|error| error.to_string())?;
        return serde_json::from_slice(&body).map(|parameters| (parameters, None)).map_err(|error| error.to_string());
    }
    if !kind.starts_with("multipart/form-data") {
        return Err(format!("unsupported content type {kind}"));
    }
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| error.to_string())?;
    let (mut parameters, mut attached) = (Map::new(), None);
    while let Some(field) = form.next_field().await.map_err(|error| error.to_string())? {
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().map(str::to_owned).zip(field.content_type().map(str::to_owned));
        let content = field.bytes().await.map_err(|error| error.to_string())?;
        match file {
            Some((file, mime)) => attached = Some((name, file, mime, content)),
            None => {
                let text = String::from_utf8(content.to_vec()).map_err(|error| error.to_string())?;
                let value = match name.as_str() {
                    "chat_id" | "reply_markup" => serde_json::from_str(&text).map_err(|error| error.to_string())?,
                    _ => Value::String(text),
                };
                parameters.insert(name, value);
            }
        }
    }
    Ok((parameters, attached))
}

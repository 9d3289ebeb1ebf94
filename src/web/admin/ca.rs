//! `GET /ca` explains how to install the server's own certificate authority, `GET /ca.crt` hands it out. Open to everyone, because who
//! needs it cannot sign in safely yet; a certificate is public. Clicking a browser's warning away is not the answer: microphones and
//! notifications stay closed then.

use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header;
use sha2::{Digest, Sha256};

/// `templates/admin/ca.html`
#[derive(Template)]
#[template(path = "admin/ca.html")]
struct CaPage {
    page: Page,
    /// SHA-256 of the certificate, to compare with what the system shows; `None` where this server is not its own authority.
    fingerprint: Option<String>,
}

pub async fn show(State(state): State<WebState>, page: Page) -> Response {
    html(&CaPage { page, fingerprint: state.site.ca_pem.as_deref().and_then(fingerprint) })
}

pub async fn download(State(state): State<WebState>) -> Result<Response, WebError> {
    let pem = state.site.ca_pem.clone().ok_or(WebError::NotFound)?;
    let headers =
        [(header::CONTENT_TYPE, "application/x-x509-ca-cert"), (header::CONTENT_DISPOSITION, "attachment; filename=\"hubline-ca.crt\"")];
    Ok((headers, pem).into_response())
}

/// `AB:CD:…` of the first certificate in the PEM text.
pub(super) fn fingerprint(pem: &str) -> Option<String> {
    let body = pem.split("-----BEGIN CERTIFICATE-----").nth(1)?.split("-----END CERTIFICATE-----").next()?;
    let der = STANDARD.decode(body.split_whitespace().collect::<String>()).ok()?;
    let bytes: Vec<String> = Sha256::digest(der).iter().map(|b| format!("{b:02X}")).collect();
    Some(bytes.join(":"))
}

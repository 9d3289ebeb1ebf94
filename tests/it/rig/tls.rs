//! A client that trusts one authority and no other, as a browser does in which nothing else was installed.

use super::http::{Answer, over};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// One request by https to `host` at this address. Error: the certificate is not one that this authority vouches for, or is for another host.
pub async fn request(
    to: SocketAddr,
    host: &str,
    authority: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Answer> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).expect("a certificate")).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("TLS");
    let config = versions.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(to).await?;
    let name = ServerName::try_from(host.to_owned()).expect("a host");
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    let host = format!("{host}:{}", to.port());
    Ok(over(stream, &host, method, path, headers, body.to_owned()).await)
}

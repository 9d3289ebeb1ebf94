//! SIP over TLS between two endpoints: a call both ways over one connection, and servers that do not prove who they are.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::time::timeout;

use super::registrar::config;
use super::rig::SDP;
use crate::sip::{Authorities, DialogEvent, Endpoint, EndpointConfig, Incoming, NameAddr, Outgoing, Peer, Transport, Uri};

const PATIENCE: Duration = Duration::from_secs(10);

/// An authority's certificate, and the configuration of a server that it vouches for under these names.
fn authority(names: &[&str]) -> (String, Arc<ServerConfig>) {
    let ca_key = KeyPair::generate().expect("a key");
    let mut ca = CertificateParams::new(Vec::new()).expect("parameters");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_pem = ca.self_signed(&ca_key).expect("a certificate").pem();
    let key = KeyPair::generate().expect("a key");
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let leaf = CertificateParams::new(names).expect("parameters").signed_by(&key, &Issuer::new(ca, ca_key)).expect("a certificate");
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let config = builder.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], private).expect("a pair");
    (ca_pem, Arc::new(config))
}

fn trusting(ca_pem: &str) -> Authorities {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, ca_pem).expect("written");
    Authorities::of(&path).expect("authorities")
}

async fn endpoint(tls: Option<Arc<ServerConfig>>, authorities: Authorities) -> (Endpoint, tokio::sync::mpsc::Receiver<Incoming>) {
    let loopback: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let tls = tls.map(|config| (loopback, config));
    let (endpoint, incoming) =
        Endpoint::bind(EndpointConfig { udp: Some(loopback), tls, authorities, ..config() }).await.expect("an endpoint");
    let sources = vec!["127.0.0.0/8".parse().expect("a network")];
    endpoint.set_peers(vec![Peer { name: "peer".into(), sources, transport: Some(Transport::Tls), asserts: true }]).await;
    (endpoint, incoming)
}

fn call(server: &Endpoint, host: &str) -> Outgoing {
    let port = server.local_tls().expect("TLS").port();
    Outgoing {
        to: Uri::parse(&format!("sip:4001@{host}:{port};transport=tls")).expect("uri"),
        from: NameAddr::parse("<sip:us@127.0.0.1>").expect("from"),
        transport: None,
        offer: SDP.to_owned(),
        headers: Vec::new(),
        credentials: None,
        may_refer: false,
    }
}

#[tokio::test]
async fn a_call_over_tls_and_back_over_the_same_connection() {
    let (ca, certificate) = authority(&["localhost", "127.0.0.1"]);
    let (server, mut calls) = endpoint(Some(certificate), trusting(&ca)).await;
    let (client, _incoming) = endpoint(None, trusting(&ca)).await;
    for host in ["127.0.0.1", "localhost"] {
        let mut ours = timeout(PATIENCE, client.invite(call(&server, host))).await.expect("in time").expect("sent");
        let Ok(Some(Incoming::Invite(mut theirs))) = timeout(PATIENCE, calls.recv()).await else { panic!("no call") };
        assert_eq!(theirs.transport, Transport::Tls);
        theirs.dialog.answer(SDP.to_owned());
        assert!(matches!(timeout(PATIENCE, ours.recv()).await, Ok(Some(DialogEvent::Progress { status: 100, .. }))));
        assert!(matches!(timeout(PATIENCE, ours.recv()).await, Ok(Some(DialogEvent::Answered { .. }))));
        assert!(matches!(timeout(PATIENCE, theirs.dialog.recv()).await, Ok(Some(DialogEvent::Confirmed { .. }))));
        // The BYE of the one that was called finds its way back through the connection that it did not open.
        theirs.dialog.end(None);
        assert_eq!(
            timeout(PATIENCE, ours.recv()).await.expect("in time"),
            Some(DialogEvent::Ended { by_peer: true, status: None, reason: None })
        );
    }
    assert_eq!(client.counters().connections, 1, "one connection served both calls");
}

#[tokio::test]
async fn a_server_that_proves_nothing_is_not_spoken_to() {
    let (ca, certificate) = authority(&["sip.provider.example"]);
    let (other_ca, _) = authority(&["127.0.0.1"]);
    let (server, mut calls) = endpoint(Some(certificate), trusting(&ca)).await;
    // Known authority and another name; the right name would do, of an authority that nobody knows.
    for authorities in [trusting(&ca), trusting(&other_ca), Authorities::system().expect("the system's")] {
        let (client, _incoming) = endpoint(None, authorities).await;
        let mut ours = timeout(PATIENCE, client.invite(call(&server, "127.0.0.1"))).await.expect("in time").expect("sent");
        assert!(matches!(timeout(PATIENCE, ours.recv()).await, Ok(Some(DialogEvent::Rejected { status: 503, .. }))));
    }
    assert!(calls.try_recv().is_err(), "not a byte of SIP went through");
}

/// A trunk that speaks TLS is taken over nothing else.
#[tokio::test]
async fn what_should_be_secret_is_not_taken_in_the_open() {
    let (ca, certificate) = authority(&["127.0.0.1"]);
    let (server, mut calls) = endpoint(Some(certificate), trusting(&ca)).await;
    let (client, _incoming) = endpoint(None, trusting(&ca)).await;
    let udp = server.local_udp().expect("UDP");
    let outgoing = Outgoing { to: Uri::sip(Some("4001"), udp), ..call(&server, "127.0.0.1") };
    let mut ours = client.invite(outgoing).await.expect("sent");
    assert!(matches!(timeout(PATIENCE, ours.recv()).await, Ok(Some(DialogEvent::Rejected { status: 403, .. }))));
    assert!(calls.try_recv().is_err());
}

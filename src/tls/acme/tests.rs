use super::super::{local_pair, provider};
use super::*;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection};

/// 2026-02-01 UTC.
const NOW: At = At(1_769_904_000_000);
const DAY_MS: i64 = 86_400_000;
const HOUSE: &str = "[server]\nlisten = \"0.0.0.0:443\"\ntls = \"acme\"\npublic_url = \"https://desk.example.com\"\n[acme]\nagree = true\n";

fn acme(data: &Path) -> Arc<Acme> {
    let config = Config::parse(HOUSE, Path::new("hubline.toml")).unwrap_or_else(|report| panic!("{report}")).config;
    Acme::open(&config, data, NOW).expect("a local authority").expect("a listener that wants it")
}

/// A pair for this name from 1 January to 1 April 2026, where the authority's would be.
fn given(data: &Path, name: &str) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
    (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2026, 4, 1));
    let (certificate, private) = pair(data);
    std::fs::create_dir_all(certificate.parent().expect("a folder")).expect("a folder");
    std::fs::write(certificate, params.self_signed(&key).expect("a certificate").pem()).expect("written");
    std::fs::write(private, key.serialize_pem()).expect("written");
}

/// What a client sees that offers this protocol and asks for this name; `None`: the handshake fails.
fn shown(acme: &Arc<Acme>, name: &str, protocol: &[u8]) -> Option<CertificateDer<'static>> {
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().expect("versions");
    let mut server = builder.with_no_client_auth().with_cert_resolver(acme.clone());
    server.alpn_protocols = vec![b"h2".to_vec(), PROTOCOL.to_vec()];
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().expect("versions");
    let mut client = builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    client.dangerous().set_certificate_verifier(Arc::new(Anyone));
    client.alpn_protocols = vec![protocol.to_vec()];
    let mut client = ClientConnection::new(Arc::new(client), name.to_owned().try_into().expect("a name")).expect("a client");
    let mut server = ServerConnection::new(Arc::new(server)).expect("a server");
    for _ in 0..6 {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).expect("memory");
        }
        server.read_tls(&mut wire.as_slice()).expect("memory");
        let _ = server.process_new_packets().ok()?;
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).expect("memory");
        }
        client.read_tls(&mut wire.as_slice()).expect("memory");
        let _ = client.process_new_packets().ok()?;
    }
    client.peer_certificates()?.first().cloned()
}

#[derive(Debug)]
struct Anyone;

impl rustls::client::danger::ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

#[test]
fn the_local_authoritys_is_shown_until_there_is_one_and_then_the_given_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let before = acme(folder.path());
    assert_eq!(before.due(), At(0), "at once");
    let (local, key) = local_pair(folder.path());
    let local = files::load(&local, &key).expect("made meanwhile").cert[0].clone();
    assert_eq!(shown(&before, "desk.example.com", b"h2"), Some(local));

    given(folder.path(), "desk.example.com");
    let after = acme(folder.path());
    let (certificate, key) = pair(folder.path());
    let given = files::load(&certificate, &key).expect("written").cert[0].clone();
    assert_eq!(shown(&after, "desk.example.com", b"h2"), Some(given));
    // Ninety days from 1 January: after sixty.
    assert_eq!(after.due(), At(1_767_225_600_000 + 60 * DAY_MS));
    assert!(!after.urgent(NOW));
    assert!(after.urgent(At(1_767_225_600_000 + 76 * DAY_MS)));
}

#[test]
fn a_certificate_for_other_names_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    given(folder.path(), "other.example.com");
    assert_eq!(acme(folder.path()).due(), At(0));
}

#[test]
fn a_proof_is_shown_to_whoever_asks_for_it_and_to_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let acme = acme(folder.path());
    assert_eq!(shown(&acme, "desk.example.com", PROTOCOL), None, "nothing was asked");
    acme.prove("desk.example.com", &[7; 32]).expect("a proof");
    let proof = shown(&acme, "desk.example.com", PROTOCOL).expect("the proof");
    // id-pe-acmeIdentifier, critical, and the riddle in it (RFC 8737 §3).
    let identifier =
        [&[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x1f, 0x01, 0x01, 0xff, 0x04, 0x22, 0x04, 0x20][..], &[7; 32]].concat();
    assert!(proof.windows(identifier.len()).any(|window| window == identifier), "{proof:?}");
    assert_eq!(shown(&acme, "elsewhere.example.com", PROTOCOL), None);
    assert_ne!(shown(&acme, "desk.example.com", b"h2"), Some(proof), "a browser sees no riddle");
}

#[test]
fn only_names_of_the_internet_can_be_vouched_for() {
    let name = |url: &str| vouched_name(&toml::Spanned::new(0..0, url.to_owned()));
    assert_eq!(name("https://Desk.Example.com:8443"), Some("desk.example.com".into()));
    for inside in ["https://desk", "https://192.0.2.7", "https://[2001:db8::1]", "https://desk.local", "https://pbx.lan:8443", "nonsense"] {
        assert_eq!(name(inside), None, "{inside}");
    }
}

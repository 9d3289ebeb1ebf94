//! REGISTER against a small scripted registrar on loopback that checks digests by its own arithmetic.

use std::net::Ipv4Addr;
use std::time::Duration;

use md5::Md5;
use sha2::{Digest, Sha256};
use tokio::net::UdpSocket;
use tokio::sync::watch;
use tokio::time::timeout;

use super::rig::request;
use crate::sip::wire::HeaderName;
use crate::sip::{Authorities, Credentials, Endpoint, EndpointConfig, GuardConfig, Reach, Registration, RegistrationState, Transport, Uri};

pub(super) async fn endpoint() -> (Endpoint, tokio::sync::mpsc::Receiver<crate::sip::Incoming>) {
    let loopback = Some("127.0.0.1:0".parse().expect("addr"));
    Endpoint::bind(EndpointConfig { udp: loopback, tcp: loopback, ..config() }).await.expect("an endpoint")
}

/// Listens nowhere yet.
pub(super) fn config() -> EndpointConfig {
    EndpointConfig {
        udp: None,
        tcp: None,
        tls: None,
        authorities: Authorities::system().expect("authorities"),
        name_servers: Vec::new(),
        public_address: None,
        audio: Reach { public: None, bind: Ipv4Addr::LOCALHOST.into() },
        user_agent: "test".to_owned(),
        guard: GuardConfig::default(),
        max_calls: 10_000,
    }
}

/// What one REGISTER said: Expires, Contact, and whether its digest was right.
struct Heard {
    expires: String,
    contact: String,
    authorized: bool,
}

struct Registrar {
    socket: UdpSocket,
    /// Challenge headers for a request without valid credentials.
    challenges: String,
    algorithm: &'static str,
}

fn hash(algorithm: &str, text: &str) -> String {
    if algorithm == "MD5" { hex::encode(Md5::digest(text)) } else { hex::encode(Sha256::digest(text)) }
}

impl Registrar {
    async fn new(challenges: &str, algorithm: &'static str) -> Registrar {
        Registrar { socket: UdpSocket::bind("127.0.0.1:0").await.expect("a socket"), challenges: challenges.to_owned(), algorithm }
    }

    fn valid(&self, authorization: &str) -> bool {
        let field = |name: &str| {
            let (_, rest) = authorization.split_once(&format!("{name}="))?;
            Some(rest.trim_start_matches('"').split(['"', ',']).next().unwrap_or("").to_owned())
        };
        let get = |name: &str| field(name).unwrap_or_default();
        let a1 = hash(self.algorithm, "alice:hub:secret");
        let a2 = hash(self.algorithm, &format!("REGISTER:{}", get(" uri")));
        let text = format!("{a1}:{}:{}:{}:auth:{a2}", get(" nonce"), get(" nc"), get(" cnonce"));
        authorization.contains(&format!("algorithm={}", self.algorithm)) && get(" response") == hash(self.algorithm, &text)
    }

    /// Takes one REGISTER and answers it: 200 when authorized (`granted` seconds), 401 otherwise.
    async fn serve(&self, granted: u32) -> Heard {
        let mut buffer = vec![0; 4096];
        let (length, from) =
            timeout(Duration::from_secs(10), self.socket.recv_from(&mut buffer)).await.expect("a REGISTER in time").expect("received");
        let text = String::from_utf8(buffer[..length].to_vec()).expect("text");
        let r = request(&text);
        assert_eq!(r.method.as_str(), "REGISTER");
        let get = |name: HeaderName| r.headers.text(&name).map(|value| value.into_owned()).unwrap_or_default();
        let heard = Heard {
            expires: get(HeaderName::Expires),
            contact: get(HeaderName::Contact),
            authorized: self.valid(&get(HeaderName::Authorization)),
        };
        let (status, more) = if heard.authorized {
            ("200 OK", format!("Contact: {};expires={granted}\r\n", heard.contact))
        } else {
            ("401 Unauthorized", self.challenges.clone())
        };
        let reply = format!(
            "SIP/2.0 {status}\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag=r\r\nCall-ID: {}\r\nCSeq: {}\r\n{more}Content-Length: 0\r\n\r\n",
            get(HeaderName::Via),
            get(HeaderName::From),
            get(HeaderName::To),
            get(HeaderName::CallId),
            get(HeaderName::CSeq)
        );
        self.socket.send_to(reply.as_bytes(), from).await.expect("sent");
        heard
    }

    fn registration(&self, password: &str) -> Registration {
        let addr = self.socket.local_addr().expect("bound");
        Registration {
            name: "trunk".into(),
            registrar: Uri::parse(&format!("sip:{addr}")).expect("uri"),
            transport: Some(Transport::Udp),
            aor: Uri::parse(&format!("sip:alice@{addr}")).expect("uri"),
            credentials: Some(Credentials { username: "alice".to_owned(), password: password.into() }),
            contact_user: None,
            expires: Duration::from_secs(600),
        }
    }
}

async fn until(watcher: &mut watch::Receiver<RegistrationState>, wanted: impl Fn(&RegistrationState) -> bool) -> RegistrationState {
    timeout(Duration::from_secs(10), watcher.wait_for(|state| wanted(state))).await.expect("in time").expect("alive").clone()
}

async fn registers(challenges: &str, algorithm: &'static str) {
    let registrar = Registrar::new(challenges, algorithm).await;
    let (endpoint, _incoming) = endpoint().await;
    let mut state = endpoint.register(registrar.registration("secret")).await;
    assert!(!registrar.serve(3).await.authorized);
    let heard = registrar.serve(3).await;
    assert!(heard.authorized, "{algorithm}");
    let us = endpoint.local_udp().expect("bound");
    assert_eq!((heard.contact, heard.expires.as_str()), (format!("<sip:alice@{us}>"), "600"));
    let granted = RegistrationState::Registered { expires: Duration::from_secs(3) };
    assert_eq!(until(&mut state, |state| *state == granted).await, granted);
    // Refreshed before it expires, with the nonce it has and the next count.
    assert!(registrar.serve(3).await.authorized);
    endpoint.unregister("trunk").await;
    loop {
        let heard = registrar.serve(3).await;
        assert!(heard.authorized);
        if heard.expires == "0" {
            break;
        }
    }
    until(&mut state, |state| *state == RegistrationState::Unregistered).await;
}

#[tokio::test]
async fn registers_with_md5() {
    registers("WWW-Authenticate: Digest realm=\"hub\", nonce=\"n1\", algorithm=MD5, qop=\"auth,auth-int\"\r\n", "MD5").await;
}

#[tokio::test]
async fn registers_with_the_first_algorithm_offered() {
    let challenges = "WWW-Authenticate: Digest realm=\"hub\", nonce=\"n0\", algorithm=SHA-999, qop=\"auth\"\r\n\
                      WWW-Authenticate: Digest realm=\"hub\", nonce=\"n1\", algorithm=SHA-256, qop=\"auth\"\r\n\
                      WWW-Authenticate: Digest realm=\"hub\", nonce=\"n2\", algorithm=MD5, qop=\"auth\"\r\n";
    registers(challenges, "SHA-256").await;
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_then_left_alone() {
    let registrar = Registrar::new("WWW-Authenticate: Digest realm=\"hub\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"\r\n", "MD5").await;
    let (endpoint, _incoming) = endpoint().await;
    let mut state = endpoint.register(registrar.registration("wrong")).await;
    registrar.serve(60).await;
    registrar.serve(60).await;
    let failed = until(&mut state, |state| matches!(state, RegistrationState::Failed { .. })).await;
    assert_eq!(failed, RegistrationState::Failed { status: Some(401), retry_in: Duration::from_secs(30) });
    endpoint.shutdown().await;
    until(&mut state, |state| *state == RegistrationState::Unregistered).await;
}

#[tokio::test]
async fn options_reach_another_endpoint_over_udp_and_tcp() {
    let (asker, _a) = endpoint().await;
    let (asked, _b) = endpoint().await;
    let uri = |addr: Option<std::net::SocketAddr>| Uri::sip(None, addr.expect("bound"));
    let forbidden = asker.options(&uri(asked.local_udp()), Some(Transport::Udp)).await.expect("an answer");
    assert_eq!(forbidden, 403, "a stranger");
    let everyone = vec!["127.0.0.0/8".parse().expect("net")];
    asked.set_peers(vec![crate::sip::Peer { name: "all".into(), sources: everyone, transport: None, asserts: true }]).await;
    assert_eq!(asker.options(&uri(asked.local_udp()), Some(Transport::Udp)).await.expect("an answer"), 200);
    assert_eq!(asker.options(&uri(asked.local_tcp()), Some(Transport::Tcp)).await.expect("an answer"), 200);
    let closed = Uri::parse("sip:127.0.0.1:1").expect("uri");
    assert!(asker.options(&closed, Some(Transport::Tcp)).await.is_err());
    assert!(matches!(
        asker.options(&Uri::parse("tel:+861").expect("uri"), Some(Transport::Udp)).await,
        Err(crate::sip::SipError::Scheme(_))
    ));
}

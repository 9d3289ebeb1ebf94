//! Whether we are reached at our public address: asked for all platforms that call us, by that address and over TLS that is verified, as they
//! call, with a word that this house alone can answer. From inside a firm's network that may lead nowhere although it does from outside.

use super::platform::{Found, Odd, Platform, Probe, Trouble};
use super::proof;
use crate::desk::id::ChannelId;
use crate::reach::{Ask, Client, Lost};
use hmac::Mac;
use http::{HeaderMap, HeaderName, Uri};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Carries the word.
const KNOCK: HeaderName = HeaderName::from_static("x-hubline-knock");
/// Length of a word, `[0-9a-f]`.
const WORD: usize = 32;
const WITHIN: Duration = Duration::from_secs(15);
const MOST: usize = 4_096;

/// By what a house knows its own answers.
#[derive(Clone)]
pub struct Mark([u8; 32]);

impl Mark {
    /// `secret` is the installation's.
    pub fn of(secret: &[u8; 32]) -> Mark {
        Mark(Sha256::new_with_prefix(b"reached ").chain_update(secret).finalize().into())
    }

    /// The answer to a request that knocks; `None`: it does not. It tells whoever asks nothing but that it is this house.
    pub(super) fn answers(&self, channel: &ChannelId, headers: &HeaderMap) -> Option<String> {
        let word = headers.get(KNOCK)?.to_str().ok()?;
        (word.len() == WORD && word.bytes().all(|b| b.is_ascii_hexdigit())).then(|| self.answer(channel, word))?
    }

    fn answer(&self, channel: &ChannelId, word: &str) -> Option<String> {
        let mac = proof::mac(&self.0, format!("{channel} {word}").as_bytes())?;
        Some(hex::encode(mac.finalize().into_bytes()))
    }
}

/// `hook` is where the platform calls us, `mark` that of the house that runs; `None`: the platform calls nobody.
pub async fn probe(platform: &dyn Platform, id: &ChannelId, hook: Option<&str>, mark: Option<&Mark>) -> Option<Probe> {
    platform.called()?;
    let (found, setting) = match (hook, mark) {
        (None, _) => (Found::Bad(Trouble::Down("we have no public address".into())), "server.public_url"),
        (Some(_), None) => (Found::Odd(Odd::Unseen("Hubline is not running".into())), "hubline serve"),
        (Some(hook), Some(mark)) => knock(id, hook, mark).await,
    };
    Some(Probe { what: "public_address", found, setting })
}

async fn knock(id: &ChannelId, hook: &str, mark: &Mark) -> (Found, &'static str) {
    let Ok(url) = hook.parse::<Uri>() else { return (Found::Bad(Trouble::Down("not an address".into())), "server.public_url") };
    let word = hex::encode(rand::random::<[u8; WORD / 2]>());
    // Platforms post; the address that docs/sms.md gives to gateways takes nothing else.
    let ask = Ask::post(url, "text/plain", "").header(KNOCK, &word).within(WITHIN).most(MOST);
    match Client::default().ask(ask).await {
        Ok(answer) if mark.answer(id, &word).is_some_and(|own| own.as_bytes() == answer.body.as_ref()) => {
            (Found::Well(hook.to_owned()), "server.public_url")
        }
        Ok(answer) => {
            let other = format!("{hook}: something else answers there, {}", answer.status);
            (Found::Bad(Trouble::Down(other)), "server.public_url; the proxy must pass on /hooks/ and /sms/")
        }
        Err(lost @ Lost::Untrusted(_)) => (Found::Bad(Trouble::Down(lost.to_string())), "server.tls, certificate"),
        Err(lost) => (Found::Odd(Odd::Unseen(lost.to_string())), "server.public_url, DNS, NAT"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::platform::{Handed, Heard, Piece, Unreadable};
    use crate::desk::traits::{Text, Traits, Unit};
    use axum::Router;
    use axum::routing::post;
    use futures_util::future::BoxFuture;
    use std::sync::Arc;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    struct Called(Traits, Option<&'static str>);

    impl Platform for Called {
        fn traits(&self) -> &Traits {
            &self.0
        }

        fn read(&self, _: &[u8]) -> Result<Vec<Heard>, Unreadable> {
            Err(Unreadable("nothing".into()))
        }

        fn send<'a>(&'a self, _: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
            Box::pin(async { Err(Trouble::Refused("nobody is there".into())) })
        }

        fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
            Box::pin(async { Vec::new() })
        }

        fn called(&self) -> Option<&'static str> {
            self.1
        }
    }

    async fn found(called: Option<&'static str>, hook: Option<&str>, mark: Option<&Mark>) -> Option<Found> {
        let platform = Called(Traits::words(Text { most: 1, unit: Unit::Bytes, parts: 1 }), called);
        probe(&platform, &ChannelId::from("texts"), hook, mark).await.map(|probe| probe.found)
    }

    async fn house(mark: Mark, channel: &'static str) -> String {
        let answer = move |headers: HeaderMap| async move { mark.answers(&ChannelId::from(channel), &headers).unwrap_or("hello".into()) };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let hook = format!("http://{}/hooks/texts", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/hooks/texts", post(answer))).await });
        hook
    }

    #[tokio::test]
    async fn a_house_knows_its_own_answer_alone() {
        let (ours, theirs) = (Mark::of(&[1; 32]), Mark::of(&[2; 32]));
        let hook = house(ours.clone(), "texts").await;
        assert_eq!(found(Some("console"), Some(&hook), Some(&ours)).await, Some(Found::Well(hook.clone())));
        assert!(matches!(found(Some("console"), Some(&hook), Some(&theirs)).await, Some(Found::Bad(Trouble::Down(_)))));
        let other = house(ours.clone(), "mail").await;
        assert!(matches!(found(Some("console"), Some(&other), Some(&ours)).await, Some(Found::Bad(Trouble::Down(_)))), "another channel");
        assert_eq!(found(None, Some(&hook), Some(&ours)).await, None, "nobody calls it");
        assert!(matches!(found(Some("console"), None, Some(&ours)).await, Some(Found::Bad(Trouble::Down(_)))));
        assert!(matches!(found(Some("console"), Some(&hook), None).await, Some(Found::Odd(Odd::Unseen(_)))));
        let nobody = "http://127.0.0.1:1/hooks/texts";
        assert!(matches!(found(Some("console"), Some(nobody), Some(&ours)).await, Some(Found::Odd(Odd::Unseen(_)))));
    }

    #[tokio::test]
    async fn a_certificate_that_no_platform_believes_is_said() {
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        let key = rustls_pki_types::PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key.into())
            .expect("a server");
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let hook = format!("https://localhost:{}/hooks/texts", listener.local_addr().expect("an address").port());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let _ = stream.read_u8().await;
                }
            }
        });
        let found = found(Some("console"), Some(&hook), Some(&Mark::of(&[1; 32]))).await;
        let Some(Found::Bad(Trouble::Down(why))) = &found else { panic!("{found:?}") };
        assert!(why.contains("certificate"), "{why}");
    }

    #[test]
    fn what_is_no_word_is_no_knock() {
        let mark = Mark::of(&[1; 32]);
        for word in ["", "abc", &"g".repeat(WORD), &"a".repeat(WORD + 1)] {
            let headers = HeaderMap::from_iter([(KNOCK, word.parse().expect("a value"))]);
            assert_eq!(mark.answers(&ChannelId::from("texts"), &headers), None, "{word}");
        }
        assert_eq!(mark.answers(&ChannelId::from("texts"), &HeaderMap::new()), None);
    }
}

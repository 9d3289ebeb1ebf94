//! Certificates of a public authority, got and renewed by the house itself: Pebble asks, looks and signs as Let's Encrypt does.

use crate::doors::{own_authority, own_files, with_tls};
use crate::rig::pebble::Pebble;
use crate::rig::served::Served;
use crate::rig::tls;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use std::path::Path;

const NAME: &str = "desk.example.com";

/// A house whose pages want the certificate of an authority, which proves names at the port of these pages or at another.
async fn house(proves_at: Option<u16>) -> Option<(Served, Pebble)> {
    let mut house = Served::with(|ports| with_tls(ports, ""));
    let (authority, issuer) = own_authority();
    let (certificate, key) = own_files(house.folder(), "localhost", &issuer);
    std::fs::write(house.folder().join("authority.pem"), &authority).expect("written");
    let pebble = Pebble::open(house.folder(), proves_at.unwrap_or(house.web.port()), &authority, (&certificate, &key)).await?;
    let text = with_tls(&house.ports, &format!("tls = \"acme\"\npublic_url = \"https://{NAME}\""));
    let section = format!(
        "[acme]\nagree = true\nemail = \"admin@example.com\"\ndirectory = \"{}\"\nca = \"authority.pem\"\n[sip]",
        pebble.directory()
    );
    house.write(&text.replacen("[sip]", &section, 1));
    house.start().await;
    Some((house, pebble))
}

/// Waits until a browser that trusts this root sees the login page; gives the certificate's file as it is then.
async fn is_trusted(house: &Served, root: &str) -> String {
    let start = std::time::Instant::now();
    loop {
        match tls::request(house.web, NAME, root, "GET", "/login", &[], "").await {
            Ok(page) => {
                assert_eq!((page.status, page.header("strict-transport-security")), (200, "max-age=15552000"));
                return std::fs::read_to_string(house.data().join("tls/acme/certificate.pem")).expect("kept");
            }
            Err(error) => assert!(start.elapsed() < crate::rig::PATIENCE, "{error}\n{}", house.log()),
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_authoritys_certificate_is_got_kept_and_renewed() {
    let Some((mut house, pebble)) = house(None).await else { return };
    let root = pebble.root().await;
    let first = is_trusted(&house, &root).await;
    // What was given is used again; nobody is asked for another.
    house.stop().await;
    house.start().await;
    assert_eq!(is_trusted(&house, &root).await, first);
    // One that is past two thirds of its life is renewed while it is served.
    house.stop().await;
    nearly_over(&house.data().join("tls/acme"));
    house.start().await;
    let renewed = is_trusted(&house, &root).await;
    assert_ne!(renewed, first);
    let log = house.log();
    assert_eq!(log.matches("a new certificate of the public authority").count(), 2, "{log}");
    assert!(!log.contains("WARN") && !log.contains("ERROR"), "{log}");
    house.stop().await;
}

fn nearly_over(folder: &Path) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new([NAME.to_owned()]).expect("a name");
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2027, 1, 1));
    std::fs::write(folder.join("certificate.pem"), params.self_signed(&key).expect("a certificate").pem()).expect("written");
    std::fs::write(folder.join("certificate.key"), key.serialize_pem()).expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_elsewhere_is_told_in_the_authoritys_words_and_pages_go_on() {
    // Nobody listens where it looks.
    let Some((mut house, _pebble)) = house(Some(1)).await else { return };
    let start = std::time::Instant::now();
    while !house.log().contains("did not find our proof for desk.example.com") {
        assert!(start.elapsed() < crate::rig::PATIENCE, "{}", house.log());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let local = std::fs::read_to_string(house.data().join("tls/ca.pem")).expect("the local authority's certificate");
    assert_eq!(tls::request(house.web, NAME, &local, "GET", "/login", &[], "").await.expect("the local authority's").status, 200);
    house.stop().await;
}

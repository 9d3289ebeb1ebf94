//! The local authority's chain is what a browser would accept, is kept while it is good and renewed when not; own files are followed.

use super::*;
use crate::tls::authority::{local, verify};
use rustls::pki_types::UnixTime;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

const DAY: i64 = 86_400_000;
/// 2026-11-21 04:00 UTC.
const NOW: At = At(1_795_233_600_000);

fn list(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn at(now: At) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_millis(now.0.unsigned_abs()))
}

#[test]
fn the_chain_is_valid_for_every_name_and_for_no_other_and_at_most_397_days() {
    let folder = tempfile::tempdir().expect("folder");
    let names = list(&["hubline.example", "192.0.2.7", "2001:db8::7", "localhost"]);
    let made = local(folder.path(), &names, NOW).expect("certificate");
    let chain = &made.key.cert;
    verify(chain, &made.ca_pem, &names, at(NOW)).expect("now");
    verify(chain, &made.ca_pem, &names, at(NOW.after(394 * DAY))).expect("within a year");
    assert!(verify(chain, &made.ca_pem, &names, at(NOW.after(396 * DAY))).is_err(), "valid for too long");
    assert!(verify(chain, &made.ca_pem, &names, at(NOW.after(-2 * DAY))).is_err(), "valid before it was made");
    assert!(verify(chain, &made.ca_pem, &list(&["other.example"]), at(NOW)).is_err());
    assert!(verify(chain, &made.ca_pem, &list(&["192.0.2.8"]), at(NOW)).is_err());

    let stranger = tempfile::tempdir().expect("folder");
    let other = local(stranger.path(), &names, NOW).expect("certificate");
    assert!(verify(chain, &other.ca_pem, &names, at(NOW)).is_err(), "another authority vouches for it");
}

#[test]
fn the_end_of_validity_is_read_from_the_certificate() {
    let folder = tempfile::tempdir().expect("folder");
    local(&folder.path().join("tls"), &list(&["localhost"]), NOW).expect("certificate");
    let (certificate, key) = local_pair(folder.path());
    // 395 days after 2026-11-21.
    let expected = "2027-12-21T00:00:00Z".parse::<jiff::Timestamp>().expect("time").as_millisecond();
    assert_eq!(valid_until(&certificate, &key).expect("read"), At(expected));
    let der = files::load(&certificate, &key).expect("pair").cert[0].to_vec();
    for cut in 0..der.len() {
        validity::of(&der[..cut]);
    }
    assert_eq!(validity::of(b"rubbish"), None);
}

#[test]
fn keys_are_for_our_eyes_only() {
    let folder = tempfile::tempdir().expect("folder");
    let tls = folder.path().join("tls");
    local(&tls, &list(&["localhost"]), NOW).expect("certificate");
    for file in ["ca.key", "server.key"] {
        let mode = std::fs::metadata(tls.join(file)).expect(file).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    assert_eq!(std::fs::metadata(&tls).expect("folder").permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_good_certificate_is_kept_and_renewed_when_late_or_lacking_a_name_by_the_same_authority() {
    let folder = tempfile::tempdir().expect("folder");
    let names = list(&["a.example"]);
    let first = local(folder.path(), &names, NOW).expect("first");
    let same = local(folder.path(), &names, NOW.after(300 * DAY)).expect("kept");
    assert_eq!(first.key.cert, same.key.cert);
    let fewer = local(folder.path(), &[], NOW).expect("kept when an address is gone");
    assert_eq!(first.key.cert, fewer.key.cert);

    let late = NOW.after(370 * DAY);
    let renewed = local(folder.path(), &names, late).expect("renewed");
    assert_ne!(first.key.cert, renewed.key.cert);
    assert_eq!(first.ca_pem, renewed.ca_pem);
    verify(&renewed.key.cert, &first.ca_pem, &names, at(late.after(300 * DAY))).expect("the installed authority still vouches");

    let more = list(&["a.example", "10.0.0.5"]);
    let wider = local(folder.path(), &more, late).expect("wider");
    assert_ne!(renewed.key.cert, wider.key.cert);
    verify(&wider.key.cert, &first.ca_pem, &more, at(late)).expect("both names");
}

#[test]
fn a_damaged_leaf_is_made_anew() {
    let folder = tempfile::tempdir().expect("folder");
    let names = list(&["a.example"]);
    local(folder.path(), &names, NOW).expect("first");
    std::fs::write(folder.path().join("server.pem"), "rubbish").expect("write");
    let made = local(folder.path(), &names, NOW).expect("anew");
    verify(&made.key.cert, &made.ca_pem, &names, at(NOW)).expect("good");
}

#[test]
fn own_files_are_read_again_when_they_change_and_kept_while_broken() {
    let folder = tempfile::tempdir().expect("folder");
    let (certificate, key) = (folder.path().join("server.pem"), folder.path().join("server.key"));
    local(folder.path(), &list(&["a.example"]), NOW).expect("first");
    let files = files::Files::open(certificate.clone(), key.clone()).expect("open");
    let first = files.current();
    assert_eq!(first.cert, files.current().cert);

    std::fs::write(&certificate, "rubbish").expect("write");
    assert_eq!(first.cert, files.current().cert, "a broken file replaced a good one");

    local(folder.path(), &list(&["a.example", "b.example"]), NOW).expect("second");
    assert_ne!(first.cert, files.current().cert, "the renewed file is not followed");

    std::fs::write(&key, rcgen::KeyPair::generate().expect("key").serialize_pem()).expect("write");
    assert!(matches!(files::Files::open(certificate, key), Err(TlsError::Mismatch { .. })));
}

#[test]
fn listeners_have_the_tls_that_the_configuration_asks_for() {
    let folder = tempfile::tempdir().expect("folder");
    let parse = |text: &str| Config::parse(text, &folder.path().join("hubline.toml")).expect(text).config;
    let local = for_server(&parse("[server]\npublic_url = \"https://desk.example:8443\""), folder.path(), NOW, None).expect("local-ca");
    let config = local.private.expect("private");
    assert_eq!(config.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    assert!(local.public.is_none());
    let ca = local.ca_pem.expect("authority");
    let pair = files::load(&folder.path().join("tls/server.pem"), &folder.path().join("tls/server.key")).expect("pair");
    verify(&pair.cert, &ca, &list(&["desk.example", "localhost", "127.0.0.1"]), at(NOW)).expect("names");

    let off = for_server(&parse("[server]\nlisten = \"127.0.0.1:8080\"\ntls = \"off\""), folder.path(), NOW, None).expect("off");
    assert!(off.private.is_none() && off.ca_pem.is_none());

    let files = parse(
        "[server]\ntls = \"files\"\ncertificate = \"tls/server.pem\"\nprivate_key = \"tls/server.key\"\n[server.public]\nlisten = \"0.0.0.0:9443\"\ntls = \"proxy\"\nproxies = [\"127.0.0.1\"]",
    );
    let files = for_server(&files, folder.path(), NOW, None).expect("files");
    assert!(files.private.is_some() && files.public.is_none() && files.ca_pem.is_none());
}

#[test]
fn own_addresses_are_read_from_the_kernels_tables() {
    let table = "Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 192.168.1.0\n        /24 link UNICAST\n     |-- 192.168.1.5\n        /32 host LOCAL\n     |-- 192.168.1.255\n        /32 link BROADCAST\n     |-- 192.168.1.5\n        /32 host LOCAL\n     |-- 169.254.1.1\n        /32 host LOCAL\n";
    assert_eq!(names::local_v4(table), ["192.168.1.5".parse::<std::net::IpAddr>().expect("address")]);
    let table = "00000000000000000000000000000001 01 80 10 80       lo\nfe800000000000000000000000000001 02 40 20 80     eth0\n20010db8000000000000000000000007 02 40 00 80     eth0\n";
    assert_eq!(names::local_v6(table), ["2001:db8::7".parse::<std::net::IpAddr>().expect("address")]);
    let all = names(["https://Desk.Example:8443".to_owned(), "https://[2001:db8::1]/".to_owned()].iter());
    assert_eq!(all[..2], list(&["desk.example", "2001:db8::1"]));
    assert!(["localhost", "127.0.0.1", "::1"].iter().all(|name| all.iter().any(|have| have == name)));
}

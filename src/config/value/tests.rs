//! Values parse as documented, refuse the rest, and secrets never print.

use super::*;
use secrecy::ExposeSecret;
use std::path::Path;

#[test]
fn periods_read_and_print() {
    for (text, millis) in
        [("500ms", 500), ("20s", 20_000), ("2m", 120_000), ("1h30m", 5_400_000), ("7d", 604_800_000), ("0s", 0), ("1h 5s", 3_605_000)]
    {
        let period: Period = text.parse().expect(text);
        assert_eq!(period.millis(), millis, "{text}");
        assert_eq!(period.to_string().parse::<Period>(), Ok(period), "{text} does not survive printing");
    }
    for text in ["", "20", "s", "20 seconds", "-1s", "1.5h", "99999999999999999999s", "1001d", "20S"] {
        assert!(text.parse::<Period>().is_err(), "{text} was taken");
    }
}

#[test]
fn networks_contain_their_addresses() {
    for (net, inside, outside) in [
        ("127.0.0.0/8", "127.9.9.9", "128.0.0.1"),
        ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
        ("0.0.0.0/0", "8.8.8.8", "::1"),
        ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
        ("10.0.0.0/8", "::ffff:10.1.2.3", "::ffff:11.1.2.3"),
    ] {
        let cidr: Cidr = net.parse().expect(net);
        assert!(cidr.contains(inside.parse().expect("address")), "{net} lacks {inside}");
        assert!(!cidr.contains(outside.parse().expect("address")), "{net} has {outside}");
    }
    for text in ["", "10.0.0.0/33", "example.org", "::1/129", "10.0.0.0/"] {
        assert!(text.parse::<Cidr>().is_err(), "{text} was taken");
    }
}

#[test]
fn port_ranges_count_their_pairs() {
    for (text, pairs) in [("10000-29998", 9_999), ("20001-20004", 1), ("20000-20001", 1), ("1-65535", 32_767)] {
        let range: PortRange = text.parse().expect(text);
        let counted = range.range().filter(|port| port % 2 == 0 && port.checked_add(1).is_some_and(|next| range.contains(next))).count();
        assert_eq!(range.pairs(), counted, "{text}");
        assert_eq!(counted, pairs, "{text}");
    }
    for text in ["", "5", "10-5", "0-10", "1-70000"] {
        assert!(text.parse::<PortRange>().is_err(), "{text} was taken");
    }
}

#[derive(serde::Deserialize)]
struct Holder {
    secret: Secret,
}

fn read(text: &str) -> Result<Secret, toml::de::Error> {
    toml::from_str::<Holder>(text).map(|holder| holder.secret)
}

#[test]
fn secrets_come_from_three_places_and_never_print() {
    let plain = read("secret = \"hunter2\"").expect("plain");
    assert!(plain.is_plain());
    assert_eq!(plain.reveal(Path::new(".")).expect("reveal").expose_secret(), "hunter2");
    assert!(!format!("{plain:?}").contains("hunter2"));

    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("pw"), "from-file\r\n").expect("write");
    let file = read("secret = { file = \"pw\" }").expect("file");
    assert_eq!(file.reveal(folder.path()).expect("reveal").expose_secret(), "from-file");
    assert!(matches!(read("secret = { file = \"nowhere\" }").expect("file").reveal(folder.path()), Err(SecretError::NoFile { .. })));

    let path = read("secret = { env = \"PATH\" }").expect("env");
    assert_eq!(path.reveal(folder.path()).expect("reveal").expose_secret(), std::env::var("PATH").expect("PATH"));
    let missing = read("secret = { env = \"HUBLINE_NO_SUCH_VARIABLE\" }").expect("env");
    assert!(matches!(missing.reveal(folder.path()), Err(SecretError::NoVariable(_))));

    assert!(read("secret = { env = \"A\", file = \"b\" }").is_err());
    assert!(read("secret = { vault = \"A\" }").is_err());
    assert!(matches!(read("secret = \"\"").expect("empty").reveal(folder.path()), Err(SecretError::Empty)));
}

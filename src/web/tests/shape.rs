//! What the files themselves must keep to.

use crate::auth::Cookies;
use crate::config::value::Cidr;
use crate::web::client::TrustedProxies;
use std::net::IpAddr;
use std::path::Path;

#[test]
fn the_two_dark_themes_are_one() {
    let css = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("static/hubline.css")).unwrap();
    let block = |start: &str| {
        let from = css.split_once(start).unwrap_or_else(|| panic!("no {start}")).1;
        from.split_once('}').unwrap().0.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let chosen = block(":root[data-theme=dark] {");
    assert_eq!(chosen, block(":root:not([data-theme]) {"));
    assert!(chosen.contains("--accent:"));
}

#[test]
fn templates_hold_no_inline_style_or_script() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).unwrap();
            seen += 1;
            for banned in [" style=\"", " onclick=", " onchange=", " onsubmit=", "hx-on", "javascript:"] {
                assert!(!text.contains(banned), "{} has {banned}", entry.path().display());
            }
            for script in text.split("<script").skip(1) {
                assert!(script.split('>').next().unwrap().contains("src="), "{} has an inline script", entry.path().display());
            }
        }
    }
    assert!(seen > 10);
}

#[test]
fn the_client_is_read_through_trusted_proxies_only() {
    let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse::<Cidr>().unwrap()]);
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    assert_eq!(proxies.client(ip("203.0.113.5"), "198.51.100.1"), ip("203.0.113.5"), "a stranger may claim nothing");
    assert_eq!(proxies.client(ip("10.0.0.1"), "198.51.100.1"), ip("198.51.100.1"));
    assert_eq!(
        proxies.client(ip("10.0.0.1"), "1.2.3.4, 198.51.100.1, 10.0.0.2"),
        ip("198.51.100.1"),
        "what the client itself wrote is not believed"
    );
    assert_eq!(proxies.client(ip("10.0.0.1"), "garbage"), ip("10.0.0.1"));
    assert_eq!(proxies.client(ip("::ffff:10.0.0.1"), "198.51.100.1"), ip("198.51.100.1"));
    assert!(!TrustedProxies::default().trusts(ip("127.0.0.1")));
    assert_ne!(Cookies::Https.name(), Cookies::Localhost.name());
}

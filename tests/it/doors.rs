//! The doors of a house as the world finds them: certificates, cookies, proxies, and the customers' side on a listener of its own. Each
//! runs the built program with the configuration that a firm would write.

use crate::rig::browser::Browser;
use crate::rig::house::{PASSWORD, Ports, machine};
use crate::rig::http::{Answer, form, request};
use crate::rig::phone::talk;
use crate::rig::served::Served;
use crate::rig::visitor::ask;
use crate::rig::{AGENT_HZ, tls};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

const BUSINESS: &str = "[[queues]]\nid = \"sales\"\nname = \"Sales\"\n[[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\norigins = [\"https://shop.example\"]\n\
     [[agents]]\nid = \"mara\"\nname = \"Mara\"\nrole = \"admin\"\nqueues = [\"sales\"]\n";

/// The rule by which a browser asks for a host by https alone.
const RULE: &str = "strict-transport-security";

/// A configuration in which the pages' TLS is this.
pub fn with_tls(ports: &Ports, tls: &str) -> String {
    machine(ports, BUSINESS).replace("tls = \"off\"", tls)
}

async fn log_in(house: &Served, host: &str, authority: &str) -> Answer {
    house.password("mara").await;
    let origin = format!("https://{host}:{}", house.web.port());
    let headers = [("origin", origin.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let fields = form(&[("name", "mara"), ("password", PASSWORD)]);
    tls::request(house.web, host, authority, "POST", "/login", &headers, &fields).await.expect("by https")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_authority_makes_pages_safe_from_the_first_start() {
    let mut house = Served::with(|ports| with_tls(ports, "tls = \"local-ca\""));
    house.start().await;
    let authority = std::fs::read_to_string(house.data().join("tls/ca.pem")).expect("the authority's certificate");
    for host in ["localhost", "127.0.0.1"] {
        let page = tls::request(house.web, host, &authority, "GET", "/login", &[], "").await.expect("a certificate for this name");
        assert_eq!(page.status, 200);
        assert_eq!(page.header(RULE), "", "who has not installed the authority must still get to the page that explains how");
    }
    assert!(tls::request(house.web, "elsewhere.example", &authority, "GET", "/login", &[], "").await.is_err(), "for another host");
    let (foreign, _) = own_authority();
    assert!(tls::request(house.web, "localhost", &foreign, "GET", "/login", &[], "").await.is_err(), "by another authority");
    // What the page hands out is what vouches for it.
    let handed_out = tls::request(house.web, "localhost", &authority, "GET", "/ca.crt", &[], "").await.expect("by https");
    assert_eq!(handed_out.text(), authority);

    let entered = log_in(&house, "localhost", &authority).await;
    let cookie = entered.header("set-cookie").to_owned();
    assert_eq!(entered.status, 303, "{}", entered.text());
    let flags: Vec<&str> = cookie.split("; ").skip(1).collect();
    assert!(cookie.starts_with("__Host-hubline="), "{cookie}");
    for flag in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(flags.contains(&flag), "{cookie}");
    }
    assert!(!cookie.to_lowercase().contains("domain="), "a cookie of this host alone: {cookie}");

    // Plain HTTP leads to the same page by https, and says nothing else.
    let host = format!("localhost:{}", house.web.port());
    let stream = tokio::net::TcpStream::connect(house.web).await.expect("connected");
    let plain = crate::rig::http::over(stream, &host, "GET", "/inbox?x=1", &[("cookie", &cookie)], "").await;
    assert_eq!((plain.status, plain.header("location")), (308, format!("https://{host}/inbox?x=1").as_str()));
    assert_eq!((plain.header(RULE), plain.header("set-cookie"), plain.body.len()), ("", "", 0));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_with_the_authority_installed_works_without_a_warning() {
    let mut house = Served::with(|ports| with_tls(ports, "tls = \"local-ca\""));
    house.start().await;
    house.password("mara").await;
    let url = format!("https://localhost:{}", house.web.port());
    let Some(stranger) = Browser::start(AGENT_HZ).await else { return };
    // The driver may call it an error or show the warning; the page is not there either way.
    if stranger.try_go(&url).await.is_ok() {
        talk(Duration::from_secs(1)).await;
        assert_eq!(
            stranger.run("return !!document.querySelector('input[name=password]')", json!([])).await,
            json!(false),
            "{}",
            stranger.text().await
        );
    }
    drop(stranger);
    let Some(page) = Browser::trusting(AGENT_HZ, &house.data().join("tls/ca.pem")).await else { return };
    page.signs_in(&url, "mara").await;
    assert_eq!(page.run("return [isSecureContext, location.protocol]", json!([])).await, json!([true, "https:"]));
    // Microphone and media connection need https; nothing is wrong with either.
    house.shows("SELECT count(*) FROM session", &["1"]).await;
    page.click("#status").await;
    page.click(".mestat [value=available]").await;
    page.reads("#status", "Available").await;
    page.loses("[data-problem]").await;
    let cookies = page.cookies().await;
    let cookie = cookies.iter().find(|cookie| cookie["name"] == "__Host-hubline").unwrap_or_else(|| panic!("{cookies:?}"));
    assert_eq!((&cookie["secure"], &cookie["httpOnly"]), (&json!(true), &json!(true)));
    assert_eq!(page.run("return document.cookie", json!([])).await, json!(""), "no script reads it");
    house.stop().await;
}

/// An authority of the firm's: its certificate, and what signs in its name.
pub fn own_authority() -> (String, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = params.self_signed(&key).expect("a certificate").pem();
    (pem, Issuer::new(params, key))
}

/// Writes a certificate for a host; gives the two files.
pub fn own_files(folder: &Path, host: &str, authority: &Issuer<'static, KeyPair>) -> (PathBuf, PathBuf) {
    let key = KeyPair::generate().expect("a key");
    let certificate =
        CertificateParams::new(vec![host.to_owned()]).and_then(|params| params.signed_by(&key, authority)).expect("a certificate");
    let (certificate_file, key_file) = (folder.join("desk.pem"), folder.join("desk.key"));
    std::fs::write(&certificate_file, certificate.pem()).expect("written");
    std::fs::write(&key_file, key.serialize_pem()).expect("written");
    (certificate_file, key_file)
}

#[tokio::test(flavor = "multi_thread")]
async fn own_certificate_files_are_served_and_followed() {
    let (authority, issuer) = own_authority();
    let mut house = Served::with(|ports| {
        with_tls(ports, "tls = \"files\"\ncertificate = \"desk.pem\"\nprivate_key = \"desk.key\"\npublic_url = \"https://desk.example\"")
    });
    own_files(house.folder(), "desk.example", &issuer);
    house.start().await;
    let page = tls::request(house.web, "desk.example", &authority, "GET", "/login", &[], "").await.expect("the firm's own certificate");
    assert_eq!((page.status, page.header(RULE)), (200, "max-age=15552000"));
    assert!(log_in(&house, "desk.example", &authority).await.header("set-cookie").starts_with("__Host-hubline="));
    assert!(!house.data().join("tls").exists(), "no authority of our own beside it");
    // On a port of its own the rule would bind whatever else the host serves.
    house.stop().await;
    let other = |ports: &Ports| {
        with_tls(
            ports,
            "tls = \"files\"\ncertificate = \"desk.pem\"\nprivate_key = \"desk.key\"\npublic_url = \"https://desk.example:8443\"",
        )
    };
    house.write(&other(&house.ports));
    house.start().await;
    let page = tls::request(house.web, "desk.example", &authority, "GET", "/login", &[], "").await.expect("the same");
    assert_eq!(page.header(RULE), "");
    // A renewed certificate needs no restart.
    let (renewed, issuer) = own_authority();
    own_files(house.folder(), "desk.example", &issuer);
    assert!(tls::request(house.web, "desk.example", &renewed, "GET", "/login", &[], "").await.is_ok(), "the new one is served");
    house.stop().await;
}

/// Says something in plain bytes from this address of loopback; gives what comes back until the other side closes.
fn raw(from: [u8; 4], to: SocketAddr, text: &str) -> String {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::from((from, 0)).into()).expect("an address");
    socket.connect(&to.into()).expect("connected");
    let mut stream = std::net::TcpStream::from(socket);
    stream.set_read_timeout(Some(crate::rig::PATIENCE)).expect("a limit");
    // Whoever is cut off may be gone before everything is written.
    let _ = stream.write_all(text.as_bytes());
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_only_the_proxy_is_heard_and_believed() {
    let mut house =
        Served::with(|ports| with_tls(ports, "tls = \"proxy\"\nproxies = [\"127.0.0.1\"]\npublic_url = \"https://desk.example\""));
    house.start().await;
    house.password("mara").await;
    let log_in = async |forwarded: &str, password: &str| {
        let headers =
            [("origin", "https://desk.example"), ("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", forwarded)];
        request(house.web, "POST", "/login", &headers, form(&[("name", "mara"), ("password", password)])).await
    };
    let entered = log_in("203.0.113.9", PASSWORD).await;
    assert_eq!(entered.status, 303, "{}", entered.text());
    assert!(entered.header("set-cookie").starts_with("__Host-hubline=") && entered.header("set-cookie").contains("Secure"));
    assert_eq!(entered.header(RULE), "", "that is the proxy's to say");
    assert_eq!(log_in("6.6.6.6, 203.0.113.10", PASSWORD).await.status, 303);
    // The client is whom the proxy saw, not whom the client says it stands for.
    house.shows("SELECT ip FROM session ORDER BY id", &["203.0.113.9", "203.0.113.10"]).await;
    let ask = "GET /login HTTP/1.1\r\nhost: desk.example\r\nconnection: close\r\n\r\n";
    assert!(raw([127, 0, 0, 1], house.web, ask).starts_with("HTTP/1.1 200"));
    assert_eq!(raw([127, 0, 0, 2], house.web, ask), "", "nobody gets past the proxy");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_for_others_without_a_proxy_in_between() {
    // A proxy is named but not used: check warns of it, and it is not believed.
    let mut house = Served::with(|ports| with_tls(ports, "tls = \"off\"\nproxies = [\"127.0.0.1\"]"));
    house.start().await;
    house.password("mara").await;
    let origin = format!("http://{}", house.web);
    let headers = [("origin", origin.as_str()), ("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", "203.0.113.9")];
    let entered = request(house.web, "POST", "/login", &headers, form(&[("name", "mara"), ("password", PASSWORD)])).await;
    assert_eq!((entered.status, entered.header(RULE)), (303, ""));
    assert!(
        entered.header("set-cookie").starts_with("hubline-local="),
        "plain HTTP has a cookie of its own: {}",
        entered.header("set-cookie")
    );
    house.shows("SELECT ip FROM session", &["127.0.0.1"]).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_is_served_on_loopback_only() {
    let house = Served::with(|ports| {
        machine(ports, BUSINESS).replace(&format!("listen = \"{}\"", ports.web), &format!("listen = \"0.0.0.0:{}\"", ports.web.port()))
    });
    for command in ["check", "serve"] {
        let refused = house.hubline(&[command], "").await;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned() + &String::from_utf8_lossy(&refused.stdout);
        assert_eq!(refused.status.code(), Some(3), "{said}");
        assert!(said.contains("plain HTTP") && said.contains("local-ca"), "{said}");
    }
    assert!(!house.data().exists(), "nothing was begun");
}

/// Every address of the desk's side, read from the source: `{…}` is filled in.
fn addresses_of_the_desk() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![root.join("web"), root.join("app")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("readable");
            for route in text.split(".route(").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next()) {
                let filled = route.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
                found.push(filled.collect::<Vec<_>>().join("/"));
            }
        }
    }
    // Those are the customers' own.
    let customers = ["/chat/", "/callback/", "/form/", "/help", "/sent/", "/survey/", "/ticket/"];
    found.retain(|path| !customers.iter().any(|own| path.starts_with(own)));
    found.sort();
    found.dedup();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customers_listener_knows_nothing_of_the_desk() {
    let public =
        |ports: &Ports| format!("{BUSINESS}[server.public]\nlisten = \"{}\"\ntls = \"proxy\"\nproxies = [\"127.0.0.1\"]\n", ports.public);
    let mut house = Served::with(|ports| machine(ports, &public(ports)));
    house.start().await;
    let addresses = addresses_of_the_desk();
    assert!(
        addresses.len() > 60
            && ["/login", "/inbox", "/softphone/offer", "/live"].iter().all(|path| addresses.iter().any(|known| known == path)),
        "{addresses:?}"
    );
    for path in addresses.iter().map(String::as_str).chain(["/", "/static/hubline.css", "/static/app.js", "/favicon.ico"]) {
        for method in ["GET", "POST"] {
            let answer = request(house.ports.public, method, path, &[("origin", "https://shop.example")], "").await;
            assert_eq!((answer.status, answer.body.len()), (404, 0), "{method} {path}: {}", answer.text());
            assert_eq!(answer.header("set-cookie"), "", "{method} {path}");
        }
    }
    let session = async |at: SocketAddr, origin: &str| ask(at, origin, None, "POST", "session", json!({ "token": null })).await.status;
    assert_eq!(session(house.ports.public, "https://shop.example").await, 200, "customers reach their window");
    assert_eq!(session(house.web, &format!("http://{}", house.web)).await, 404, "and it is nowhere else");
    assert_eq!(request(house.ports.public, "GET", "/chat/widget.js", &[], "").await.status, 200);
    // Its proxy is its own: each visitor counts for themselves, however many come through it.
    let visits = async |forwarded: &str| {
        let headers = [("origin", "https://shop.example"), ("content-type", "application/json"), ("x-forwarded-for", forwarded)];
        request(house.ports.public, "POST", "/chat/site/session", &headers, "{\"token\":null}").await.status
    };
    let mut refused = 0;
    for _ in 0..40 {
        refused += usize::from(visits("203.0.113.9").await == 429);
    }
    assert!(refused > 0, "one address is limited");
    assert_eq!(visits("198.51.100.7").await, 200, "another is not");
    let ask = "GET /chat/widget.js HTTP/1.1\r\nhost: chat.example\r\nconnection: close\r\n\r\n";
    assert_eq!(raw([127, 0, 0, 2], house.ports.public, ask), "", "nobody gets past this proxy either");
    house.stop().await;
}

//! A house behind nginx, both as the README says: who is there is known, and nobody can say that they are somebody else.

use crate::rig::house::{PASSWORD, machine};
use crate::rig::http::{Answer, form, over, request};
use crate::rig::nginx::Nginx;
use crate::rig::served::Served;
use crate::rig::visitor::Page;
use hubline::sim::sms::{Gateway, Trouble};
use serde_json::json;
use std::net::SocketAddr;
use tokio::net::TcpSocket;

/// The most that a body may be is 26 MB; a file and what is around it.
const LARGE: usize = 25 << 20;

/// The example of a README: the house's section, and nginx's lines.
fn example(readme: &str, heading: &str) -> (String, String) {
    let (_, chapter) = readme.split_once(heading).expect("the chapter");
    let block = |language: &str| {
        let (_, rest) = chapter.split_once(&format!("```{language}\n")).expect("an example");
        rest.split_once("```").expect("its end").0.to_owned()
    };
    (block("toml"), block("nginx"))
}

/// Asks nginx from this address of loopback, and says that the request has come from others.
async fn asks(from: [u8; 4], nginx: SocketAddr, path: &str, headers: &[(&str, &str)], body: impl Into<bytes::Bytes>) -> Answer {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from((from, 0))).expect("an address");
    let stream = socket.connect(nginx).await.expect("connected");
    let forged = [headers, &[("x-forwarded-for", "203.0.113.9, 127.0.0.9")]].concat();
    over(stream, "desk.example.com", "POST", path, &forged, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_in_front_passes_everything_on_and_lies_for_nobody() {
    let (section, lines) = example(include_str!("../../README.md"), "\n## Behind a proxy\n");
    assert_eq!(
        (section.clone(), lines.clone()),
        example(include_str!("../../README.zh-CN.md"), "\n## 放在代理后面\n"),
        "in both languages"
    );
    let (ours, theirs) = ([127, 0, 0, 7], [127, 0, 0, 8]);
    let at = Nginx::address();
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let business = format!(
        r#"[[queues]]
id = "sales"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
origins = ["http://{at}"]
max_file_mb = 25
[[channels]]
kind = "sms"
id = "texts"
queue = "sales"
[channels.gateway]
url = "{}"
secret = "shared by both"
from = "+4930111"
[[channels]]
kind = "tencent"
id = "tx"
queue = "sales"
[channels.tencent]
secret_id = "AKID"
secret = "secret"
app = "1400000001"
sign = "x"
push_key = "push"
from_addresses = ["127.0.0.7"]
[[agents]]
id = "mara"
queues = ["sales"]
"#,
        gateway.url()
    );
    let mut house = Served::with(|ports| {
        let section = section.replace("127.0.0.1:8443", &ports.web.to_string());
        machine(ports, &business).replace(&format!("[server]\nlisten = \"{}\"\ntls = \"off\"\n", ports.web), &section)
    });
    let Some(nginx) = Nginx::open(at, &lines.replace("127.0.0.1:8443", &house.web.to_string())).await else { return };
    house.start().await;

    // A platform that signs is believed by its signature, one that does not by where it calls from.
    let message = json!({ "type": "message", "id": "m1", "from": "+4915100138193", "text": "Is it ready?" }).to_string();
    let told = gateway.tell(&format!("http://{at}/sms/texts/hook"), &message, None).await;
    assert_eq!(told.expect("an answer"), 200);
    let reply = json!({ "mobile": "13900139000", "nationcode": "86", "text": "投诉", "time": 1_767_232_800 }).to_string();
    let json = [("content-type", "application/json")];
    for (from, status) in [(ours, 200), (theirs, 403)] {
        assert_eq!(asks(from, at, "/hooks/tx?key=push", &json, reply.clone()).await.status, status, "{from:?}");
    }
    house.shows("SELECT text FROM message WHERE kind = 'in' ORDER BY text", &["Is it ready?", "投诉"]).await;

    // Whoever signs in does so from where nginx saw them.
    house.password("mara").await;
    let page = [("origin", "https://desk.example.com"), ("content-type", "application/x-www-form-urlencoded")];
    let entered = asks(theirs, at, "/login", &page, form(&[("name", "mara"), ("password", PASSWORD)])).await;
    assert_eq!(entered.status, 303, "{}", entered.text());
    assert!(entered.header("set-cookie").starts_with("__Host-hubline="), "{}", entered.header("set-cookie"));
    house.shows("SELECT ip FROM session", &["127.0.0.8"]).await;

    // The window's socket goes through, and a file of the largest size.
    let visitor = Page::open(at, None).await;
    visitor.writes("Hello from behind").await;
    let (origin, bearer) = (format!("http://{at}"), format!("Bearer {}", visitor.token));
    let headers =
        [("origin", origin.as_str()), ("authorization", bearer.as_str()), ("x-file-name", "long.txt"), ("content-type", "text/plain")];
    let large = asks(ours, at, "/chat/site/files", &headers, vec![b'x'; LARGE]).await;
    assert_eq!(large.status, 200, "{}\n{}", large.text(), nginx.errors());
    visitor.sends(json!({ "type": "message", "key": "f", "text": "", "files": [large.json()["file"]["id"]], "page": null })).await;
    visitor.hears("recorded", "\"f\"").await;

    // Who asks too often is held up, whatever they say of themselves; others are not.
    let window = [("origin", origin.as_str()), ("content-type", "application/json")];
    let mut refused = 0;
    for n in 0..40 {
        let forged = format!("198.51.100.{n}");
        let headers = [&window[..], &[("x-forwarded-for", forged.as_str())]].concat();
        refused += usize::from(asks(theirs, at, "/chat/site/session", &headers, "{\"token\":null}").await.status == 429);
    }
    assert!(refused > 0, "one address is limited");
    assert_eq!(asks(ours, at, "/chat/site/session", &window, "{\"token\":null}").await.status, 200, "another is not");
    // Past nginx there is no way.
    let direct = TcpSocket::new_v4().expect("a socket");
    direct.bind(SocketAddr::from((theirs, 0))).expect("an address");
    let direct = direct.connect(house.web).await.expect("connected");
    assert_eq!(refuses(direct).await, "", "nobody gets past the proxy");
    assert_eq!(request(at, "GET", "/login", &[], "").await.status, 200);
    house.lives();
    house.stop().await;
}

/// What the house says to a stranger before it closes.
async fn refuses(mut stream: tokio::net::TcpStream) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut said = String::new();
    // Whoever is cut off may be gone before everything is written.
    let _ = stream.write_all(b"GET /login HTTP/1.1\r\nhost: desk.example.com\r\nconnection: close\r\n\r\n").await;
    let _ = stream.read_to_string(&mut said).await;
    said
}

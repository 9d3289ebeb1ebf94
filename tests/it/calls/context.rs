//! One customer, one story: who chats as a signed-in user and then phones is met by an agent who sees it all before answering; who may be
//! the same is suggested, joined by one click and parted again; and whoever follows a link goes on with what was written.

use super::way_out;
use crate::rig::agent::Agent;
use crate::rig::browser::Browser;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::Caller;
use crate::rig::visitor::Page;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OUTSIDE_HZ, until};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const KEY: &str = "a key that the shop and the house share";

const HOUSE: &str = r#"
[[lines]]
number = "4001"
queue = "sales"
[[queues]]
id = "sales"
name = "Sales"
wrap_up = "0s"
prefer_agent = "0s"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
[channels.account]
secret = "a key that the shop and the house share"
[[agents]]
id = "mara"
name = "Mara Voss"
queues = ["sales"]
[[agents]]
id = "bo"
name = "Bo Lind"
queues = ["sales"]
role = "supervisor"
"#;

fn hmac(text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("any key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The site's word for who is signed in, with their number.
fn token(account: &str, name: &str, phone: &str) -> String {
    let claims = json!({ "sub": account, "name": name, "phone": phone, "exp": 4_000_000_000_i64 });
    let signed = format!("{}.{}", BASE64.encode(r#"{"alg":"HS256"}"#), BASE64.encode(claims.to_string()));
    format!("{signed}.{}", BASE64.encode(hmac(&signed)))
}

async fn mara(house: &House) -> Agent {
    let mara = house.agent("mara").await;
    mara.available().await;
    until("mara is available", || house.floor().iter().any(|line| line.starts_with("mara Available"))).await;
    mara
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_in_customer_phones_and_the_next_agent_knows_what_is_open() {
    let house = House::open(HOUSE).await;
    let mara = mara(&house).await;
    let anna = Page::open_as(house.web, json!({ "account": token("10023", "Anna Winter", "+4915112345678") })).await;
    anna.writes("my lamp is broken").await;
    mara.pushed("ring", "conversation/1/accept").await;
    mara.does("/work/conversation/1/accept", &[]).await;
    mara.does("/work/conversation/1/reply", &[("text", "We send you a new bulb"), ("key", "r1")]).await;
    mara.does("/me/status", &[("status", "busy")]).await;
    let Some(bo) = Browser::at_the_desk(&house, "bo", AGENT_HZ).await else { return };
    bo.can_be_called(&house, "bo").await;
    bo.click("#status").await;
    bo.click(".mestat [value=available]").await;

    let caller = Caller::dial(house.sip, "4001", "+4915112345678", CUSTOMER_HZ).await;
    bo.sees(".ringcard").await;
    bo.reads(".ringcard", "Anna Winter").await;
    bo.reads(".ringcard", "my lamp is broken").await;
    bo.reads(".ringcard", "We send you a new bulb").await;
    let shown = || house.rows("SELECT agent FROM routing WHERE work_kind = 'call' AND kind = 'card_shown'") == ["bo"];
    until("the card is told to be shown", shown).await;
    bo.click(".ringcard .accept").await;
    bo.hears(CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    bo.reads("#person", "We send you a new bulb").await;
    assert_eq!(house.rows("SELECT count(*) FROM person"), ["1"], "one customer, whom the site has vouched for");
    let order = "SELECT kind FROM routing WHERE work_kind = 'call' AND kind IN ('card_shown', 'assigned') ORDER BY id";
    assert_eq!(house.rows(order), ["card_shown", "assigned"]);
    bo.go(&format!("http://{}/wallboard", house.web)).await;
    bo.reads(".kpis", "100").await;
    caller.hang_up().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_be_the_same_is_joined_by_one_click_and_parted_by_another() {
    let house = House::open(HOUSE).await;
    let mara = mara(&house).await;
    // Somebody phones and gives up; somebody whose account is signed writes, and their page says a number that is not.
    let caller = Caller::dial(house.sip, "4001", "+4915200000001", CUSTOMER_HZ).await;
    until("the caller waits", || house.rows("SELECT count(*) FROM call") == ["1"]).await;
    caller.hang_up().await;
    let hash = hex::encode(hmac("777"));
    let who = json!({ "user": "777", "user_hash": hash, "name": "Tom Reed", "phone": "+49 152 00000001" });
    let tom = Page::open_as(house.web, who).await;
    tom.writes("is anybody there?").await;
    mara.pushed("ring", "conversation/1/accept").await;
    mara.does("/work/conversation/1/accept", &[]).await;
    assert_eq!(house.rows("SELECT count(*) FROM person"), ["2"], "nobody is joined by a page's word");
    let messages = || house.rows("SELECT count(*) FROM message");
    let before = messages();

    let Some(bo) = Browser::at_the_desk(&house, "bo", AGENT_HZ).await else { return };
    bo.go(&format!("http://{}/people/2", house.web)).await;
    bo.reads(".same", "unsigned").await;
    bo.click(".same [data-post='/people/2/merge']").await;
    until("they are one", || house.rows("SELECT merged_into FROM person WHERE id = 2") == ["1"]).await;
    bo.go(&format!("http://{}/people/2", house.web)).await;
    bo.reads("#tl", "is anybody there?").await;
    bo.reads("#tl", "joined").await;
    assert_eq!(house.rows("SELECT count(*) FROM conversation WHERE person = 1"), ["1"]);
    // What is said now is the one customer's, and goes back with them.
    tom.writes("hello?").await;
    bo.click("[data-post='/people/1/unmerge']").await;
    until("they are two", || house.rows("SELECT count(*) FROM person WHERE merged_into IS NULL") == ["2"]).await;
    assert_eq!(house.rows("SELECT person, count(*) FROM message GROUP BY person"), ["2|2"]);
    assert_eq!(
        messages().first().map(|count| count.parse::<u32>().ok()),
        before.first().map(|count| count.parse::<u32>().ok().map(|n| n + 1))
    );
    assert_eq!(house.rows("SELECT person FROM call"), ["1"]);
    house.close().await;
}

/// The example server, and where it is asked; ended when it is dropped.
struct Server(std::process::Child, String);

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is gone.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `None`: there is no Python here.
fn server() -> Option<Server> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/crm-server.py");
    let mut command = std::process::Command::new("python3");
    let began = command.args([script, "0"]).env("CRM_SECRET", KEY).stdout(std::process::Stdio::piped()).spawn();
    let Ok(mut child) = began else {
        assert!(std::env::var_os("CI").is_none(), "python3 must be installed in CI");
        eprintln!("SKIPPED: python3 is not installed");
        return None;
    };
    let mut line = String::new();
    let out = child.stdout.take().expect("its words");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).expect("its address");
    Some(Server(child, line.trim().to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_firms_own_system_says_who_calls_and_tells_what_changes() {
    let Some(server) = server() else { return };
    let house = House::open(&format!("{HOUSE}[crm]\nurl = \"{}\"\nsecret = \"{KEY}\"\n", server.1)).await;
    let caller = Caller::dial(house.sip, "4001", "+4915112345678", CUSTOMER_HZ).await;
    house.shows("SELECT record, number, state FROM purchase", &["K-10023|A-1042|on its way"]).await;
    house.shows("SELECT kind, value FROM identity WHERE kind = 'record'", &["record|K-10023"]).await;
    let bo = house.agent("bo").await;
    let page = bo.get("/people/1").await.text();
    for words in ["K-10023", "1,240", "Lamp Nora"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let mara = house.agent("mara").await;
    assert!(!mara.get("/people/1").await.text().contains("4111111111111111"), "of what is sensitive agents see the end");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/crm-server.py");
    let events = format!("http://{}/crm/events", house.web);
    for secret in [KEY, KEY, "another key"] {
        let (events, secret) = (events.clone(), secret.to_owned());
        let told = tokio::task::spawn_blocking(move || {
            std::process::Command::new("python3").args([script, "tell", &events, "A-1042", "delivered"]).env("CRM_SECRET", &secret).output()
        });
        let told = told.await.expect("no panic").expect("python3");
        assert_eq!(told.status.success(), String::from_utf8_lossy(&told.stdout).trim() == "204");
    }
    house.shows("SELECT state FROM purchase", &["delivered"]).await;
    house.shows("SELECT count(*) FROM record_event", &["1"]).await;
    caller.hang_up().await;
    house.close().await;
}

/// A customer system of somebody else's: what its address was opened with, and who said so. Its page closes itself.
async fn other_system() -> (std::net::SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (address, opened) = (listener.local_addr().expect("an address"), Arc::<Mutex<Vec<String>>>::default());
    let kept = opened.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4_096];
            let read = stream.read(&mut head).await.unwrap_or_default();
            let head = String::from_utf8_lossy(&head[..read]).into_owned();
            if let Some(path) = head.split_whitespace().nth(1).filter(|path| path.starts_with("/pop")) {
                let referrer = head.lines().find(|line| line.to_lowercase().starts_with("referer")).unwrap_or_default();
                kept.lock().expect("opened").push(format!("{path}{referrer}"));
            }
            let page = "<!doctype html><title>crm</title><script>opener === null && close()</script>";
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{page}", page.len());
            // A browser that has gone wants no answer.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, opened)
}

#[tokio::test(flavor = "multi_thread")]
async fn another_customer_system_opens_beside_calls_and_chats() {
    let (crm, opened) = other_system().await;
    let outside = DeskPhone::new(OUTSIDE_HZ, true).await;
    let open = "phone={phone}&id={record}&call={call}&chat={conversation}&way={direction}&by={agent}&in={queue}&on={channel}&who={name}";
    let section = format!("[crm]\nopen = \"http://{crm}/pop?{open}\"\npop = \"answer\"\n");
    let house = House::open(&format!("{HOUSE}{section}{}", way_out(&outside))).await;
    let opened = || opened.lock().expect("opened").clone();
    let Some(bo) = Browser::at_the_desk(&house, "bo", AGENT_HZ).await else { return };
    bo.can_be_called(&house, "bo").await;
    bo.click("#status").await;
    bo.click(".mestat [value=available]").await;

    // A call: by a click while it rings, by itself once it is answered.
    let name = "A&b=c#\"<svg onload=x>";
    let caller = Caller::named(house.sip, "4001", name, "+4915112345678", CUSTOMER_HZ).await;
    bo.sees(".ringcard a[target=_blank]").await;
    assert_eq!(opened(), Vec::<String>::new(), "nothing opens before the answer");
    bo.click(".ringcard .accept").await;
    bo.hears(CUSTOMER_HZ).await;
    until("it opens beside the call", || opened().len() == 1).await;
    let called = "/pop?phone=%2B4915112345678&id=&call=1&chat=&way=in&by=bo&in=sales&on=phone&who=";
    assert!(opened()[0].starts_with(called) && !opened()[0].contains(['<', '"', '#']), "{:?}", opened());
    bo.reload().await;
    bo.sees("#callpop").await;
    bo.hears(CUSTOMER_HZ).await;
    assert_eq!(opened().len(), 1, "once per contact");
    caller.hang_up().await;
    house.quiet().await;

    // A chat that they have taken, of somebody whose site vouches for their number.
    let anna = Page::open_as(house.web, json!({ "account": token("10023", "Anna Winter", "+4915200000001") })).await;
    anna.writes("my lamp is broken").await;
    bo.click(".ringcard .accept").await;
    until("it opens beside the chat", || opened().len() == 2).await;
    assert_eq!(opened()[1], "/pop?phone=%2B4915200000001&id=&call=&chat=1&way=in&by=bo&in=sales&on=site&who=Anna%20Winter");

    // A call of ours.
    bo.click("#person .callid[data-post='/work/call']").await;
    outside.hears(AGENT_HZ).await;
    until("it opens beside our call", || opened().len() == 3).await;
    assert!(opened()[2].starts_with("/pop?phone=%2B4915200000001&id=&call=2&chat=&way=out&by=bo&"), "{:?}", opened());
    outside.hang_up().await;
    house.quiet().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_looked_at_before_it_is_brought_in_and_joins_nobody() {
    let house = House::open(&format!("{HOUSE}[[people.fields]]\nid = \"size\"\ntitle = \"Size\"\n[dial]\ncountry = \"de\"\n")).await;
    let bo = house.agent("bo").await;
    let list = "Name;Phone;Email;Size\r\nAnna;0151 2345678;anna@shop.example;M\r\nTom;'+491600000000;;L\r\n=cmd();12;;\r\nAnna again;;anna@shop.example;S\r\n";
    let headers = [("cookie", bo.cookie.as_str()), ("x-file-name", "customers%20old.csv")];
    let brought = crate::rig::http::request(house.web, "POST", "/people/import", &headers, list).await;
    assert_eq!(brought.status, 201, "{}", brought.text());
    assert_eq!(house.rows("SELECT count(*) FROM person"), ["0"], "nothing is done before it was seen");
    let look = bo.get("/people/import/1").await.text();
    assert!(look.contains("customers old.csv") && look.contains("2 would be new") && look.contains("1 would be left out"), "{look}");
    assert_eq!(bo.post("/people/import/1/run", &[]).await.status, 303);
    house.shows("SELECT state, total, done, added, changed, skipped FROM person_import", &["done|4|4|2|1|1"]).await;
    let people = "SELECT p.name, f.value FROM person p JOIN person_field f ON f.person = p.id ORDER BY p.id";
    assert_eq!(house.rows(people), ["Anna again|S", "Tom|L"]);
    let taken = bo.get("/people/export.csv").await.text();
    assert!(taken.contains("'+491600000000") && taken.contains("Anna again"), "{taken}");
    let mara = house.agent("mara").await;
    assert_eq!(mara.get("/people/export.csv").await.status, 403);
    // Somebody who was never here is refused from the first call on.
    bo.does("/people/block", &[("value", "+4915199999999"), ("reason", "threats")]).await;
    let refused = Caller::dial(house.sip, "4001", "+4915199999999", CUSTOMER_HZ).await;
    assert!(refused.refused().await >= 400);
    house.close().await;
}

//! What comes by every other door: letters with a subject, a sender and files, a messenger's profile, what the firm's own system and its programs
//! say, what customers answer, and what agents note down. It is text on every page and cell of every list, and what is downloaded is inert.

use super::fields::{LOOK, PAYLOAD, harm};
use super::world::upload;
use crate::rig::agent::Agent;
use crate::rig::browser::Browser;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::http::{Answer, encoded, request};
use crate::rig::phone::Caller;
use crate::rig::visitor::Page;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, until};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hubline::sim::mail::{Manners, Sim, Trouble};
use hubline::sim::meta::whatsapp::{Account, Customer, Whatsapp};
use hubline::sim::plan::Plan;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::TcpListener;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const NUMBER: &str = "+4915100138193";
/// The same for names: of files nothing counts that stands before a slash, of tags and languages what is short.
const NAME: &str = "\"><img src=x onerror=hacked=1>{{7*7}}";
const SHORT: &str = "\"><img src=x onerror=hacked=1>";
/// Scripts of a picture and of a page, which say so to whatever shows them.
const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"top.hacked=1\"><script>top.hacked=1;opener.hacked=1</script></svg>";
const HTML: &str = "<!doctype html><html><body onload=\"top.hacked=1\"><script>top.hacked=1;opener.hacked=1</script></body></html>";

/// The firm's own system, which somebody else has filled: it knows everybody, by another id each time.
async fn crm() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let next = Arc::new(AtomicU32::new(1));
    let answer = move || {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let facts = [json!({ "label": PAYLOAD, "value": PAYLOAD }), json!({ "label": "Card", "value": PAYLOAD, "sensitive": true })];
        let order = json!({
            "number": format!("{n}{PAYLOAD}"), "at": 1_795_258_800_000_i64, "title": PAYLOAD, "state": PAYLOAD, "amount": PAYLOAD,
            "url": "javascript:hacked=1",
        });
        let customer = json!({
            "id": format!("K{n}{PAYLOAD}"), "name": PAYLOAD, "company": PAYLOAD, "language": SHORT, "tier": PAYLOAD,
            "url": "javascript:hacked=1", "facts": facts,
        });
        std::future::ready(Json(json!({ "customer": customer, "orders": [order] })))
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    address
}

fn business(crm: SocketAddr, mail: &Sim, whatsapp: &Whatsapp, phone: &DeskPhone) -> String {
    format!(
        r#"
[dial]
country = "de"
[crm]
url = "http://{crm}/customers"
secret = "shared by us and the shop"
[[api.tokens]]
name = "shop"
secret = "{TOKEN}"
scopes = ["facts"]
[[lines]]
number = "4001"
queue = "sales"
[[queues]]
id = "sales"
name = "Sales"
wrap_up = "10m"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
[[channels]]
kind = "email"
id = "mail"
queue = "sales"
[channels.email]
address = "support@shop.example"
password = "letter-box"
imap = {{ host = "127.0.0.1", port = {}, security = "none" }}
smtp = {{ host = "127.0.0.1", port = {}, security = "none" }}
[[channels]]
kind = "whatsapp"
id = "wa"
queue = "sales"
private_networks = ["127.0.0.0/8"]
[channels.whatsapp]
phone_number_id = "106"
business_account_id = "102"
token = "wa"
app_secret = "app"
verify_token = "word"
base_url = "{}"
[[agents]]
id = "mara"
name = "Mara Voss"
role = "supervisor"
queues = ["sales"]
capacity = 400
phone = "{}"
[[surveys]]
id = "after"
once = "0s"
channels = ["site"]
low = {{ upto = 2, ticket = {{}} }}
[[rules]]
id = "stuck"
title = "Stuck parcel"
when = {{ event = "fact:parcel.stuck" }}
then = [
  {{ do = "alert", text = "Parcel {{parcel}}" }},
  {{ do = "notify", supervisors = true, text = "Parcel {{parcel}}" }},
  {{ do = "ticket", subject = "Parcel {{parcel}}", note = "Of {{parcel}}" }},
]
"#,
        mail.imap.port(),
        mail.smtp.port(),
        whatsapp.url(),
        phone.uri()
    )
}

/// As a letter's head writes what is not ASCII (RFC 2047).
fn word(text: &str) -> String {
    format!("=?utf-8?B?{}?=", BASE64.encode(text))
}

/// A letter whose sender, subject and files are named to do harm: a text, a picture and a page with scripts.
fn letter() -> Vec<u8> {
    let file = |name: &str, mime: &str, text: &str| {
        format!(
            "--x\r\nContent-Type: {mime}\r\nContent-Disposition: attachment; filename*=utf-8''{}\r\n\r\n{text}\r\n",
            encoded(&format!("{NAME}{name}"))
        )
    };
    let files =
        [file(".txt", "text/plain", "what I bought"), file(".svg", "image/svg+xml", SVG), file(".html", "text/html", HTML)].concat();
    format!(
        "From: {} <anna@customer.example>\r\nTo: support@shop.example\r\nSubject: {}\r\nMessage-ID: <a1@customer.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nletter {PAYLOAD}\r\n{files}--x--\r\n",
        word(PAYLOAD),
        word(PAYLOAD)
    )
    .into_bytes()
}

/// Takes what rings, whatever its number.
async fn takes(mara: &Agent, conversation: u64) {
    mara.pushed("ring", &format!("conversation/{conversation}/accept")).await;
    mara.does(&format!("/work/conversation/{conversation}/accept"), &[]).await;
}

/// A visitor sends a picture with scripts in it; gives the address that their page was given.
async fn visitors_picture(house: &House, visitor: &Page) -> String {
    let (origin, bearer) = (format!("http://{}", house.web), format!("Bearer {}", visitor.token));
    let name = encoded(&format!("{NAME}.svg"));
    let headers = [
        ("origin", origin.as_str()),
        ("authorization", bearer.as_str()),
        ("x-file-name", name.as_str()),
        ("content-type", "image/svg+xml"),
    ];
    let file = request(house.web, "POST", "/chat/site/files", &headers, SVG).await.json()["file"].clone();
    visitor.sends(json!({ "type": "message", "key": "f", "text": "", "files": [file["id"]], "page": null })).await;
    file["url"].as_str().expect("an address").to_owned()
}

/// A call that was wrapped up with words.
async fn call(house: &House, mara: &Agent, phone: &DeskPhone) {
    let caller = Caller::named(house.sip, "4001", NAME, NUMBER, CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    phone.is_idle().await;
    house.quiet().await;
    let task = [("note", PAYLOAD), ("task", PAYLOAD), ("when", "60")];
    mara.does("/work/call/1/wrapup", &task).await;
    house.shows("SELECT count(*) FROM call WHERE wrap_note LIKE '%<img src=x%'", &["1"]).await;
}

/// What is downloaded is no page of ours, whatever it is called and whatever is in it.
fn inert(what: &str, file: &Answer) -> Vec<String> {
    let (policy, how) = (file.header("content-security-policy"), file.header("content-disposition"));
    let mut wrong = Vec::new();
    let mut must = |holds: bool, why: &str| {
        if !holds {
            wrong.push(format!("{what}: {why}: {} {:?}", file.status, file.headers));
        }
    };
    must(file.status == 200, "it is there");
    let kind = file.header("content-type");
    must(["application/octet-stream", "text/plain; charset=utf-8"].contains(&kind), "it is no picture and no page");
    must(file.header("x-content-type-options") == "nosniff", "nobody guesses what it is");
    must(how.starts_with("attachment; filename"), "it is downloaded");
    // Its name breaks out of nothing: the quotation marks are the header's own, and nothing else of it ends a value.
    must([0, 2].contains(&how.matches('"').count()) && !how.contains(['<', '>', '\\']), "its name stays in its place");
    must(policy.contains("default-src 'none'") && policy.contains("sandbox"), "it loads nothing and runs nothing");
    wrong
}

/// Everybody comes by their door and leaves something.
async fn everybody_comes(house: &House, mara: &Agent, phone: &DeskPhone, mail: &Sim, whatsapp: &Whatsapp) -> String {
    // A visitor of the window, who sends a picture and says how it was.
    let visitor = Page::open(house.web, None).await;
    visitor.writes(&format!("chat {PAYLOAD}")).await;
    takes(mara, 1).await;
    let picture = visitors_picture(house, &visitor).await;
    let uploaded = upload(house, mara, "logo.svg", SVG.as_bytes()).await;
    let sends = [("text", "our logo"), ("files", uploaded.as_str()), ("key", "r1")];
    mara.does("/work/conversation/1/reply", &sends).await;
    mara.does("/people/1/tag", &[("add", SHORT)]).await;
    mara.does("/work/conversation/1/resolve", &[]).await;
    visitor.hears("ended", "").await;
    visitor.sends(json!({ "type": "rate", "score": 1, "comment": PAYLOAD })).await;
    house.shows("SELECT score, low FROM survey", &["1|1"]).await;
    // A letter, and a message of somebody who calls themselves so.
    mail.customer_writes(&letter());
    takes(mara, 2).await;
    house.shows("SELECT count(*) FROM file WHERE name LIKE '%<img src=x%'", &["4"]).await;
    let named = Customer { wa_id: Some("16505551234".into()), user_id: Some("US.134".into()), name: PAYLOAD.into() };
    whatsapp.customer_writes(&named, &format!("message {PAYLOAD}"));
    takes(mara, 3).await;
    // A call, and what the shop tells of the caller.
    call(house, mara, phone).await;
    let to = json!({ "identities": [{ "kind": "phone", "value": NUMBER }] });
    let fact = json!({ "to": to, "name": "parcel.stuck", "values": { "parcel": NAME } });
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", SHORT), ("content-type", "application/json")];
    let told = request(house.web, "POST", "/api/v1/facts", &headers, fact.to_string()).await;
    assert_eq!(told.status, 202, "{}", told.text());
    until("the alert", || house.app.switchboard.floor().rule_alerts.len() == 1).await;
    // The firm's system has said who they are of whom it was asked: nobody vouches for the sender of a letter that is not signed.
    house.shows("SELECT count(*) >= 3 FROM purchase WHERE title LIKE '%<img src=x%'", &["1"]).await;
    picture
}

/// Every page that shows any of it, and whether it must.
fn pages(house: &House) -> Vec<(String, bool)> {
    let each = |rows: &str, path: &str| house.rows(rows).into_iter().map(|id| (path.replace("ID", &id), true)).collect::<Vec<_>>();
    let people = "SELECT id FROM person WHERE merged_into IS NULL ORDER BY id";
    let sure = ["/inbox", "/people", "/conversations", "/tickets?show=all", "/surveys", "/wallboard", "/notices"];
    let perhaps = [
        "/search?q=img",
        "/topics",
        "/me/day",
        "/wallboard/screen",
        "/callbacks?show=all",
        "/supervision",
        "/inbox/parts/now",
        "/team/queue/sales",
    ];
    [
        each(people, "/people/ID"),
        each(people, "/inbox/person/ID"),
        each("SELECT id FROM conversation ORDER BY id", "/inbox/conversation/ID"),
        each("SELECT id FROM ticket ORDER BY id", "/tickets/ID"),
        sure.map(|path| (path.to_owned(), true)).to_vec(),
        perhaps.map(|path| (path.to_owned(), false)).to_vec(),
    ]
    .concat()
}

/// What is wrong with the HTML of these pages, and with the lists that are made of the same rows.
async fn drawn(mara: &Agent, pages: &[(String, bool)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, must) in pages {
        let answer = mara.get(path).await;
        let html = answer.text();
        wrong.extend((answer.status != 200).then(|| format!("{path}: {}", answer.status)));
        wrong.extend(harm(&html).map(|harm| format!("{path}: {harm}")));
        wrong.extend((*must && !html.contains("img src=x")).then(|| format!("{path} does not show what was written")));
    }
    for path in ["/people/export.csv", "/surveys/answers.csv?days=1"] {
        let list = mara.get(path).await;
        let (kind, how) = (list.header("content-type"), list.header("content-disposition"));
        let data = kind.starts_with("text/csv") && how.starts_with("attachment") && list.header("x-content-type-options") == "nosniff";
        wrong.extend((!data).then(|| format!("{path}: {kind} {how}")));
        // A quotation mark within a cell is two (RFC 4180 §2).
        wrong.extend((!list.text().contains("\"\"><img src=x")).then(|| format!("{path} does not have it as a cell: {}", list.text())));
    }
    wrong
}

/// What of it has run in a real browser: on the pages, in what a page shows beside itself, and where a file is opened.
async fn ran(house: &House, browser: &Browser, pages: &[(String, bool)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, _) in pages {
        browser.go(&format!("http://{}{path}", house.web)).await;
        let found = browser.run(LOOK, json!([])).await;
        wrong.extend((found != json!([null, 0, 0])).then(|| format!("{path}: {found}")));
    }
    browser.go(&format!("http://{}/inbox/conversation/2", house.web)).await;
    let beside = "const done = arguments[1];
        for (const address of arguments[0]) for (const kind of ['iframe', 'object', 'embed', 'img']) {
            const it = document.createElement(kind);
            it[kind === 'object' ? 'data' : 'src'] = address;
            document.body.append(it);
        }
        setTimeout(() => done(window.hacked ?? null), 1500)";
    let files: Vec<String> = house.rows("SELECT id FROM file ORDER BY id").into_iter().map(|file| format!("/files/{file}")).collect();
    let found = browser.wait_for(beside, json!([files])).await;
    wrong.extend((!found.is_null()).then(|| format!("beside a page: {found}")));
    for file in &files {
        // A download leaves the page where it was, which some drivers call an error.
        let _ = browser.try_go(&format!("http://{}{file}", house.web)).await;
        let found = browser.run("return [window.hacked ?? null, document.contentType]", json!([])).await;
        wrong.extend((found != json!([null, "text/html"])).then(|| format!("{file} was opened: {found}")));
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_from_outside_is_text_wherever_it_is_drawn_and_inert_where_it_is_opened() {
    let mail = Sim::open("support@shop.example", "letter-box", Manners::default(), Trouble::default()).await.expect("a mailbox");
    let account = Account { number_id: "106".into(), business_id: "102".into(), token: "wa".into(), app_secret: "app".into() };
    let whatsapp = Whatsapp::open(account, Plan::default()).await.expect("a platform");
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = House::open(&business(crm().await, &mail, &whatsapp, &phone)).await;
    whatsapp.calls(&format!("http://{}/hooks/wa", house.web));
    let mara = house.agent("mara").await;
    mara.available().await;
    house.stands("mara Available 0/400").await;
    let picture = everybody_comes(&house, &mara, &phone, &mail, &whatsapp).await;

    // Every file by its own address, for agents and for the visitor.
    let mut wrong = Vec::new();
    for file in house.rows("SELECT id FROM file ORDER BY id") {
        wrong.extend(inert(&format!("file {file}"), &mara.get(&format!("/files/{file}")).await));
    }
    wrong.extend(inert("the visitor's own", &request(house.web, "GET", &picture, &[], "").await));
    let pages = pages(&house);
    wrong.extend(drawn(&mara, &pages).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let Some(browser) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    let wrong = ran(&house, &browser, &pages).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    house.close().await;
}

//! A broken lamp: written about in the chat and by text, made a ticket with one click, handed to the workshop, resolved there; the customer is
//! told on both channels, asks by a word, and opens the status page from the text.

use super::{on_duty, takes};
use crate::rig::agent::Agent;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::visitor;
use crate::rig::{CUSTOMER_HZ, until};
use hubline::sim::mail::{self, Manners, Sim};
use hubline::sim::sms::{Gateway, Trouble};
use serde_json::json;
use std::time::Duration;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const NUMBER: &str = "+4915100138193";
const PATIENCE: Duration = Duration::from_secs(20);

fn business(gateway: &Gateway) -> String {
    format!(
        r#"
[[api.tokens]]
name = "shop"
secret = "{TOKEN}"
scopes = ["tickets", "open_tickets"]
[[queues]]
id = "sales"
name = "Sales"
wrap_up = "0s"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
[[channels]]
kind = "sms"
id = "texts"
queue = "sales"
[channels.gateway]
url = "{}"
secret = "shared by both"
from = "+4930111"
[[agents]]
id = "mara"
name = "Mara Voss"
queues = ["sales"]
[[agents]]
id = "sumi"
name = "Sumi Tanaka"
[tickets.departments.workshop]
name = "Workshop"
agents = ["sumi"]
promise = "soon"
[tickets.promises.soon]
first = "1h"
resolution = "2d"
[tickets.types.repair]
title = "Repair"
checklist = ["Test it"]
checklist_required = true
fields = [{{ name = "serial", kind = "text", title = "Serial number" }}]
"#,
        gateway.url()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_lamp_is_followed_to_its_end_on_every_channel() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let house = House::open(&business(&gateway)).await;
    let (mara, sumi) = (on_duty(&house, "mara").await, house.agent("sumi").await);
    let visitor = visitor::Page::open(house.web, None).await;
    visitor.writes("my lamp is broken").await;
    takes(&mara, 1).await;
    // The number is known as theirs: what they text is their story, too.
    let known = rusqlite::Connection::open(house.data().join("hubline.db")).expect("the database");
    known.busy_timeout(PATIENCE).expect("a time");
    known
        .execute("INSERT INTO identity (person, kind, namespace, value, created_at) VALUES (1, 'phone', '', ?1, 1)", [NUMBER])
        .expect("their number");
    drop(known);
    let text = json!({ "type": "message", "id": "r-1", "from": NUMBER, "text": "it is me, from the street" });
    let hook = format!("http://{}/sms/texts/hook", house.web);
    assert_eq!(gateway.tell(&hook, &text.to_string(), None).await.expect("an answer"), 200);
    house.shows("SELECT person FROM conversation ORDER BY id", &["1", "1"]).await;

    // One click: the form comes filled in from the contact, as the floor shows it, which is a moment behind.
    until("she serves them", || !house.app.switchboard.floor().serving.is_empty()).await;
    let form = mara.get("/tickets/new?person=1&kind=repair").await.text();
    assert!(form.contains("value=\"conversation/1\"") || form.contains("value=\"conversation/2\""), "the contact: {form}");
    let fields = [("person", "1"), ("subject", "my lamp is broken"), ("kind", "repair"), ("work", "conversation/1"), ("key", "k")];
    let refused = mara.post("/tickets", &fields).await;
    assert_eq!(refused.status, 409, "the serial number is missing: {}", refused.text());
    assert!(refused.text().contains("Serial number"), "{}", refused.text());
    let whole = [&fields[..], &[("field.serial", "L-77")]].concat();
    let opened = mara.post("/tickets", &whole).await;
    assert_eq!((opened.status, opened.header("location")), (201, "/tickets/1"));
    assert_eq!(mara.post("/tickets", &whole).await.header("location"), "/tickets/1", "the same form twice");

    // Handed over, done there, refused while something is left to do.
    mara.does("/tickets/1/change", &[("field", "department"), ("value", "workshop"), ("note", "please soon")]).await;
    sumi.does("/tickets/1/change", &[("field", "assignee"), ("value", "sumi")]).await;
    sumi.does("/tickets/1/change", &[("field", "state"), ("value", "open")]).await;
    let early = sumi.post("/tickets/1/change", &[("field", "state"), ("value", "resolved")]).await;
    assert_eq!(early.status, 409, "the checklist: {}", early.text());
    sumi.does("/tickets/1/change", &[("field", "check"), ("value", "0")]).await;
    sumi.does("/tickets/1/change", &[("field", "state"), ("value", "resolved")]).await;

    // Told in the chat and by text.
    visitor.hears("message", "resolved").await;
    let resolved = || gateway.texts().into_iter().find(|text| text.text.contains("is now: resolved"));
    until("the text that it is resolved", || resolved().is_some()).await;
    let text = resolved().expect("a text").text;
    let told = "SELECT DISTINCT channel FROM proactive WHERE asker = 'ticket' AND state = 'sent' ORDER BY channel";
    house.shows(told, &["site", "texts"]).await;
    let page = sumi.get("/tickets/1").await.text();
    for part in ["Workshop", "please soon", "Resolution", "L-77", "Test it"] {
        assert!(page.contains(part), "{part}: {page}");
    }

    // They ask by a word, when nobody is serving that conversation any more.
    takes(&mara, 2).await;
    mara.does("/work/conversation/2/resolve", &[]).await;
    gateway.reply(NUMBER, "r-2", "Ticket 1?").await.expect("a text of theirs");
    until("the answer to their word", || gateway.texts().iter().any(|text| text.text.contains("(my lamp is broken): resolved"))).await;
    house.shows("SELECT state FROM conversation WHERE id = 3", &["open"]).await;

    status_page(&house, &text).await;
    a_program_opens_one(&house).await;
}

/// The link in the text opens the page, without any script; what is still wrong reopens the ticket.
async fn status_page(house: &House, text: &str) {
    let link = text.split_whitespace().find(|word| word.contains("/ticket/")).expect("a link").to_owned();
    let path = link.split_once("/ticket/").map(|(_, token)| format!("/ticket/{token}")).expect("a path");
    for wrong in [path.replace("/ticket/", "/callback/"), format!("{path}x"), "/ticket/1.2.3".to_owned()] {
        assert_eq!(request(house.web, "GET", &wrong, &[], "").await.status, 404, "{wrong}");
    }
    let plain = request(house.web, "GET", &path, &[("accept-language", "zh-CN")], "").await;
    assert!(plain.status == 200 && plain.text().contains("已解决") && !plain.text().contains("<script"), "{}", plain.text());
    for inside in ["please soon", "L-77", "Sumi"] {
        assert!(!plain.text().contains(inside), "what staff write stays inside: {inside}");
    }
    let Some(theirs) = Browser::start(CUSTOMER_HZ).await else { return };
    theirs.go(&format!("http://{}{path}?lang=en", house.web)).await;
    theirs.reads("h1", "my lamp is broken").await;
    theirs.reads(".state", "Resolved").await;
    theirs.keys("#text", "it flickers").await;
    theirs.click("form button").await;
    theirs.reads(".thanks", "We go on with it").await;
    theirs.reads(".state", "In progress again").await;
    house.shows("SELECT state, reopened FROM ticket WHERE id = 1", &["reopened|1"]).await;
    let loaded = theirs.run("return performance.getEntriesByType('resource').map(e => new URL(e.name).pathname)", json!([])).await;
    assert_eq!(loaded, json!(["/ticket/look.css"]), "nothing but its own style");
}

/// The same by a program, once however often it asks.
async fn a_program_opens_one(house: &House) {
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "case-9"), ("content-type", "application/json")];
    let body = json!({ "person": 1, "subject": "Parcel stuck", "type": "repair", "fields": { "serial": "P-1" }, "quiet": true });
    for _ in 0..2 {
        let answer = request(house.web, "POST", "/api/v1/tickets", &headers, body.to_string()).await;
        assert_eq!((answer.status, answer.json()["id"].as_u64()), (201, Some(2)), "{}", answer.text());
    }
    let answer = request(house.web, "GET", "/api/v1/tickets/2", &headers[..1], "").await;
    assert_eq!((answer.json()["state"].as_str(), answer.json()["type"].as_str()), (Some("new"), Some("repair")), "{}", answer.text());
    house.shows("SELECT source FROM ticket WHERE id = 2", &["bot/shop"]).await;
    let wrong = json!({ "person": 1, "subject": "x", "type": "none" });
    let headers = [headers[0], ("idempotency-key", "case-10"), headers[2]];
    let answer = request(house.web, "POST", "/api/v1/tickets", &headers, wrong.to_string()).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (422, Some("unknown_type")), "{}", answer.text());
    let wrong = json!({ "person": 1, "subject": "x", "priority": 9 });
    let answer = request(house.web, "POST", "/api/v1/tickets", &headers, wrong.to_string()).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (422, Some("field")), "{}", answer.text());
}

/// Beside the house of these tests.
const PROMISES: &str = r#"
[tickets]
promise = "soon"
[tickets.promises.soon]
resolution = { urgent = "1s", normal = "4h" }
"#;

/// What was promised about a ticket stands in the list beside its conversation, for whoever has it, put it aside or could take it. It comes by the
/// push that draws the list.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_promised_counts_down_in_every_list() {
    let house = House::open(&format!("{}{PROMISES}", super::HOUSE)).await;
    let (mara, sumi) = (on_duty(&house, "mara").await, house.agent("sumi").await);
    let visitor = visitor::Page::open(house.web, None).await;
    visitor.writes("my lamp is broken").await;
    takes(&mara, 1).await;
    until("she serves them", || !house.app.switchboard.floor().serving.is_empty()).await;
    assert!(!mara.get("/inbox").await.text().contains("class=\"sla\""), "nothing is promised yet");
    let fields = [("person", "1"), ("subject", "my lamp is broken"), ("work", "conversation/1"), ("key", "k")];
    assert_eq!(mara.post("/tickets", &fields).await.status, 201);
    let list = mara.pushed("list", "Ticket 1: due").await["html"].as_str().unwrap_or_default().to_owned();
    assert!(list.contains("class=\"sla\"") && list.contains("data-left="), "{list}");
    assert!(mara.get("/tickets").await.text().contains("data-left="), "and in the list of tickets");
    // Put aside, and late by a colleague's hand: red, in the reader's own language.
    let tastes = [("language", "zh-CN"), ("theme", "light"), ("density", "compact"), ("volume", "70")];
    assert_eq!(mara.post("/settings", &tastes).await.status, 303);
    mara.does("/work/conversation/1/snooze", &[("when", "20")]).await;
    until("it is put aside", || house.app.switchboard.floor().serving.is_empty()).await;
    sumi.does("/tickets/1/change", &[("field", "priority"), ("value", "1")]).await;
    let list = mara.pushed("list", "起超时").await["html"].as_str().unwrap_or_default().to_owned();
    assert!(list.contains("class=\"sla breach\"") && list.contains("工单 1："), "{list}");
    assert!(mara.get("/tickets").await.text().contains("class=\"late\""), "and in the list of tickets");
    // Waiting where a colleague could take it: she hears of it, though nothing of it is hers.
    mara.does("/work/conversation/1/wake", &[]).await;
    mara.does("/work/conversation/1/transfer", &[("to", "queue/sales")]).await;
    sumi.pushed("list", "Ticket 1: late since").await;
    let heard = sumi.frames("list").len();
    mara.does("/tickets/1/change", &[("field", "priority"), ("value", "3")]).await;
    until("her list counts again", || sumi.frames("list").iter().skip(heard).any(|list| list.to_string().contains("Ticket 1: due"))).await;
    // Resolved: nothing is promised any more.
    mara.does("/tickets/1/change", &[("field", "state"), ("value", "resolved")]).await;
    until("no list counts any more", || sumi.frames("list").pop().is_some_and(|list| !list.to_string().contains("Ticket 1"))).await;
    house.close().await;
}

/// From a ticket to a letter: its number stands in the subject, what was begun and attached stays, and the letter belongs to the ticket.
#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_written_about_a_ticket() {
    let sim =
        Sim::open("support@shop.example", "correct-horse-9", Manners::default(), mail::Trouble::default()).await.expect("a simulator");
    let house = House::open(&format!(
        "[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"email\"\nid = \"mail\"\nqueue = \"sales\"\n[channels.email]\n\
         address = \"support@shop.example\"\npassword = \"correct-horse-9\"\nimap = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n\
         smtp = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        sim.imap.port(),
        sim.smtp.port()
    ))
    .await;
    let mara = on_duty(&house, "mara").await;
    sim.customer_writes(b"From: Anna <anna@customer.example>\r\nTo: support@shop.example\r\nSubject: Lamp\r\nMessage-ID: <a1@customer.example>\r\n\r\nIt is broken\r\n");
    takes(&mara, 1).await;
    until("she serves them", || !house.app.switchboard.floor().serving.is_empty()).await;
    let fields = [("person", "1"), ("subject", "Broken lamp"), ("work", "conversation/1"), ("key", "k")];
    assert_eq!(mara.post("/tickets", &fields).await.status, 201);
    assert!(mara.get("/tickets/1").await.text().contains("href=\"/people/1/mail?ticket=1\""), "the way there");
    assert_eq!(mara.get("/people/1/mail?ticket=2").await.status, 404, "no such ticket");
    let form = mara.get("/people/1/mail?ticket=1").await.text();
    assert!(form.contains("value=\"[#1] Broken lamp\"") && form.contains("#1 Broken lamp"), "{form}");
    // Begun with a file, and left: another day it is there, file and ticket too, however old the upload is.
    let file = upload(&house, &mara, b"the manual").await;
    let letter = [("to", "1"), ("by", "mail support@shop.example"), ("subject", "[#1] About your lamp"), ("files", &file), ("ticket", "1")];
    let with = |text: &'static str, key: &'static str| [&letter[..], &[("text", text), ("key", key)]].concat();
    mara.does("/people/1/mail/draft", &with("Please fi", "")).await;
    let house = house.again_after(|db| _ = db.execute("UPDATE file SET created_at = created_at - 172800000", []).expect("older")).await;
    let mara = on_duty(&house, "mara").await;
    let form = mara.get("/people/1/mail").await.text();
    for kept in ["value=\"[#1] About your lamp\"", "Please fi", "manual.txt", "name=\"ticket\" value=\"1\""] {
        assert!(form.contains(kept), "{kept}: {form}");
    }
    assert_eq!(mara.get("/people/1/mail?ticket=1").await.text().matches("[#1]").count(), 1, "the number stands once");
    assert_eq!(mara.post("/people/1/mail", &with("Please find the manual.", "w1")).await.status, 303);
    // Beside what the house says of a ticket by itself.
    let letter = || sim.sent().into_iter().find(|sent| sent.head("subject").as_deref() == Some("[#1] About your lamp"));
    until("the letter is sent", || letter().is_some()).await;
    let sent = letter().expect("just seen");
    assert!(String::from_utf8_lossy(&sent.letter).contains("manual.txt"), "with its file");
    let linked = "SELECT l.ticket FROM ticket_link l JOIN message m ON m.conversation = l.work WHERE m.text = 'Please find the manual.'";
    house.shows(linked, &["1"]).await;
    house.shows("SELECT (SELECT count(*) FROM draft), (SELECT count(*) FROM draft_file)", &["0|0"]).await;
    house.close().await;
}

/// A file that an agent's page uploads; gives its number.
async fn upload(house: &House, agent: &Agent, bytes: &[u8]) -> String {
    let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"manual.txt\"\r\n\r\n";
    let body = [head.as_bytes(), bytes, b"\r\n--b--\r\n"].concat();
    let origin = format!("http://{}", house.web);
    let headers = [("origin", origin.as_str()), ("cookie", agent.cookie.as_str()), ("content-type", "multipart/form-data; boundary=b")];
    request(house.web, "POST", "/files", &headers, body).await.json()["id"].to_string()
}

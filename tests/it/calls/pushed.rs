//! What is sent beside a call: by text, into the chat, as a form that the customer fills in; and a chat that goes on by telephone.

use super::by_text;
use crate::rig::agent::Agent;
use crate::rig::browser::Browser;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::http::{Answer, request};
use crate::rig::phone::Caller;
use crate::rig::visitor::Page;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OUTSIDE_HZ, PATIENCE, until};
use hubline::desk::id::PersonId;
use hubline::desk::input::{Command, Input};
use hubline::desk::person::Identity;
use hubline::sim::sms::{Gateway, Trouble};
use serde_json::json;
use std::time::Duration;

const NUMBER: &str = "+4915100138193";
const BOUNDARY: &str = "----what-a-browser-makes-up";
/// The smallest picture there is: one pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

/// One queue, an agent with this desk phone and another without work, texts by this gateway, calls out to this telephone.
async fn house(gateway: &Gateway, phone: &DeskPhone, outside: &DeskPhone) -> House {
    let business = format!(
        r#"
[dial]
country = "de"
[[queues]]
id = "sales"
name = "Sales"
wrap_up = "60s"
[[queues]]
id = "other"
name = "Other"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
[[agents]]
id = "dora"
name = "Dora Lind"
queues = ["sales"]
phone = "{}"
always_available = true
capacity = 200
[[agents]]
id = "otto"
name = "Otto Kern"
queues = ["sales"]
[[agents]]
id = "mara"
name = "Mara Voss"
role = "supervisor"
{FORMS}"#,
        phone.uri(),
    );
    House::open(&(by_text(gateway, &outside.address.to_string()) + &business)).await
}

const FORMS: &str = r#"
[forms.delivery]
title = { en = "Delivery", zh-CN = "收货" }
[[forms.delivery.fields]]
name = "street"
kind = "text"
title = "Street"
[[forms.delivery.fields]]
name = "account"
kind = "text"
title = "Account"
masked = true
[[forms.delivery.fields]]
name = "picture"
kind = "photo"
title = "Picture"
required = false
[forms.identity]
title = "Identity"
guided = true
verdict = true
[[forms.identity.fields]]
name = "consent"
kind = "consent"
title = "I agree"
[[forms.identity.fields]]
name = "front"
kind = "photo"
title = "Front"
[[forms.identity.fields]]
name = "face"
kind = "photo"
title = "Face"
camera = "front"
"#;

/// A caller who talks to Dora: call 1 of person 1.
async fn talking(house: &House) -> Caller {
    let caller = Caller::dial(house.sip, "4001", NUMBER, CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    house.shows("SELECT state, agent FROM call", &["talking|dora"]).await;
    caller
}

/// A visitor who is this person: a shop would have told us.
async fn visitor(house: &House, person: u64) -> Page {
    let page = Page::open(house.web, None).await;
    let value = page.token.split('.').nth(1).expect("a visitor").to_owned();
    let identity = Identity { kind: "webchat".into(), namespace: "site".into(), value };
    let known = Command::AddIdentity { person: PersonId(person), identity, whose: None };
    house.app.switchboard.ask(Input::Command("dora".into(), known)).await.expect("added");
    page
}

/// The address in a text.
fn link(text: &str) -> String {
    let link =
        text.split_whitespace().find_map(|word| word.find("http://").map(|at| &word[at..])).unwrap_or_else(|| panic!("no link: {text}"));
    link.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned())).expect("a path")
}

/// What a customer's browser sends: texts, and files by name, file name and bytes.
pub async fn fill(house: &House, path: &str, texts: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answer {
    let mut body = Vec::new();
    for (name, value) in texts {
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
    }
    for (name, file, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: image/png\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    let (origin, kind) = (format!("http://{}", house.web), format!("multipart/form-data; boundary={BOUNDARY}"));
    let headers = [("origin", origin.as_str()), ("content-type", kind.as_str()), ("accept-language", "en")];
    tokio::time::timeout(PATIENCE, request(house.web, "POST", path, &headers, body)).await.expect("an answer in time")
}

async fn page(house: &House, path: &str, language: &str) -> Answer {
    request(house.web, "GET", path, &[("accept-language", language)], "").await
}

async fn sends(dora: &Agent, fields: &[(&str, &str)]) {
    dora.does("/work/call/1/push", fields).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_goes_once_by_text_then_into_the_chat_and_after_the_call() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let (phone, outside) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OUTSIDE_HZ, false).await);
    let house = house(&gateway, &phone, &outside).await;
    let dora = house.agent("dora").await;
    let caller = talking(&house).await;
    let dialog = dora.get("/work/call/1/push").await.text();
    assert!(dialog.contains("by text message to +4915100138193") && dialog.contains("data-seen=\"text\""), "{dialog}");
    assert!(dialog.contains("data-push-form=\"delivery\"") && !dialog.contains("call-me"), "{dialog}");
    for _ in 0..3 {
        sends(&dora, &[("text", "https://shop.example/racks"), ("seen", "text"), ("key", "k1")]).await;
    }
    house.shows("SELECT kind, agent, text, delivery FROM message", &["out|dora|https://shop.example/racks|delivered"]).await;
    dora.pushed("events", "https://shop.example/racks").await;
    // A picture cannot go by text: its link does, and opens what was sent and nothing else.
    let upload = upload(&house, &dora).await;
    sends(&dora, &[("text", "The shelf:"), ("files", &upload), ("seen", "text"), ("key", "k2")]).await;
    let text = gateway.text(2, PATIENCE).await.expect("a text");
    assert_eq!(text.to, NUMBER);
    let path = link(&text.text);
    let picture = page(&house, &path, "en").await;
    assert_eq!((picture.status, picture.header("content-type"), picture.body.as_ref()), (200, "image/png", PNG));
    assert!(picture.header("content-security-policy").contains("sandbox"));
    for wrong in [path.replace("/sent/", "/form/"), path.replace("/sent/", "/sent/1"), format!("{path}x"), "/sent/".into()] {
        assert_eq!(page(&house, &wrong, "en").await.status, 404, "{wrong}");
    }
    // The same person opens the chat: it goes there, once the agent knows.
    let visitor = visitor(&house, 1).await;
    visitor.writes("I am in the chat as well").await;
    house.shows("SELECT state, agent FROM conversation WHERE channel = 'site'", &["serving|dora"]).await;
    let stale = dora.post("/work/call/1/push", &[("text", "by this"), ("seen", "text"), ("key", "k3")]).await;
    assert_eq!(stale.status, 409, "{}", stale.text());
    assert!(dora.get("/work/call/1/push").await.text().contains("Goes to their web chat"));
    sends(&dora, &[("text", "by this"), ("files", &upload), ("seen", "conversation/2"), ("key", "k3")]).await;
    let shown = visitor.hears("message", "by this").await;
    assert_eq!(shown["line"]["files"][0]["mime"], "image/png", "{shown}");
    assert_eq!(gateway.texts().len(), 2, "nothing more by text: {:?}", gateway.texts());
    // Another agent sends nothing; after the call Dora still can.
    let otto = house.agent("otto").await;
    assert_eq!(otto.post("/work/call/1/push", &[("text", "x"), ("key", "o1")]).await.status, 409);
    caller.hang_up().await;
    phone.is_idle().await;
    until("Dora writes down what was said", || house.floor().iter().any(|line| line.starts_with("dora WrapUp"))).await;
    sends(&dora, &[("text", "Thank you for calling"), ("key", "k4")]).await;
    visitor.hears("message", "Thank you for calling").await;
    dora.does("/work/call/1/wrapup", &[("note", "")]).await;
    assert_eq!(dora.post("/work/call/1/push", &[("text", "too late"), ("key", "k5")]).await.status, 409);
    let pushed = "SELECT channel, count(*) FROM message WHERE agent = 'dora' GROUP BY channel ORDER BY channel";
    house.shows(pushed, &["site|2", "texts|2"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_found_in_the_dialog_and_sent() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let (phone, outside) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OUTSIDE_HZ, true).await);
    let house = house(&gateway, &phone, &outside).await;
    let mara = house.agent("mara").await;
    let article =
        [("title", "Returning a lamp"), ("language", "en"), ("body", "Pack it well."), ("audience", "public"), ("then", "publish")];
    assert_eq!(mara.post("/knowledge", &article).await.status, 303);
    let caller = talking(&house).await;
    let Some(desk) = Browser::at_the_desk(&house, "dora", AGENT_HZ).await else { return };
    desk.go(&format!("http://{}/inbox/call/1", house.web)).await;
    desk.click("#push").await;
    desk.keys("#pushknow", "lamp").await;
    desk.click("#pushfound .btn").await;
    let text = async || desk.run("return document.querySelector('#pushtext').value", json!([])).await;
    let begun = std::time::Instant::now();
    // What customers may read goes as its address.
    while !text().await.as_str().is_some_and(|text| text.starts_with("Returning a lamp http")) {
        assert!(begun.elapsed() < PATIENCE, "{} is put in\n{}", text().await, desk.text().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let put_in = text().await;
    desk.click("#pushbox .primary").await;
    let sent = gateway.text(1, PATIENCE).await.expect("a text");
    assert_eq!((sent.to.as_str(), Some(sent.text.as_str())), (NUMBER, put_in.as_str()));
    house.shows("SELECT kind, work_kind, work FROM article_use", &["linked|call|1"]).await;
    caller.hang_up().await;
    house.quiet().await;
    assert_eq!(gateway.texts().len(), 1);
    house.close().await;
}

/// Uploads the picture as an agent's page does; gives its number.
async fn upload(house: &House, agent: &Agent) -> String {
    let mut body = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"shelf.png\"\r\n\r\n").into_bytes();
    body.extend_from_slice(PNG);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    let (origin, kind) = (format!("http://{}", house.web), format!("multipart/form-data; boundary={BOUNDARY}"));
    let headers = [("origin", origin.as_str()), ("cookie", agent.cookie.as_str()), ("content-type", kind.as_str())];
    request(house.web, "POST", "/files", &headers, body).await.json()["id"].to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_checked_kept_and_shown_to_those_who_may() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let (phone, outside) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OUTSIDE_HZ, false).await);
    let house = house(&gateway, &phone, &outside).await;
    let dora = house.agent("dora").await;
    let caller = talking(&house).await;
    sends(&dora, &[("form", "delivery"), ("seen", "text"), ("key", "f1")]).await;
    sends(&dora, &[("form", "delivery"), ("seen", "text"), ("key", "f1")]).await;
    let path = link(&gateway.text(1, PATIENCE).await.expect("a text").text);
    let (en, zh) = (page(&house, &path, "en").await, page(&house, &path, "zh-CN").await);
    assert!(en.text().contains("<h1>Delivery</h1>") && zh.text().contains("<h1>收货</h1>"), "{}", en.text());
    let policy = en.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
    assert_eq!(
        (en.header("referrer-policy"), en.header("x-frame-options"), en.header("cache-control")),
        ("no-referrer", "DENY", "no-store")
    );
    assert!(!en.text().contains(NUMBER), "the page tells nothing of the customer");
    // Whatever is wrong is said beside its field, markup is text, and nothing is answered yet.
    let hostile = "\"><script>alert(1)</script>";
    let wrong = fill(&house, &path, &[("street", hostile), ("account", "")], &[("picture", "x.png", b"<svg onload=alert(1)>")]).await;
    assert_eq!(wrong.status, 422);
    assert!(!wrong.text().contains("<script>") && wrong.text().contains("&#60;script&#62;"), "{}", wrong.text());
    assert!(wrong.text().contains("This is needed") && wrong.text().contains("not a picture"), "{}", wrong.text());
    house.shows("SELECT state FROM form", &["sent"]).await;
    // Fields that the form does not have, doubled fields, a body that is none, one without end.
    let more: Vec<(&str, &str)> = vec![("state", "answered"), ("form", "2"), ("account", "1"), ("account", "2")];
    assert_eq!(fill(&house, &path, &more, &[]).await.status, 422);
    assert_eq!(request(house.web, "POST", &path, &[("content-type", "text/plain")], "street=x").await.status / 100, 4);
    let large = [PNG, &vec![b'a'; 12 * 1024 * 1024]].concat();
    let refused = fill(&house, &path, &[("street", "x"), ("account", "1")], &[("picture", "x.png", &large)]).await;
    assert!(refused.status == 422 && refused.text().contains("at most 12 MB"), "{} {}", refused.status, refused.text());
    // Another site cannot fill it in for the customer.
    let foreign =
        [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("content-type", "multipart/form-data; boundary=x")];
    assert_eq!(request(house.web, "POST", &path, &foreign, "--x--\r\n").await.status, 403);
    let done =
        fill(&house, &path, &[("street", "Am Hang 5 <b>"), ("account", "DE02120300000000202051")], &[("picture", "door.svg", PNG)]).await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert!(page(&house, &path, "en").await.text().contains("Thank you"));
    assert!(fill(&house, &path, &[("street", "again"), ("account", "1")], &[]).await.text().contains("Thank you"), "once only");
    house
        .shows(
            "SELECT field, kind, masked, value FROM form_answer ORDER BY place",
            &["street|text|0|Am Hang 5 <b>", "account|text|1|DE02120300000000202051", "picture|photo|0|"],
        )
        .await;
    // On Dora's page at once, with the account covered; the supervisor sees the whole of it.
    let pushed = dora.pushed("events", "Am Hang 5").await.to_string();
    assert!(pushed.contains("••2051") && !pushed.contains("DE0212") && pushed.contains("&#60;b&#62;"), "{pushed}");
    let (mara, otto) = (house.agent("mara").await, house.agent("otto").await);
    assert!(mara.get("/inbox/person/1").await.text().contains("DE02120300000000202051"));
    let timeline = otto.get("/inbox/person/1").await.text();
    assert!(timeline.contains("••2051") && !timeline.contains("DE0212"), "{timeline}");
    let file = house.rows("SELECT file FROM form_answer WHERE file IS NOT NULL").remove(0);
    let opens = async |agent: &Agent| agent.get(&format!("/files/{file}")).await;
    assert_eq!((opens(&dora).await.status, opens(&mara).await.status), (200, 200));
    assert_eq!(opens(&otto).await.status, 403, "of the queue, but not of the contact");
    assert_eq!(opens(&dora).await.header("cache-control"), "no-store");
    let events = house.rows("SELECT count(*) FROM event WHERE json LIKE '%DE0212%' OR json LIKE '%Am Hang%'");
    assert_eq!(events, ["0"], "what is answered stands in no log");
    // Taken back: good for nothing.
    sends(&dora, &[("form", "delivery"), ("key", "f2")]).await;
    let path = link(&gateway.text(2, PATIENCE).await.expect("a text").text);
    let key = path.rsplit('/').next().expect("a key");
    dora.pushed("person", "/forms/2/withdraw").await;
    for who in [&dora, &mara, &otto] {
        let seen = who.get("/inbox/person/1").await.text();
        assert!(seen.contains("/form/…") && !seen.contains(key), "the link is the customer's alone: {seen}");
        assert_eq!(seen.contains("data-post=\"/forms/2/withdraw\""), who.id != "otto");
    }
    assert_eq!(otto.post("/forms/2/withdraw", &[]).await.status, 403);
    dora.does("/forms/2/withdraw", &[]).await;
    assert!(!dora.get("/inbox/person/1").await.text().contains("/forms/2/withdraw"));
    assert_eq!(page(&house, &path, "en").await.status, 404);
    caller.hang_up().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_goes_on_by_telephone_as_soon_as_the_number_is_given() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let (phone, outside) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OUTSIDE_HZ, false).await);
    let house = house(&gateway, &phone, &outside).await;
    let dora = house.agent("dora").await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Can you call me?").await;
    dora.pushed("ring", "conversation/1/accept").await;
    dora.does("/work/conversation/1/accept", &[]).await;
    let asked = dora.post("/work/conversation/1/phone", &[]).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    assert!(asked.text().contains("asked for a number"));
    let path = link(visitor.hears("message", "/form/").await["line"]["text"].as_str().expect("a text"));
    assert_eq!(fill(&house, &path, &[("number", "0900 1234567")], &[]).await.status, 303, "a number, if a dear one");
    house.shows("SELECT count(*) FROM call", &["0"]).await;
    dora.pushed("events", "is not called").await;
    sends_number(&dora).await;
    let path = link(visitor.hears("message", "/form/2").await["line"]["text"].as_str().expect("a text"));
    assert_eq!(fill(&house, &path, &[("number", "call me")], &[]).await.status, 422);
    assert_eq!(fill(&house, &path, &[("number", "0151 00138193")], &[]).await.status, 303);
    outside.pick_up().await;
    outside.hears(AGENT_HZ).await;
    phone.hears(OUTSIDE_HZ).await;
    house.shows("SELECT person, direction, dialled, chat FROM call", &["1|outbound|+4915100138193|1"]).await;
    house.shows("SELECT kind, value FROM identity WHERE person = 1 AND kind = 'phone'", &["phone|+4915100138193"]).await;
    assert!(dora.get("/inbox/call/1").await.text().contains("from the chat"));
    visitor.writes("Thank you, I hear you").await;
    house.shows("SELECT state, agent FROM conversation", &["serving|dora"]).await;
    outside.hang_up().await;
    phone.is_idle().await;
    dora.does("/work/call/1/wrapup", &[("note", "")]).await;
    // The number is known now: one click calls.
    let called = dora.post("/work/conversation/1/phone", &[]).await;
    assert_eq!((called.status, called.header("location")), (201, "/inbox/call/2"), "{}", called.text());
    outside.pick_up().await;
    outside.hears(AGENT_HZ).await;
    outside.hang_up().await;
    house.shows("SELECT count(*) FROM callback", &["0"]).await;
    house.close().await;
}

/// Asks once more: within the minute a second click asks nobody, so by the dialog.
async fn sends_number(dora: &Agent) {
    dora.does("/work/conversation/1/push", &[("form", "call-me"), ("key", "n2")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_is_pictured_in_a_browser_and_judged_on_the_agents_page() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let (phone, outside) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OUTSIDE_HZ, false).await);
    let house = house(&gateway, &phone, &outside).await;
    let caller = talking(&house).await;
    let Some(desk) = Browser::at_the_desk(&house, "dora", AGENT_HZ).await else { return };
    let Some(theirs) = Browser::start(CUSTOMER_HZ).await else { return };
    desk.go(&format!("http://{}/inbox/call/1", house.web)).await;
    desk.click("#push").await;
    desk.reads("#pushbox .way", "by text message").await;
    desk.click("[data-push-form=identity]").await;
    desk.reads("#toast", "Sent").await;
    let path = link(&gateway.text(1, PATIENCE).await.expect("a text").text);
    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("picture.png");
    std::fs::write(&picture, PNG).expect("written");
    let picture = picture.to_string_lossy().into_owned();
    theirs.go(&format!("http://{}{path}", house.web)).await;
    theirs.reads(".steps", "Step 1 of 3").await;
    theirs.click("form button").await;
    theirs.reads(".wrong", "only go on if you agree").await;
    theirs.click("#f-consent").await;
    theirs.click("form button").await;
    for (step, field) in [("Step 2 of 3", "#f-front"), ("Step 3 of 3", "#f-face")] {
        theirs.reads(".steps", step).await;
        theirs.keys(field, &picture).await;
        theirs.click("form button").await;
    }
    theirs.reads("h1", "Thank you").await;
    // At once on the agent's page, with pictures that load.
    desk.sees(".formbox .shot img").await;
    desk.reads(".formbox", "To be judged").await;
    let loaded = "return [...document.querySelectorAll('.formbox .shot img')].filter(img => { img.loading = 'eager'; return img.complete && img.naturalWidth === 1 }).length";
    let start = std::time::Instant::now();
    while desk.run(loaded, json!([])).await != json!(2) {
        assert!(start.elapsed() < PATIENCE, "the pictures are not shown: {}", desk.text().await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    desk.click(".formbox [data-toggle^=refuse]").await;
    desk.keys(".formbox input[name=reason]", "The front is blurred").await;
    desk.click(".formbox .tagf button").await;
    desk.reads(".formbox .chip.bad", "The front is blurred").await;
    house.shows("SELECT state, judged_by, reason, ticket IS NOT NULL FROM form", &["refused|dora|The front is blurred|1"]).await;
    let mara = house.agent("mara").await;
    let ticket = mara.get("/tickets/1").await.text();
    assert!(ticket.contains("formbox") && ticket.contains("The front is blurred"), "{ticket}");
    caller.hang_up().await;
    house.close().await;
}

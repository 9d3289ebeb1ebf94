//! One customer, one story, in both languages: a lamp is broken; they chat and send a picture, phone an hour later from the number that their shop
//! vouches for, and meet another agent who sees all of it before answering; a ticket goes to the workshop, is resolved there, and they are told
//! by WeChat and by text; they say how it was, and ask once more by a key of their telephone.

use crate::rig::agent::Agent;
use crate::rig::browser::Browser;
use crate::rig::house::{House, Ports, machine};
use crate::rig::phone::{Caller, talk};
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, until, within};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use hubline::sim::g711;
use hubline::sim::sms::{Gateway, Trouble};
use hubline::sim::wechat::{Account, Plan, Says, Sim};
use serde_json::json;
use sha2::Sha256;
use std::time::Duration;

const KEY: &str = "a key that the shop and the house share";
const NUMBER: &str = "+4915112345678";
const OPENID: &str = "oSIM0001";
const HOUR_MS: i64 = 3_600_000;
/// The window's own part of the page.
const INSIDE: &str = "document.querySelector('#hubline-chat').shadowRoot";

/// What is said, and what the house says, in one language.
struct Words {
    language: &'static str,
    broken: &'static str,
    answer: &'static str,
    asks: &'static str,
    subject: &'static str,
    assigned: &'static str,
    open: &'static str,
    resolved: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    broken: "my lamp is broken",
    answer: "Please send us a picture of it",
    asks: "It is me, from the shop",
    subject: "Broken lamp, new bulb",
    assigned: "now: assigned",
    open: "now: in progress",
    resolved: "resolved",
};
const CHINESE: Words = Words {
    language: "zh-CN",
    broken: "我的台灯坏了",
    answer: "请发一张照片给我们",
    asks: "是我，店里的顾客",
    subject: "台灯损坏，换新灯泡",
    assigned: "已派单",
    open: "处理中",
    resolved: "已解决",
};

fn business(gateway: &Gateway, wechat: &Sim, account: &Account) -> String {
    format!(
        r#"
[routing]
page_grace = "30m"
[callbacks]
text_channel = "texts"
[[lines]]
number = "4001"
flow = "main"
[flows.main.nodes.start]
kind = "menu"
prompt = "menu"
options = {{ 1 = "queue:sales", 5 = "cases" }}
otherwise = "queue:sales"
[flows.main.nodes.cases]
kind = "ticket_state"
next = "bye"
otherwise = "queue:sales"
[flows.main.nodes.bye]
kind = "hangup"
prompt = "goodbye"
[[queues]]
id = "sales"
name = "Sales"
wrap_up = "0s"
prefer_agent = "0s"
record = true
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
rating = true
[channels.account]
secret = "{KEY}"
[[channels]]
kind = "sms"
id = "texts"
queue = "sales"
[channels.gateway]
url = "{}"
secret = "shared by both"
from = "+4930111"
[[channels]]
kind = "wechat"
id = "wx"
queue = "sales"
private_networks = ["127.0.0.0/8"]
[channels.wechat]
app_id = "{}"
secret = "{}"
token = "{}"
aes_key = "{}"
base_url = "{}"
[[agents]]
id = "mara"
name = "Mara Voss"
queues = ["sales"]
[[agents]]
id = "bo"
name = "Bo Lind"
queues = ["sales"]
[[agents]]
id = "sumi"
name = "Sumi Tanaka"
[tickets.departments.workshop]
name = "Workshop"
agents = ["sumi"]
"#,
        gateway.url(),
        account.app_id,
        account.secret,
        account.token,
        account.aes_key,
        wechat.url()
    )
}

/// The site's word for who is signed in, with their number.
fn token() -> String {
    let claims = json!({ "sub": "10023", "name": "Anna Winter", "phone": NUMBER, "exp": 4_000_000_000_i64 });
    let signed = format!("{}.{}", BASE64.encode(r#"{"alg":"HS256"}"#), BASE64.encode(claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("any key");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lamp_is_broken_in_english() {
    story(&ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lamp_is_broken_in_chinese() {
    story(&CHINESE).await;
}

async fn story(words: &Words) {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let account = Account::example();
    let wechat = Sim::open(account.clone(), Plan::default()).await.expect("a platform");
    let Some(anna) = Browser::start(CUSTOMER_HZ).await else { return };
    let text = machine(&Ports::any(), &business(&gateway, &wechat, &account));
    let house = House::with(&text.replacen("language = \"en\"", &format!("language = \"{}\"", words.language), 1)).await;
    wechat.calls(&format!("http://{}/hooks/wx", house.web));
    let mara = available(&house, "mara").await;
    chats(&house, &anna, &mara, words).await;
    writes_by_wechat(&house, &wechat, &mara, words).await;
    mara.leave().await;

    // An hour passes.
    let house = house
        .again_after(|db| {
            for (table, columns) in [
                ("message", "at = at - ?1, sent_at = sent_at - ?1"),
                ("conversation", "opened_at = opened_at - ?1, last_at = last_at - ?1"),
                ("event", "at = at - ?1"),
            ] {
                db.execute(&format!("UPDATE {table} SET {columns}"), [HOUR_MS]).expect("an hour earlier");
            }
        })
        .await;
    wechat.calls(&format!("http://{}/hooks/wx", house.web));
    let Some(bo) = Browser::at_the_desk(&house, "bo", AGENT_HZ).await else { return };
    phones(&house, &bo, words).await;
    is_resolved(&house, &gateway, &wechat, words).await;
    rates(&house, &anna, words).await;
    asks_by_a_key(&house, words).await;

    tells_it_all(&house, &bo, words).await;
    house.close().await;
}

async fn available(house: &House, id: &str) -> Agent {
    let agent = house.agent(id).await;
    agent.available().await;
    let line = format!("{id} Available");
    until(&line, || house.floor().iter().any(|agent| agent.starts_with(&line))).await;
    agent
}

/// In the window of the shop: words, an answer, and a picture.
async fn chats(house: &House, anna: &Browser, mara: &Agent, words: &Words) {
    anna.at_the_shop_as(house.web, &token()).await;
    anna.click_inside(".launch").await;
    let write = format!(
        "const box = {INSIDE}.querySelector('textarea'); box.value = arguments[0]; box.dispatchEvent(new Event('input', {{ bubbles: true }})); {INSIDE}.querySelector('form').requestSubmit()"
    );
    anna.run(&write, json!([words.broken])).await;
    mara.pushed("ring", "conversation/1/accept").await;
    mara.does("/work/conversation/1/accept", &[]).await;
    mara.does("/work/conversation/1/reply", &[("text", words.answer), ("key", "r1")]).await;
    anna.reads_inside(words.answer).await;
    let picture = format!(
        "const canvas = document.createElement('canvas'); canvas.width = canvas.height = 8; const done = arguments[0];
        canvas.toBlob(blob => {{
            const data = new DataTransfer(), picker = {INSIDE}.querySelector('input[type=file]');
            data.items.add(new File([blob], 'lamp.png', {{ type: 'image/png' }}));
            picker.files = data.files;
            picker.dispatchEvent(new Event('change'));
            done(true);
        }})"
    );
    anna.wait_for(&picture, json!([])).await;
    house.shows("SELECT name, mime FROM file", &["lamp.png|image/png"]).await;
    house.shows("SELECT count(*) FROM message WHERE kind = 'in'", &["2"]).await;
    house.shows("SELECT count(*) FROM identity WHERE kind = 'phone' AND value = '+4915112345678'", &["1"]).await;
}

/// The same customer by WeChat, joined by the agent's click: an openid proves nobody's number.
async fn writes_by_wechat(house: &House, wechat: &Sim, mara: &Agent, words: &Words) {
    wechat.customer(OPENID, Says::Text(words.asks.into()));
    house.shows("SELECT count(*) FROM person", &["2"]).await;
    mara.pushed("ring", "conversation/2/accept").await;
    mara.does("/work/conversation/2/accept", &[]).await;
    mara.does("/people/1/merge", &[("person", "2")]).await;
    house.shows("SELECT count(*) FROM conversation WHERE person = 1", &["2"]).await;
}

/// By telephone from the known number, to an agent who knows before answering; a ticket while they talk.
async fn phones(house: &House, bo: &Browser, words: &Words) {
    bo.can_be_called(house, "bo").await;
    bo.click("#status").await;
    bo.click(".mestat [value=available]").await;
    let caller = Caller::dial(house.sip, "4001", NUMBER, CUSTOMER_HZ).await;
    caller.hears_music(&[CUSTOMER_HZ]).await;
    caller.press("1").await;
    bo.sees(".ringcard").await;
    for part in ["Anna Winter", words.broken, words.asks] {
        bo.reads(".ringcard", part).await;
    }
    let seen = || house.rows("SELECT agent FROM routing WHERE work_kind = 'call' AND kind = 'card_shown'") == ["bo"];
    until("the card is told to be shown", seen).await;
    bo.click(".ringcard .accept").await;
    bo.hears(CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    let order = "SELECT kind FROM routing WHERE work_kind = 'call' AND kind IN ('card_shown', 'assigned') ORDER BY id";
    assert_eq!(house.rows(order), ["card_shown", "assigned"], "all was seen before the answer");
    bo.reads("#tl", words.answer).await;
    bo.sees("#tl img").await;
    bo.click("#person a[href^='/tickets/new']").await;
    bo.sees("#tn-subject").await;
    bo.run("document.querySelector('#tn-subject').value = arguments[0]", json!([words.subject])).await;
    bo.run("document.querySelector('#tn-dep').value = 'workshop'", json!([])).await;
    bo.click("form[data-form='/tickets'] .primary").await;
    house
        .shows(
            "SELECT subject, department, opened_by FROM ticket WHERE subject = (SELECT subject FROM ticket ORDER BY id DESC LIMIT 1)",
            &[&format!("{}|workshop|bo", words.subject)],
        )
        .await;
    // They still hear each other: the page has changed under the call.
    bo.hears(CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
}

/// The workshop resolves it; they are told by WeChat and by text.
async fn is_resolved(house: &House, gateway: &Gateway, wechat: &Sim, words: &Words) {
    let sumi = house.agent("sumi").await;
    let ticket = house.rows("SELECT max(id) FROM ticket").remove(0);
    let change = format!("/tickets/{ticket}/change");
    // One change after the other: each is told on every channel before the next, so that the story is the same each time.
    for (field, value, word) in [("assignee", "sumi", words.assigned), ("state", "open", words.open), ("state", "resolved", words.resolved)]
    {
        sumi.does(&change, &[("field", field), ("value", value)]).await;
        let told = |text: &str| text.contains(word) && text.contains("/ticket/");
        within(2 * crate::rig::PATIENCE, "told by text", || gateway.texts().iter().any(|text| text.to == NUMBER && told(&text.text))).await;
        within(2 * crate::rig::PATIENCE, "told by WeChat", || wechat.sent().iter().any(|sent| told(&sent.text))).await;
    }
}

/// The chat ends; five stars.
async fn rates(house: &House, anna: &Browser, words: &Words) {
    let mara = available(house, "mara").await;
    anna.at_the_shop_as(house.web, &token()).await;
    if anna.run(&format!("return {INSIDE}.querySelector('.win').hidden"), json!([])).await == json!(true) {
        anna.click_inside(".launch").await;
    }
    anna.reads_inside(words.answer).await;
    anna.reads_inside(words.resolved).await;
    mara.does("/work/conversation/1/resolve", &[]).await;
    anna.click_inside(".stars button:nth-child(5)").await;
    let rated = || house.rows("SELECT kind FROM event").iter().any(|kind| kind == "survey.answered");
    until("five stars", rated).await;
}

/// All of it stands in one timeline, in the order in which it was, and nothing else does: `tests/data/stories/` has it whole, each line with its
/// sign and what it says; `UPDATE_EXPECT=1` accepts what came out. Times and figures that differ from run to run are `·`.
async fn tells_it_all(house: &House, bo: &Browser, words: &Words) {
    bo.go(&format!("http://{}/people/1", house.web)).await;
    bo.sees("#tl article").await;
    // What is on its way has arrived, so that every line says so.
    house
        .shows(
            "SELECT count(*) FROM message WHERE delivery IN ('queued', 'unknown') OR (channel IN ('texts', 'site') AND delivery = 'sent')",
            &["0"],
        )
        .await;
    bo.reload().await;
    bo.sees("#tl article").await;
    let lines = bo.run(LINES, json!([])).await;
    let told: String = lines.as_array().expect("lines").iter().filter_map(|line| line.as_str()).map(|line| format!("{line}\n")).collect();
    let path = format!("{}/tests/data/stories/lamp.{}.txt", env!("CARGO_MANIFEST_DIR"), words.language);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &told).expect("written");
    }
    let written = std::fs::read_to_string(&path).expect("the whole story");
    assert_eq!(told, written, "the timeline is\n{told}");
    assert_eq!(bo.run("return document.querySelectorAll('.older').length", json!([])).await, json!(0), "it begins at the beginning");
}

/// Each line of a timeline as a person reads it: of messages and calls by which way they came, then what it says; pictures by their names.
const LINES: &str = "let way = '';
    return [...document.querySelectorAll('#tl article.ev')].map(line => {
        const copy = line.cloneNode(true);
        // What comes by the same way as the line above shows its sign no more.
        way = copy.querySelector('.stn')?.title || copy.querySelector('.stn svg')?.getAttribute('aria-label') || way;
        for (const gone of copy.querySelectorAll('time, .stn, svg, button, audio, video')) gone.remove();
        for (const shot of copy.querySelectorAll('img')) shot.replaceWith(`[${shot.alt}]`);
        for (const part of copy.querySelectorAll('*')) part.append(' ');
        const text = copy.textContent.replace(/\\d+:\\d\\d(:\\d\\d)?|127\\.0\\.0\\.1:\\d+|\\d+\\.\\d+/g, '·').replace(/\\s+/g, ' ').trim();
        return copy.querySelector('.sys') ? text : `${way}: ${text}`;
    })";

/// The telephone reads how far it is: the prompts are heard as they are, sample by sample.
async fn asks_by_a_key(house: &House, words: &Words) {
    let caller = Caller::dial(house.sip, "4001", NUMBER, CUSTOMER_HZ).await;
    caller.hears_music(&[CUSTOMER_HZ]).await;
    caller.press("5").await;
    caller.hung_up_on().await;
    talk(Duration::from_millis(100)).await;
    let heard = caller.everything();
    let mut last = 0;
    for prompt in ["ticket-number", "ticket-resolved", "goodbye"] {
        let at = place_of(&heard, prompt, words.language).unwrap_or_else(|| panic!("{prompt} is not heard"));
        assert!(at >= last, "{prompt} comes in its turn");
        last = at;
    }
    for other in ["ticket-new", "ticket-open", "ticket-reopened"] {
        assert_eq!(place_of(&heard, other, words.language), None, "{other} is not said");
    }
    let flow = "SELECT count(*) FROM event WHERE kind LIKE '%chose%'";
    assert_eq!(house.rows(flow), ["2"]);
}

/// Where a prompt of the house begins in what was heard.
fn place_of(heard: &[i16], prompt: &str, language: &str) -> Option<usize> {
    let folder = if language == "en" { "en" } else { "zh" };
    let file = format!("{}/static/sounds/{folder}/{prompt}.wav", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&file).expect("a prompt");
    let data = bytes.windows(4).position(|four| four == b"data").expect("its samples") + 8;
    let said: Vec<i16> = bytes[data..].iter().map(|byte| g711::decode(*byte)).collect();
    // A second from its middle, where it is no silence.
    let middle = &said[said.len() / 2..][..(said.len() / 2).min(2_000)];
    heard.windows(middle.len()).position(|window| {
        let same = window.iter().zip(middle).take(40).all(|(a, b)| a == b);
        same && window.iter().zip(middle).filter(|(a, b)| a == b).count() * 10 > middle.len() * 9
    })
}

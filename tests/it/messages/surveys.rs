//! Customers are asked how it was: in the chat window by stars, by a letter with buttons, by a text message and a key. Opening a link answers
//! nothing; a low score is seen by who supervises, and a ticket follows it.

use super::{on_duty, replies, takes};
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::visitor::Page;
use crate::rig::{AGENT_HZ, until};
use hubline::sim::sms::{Gateway, Trouble};
use serde_json::json;

const NUMBER: &str = "+4915100138193";

fn business(gateway: &Gateway) -> String {
    format!(
        r#"
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
role = "supervisor"
queues = ["sales"]
[[surveys]]
id = "after"
after = "1s"
once = "0s"
low = {{ upto = 2, ticket = {{ priority = "high" }} }}
"#,
        gateway.url()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_answered_by_a_number_and_by_its_link() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let house = House::open(&business(&gateway)).await;
    let mara = on_duty(&house, "mara").await;
    let empty = mara.get("/surveys").await.text();
    assert!(empty.contains("Nobody was asked in this period"), "{empty}");
    let hook = format!("http://{}/sms/texts/hook", house.web);
    let says = async |id: &str, text: &str| {
        let text = json!({ "type": "message", "id": id, "from": NUMBER, "text": text });
        assert_eq!(gateway.tell(&hook, &text.to_string(), None).await.expect("an answer"), 200);
    };
    says("t-1", "where is my lamp").await;
    takes(&mara, 1).await;
    replies(&mara, 1, "On its way.").await;
    mara.does("/work/conversation/1/resolve", &[]).await;
    let asked = || gateway.texts().into_iter().find(|text| text.text.contains("How content are you"));
    until("the question", || asked().is_some()).await;
    let text = asked().expect("a question").text;
    let link = text.split_whitespace().find(|word| word.contains("/survey/")).expect("a link").to_owned();
    let path = link.get(link.find("/survey/").expect("a path")..).expect("a path").to_owned();
    house.shows("SELECT name, scale, by, score FROM survey", &["after|csat|message|-"]).await;

    // A number answers, rings nobody and opens nothing.
    says("t-2", "2").await;
    house.shows("SELECT score, low, ticket FROM survey", &["2|1|1"]).await;
    house.shows("SELECT count(*) FROM conversation", &["1"]).await;
    house.shows("SELECT subject, priority FROM ticket", &["Low rating (2): see to the customer of Mara Voss|2"]).await;
    house.shows("SELECT agent, kind FROM notice", &["mara|low"]).await;
    until("thanks", || gateway.texts().iter().any(|text| text.text.starts_with("Thank you for your answer"))).await;

    // A scanner opens the link with a score and changes nothing; the customer sends the page and does.
    let opened = request(house.web, "GET", &format!("{path}?score=5"), &[], "").await;
    assert_eq!(opened.status, 200);
    let page = opened.text();
    assert!(page.contains("value=\"5\" required checked") && !page.contains("<script"), "{page}");
    assert!(opened.header("content-security-policy").contains("default-src 'none'"));
    house.shows("SELECT score FROM survey", &["2"]).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let none = request(house.web, "POST", &path, &form, "comment=no").await;
    assert_eq!((none.status, none.text().contains("Please choose a number")), (422, true));
    assert_eq!(request(house.web, "POST", &path, &form, "score=9").await.status, 422, "no such number");
    let sent = request(house.web, "POST", &path, &form, "score=5&comment=%3DHYPERLINK%28%22x%22%29+%3Cb%3E").await;
    assert_eq!((sent.status, sent.header("location")), (303, format!("{path}?said=true").as_str()));
    house.shows("SELECT score, comment, ticket FROM survey", &["5|=HYPERLINK(\"x\") <b>|1"]).await;
    assert!(request(house.web, "GET", &format!("{path}?said=true"), &[], "").await.text().contains("Thank you for your answer"));
    let chinese = request(house.web, "GET", &format!("{path}?lang=zh-CN"), &[], "").await.text();
    assert!(chinese.contains("您对本次服务满意吗"), "{chinese}");
    let other = if path.ends_with('A') { "B" } else { "A" };
    let forged = format!("{}{other}", path.get(..path.len() - 1).expect("a path"));
    assert_eq!(request(house.web, "GET", &forged, &[], "").await.status, 404);
    assert_eq!(request(house.web, "POST", &forged, &form, "score=1").await.status, 404);

    // What it came to, for who answers for it: words stay words.
    let shown = mara.get("/surveys").await.text();
    assert!(shown.contains("5.00") && shown.contains("1 / 1"), "{shown}");
    assert!(shown.contains("&#60;b&#62;") && !shown.contains("\") <b>"), "{shown}");
    let table = mara.get("/surveys/answers.csv?days=1").await.text();
    assert!(table.contains("\"'=HYPERLINK(\"\"x\"\") <b>\""), "{table}");
    let story = mara.get("/people/1?show=ratings").await.text();
    assert!(story.contains("HYPERLINK"), "the person's page: {story}");
    assert!(mara.get("/me/day").await.text().contains("5.00"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_asks_when_the_chat_is_over() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let house = House::open(&business(&gateway)).await;
    let mara = on_duty(&house, "mara").await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("hello").await;
    takes(&mara, 1).await;
    mara.does("/work/conversation/1/resolve", &[]).await;
    visitor.hears("ended", "How content are you with our service?").await;
    house.shows("SELECT by, agent, queue, channel FROM survey", &["window|mara|sales|site"]).await;
    visitor.sends(json!({ "type": "rate", "score": 3 })).await;
    visitor.hears("rated", "3").await;
    visitor.sends(json!({ "type": "rate", "score": 4, "comment": "better now" })).await;
    house.shows("SELECT score, comment FROM survey", &["4|better now"]).await;
    house.close().await;
}

const INSIDE: &str = "document.querySelector('#hubline-chat').shadowRoot";

#[tokio::test(flavor = "multi_thread")]
async fn stars_by_keyboard_in_a_real_window() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let house = House::open(&business(&gateway)).await;
    let Some(browser) = Browser::start(AGENT_HZ).await else { return };
    let mara = on_duty(&house, "mara").await;
    browser.go(&format!("http://{}/chat/widget.js", house.web)).await;
    let show = "const s = document.createElement('script'); s.src = '/chat/widget.js'; s.dataset.channel = 'site'; document.body.append(s)";
    browser.run(show, json!([])).await;
    browser.sees("#hubline-chat").await;
    browser.run(&format!("{INSIDE}.querySelector('.launch').click()"), json!([])).await;
    let write = format!(
        "const box = {INSIDE}.querySelector('textarea'); box.value = 'hello'; box.dispatchEvent(new Event('input', {{ bubbles: true }})); {INSIDE}.querySelector('form').requestSubmit()"
    );
    browser.run(&write, json!([])).await;
    takes(&mara, 1).await;
    mara.does("/work/conversation/1/resolve", &[]).await;
    let stars = format!("return {INSIDE}.querySelectorAll('.stars [role=radio]').length");
    let start = std::time::Instant::now();
    while browser.run(&stars, json!([])).await != json!(5) {
        assert!(start.elapsed() < crate::rig::PATIENCE, "no stars");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let named = browser.run(&format!("const g = {INSIDE}.querySelector('.stars'); return [g.getAttribute('role'), g.getAttribute('aria-label'), g.querySelector('[role=radio]').getAttribute('aria-label')]"), json!([])).await;
    assert_eq!(named, json!(["radiogroup", "How content are you with our service?", "1 of 5"]));
    // From the first star two to the right by arrows, and chosen.
    let arrows = format!(
        "const all = [...{INSIDE}.querySelectorAll('.stars [role=radio]')]; all[0].focus();
         for (let n = 0; n < 3; n++) {INSIDE}.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'ArrowRight', bubbles: true }}));
         {INSIDE}.activeElement.click(); return all.indexOf({INSIDE}.activeElement)"
    );
    assert_eq!(browser.run(&arrows, json!([])).await, json!(3));
    house.shows("SELECT score FROM survey", &["4"]).await;
    let why = format!(
        "const why = {INSIDE}.querySelector('.why input'); why.value = '<img src=x onerror=alert(1)>'; {INSIDE}.querySelector('.why button').click()"
    );
    let start = std::time::Instant::now();
    while browser.run(&format!("return !!{INSIDE}.querySelector('.why input')"), json!([])).await != json!(true) {
        assert!(start.elapsed() < crate::rig::PATIENCE, "why is not asked");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    browser.run(&why, json!([])).await;
    house.shows("SELECT comment FROM survey", &["<img src=x onerror=alert(1)>"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_has_a_button_for_each_answer() {
    use hubline::sim::mail::{Manners, Sim, Trouble};
    let sim = Sim::open("support@shop.example", "letter-box", Manners::default(), Trouble::default()).await.expect("a simulator");
    let house = House::open(&format!(
        "[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"email\"\nid = \"mail\"\nqueue = \"sales\"\n[channels.email]\n\
         address = \"support@shop.example\"\npassword = \"letter-box\"\nimap = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n\
         smtp = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n\
         [[surveys]]\nid = \"after\"\nafter = \"1s\"\n",
        sim.imap.port(),
        sim.smtp.port()
    ))
    .await;
    let mara = on_duty(&house, "mara").await;
    sim.customer_writes(
        b"From: Anna <anna@customer.example>\r\nTo: support@shop.example\r\nSubject: Order 7\r\nMessage-ID: <a1@customer.example>\r\n\r\nWhere is it?\r\n",
    );
    takes(&mara, 1).await;
    mara.does("/work/conversation/1/resolve", &[]).await;
    assert!(sim.sent_at_least(1, std::time::Duration::from_secs(20)).await, "the letter is sent");
    let sent = sim.sent().remove(0);
    assert_eq!(sent.head("auto-submitted").as_deref(), Some("auto-replied"));
    let letter = mail_parser::MessageParser::default().parse(&sent.letter).expect("a letter");
    let (plain, html) = (letter.body_text(0).expect("plain text"), letter.body_html(0).expect("HTML"));
    assert!(plain.contains("How content are you") && plain.contains("5 · very content"), "{plain}");
    let links: Vec<&str> = plain.lines().filter(|line| line.starts_with("http")).map(str::trim).collect();
    assert_eq!(links.len(), 5, "{plain}");
    for (link, score) in links.iter().zip(1..) {
        assert!(link.ends_with(&format!("?score={score}")), "{link}");
        assert!(html.contains(&format!("href=\"{link}\"")), "{html}");
    }
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    house.shows("SELECT by, channel, score FROM survey", &["letter|mail|-"]).await;
    // What opens the customer's page stands on no page of ours.
    let page = mara.get("/inbox/conversation/1").await.text();
    assert!(page.contains("How content are you") && !page.contains("/survey/"), "{page}");
    // Answered by hand, by a number alone.
    sim.customer_writes(
        format!(
            "From: Anna <anna@customer.example>\r\nTo: support@shop.example\r\nSubject: Re: Order 7\r\nMessage-ID: <a2@customer.example>\r\nIn-Reply-To: {}\r\n\r\n4\r\n",
            sent.head("message-id").unwrap_or_default()
        )
        .as_bytes(),
    );
    house.shows("SELECT score FROM survey", &["4"]).await;
    house.shows("SELECT count(*) FROM conversation", &["1"]).await;
    house.close().await;
}

//! WhatsApp from end to end, with receipts before answers and customers who are known by an id alone.

use super::storm::{PNG, Pictures, Replies, Sea, has_file, line, storm, weather};
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::until;
use hubline::sim::meta::whatsapp::{Account, Customer, Whatsapp};
use hubline::sim::plan::Plan;
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_number_weathers_the_storm() {
    let account = Account { number_id: "106".into(), business_id: "102".into(), token: "wa".into(), app_secret: "app".into() };
    let sim = Whatsapp::open(account, weather(5)).await.expect("a simulator");
    let ann = Customer { wa_id: Some("16505551234".into()), user_id: Some("US.134".into()), name: "Ann".into() };
    let section = format!(
        "[channels.whatsapp]\nphone_number_id = \"106\"\nbusiness_account_id = \"102\"\ntoken = \"wa\"\napp_secret = \"app\"\nverify_token = \"word\"\nbase_url = \"{}\"\n",
        sim.url()
    );
    let sea = Sea {
        kind: "whatsapp",
        section,
        calls: Box::new(|hook| sim.calls(hook)),
        writes: Box::new(|n| {
            if has_file(n) {
                let id = sim.file("pump.png", "image/png", PNG);
                sim.customer_sends(&ann, json!({ "type": "image", "image": { "id": id, "caption": line(n) } }));
            } else {
                sim.customer_writes(&ann, &line(n));
            }
        }),
        arrived: Box::new(|| {
            let text = |sent: hubline::sim::meta::whatsapp::Sent| {
                let of = |path: &str| sent.body.pointer(path).and_then(|text| text.as_str()).map(str::to_owned);
                of("/text/body").or_else(|| of("/image/caption")).unwrap_or_default()
            };
            sim.sent().into_iter().map(text).collect()
        }),
        replies: Replies::Files,
        pictures: Pictures::Captioned,
        order: "sent_at, text",
    };
    storm(sea, 5).await;
    assert_eq!(sim.refused(), Vec::<String>::new());
}

const HOUR_MS: i64 = 3_600_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_template_goes_out_when_the_window_is_closed() {
    let account = Account { number_id: "106".into(), business_id: "102".into(), token: "wa".into(), app_secret: "app".into() };
    let sim = Whatsapp::open(account, Plan::default()).await.expect("a simulator");
    sim.template("sale", "en_US", "REJECTED", "Buy now!");
    sim.template("order_ready", "en_US", "APPROVED", "Hello {{1}}, order {{2}} is ready.");
    sim.template("order_ready", "zh_CN", "PENDING", "你好 {{1}}，订单 {{2}} 已备好");
    let house = House::open(&format!(
        "[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"whatsapp\"\nid = \"wa\"\nqueue = \"sales\"\nprivate_networks = [\"127.0.0.0/8\"]\n\
         [channels.whatsapp]\nphone_number_id = \"106\"\nbusiness_account_id = \"102\"\ntoken = \"wa\"\napp_secret = \"app\"\nverify_token = \"word\"\nbase_url = \"{}\"\n\
         [[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        sim.url()
    ))
    .await;
    sim.calls(&format!("http://{}/hooks/wa", house.web));
    // What they wrote yesterday is told today.
    sim.later(-25 * HOUR_MS);
    sim.customer_writes(&Customer::number("16505551234"), "Is it ready?");
    sim.later(25 * HOUR_MS);
    let Some(browser) = Browser::at_the_desk(&house, "mara", 440.0).await else { return };
    let mara = super::on_duty(&house, "mara").await;
    super::takes(&mara, 1).await;
    browser.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    // The list stands where the text was; what is not approved cannot be chosen.
    browser.reads("#tpls", "Waiting for approval").await;
    browser.keys("#tplq", "sale\n").await;
    browser.reads("#tpls", "Buy now!").await;
    assert_eq!(browser.run("return document.querySelector('#tplf').hidden", json!([])).await, json!(true), "a refused one");
    let search =
        "const field = document.querySelector('#tplq'); field.value = ''; field.dispatchEvent(new Event('input', { bubbles: true }))";
    browser.run(search, json!([])).await;
    browser.keys("#tplq", "order\n").await;
    browser.keys("#tplfields label:nth-child(1) input", "Ann").await;
    browser.click("#send").await;
    assert!(sim.sent().is_empty(), "a variable is empty");
    browser.keys("#tplfields label:nth-child(2) input", "4711").await;
    browser.reads("#tplp", "Hello Ann, order 4711 is ready.").await;
    browser.keys("#tplfields label:nth-child(2) input", "\n").await;
    browser.reads("#tl", "Hello Ann, order 4711 is ready.").await;
    browser.reads("#tl", "Template: order_ready").await;
    let sent = sim.sent_by(1, Duration::from_secs(10)).await;
    let parameters = json!([{ "type": "text", "text": "Ann" }, { "type": "text", "text": "4711" }]);
    let template =
        json!({ "name": "order_ready", "language": { "code": "en_US" }, "components": [{ "type": "body", "parameters": parameters }] });
    assert_eq!((sent.len(), sent[0].to.as_str(), &sent[0].body["template"]), (1, "16505551234", &template));
    house.shows("SELECT text, delivery FROM message WHERE kind = 'out'", &["Hello Ann, order 4711 is ready.|read"]).await;
    // Whoever forges the page's request is refused in words.
    let forged = [("name", "order_ready"), ("language", "zh_CN"), ("values", "[\"安\",\"1\"]"), ("key", "k")];
    let answer = mara.post("/work/conversation/1/template", &forged).await;
    assert_eq!((answer.status, answer.text().as_str()), (409, "The platform has not approved this template, so it cannot be sent."));
    assert_eq!(sim.refused(), Vec::<String>::new());
    assert_eq!(sim.sent().len(), 1);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_how_a_channel_is_and_tries_it() {
    let account = Account { number_id: "106".into(), business_id: "102".into(), token: "wa".into(), app_secret: "app".into() };
    let sim = Whatsapp::open(account, Plan::default()).await.expect("a simulator");
    sim.template("order_ready", "en_US", "APPROVED", "Order {{1}} is ready.");
    sim.template("sale", "en_US", "REJECTED", "Buy now!");
    let house = House::open(&format!(
        "[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"whatsapp\"\nid = \"wa\"\nqueue = \"sales\"\nprivate_networks = [\"127.0.0.0/8\"]\n\
         [channels.whatsapp]\nphone_number_id = \"106\"\nbusiness_account_id = \"102\"\ntoken = \"wa\"\napp_secret = \"app\"\nverify_token = \"word\"\nbase_url = \"{}\"\n\
         [[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n[[agents]]\nid = \"ada\"\nqueues = []\nrole = \"admin\"\n",
        sim.url()
    ))
    .await;
    sim.calls(&format!("http://{}/hooks/wa", house.web));
    let (mara, ada) = (super::on_duty(&house, "mara").await, house.agent("ada").await);
    house.shows("SELECT count(*) FROM channel_templates WHERE read_at IS NOT NULL", &["1"]).await;
    let page = ada.get("/admin/channels").await.text();
    assert!(page.contains("Nothing happened yet") && page.contains("Templates: 1 of 2 can be sent"), "{page}");
    assert!(page.contains("/hooks/wa</code>"), "the address to enter at the platform: {page}");
    sim.customer_writes(&Customer::number("16505551234"), "Is it ready?");
    super::takes(&mara, 1).await;
    let page = ada.get("/admin/channels").await.text();
    assert!(page.contains("Last worked") && page.contains("chip ok\">Works"), "{page}");
    let tried = ada.post("/admin/channels/wa/try", &[]).await;
    let found = tried.text();
    assert!(found.contains("The access token of Meta is good") && found.contains("Templates approved: 1/2"), "{} {found}", tried.status);
    assert!(found.contains("The platform can reach us at a public address: http://"), "our own answer is known: {found}");
    assert_eq!(ada.post("/admin/channels/nobody/try", &[]).await.status, 404);
    // Requests that Meta has not signed are seen, and are no outage.
    for _ in 0..5 {
        assert_eq!(request(house.web, "POST", "/hooks/wa", &[("x-hub-signature-256", "sha256=00")], "{}").await.status, 401);
    }
    let page = ada.get("/admin/channels").await.text();
    assert!(page.contains("5 requests to our address in a row were not believed") && page.contains("chip warn\">See to it"), "{page}");
    assert!(house.app.switchboard.floor().outages.is_empty());
    // A token that is taken back is found by a trial, and is one.
    sim.takes_the_token_back();
    assert!(ada.post("/admin/channels/wa/try", &[]).await.text().contains("it does not work: 190"));
    until("it is down", || !house.app.switchboard.floor().outages.is_empty()).await;
    assert!(ada.get("/admin/channels").await.text().contains("chip bad\">Does not work"));
    assert_eq!(mara.get("/admin/channels").await.status, 403);
    house.close().await;
}

//! WhatsApp from end to end, with receipts before answers and customers who are known by an id alone.

use super::storm::{PNG, Sea, has_file, line, storm, weather};
use hubline::sim::meta::whatsapp::{Account, Customer, Whatsapp};
use serde_json::json;

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
        files: true,
        captions: true,
        order: "sent_at, text",
    };
    storm(sea, 5).await;
    assert_eq!(sim.refused(), Vec::<String>::new());
}

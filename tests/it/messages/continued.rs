//! From WeChat into the chat window: by the agent's link, with what was written before, as the same person, and for nobody else.

use super::{on_duty, replies, takes};
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::until;
use crate::rig::visitor::{Page, ask};
use hubline::sim::wechat::{Account, Plan, Says, Sim};
use serde_json::json;

const OPENID: &str = "oSIM0001";

/// Two windows, and an account whose customers belong to the second of them.
fn business(wechat: &Sim, account: &Account) -> String {
    format!(
        r#"
[[queues]]
id = "returns"
name = "Returns"
[[queues]]
id = "sales"
name = "Sales"
wrap_up = "0s"
[[channels]]
kind = "webchat"
id = "other"
queue = "returns"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
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
"#,
        account.app_id,
        account.secret,
        account.token,
        account.aes_key,
        wechat.url()
    )
}

/// What stands behind `/chat/go/` in what the customer was sent.
fn link(wechat: &Sim) -> Option<String> {
    let sent = wechat.sent();
    let text = sent.iter().find_map(|sent| sent.text.split_once("/chat/go/").map(|(_, after)| after.to_owned()))?;
    text.split_whitespace().next().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_of_wechat_goes_on_in_the_chat_window() {
    let account = Account::example();
    let wechat = Sim::open(account.clone(), Plan::default()).await.expect("a platform");
    let house = House::open(&business(&wechat, &account)).await;
    wechat.calls(&format!("http://{}/hooks/wx", house.web));
    let mara = on_duty(&house, "mara").await;
    wechat.customer(OPENID, Says::Text("my lamp is broken".into()));
    takes(&mara, 1).await;
    replies(&mara, 1, "Please show us a picture").await;
    mara.does("/work/conversation/1/chat-link", &[]).await;
    until("the link has come", || link(&wechat).is_some()).await;
    let link = link(&wechat).expect("just seen");

    // The page has the window of those who serve them; opening it begins nothing, because programs open links, too.
    let page = request(house.web, "GET", &format!("/chat/go/{link}"), &[], "").await;
    assert!(page.status == 200 && page.text().contains("data-channel=\"site\""), "{} {}", page.status, page.text());
    assert_eq!(house.rows("SELECT count(*) FROM continuation"), ["0"]);
    // The window knows what was written, and they are who they were.
    let anna = Page::open_as(house.web, json!({ "go": link })).await;
    let welcome = anna.hears("welcome", "Please show us a picture").await.to_string();
    assert!(welcome.contains("my lamp is broken"), "{welcome}");
    anna.writes("here it is").await;
    house.shows("SELECT person, channel FROM conversation ORDER BY id", &["1|wx", "1|site"]).await;
    assert_eq!(house.rows("SELECT count(*) FROM person"), ["1"]);
    let person = mara.get("/inbox/person/1").await.text();
    for words in ["my lamp is broken", "here it is"] {
        assert!(person.contains(words), "{words}: {person}");
    }

    // The same browser may come back; a second one has nothing of it, nor has who makes a link up.
    let own = format!("http://{}", house.web);
    let session = async |who| ask(house.web, &own, None, "POST", "session", who).await.status;
    assert_eq!(session(json!({ "go": link, "token": anna.token })).await, 200);
    assert_eq!(session(json!({ "go": link })).await, 410);
    let stranger = Page::open(house.web, None).await;
    assert_eq!(session(json!({ "go": link, "token": stranger.token })).await, 410);
    let other = link.replacen('1', "2", 1);
    for forged in [format!("{link}x"), other, "1.2.3".to_owned()] {
        assert_eq!(session(json!({ "go": forged })).await, 410, "{forged}");
        assert_eq!(request(house.web, "GET", &format!("/chat/go/{forged}"), &[], "").await.status, 410, "{forged}");
    }
    assert_eq!(house.rows("SELECT count(*) FROM continuation"), ["1"]);
    house.close().await;
}

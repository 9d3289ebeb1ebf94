//! The platform is as strict as it says: what a careless house would get.

use super::*;

async fn asked(sim: &Sim, path: &str, body: Value) -> Value {
    let (_, answer) =
        call("POST", &format!("{}{path}", sim.url()), &[("content-type", "application/json")], body.to_string()).await.expect("an answer");
    serde_json::from_slice(&answer).expect("JSON")
}

async fn token(sim: &Sim) -> String {
    let corp = Corp::example();
    let url = format!("{}/cgi-bin/gettoken?corpid={}&corpsecret={}", sim.url(), corp.corp_id, corp.secret);
    let (_, answer) = call("GET", &url, &[], Bytes::new()).await.expect("an answer");
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    answer["access_token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn messages_come_by_cursor_alone_and_ours_are_not_among_them() {
    let sim = Sim::open(Corp { page: 2, ..Corp::example() }, Plan { seed: 1, lost: 1_000, ..Plan::default() }).await.expect("a platform");
    let token = token(&sim).await;
    let sync = async |cursor: &str, hint: Option<&str>| {
        let mut body = json!({ "cursor": cursor, "limit": 1_000, "open_kfid": "wkSIM1" });
        if let Some(hint) = hint {
            body["token"] = json!(hint);
        }
        asked(&sim, &format!("/cgi-bin/kf/sync_msg?access_token={token}"), body).await
    };
    for n in 0..3 {
        sim.customer("wm1", Says::Text(n.to_string())).await;
    }
    let message = json!({ "touser": "wm1", "open_kfid": "wkSIM1", "msgid": "k1", "msgtype": "text", "text": { "content": "ours" } });
    let sent = asked(&sim, &format!("/cgi-bin/kf/send_msg?access_token={token}"), message.clone()).await;
    assert_eq!((sent["errcode"].as_i64(), sent["msgid"].as_str()), (Some(0), Some("k1")));
    assert_eq!(asked(&sim, &format!("/cgi-bin/kf/send_msg?access_token={token}"), message).await, sent, "the same again");
    assert_eq!(sim.sent().len(), 1);
    let first = sync("", None).await;
    assert_eq!((first["has_more"].as_u64(), first["msg_list"].as_array().map(Vec::len)), (Some(1), Some(2)));
    let second = sync(first["next_cursor"].as_str().expect("a cursor"), None).await;
    assert_eq!((second["has_more"].as_u64(), second["msg_list"].as_array().map(Vec::len)), (Some(0), Some(1)));
    assert_eq!(sync("nonsense", None).await["errcode"], 40058);
    assert_eq!(sync("", Some("ENCnonsense")).await["errcode"], 95007);
    for _ in 0..60 {
        sync("", None).await;
    }
    assert_eq!(sync("", None).await["errcode"], 45009, "without a hint it is asked seldom");
}

#[tokio::test]
async fn codes_are_good_once_and_not_for_long() {
    let sim = Sim::open(Corp::example(), Plan { lost: 1_000, ..Plan::default() }).await.expect("a platform");
    let token = token(&sim).await;
    let welcome = async |code: String| {
        let body = json!({ "code": code, "msgtype": "text", "text": { "content": "welcome" } });
        asked(&sim, &format!("/cgi-bin/kf/send_msg_on_event?access_token={token}"), body).await["errcode"].as_i64()
    };
    let code = || sim.book(|book| book.codes.keys().next().cloned()).expect("a code");
    sim.customer("wm1", Says::Enters(String::new(), String::new())).await;
    let first = code();
    assert_eq!(welcome(first.clone()).await, Some(0));
    assert_eq!(welcome(first).await, Some(41056));
    sim.customer("wm1", Says::Enters(String::new(), String::new())).await;
    sim.pass(Duration::from_secs(21));
    assert_eq!(welcome(code()).await, Some(41056));
}

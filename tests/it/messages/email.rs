//! Letters, end to end: Dovecot as the firm's mail server, and another mail program as the customer's.

use super::{on_duty, replies, takes};
use crate::rig::dovecot::{Dovecot, PASSWORD};
use crate::rig::house::House;
use serde_json::{Value, json};

const ANNA: &str = "anna@customer.example";

/// Two folders of one mailbox with two addresses.
fn business(dovecot: &Dovecot) -> String {
    let (imaps, submissions, authority) = (dovecot.imaps, dovecot.submissions, dovecot.authority());
    format!(
        r#"
[[queues]]
id = "sales"
name = "Sales"
wrap_up = "0s"
[[channels]]
kind = "email"
id = "mail"
queue = "sales"
[channels.email]
address = "support@shop.example"
name = "Shop Support"
password = "{PASSWORD}"
folders = ["INBOX", "客服"]
plus = true
imap = {{ host = "127.0.0.1", port = {imaps}, authority = {authority:?} }}
smtp = {{ host = "127.0.0.1", port = {submissions}, authority = {authority:?} }}
[[agents]]
id = "mara"
name = "Mara Voss"
queues = ["sales"]
"#
    )
}

/// The customer's newest letter, once there are so many.
async fn reads(dovecot: &Dovecot, count: u64) -> Value {
    for _ in 0..100 {
        let newest = dovecot.client(ANNA, "read", json!({})).await;
        if newest["count"] == json!(count) {
            return newest;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the customer has no letter number {count}:\n{}", dovecot.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_with_another_mail_program_over_a_real_server() {
    let Some(dovecot) = Dovecot::open().await else { return };
    let house = House::open(&business(&dovecot)).await;
    let mara = on_duty(&house, "mara").await;
    let order = json!({ "to": "support@shop.example", "name": "Anna Wirth", "subject": "订单 1042", "text": "Where is my order?", "files": { "订单.txt": "1042" } });
    let first = dovecot.client(ANNA, "write", order).await;
    takes(&mara, 1).await;
    house.shows("SELECT kind, text FROM message ORDER BY id", &["in|Where is my order?"]).await;
    house.shows("SELECT name, bytes FROM file", &["订单.txt|4"]).await;
    replies(&mara, 1, "It left today.").await;
    let answer = reads(&dovecot, 1).await;
    assert_eq!(answer["heads"]["in-reply-to"], first["id"]);
    assert_eq!(answer["heads"]["references"], first["id"]);
    assert_eq!(answer["heads"]["subject"], json!("Re: 订单 1042"));
    assert_eq!(answer["heads"]["from"], json!("Shop Support <support@shop.example>"));
    assert_eq!(answer["text"].as_str().map(str::trim), Some("It left today."));
    house.shows("SELECT delivery FROM message WHERE kind = 'out'", &["sent"]).await;
    // The customer answers by their program; it quotes, and names what it answers.
    dovecot.client(ANNA, "reply", json!({ "name": "Anna Wirth", "text": "Thank you very much." })).await;
    let story = ["1|in|Where is my order?", "1|out|It left today.", "1|in|Thank you very much."];
    house.shows("SELECT conversation, kind, text FROM message ORDER BY id", &story).await;
    let quoted = house.rows("SELECT extra FROM message ORDER BY id DESC LIMIT 1");
    assert!(quoted[0].contains("> It left today."), "what was quoted is folded, not lost: {quoted:?}");
    replies(&mara, 1, "You are welcome.").await;
    let last = reads(&dovecot, 2).await;
    let ids: Vec<&str> = last["heads"]["references"].as_str().expect("ids").split_whitespace().collect();
    assert_eq!((ids.len(), ids.first().copied()), (3, first["id"].as_str()), "the whole chain: {ids:?}");
    // A program that names nothing of what it answers: the address that it was asked to answer to is enough.
    let back = last["heads"]["reply-to"].as_str().expect("a way back").to_owned();
    dovecot.client(ANNA, "write", json!({ "to": back, "subject": "something else", "text": "One more thing." })).await;
    let story = [&story[..], &["1|out|You are welcome.", "1|in|One more thing."]].concat();
    house.shows("SELECT conversation, kind, text FROM message ORDER BY id", &story).await;
    house.close().await;
}

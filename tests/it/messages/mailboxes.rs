//! A house with two mailboxes: letters that come to both, answers that come to the other one, and copies of our own.

use super::{on_duty, replies, takes};
use crate::rig::house::House;
use hubline::sim::mail::{Manners, Sim, Trouble};
use std::time::Duration;

const PASSWORD: &str = "correct-horse-9";
const STORY: &str = "SELECT conversation, channel, kind, text FROM message ORDER BY id";
const LOOKED_AT: &str = "SELECT count(*) FROM channel_event WHERE done_at IS NOT NULL";

async fn mailbox(address: &str) -> Sim {
    Sim::open(address, PASSWORD, Manners::default(), Trouble::default()).await.expect("a simulator")
}

/// One queue for each mailbox.
fn business(support: &Sim, sales: &Sim) -> String {
    let channel = |id: &str, sim: &Sim| {
        format!(
            "[[queues]]\nid = \"{id}\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"email\"\nid = \"{id}\"\nqueue = \"{id}\"\n[channels.email]\n\
             address = \"{id}@shop.example\"\npassword = \"{PASSWORD}\"\nimap = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n\
             smtp = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n",
            sim.imap.port(),
            sim.smtp.port()
        )
    };
    format!("{}{}[[agents]]\nid = \"mara\"\nqueues = [\"support\", \"sales\"]\n", channel("support", support), channel("sales", sales))
}

fn letter(id: &str, heads: &str, text: &str) -> String {
    format!("From: Anna <anna@customer.example>\r\nSubject: Order 7\r\nMessage-ID: <{id}@customer.example>\r\n{heads}\r\n{text}\r\n")
}

/// As it comes by two ways.
fn to_both(first: &Sim, second: &Sim, letter: &str) {
    first.customer_writes(format!("Received: from one.example\r\n{letter}").as_bytes());
    second.customer_writes(format!("Received: from other.example\r\n{letter}").as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_reaches_two_mailboxes_is_one_conversation() {
    let (support, sales) = (mailbox("support@shop.example").await, mailbox("sales@shop.example").await);
    let house = House::open(&business(&support, &sales)).await;
    let mara = on_duty(&house, "mara").await;
    // To both; the copy is fetched first, and yet it is the letter of whom it names first.
    let heads = "To: sales@shop.example\r\nCc: Support <support@shop.example>, ben@customer.example\r\n";
    let first = letter("t1", heads, "Where is it?");
    support.customer_writes(first.as_bytes());
    let story = ["1|sales|in|Where is it?"];
    house.shows(STORY, &story).await;
    sales.customer_writes(format!("Received: from elsewhere.example\r\n{first}").as_bytes());
    house.shows(LOOKED_AT, &["2"]).await;
    house.shows(STORY, &story).await;
    house.shows("SELECT id, channel, queue FROM conversation", &["1|sales|sales"]).await;
    takes(&mara, 1).await;
    // The answer goes out by that mailbox, to all who had the letter; its copy in the other one is nothing new.
    let all = [("text", "It left today."), ("key", "a1"), ("letter", "true"), ("cc", "support@shop.example; ben@customer.example")];
    mara.does("/work/conversation/1/reply", &all).await;
    assert!(sales.sent_at_least(1, Duration::from_secs(20)).await, "the answer is sent");
    let ours = sales.sent().remove(0);
    assert!(ours.head("from").is_some_and(|from| from.contains("sales@shop.example")));
    assert!(ours.to.contains(&"support@shop.example".to_owned()), "{:?}", ours.to);
    support.customer_writes(&ours.letter);
    house.shows(LOOKED_AT, &["3"]).await;
    let story = [story[0], "1|sales|out|It left today."];
    house.shows(STORY, &story).await;
    // A customer's answer, to the other mailbox alone.
    let id = ours.head("message-id").expect("an id");
    let answer = format!("To: support@shop.example\r\nIn-Reply-To: {id}\r\nReferences: <t1@customer.example> {id}\r\n");
    support.customer_writes(letter("t2", &answer, "Thank you.").as_bytes());
    let story = [&story[..], &["1|sales|in|Thank you."]].concat();
    house.shows(STORY, &story).await;
    // And one to both, which names nothing of ours.
    let both = "To: support@shop.example, sales@shop.example\r\nIn-Reply-To: <t2@customer.example>\r\n";
    to_both(&support, &sales, &letter("t3", both, "One more thing."));
    house.shows(LOOKED_AT, &["6"]).await;
    let story = [&story[..], &["1|sales|in|One more thing."]].concat();
    house.shows(STORY, &story).await;
    replies(&mara, 1, "Yes?").await;
    assert!(sales.sent_at_least(2, Duration::from_secs(20)).await, "the answer is sent");
    let last = sales.sent().remove(1);
    assert!(last.head("from").is_some_and(|from| from.contains("sales@shop.example")));
    assert_eq!(last.head("in-reply-to").as_deref(), Some("<t3@customer.example>"));
    assert!(support.sent().is_empty(), "one conversation speaks by one mailbox");
    house.shows("SELECT count(*) FROM conversation", &["1"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_that_come_to_both_at_once_come_once() {
    let (support, sales) = (mailbox("support@shop.example").await, mailbox("sales@shop.example").await);
    let house = House::open(&business(&support, &sales)).await;
    for n in 0..30 {
        let heads = if n % 2 == 0 {
            "To: sales@shop.example, support@shop.example\r\n"
        } else {
            "To: support@shop.example\r\nCc: sales@shop.example\r\n"
        };
        to_both(&support, &sales, &letter(&format!("n{n}"), heads, &format!("number {n}")));
    }
    // Another by nobody's name, as a list or a blind copy brings it, is whose mailbox it came to.
    let blind = letter("blind", "To: undisclosed-recipients:;\r\n", "to nobody");
    to_both(&support, &sales, &blind);
    house.shows(LOOKED_AT, &["62"]).await;
    house.shows("SELECT count(*), count(DISTINCT external_id), count(DISTINCT conversation) FROM message", &["31|31|31"]).await;
    let by = "SELECT channel, count(*) FROM conversation WHERE id NOT IN (SELECT conversation FROM message WHERE text = 'to nobody') GROUP BY channel ORDER BY channel";
    house.shows(by, &["sales|15", "support|15"]).await;
    house.close().await;
}

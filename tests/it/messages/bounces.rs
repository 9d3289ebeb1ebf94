//! Letters that come back, by a real mail server's reports.

use super::{on_duty, replies, takes};
use crate::rig::dovecot::{Dovecot, PASSWORD};
use crate::rig::house::House;
use crate::rig::postfix::Postfix;

/// Read at Dovecot, sent by Postfix. `plus`: reports come back to an address of their own.
fn business(dovecot: &Dovecot, postfix: &Postfix, plus: bool) -> String {
    format!(
        "[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"email\"\nid = \"mail\"\nqueue = \"sales\"\n[[channels.keywords]]\n\
         words = [\"hours\"]\nreply = \"From nine to five.\"\n[channels.email]\naddress = \"support@shop.example\"\nplus = {plus}\nuser = \"support@shop.example\"\n\
         imap = {{ host = \"127.0.0.1\", port = {}, authority = {:?}, password = \"{PASSWORD}\" }}\n\
         smtp = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        dovecot.imaps,
        dovecot.authority(),
        postfix.port
    )
}

async fn reports_mark_what_they_are_about(plus: bool) {
    let Some(dovecot) = Dovecot::open().await else { return };
    let Some(postfix) = Postfix::open(&dovecot).await else { return };
    let house = House::open(&business(&dovecot, &postfix, plus)).await;
    let mara = on_duty(&house, "mara").await;
    let writes = |who: &str, text: &str| {
        let letter = format!("From: {who}\r\nTo: support@shop.example\r\nSubject: Order 7\r\nMessage-ID: <{text}.{who}>\r\n\r\n{text}\r\n");
        dovecot.deliver("support@shop.example", letter.as_bytes());
    };
    for (nth, who) in ["gone@abroad.example", "full@abroad.example", "anna@customer.example"].into_iter().enumerate() {
        let conversation = u64::try_from(nth + 1).expect("small");
        writes(who, "Hello");
        takes(&mara, conversation).await;
        replies(&mara, conversation, &format!("To {who}")).await;
    }
    // Three letters, and two reports.
    let mut fates = postfix.rests(5).await;
    fates.sort();
    assert_eq!(fates, ["bounced", "bounced", "sent", "sent", "sent"], "{}", postfix.log());
    let outcome = "SELECT c.value, m.delivery, coalesce(m.failure, '') FROM message m JOIN conversation c ON c.id = m.conversation WHERE m.kind = 'out' ORDER BY m.id";
    let outcomes = [
        "gone@abroad.example|failed|5.1.1 550 5.1.1 There is no such user here",
        "full@abroad.example|failed|5.2.2 552 5.2.2 The mailbox is full",
        "anna@customer.example|sent|",
    ];
    house.shows(outcome, &outcomes).await;
    // The address that does not exist is known as such; the one that is full may be written to again.
    house.shows("SELECT value FROM identity WHERE unreachable IS NOT NULL", &["gone@abroad.example"]).await;
    let page = mara.get("/inbox/conversation/1").await.text();
    assert!(page.contains("There is no such user here") && page.contains("This address does not exist"), "{page}");
    // A machine of ours that answers an address which nobody has ends there: the report is no message, and nobody answers it.
    writes("lost@abroad.example", "hours");
    let automatic = "SELECT kind, text FROM message WHERE kind = 'auto'";
    house.shows(automatic, &["auto|From nine to five."]).await;
    let fates = postfix.rests(if plus { 6 } else { 7 }).await;
    assert_eq!(fates.iter().filter(|fate| *fate == "bounced").count(), 3, "{}", postfix.log());
    if !plus {
        // Its report has an address to come to.
        house.shows("SELECT delivery FROM message WHERE kind = 'auto'", &["failed"]).await;
    }
    house.shows("SELECT count(*) FROM conversation", &["4"]).await;
    house.shows("SELECT kind, count(*) FROM message GROUP BY kind ORDER BY kind", &["auto|1", "in|4", "out|3"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_to_an_address_of_its_own_marks_its_letter() {
    reports_mark_what_they_are_about(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_to_the_mailbox_marks_its_letter() {
    reports_mark_what_they_are_about(false).await;
}

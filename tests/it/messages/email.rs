//! Letters, end to end: Dovecot as the firm's mail server, and another mail program as the customer's.

use super::storm::{EACH, PNG, Pictures, Replies, Sea, has_file, line, storm};
use super::{on_duty, replies, takes};
use crate::rig::dovecot::{Dovecot, PASSWORD};
use crate::rig::house::House;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hubline::sim::mail::{Manners, Sent, Sim, Trouble};
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

#[tokio::test(flavor = "multi_thread")]
async fn letters_of_all_folders_come_once_whatever_happens_to_the_house() {
    let Some(dovecot) = Dovecot::open().await else { return };
    let house = House::open(&business(&dovecot)).await;
    let letter = |n: u32| {
        format!(
            "From: c{n}@customer.example\r\nTo: support@shop.example\r\nSubject: {n}\r\nMessage-ID: <n{n}@customer.example>\r\n\r\nnumber {n}\r\n"
        )
    };
    for n in 1..=20 {
        dovecot.deliver("support@shop.example", letter(n).as_bytes());
        if n % 4 == 0 {
            // The same letter by another way, and by one that encodes it anew.
            dovecot.deliver("support@shop.example", format!("Received: from elsewhere.example\r\n{}", letter(n)).as_bytes());
            let anew = letter(n).replace("\r\n\r\nnumber", "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=6Eumber");
            dovecot.deliver("support@shop.example", anew.as_bytes());
        }
    }
    house.shows("SELECT count(*), count(DISTINCT conversation) FROM message", &["20|20"]).await;
    // The house goes and comes; what came meanwhile is fetched, what was there is not fetched again.
    let house = house.again().await;
    for n in 21..=25 {
        dovecot.deliver("support@shop.example", letter(n).as_bytes());
    }
    house.shows("SELECT count(*), count(DISTINCT external_id) FROM message", &["25|25"]).await;
    house.close().await;
}

/// The nth letter of one long correspondence: it answers the one before it.
fn nth(n: usize, base: i64) -> Vec<u8> {
    let date =
        jiff::Timestamp::from_second(base + i64::try_from(n).expect("small")).expect("a time").strftime("%a, %d %b %Y %H:%M:%S +0000");
    let before = n
        .checked_sub(1)
        .map(|before| {
            format!("In-Reply-To: <s{before}@customer.example>\r\nReferences: <s0@customer.example> <s{before}@customer.example>\r\n")
        })
        .unwrap_or_default();
    let head = format!(
        "From: Anna <{ANNA}>\r\nTo: support@shop.example\r\nSubject: Re: pump\r\nDate: {date}\r\nMessage-ID: <s{n}@customer.example>\r\n{before}MIME-Version: 1.0\r\n"
    );
    if !has_file(n) {
        return format!("{head}\r\n{}\r\n", line(n)).into_bytes();
    }
    let part =
        "Content-Type: image/png; name=pump.png\r\nContent-Disposition: attachment; filename=pump.png\r\nContent-Transfer-Encoding: base64";
    let png = BASE64.encode(PNG);
    format!(
        "{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{}\r\n--b\r\n{part}\r\n\r\n{png}\r\n--b--\r\n",
        line(n)
    )
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_weathers_the_storm() {
    let trouble = Trouble { busy: 30, cut: 20, twice: 200, late: 200, seed: 5 };
    let sim = Sim::open("support@shop.example", PASSWORD, Manners::default(), trouble).await.expect("a simulator");
    let base = jiff::Timestamp::now().as_second() - 1_000;
    let section = format!(
        "[channels.email]\naddress = \"support@shop.example\"\npassword = \"{PASSWORD}\"\nimap = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n\
         smtp = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n",
        sim.imap.port(),
        sim.smtp.port()
    );
    let arrived = |sent: Sent| {
        let text = String::from_utf8_lossy(&sent.letter).into_owned();
        text.lines().find(|line| line.starts_with("reply ")).unwrap_or_default().to_owned()
    };
    let sea = Sea {
        kind: "email",
        section,
        calls: Box::new(|_| {}),
        writes: Box::new(|n| {
            sim.customer_writes(&nth(n, base));
            if n == 0 || n + 1 == EACH {
                sim.all_arrive();
            }
        }),
        arrived: Box::new(|| sim.sent().into_iter().map(arrived).collect()),
        replies: Replies::Files,
        pictures: Pictures::Captioned,
        order: "sent_at, seq, id",
    };
    storm(sea, 5).await;
    assert_eq!(sim.refused(), Vec::<String>::new(), "nothing that a provider refuses was said");
}

/// A machine of ours says that it is one, and answers no other machine (RFC 3834 §2, §5).
#[tokio::test(flavor = "multi_thread")]
async fn what_the_house_writes_by_itself_says_so() {
    let sim = Sim::open("support@shop.example", PASSWORD, Manners::default(), Trouble::default()).await.expect("a simulator");
    let business = format!(
        "[[queues]]\nid = \"sales\"\n[[channels]]\nkind = \"email\"\nid = \"mail\"\nqueue = \"sales\"\n[[channels.keywords]]\nwords = [\"hours\"]\n\
         reply = \"From nine to five.\"\n[channels.email]\naddress = \"support@shop.example\"\npassword = \"{PASSWORD}\"\n\
         imap = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\nsmtp = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n\
         [[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        sim.imap.port(),
        sim.smtp.port()
    );
    let house = House::open(&business).await;
    let letter = |name: &str, more: &str| {
        format!(
            "From: {name}@customer.example\r\nTo: support@shop.example\r\nSubject: {name}\r\nMessage-ID: <{name}@customer.example>\r\n{more}\r\nhours\r\n"
        )
    };
    sim.customer_writes(letter("away", "Auto-Submitted: auto-replied\r\n").as_bytes());
    house.shows("SELECT kind, text FROM message ORDER BY id", &["in|hours"]).await;
    sim.customer_writes(letter("anna", "").as_bytes());
    house.shows("SELECT kind, text FROM message ORDER BY id", &["in|hours", "in|hours", "auto|From nine to five."]).await;
    assert!(sim.sent_at_least(1, std::time::Duration::from_secs(20)).await, "the answer is sent");
    let sent = sim.sent();
    assert_eq!(sent.len(), 1, "a machine is answered by nobody");
    let text = String::from_utf8_lossy(&sent[0].letter).into_owned();
    assert_eq!(sent[0].head("auto-submitted").as_deref(), Some("auto-replied"), "{text}");
    assert_eq!(sent[0].head("subject").as_deref(), Some("Re: anna"), "{text}");
    // An agent who answers is no machine.
    let mara = on_duty(&house, "mara").await;
    let answer = format!(
        "From: anna@customer.example\r\nTo: support@shop.example\r\nSubject: Re: anna\r\nMessage-ID: <more@customer.example>\r\nIn-Reply-To: {}\r\n\r\nAnd on Sunday?\r\n",
        sent[0].head("message-id").unwrap_or_default()
    );
    sim.customer_writes(answer.as_bytes());
    takes(&mara, 2).await;
    replies(&mara, 2, "By hand.").await;
    assert!(sim.sent_at_least(2, std::time::Duration::from_secs(20)).await, "the reply is sent");
    assert_eq!(sim.sent()[1].head("auto-submitted"), None);
}

/// To all who had the letter, blind to another, from the address that was chosen, with theirs quoted below; one that answers none; a refusal in words;
/// and a draft that is there after the house was started again.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_writes_letters_with_everything_on_their_head() {
    let sim = Sim::open("support@shop.example", PASSWORD, Manners::default(), Trouble::default()).await.expect("a simulator");
    let house = House::open(&format!(
        "[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"email\"\nid = \"mail\"\nqueue = \"sales\"\n[channels.email]\n\
         address = \"support@shop.example\"\naliases = [\"sales@shop.example\"]\nname = \"Shop\"\npassword = \"{PASSWORD}\"\n\
         imap = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\nsmtp = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n\
         [[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        sim.imap.port(),
        sim.smtp.port()
    ))
    .await;
    let mara = on_duty(&house, "mara").await;
    sim.customer_writes(
        b"From: Anna <anna@customer.example>\r\nTo: support@shop.example\r\nCc: Ben <ben@customer.example>\r\nSubject: Order 7\r\n\
          Message-ID: <a1@customer.example>\r\n\r\nWhere is it?\r\n",
    );
    takes(&mara, 1).await;
    let page = mara.get("/inbox/conversation/1").await.text();
    assert!(page.contains("ben@customer.example") && page.contains("sales@shop.example"), "the composer knows the head of an answer");
    let reply = |key: &'static str, cc: &'static str| {
        let head =
            [("letter", "true"), ("quote", "true"), ("from", "Shop <sales@shop.example>"), ("cc", cc), ("bcc", "boss@office.example")];
        [&[("text", "It left today."), ("key", key)][..], &head].concat()
    };
    let refused = mara.post("/work/conversation/1/reply", &reply("k0", "nobody")).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("nobody"), "{}", refused.text());
    mara.does("/work/conversation/1/reply", &reply("k1", "Ben <ben@customer.example>; anna@customer.example")).await;
    assert!(sim.sent_at_least(1, std::time::Duration::from_secs(20)).await, "the answer is sent");
    let sent = sim.sent().remove(0);
    let text = String::from_utf8_lossy(&sent.letter).into_owned();
    assert_eq!(sent.to, ["anna@customer.example", "ben@customer.example", "boss@office.example"], "{text}");
    assert_eq!(sent.head("cc").as_deref(), Some("<ben@customer.example>"));
    assert!(sent.head("from").is_some_and(|from| from.contains("<sales@shop.example>")), "{text}");
    assert_eq!(sent.head("subject").as_deref(), Some("Re: Order 7"));
    assert!(!text.contains("boss@office.example"), "nobody is told of a blind copy");
    assert!(text.contains("> Where is it?"), "{text}");
    // One that answers none, begun, kept, and sent once however often it is asked for.
    let head =
        [("to", "1"), ("by", "mail Shop <support@shop.example>"), ("subject", "Your new bicycle"), ("cc", ""), ("bcc", ""), ("files", "")];
    let letter = |text: &'static str, key: &'static str| [&head[..], &[("text", text), ("key", key)]].concat();
    mara.does("/people/1/mail/draft", &letter("Half a sen", "")).await;
    let house = house.again().await;
    let mara = on_duty(&house, "mara").await;
    let form = mara.get("/people/1/mail").await.text();
    assert!(form.contains("Half a sen") && form.contains("Your new bicycle") && form.contains("anna@customer.example"), "{form}");
    for _ in 0..2 {
        assert_eq!(mara.post("/people/1/mail", &letter("It is ready.", "w1")).await.status, 303);
    }
    assert!(sim.sent_at_least(2, std::time::Duration::from_secs(20)).await, "the letter is sent");
    let sent = sim.sent().remove(1);
    assert_eq!((sent.head("subject").as_deref(), sent.head("in-reply-to")), (Some("Your new bicycle"), None));
    let answer = format!(
        "From: anna@customer.example\r\nTo: support@shop.example\r\nSubject: Re: Your new bicycle\r\nMessage-ID: <a2@customer.example>\r\nIn-Reply-To: {}\r\n\r\nLovely!\r\n",
        sent.head("message-id").unwrap_or_default()
    );
    sim.customer_writes(answer.as_bytes());
    takes(&mara, 2).await;
    house
        .shows("SELECT conversation, kind, text FROM message WHERE conversation = 2 ORDER BY id", &["2|out|It is ready.", "2|in|Lovely!"])
        .await;
    assert_eq!(sim.sent().len(), 2);
    house.close().await;
}

//! A mailbox against a provider that does what providers do (`sim/mail`): by the wire, with nothing of ours between.

use super::letter::fixture;
use super::*;
use crate::channels::platform::{Answers, Found};
use crate::desk::id::{ConversationId, MessageId};
use crate::sim::mail::{Manners, Sim, Trouble as Injected};

const USER: &str = "support@shop.example";
/// With what a quoted string must escape.
const PASSWORD: &str = "pass \"word\\ 9";

async fn provider(manners: Manners, trouble: Injected) -> Sim {
    Sim::open(USER, PASSWORD, manners, trouble).await.expect("it opens")
}

fn mailbox(sim: &Sim, more: &str) -> Email {
    let text = format!(
        "address = \"{USER}\"\npassword = {PASSWORD:?}\n{more}\nimap = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\nsmtp = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n",
        sim.imap.port(),
        sim.smtp.port()
    );
    let section: EmailSection = toml::from_str(&text).expect("a section");
    let mut email = Email::new(&ChannelId::from("mail"), &section, [7; 32], Path::new("."), reach::Client::default(), Clock::system());
    email.pace = Pace { idle: Duration::from_millis(300), answer: Duration::from_millis(500) };
    email
}

fn letter(n: u32) -> Vec<u8> {
    format!("From: anna@customer.example\r\nTo: {USER}\r\nSubject: {n}\r\nMessage-ID: <m{n}@customer.example>\r\n\r\nletter {n}\r\n")
        .into_bytes()
}

/// Polls until nothing comes; gives keys and texts, and where it stopped.
async fn all(email: &Email, cursor: &mut Option<String>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    loop {
        let polled = email.poll(cursor.as_deref()).await.expect("it works");
        *cursor = polled.cursor.or(cursor.take());
        if polled.events.is_empty() {
            return found;
        }
        for event in polled.events {
            let heard = email.read(&event.body).expect("readable");
            let [Heard::Message(wrote)] = heard.as_slice() else { panic!("{heard:?}") };
            found.push((event.key, wrote.text.clone()));
        }
    }
}

fn texts(found: &[(String, String)]) -> Vec<&str> {
    found.iter().map(|(_, text)| text.as_str()).collect()
}

fn piece(n: u32, to: &str) -> Piece {
    Piece {
        message: MessageId(u64::from(n)),
        part: 0,
        parts: 1,
        conversation: ConversationId(1),
        to: hear::identity(to),
        key: format!("{n}-0-abcd"),
        text: format!(".answer {n}\n.\nend"),
        files: Vec::new(),
        extra: None,
        answers: Answers::default(),
    }
}

#[tokio::test]
async fn letters_come_once_and_in_order_and_only_what_is_new() {
    let sim = provider(Manners::default(), Injected::default()).await;
    let (email, mut cursor) = (mailbox(&sim, "mark_seen = true"), None);
    (0..60).for_each(|n| sim.customer_writes(&letter(n)));
    let found = all(&email, &mut cursor).await;
    assert_eq!(texts(&found), (0..60).map(|n| format!("letter {n}")).collect::<Vec<_>>());
    assert_eq!(sim.seen(), 60, "marked once they were kept");
    // `n:*` names the last letter again; it is not new.
    assert_eq!(all(&email, &mut cursor).await, []);
    sim.customer_writes(&letter(60));
    assert_eq!(texts(&all(&email, &mut cursor).await), ["letter 60"]);
    // Whoever did not get to keep a letter asks with the old cursor, on another connection, and gets it again.
    let again = mailbox(&sim, "");
    let mut old = None;
    sim.customer_writes(&letter(61));
    assert_eq!(texts(&all(&again, &mut old).await), ["letter 61"], "at a first start what was read by somebody is left alone");
    assert_eq!(sim.refused(), Vec::<String>::new());
}

#[tokio::test]
async fn a_letter_wakes_who_waits() {
    let sim = provider(Manners::default(), Injected::default()).await;
    let mut email = mailbox(&sim, "");
    email.pace = Pace { idle: Duration::from_secs(60), answer: Duration::from_secs(60) };
    let mut cursor = None;
    let first = email.poll(None).await.expect("it works");
    cursor = first.cursor.or(cursor);
    let (polled, ()) = tokio::join!(email.poll(cursor.as_deref()), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        sim.customer_writes(&letter(1));
    });
    assert_eq!(polled.expect("it works").events.len(), 1, "long before the minute is over");
}

#[tokio::test]
async fn a_letter_that_came_while_others_were_listed_is_not_waited_for() {
    let sim = provider(Manners::default(), Injected::default()).await;
    let mut email = mailbox(&sim, "");
    email.pace = Pace { idle: Duration::from_secs(600), answer: Duration::from_secs(60) };
    let first = email.poll(None).await.expect("it works");
    // The server says once that there is one more, and has said it before the wait begins.
    sim.customer_writes_meanwhile(&letter(1));
    assert_eq!(email.poll(first.cursor.as_deref()).await.expect("it works").events.len(), 1);
    assert_eq!(sim.refused(), Vec::<String>::new());
}

#[tokio::test]
async fn letters_that_were_counted_anew_are_the_same_letters() {
    let sim = provider(Manners::default(), Injected::default()).await;
    let (email, mut cursor) = (mailbox(&sim, ""), None);
    (0..5).for_each(|n| sim.customer_writes(&letter(n)));
    let before = all(&email, &mut cursor).await;
    sim.renumber();
    sim.customer_writes(&letter(5));
    // The connection still has the folder selected by its old numbers, as a real server would have ended it.
    *email.session.lock().await = None;
    let after = all(&email, &mut cursor).await;
    assert_eq!(after.len(), 6);
    let keys: std::collections::BTreeSet<&String> = before.iter().chain(&after).map(|(key, _)| key).collect();
    assert_eq!(keys.len(), 6, "five of them are known by their keys");
}

#[tokio::test]
async fn a_connection_that_died_in_silence_is_found_out() {
    let sim = provider(Manners { silent_idle: true, ..Manners::default() }, Injected::default()).await;
    let email = mailbox(&sim, "");
    let first = email.poll(None).await.expect("it works");
    let lost = email.poll(first.cursor.as_deref()).await;
    assert!(matches!(lost, Err(Trouble::Retry(_))), "{lost:?}");
    sim.manners(|manners| manners.silent_idle = false);
    sim.customer_writes(&letter(1));
    assert_eq!(email.poll(first.cursor.as_deref()).await.expect("a new connection").events.len(), 1);
}

#[tokio::test]
async fn netease_lets_in_who_says_who_they_are_and_some_cannot_idle() {
    let sim = provider(Manners { wants_id: true, no_idle: true, ..Manners::default() }, Injected::default()).await;
    let (email, mut cursor) = (mailbox(&sim, ""), None);
    sim.customer_writes(&letter(1));
    assert_eq!(texts(&all(&email, &mut cursor).await), ["letter 1"]);
    let polled = email.poll(cursor.as_deref()).await.expect("it works");
    assert!(polled.wait >= Duration::from_secs(10), "asked again later, not at once");
    assert_eq!(sim.refused(), Vec::<String>::new());
}

#[tokio::test]
async fn of_a_letter_that_is_too_long_the_beginning_is_read() {
    let sim = provider(Manners::default(), Injected::default()).await;
    let (email, mut cursor) = (mailbox(&sim, "most_mb = 2"), None);
    let mut long = b"From: anna@customer.example\r\nSubject: film\r\nMessage-ID: <big@c>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee the film\r\n--b\r\nContent-Type: video/mp4; name=film.mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n".to_vec();
    long.extend("AAAA".repeat(18).into_bytes().into_iter().chain(*b"\r\n").cycle().take(30 << 20));
    long.extend(b"\r\n--b--\r\n");
    sim.customer_writes(&long);
    sim.customer_writes(&letter(2));
    let found = all(&email, &mut cursor).await;
    assert_eq!(texts(&found), ["see the film\n\n✂ 31.5 MB", "letter 2"]);
}

#[tokio::test]
async fn a_token_lets_in_and_a_refused_one_says_why() {
    // What is refused with a challenge, at both doors.
    let sim = provider(Manners { token: Some("good".into()), ..Manners::default() }, Injected::default()).await;
    let server = |port| Server { host: "127.0.0.1".into(), port, security: Security::None, authority: None };
    let good = Login::with_token(USER, "good");
    let bad = Login::with_token(USER, "bad");
    assert!(imap::Session::open(&server(sim.imap.port()), &good, 1 << 20).await.is_ok());
    assert!(smtp::Session::open(&server(sim.smtp.port()), &good, "shop.example").await.is_ok());
    let refused = imap::Session::open(&server(sim.imap.port()), &bad, 1 << 20).await.err().map(imap::ImapError::trouble);
    assert!(matches!(&refused, Some(Trouble::Down(why)) if why.contains("\"status\":\"400\"")), "{refused:?}");
    let refused = smtp::Session::open(&server(sim.smtp.port()), &bad, "shop.example").await.err();
    assert!(matches!(&refused, Some(Trouble::Down(why)) if why.contains("535") && why.contains("\"status\":\"401\"")), "{refused:?}");
    assert_eq!(sim.refused().iter().filter(|why| why.contains("empty line")).count(), 0);
}

#[tokio::test]
async fn a_letter_is_handed_over_whole_and_every_answer_is_understood() {
    let sim = provider(Manners::default(), Injected::default()).await;
    let email = mailbox(&sim, "plus = true");
    let handed = email.send(&piece(1, "anna@customer.example")).await.expect("taken");
    let [sent] = sim.sent().try_into().expect("one");
    assert_eq!((handed.ids.as_slice(), handed.state), (&[sent.head("Message-ID").expect("an id")][..], Delivery::Sent));
    assert_eq!(sent.to, ["anna@customer.example"]);
    let text = String::from_utf8_lossy(&sent.letter).into_owned();
    assert!(text.ends_with("\r\n\r\n.answer 1\r\n.\r\nend\r\n"), "dots are dots again: {text}");
    sim.nobody("gone@customer.example");
    assert!(matches!(email.send(&piece(2, "gone@customer.example")).await, Err(Trouble::Blocked(_))));
    sim.manners(|manners| manners.most_bytes = 200);
    assert!(matches!(email.send(&piece(3, "anna@customer.example")).await, Err(Trouble::Refused(_))), "known before a byte of it is sent");
    assert_eq!((sim.sent().len(), sim.refused()), (1, Vec::new()));
    let wrong = mailbox(&sim, "user = \"somebody@shop.example\"");
    assert!(matches!(wrong.send(&piece(4, "anna@customer.example")).await, Err(Trouble::Down(_))));
}

#[tokio::test]
async fn what_was_taken_before_the_connection_was_lost_nobody_knows() {
    let cut = provider(Manners::default(), Injected { cut: 1_000, ..Injected::default() }).await;
    let lost = mailbox(&cut, "").send(&piece(1, "anna@customer.example")).await;
    assert!(matches!(lost, Err(Trouble::Uncertain(_))), "{lost:?}");
    assert_eq!(cut.sent().len(), 1);
    let busy = provider(Manners::default(), Injected { busy: 1_000, ..Injected::default() }).await;
    let put_off = mailbox(&busy, "").send(&piece(1, "anna@customer.example")).await;
    assert!(matches!(put_off, Err(Trouble::Retry(_))), "{put_off:?}");
    let nowhere = mailbox(&busy, "");
    let nowhere = Email { smtp: Server { port: 1, ..nowhere.smtp.clone() }, ..nowhere };
    assert!(matches!(nowhere.send(&piece(1, "anna@customer.example")).await, Err(Trouble::Retry(_))));
}

#[tokio::test]
async fn without_tls_where_it_was_asked_for_nothing_is_said() {
    let sim = provider(Manners::default(), Injected::default()).await;
    let server = |port| Server { host: "127.0.0.1".into(), port, security: Security::Starttls, authority: None };
    let login = Login::with_token(USER, "x");
    assert!(matches!(imap::Session::open(&server(sim.imap.port()), &login, 1).await, Err(imap::ImapError::Lacks("STARTTLS"))));
    assert!(matches!(smtp::Session::open(&server(sim.smtp.port()), &login, "x").await, Err(Trouble::Down(_))));
    assert_eq!((sim.logins(), sim.refused()), (0, Vec::new()), "no password and no token left the house");
}

#[tokio::test]
async fn a_probe_tries_everything_and_names_the_setting() {
    let sim = provider(Manners::default(), Injected::default()).await;
    let probes =
        mailbox(&sim, "aliases = [\"sales@shop.example\", \"shop@elsewhere.example\"]\nfolders = [\"INBOX\", \"客服\"]").probe().await;
    let all: Vec<(&str, bool)> = probes.iter().map(|probe| (probe.what, probe.works())).collect();
    let wanted = [
        ("imap_login", true),
        ("imap_folder", true),
        ("imap_folder", false),
        ("imap_idle", true),
        ("smtp_login", true),
        ("smtp_sender", true),
        ("smtp_sender", true),
        ("smtp_sender", false),
    ];
    assert_eq!(all, wanted);
    let wrong = mailbox(&sim, "user = \"x\"").probe().await;
    assert!(wrong.iter().all(|probe| matches!(probe.found, Found::Bad(Trouble::Down(_)))), "{wrong:?}");
    assert_eq!(sim.sent(), [], "nothing was sent");
}

#[tokio::test]
async fn a_thread_goes_to_and_fro_by_the_wire() {
    let sim = provider(Manners::default(), Injected::default()).await;
    let (email, mut cursor) = (mailbox(&sim, "plus = true"), None);
    sim.customer_writes(&fixture("outlook-reply.eml"));
    let polled = email.poll(None).await.expect("it works");
    cursor = polled.cursor.or(cursor);
    let heard = email.read(&polled.events[0].body).expect("readable");
    let [Heard::Message(wrote)] = heard.as_slice() else { panic!("{heard:?}") };
    let answers =
        Answers { newest: Some((wrote.key.clone(), wrote.sent)), threads: wrote.threads.clone(), subject: Some("RE: Order 1042".into()) };
    let handed = email.send(&Piece { answers, ..piece(9, &wrote.from.identity.value) }).await.expect("taken");
    let [sent] = sim.sent().try_into().expect("one");
    assert_eq!(sent.head("In-Reply-To").as_deref(), Some("<PH0PR1@outlook.example>"));
    assert_eq!(sent.head("Subject").as_deref(), Some("Re: Order 1042"));
    // The customer's program answers to where it was asked to, naming nothing else.
    let back = sent.head("Reply-To").expect("a way back");
    let answer = format!("From: anna@customer.example\r\nTo: {back}\r\nMessage-ID: <z@c>\r\n\r\nthanks\r\n");
    sim.customer_writes(answer.as_bytes());
    let polled = email.poll(cursor.as_deref()).await.expect("it works");
    let heard = email.read(&polled.events[0].body).expect("readable");
    let [Heard::Message(wrote)] = heard.as_slice() else { panic!("{heard:?}") };
    assert!(handed.threads.contains(&wrote.threads[0]), "{:?} of {:?}", wrote.threads, handed.threads);
}

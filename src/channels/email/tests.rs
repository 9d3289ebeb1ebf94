//! A mailbox: what letters mean to the desk, the threads that others have lost, and letters of ours.

use super::build::{Built, bare_subject, build};
use super::letter::fixture;
use super::raw::Fetched;
use super::*;
use crate::channels::platform::{Answers, MediaAt, OfOurs, Wrote};
use crate::desk::id::{ConversationId, MessageId};
use crate::desk::input::Mail;

const SECTION: &str = r#"
address = "support@shop.example"
name = "Shop Support"
aliases = ["sales@shop.example"]
password = "x"
plus = true
trusted = "mx.shop.example"
imap = { host = "127.0.0.1" }
smtp = { host = "127.0.0.1" }
signature = "Shop GmbH"
"#;

fn mailbox() -> Email {
    let section: EmailSection = toml::from_str(SECTION).expect("a section");
    Email::new(&ChannelId::from("mail"), &section, [7; 32], Path::new("."), reach::Client::default(), Clock::test(At(1_770_000_000_000)))
}

fn read(email: &Email, raw: &[u8]) -> Vec<Heard> {
    email.read(&Fetched { folder: "INBOX".into(), uid: 1, at: Some(1_770_000_000_000), cut: None }.join(raw)).expect("readable")
}

fn message(email: &Email, raw: &[u8]) -> Wrote {
    match read(email, raw).as_slice() {
        [Heard::Message(wrote)] => wrote.clone(),
        other => panic!("{other:?}"),
    }
}

fn mail(wrote: &Wrote) -> Mail {
    match &wrote.extra {
        Some(Extra::Mail(mail)) => mail.as_ref().clone(),
        other => panic!("{other:?}"),
    }
}

fn piece(key: &str, text: &str, answers: Answers) -> Piece {
    Piece {
        message: MessageId(5),
        part: 0,
        parts: 1,
        conversation: ConversationId(88),
        to: hear::identity("anna@customer.example"),
        key: key.into(),
        text: text.into(),
        files: Vec::new(),
        extra: None,
        answers,
    }
}

fn built(email: &Email, piece: &Piece) -> (Built, String) {
    let built = build(email, piece, Vec::new(), At(1_770_000_000_000)).expect("a letter");
    let text = String::from_utf8(built.letter.clone()).expect("ASCII");
    (built, text)
}

/// The desk's memory of names, as the pipeline keeps it: the first name that is known decides, and all of them are known from then on.
#[derive(Default)]
struct Desk {
    names: HashMap<String, u64>,
    opened: u64,
}

impl Desk {
    fn hears(&mut self, email: &Email, raw: &str) -> u64 {
        let wrote = message(email, raw.replace('\n', "\r\n").as_bytes());
        let found = wrote.threads.iter().find_map(|name| self.names.get(name)).copied();
        let conversation = found.unwrap_or_else(|| {
            self.opened += 1;
            self.opened
        });
        for name in wrote.threads {
            self.names.entry(name).or_insert(conversation);
        }
        conversation
    }

    /// We answer in a conversation; gives the Message-ID.
    fn answers(&mut self, email: &Email, conversation: u64, key: &str) -> String {
        let piece = Piece { conversation: ConversationId(conversation), ..piece(key, "ours", Answers::default()) };
        let (built, _) = built(email, &piece);
        for name in built.threads {
            self.names.entry(name).or_insert(conversation);
        }
        built.id
    }
}

fn letter(from: &str, id: &str, more: &str) -> String {
    format!("From: {from}\nTo: support@shop.example\nSubject: Order\nMessage-ID: {id}\n{more}\nhello {id}\n")
}

#[test]
fn a_letter_is_a_message_with_its_head_its_page_and_its_files() {
    let email = mailbox();
    let wrote = message(&email, &fixture("gmail-reply.eml"));
    assert_eq!(wrote.from.identity, hear::identity("anna@customer.example"));
    assert_eq!((wrote.from.name.as_deref(), wrote.text.as_str()), (Some("Anna Wirth"), "Yes, please send it."));
    assert_eq!((wrote.sent, wrote.automatic), (At(1_769_994_000_000), false), "when it was written");
    let mail = mail(&wrote);
    assert_eq!((mail.subject.as_str(), mail.from.as_str()), ("Re: Order 1042", "Anna Wirth <anna@customer.example>"));
    assert_eq!(mail.to, ["Support <support@shop.example>"]);
    assert!(mail.quoted.contains("Shall we send it?"));
    let [page] = wrote.media.as_slice() else { panic!("{:?}", wrote.media) };
    assert_eq!(page.name, PAGE);
    assert!(matches!(&page.at, MediaAt::Here(bytes) if bytes.starts_with(b"<!doctype html>")));
    assert_eq!(read(&email, &fixture("gmail-reply.eml")), read(&email, &fixture("gmail-reply.eml")), "read again, it is the same");
}

#[test]
fn who_is_answered_is_who_asks_to_be() {
    let email = mailbox();
    let form = message(&email, &fixture("web-form.eml"));
    assert_eq!(form.from.identity.value, "anna@customer.example");
    assert_eq!((form.from.name.as_deref(), form.automatic), (Some("Anna Wirth"), false), "forms write from our own address");
    assert_eq!(mail(&form).from, "Shop <support@shop.example>", "what was written stays");
    let own = message(&email, letter("support@shop.example", "<1@x>", "").as_bytes());
    assert!(own.automatic, "nobody answers ourselves");
}

#[test]
fn machines_are_known_and_never_answered() {
    let email = mailbox();
    assert!(message(&email, &fixture("out-of-office.eml")).automatic);
    for head in [
        "Auto-Submitted: auto-generated (x)",
        "Precedence: bulk",
        "List-Id: <x.example>",
        "List-Unsubscribe: <mailto:x@y>",
        "X-Autoreply: yes",
        "X-Auto-Response-Suppress: OOF, DR",
        "Feedback-ID: 1:2:3:x",
        "Return-Path: <>",
        "X-Loop: support@shop.example",
    ] {
        assert!(message(&email, letter("anna@customer.example", "<1@x>", &format!("{head}\n")).as_bytes()).automatic, "{head}");
    }
    for from in ["no-reply@x.example", "noreply+12@x.example", "MAILER-DAEMON@x.example", "bounces-1@x.example"] {
        assert!(message(&email, letter(from, "<1@x>", "").as_bytes()).automatic, "{from}");
    }
    for (from, head) in [
        ("anna@customer.example", "Auto-Submitted: no\n"),
        ("noreplyson@x.example", ""),
        ("postmasters@x.example", "Precedence: first-class\n"),
    ] {
        assert!(!message(&email, letter(from, "<1@x>", head).as_bytes()).automatic, "{from} {head}");
    }
}

#[test]
fn two_machines_that_answer_each_other_end() {
    let email = mailbox();
    let may: Vec<bool> = (0..6).map(|_| email.may_answer("robot@x.example", At(1_000))).collect();
    assert_eq!(may, [true, true, true, true, false, false]);
    assert!(email.may_answer("other@x.example", At(1_000)));
    assert!(email.may_answer("robot@x.example", At(1_000 + HOUR_MS)));
}

#[test]
fn a_letter_of_ours_that_comes_back_is_nothing() {
    let email = mailbox();
    let (_, ours) = built(&email, &piece("k-1-0", "hello", Answers::default()));
    assert_eq!(read(&email, ours.as_bytes()), []);
    // Another mailbox of the house writes to this one: that is a letter, and no machine answers it.
    let other = ours.replace("support@shop.example", "returns@shop.example");
    assert!(message(&email, other.as_bytes()).automatic);
}

#[test]
fn signatures_are_believed_from_our_own_server_alone() {
    let email = mailbox();
    let signed = |heads: &str| mail(&message(&email, letter("anna@customer.example", "<1@x>", heads).as_bytes())).signed;
    assert_eq!(signed("Authentication-Results: mx.shop.example; dkim=pass header.d=customer.example\n"), Some(true));
    assert_eq!(signed("Authentication-Results: mx.shop.example; dkim=fail header.d=customer.example\n"), Some(false));
    assert_eq!(signed("Authentication-Results: elsewhere.example; dkim=pass header.d=customer.example\n"), None);
    assert_eq!(signed(""), None);
}

#[test]
fn reports_are_the_fate_of_the_letter_that_they_name() {
    let email = mailbox();
    let id = email.marks.message_id("k-9-0");
    let report = |name: &str, action: &str, status: &str| {
        let text = String::from_utf8(fixture(name)).expect("ASCII");
        let text = text
            .replace("{id}", &id)
            .replace("{mark}", &email.marks.signed("k-9-0"))
            .replace("{action}", action)
            .replace("{status}", status);
        read(&email, text.as_bytes())
    };
    let of = OfOurs::Key("k-9-0".into());
    let failed = |heard: &[Heard]| match heard.first() {
        Some(Heard::Receipt { of: found, state: Delivery::Failed { reason } }) if *found == of => reason.clone(),
        other => panic!("{other:?}"),
    };
    let gone = |heard: &[Heard]| {
        heard.iter().any(|heard| matches!(heard, Heard::Unreachable { who, .. } if who.value == "nobody@customer.example"))
    };
    let dsn = report("dsn.eml", "failed", "5.1.1");
    assert_eq!(failed(&dsn), "5.1.1 550 5.1.1 <nobody@customer.example>: user unknown");
    assert!(gone(&dsn));
    let full = report("dsn.eml", "failed", "5.2.2");
    failed(&full);
    assert!(!gone(&full), "a full mailbox is somebody's");
    let exchange = report("dsn-exchange.eml", "", "");
    assert!(failed(&exchange).contains("RecipientNotFound") && gone(&exchange), "by our own head: the id was written over");
    let exim = report("bounce-exim.eml", "", "");
    assert!(gone(&exim), "{exim:?}");
    failed(&exim);
    let qq = report("bounce-qq.eml", "", "");
    assert!(failed(&qq).contains("收件人不存在"), "{qq:?}");
    assert_eq!(report("dsn.eml", "delivered", "2.0.0"), [Heard::Receipt { of: of.clone(), state: Delivery::Delivered }]);
    assert_eq!(report("complaint.eml", "", ""), [Heard::Receipt { of: of.clone(), state: Delivery::Delivered }]);
    let delayed = report("dsn.eml", "delayed", "4.4.1");
    assert!(matches!(delayed.as_slice(), [Heard::Message(wrote)] if wrote.automatic && wrote.threads == [id.clone()]), "{delayed:?}");
    // By the address it came back to alone (VERP), whatever the server has made of the rest.
    let back = address::extended("support@shop.example", &email.marks.bounce("k-9-0", "support").expect("short"));
    let plain = format!("From: MAILER-DAEMON@x.example\nTo: {back}\nSubject: failure notice\n\nSorry. 550 no such user\n");
    assert_eq!(failed(&read(&email, plain.as_bytes())), "Sorry. 550 no such user");
}

#[test]
fn nobody_can_make_a_letter_fail_that_they_did_not_get() {
    let email = mailbox();
    let forged = String::from_utf8(fixture("dsn.eml")).expect("ASCII").replace("{id}", "<k-9-0.00000000000000000000@shop.example>");
    let heard = read(&email, forged.replace("{action}", "failed").replace("{status}", "5.1.1").as_bytes());
    assert!(matches!(heard.as_slice(), [Heard::Message(wrote)] if wrote.automatic), "{heard:?}");
}

#[test]
fn an_answer_finds_its_conversation_by_our_id_by_references_and_by_its_address() {
    let email = mailbox();
    let mut desk = Desk::default();
    let anna = "anna@customer.example";
    let first = desk.hears(&email, &letter(anna, "<a1@c>", ""));
    let ours = desk.answers(&email, first, "k-1-0");
    assert_eq!(desk.hears(&email, &letter(anna, "<a2@c>", &format!("In-Reply-To: {ours}\n"))), first);
    // In-Reply-To names a system of the customer's own, the first letter stands only in References.
    assert_eq!(desk.hears(&email, &letter(anna, "<a3@c>", "In-Reply-To: <crm@erp>\nReferences: <a1@c>\n")), first);
    // A colleague answered with another program; the customer answers that one.
    assert_eq!(
        desk.hears(&email, &letter(anna, "<a4@c>", "In-Reply-To: <outlook@shop.example>\nReferences: <a1@c> <outlook@shop.example>\n")),
        first
    );
    // A relay wrote its own id over ours, and everything else is lost: the address remains.
    let plus = address::extended("support@shop.example", &email.marks.conversation(ConversationId(first)));
    let by_address = format!("From: {anna}\nTo: {plus}\nSubject: x\nMessage-ID: <a5@c>\n\nhello\n");
    assert_eq!(desk.hears(&email, &by_address), first);
    let delivered = format!("From: {anna}\nDelivered-To: {plus}\nTo: undisclosed\nSubject: x\nMessage-ID: <a6@c>\n\nhello\n");
    assert_eq!(desk.hears(&email, &delivered), first);
    // The agent wrote first.
    let begun = desk.answers(&email, 700, "k-2-0");
    assert_eq!(desk.hears(&email, &letter(anna, "<a7@c>", &format!("In-Reply-To: {begun}\n"))), 700);
    // A subject alone is no thread.
    assert_ne!(desk.hears(&email, &letter(anna, "<a8@c>", "")), first);
}

#[test]
fn answers_of_many_to_one_newsletter_are_as_many_conversations() {
    let email = mailbox();
    let mut desk = Desk::default();
    let answer = |who: &str, id: &str| {
        String::from_utf8(fixture("newsletter-answer.eml")).expect("ASCII").replace("{who}", who).replace("{id}", id).replace("\r\n", "\n")
    };
    let (a, b) = (desk.hears(&email, &answer("a@customer.example", "n1")), desk.hears(&email, &answer("b@customer.example", "n2")));
    assert_ne!(a, b);
    assert_eq!(desk.hears(&email, &answer("a@customer.example", "n3")), a, "the same person again");
}

#[test]
fn a_copy_that_was_encoded_anew_on_its_way_is_the_same_letter() {
    let email = mailbox();
    let key = |encoding: &str, body: &str| {
        let heads = "From: anna@customer.example\r\nTo: support@shop.example\r\nDate: Mon, 2 Feb 2026 09:00:00 +0000\r\nMessage-ID: <7@customer.example>\r\n";
        let typed = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ";
        message(&email, format!("{heads}{typed}{encoding}\r\n\r\n{body}").as_bytes()).key
    };
    let sent = key("8bit", "Schöne Grüße\r\nAnna");
    assert_eq!(key("quoted-printable", "Sch=C3=B6ne Gr=\r\n=C3=BC=C3=9Fe\r\nAnna"), sent);
    assert_eq!(key("base64", "U2Now7ZuZSBHcsO8w59lDQpBbm5hDQo=\r\n"), sent);
    assert_ne!(key("8bit", "Schöne Grüße\r\nBerta"), sent, "another one by a mailer that repeats its ids");
}

#[test]
fn those_who_got_a_copy_answer_in_the_same_conversation_and_strangers_do_not() {
    let email = mailbox();
    let mut desk = Desk::default();
    let first = desk.hears(&email, &letter("anna@customer.example", "<c1@c>", "Cc: Ben <ben@customer.example>, carl@customer.example\n"));
    // Before they have seen an answer of ours.
    assert_eq!(desk.hears(&email, &letter("ben@customer.example", "<c2@c>", "In-Reply-To: <c1@c>\n")), first);
    assert_eq!(desk.hears(&email, &letter("carl@customer.example", "<c3@c>", "In-Reply-To: <c1@c>\n")), first);
    assert_ne!(desk.hears(&email, &letter("mallory@evil.example", "<c4@c>", "In-Reply-To: <c1@c>\nReferences: <c1@c>\n")), first);
    let guessed = "<k-1-0.00000000000000000000@shop.example>";
    assert_ne!(desk.hears(&email, &letter("mallory@evil.example", "<c5@c>", &format!("In-Reply-To: {guessed}\n"))), first);
    // An answer that comes before the letter that it answers.
    let late = desk.hears(&email, &letter("dora@customer.example", "<d2@c>", "In-Reply-To: <d1@c>\n"));
    assert_eq!(desk.hears(&email, &letter("dora@customer.example", "<d1@c>", "")), late);
}

/// Of two mailboxes, each knows whom a letter names, and that the house wrote it.
#[test]
fn a_head_says_who_wrote_and_to_whom() {
    let email = mailbox();
    let raw = letter("Anna <anna@customer.example>", "<h1@c>", "Cc: =?utf-8?q?B=C3=A9n?= <Ben@Customer.example>, sales@shop.example\n");
    let fetched = Fetched::default().join(raw.replace('\n', "\r\n").as_bytes());
    let head = email.head(&fetched).expect("a head");
    let to = ["support@shop.example", "ben@customer.example", "sales@shop.example"].map(str::to_owned);
    assert_eq!(head, Head { from: "anna@customer.example".into(), to: to.to_vec(), ours: false });
    assert!(email.owns("support+c1.x@shop.example") && !email.owns("anna@customer.example"));
    let ours = built(&email, &piece("k-9-0", "ours", Answers::default())).0.letter;
    assert!(email.head(&ours).expect("a head").ours);
    assert_eq!(email.head(b"nothing"), None);
}

#[test]
fn outlooks_thread_is_known_and_continued() {
    let email = mailbox();
    let mut desk = Desk::default();
    let first = message(&email, &fixture("outlook-reply.eml"));
    let index = "AQHb9piJBsCGD1GVoU+wxkNV9ElnybQ1RAuAgAAAtACAAACgAIAAALSAgAAA84A=";
    let raw = String::from_utf8(fixture("outlook-reply.eml")).expect("ASCII").replace("\r\n", "\n");
    let conversation = desk.hears(&email, &raw);
    // Exchange has written over every id; the thread is the same, one answer on.
    let next = raw.replace("<PH0PR1@outlook.example>", "<other@outlook.example>");
    assert_eq!(desk.hears(&email, &next), conversation);
    assert_ne!(desk.hears(&email, &next.replace("anna@customer", "mallory@evil").replace("<other@", "<third@")), conversation);
    let answer = piece(
        "k-3-0",
        "Done",
        Answers { newest: Some((first.key.clone(), At(0))), threads: first.threads.clone(), subject: Some("RE: Order 1042".into()) },
    );
    let (_, text) = built(&email, &answer);
    let head = text.lines().find_map(|line| line.strip_prefix("Thread-Index: ")).expect("an index").trim();
    let decode = |text: &str| base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).expect("base64");
    let (theirs, ours) = (decode(index), decode(head));
    assert_eq!((ours.get(..theirs.len()), ours.len()), (Some(theirs.as_slice()), theirs.len() + 5), "theirs, and five bytes for ours");
    // One that we begin names the conversation by itself.
    let (_, text) = built(&email, &piece("k-4-0", "Hello", Answers::default()));
    let head = text.lines().find_map(|line| line.strip_prefix("Thread-Index: ")).expect("an index").trim().to_owned();
    let wrote = message(&email, letter("anna@customer.example", "<o9@c>", &format!("Thread-Index: {head}\n")).as_bytes());
    assert!(wrote.threads.contains(&"+c88".to_owned()), "{:?}", wrote.threads);
}

#[test]
fn our_letter_is_what_the_standard_says() {
    let email = mailbox();
    let theirs = (1..60).map(|n| format!("<old{n}@customer.example> anna@customer.example")).collect();
    let answers = Answers {
        newest: Some(("<new@customer.example>#0a1b2c3d".into(), At(0))),
        threads: theirs,
        subject: Some("AW: Re: 订单 1042".into()),
    };
    let text = format!("你好，\n.\n{}\n", "长".repeat(2_000));
    let (letter, raw) = built(&email, &piece("k-5-0", &text, answers));
    assert!(raw.is_ascii() && raw.lines().all(|line| line.len() <= 998), "{}", raw.lines().map(str::len).max().unwrap_or_default());
    assert!(!raw.replace("\r\n", "").contains(['\r', '\n']), "line ends are CRLF");
    assert_eq!(letter.id, email.marks.message_id("k-5-0"));
    assert!(raw.contains(&format!("Message-ID: {}\r\n", letter.id)));
    assert!(raw.contains("In-Reply-To: <new@customer.example>\r\n"));
    assert_eq!(letter.envelope.to, ["anna@customer.example"]);
    assert!(letter.envelope.from.starts_with("support+bk-5-0."), "{}", letter.envelope.from);
    let message = mail_parser::MessageParser::default().parse(letter.letter.as_slice()).expect("a letter");
    assert_eq!(message.subject(), Some("Re: 订单 1042"));
    let references = message.references().as_text_list().expect("ids");
    assert_eq!(
        (references.len(), references.first().map(AsRef::as_ref), references.last().map(AsRef::as_ref)),
        (20, Some("old1@customer.example"), Some("new@customer.example"))
    );
    let address =
        |address: Option<&mail_parser::Address<'_>>| address.and_then(|address| address.first()?.address()).unwrap_or_default().to_owned();
    assert_eq!(address(message.from()), "support@shop.example");
    assert_eq!(message.from().and_then(|from| from.first()?.name()), Some("Shop Support"));
    let back = address(message.reply_to());
    assert_eq!(address::extension(&back).and_then(|extension| email.marks.extension(extension)), Some(marks::Extension::Conversation(88)));
    let body = message.body_text(0).expect("a text").replace("\r\n", "\n");
    assert!(body.starts_with("你好，\n.\n长长") && body.trim_end().ends_with("-- \nShop GmbH"), "{body}");
    assert!(!raw.contains("Auto-Submitted"), "an agent wrote it");
}

#[test]
fn automatic_letters_say_so_and_answers_come_from_the_address_that_was_written_to() {
    let email = mailbox();
    let automatic = Piece {
        extra: Some(Extra::Mail(Box::new(Mail { automatic: true, ..Mail::default() }))),
        ..piece("k-6-0", "We are closed.", Answers::default())
    };
    let (letter, raw) = built(&email, &automatic);
    assert!(raw.contains("Auto-Submitted: auto-generated\r\n") && raw.contains("X-Auto-Response-Suppress: All\r\n"));
    assert_eq!(letter.envelope.from, "", "nobody reports or answers it");
    assert!(!raw.contains("Shop GmbH"));
    // The customer wrote to the other address.
    let wrote = message(&email, b"From: anna@customer.example\r\nTo: sales@shop.example\r\nMessage-ID: <s1@c>\r\n\r\nhi\r\n");
    let answers = Answers { newest: Some((wrote.key.clone(), At(0))), threads: wrote.threads.clone(), subject: None };
    let (letter, raw) = built(&email, &piece("k-7-0", "Hi", answers.clone()));
    assert!(raw.contains("<sales@shop.example>") && letter.envelope.from.starts_with("sales+b"), "{raw}");
    // The agent chooses, and adds copies; ours get none, and nobody else's address is written from.
    let extra = Mail {
        from: "Shop <support@shop.example>".into(),
        cc: vec!["Ben <ben@customer.example>".into(), "sales@shop.example".into(), "anna@customer.example".into()],
        bcc: vec!["boss@shop.test".into(), "BEN@customer.example".into()],
        subject: "About it".into(),
        quoted: "On Monday Anna wrote:\n> hi".into(),
        ..Mail::default()
    };
    let (letter, raw) = built(&email, &Piece { extra: Some(Extra::Mail(Box::new(extra))), ..piece("k-8-0", "Hi", answers.clone()) });
    assert_eq!(letter.envelope.to, ["anna@customer.example", "ben@customer.example", "boss@shop.test"]);
    assert!(!raw.to_lowercase().contains("bcc") && !raw.contains("boss@"), "nobody is told of a blind copy: {raw}");
    assert!(raw.contains("On Monday Anna wrote:\r\n> hi"), "{raw}");
    assert!(
        raw.contains("<support@shop.example>") && raw.contains("Subject: About it\r\n") && raw.contains("Cc: <ben@customer.example>\r\n"),
        "{raw}"
    );
    let forged = Mail { from: "ceo@other.example".into(), ..Mail::default() };
    let (letter, _) = built(&email, &Piece { extra: Some(Extra::Mail(Box::new(forged))), ..piece("k-8-1", "Hi", answers) });
    assert!(letter.envelope.from.starts_with("sales+b"));
}

#[test]
fn no_value_of_somebodys_begins_a_head_of_its_own() {
    let email = mailbox();
    let answers = Answers {
        newest: None,
        threads: vec!["<a@b>\r\nBcc: all@customer.example".into()],
        subject: Some("x\r\nBcc: all@customer.example\r\n\r\nbody".into()),
    };
    let (_, raw) = built(&email, &piece("k-10-0", "hi", answers));
    let head = raw.split("\r\n\r\n").next().unwrap_or_default();
    assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    let wrong = Piece { to: hear::identity("a@b.example>\r\nRCPT TO:<x@y.example"), ..piece("k-11-0", "hi", Answers::default()) };
    assert!(matches!(build(&email, &wrong, Vec::new(), At(0)), Err(Trouble::Refused(_))));
}

#[test]
fn a_subject_has_one_re() {
    for (subject, bare) in [
        ("Re: Re: RE: hello", "hello"),
        ("AW: Antw: Bestellung", "Bestellung"),
        ("回复：答复: 订单", "订单"),
        ("Re[2]: hello", "hello"),
        ("RE (3): hello", "hello"),
        ("Recipe: cake", "Recipe: cake"),
        ("Fwd: hello", "Fwd: hello"),
        ("", ""),
    ] {
        assert_eq!(bare_subject(subject), bare);
    }
}

#[test]
fn amazons_own_name_of_a_letter_is_a_name() {
    let said = "250 Ok 010e018f2a7b4c5d-1f2e3d4c-0000-4444-8888-aaaabbbbcccc-000000";
    let id = renamed("email-smtp.eu-west-1.amazonaws.com", said).expect("a name");
    assert_eq!(id, "<010e018f2a7b4c5d-1f2e3d4c-0000-4444-8888-aaaabbbbcccc-000000@eu-west-1.amazonses.com>");
    assert!(renamed("email-smtp.us-east-1.amazonaws.com", said).is_some_and(|id| id.ends_with("@email.amazonses.com>")));
    assert_eq!(renamed("smtp.example", said), None);
}

#[test]
fn a_letter_that_was_cut_says_how_long_it_is() {
    let email = mailbox();
    let raw = fixture("attachments.eml");
    let fetched = Fetched { folder: "INBOX".into(), uid: 1, at: None, cut: Some(31_457_280) };
    let heard = email.read(&fetched.join(&raw)).expect("readable");
    let [Heard::Message(wrote)] = heard.as_slice() else { panic!("{heard:?}") };
    assert!(wrote.text.ends_with("✂ 31.5 MB"), "{}", wrote.text);
    assert_eq!(wrote.media.len(), 4, "the last part is not whole");
}

//! Letters as mailers write them, and as nobody should (`tests/data/mail/`).

use super::*;
use crate::fuzz_tests::{Random, Rounds};

/// A letter of `tests/data/mail/`.
pub(in crate::channels::email) fn fixture(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/mail").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn letter(name: &str) -> Letter {
    Letter::read(&fixture(name), false).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn text(raw: &str) -> Letter {
    Letter::read(raw.as_bytes(), false).expect("a letter")
}

#[test]
fn what_is_quoted_is_folded_by_every_mailers_habit() {
    for (name, said, hidden) in [
        ("gmail-reply.eml", "Yes, please send it.", "Shall we send it?"),
        ("outlook-reply.eml", "Please cancel it.\n\nBest regards\nAnna", "Shall we send it?"),
        ("qq-reply.eml", "好的，请发货。", "可以发货吗？"),
        ("163-reply.eml", "收到，谢谢", "已经发货。"),
        ("apple-reply.eml", "It never arrived.", "It was sent."),
    ] {
        let letter = letter(name);
        assert_eq!(letter.said.text, said, "{name}");
        assert!(letter.said.quoted.contains(hidden), "{name}: {:?}", letter.said.quoted);
    }
    let foxmail = letter("foxmail-reply.eml");
    assert!(foxmail.said.text.starts_with("请开专票。") && !foxmail.said.text.contains("要哪种发票"), "{:?}", foxmail.said);
    assert!(foxmail.said.quoted.contains("要哪种发票？"));
}

#[test]
fn the_same_holds_where_only_the_page_is_there() {
    for (name, said, hidden) in [
        ("gmail-reply.eml", "Yes, please send it.", "Shall we send it?"),
        ("outlook-reply.eml", "Please cancel it.\n\nBest regards\nAnna", "Shall we send it?"),
        ("qq-reply.eml", "好的，请发货。", "可以发货吗？"),
        ("163-reply.eml", "收到，谢谢", "已经发货。"),
        ("apple-reply.eml", "It never arrived.", "It was sent."),
    ] {
        let raw = fixture(name);
        let message = MessageParser::default().parse(&raw).expect("a letter");
        let page = whole_html(&message).expect("a page");
        let folded = lines::fold(html::read(&page).lines, false);
        assert_eq!(folded.text, said, "{name}");
        assert!(folded.quoted.contains(hidden), "{name}: {:?}", folded.quoted);
    }
}

#[test]
fn answers_between_quoted_lines_and_letters_passed_on_are_shown_whole() {
    let inline = letter("thunderbird-inline.eml");
    assert!(
        inline.said.text.contains("> Which colour?") && inline.said.text.contains("The blue one, as I have said before."),
        "{:?}",
        inline.said
    );
    assert!(inline.said.text.contains("XL.") && !inline.said.text.contains("Anna Wirth"), "{:?}", inline.said);
    assert!(inline.said.quoted.contains("Anna Wirth\n+49 1"), "the signature is folded");
    let forwarded = letter("forwarded.eml");
    assert!(forwarded.said.text.contains("What is this?") && forwarded.said.text.contains("Pay 10."), "{:?}", forwarded.said);
    assert_eq!(forwarded.said.quoted, "");
    // Nothing but a quotation: that is what they want to say.
    let only = text("From: a@b.example\r\n\r\n> all of\r\n> this\r\n");
    assert_eq!(only.said.text, "> all of\n> this");
    // One quotation above the answer.
    let below = text("From: a@b.example\r\n\r\nOn 1 Feb, x@y.example wrote:\r\n> old\r\n\r\nnew\r\n");
    assert_eq!((below.said.text.as_str(), below.said.quoted.contains("> old")), ("new", true));
    // Quoted without any mark, one empty line below the answer.
    let bare = text("From: a@b.example\r\n\r\nyes\r\n\r\nOn 1 Feb 2026, Shop\r\n<x@y.example> wrote:\r\n\r\nold\r\n");
    assert_eq!((bare.said.text.as_str(), bare.said.quoted.contains("old")), ("yes", true), "{:?}", bare.said);
    // A sentence that only looks like it.
    let wrote = text("From: a@b.example\r\n\r\nHere is what she wrote:\r\nnothing at all\r\n");
    assert_eq!(wrote.said.text, "Here is what she wrote:\nnothing at all");
    let ours = text("From: a@b.example\r\n\r\n好的\r\n\r\n##- 请在此行以上回复 -##\r\n旧的\r\n");
    assert_eq!((ours.said.text.as_str(), ours.said.quoted.contains("旧的")), ("好的", true));
}

#[test]
fn every_charset_and_every_way_to_break_it() {
    let qq = letter("qq-reply.eml");
    assert_eq!((qq.from.name.as_deref(), qq.subject.as_str()), (Some("安娜"), "回复：订单 1042"));
    let jp = letter("iso-2022-jp.eml");
    assert_eq!((jp.from.name.as_deref(), jp.subject.as_str(), jp.said.text.as_str()), (Some("田中"), "注文について", "いつ届きますか。"));
    let broken = letter("broken-words.eml");
    assert_eq!((broken.from.name.as_deref(), broken.subject.as_str()), (Some("李小明"), "中文主题在字符中间断开"));
    let old = letter("gbk-without-charset.eml");
    assert_eq!((old.subject.as_str(), old.said.text.as_str()), ("旧系统的通知", "您好，请查收。"));
    let latin = text(
        "From: a@b.example\r\nContent-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=80 5\r\n",
    );
    assert_eq!(latin.said.text, "€ 5");
}

#[test]
fn what_is_attached_keeps_its_name_and_takes_nobody_elses() {
    let letter = letter("attachments.eml");
    assert_eq!(letter.said.text, "附件是发票。");
    let names: Vec<&str> = letter.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["发票.pdf", "报价单.xlsx", "_letter.html", ".._.._etc_pass_wd", "the older letter.eml"]);
    assert_eq!(letter.files[0].bytes, b"%PDF-1.7 not really");
    assert!(letter.page.is_none(), "an attached page is no letter");
}

#[test]
fn pictures_of_the_letter_are_put_into_it_and_others_are_not_fetched() {
    let letter = letter("inline-picture.eml");
    let page = letter.page.expect("a page");
    assert!(page.contains("src=\"data:image/png;base64,iVBOR"), "{page}");
    assert!(!page.contains("track.example") && !page.contains("cid:"), "{page}");
    assert!(letter.files.is_empty(), "it is shown in its place");
    assert_eq!(letter.said.text, "See: [cup]");
}

#[test]
fn nothing_in_a_hostile_page_runs_or_asks_anybody() {
    let letter = letter("xss.eml");
    let page = letter.page.expect("a page").to_lowercase();
    let body = page.split_once("<body>").expect("a body").1;
    for word in [
        "<script",
        "alert(",
        "onerror",
        "onload",
        "onclick",
        "javascript:",
        "vbscript:",
        "<iframe",
        "<object",
        "<embed",
        "<form",
        "<input",
        "<button",
        "<svg",
        "<math",
        "<style",
        "<base",
        "<link",
        "<meta",
        "evil.example",
        "track.example",
        "url(",
        "expression",
        "position",
        "srcset",
        "ping=",
        "<!--",
        "behavior",
        "binding",
    ] {
        assert!(!body.contains(word), "{word} in {body}");
    }
    assert!(
        body.contains("https://fine.example")
            && body.contains("rel=\"noopener noreferrer nofollow\"")
            && body.contains("target=\"_blank\""),
        "{body}"
    );
    assert!(page.contains("default-src 'none'"));
    // Programs that pretend to be pictures are files like others.
    let names: Vec<&str> = letter.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["pic.svg", "poly.gif", "invoicegnp.exe"], "and names turn nothing round");
    assert_eq!(letter.subject, "<script>alert(0)</script>", "a subject is words");
}

#[test]
fn letters_that_are_bombs_end_small_and_soon() {
    // 64 MB of zeros, packed: nobody unpacks it.
    let bomb = letter("bomb.eml");
    assert!(bomb.files.iter().any(|file| file.name == "all.gz" && file.bytes.len() < 70_000));
    let mut deep = "From: a@b.example\r\nSubject: deep\r\n".to_owned();
    for n in 0..20_000 {
        deep.push_str(&format!("Content-Type: multipart/mixed; boundary=\"b{n}\"\r\n\r\n--b{n}\r\n"));
    }
    let deep = text(&deep);
    assert_eq!((deep.subject.as_str(), deep.files.len()), ("deep", 1), "kept as a file, not taken apart");
    let mut letters = "From: a@b.example\r\n".to_owned();
    for _ in 0..20_000 {
        letters.push_str("Content-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\n");
    }
    assert_eq!(text(&letters).files.len(), 1);
    let mut wide = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=w\r\n\r\n".to_owned();
    for n in 0..10_000 {
        wide.push_str(&format!(
            "--w\r\nContent-Type: text/plain; name=f{n}.txt\r\nContent-Disposition: attachment; filename=f{n}.txt\r\n\r\nx\r\n"
        ));
    }
    wide.push_str("--w--\r\n");
    assert_eq!(text(&wide).files.len(), 100);
    let page = format!("From: a@b.example\r\nContent-Type: text/html\r\n\r\n{}deep{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
    let page = text(&page);
    assert_eq!((page.said.text.as_str(), page.page.is_none()), ("deep", true), "only its text is shown");
    let formats = format!("From: a@b.example\r\nContent-Type: text/html\r\n\r\n{}x", "<b><i><a href=x>".repeat(30_000));
    assert_eq!(text(&formats).said.text, "x");
    let left_open: String = (0..400).map(|n| format!("<b class=c{n}>")).collect();
    let again = format!("From: a@b.example\r\nContent-Type: text/html\r\n\r\n<p>{left_open}</p>{}", "<p>x</p>".repeat(50_000));
    assert!(text(&again).page.is_none(), "a tree of twenty million elements is not made");
    let heads = format!("From: a@b.example\r\n{}\r\nbody\r\n", "X-A: b\r\n".repeat(300_000));
    assert_eq!(text(&heads).said.text, "body");
    let long = format!("From: a@b.example\r\nReferences: {}\r\n\r\nbody\r\n", "<x@y> ".repeat(30_000));
    assert!(text(&long).answers.len() <= MOST_IDS);
}

#[test]
fn ids_are_read_however_they_are_written() {
    assert_eq!(ids("<a@b> <c@d>\t<a@b>"), ["<a@b>", "<c@d>", "<a@b>"]);
    assert_eq!(ids("<a@\r\n b>"), ["<a@b>"], "folded in the middle");
    assert_eq!(ids("a@b"), ["<a@b>"]);
    assert_eq!(ids("your message of Monday"), Vec::<String>::new());
    assert_eq!(ids(&format!("<{}@b>", "x".repeat(300))), Vec::<String>::new());
    let letter = text("From: a@b.example\r\nIn-Reply-To: <3@x>\r\nReferences: <1@x> <2@x>\r\n <3@x>\r\n\r\n");
    assert_eq!(letter.answers, ["<3@x>", "<2@x>", "<1@x>"]);
}

#[test]
fn a_letter_without_a_sender_is_none() {
    assert_eq!(Letter::read(b"Subject: x\r\n\r\nbody", false).map(|_| ()), Err(NoLetter::NoSender));
    assert!(Letter::read(b"", false).is_err());
    let form = text("Reply-To: a@b.example\r\n\r\nbody");
    assert_eq!(form.from.address, "a@b.example");
}

#[test]
fn fuzz_letters() {
    let seeds: Vec<Vec<u8>> = [
        "gmail-reply.eml",
        "outlook-reply.eml",
        "qq-reply.eml",
        "attachments.eml",
        "xss.eml",
        "dsn.eml",
        "inline-picture.eml",
        "iso-2022-jp.eml",
        "thunderbird-inline.eml",
    ]
    .into_iter()
    .map(fixture)
    .collect();
    let rounds = Rounds::new("letters", 600, 17);
    let mut random = Random::new(rounds.seed);
    for _ in rounds {
        let mut bytes = seeds[random.index(seeds.len())].clone();
        for _ in 0..=random.below(12) {
            if bytes.is_empty() {
                break;
            }
            let at = random.index(bytes.len());
            match random.below(5) {
                0 => bytes[at] = random.below(256) as u8,
                1 => drop(bytes.remove(at)),
                2 => bytes.truncate(at.max(1)),
                3 => {
                    let from = random.index(bytes.len());
                    let piece: Vec<u8> = bytes[from..].iter().take(200).copied().collect();
                    bytes.splice(at..at, piece);
                }
                _ => bytes.insert(at, *b"<>\"=?-\r\n;:".get(random.index(10)).unwrap_or(&b' ')),
            }
        }
        // Whatever it says, it ends; that its reader fails is a finding, too.
        let read = Letter::read(&bytes, random.below(2) == 0);
        assert_ne!(read.as_ref().err(), Some(&NoLetter::Fails), "{:?}", String::from_utf8_lossy(&bytes));
    }
}

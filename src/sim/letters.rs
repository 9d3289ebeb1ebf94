//! Letters of the demo's customer: in words and as a page, with what they answer named, as mail programs write them.

use super::mail::Sent;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Whose mailbox it is.
pub const SUPPORT: &str = "service@larkfield.example";

/// `from` is a name and an address; `said` begins with a subject and an empty line, or answers the house's last letter.
pub fn letter(from: &str, said: &str, last: Option<&Sent>) -> Vec<u8> {
    let (subject, text, answers) = match (said.split_once("\n\n"), last) {
        (Some((subject, text)), _) => (subject.to_owned(), text, String::new()),
        (None, Some(last)) => (last.head("subject").unwrap_or_default(), said, references(last)),
        (None, None) => (String::new(), said, String::new()),
    };
    let (name, address) = from.split_once(" <").unwrap_or(("", from));
    let id: u64 = rand::random();
    let page: String = text.split("\n\n").map(|part| format!("<p>{}</p>", part.replace('\n', "<br>"))).collect();
    let part = |kind: &str, body: &str| {
        format!("--part\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n", BASE64.encode(body))
    };
    format!(
        "From: {} <{address}\r\nTo: {SUPPORT}\r\nSubject: {}\r\nMessage-ID: <{id:016x}@customer.example>\r\n{answers}MIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=part\r\n\r\n{}{}--part--\r\n",
        word(name),
        word(&subject),
        part("text/plain", text),
        part("text/html", &format!("<body style=\"font-family: Georgia, serif\">{page}</body>")),
    )
    .into_bytes()
}

fn references(last: &Sent) -> String {
    let id = last.head("message-id").unwrap_or_default();
    let before = last.head("references").unwrap_or_default();
    format!("In-Reply-To: {id}\r\nReferences: {before} {id}\r\n")
}

/// RFC 2047, where it must be.
fn word(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_owned(),
        false => format!("=?utf-8?B?{}?=", BASE64.encode(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_new_or_answers() {
        let new = String::from_utf8(letter("苏静 <su.jing@customer.example>", "Wheel\n\nHello,\nit is bent.", None)).expect("text");
        assert!(new.contains("Subject: Wheel\r\n") && new.contains("From: =?utf-8?B?6IuP6Z2Z?= <su.jing@customer.example>\r\n"), "{new}");
        assert!(!new.contains("In-Reply-To"), "{new}");
        let ours = Sent { from: SUPPORT.into(), to: vec![], letter: b"Message-ID: <a@x>\r\nSubject: Re: Wheel\r\n\r\nWe see.".to_vec() };
        let answer = String::from_utf8(letter("Hanna <h@x>", "Thank you", Some(&ours))).expect("text");
        assert!(answer.contains("Subject: Re: Wheel\r\n") && answer.contains("In-Reply-To: <a@x>\r\n"), "{answer}");
    }
}

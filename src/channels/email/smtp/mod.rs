//! Sending (SMTP, RFC 5321): one connection, one letter. What matters here is to know afterwards whether the server has it: an error before the
//! letter's last line means no, its answer says so, and a connection that is lost in between leaves it open.

mod answer;

pub(super) use answer::Answer;

use super::config::Security;
use super::login::{Login, Proof, challenge, plain, xoauth2};
use super::net::{NetError, PATIENCE, Server, Wire};
use crate::channels::platform::Trouble;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a server may think about a letter: RFC 5321 §4.5.3.2.6 asks for ten minutes, but no try to send anything lasts longer than three.
const THINKS: Duration = Duration::from_secs(120);
/// Lines of one answer.
const MOST_LINES: usize = 200;

/// For whom a letter is, apart from what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    /// Empty: reports about it go nowhere.
    pub from: String,
    pub to: Vec<String>,
    /// By which a delivery report names it (RFC 3461).
    pub id: String,
    /// An address holds what ASCII does not.
    pub utf8: bool,
}

/// Signed in, nothing sent yet.
pub(super) struct Session {
    wire: Wire,
    can: BTreeMap<String, String>,
}

/// A letter that the server has taken.
pub(super) struct Taken {
    /// Who was refused while others were taken.
    pub refused: Vec<(String, Answer)>,
    /// What it said, which may hold its own name of the letter.
    pub said: String,
}

impl Session {
    pub async fn open(server: &Server, login: &Login, name: &str) -> Result<Session, Trouble> {
        let wire = Wire::open(server).await.map_err(before)?;
        let mut session = Session { wire, can: BTreeMap::new() };
        session.answer(PATIENCE).await?.positive()?;
        session.hello(name).await?;
        if server.security == Security::Starttls {
            if !session.can.contains_key("STARTTLS") {
                return Err(Trouble::Down("the server does not offer STARTTLS".into()));
            }
            session.command("STARTTLS").await?.positive()?;
            let wire = session.wire.secure(server).await.map_err(before)?;
            session = Session { wire, can: BTreeMap::new() };
            session.hello(name).await?;
        }
        session.sign_in(login).await?;
        Ok(session)
    }

    async fn hello(&mut self, name: &str) -> Result<(), Trouble> {
        let answer = self.command(&format!("EHLO {name}")).await?;
        if answer.code / 100 == 2 {
            let read = |line: &String| {
                line.split_once([' ', '=']).map_or((line.to_ascii_uppercase(), String::new()), |(word, rest)| {
                    (word.to_ascii_uppercase(), rest.to_ascii_uppercase())
                })
            };
            self.can = answer.lines.iter().skip(1).map(read).collect();
            return Ok(());
        }
        self.command(&format!("HELO {name}")).await?.positive()
    }

    async fn sign_in(&mut self, login: &Login) -> Result<(), Trouble> {
        let proof = login.proof().await?;
        let ways = self.can.get("AUTH").cloned().unwrap_or_default();
        let offers = |way: &str| ways.split_whitespace().any(|offered| offered == way);
        let answer = match &proof {
            Proof::Nobody => return Ok(()),
            Proof::Token(token) => self.command(&format!("AUTH XOAUTH2 {}", xoauth2(login.user(), token))).await?,
            Proof::Password(password) if offers("PLAIN") || !offers("LOGIN") => {
                self.command(&format!("AUTH PLAIN {}", plain(login.user(), password))).await?
            }
            Proof::Password(password) => {
                self.command("AUTH LOGIN").await?;
                self.command(&STANDARD.encode(login.user())).await?;
                self.command(&STANDARD.encode(password.expose_secret())).await?
            }
        };
        // A challenge after a token says why it is refused, and wants an empty line.
        let (answer, why) = match answer.code {
            334 => (self.command("").await?, challenge(&answer.text())),
            _ => (answer, String::new()),
        };
        if answer.code / 100 == 2 {
            return Ok(());
        }
        login.refused(&proof).await;
        let text = format!("{} {} {why}", answer.code, answer.text());
        Err(if answer.code / 100 == 4 { Trouble::Retry(text) } else { Trouble::Down(text.trim().to_owned()) })
    }

    /// Whom the server takes letters for. An error: the first recipient, the customer, is refused.
    async fn envelope(&mut self, envelope: &Envelope, size: usize) -> Result<Vec<(String, Answer)>, Trouble> {
        if envelope.utf8 && !self.can.contains_key("SMTPUTF8") {
            return Err(Trouble::Refused("the server takes no addresses beyond ASCII".into()));
        }
        if let Some(most) = self.can.get("SIZE").and_then(|most| most.trim().parse::<usize>().ok())
            && most > 0
            && size > most
        {
            return Err(Trouble::Refused(format!("552 {size} bytes are more than the server takes ({most})")));
        }
        let dsn = self.can.contains_key("DSN");
        let mut mail = format!("MAIL FROM:<{}>", envelope.from);
        for (parameter, wanted) in [
            (format!(" SIZE={size}"), self.can.contains_key("SIZE") && size > 0),
            (" BODY=8BITMIME".to_owned(), envelope.utf8),
            (" SMTPUTF8".to_owned(), envelope.utf8),
            (format!(" RET=HDRS ENVID={}", envelope.id), dsn && !envelope.id.is_empty()),
        ] {
            if wanted {
                mail.push_str(&parameter);
            }
        }
        self.command(&mail).await?.positive()?;
        let notify = if dsn && !envelope.from.is_empty() { " NOTIFY=FAILURE,DELAY" } else { "" };
        let mut refused = Vec::new();
        for (at, to) in envelope.to.iter().enumerate() {
            let answer = self.command(&format!("RCPT TO:<{to}>{notify}")).await?;
            match answer.code / 100 {
                2 => {}
                _ if at == 0 => return Err(answer.trouble()),
                _ => refused.push((to.clone(), answer)),
            }
        }
        Ok(refused)
    }

    /// Hands a letter over.
    pub async fn send(mut self, envelope: &Envelope, letter: &[u8]) -> Result<Taken, Trouble> {
        let refused = self.envelope(envelope, letter.len()).await?;
        let go = self.command("DATA").await?;
        if go.code != 354 {
            return Err(go.trouble());
        }
        let dotted = dotted(letter);
        // Without the end the server has nothing, however much it heard (RFC 5321 §4.1.1.4).
        self.wire.say(&dotted).await.map_err(|error| Trouble::Retry(error.to_string()))?;
        self.wire.say(b".\r\n").await.map_err(|error| Trouble::Uncertain(error.to_string()))?;
        let answer = self.answer(THINKS).await.map_err(|error| match error {
            Trouble::Retry(text) => Trouble::Uncertain(text),
            error => error,
        })?;
        answer.positive()?;
        self.quit().await;
        Ok(Taken { refused, said: answer.text() })
    }

    /// Whether a letter from this address to this one would be taken; nothing is sent.
    pub async fn would_take(mut self, envelope: &Envelope) -> Result<(), Trouble> {
        self.envelope(envelope, 0).await?;
        self.command("RSET").await?.positive()?;
        self.quit().await;
        Ok(())
    }

    async fn quit(mut self) {
        // The letter is theirs; whether they say goodbye is of no consequence.
        if self.wire.say(b"QUIT\r\n").await.is_ok() {
            let _ = self.wire.line(Duration::from_secs(2)).await;
        }
    }

    async fn command(&mut self, command: &str) -> Result<Answer, Trouble> {
        // What is put together from addresses and names must be one line.
        if command.contains(['\r', '\n', '\0']) {
            return Err(Trouble::Refused("an address that is none".into()));
        }
        self.wire.say(format!("{command}\r\n").as_bytes()).await.map_err(before)?;
        self.answer(PATIENCE).await
    }

    async fn answer(&mut self, within: Duration) -> Result<Answer, Trouble> {
        let mut lines = Vec::new();
        loop {
            let line = self.wire.line(within).await.map_err(before)?;
            let (code, rest) = (line.get(..3).and_then(|code| code.parse().ok()), line.get(3..).unwrap_or_default());
            let Some(code) = code.filter(|code| (200..600).contains(code)) else {
                return Err(Trouble::Retry("the server speaks no SMTP".into()));
            };
            lines.push(rest.get(1..).unwrap_or_default().trim_end().to_owned());
            if !rest.starts_with('-') {
                return Ok(Answer { code, lines });
            }
            if lines.len() > MOST_LINES {
                return Err(Trouble::Retry("an answer without an end".into()));
            }
        }
    }
}

/// Nothing was handed over yet.
fn before(error: NetError) -> Trouble {
    match error {
        NetError::Tls { .. } | NetError::Authority { .. } | NetError::NoAuthorities | NetError::Injected => {
            Trouble::Down(error.to_string())
        }
        _ => Trouble::Retry(error.to_string()),
    }
}

/// Line ends as the wire has them, and a dot before each dot that begins a line (RFC 5321 §4.5.2). Ends with a line end.
fn dotted(letter: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(letter.len() + letter.len() / 64 + 2);
    for line in letter.split_inclusive(|b| *b == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        out.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::dotted;

    #[test]
    fn a_line_that_is_a_dot_does_not_end_the_letter() {
        assert_eq!(dotted(b"a\r\n.\r\n..b\nc"), b"a\r\n..\r\n...b\r\nc\r\n");
        assert_eq!(dotted(b""), b"");
    }
}

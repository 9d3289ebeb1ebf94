//! The mailbox's own side of SMTP: takes letters, and refuses what providers refuse.

use super::{Lines, Sent, Sim};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::BufStream;
use tokio::net::TcpStream;

/// RFC 5321 §4.5.3.1.6, without the line's end.
const LONGEST_LINE: usize = 998;

pub(super) async fn serve(sim: Sim, stream: TcpStream) -> std::io::Result<()> {
    let mut lines = Lines(BufStream::new(stream));
    lines.say("220 simulated ESMTP").await?;
    let (mut known, mut from, mut to): (bool, Option<String>, Vec<String>) = (false, None, Vec::new());
    while let Some(line) = lines.hear().await? {
        let Some(line) = line.strip_suffix(b"\r\n").and_then(|line| std::str::from_utf8(line).ok()).filter(|line| !line.contains('\r'))
        else {
            sim.refuse("SMTP: a line that is not text with CRLF");
            return lines.say("500 a line that is none").await;
        };
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (word.to_ascii_uppercase().as_str(), rest) {
            ("EHLO", name) if !name.is_empty() => {
                let most = sim.book(|book| book.manners.most_bytes);
                let auth = if sim.book(|book| book.manners.token.is_some()) { "XOAUTH2" } else { "PLAIN LOGIN" };
                lines
                    .say(&format!(
                        "250-simulated\r\n250-SIZE {most}\r\n250-DSN\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH {auth}"
                    ))
                    .await?;
            }
            ("AUTH", rest) => {
                let (how, word) = rest.split_once(' ').unwrap_or((rest, ""));
                known = match how {
                    "PLAIN" => {
                        let text = STANDARD.decode(word).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
                        let words: Vec<&str> = text.split('\0').collect();
                        matches!(words.as_slice(), ["", user, password] if sim.knows_password(user, password))
                    }
                    "XOAUTH2" if sim.knows_token(word) => true,
                    "XOAUTH2" => {
                        lines.say("334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiQmVhcmVyIn0=").await?;
                        if lines.hear().await?.as_deref() != Some(b"\r\n") {
                            sim.refuse("SMTP: a challenge wants an empty line");
                        }
                        false
                    }
                    _ => false,
                };
                if known {
                    sim.book(|book| book.logins += 1);
                } else {
                    sim.refuse("SMTP: a wrong login");
                }
                lines.say(if known { "235 2.7.0 welcome" } else { "535 5.7.8 wrong" }).await?;
            }
            ("QUIT", _) => return lines.say("221 bye").await,
            ("RSET", _) => {
                (from, to) = (None, Vec::new());
                lines.say("250 2.0.0 forgotten").await?;
            }
            _ if !known => {
                sim.refuse(format!("SMTP: {word} before AUTH"));
                lines.say("530 5.7.0 sign in first").await?;
            }
            ("MAIL", rest) => match path(rest, "FROM:") {
                Some(_) if sim.chance(sim.inner.trouble.busy) => lines.say("451 4.3.2 busy").await?,
                Some(path) if path.is_empty() || domain(&path) == domain(&sim.inner.user) => {
                    from = Some(path);
                    lines.say("250 2.1.0 fine").await?;
                }
                _ => {
                    sim.refuse(format!("SMTP: {line}"));
                    lines.say("553 5.7.1 not your address").await?;
                }
            },
            ("RCPT", rest) => match path(rest, "TO:").filter(|path| from.is_some() && path.contains('@')) {
                Some(path) if sim.book(|book| book.nobody.contains(&path)) => {
                    lines.say(&format!("550 5.1.1 <{path}>: user unknown")).await?;
                }
                Some(path) => {
                    to.push(path);
                    lines.say("250 2.1.5 fine").await?;
                }
                None => {
                    sim.refuse(format!("SMTP: {line}"));
                    lines.say("501 5.1.3 no address").await?;
                }
            },
            ("DATA", "") if !to.is_empty() => {
                lines.say("354 go on").await?;
                let Some(letter) = data(&sim, &mut lines).await? else { return Ok(()) };
                let most = sim.book(|book| book.manners.most_bytes);
                if most > 0 && letter.len() > most {
                    lines.say("552 5.3.4 too long").await?;
                    continue;
                }
                if let Err(why) = check(&letter) {
                    sim.refuse(format!("SMTP: {why}"));
                    lines.say(&format!("554 5.6.0 {why}")).await?;
                    continue;
                }
                let sent = Sent { from: from.take().unwrap_or_default(), to: std::mem::take(&mut to), letter };
                sim.book(|book| book.sent.push(sent));
                sim.tell();
                if sim.chance(sim.inner.trouble.cut) {
                    return Ok(());
                }
                lines.say("250 2.0.0 taken").await?;
            }
            _ => {
                sim.refuse(format!("SMTP: {line}"));
                lines.say("503 5.5.1 not now or not known").await?;
            }
        }
    }
    Ok(())
}

/// The letter without the dots that were added; `None`: the other side went away before its end.
async fn data(sim: &Sim, lines: &mut Lines) -> std::io::Result<Option<Vec<u8>>> {
    let mut letter = Vec::new();
    while let Some(line) = lines.hear().await? {
        let Some(text) = line.strip_suffix(b"\r\n") else {
            sim.refuse("SMTP: a letter with a line that ends wrongly");
            return Ok(None);
        };
        if text == b"." {
            return Ok(Some(letter));
        }
        if text.len() > LONGEST_LINE + 1 || text.contains(&b'\r') || text.contains(&0) {
            sim.refuse(format!("SMTP: a line of {} bytes, or with what lines do not hold", text.len()));
        }
        letter.extend_from_slice(text.strip_prefix(b".").unwrap_or(text));
        letter.extend_from_slice(b"\r\n");
    }
    Ok(None)
}

/// What every letter must have, once each (RFC 5322 §3.6).
fn check(letter: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(letter);
    let (head, _) = text.split_once("\r\n\r\n").ok_or("no body")?;
    if !letter.is_ascii() {
        return Err("bytes beyond ASCII without 8BITMIME".into());
    }
    for (name, needed) in [
        ("From", true),
        ("Date", true),
        ("Message-ID", true),
        ("To", true),
        ("Subject", true),
        ("MIME-Version", true),
        ("References", false),
        ("In-Reply-To", false),
        ("Reply-To", false),
    ] {
        let count = head.lines().filter(|line| line.split(':').next().is_some_and(|found| found.eq_ignore_ascii_case(name))).count();
        if count > 1 || (needed && count == 0) {
            return Err(format!("{count} of {name}"));
        }
    }
    Ok(())
}

fn path(text: &str, before: &str) -> Option<String> {
    let start = text.get(..before.len()).filter(|start| start.eq_ignore_ascii_case(before))?;
    let rest = text.get(start.len()..)?.strip_prefix('<')?;
    rest.split_once('>').map(|(path, _)| path.to_owned())
}

fn domain(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

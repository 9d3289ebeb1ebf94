//! The mailbox's own side of IMAP: as much of it as a client that only reads needs, and strict in that.

use super::{Lines, Sim};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::BufStream;
use tokio::net::TcpStream;

struct Client {
    sim: Sim,
    lines: Lines,
    known: bool,
    said_id: bool,
    selected: bool,
    /// Letters that it has been told of.
    told: usize,
}

pub(super) async fn serve(sim: Sim, stream: TcpStream) -> std::io::Result<()> {
    let mut client = Client { sim, lines: Lines(BufStream::new(stream)), known: false, said_id: false, selected: false, told: 0 };
    client.lines.say("* OK simulated mailbox ready").await?;
    while let Some(line) = client.lines.hear().await? {
        let Some(line) = line.strip_suffix(b"\r\n").and_then(|line| std::str::from_utf8(line).ok()).map(str::to_owned) else {
            client.sim.refuse("IMAP: a line that is not text with CRLF");
            return client.lines.say("* BYE a line that is none").await;
        };
        let Some((tag, command)) = line.split_once(' ') else {
            client.sim.refuse(format!("IMAP: {line}"));
            return client.lines.say("* BYE no command").await;
        };
        let (tag, command) = (tag.to_owned(), command.to_owned());
        if !client.command(&tag, &command).await? {
            return Ok(());
        }
    }
    Ok(())
}

impl Client {
    async fn command(&mut self, tag: &str, command: &str) -> std::io::Result<bool> {
        let (word, rest) = command.split_once(' ').unwrap_or((command, ""));
        match word {
            "CAPABILITY" => {
                let idle = if self.sim.book(|book| book.manners.no_idle) { "" } else { " IDLE" };
                let auth =
                    if self.sim.book(|book| book.manners.token.is_some()) { " AUTH=XOAUTH2 SASL-IR LOGINDISABLED" } else { " AUTH=PLAIN" };
                self.lines.say(&format!("* CAPABILITY IMAP4rev1 ID UIDPLUS{idle}{auth}")).await?;
                self.ok(tag).await?;
            }
            "NOOP" => {
                self.news().await?;
                self.ok(tag).await?;
            }
            "LOGOUT" => {
                self.lines.say("* BYE").await?;
                self.ok(tag).await?;
                return Ok(false);
            }
            "LOGIN" => {
                let words = strings(rest);
                let fine = matches!(words.as_slice(), [user, password] if self.sim.knows_password(user, password));
                self.sign(tag, fine).await?;
            }
            "AUTHENTICATE" => {
                let (how, word) = rest.split_once(' ').unwrap_or((rest, ""));
                if how != "XOAUTH2" {
                    self.no(tag, "[CANNOT] not offered").await?;
                } else if self.sim.knows_token(word) {
                    self.sign(tag, true).await?;
                } else {
                    // As Google and Microsoft: the reason first, and an empty line wanted.
                    self.lines.say("+ eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0=").await?;
                    let answer = self.lines.hear().await?;
                    if answer.as_deref() != Some(b"\r\n") {
                        self.sim.refuse("IMAP: a challenge wants an empty line");
                        return Ok(false);
                    }
                    self.sign(tag, false).await?;
                }
            }
            "ID" => {
                self.said_id = self.known;
                self.lines.say("* ID (\"name\" \"simulated\")").await?;
                self.ok(tag).await?;
            }
            _ if !self.known => self.bad(tag, command).await?,
            "SELECT" | "EXAMINE" => self.select(tag, rest).await?,
            _ if !self.selected => self.bad(tag, command).await?,
            "IDLE" => return self.idle(tag).await,
            "UID" => self.uid(tag, rest).await?,
            _ => self.bad(tag, command).await?,
        }
        Ok(true)
    }

    async fn select(&mut self, tag: &str, folder: &str) -> std::io::Result<()> {
        if self.sim.book(|book| book.manners.wants_id) && !self.said_id {
            self.sim.refuse("IMAP: SELECT without ID");
            return self.no(tag, "SELECT Unsafe Login. Please contact kefu@188.com for help").await;
        }
        if folder != "\"INBOX\"" && folder != "INBOX" {
            return self.no(tag, "[NONEXISTENT] no such folder").await;
        }
        let (exists, validity, next) = self.sim.book(|book| (book.letters.len(), book.validity, book.next));
        self.told = exists;
        self.selected = true;
        self.lines.say(&format!("* {exists} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)")).await?;
        self.lines.say(&format!("* OK [UIDVALIDITY {validity}] valid\r\n* OK [UIDNEXT {next}] next")).await?;
        self.ok(tag).await
    }

    async fn idle(&mut self, tag: &str) -> std::io::Result<bool> {
        if self.sim.book(|book| book.manners.no_idle) {
            self.bad(tag, "IDLE").await?;
            return Ok(true);
        }
        self.lines.say("+ idling").await?;
        if self.sim.book(|book| book.manners.silent_idle) {
            // The connection is dead and nobody has told: what comes is read and nothing is said.
            while self.lines.hear().await?.is_some() {}
            return Ok(false);
        }
        let mut news = self.sim.inner.news.subscribe();
        loop {
            self.news().await?;
            tokio::select! {
                changed = news.changed() => if changed.is_err() { return Ok(false) },
                line = self.lines.hear() => {
                    if line?.as_deref() != Some(b"DONE\r\n") {
                        return Ok(false);
                    }
                    self.ok(tag).await?;
                    return Ok(true);
                }
                () = tokio::time::sleep(Duration::from_secs(1_800)) => return Ok(false),
            }
        }
    }

    async fn uid(&mut self, tag: &str, rest: &str) -> std::io::Result<()> {
        let (word, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        match word {
            "SEARCH" => {
                let unseen = rest.contains("UNSEEN");
                let uids = self.sim.book(|book| {
                    let wanted = book.letters.iter().filter(|letter| !(unseen && letter.seen));
                    wanted.map(|letter| letter.uid.to_string()).collect::<Vec<_>>()
                });
                self.lines.say(format!("* SEARCH {}", uids.join(" ")).trim_end()).await?;
                self.ok(tag).await
            }
            "FETCH" => self.fetch(tag, rest).await,
            "STORE" => {
                let (set, what) = rest.split_once(' ').unwrap_or((rest, ""));
                if what != "+FLAGS.SILENT (\\Seen)" {
                    return self.bad(tag, rest).await;
                }
                let set: Vec<u32> = set.split(',').filter_map(|uid| uid.parse().ok()).collect();
                self.sim
                    .book(|book| book.letters.iter_mut().filter(|letter| set.contains(&letter.uid)).for_each(|letter| letter.seen = true));
                self.ok(tag).await
            }
            _ => self.bad(tag, rest).await,
        }
    }

    async fn fetch(&mut self, tag: &str, rest: &str) -> std::io::Result<()> {
        let Some((set, items)) = rest.split_once(' ').filter(|(_, items)| items.starts_with('(') && items.ends_with(')')) else {
            return self.bad(tag, rest).await;
        };
        if items.contains("BODY[") {
            self.sim.refuse("IMAP: BODY[] without PEEK marks as read");
            return self.bad(tag, rest).await;
        }
        let letters: Vec<(usize, u32, String, Arc<Vec<u8>>)> = self.sim.book(|book| {
            let last = book.letters.iter().map(|letter| letter.uid).max().unwrap_or(0);
            let (low, high) = match set.split_once(':') {
                // `n:*` has no order: it holds the last letter always.
                Some((from, "*")) => from.parse().map_or((1, 0), |from: u32| (from.min(last), last.max(from))),
                Some((from, to)) => (from.parse().unwrap_or(1), to.parse().unwrap_or(0)),
                None => set.parse().map_or((1, 0), |uid| (uid, uid)),
            };
            let all = book.letters.iter().enumerate();
            all.filter(|(_, letter)| (low..=high).contains(&letter.uid))
                .map(|(at, letter)| (at + 1, letter.uid, letter.at.clone(), Arc::clone(&letter.bytes)))
                .collect()
        });
        for (number, uid, at, bytes) in letters {
            let mut head = format!("* {number} FETCH (UID {uid}");
            if items.contains("RFC822.SIZE") {
                head.push_str(&format!(" RFC822.SIZE {}", bytes.len()));
            }
            if items.contains("INTERNALDATE") {
                head.push_str(&format!(" INTERNALDATE \"{at}\""));
            }
            if let Some((_, section)) = items.split_once("BODY.PEEK[]") {
                let most = section.strip_prefix("<0.").and_then(|most| most.split('>').next()?.parse::<usize>().ok());
                let part = most.map_or(bytes.as_slice(), |most| bytes.get(..most).unwrap_or(&bytes));
                let origin = if most.is_some() { "<0>" } else { "" };
                self.lines.bytes(format!("{head} BODY[]{origin} {{{}}}\r\n", part.len()).as_bytes()).await?;
                self.lines.bytes(part).await?;
                head = String::new();
            }
            self.lines.say(&format!("{head})")).await?;
        }
        if items.contains("RFC822.SIZE") {
            self.sim.book(|book| std::mem::take(&mut book.meanwhile).iter().for_each(|letter| book.take(letter)));
        }
        self.news().await?;
        self.ok(tag).await
    }

    async fn news(&mut self) -> std::io::Result<()> {
        let exists = self.sim.book(|book| book.letters.len());
        if self.selected && exists != self.told {
            self.told = exists;
            self.lines.say(&format!("* {exists} EXISTS")).await?;
        }
        Ok(())
    }

    async fn sign(&mut self, tag: &str, fine: bool) -> std::io::Result<()> {
        self.known = fine;
        if fine {
            self.sim.book(|book| book.logins += 1);
            return self.ok(tag).await;
        }
        self.sim.refuse("IMAP: a wrong login");
        self.no(tag, "[AUTHENTICATIONFAILED] wrong").await
    }

    async fn ok(&mut self, tag: &str) -> std::io::Result<()> {
        self.lines.say(&format!("{tag} OK done")).await
    }

    async fn no(&mut self, tag: &str, why: &str) -> std::io::Result<()> {
        self.lines.say(&format!("{tag} NO {why}")).await
    }

    async fn bad(&mut self, tag: &str, what: &str) -> std::io::Result<()> {
        self.sim.refuse(format!("IMAP: {what}"));
        self.lines.say(&format!("{tag} BAD not now or not known")).await
    }
}

/// Quoted strings.
fn strings(text: &str) -> Vec<String> {
    let (mut found, mut now, mut inside, mut escaped) = (Vec::new(), String::new(), false, false);
    for c in text.chars() {
        match c {
            _ if escaped => {
                now.push(c);
                escaped = false;
            }
            '\\' if inside => escaped = true,
            '"' if inside => {
                found.push(std::mem::take(&mut now));
                inside = false;
            }
            '"' => inside = true,
            c if inside => now.push(c),
            _ => {}
        }
    }
    found
}

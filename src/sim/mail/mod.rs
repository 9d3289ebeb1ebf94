//! A provider of mailboxes: one mailbox with its IMAP and its SMTP server, on loopback. It takes what Hubline says as strictly as providers do,
//! and does on purpose what they do: counts letters anew, keeps silent where it should tell, refuses tokens with a challenge, loses the
//! connection after a letter was taken. Its wire is its own.

mod imap;
mod smtp;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What shall go wrong, of a thousand letters each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trouble {
    /// 451 before anything is taken.
    pub busy: u32,
    /// The letter is taken and the connection cut before the answer.
    pub cut: u32,
    /// A letter of a customer's arrives twice.
    pub twice: u32,
    /// Letters wait for the next one and come after it.
    pub late: u32,
    pub seed: u64,
}

/// What kind of provider it is.
#[derive(Debug, Clone, Default)]
pub struct Manners {
    /// As NetEase: nobody selects who has not said ID after signing in.
    pub wants_id: bool,
    /// No IDLE at all.
    pub no_idle: bool,
    /// IDLE is taken, and nothing is ever said again on that connection.
    pub silent_idle: bool,
    /// Only this token signs in (XOAUTH2); `None`: the password.
    pub token: Option<String>,
    /// A larger letter is refused (552). 0: none is.
    pub most_bytes: usize,
}

/// A letter that our house has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub from: String,
    pub to: Vec<String>,
    pub letter: Vec<u8>,
}

impl Sent {
    /// The first head of this name, unfolded.
    pub fn head(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.letter).replace("\r\n ", " ").replace("\r\n\t", " ");
        let head = text.split("\r\n\r\n").next().unwrap_or_default().to_owned();
        let found = head.lines().find_map(|line| line.split_once(':').filter(|(found, _)| found.eq_ignore_ascii_case(name)));
        found.map(|(_, value)| value.trim().to_owned())
    }
}

struct Letter {
    uid: u32,
    bytes: Arc<Vec<u8>>,
    seen: bool,
    /// When it arrived, as IMAP writes it.
    at: String,
}

struct Book {
    validity: u32,
    next: u32,
    letters: Vec<Letter>,
    late: Vec<Vec<u8>>,
    /// Come while somebody lists what is there.
    meanwhile: Vec<Vec<u8>>,
    sent: Vec<Sent>,
    refused: Vec<String>,
    nobody: BTreeSet<String>,
    manners: Manners,
    dice: u64,
    logins: u32,
}

struct Inner {
    user: String,
    password: String,
    trouble: Trouble,
    book: Mutex<Book>,
    /// Counts whatever happened.
    news: watch::Sender<u64>,
}

/// A running provider; stops with its last clone.
#[derive(Clone)]
pub struct Sim {
    inner: Arc<Inner>,
    pub imap: SocketAddr,
    pub smtp: SocketAddr,
}

impl Sim {
    /// A mailbox of `user`, empty.
    pub async fn open(user: &str, password: &str, manners: Manners, trouble: Trouble) -> std::io::Result<Sim> {
        let (imap, smtp) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
        let book = Book {
            validity: 1,
            next: 1,
            letters: Vec::new(),
            late: Vec::new(),
            meanwhile: Vec::new(),
            sent: Vec::new(),
            refused: Vec::new(),
            nobody: BTreeSet::new(),
            manners,
            dice: trouble.seed | 1,
            logins: 0,
        };
        let inner = Arc::new(Inner {
            user: user.to_owned(),
            password: password.to_owned(),
            trouble,
            book: Mutex::new(book),
            news: watch::channel(0).0,
        });
        let sim = Sim { imap: imap.local_addr()?, smtp: smtp.local_addr()?, inner };
        sim.serve(imap, |sim, stream| Box::pin(imap::serve(sim, stream)));
        sim.serve(smtp, |sim, stream| Box::pin(smtp::serve(sim, stream)));
        Ok(sim)
    }

    fn serve(&self, listener: TcpListener, each: fn(Sim, TcpStream) -> futures_util::future::BoxFuture<'static, std::io::Result<()>>) {
        let (weak, imap, smtp) = (Arc::downgrade(&self.inner), self.imap, self.smtp);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Some(inner) = weak.upgrade() else { return };
                // Answers are short: one that waits for the former's acknowledgement is late by 40 ms.
                stream.set_nodelay(true).ok();
                // Whoever goes away in the middle is nothing to us.
                tokio::spawn(async move { each(Sim { inner, imap, smtp }, stream).await.ok() });
            }
        });
    }

    /// A customer's letter arrives, as it is on the wire.
    pub fn customer_writes(&self, letter: &[u8]) {
        let trouble = self.inner.trouble;
        if self.chance(trouble.late) {
            self.book(|book| book.late.push(letter.to_vec()));
            return;
        }
        let twice = self.chance(trouble.twice);
        self.book(|book| {
            book.take(letter);
            if twice {
                book.take(letter);
            }
            for late in std::mem::take(&mut book.late) {
                book.take(&late);
            }
        });
        self.tell();
    }

    /// A customer's letter arrives while the letters are listed the next time: too late for the list, and told at its end.
    pub fn customer_writes_meanwhile(&self, letter: &[u8]) {
        self.book(|book| book.meanwhile.push(letter.to_vec()));
    }

    /// Those that were late come now.
    pub fn all_arrive(&self) {
        self.book(|book| {
            for late in std::mem::take(&mut book.late) {
                book.take(&late);
            }
        });
        self.tell();
    }

    /// The server counts its letters anew (UIDVALIDITY), in another order.
    pub fn renumber(&self) {
        self.book(|book| {
            book.validity += 1;
            book.letters.reverse();
            for (at, letter) in book.letters.iter_mut().enumerate() {
                letter.uid = u32::try_from(at).unwrap_or(0) + 1;
            }
            book.next = u32::try_from(book.letters.len()).unwrap_or(0) + 1;
        });
    }

    pub fn manners(&self, change: impl FnOnce(&mut Manners)) {
        self.book(|book| change(&mut book.manners));
        self.tell();
    }

    /// There is nobody with this address.
    pub fn nobody(&self, address: &str) {
        self.book(|book| book.nobody.insert(address.to_owned()));
    }

    /// What our house has sent.
    pub fn sent(&self) -> Vec<Sent> {
        self.book(|book| book.sent.clone())
    }

    /// Why it was refused.
    pub fn refused(&self) -> Vec<String> {
        self.book(|book| book.refused.clone())
    }

    /// How many letters are marked as read.
    pub fn seen(&self) -> usize {
        self.book(|book| book.letters.iter().filter(|letter| letter.seen).count())
    }

    /// Times that somebody has signed in at either server.
    pub fn logins(&self) -> u32 {
        self.book(|book| book.logins)
    }

    /// Waits until so many letters were sent.
    pub async fn sent_at_least(&self, count: usize, within: Duration) -> bool {
        let mut news = self.inner.news.subscribe();
        tokio::time::timeout(within, async {
            while self.sent().len() < count {
                if news.changed().await.is_err() {
                    return;
                }
            }
        })
        .await
        .is_ok()
    }

    fn tell(&self) {
        self.inner.news.send_modify(|count| *count += 1);
    }

    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.inner.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn refuse(&self, why: impl Into<String>) {
        self.book(|book| book.refused.push(why.into()));
    }

    fn chance(&self, of_thousand: u32) -> bool {
        self.book(|book| {
            // SplitMix64: the same seed gives the same troubles.
            book.dice = book.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = book.dice;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) % 1_000 < u64::from(of_thousand)
        })
    }

    /// Whether this first word of XOAUTH2 is the one of our user with the right token.
    fn knows_token(&self, word: &str) -> bool {
        use base64::Engine;
        let Some(token) = self.book(|book| book.manners.token.clone()) else { return false };
        let wanted = format!("user={}\u{1}auth=Bearer {token}\u{1}\u{1}", self.inner.user);
        base64::engine::general_purpose::STANDARD.decode(word.trim()).is_ok_and(|bytes| bytes == wanted.as_bytes())
    }

    fn knows_password(&self, user: &str, password: &str) -> bool {
        let by_token = self.book(|book| book.manners.token.is_some());
        !by_token && user == self.inner.user && password == self.inner.password
    }
}

impl Book {
    fn take(&mut self, letter: &[u8]) {
        let at = jiff::Timestamp::now().strftime("%d-%b-%Y %H:%M:%S +0000").to_string();
        self.letters.push(Letter { uid: self.next, bytes: Arc::new(letter.to_vec()), seen: false, at });
        self.next += 1;
    }
}

/// Lines both ways.
struct Lines(BufStream<TcpStream>);

impl Lines {
    /// A line with its end, which must be CRLF; `None`: the other side is gone.
    async fn hear(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = (&mut self.0).take(1 << 20).read_until(b'\n', &mut line).await?;
        Ok((read > 0).then_some(line))
    }

    async fn say(&mut self, text: &str) -> std::io::Result<()> {
        self.bytes(format!("{text}\r\n").as_bytes()).await
    }

    async fn bytes(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }
}

//! The platform of official accounts and mini-programs, as strict as the real one: pushes in three modes and two forms, three tries of 5 s,
//! tokens that end, the reply window by a clock of its own, media that expire. What goes wrong, goes wrong by a seeded plan.

pub mod crypt;
mod desk;
mod push;
mod state;
pub mod wire;

#[cfg(test)]
mod tests;

use state::Book;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

pub use push::Says;
pub use state::Sent;

/// What shall go wrong, of a thousand each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// A push comes twice, although the first was acknowledged.
    pub twice: u32,
    /// A push overtakes the one before it.
    pub reordered: u32,
    /// A message is not taken: `-1`, system busy.
    pub busy: u32,
    /// A message is taken, and the connection is cut before its answer.
    pub cut: u32,
    /// The token ends early: `42001`.
    pub expired: u32,
    pub seed: u64,
}

/// How the console is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Plain,
    Compatible,
    Safe,
}

/// How pushes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Xml,
    Json,
}

/// The account as its console shows it.
#[derive(Debug, Clone)]
pub struct Account {
    pub app_id: String,
    pub secret: String,
    pub token: String,
    pub aes_key: String,
    pub mode: Mode,
    pub form: Form,
    pub mini_program: bool,
    /// Templates by id, with their fields.
    pub templates: Vec<(String, Vec<String>)>,
    /// How often a push is tried, and how long each waits for its answer. The platform's own: three times 5 s.
    pub tries: u32,
    pub patience: Duration,
    /// Messages that a customer's own opens the window for: 5, and once 20.
    pub messages: u32,
}

impl Account {
    /// An official account in safe mode with XML.
    pub fn example() -> Account {
        Account {
            app_id: "wx0123456789abcdef".into(),
            secret: "appsecret0123456789".into(),
            token: "simtoken".into(),
            aes_key: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG".into(),
            mode: Mode::Safe,
            form: Form::Xml,
            mini_program: false,
            templates: vec![("TM00015".into(), vec!["thing1".into(), "time2".into()])],
            tries: 3,
            patience: Duration::from_secs(5),
            messages: 5,
        }
    }
}

/// A running platform; stops with its last clone.
#[derive(Clone)]
pub struct Sim {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

struct Inner {
    account: Account,
    plan: Plan,
    book: Mutex<Book>,
    arrived: watch::Sender<usize>,
    /// Where pushes go; empty: nowhere yet.
    hook: Mutex<String>,
    pushes: mpsc::Sender<push::Push>,
    _running: watch::Sender<()>,
}

impl Sim {
    pub async fn open(account: Account, plan: Plan) -> std::io::Result<Sim> {
        let (running, stopped) = watch::channel(());
        let (pushes, queue) = mpsc::channel(4_096);
        let inner = Arc::new_cyclic(|weak: &std::sync::Weak<Inner>| {
            tokio::spawn(push::run(weak.clone(), queue));
            Inner {
                book: Mutex::new(Book::new(plan.seed)),
                account,
                plan,
                arrived: watch::channel(0).0,
                hook: Mutex::default(),
                pushes,
                _running: running,
            }
        });
        let address = wire::serve(desk::router(Arc::downgrade(&inner)), stopped).await?;
        Ok(Sim { inner, address })
    }

    /// What `base_url` must be.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every message that customers have got, in order.
    pub fn sent(&self) -> Vec<Sent> {
        self.book(|book| book.sent.clone())
    }

    /// Why requests of the house were refused.
    pub fn refused(&self) -> Vec<String> {
        self.book(|book| book.refused.clone())
    }

    /// Ids of pushes that the house has acknowledged.
    pub fn acknowledged(&self) -> Vec<u64> {
        self.book(|book| book.acknowledged.clone())
    }

    /// How often a customer read 该公众号提供的服务出现故障: the house's answer was neither empty nor `success` nor a reply.
    pub fn faults(&self) -> usize {
        self.book(|book| book.faults)
    }

    /// Waits for the nth message to a customer, counted from 1.
    pub async fn nth(&self, nth: usize, within: Duration) -> Option<Sent> {
        let mut arrived = self.inner.arrived.subscribe();
        let there = tokio::time::timeout(within, arrived.wait_for(|count| *count >= nth)).await;
        there.ok()?.ok()?;
        self.book(|book| book.sent.get(nth - 1).cloned())
    }

    /// Lets so much time pass for windows, tokens and media; signatures go by the real clock.
    pub fn pass(&self, time: Duration) {
        self.book(|book| book.offset_ms += i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    }

    /// The console gets a new EncodingAESKey.
    pub fn rotate_key(&self, key: &str) {
        self.book(|book| book.rotated = Some(key.to_owned()));
    }

    /// The house's address is taken from the list of those that may ask, or put there.
    pub fn allow(&self, allowed: bool) {
        self.book(|book| book.outside = !allowed);
    }

    /// Somebody else asks for a token in the old way: the former one of that kind is void. Gives the new one.
    pub fn legacy_token(&self) -> String {
        self.book(|book| book.legacy())
    }

    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.inner.book.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

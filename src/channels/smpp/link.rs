//! The connection: a task that connects, drives a [`Session`] and begins again when it ends, with pauses that double from one second to a
//! minute. What is heard waits in a bounded box until it is asked for.

use super::errors;
use super::ledger::Incoming;
use super::session::{Answered, Event, Rules, Session};
use crate::channels::platform::Trouble;
use crate::clock::Clock;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_rustls::TlsConnector;

/// Messages that wait to be asked for; past them the message centre is told to try again.
const INBOX: usize = 1_000;
/// Messages on their way to the connection.
const ORDERS: usize = 256;
const CONNECT: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Where the message centre is.
#[derive(Clone)]
pub struct Target {
    /// `host:port`.
    pub server: String,
    /// Over TLS, trusting these.
    pub tls: Option<Arc<ClientConfig>>,
    pub rules: Rules,
}

/// What a message needs to be answered: the connection that it came by, its number there and its command.
pub type Receipt = (u64, u32, u32);

enum Order {
    Submit { body: Vec<u8>, reply: oneshot::Sender<Answered> },
    Acknowledge { receipts: Vec<Receipt>, upto: u64 },
}

/// The other end of the task; the task ends with it.
pub struct Link {
    orders: mpsc::Sender<Order>,
    shared: Arc<Shared>,
}

struct Shared {
    book: Mutex<Book>,
    changed: Notify,
}

#[derive(Debug)]
struct Book {
    health: Health,
    inbox: VecDeque<Incoming>,
    /// The newest connection, from 1, and when it was bound, ms.
    session: u64,
    bound_at: i64,
    /// The message centre has our answers up to this one of that connection.
    confirmed: (u64, u64),
}

/// How the connection is.
#[derive(Debug, Clone)]
pub enum Health {
    Connecting,
    /// By the name of the other side.
    Bound(String),
    Lost(Trouble),
}

/// What was heard, and what is known of the connection meanwhile.
pub struct Heard {
    pub incoming: Vec<Incoming>,
    pub health: Health,
    pub session: u64,
    pub bound_at: i64,
    pub confirmed: (u64, u64),
}

impl Link {
    pub fn open(target: Target, clock: Clock) -> Link {
        let (orders, waiting) = mpsc::channel(ORDERS);
        let book = Book { health: Health::Connecting, inbox: VecDeque::new(), session: 0, bound_at: 0, confirmed: (0, 0) };
        let shared = Arc::new(Shared { book: Mutex::new(book), changed: Notify::new() });
        let task = Task { target, clock, shared: shared.clone(), nth: 0, tickets: BTreeMap::new(), ticket: 0 };
        tokio::spawn(task.run(waiting));
        Link { orders, shared }
    }

    /// Sends one short message and waits for its answer.
    pub async fn submit(&self, body: Vec<u8>) -> Answered {
        let (reply, answered) = oneshot::channel();
        if self.orders.send(Order::Submit { body, reply }).await.is_err() {
            return Answered::NotSent;
        }
        answered.await.unwrap_or(Answered::Uncertain)
    }

    /// Says that these are kept.
    pub async fn acknowledge(&self, receipts: Vec<Receipt>, upto: u64) {
        // A connection that is gone hears no answers: it tells again.
        let _ = self.orders.send(Order::Acknowledge { receipts, upto }).await;
    }

    /// Waits until something changes.
    pub async fn changed(&self, within: Duration) {
        let _ = tokio::time::timeout(within, self.shared.changed.notified()).await;
    }

    /// Takes what was heard, at most so many.
    pub fn take(&self, most: usize) -> Heard {
        let mut book = self.shared.book();
        let count = book.inbox.len().min(most);
        Heard {
            incoming: book.inbox.drain(..count).collect(),
            health: book.health.clone(),
            session: book.session,
            bound_at: book.bound_at,
            confirmed: book.confirmed,
        }
    }

    pub fn health(&self) -> Health {
        self.shared.book().health.clone()
    }
}

impl Shared {
    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is(&self, health: Health) {
        self.book().health = health;
        self.changed.notify_one();
    }
}

struct Task {
    target: Target,
    clock: Clock,
    shared: Arc<Shared>,
    nth: u64,
    ticket: u64,
    tickets: BTreeMap<u64, oneshot::Sender<Answered>>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Task {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut pause = FIRST_PAUSE;
        loop {
            let outcome = match self.connect().await {
                Ok(stream) => self.converse(stream, &mut orders).await,
                Err(error) => Err(Trouble::Retry(format!("{}: {error}", self.target.server))),
            };
            let bound = matches!(self.shared.book().health, Health::Bound(_));
            match outcome {
                // Nobody needs it any more.
                Ok(()) => return,
                Err(trouble) => {
                    tracing::warn!(server = self.target.server, %trouble, "the connection to the message centre is gone");
                    self.shared.is(Health::Lost(trouble));
                }
            }
            pause = if bound { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
            if !self.rest(pause.mul_f64(0.75 + 0.5 * rand::random::<f64>()), &mut orders).await {
                return;
            }
        }
    }

    /// Waits without a connection: nothing is sent, nobody waits in vain. `false`: nobody needs it any more.
    async fn rest(&mut self, pause: Duration, orders: &mut mpsc::Receiver<Order>) -> bool {
        let end = tokio::time::sleep(pause);
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = &mut end => return true,
                order = orders.recv() => match order {
                    None => return false,
                    Some(Order::Submit { reply, .. }) => drop(reply.send(Answered::NotSent)),
                    Some(Order::Acknowledge { .. }) => {}
                },
            }
        }
    }

    async fn connect(&self) -> std::io::Result<Box<dyn Stream>> {
        let late = |_| std::io::Error::new(std::io::ErrorKind::TimedOut, "connecting took too long");
        let stream = tokio::time::timeout(CONNECT, TcpStream::connect(&self.target.server)).await.map_err(late)??;
        stream.set_nodelay(true)?;
        let Some(tls) = &self.target.tls else { return Ok(Box::new(stream)) };
        let host = self.target.server.rsplit_once(':').map_or(self.target.server.as_str(), |(host, _)| host);
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(std::io::Error::other)?;
        let secured = tokio::time::timeout(CONNECT, TlsConnector::from(tls.clone()).connect(name, stream)).await.map_err(late)??;
        Ok(Box::new(secured))
    }

    /// Until the connection ends, or nobody needs it any more.
    async fn converse(&mut self, mut stream: Box<dyn Stream>, orders: &mut mpsc::Receiver<Order>) -> Result<(), Trouble> {
        let number = {
            let mut book = self.shared.book();
            book.session += 1;
            book.session
        };
        let mut session = Session::open(self.target.rules.clone(), self.clock.instant());
        let mut refused = None;
        let mut wanted = true;
        let mut buffer = vec![0; 16 * 1024];
        loop {
            while let Some(event) = session.event() {
                if let Event::BindRefused(status) = event {
                    refused = Some(errors::of_bind(status));
                    continue;
                }
                if let Some(why) = self.happened(event, number, &mut session) {
                    let output = session.output();
                    let _ = tokio::time::timeout(CONNECT, stream.write_all(&output)).await;
                    return if wanted { Err(refused.unwrap_or_else(|| Trouble::Retry(why.into()))) } else { Ok(()) };
                }
            }
            let output = session.output();
            if !output.is_empty() {
                match tokio::time::timeout(CONNECT, stream.write_all(&output)).await {
                    Ok(Ok(())) => {}
                    _ => session.lost("the connection takes nothing any more"),
                }
                continue;
            }
            let deadline = tokio::time::sleep(session.deadline().saturating_duration_since(self.clock.instant()));
            tokio::select! {
                read = stream.read(&mut buffer) => match read {
                    Ok(count) if count > 0 => session.input(buffer.get(..count).unwrap_or_default(), self.clock.instant()),
                    _ => session.lost("the message centre closed the connection"),
                },
                order = orders.recv(), if wanted => match order {
                    Some(Order::Submit { body, reply }) => {
                        self.ticket += 1;
                        self.tickets.insert(self.ticket, reply);
                        session.submit(self.ticket, body, self.clock.instant());
                    }
                    Some(Order::Acknowledge { receipts, upto }) => {
                        for (_, sequence, command) in receipts.into_iter().filter(|(session, ..)| *session == number) {
                            session.acknowledge(sequence, command, 0);
                        }
                        session.confirm(upto, self.clock.instant());
                    }
                    None => {
                        wanted = false;
                        session.close(self.clock.instant());
                    }
                },
                () = deadline => session.tick(self.clock.instant()),
            }
        }
    }

    /// Gives why the session is over, if it is.
    fn happened(&mut self, event: Event, number: u64, session: &mut Session) -> Option<&'static str> {
        match event {
            Event::Bound(name) => {
                tracing::info!(server = self.target.server, name, "bound to the message centre");
                self.shared.book().bound_at = self.clock.now().0;
                self.shared.is(Health::Bound(name));
            }
            Event::Submitted { ticket, answer } => {
                if let Some(reply) = self.tickets.remove(&ticket) {
                    // Who does not wait any more does not want to know.
                    let _ = reply.send(answer);
                }
            }
            Event::Delivered { sequence, command, body } => {
                let mut book = self.shared.book();
                if book.inbox.len() >= INBOX {
                    drop(book);
                    session.acknowledge(sequence, command, errors::TRY_AGAIN);
                    return None;
                }
                self.nth += 1;
                book.inbox.push_back(Incoming { nth: self.nth, session: number, sequence, command, body, at: self.clock.now().0 });
                drop(book);
                self.shared.changed.notify_one();
            }
            Event::Heard(mark) => {
                self.shared.book().confirmed = (number, mark);
                self.shared.changed.notify_one();
            }
            Event::BindRefused(_) => {}
            Event::Over(why) => return Some(why),
        }
        None
    }
}

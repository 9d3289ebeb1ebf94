//! A visitor who writes on, whatever happens to the house: what is not confirmed is said again under the same key, a lost connection is made
//! anew, as the chat window does it.

use super::until;
use hubline::sim::visitor::Visitor;
use serde_json::Value;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Between two attempts to reach a house that is away.
const AGAIN: Duration = Duration::from_millis(150);

/// One visitor, who numbers their lines.
pub struct Writer {
    pub name: String,
    seen: Arc<Mutex<Seen>>,
    stop: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    token: Option<String>,
    said: usize,
    /// Lines that the house has promised to keep, in the order in which it did.
    promised: Vec<usize>,
    connections: usize,
    heard: Vec<Value>,
}

impl Writer {
    /// Begins to write a line each `pause`.
    pub fn start(house: SocketAddr, name: &str, pause: Duration) -> Writer {
        let (seen, stop) = (Arc::<Mutex<Seen>>::default(), Arc::<AtomicBool>::default());
        let task = tokio::spawn(write(house, name.to_owned(), pause, seen.clone(), stop.clone()));
        Writer { name: name.to_owned(), seen, stop, task }
    }

    fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().expect("seen"))
    }

    pub fn token(&self) -> Option<String> {
        self.seen(|seen| seen.token.clone())
    }

    /// Numbers of the lines that are promised so far.
    pub fn promised(&self) -> Vec<usize> {
        self.seen(|seen| seen.promised.clone())
    }

    /// How often a connection was made.
    pub fn connections(&self) -> usize {
        self.seen(|seen| seen.connections)
    }

    /// Waits for an agent's message with this text.
    pub async fn hears(&self, text: &str) {
        let heard = || self.seen(|seen| seen.heard.iter().any(|frame| frame.to_string().contains(text)));
        until(&format!("{} hears {text:?}", self.name), heard).await;
    }

    /// Writes no more, and waits until every line that was written is promised; gives how many there are.
    pub async fn finish(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        let all = || self.seen(|seen| (seen.said == seen.promised.len()).then_some(seen.said));
        until(&format!("all that {} wrote is promised", self.name), || all().is_some()).await;
        self.task.abort();
        all().expect("just seen")
    }
}

/// The text of a line.
pub fn line(name: &str, number: usize) -> String {
    format!("{name} line {number:03}.")
}

/// The numbers of a writer's lines in a text, in their order.
pub fn lines_in(name: &str, text: &str) -> Vec<usize> {
    let head = format!("{name} line ");
    text.match_indices(&head).filter_map(|(at, _)| text[at + head.len()..].split('.').next()?.parse().ok()).collect()
}

async fn write(house: SocketAddr, name: String, pause: Duration, seen: Arc<Mutex<Seen>>, stop: Arc<AtomicBool>) {
    let mut unsaid: VecDeque<usize> = VecDeque::new();
    loop {
        let token = seen.lock().expect("seen").token.clone();
        let Ok(mut visitor) = Visitor::open(house, "site", token.as_deref()).await else {
            tokio::time::sleep(AGAIN).await;
            continue;
        };
        {
            let mut seen = seen.lock().expect("seen");
            seen.token = Some(visitor.token.clone());
            seen.connections += 1;
        }
        // An error is found out by the end of the socket.
        for number in &unsaid {
            let _ = visitor.repeat(&format!("{name}-{number}"), &line(&name, *number)).await;
        }
        let mut next = tokio::time::interval(pause);
        next.reset();
        loop {
            tokio::select! {
                frame = visitor.recv() => match frame {
                    Some(frame) => take(frame, &name, &seen, &mut unsaid),
                    None => break,
                },
                _ = next.tick() => if !stop.load(Ordering::Relaxed) {
                    let number = {
                        let mut seen = seen.lock().expect("seen");
                        seen.said += 1;
                        seen.said - 1
                    };
                    unsaid.push_back(number);
                    let _ = visitor.repeat(&format!("{name}-{number}"), &line(&name, number)).await;
                },
            }
        }
        tokio::time::sleep(AGAIN).await;
    }
}

fn take(frame: Value, name: &str, seen: &Mutex<Seen>, unsaid: &mut VecDeque<usize>) {
    let number = frame["key"].as_str().and_then(|key| key.strip_prefix(&format!("{name}-"))?.parse::<usize>().ok());
    match (frame["type"].as_str(), number) {
        (Some("recorded"), Some(number)) => {
            unsaid.retain(|unsaid| *unsaid != number);
            seen.lock().expect("seen").promised.push(number);
        }
        (Some("refused"), _) => panic!("{name} writes slowly enough: {frame}"),
        (Some("message" | "welcome"), _) => seen.lock().expect("seen").heard.push(frame),
        _ => {}
    }
}

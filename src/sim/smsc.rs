//! A message centre that speaks SMPP 3.4 as carriers' do: strict with what it takes, and as difficult as they are. Receipts may come before
//! the answer, ids are written in two ways, commands are cut and glued together on the way, and what was not acknowledged is told again.

use super::alphabet::{from_gsm, from_utf16, utf16};
use super::plan::{Dice, Plan};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How it differs from others.
#[derive(Debug, Clone, Copy, Default)]
pub struct Habits {
    /// The answer names a message in hexadecimal, the receipt in decimal.
    pub two_ids: bool,
    /// Receipts have no tagged values.
    pub plain_receipts: bool,
    /// The receipt comes before the answer.
    pub receipt_first: bool,
    /// Commands are cut into pieces of odd sizes and glued together.
    pub torn: bool,
}

/// A whole text, its parts put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub from: String,
    pub to: String,
    pub text: String,
    pub parts: usize,
}

/// A running message centre.
#[derive(Clone)]
pub struct Smsc {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

struct Inner {
    user: String,
    password: String,
    plan: Plan,
    habits: Habits,
    dice: Dice,
    book: Mutex<Book>,
    news: Notify,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Book {
    texts: Vec<Text>,
    refused: Vec<String>,
    parts: BTreeMap<(String, Vec<u8>), BTreeMap<u8, String>>,
    /// What shall be told, in order.
    deliveries: VecDeque<Vec<u8>>,
    binds: usize,
    connections: usize,
    next: u32,
    /// Answer every bind with this status.
    refuse_binds: u32,
    throttled: usize,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Told at once without an answer.
const WINDOW: usize = 5;

impl Smsc {
    /// Listens on loopback.
    pub async fn open(user: &str, password: &str, habits: Habits, plan: Plan) -> std::io::Result<Smsc> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let inner = Arc::new_cyclic(|weak: &Weak<Inner>| {
            let task = tokio::spawn(accept(listener, weak.clone()));
            let (user, password) = (user.to_owned(), password.to_owned());
            let book = Mutex::default();
            Inner { user, password, plan, habits, dice: Dice::new(plan.seed), book, news: Notify::new(), tasks: vec![task] }
        });
        Ok(Smsc { inner, address })
    }

    /// A customer writes from their telephone; a long text in parts, in any order and one of them twice if the plan says so.
    pub fn customer_writes(&self, from: &str, text: &str) {
        let units: Vec<u16> = text.encode_utf16().collect();
        if units.len() <= 70 {
            self.inner.deliver(deliver(from, 0, &utf16(&units)));
            return;
        }
        let reference = self.inner.dice.roll() as u8;
        let pieces: Vec<&[u16]> = units.chunks(67).collect();
        let total = pieces.len() as u8;
        let mut parts: Vec<Vec<u8>> = (1..=total)
            .zip(&pieces)
            .map(|(number, piece)| deliver(from, 0x40, &[&[5, 0, 3, reference, total, number], utf16(piece).as_slice()].concat()))
            .collect();
        if self.inner.dice.chance(self.inner.plan.late) {
            parts.reverse();
        }
        if self.inner.dice.chance(self.inner.plan.twice) {
            parts.insert(1, parts[0].clone());
        }
        parts.into_iter().for_each(|part| self.inner.deliver(part));
    }

    /// A customer's telephone sends what is no text.
    pub fn customer_sends(&self, from: &str, bytes: &[u8]) {
        let mut body = deliver(from, 0, &[]);
        // data_coding, sm_default_msg_id and sm_length stand before the unknown value.
        let at = body.len() - 5 - 3;
        body.splice(at..at + 3, [4, 0, bytes.len() as u8].into_iter().chain(bytes.iter().copied()));
        self.inner.deliver(body);
    }

    pub fn texts(&self) -> Vec<Text> {
        self.inner.book(|book| book.texts.clone())
    }

    /// Why commands were refused.
    pub fn refused(&self) -> Vec<String> {
        self.inner.book(|book| book.refused.clone())
    }

    /// Messages to the house that it has not acknowledged.
    pub fn untold(&self) -> usize {
        self.inner.book(|book| book.deliveries.len())
    }

    /// Connections that are open.
    pub fn connections(&self) -> usize {
        self.inner.book(|book| book.connections)
    }

    pub fn binds(&self) -> usize {
        self.inner.book(|book| book.binds)
    }

    /// Refuses to bind from now on; 0: no more.
    pub fn refuse_binds(&self, status: u32) {
        self.inner.book(|book| book.refuse_binds = status);
    }

    /// Takes so many messages fewer: it is busy.
    pub fn throttle(&self, messages: usize) {
        self.inner.book(|book| book.throttled = messages);
    }
}

impl Inner {
    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn deliver(&self, body: Vec<u8>) {
        self.book(|book| book.deliveries.push_back(body));
        self.news.notify_one();
    }
}

async fn accept(listener: TcpListener, inner: Weak<Inner>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        // One connection at a time, as most accounts have it: the newest.
        if inner.strong_count() == 0 {
            return;
        }
        tokio::spawn(serve(stream, inner.clone()));
    }
}

/// One connection.
struct Line {
    stream: TcpStream,
    output: Vec<u8>,
    bound: bool,
    /// What was told and not answered, by its number.
    told: BTreeMap<u32, Vec<u8>>,
    sequence: u32,
}

async fn serve(stream: TcpStream, weak: Weak<Inner>) {
    let _ = stream.set_nodelay(true);
    if let Some(inner) = weak.upgrade() {
        inner.book(|book| book.connections += 1);
    }
    let mut line = Line { stream, output: Vec::new(), bound: false, told: BTreeMap::new(), sequence: 0 };
    let mut input = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let Some(inner) = weak.upgrade() else { break };
        let open = take_all(&inner, &mut line, &mut input);
        if line.bound && open {
            tell(&inner, &mut line);
        }
        if !flush(&inner, &mut line).await || !open {
            break;
        }
        tokio::select! {
            read = line.stream.read(&mut buffer) => match read {
                Ok(count) if count > 0 => input.extend_from_slice(&buffer[..count]),
                _ => break,
            },
            () = inner.news.notified() => {}
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
        }
    }
    // What the house did not acknowledge is told on its next connection.
    if let Some(inner) = weak.upgrade() {
        inner.book(|book| {
            line.told.into_values().rev().for_each(|body| book.deliveries.push_front(body));
            book.connections -= 1;
        });
        inner.news.notify_one();
    }
}

/// `false`: the connection is closed.
fn take_all(inner: &Inner, line: &mut Line, input: &mut Vec<u8>) -> bool {
    loop {
        let Some(head) = input.first_chunk::<16>() else { return true };
        let word = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let (length, command, status, sequence) = (word(0) as usize, word(4), word(8), word(12));
        if !(16..=70_000).contains(&length) {
            inner.book(|book| book.refused.push(format!("a command of {length} bytes")));
            return false;
        }
        if input.len() < length {
            return true;
        }
        let body = input[16..length].to_vec();
        input.drain(..length);
        if !take(inner, line, (command, status, sequence), &body) {
            return false;
        }
    }
}

fn take(inner: &Inner, line: &mut Line, (command, status, sequence): (u32, u32, u32), body: &[u8]) -> bool {
    let refuse = |line: &mut Line, status: u32, why: &str| {
        inner.book(|book| book.refused.push(why.to_owned()));
        say(line, command | 0x8000_0000, status, sequence, &[]);
    };
    match command {
        9 => {
            let (user, password) = (text(body, 0), text(body, text(body, 0).len() + 1));
            let asked = inner.book(|book| {
                book.binds += 1;
                book.refuse_binds
            });
            if asked != 0 {
                refuse(line, asked, "no binds now");
                return false;
            }
            if user != inner.user {
                refuse(line, 0x0f, "system_id");
                return false;
            }
            if password != inner.password {
                refuse(line, 0x0e, "password");
                return false;
            }
            line.bound = true;
            // sc_interface_version, and a value that nobody knows.
            say(line, 0x8000_0009, 0, sequence, b"SIMSC\0\x02\x10\x00\x01\x34\x14\x01\x00\x02hi");
            line.sequence += 1;
            let sequence = line.sequence;
            say(line, 0x15, 0, sequence, &[]);
        }
        4 if !line.bound => refuse(line, 4, "submit_sm before a bind"),
        4 => return submit(inner, line, sequence, body),
        0x15 => say(line, 0x8000_0015, 0, sequence, &[]),
        6 => {
            say(line, 0x8000_0006, 0, sequence, &[]);
            return false;
        }
        0x8000_0005 => {
            if let Some(again) = line.told.remove(&sequence).filter(|_| status != 0) {
                inner.book(|book| book.deliveries.push_front(again));
            }
        }
        0x8000_0015 | 0x8000_0000 => {}
        _ => refuse(line, 3, "an unknown command"),
    }
    true
}

fn submit(inner: &Inner, line: &mut Line, sequence: u32, body: &[u8]) -> bool {
    let refuse = |line: &mut Line, status: u32, why: &str| {
        inner.book(|book| book.refused.push(why.to_owned()));
        say(line, 0x8000_0004, status, sequence, &[]);
        true
    };
    let throttled = inner.book(|book| {
        let now = book.throttled > 0;
        book.throttled = book.throttled.saturating_sub(1);
        now
    });
    if throttled || inner.dice.chance(inner.plan.busy) {
        say(line, 0x8000_0004, 0x58, sequence, &[]);
        return true;
    }
    // service_type, source, destination, then nine fixed fields and the text.
    let mut at = text(body, 0).len() + 1;
    let (source_ton, source) = (byte(body, at), text(body, at + 2));
    at += 3 + source.len();
    let (to_ton, to) = (byte(body, at), text(body, at + 2));
    at += 3 + to.len();
    let esm_class = byte(body, at);
    at += 3;
    at += text(body, at).len() + 1;
    at += text(body, at).len() + 1;
    let (registered, coding) = (byte(body, at), byte(body, at + 2));
    let length = usize::from(byte(body, at + 4));
    let Some(message) = body.get(at + 5..at + 5 + length) else { return refuse(line, 2, "a text that is cut") };
    let mut payload = message.to_vec();
    let (mut tail, mut sar) = (body.get(at + 5 + length..).unwrap_or_default(), [0_u8; 4]);
    while let [a, b, c, d, rest @ ..] = tail {
        let (tag, length) = (u16::from_be_bytes([*a, *b]), usize::from(u16::from_be_bytes([*c, *d])));
        let Some(value) = rest.get(..length) else { return refuse(line, 0xc2, "a tagged value that is cut") };
        match (tag, value) {
            (0x0424, _) => payload = value.to_vec(),
            (0x020c, [high, low]) => sar[..2].copy_from_slice(&[*high, *low]),
            (0x020e, [total]) => sar[2] = *total,
            (0x020f, [number]) => sar[3] = *number,
            _ => {}
        }
        tail = &rest[length..];
    }
    if !tail.is_empty() {
        return refuse(line, 0xc0, "bytes after the end");
    }
    if to.len() < 5 || to.len() > 15 || !to.bytes().all(|b| b.is_ascii_digit()) || (to_ton == 1 && to.starts_with('0')) {
        return refuse(line, 0x0b, "the destination is no number");
    }
    if source.is_empty() || (source_ton == 5 && source.len() > 11) || (source_ton == 1 && !source.bytes().all(|b| b.is_ascii_digit())) {
        return refuse(line, 0x0a, "the source is none");
    }
    let (header, words) = if esm_class & 0x40 != 0 {
        let end = usize::from(payload.first().copied().unwrap_or(0)) + 1;
        if end > payload.len() {
            return refuse(line, 1, "a header that is cut");
        }
        let (header, words) = payload.split_at(end);
        (header.to_vec(), words.to_vec())
    } else {
        (Vec::new(), payload)
    };
    if (coding == 8 && words.len() + header.len() > 140) && sar == [0; 4] && !body.windows(2).any(|tag| tag == [4, 0x24]) {
        return refuse(line, 1, "too long");
    }
    let words = if coding == 8 { from_utf16(&words) } else { from_gsm(&words) };
    let part = match header.as_slice() {
        [5, 0, 3, reference, total, number] => Some((vec![*reference], *total, *number)),
        [6, 8, 4, high, low, total, number] => Some((vec![*high, *low], *total, *number)),
        [] if sar[2] > 1 => Some((sar[..2].to_vec(), sar[2], sar[3])),
        [] => None,
        _ => return refuse(line, 0x43, "a header of another kind"),
    };
    let number = inner.book(|book| {
        match part {
            None => book.texts.push(Text { from: source.clone(), to: to.clone(), text: words, parts: 1 }),
            Some((reference, total, number)) => {
                let key = (to.clone(), reference);
                let parts = book.parts.entry(key.clone()).or_default();
                parts.insert(number, words);
                if parts.len() == usize::from(total) {
                    let text = parts.values().cloned().collect();
                    book.parts.remove(&key);
                    book.texts.push(Text { from: source.clone(), to: to.clone(), text, parts: usize::from(total) });
                }
            }
        }
        book.next += 1;
        0x00ab_cdef + book.next
    });
    let id = format!("{number:08X}");
    let wanted = registered & 3 == 1 && !inner.dice.chance(inner.plan.lost);
    let told = if inner.habits.two_ids { format!("{number:010}") } else { id.clone() };
    let receipt = receipt(&to, &source, &told, (!inner.habits.plain_receipts).then_some(id.as_str()));
    if wanted && inner.habits.receipt_first {
        line.sequence += 1;
        let sequence = line.sequence;
        line.told.insert(sequence, receipt.clone());
        say(line, 5, 0, sequence, &receipt);
    }
    if inner.dice.chance(inner.plan.cut) {
        // It has the message; nobody hears of it.
        return false;
    }
    say(line, 0x8000_0004, 0, sequence, format!("{id}\0").as_bytes());
    if wanted && !inner.habits.receipt_first {
        inner.deliver(receipt);
    }
    true
}

/// Tells what waits, as far as the house keeps up.
fn tell(inner: &Inner, line: &mut Line) {
    while line.told.len() < WINDOW {
        let Some(body) = inner.book(|book| book.deliveries.pop_front()) else { return };
        line.sequence += 1;
        let sequence = line.sequence;
        line.told.insert(sequence, body.clone());
        say(line, 5, 0, sequence, &body);
    }
}

fn say(line: &mut Line, command: u32, status: u32, sequence: u32, body: &[u8]) {
    for word in [16 + body.len() as u32, command, status, sequence] {
        line.output.extend(word.to_be_bytes());
    }
    line.output.extend(body);
}

/// `false`: the house is gone.
async fn flush(inner: &Inner, line: &mut Line) -> bool {
    let output = std::mem::take(&mut line.output);
    if !inner.habits.torn {
        return line.stream.write_all(&output).await.is_ok();
    }
    let mut rest = output.as_slice();
    while !rest.is_empty() {
        let size = (inner.dice.roll() as usize % 40 + 1).min(rest.len());
        if line.stream.write_all(&rest[..size]).await.is_err() {
            return false;
        }
        rest = &rest[size..];
        tokio::task::yield_now().await;
    }
    true
}

fn deliver(from: &str, esm_class: u8, words: &[u8]) -> Vec<u8> {
    let mut body = vec![0, 1, 1];
    body.extend(from.trim_start_matches('+').bytes());
    body.extend(b"\0\x00\x01");
    body.extend(b"1069\0");
    body.extend([esm_class, 0, 0, 0, 0, 0, 0, 8, 0, words.len() as u8]);
    body.extend(words);
    // A value that nobody knows.
    body.extend([0x14, 0x03, 0, 1, 7]);
    body
}

fn receipt(from: &str, to: &str, id: &str, tagged: Option<&str>) -> Vec<u8> {
    let words = format!("id:{id} sub:001 dlvrd:001 submit date:2611210900 done date:2611210901 stat:DELIVRD err:000 text:");
    let mut body = vec![0, 1, 1];
    body.extend(from.bytes());
    body.extend(b"\0\x05\x00");
    body.extend(to.bytes());
    body.push(0);
    body.extend([4, 0, 0, 0, 0, 0, 0, 0, 0, words.len() as u8]);
    body.extend(words.bytes());
    if let Some(id) = tagged {
        body.extend([0, 0x1e, 0, id.len() as u8 + 1]);
        body.extend(id.bytes());
        body.extend([0, 0x04, 0x27, 0, 1, 2]);
    }
    body
}

fn byte(body: &[u8], at: usize) -> u8 {
    body.get(at).copied().unwrap_or(0)
}

/// Up to the next zero byte.
fn text(body: &[u8], at: usize) -> String {
    body.get(at..).unwrap_or_default().iter().take_while(|b| **b != 0).map(|b| char::from(*b)).collect()
}

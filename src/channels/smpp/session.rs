//! One connection's conversation with the message centre, without sockets and without a clock: bytes and orders in, bytes and events out.
//! Whoever drives it passes the time in, takes [`Session::output`] and [`Session::event`] until they are empty, and comes back at
//! [`Session::deadline`].
//!
//! ```text
//!  opening ──bind_transceiver_resp──▶ bound ──close──▶ closing ──unbind_resp──▶ over
//!     └──refused, no answer──▶ over ◀──no answer, nonsense, unbind──┘
//! ```

use super::pdu::{Frames, Pdu, command, first_text};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// How a session behaves; the wire's own defaults stand in `config.rs`.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The body of `bind_transceiver`.
    pub bind: Vec<u8>,
    /// Requests of ours without an answer at once.
    pub window: usize,
    /// Silence after which the other side is asked whether it is there.
    pub enquire: Duration,
    /// An answer is waited for this long; then the connection counts as lost.
    pub answer: Duration,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The other side's name.
    Bound(String),
    BindRefused(u32),
    /// What became of a `submit_sm`.
    Submitted {
        ticket: u64,
        answer: Answered,
    },
    /// A `deliver_sm` or `data_sm`, to be answered by [`Session::acknowledge`].
    Delivered {
        sequence: u32,
        command: u32,
        body: Vec<u8>,
    },
    /// Everything that was written before the question so named has arrived.
    Heard(u64),
    Over(&'static str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// Taken, under this id.
    Taken(String),
    Refused(u32),
    /// It was written; no answer came.
    Uncertain,
    /// It was never written.
    NotSent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Opening,
    Bound,
    Closing,
    Over,
}

#[derive(Debug, Clone, Copy)]
enum Asked {
    Bind,
    Submit(u64),
    Enquire(Option<u64>),
    Unbind,
}

#[derive(Debug)]
pub struct Session {
    rules: Rules,
    stage: Stage,
    frames: Frames,
    sequence: u32,
    asked: BTreeMap<u32, (Asked, Instant)>,
    waiting: VecDeque<(u64, Vec<u8>)>,
    output: Vec<u8>,
    events: VecDeque<Event>,
    quiet_since: Instant,
}

impl Session {
    /// A connection was made: asks to be bound.
    pub fn open(rules: Rules, now: Instant) -> Session {
        let mut session = Session {
            rules,
            stage: Stage::Opening,
            frames: Frames::default(),
            sequence: 0,
            asked: BTreeMap::new(),
            waiting: VecDeque::new(),
            output: Vec::new(),
            events: VecDeque::new(),
            quiet_since: now,
        };
        let body = std::mem::take(&mut session.rules.bind);
        session.ask(command::BIND_TRANSCEIVER, body, Asked::Bind, now);
        session
    }

    #[cfg(test)]
    pub fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// Bytes to be written now.
    pub fn output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    pub fn event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When [`Session::tick`] has something to do, if nothing comes before.
    pub fn deadline(&self) -> Instant {
        let answers = self.asked.values().map(|(_, at)| *at + self.rules.answer);
        answers.chain([self.quiet_since + self.rules.enquire]).min().unwrap_or(self.quiet_since)
    }

    /// Sends a message, at once or when the window has room.
    pub fn submit(&mut self, ticket: u64, body: Vec<u8>, now: Instant) {
        if matches!(self.stage, Stage::Closing | Stage::Over) {
            self.events.push_back(Event::Submitted { ticket, answer: Answered::NotSent });
            return;
        }
        self.waiting.push_back((ticket, body));
        self.fill(now);
    }

    /// Answers a `deliver_sm`: it is ours now, or with a status that it is not.
    pub fn acknowledge(&mut self, sequence: u32, of: u32, status: u32) {
        if self.stage == Stage::Over {
            return;
        }
        // §4.6.2: the id is of no use and one zero byte.
        let body = if status == 0 { vec![0] } else { Vec::new() };
        self.output.extend(Pdu::answer(of, status, sequence, body).bytes());
    }

    /// Asks whether everything so far was heard; [`Event::Heard`] is the answer.
    pub fn confirm(&mut self, mark: u64, now: Instant) {
        if self.stage == Stage::Bound {
            self.ask(command::ENQUIRE_LINK, Vec::new(), Asked::Enquire(Some(mark)), now);
        }
    }

    /// Says goodbye.
    pub fn close(&mut self, now: Instant) {
        match self.stage {
            Stage::Bound => {
                self.stage = Stage::Closing;
                self.ask(command::UNBIND, Vec::new(), Asked::Unbind, now);
            }
            Stage::Opening => self.end("closed before it was bound"),
            Stage::Closing | Stage::Over => {}
        }
    }

    /// The connection is gone.
    pub fn lost(&mut self, why: &'static str) {
        self.end(why);
    }

    pub fn input(&mut self, bytes: &[u8], now: Instant) {
        self.frames.push(bytes);
        self.quiet_since = now;
        while self.stage != Stage::Over {
            match self.frames.take() {
                Ok(Some(pdu)) => self.command(pdu, now),
                Ok(None) => break,
                Err(_) => {
                    // §4.3.1: what cannot be told apart is answered once; nothing after it can be read.
                    let nack = Pdu { command: command::GENERIC_NACK, status: super::errors::INVALID_LENGTH, sequence: 0, body: Vec::new() };
                    self.output.extend(nack.bytes());
                    self.end("a command of impossible length");
                }
            }
        }
        self.fill(now);
    }

    pub fn tick(&mut self, now: Instant) {
        if self.stage == Stage::Over {
            return;
        }
        if self.asked.values().any(|(_, at)| *at + self.rules.answer <= now) {
            self.end("no answer");
        } else if self.stage == Stage::Bound && self.quiet_since + self.rules.enquire <= now {
            self.quiet_since = now;
            self.ask(command::ENQUIRE_LINK, Vec::new(), Asked::Enquire(None), now);
        } else if self.quiet_since + self.rules.enquire <= now {
            self.quiet_since = now;
        }
    }

    fn command(&mut self, pdu: Pdu, now: Instant) {
        if pdu.command & command::RESPONSE != 0 {
            self.answered(pdu);
            return;
        }
        match pdu.command {
            command::ENQUIRE_LINK => self.output.extend(Pdu::answer(pdu.command, 0, pdu.sequence, Vec::new()).bytes()),
            command::DELIVER_SM | command::DATA_SM if matches!(self.stage, Stage::Bound | Stage::Closing) => {
                self.events.push_back(Event::Delivered { sequence: pdu.sequence, command: pdu.command, body: pdu.body });
            }
            command::DELIVER_SM | command::DATA_SM => self.acknowledge(pdu.sequence, pdu.command, super::errors::INVALID_BIND_STATUS),
            command::UNBIND => {
                self.output.extend(Pdu::answer(pdu.command, 0, pdu.sequence, Vec::new()).bytes());
                self.end("the message centre said goodbye");
            }
            _ => {
                let nack = Pdu {
                    command: command::GENERIC_NACK,
                    status: super::errors::INVALID_COMMAND,
                    sequence: pdu.sequence,
                    body: Vec::new(),
                };
                self.output.extend(nack.bytes());
            }
        }
        self.fill(now);
    }

    fn answered(&mut self, pdu: Pdu) {
        // A nack of something that it could not even number is about whatever we asked last.
        let nack = pdu.command == command::GENERIC_NACK;
        let sequence = if nack && pdu.sequence == 0 { self.asked.keys().next_back().copied().unwrap_or(0) } else { pdu.sequence };
        let Some((asked, _)) = self.asked.remove(&sequence) else { return };
        match asked {
            Asked::Bind if pdu.status == 0 && !nack => {
                self.stage = Stage::Bound;
                self.events.push_back(Event::Bound(first_text(&pdu.body).unwrap_or_default()));
            }
            Asked::Bind => {
                self.events.push_back(Event::BindRefused(pdu.status));
                self.end("the bind was refused");
            }
            Asked::Submit(ticket) => {
                let answer = match (pdu.status, first_text(&pdu.body)) {
                    (0, Ok(id)) if !nack => Answered::Taken(id),
                    // Taken, but under a name that cannot be read: its receipts will find nothing.
                    (0, Err(_)) if !nack => Answered::Taken(String::new()),
                    (status, _) => Answered::Refused(status),
                };
                self.events.push_back(Event::Submitted { ticket, answer });
            }
            Asked::Enquire(Some(mark)) => self.events.push_back(Event::Heard(mark)),
            // A nack shows as well that somebody is there.
            Asked::Enquire(None) => {}
            Asked::Unbind => self.end("closed"),
        }
    }

    fn fill(&mut self, now: Instant) {
        let submits =
            |asked: &BTreeMap<u32, (Asked, Instant)>| asked.values().filter(|(asked, _)| matches!(asked, Asked::Submit(_))).count();
        while self.stage == Stage::Bound && submits(&self.asked) < self.rules.window {
            let Some((ticket, body)) = self.waiting.pop_front() else { return };
            self.ask(command::SUBMIT_SM, body, Asked::Submit(ticket), now);
        }
    }

    fn ask(&mut self, command: u32, body: Vec<u8>, asked: Asked, now: Instant) {
        // §3.2: from 1 to 0x7fffffff, then again from 1.
        self.sequence = if self.sequence >= 0x7fff_ffff { 1 } else { self.sequence + 1 };
        self.asked.insert(self.sequence, (asked, now));
        self.output.extend(Pdu::new(command, self.sequence, body).bytes());
    }

    fn end(&mut self, why: &'static str) {
        if self.stage == Stage::Over {
            return;
        }
        self.stage = Stage::Over;
        for (_, (asked, _)) in std::mem::take(&mut self.asked) {
            if let Asked::Submit(ticket) = asked {
                self.events.push_back(Event::Submitted { ticket, answer: Answered::Uncertain });
            }
        }
        for (ticket, _) in std::mem::take(&mut self.waiting) {
            self.events.push_back(Event::Submitted { ticket, answer: Answered::NotSent });
        }
        self.events.push_back(Event::Over(why));
    }
}

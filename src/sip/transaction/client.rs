//! Non-INVITE client transaction, RFC 3261 §17.1.2.

use std::time::Instant;

use bytes::Bytes;

use super::{ClientInput, Effect, Repeat, T2, T4, T64, Tell, earliest};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Trying,
    Proceeding,
    Completed,
    Terminated,
}

#[derive(Debug)]
pub struct Client {
    state: State,
    reliable: bool,
    request: Bytes,
    /// Timer E.
    repeat: Option<Repeat>,
    /// Timers F and K.
    deadline: Option<Instant>,
}

impl Client {
    /// Transmits the request.
    pub fn start(now: Instant, request: Bytes, reliable: bool) -> (Client, Effect) {
        let effect = Effect::send(&request);
        let repeat = (!reliable).then(|| Repeat::start(now));
        (Client { state: State::Trying, reliable, request, repeat, deadline: Some(now + T64) }, effect)
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        earliest(self.repeat.map(|repeat| repeat.at), self.deadline)
    }

    pub fn handle(&mut self, now: Instant, input: ClientInput) -> Effect {
        match self.state {
            State::Trying => self.trying(now, input),
            State::Proceeding => self.proceeding(now, input),
            State::Completed => self.completed(now, input),
            State::Terminated => Effect::done(),
        }
    }

    fn trying(&mut self, now: Instant, input: ClientInput) -> Effect {
        match input {
            ClientInput::Timer => self.timer(now, false),
            other => self.response(now, other),
        }
    }

    fn proceeding(&mut self, now: Instant, input: ClientInput) -> Effect {
        match input {
            // In Proceeding timer E always runs at T2, §17.1.2.2.
            ClientInput::Timer => self.timer(now, true),
            other => self.response(now, other),
        }
    }

    /// Absorbs retransmitted responses until timer K fires.
    fn completed(&mut self, now: Instant, input: ClientInput) -> Effect {
        match input {
            ClientInput::Timer if self.deadline.is_some_and(|at| at <= now) => self.end(None),
            ClientInput::Timer | ClientInput::Response { .. } | ClientInput::TransportFailed => Effect::none(),
        }
    }

    fn timer(&mut self, now: Instant, proceeding: bool) -> Effect {
        if self.deadline.is_some_and(|at| at <= now) {
            return self.end(Some(Tell::TimedOut));
        }
        match &mut self.repeat {
            Some(repeat) if repeat.at <= now => {
                if proceeding {
                    repeat.interval = T2;
                }
                repeat.again(now, T2);
                Effect::send(&self.request)
            }
            _ => Effect::none(),
        }
    }

    fn response(&mut self, now: Instant, input: ClientInput) -> Effect {
        match input {
            ClientInput::Response { status: ..200, .. } => {
                self.state = State::Proceeding;
                Effect::tell(Tell::Response)
            }
            ClientInput::Response { .. } if self.reliable => self.end(Some(Tell::Response)),
            ClientInput::Response { .. } => {
                self.state = State::Completed;
                self.repeat = None;
                self.deadline = Some(now + T4);
                Effect::tell(Tell::Response)
            }
            ClientInput::TransportFailed => self.end(Some(Tell::TransportFailed)),
            ClientInput::Timer => Effect::none(),
        }
    }

    fn end(&mut self, tell: Option<Tell>) -> Effect {
        self.state = State::Terminated;
        self.repeat = None;
        self.deadline = None;
        Effect { tell, ..Effect::done() }
    }
}

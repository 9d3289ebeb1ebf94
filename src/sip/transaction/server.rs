//! Non-INVITE server transaction, RFC 3261 §17.2.2.

use std::time::Instant;

use bytes::Bytes;

use super::{Effect, ServerInput, T64};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Trying,
    Proceeding,
    Completed,
    Terminated,
}

#[derive(Debug)]
pub struct Server {
    state: State,
    reliable: bool,
    last: Option<Bytes>,
    /// Timer J.
    deadline: Option<Instant>,
}

impl Server {
    pub fn new(reliable: bool) -> Server {
        Server { state: State::Trying, reliable, last: None, deadline: None }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadline
    }

    pub fn handle(&mut self, now: Instant, input: ServerInput) -> Effect {
        match self.state {
            State::Trying => self.trying(now, input),
            State::Proceeding => self.proceeding(now, input),
            State::Completed => self.completed(now, input),
            State::Terminated => Effect::done(),
        }
    }

    fn trying(&mut self, now: Instant, input: ServerInput) -> Effect {
        match input {
            ServerInput::Respond { status, response } => self.respond(now, status, response),
            // A retransmission before any response is discarded.
            ServerInput::Request | ServerInput::Ack | ServerInput::Timer => Effect::none(),
        }
    }

    fn proceeding(&mut self, now: Instant, input: ServerInput) -> Effect {
        match input {
            ServerInput::Respond { status, response } => self.respond(now, status, response),
            ServerInput::Request => self.last.as_ref().map_or_else(Effect::none, Effect::send),
            ServerInput::Ack | ServerInput::Timer => Effect::none(),
        }
    }

    fn completed(&mut self, now: Instant, input: ServerInput) -> Effect {
        match input {
            ServerInput::Request => self.last.as_ref().map_or_else(Effect::none, Effect::send),
            ServerInput::Timer if self.deadline.is_some_and(|at| at <= now) => {
                self.state = State::Terminated;
                self.deadline = None;
                Effect::done()
            }
            ServerInput::Timer | ServerInput::Ack | ServerInput::Respond { .. } => Effect::none(),
        }
    }

    fn respond(&mut self, now: Instant, status: u16, response: Bytes) -> Effect {
        let effect = Effect::send(&response);
        self.last = Some(response);
        if status < 200 {
            self.state = State::Proceeding;
            return effect;
        }
        if self.reliable {
            // Timer J is zero for reliable transports.
            self.state = State::Terminated;
            return effect.and_done();
        }
        self.state = State::Completed;
        self.deadline = Some(now + T64);
        effect
    }
}

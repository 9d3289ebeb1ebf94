//! INVITE server transaction, RFC 3261 §17.2.1 and RFC 6026 §7.1.

use std::time::Instant;

use bytes::Bytes;

use super::{Effect, Repeat, ServerInput, T2, T4, T64, Tell, earliest};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Proceeding,
    Completed,
    Confirmed,
    Accepted,
    Terminated,
}

#[derive(Debug)]
pub struct InviteServer {
    state: State,
    reliable: bool,
    /// The last provisional or the final response below or above 2xx; a 2xx is its user's to repeat.
    last: Option<Bytes>,
    /// Timer G.
    repeat: Option<Repeat>,
    /// Timers H, I and L.
    deadline: Option<Instant>,
}

impl InviteServer {
    pub fn new(reliable: bool) -> InviteServer {
        InviteServer { state: State::Proceeding, reliable, last: None, repeat: None, deadline: None }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        earliest(self.repeat.map(|repeat| repeat.at), self.deadline)
    }

    pub fn handle(&mut self, now: Instant, input: ServerInput) -> Effect {
        match self.state {
            State::Proceeding => self.proceeding(now, input),
            State::Completed => self.completed(now, input),
            State::Confirmed => self.confirmed(now, input),
            State::Accepted => self.accepted(now, input),
            State::Terminated => Effect::done(),
        }
    }

    fn proceeding(&mut self, now: Instant, input: ServerInput) -> Effect {
        match input {
            ServerInput::Request => self.last.as_ref().map_or_else(Effect::none, Effect::send),
            ServerInput::Respond { status, response } => {
                let effect = Effect::send(&response);
                match status {
                    ..200 => self.last = Some(response),
                    200..300 => {
                        self.state = State::Accepted;
                        self.last = None;
                        self.deadline = Some(now + T64);
                    }
                    _ => {
                        self.state = State::Completed;
                        self.last = Some(response);
                        self.repeat = (!self.reliable).then(|| Repeat::start(now));
                        self.deadline = Some(now + T64);
                    }
                }
                effect
            }
            ServerInput::Ack | ServerInput::Timer => Effect::none(),
        }
    }

    fn completed(&mut self, now: Instant, input: ServerInput) -> Effect {
        match input {
            ServerInput::Request => self.last.as_ref().map_or_else(Effect::none, Effect::send),
            ServerInput::Ack => {
                self.repeat = None;
                if self.reliable {
                    // Timer I is zero for reliable transports.
                    return self.end(Some(Tell::Acked));
                }
                self.state = State::Confirmed;
                self.deadline = Some(now + T4);
                Effect::tell(Tell::Acked)
            }
            ServerInput::Timer if self.deadline.is_some_and(|at| at <= now) => self.end(Some(Tell::NoAck)),
            ServerInput::Timer => match &mut self.repeat {
                Some(repeat) if repeat.at <= now => {
                    repeat.again(now, T2);
                    self.last.as_ref().map_or_else(Effect::none, Effect::send)
                }
                _ => Effect::none(),
            },
            ServerInput::Respond { .. } => Effect::none(),
        }
    }

    /// Absorbs retransmitted ACKs until timer I fires.
    fn confirmed(&mut self, now: Instant, input: ServerInput) -> Effect {
        match input {
            ServerInput::Timer if self.deadline.is_some_and(|at| at <= now) => self.end(None),
            ServerInput::Timer | ServerInput::Ack | ServerInput::Request | ServerInput::Respond { .. } => Effect::none(),
        }
    }

    /// RFC 6026 §7.1: retransmitted INVITEs are absorbed; the user's repeated 2xx pass; timer L ends it.
    fn accepted(&mut self, now: Instant, input: ServerInput) -> Effect {
        match input {
            ServerInput::Respond { status: 200..300, response } => Effect::send(&response),
            ServerInput::Timer if self.deadline.is_some_and(|at| at <= now) => self.end(None),
            ServerInput::Timer | ServerInput::Ack | ServerInput::Request | ServerInput::Respond { .. } => Effect::none(),
        }
    }

    fn end(&mut self, tell: Option<Tell>) -> Effect {
        self.state = State::Terminated;
        self.repeat = None;
        self.deadline = None;
        Effect { tell, ..Effect::done() }
    }
}

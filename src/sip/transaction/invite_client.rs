//! INVITE client transaction, RFC 3261 §17.1.1 and RFC 6026 §7.2.

use std::time::Instant;

use bytes::Bytes;

use super::{ClientInput, Effect, Repeat, T64, TIMER_D, Tell, earliest};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Calling,
    Proceeding,
    Completed,
    Accepted,
    Terminated,
}

#[derive(Debug)]
pub struct InviteClient {
    state: State,
    reliable: bool,
    request: Bytes,
    ack: Option<Bytes>,
    /// Timer A.
    repeat: Option<Repeat>,
    /// Timers B, D and M.
    deadline: Option<Instant>,
}

impl InviteClient {
    /// Transmits the INVITE.
    pub fn start(now: Instant, request: Bytes, reliable: bool) -> (InviteClient, Effect) {
        let effect = Effect::send(&request);
        let repeat = (!reliable).then(|| Repeat::start(now));
        (InviteClient { state: State::Calling, reliable, request, ack: None, repeat, deadline: Some(now + T64) }, effect)
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        earliest(self.repeat.map(|repeat| repeat.at), self.deadline)
    }

    /// The user has cancelled, or has ended the dialog this INVITE is in: without a final response it is over after 64*T1 (§9.1).
    pub fn give_up(&mut self, now: Instant) {
        if self.state == State::Proceeding && self.deadline.is_none() {
            self.deadline = Some(now + T64);
        }
    }

    pub fn handle(&mut self, now: Instant, input: ClientInput) -> Effect {
        match self.state {
            State::Calling => self.calling(now, input),
            State::Proceeding => self.proceeding(now, input),
            State::Completed => self.completed(now, input),
            State::Accepted => self.accepted(now, input),
            State::Terminated => Effect::done(),
        }
    }

    fn calling(&mut self, now: Instant, input: ClientInput) -> Effect {
        match input {
            ClientInput::Response { status, ack } => self.response(now, status, ack),
            ClientInput::Timer if self.deadline.is_some_and(|at| at <= now) => self.fail(Tell::TimedOut),
            ClientInput::Timer => match &mut self.repeat {
                // Timer A doubles without a cap, §17.1.1.2.
                Some(repeat) if repeat.at <= now => {
                    repeat.again(now, T64);
                    Effect::send(&self.request)
                }
                _ => Effect::none(),
            },
            ClientInput::TransportFailed => self.fail(Tell::TransportFailed),
        }
    }

    fn proceeding(&mut self, now: Instant, input: ClientInput) -> Effect {
        match input {
            ClientInput::Response { status, ack } => self.response(now, status, ack),
            // Nothing limits the ringing here unless the user has given up: see `give_up`.
            ClientInput::Timer if self.deadline.is_some_and(|at| at <= now) => self.fail(Tell::TimedOut),
            ClientInput::Timer => Effect::none(),
            ClientInput::TransportFailed => self.fail(Tell::TransportFailed),
        }
    }

    fn completed(&mut self, now: Instant, input: ClientInput) -> Effect {
        match input {
            // A retransmitted final response is acknowledged again, the user is not told.
            ClientInput::Response { status: 300.., .. } => self.ack.as_ref().map_or_else(Effect::none, Effect::send),
            ClientInput::Response { .. } => Effect::none(),
            ClientInput::Timer if self.deadline.is_some_and(|at| at <= now) => self.end(),
            ClientInput::Timer => Effect::none(),
            ClientInput::TransportFailed => self.end(),
        }
    }

    /// RFC 6026 §7.2: every 2xx, retransmitted or from another branch of a fork, goes to the user, who acknowledges it.
    fn accepted(&mut self, now: Instant, input: ClientInput) -> Effect {
        match input {
            ClientInput::Response { status: 200..300, .. } => Effect::tell(Tell::Response),
            ClientInput::Timer if self.deadline.is_some_and(|at| at <= now) => self.end(),
            ClientInput::Response { .. } | ClientInput::Timer | ClientInput::TransportFailed => Effect::none(),
        }
    }

    fn response(&mut self, now: Instant, status: u16, ack: Option<Bytes>) -> Effect {
        self.repeat = None;
        match status {
            ..200 => {
                // Timer B ends with the first; what `give_up` has set stays.
                if self.state == State::Calling {
                    self.deadline = None;
                }
                self.state = State::Proceeding;
                Effect::tell(Tell::Response)
            }
            200..300 => {
                self.state = State::Accepted;
                self.deadline = Some(now + T64);
                Effect::tell(Tell::Response)
            }
            _ => {
                self.ack = ack;
                let effect = Effect { send: self.ack.clone(), tell: Some(Tell::Response), done: self.reliable };
                // Timer D is zero for reliable transports, §17.1.1.2.
                self.state = if self.reliable { State::Terminated } else { State::Completed };
                self.deadline = Some(now + TIMER_D);
                effect
            }
        }
    }

    fn fail(&mut self, tell: Tell) -> Effect {
        self.end();
        Effect::tell(tell).and_done()
    }

    fn end(&mut self) -> Effect {
        self.state = State::Terminated;
        self.repeat = None;
        self.deadline = None;
        Effect::done()
    }
}

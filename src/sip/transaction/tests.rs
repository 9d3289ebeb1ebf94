//! Each timer of RFC 3261 Table 4 and RFC 6026, over a virtual clock.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::*;

const REQUEST: Bytes = Bytes::from_static(b"request");
const ACK: Bytes = Bytes::from_static(b"ack");

/// A machine seen from outside.
trait Machine {
    fn deadline(&self) -> Option<Instant>;
    fn fire(&mut self, now: Instant) -> Effect;
}

macro_rules! machine {
    ($type:ty, $input:expr) => {
        impl Machine for $type {
            fn deadline(&self) -> Option<Instant> {
                self.next_deadline()
            }
            fn fire(&mut self, now: Instant) -> Effect {
                self.handle(now, $input)
            }
        }
    };
}
machine!(InviteClient, ClientInput::Timer);
machine!(Client, ClientInput::Timer);
machine!(InviteServer, ServerInput::Timer);
machine!(Server, ServerInput::Timer);

/// Lets every timer fire in turn; gives the times of retransmissions in ms after `start`, and how and when it ended.
fn run(machine: &mut impl Machine, start: Instant) -> (Vec<u128>, Option<Tell>, u128) {
    let mut sent = Vec::new();
    for _ in 0..64 {
        let now = machine.deadline().expect("a machine that is not done has a deadline");
        let effect = machine.fire(now);
        let at = now.duration_since(start).as_millis();
        if effect.send.is_some() {
            sent.push(at);
        }
        if effect.done {
            assert_eq!(machine.deadline(), None);
            return (sent, effect.tell, at);
        }
    }
    panic!("no end");
}

fn response(status: u16) -> ClientInput {
    ClientInput::Response { status, ack: (status >= 300).then_some(ACK) }
}

fn respond(status: u16) -> ServerInput {
    ServerInput::Respond { status, response: Bytes::from(status.to_string()) }
}

fn start() -> Instant {
    crate::sip::tests::origin()
}

#[test]
fn timers_a_and_b() {
    let t0 = start();
    let (mut udp, effect) = InviteClient::start(t0, REQUEST, false);
    assert_eq!(effect, Effect::send(&REQUEST));
    assert_eq!(run(&mut udp, t0), (vec![500, 1500, 3500, 7500, 15500, 31500], Some(Tell::TimedOut), 32000));
    let (mut tcp, _) = InviteClient::start(t0, REQUEST, true);
    assert_eq!(run(&mut tcp, t0), (vec![], Some(Tell::TimedOut), 32000));
}

#[test]
fn ringing_has_no_limit_and_a_refusal_is_acked_each_time_until_timer_d() {
    let t0 = start();
    let (mut udp, _) = InviteClient::start(t0, REQUEST, false);
    assert_eq!(udp.handle(t0, response(180)), Effect::tell(Tell::Response));
    assert_eq!(udp.next_deadline(), None);
    let t1 = t0 + Duration::from_secs(100);
    assert_eq!(udp.handle(t1, response(486)), Effect { send: Some(ACK), tell: Some(Tell::Response), done: false });
    assert_eq!(udp.handle(t1, response(486)), Effect::send(&ACK));
    assert_eq!(udp.handle(t1, response(200)), Effect::none());
    assert_eq!(run(&mut udp, t1), (vec![], None, 32000));
    let (mut tcp, _) = InviteClient::start(t0, REQUEST, true);
    assert!(tcp.handle(t0, response(486)).done);
}

#[test]
fn every_2xx_reaches_the_user_until_timer_m() {
    let t0 = start();
    let (mut udp, _) = InviteClient::start(t0, REQUEST, false);
    for _ in 0..3 {
        assert_eq!(udp.handle(t0, response(200)), Effect::tell(Tell::Response));
    }
    assert_eq!(udp.handle(t0, response(180)), Effect::none());
    assert_eq!(run(&mut udp, t0), (vec![], None, 32000));
}

#[test]
fn timers_e_f_and_k() {
    let t0 = start();
    let (mut udp, _) = Client::start(t0, REQUEST, false);
    let expected = vec![500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500];
    assert_eq!(run(&mut udp, t0), (expected, Some(Tell::TimedOut), 32000));
    let (mut udp, _) = Client::start(t0, REQUEST, false);
    assert_eq!(udp.handle(t0, response(100)), Effect::tell(Tell::Response));
    assert!(udp.handle(t0 + T1, ClientInput::Timer).send.is_some());
    assert_eq!(udp.next_deadline(), Some(t0 + T1 + T2));
    assert_eq!(udp.handle(t0 + T2, response(200)), Effect::tell(Tell::Response));
    assert_eq!(udp.handle(t0 + T2, response(200)), Effect::none());
    assert_eq!(run(&mut udp, t0 + T2), (vec![], None, 5000));
    let (mut tcp, _) = Client::start(t0, REQUEST, true);
    assert_eq!(tcp.handle(t0, response(404)), Effect { send: None, tell: Some(Tell::Response), done: true });
}

#[test]
fn timers_g_h_and_i() {
    let t0 = start();
    let mut udp = InviteServer::new(false);
    assert_eq!(udp.handle(t0, ServerInput::Request), Effect::none());
    assert_eq!(udp.handle(t0, respond(100)).send.as_deref(), Some(&b"100"[..]));
    assert_eq!(udp.handle(t0, ServerInput::Request).send.as_deref(), Some(&b"100"[..]));
    udp.handle(t0, respond(486));
    let expected = vec![500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500];
    assert_eq!(run(&mut udp, t0), (expected, Some(Tell::NoAck), 32000));

    let mut udp = InviteServer::new(false);
    udp.handle(t0, respond(486));
    assert_eq!(udp.handle(t0, ServerInput::Ack), Effect::tell(Tell::Acked));
    assert_eq!(udp.handle(t0, ServerInput::Ack), Effect::none());
    assert_eq!(udp.handle(t0, ServerInput::Request), Effect::none());
    assert_eq!(run(&mut udp, t0), (vec![], None, 5000));

    let mut tcp = InviteServer::new(true);
    tcp.handle(t0, respond(486));
    assert_eq!(tcp.next_deadline(), Some(t0 + T64));
    assert!(tcp.handle(t0, ServerInput::Ack).done);
}

#[test]
fn an_accepted_invite_absorbs_its_repeats_until_timer_l() {
    let t0 = start();
    let mut udp = InviteServer::new(false);
    assert!(udp.handle(t0, respond(200)).send.is_some());
    assert_eq!(udp.handle(t0, ServerInput::Request), Effect::none());
    assert_eq!(udp.handle(t0, ServerInput::Ack), Effect::none());
    assert!(udp.handle(t0, respond(200)).send.is_some());
    assert_eq!(udp.handle(t0, respond(487)), Effect::none());
    assert_eq!(run(&mut udp, t0), (vec![], None, 32000));
}

#[test]
fn timer_j() {
    let t0 = start();
    let mut udp = Server::new(false);
    assert_eq!(udp.handle(t0, ServerInput::Request), Effect::none());
    assert_eq!(udp.handle(t0, respond(200)).send.as_deref(), Some(&b"200"[..]));
    assert_eq!(udp.handle(t0, ServerInput::Request).send.as_deref(), Some(&b"200"[..]));
    assert_eq!(udp.handle(t0, respond(500)), Effect::none());
    assert_eq!(run(&mut udp, t0), (vec![], None, 32000));
    assert!(Server::new(true).handle(t0, respond(200)).done);
}

#[test]
fn a_broken_transport_ends_a_client_at_once() {
    let t0 = start();
    let (mut invite, _) = InviteClient::start(t0, REQUEST, true);
    assert_eq!(invite.handle(t0, ClientInput::TransportFailed), Effect { send: None, tell: Some(Tell::TransportFailed), done: true });
    let (mut other, _) = Client::start(t0, REQUEST, true);
    assert_eq!(other.handle(t0, ClientInput::TransportFailed), Effect { send: None, tell: Some(Tell::TransportFailed), done: true });
}

#[test]
fn a_cancelled_invite_that_only_rings_on_is_given_up() {
    let t0 = start();
    let (mut udp, _) = InviteClient::start(t0, REQUEST, false);
    udp.handle(t0, response(180));
    udp.give_up(t0);
    udp.handle(t0 + T1, response(180));
    assert_eq!(run(&mut udp, t0), (vec![], Some(Tell::TimedOut), 32000));
}

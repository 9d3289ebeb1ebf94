//! Two cores over a network that loses, repeats and reorders (own generator, fixed seeds): every call must reach the same end on both sides and leave nothing behind.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::rig::{SDP, addr, core, udp};
use crate::fuzz_tests::Random;
use crate::sip::call::{CallKey, DialogEvent, Outgoing, Verb};
use crate::sip::core::{Core, Output};
use crate::sip::net::Transport;
use crate::sip::wire::{NameAddr, Uri};

const ADDRESSES: [&str; 2] = ["192.0.2.1:5060", "192.0.2.2:5060"];

struct World {
    cores: [Core; 2],
    now: Instant,
    /// Messages on their way: when, to whom, what.
    wire: Vec<(Instant, usize, Bytes)>,
    random: Random,
    /// Percent.
    loss: u64,
    ended: [HashMap<CallKey, usize>; 2],
    answered: usize,
    offers: usize,
}

impl World {
    fn drain(&mut self) {
        for side in 0..2 {
            while let Some(output) = self.cores[side].poll_output() {
                match output {
                    Output::Send { flow, bytes } => {
                        assert_eq!(flow.addr, addr(ADDRESSES[1 - side]));
                        let copies = if self.random.below(100) < self.loss { 0 } else { 1 + usize::from(self.random.below(10) == 0) };
                        for _ in 0..copies {
                            let delay = Duration::from_millis(self.random.below(120));
                            self.wire.push((self.now + delay, 1 - side, bytes.clone()));
                        }
                    }
                    Output::Incoming(call) => {
                        let key = call.key;
                        self.cores[side].handle_verb(self.now, key, Verb::Ringing(None));
                        if self.random.below(4) > 0 {
                            self.cores[side].handle_verb(self.now, key, Verb::Answer(SDP.to_owned()));
                        }
                    }
                    Output::Event { call, event } => self.on_event(side, call, event),
                    Output::Reply { .. } | Output::Phones(_) | Output::Banned(_) => {}
                }
            }
        }
    }

    fn on_event(&mut self, side: usize, call: CallKey, event: DialogEvent) {
        assert!(!self.ended[side].contains_key(&call), "nothing comes after Ended: {event:?}");
        match event {
            DialogEvent::Ended { .. } => {
                self.ended[side].insert(call, 1);
            }
            DialogEvent::Answered { .. } => {
                self.answered += 1;
                if self.random.below(2) == 0 {
                    self.cores[side].handle_verb(self.now, call, Verb::Reinvite(SDP.to_owned()));
                }
            }
            DialogEvent::Confirmed { .. } if self.random.below(2) == 0 => {
                self.cores[side].handle_verb(self.now, call, Verb::Reinvite(SDP.to_owned()));
            }
            DialogEvent::Offer { .. } => {
                self.offers += 1;
                self.cores[side].handle_verb(self.now, call, Verb::AnswerOffer(SDP.to_owned()));
            }
            _ => {}
        }
    }

    /// Runs until `until`, the earlier of both cores and the wire first.
    fn run(&mut self, until: Instant) {
        loop {
            self.drain();
            let arrival = self.wire.iter().map(|(at, ..)| *at).min();
            let next = [self.cores[0].next_deadline(), self.cores[1].next_deadline(), arrival].into_iter().flatten().min();
            let Some(next) = next.filter(|at| *at <= until) else {
                break;
            };
            self.now = self.now.max(next);
            if let Some(index) = self.wire.iter().position(|(at, ..)| *at <= self.now) {
                let (_, side, bytes) = self.wire.swap_remove(index);
                self.cores[side].receive(self.now, udp(ADDRESSES[1 - side]), &bytes);
            } else {
                self.cores[0].handle_timeout(self.now);
                self.cores[1].handle_timeout(self.now);
            }
        }
        self.now = until;
    }
}

#[test]
fn every_call_ends_on_both_sides_whatever_the_network_does() {
    let (mut answered, mut offers) = (0, 0);
    for seed in 1..=60u64 {
        let mut world = World {
            cores: [core(ADDRESSES[0], seed), core(ADDRESSES[1], seed + 1000)],
            now: super::origin(),
            wire: Vec::new(),
            random: Random::new(seed),
            loss: (seed % 4) * 12,
            ended: [HashMap::new(), HashMap::new()],
            answered: 0,
            offers: 0,
        };
        for _ in 0..6 {
            let outgoing = Outgoing {
                to: Uri::parse("sip:4001@192.0.2.2").expect("uri"),
                from: NameAddr::parse("<sip:a@192.0.2.1>").expect("from"),
                transport: Some(Transport::Udp),
                offer: SDP.to_owned(),
                headers: Vec::new(),
                credentials: None,
                may_refer: false,
            };
            let (key, _) = world.cores[0].invite(world.now, udp(ADDRESSES[1]), outgoing).expect("room");
            let talk = Duration::from_millis(world.random.below(3000));
            world.run(world.now + talk);
            if world.random.below(3) > 0 {
                world.cores[0].end(world.now, key, None);
            }
        }
        world.run(world.now + Duration::from_secs(5));
        world.cores[1].end_all(world.now);
        world.cores[0].end_all(world.now);
        world.run(world.now + Duration::from_secs(200));
        for (side, core) in world.cores.iter().enumerate() {
            let counters = core.counters();
            assert_eq!((counters.transactions, counters.dialogs, counters.banned), (0, 0, 0), "seed {seed}, side {side}");
            assert!(core.table.is_consistent());
            assert_eq!(core.next_deadline(), None, "seed {seed}: no timer is left");
        }
        assert_eq!(world.ended[0].len(), 6, "seed {seed}: each of our calls has told its end");
        answered += world.answered;
        offers += world.offers;
    }
    assert!(answered > 100 && offers > 50, "the worlds were too quiet: {answered} answered, {offers} offers");
}

//! Rubbish for whatever reads what comes from outside: inputs mutated from good ones, by a fixed seed and a fixed number in the ordinary test
//! run. By hand for longer and with another seed each time:
//!
//! ```text
//! HUBLINE_FUZZ_MINUTES=10 cargo test --release --lib -- --nocapture --test-threads 1 fuzz_rtp
//! ```
//!
//! (`fuzz_` alone runs all, each for so long.) A finding tells its input; `HUBLINE_FUZZ_SEED` repeats a run.

use crate::clock::Clock;
use std::time::{Duration, Instant};

/// Rounds between two looks at the clock.
const LOOK: u64 = 256;

/// xorshift64*: the same sequence on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % limit.max(1)
    }

    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.below(256) as u8).collect()
    }
}

/// How long a target is tried: so many rounds, or so many minutes by hand. Tells at its end what was done.
pub(crate) struct Rounds {
    what: &'static str,
    pub seed: u64,
    rounds: u64,
    until: Option<Instant>,
    done: u64,
}

impl Rounds {
    /// `rounds` and `seed` of the ordinary run.
    pub fn new(what: &'static str, rounds: u64, seed: u64) -> Rounds {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let clock = Clock::system();
        let until = number("HUBLINE_FUZZ_MINUTES").map(|minutes| clock.instant() + Duration::from_secs(60 * minutes));
        let fresh = || if until.is_some() { clock.now().0.unsigned_abs() } else { seed };
        Rounds { what, seed: number("HUBLINE_FUZZ_SEED").unwrap_or_else(fresh), rounds, until, done: 0 }
    }
}

impl Iterator for Rounds {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let more = match self.until {
            Some(until) => !self.done.is_multiple_of(LOOK) || Clock::system().instant() < until,
            None => self.done < self.rounds,
        };
        more.then(|| {
            self.done += 1;
            self.done - 1
        })
    }
}

impl Drop for Rounds {
    fn drop(&mut self) {
        let end = if std::thread::panicking() { "FINDING" } else { "no finding" };
        eprintln!("fuzz {}: {} inputs, seed {}: {end}", self.what, self.done, self.seed);
    }
}

/// Prints its input when the target panics.
struct Case<'a>(&'a [u8]);

impl Drop for Case<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input, as text and in hex:\n{}\n{}", String::from_utf8_lossy(self.0), hex::encode(self.0));
        }
    }
}

/// Gives a target mutations of the seeds, and now and then bytes that resemble nothing.
pub(crate) fn fuzz(mut rounds: Rounds, seeds: &[Vec<u8>], mut target: impl FnMut(&[u8], &mut Random)) {
    let mut random = Random::new(rounds.seed);
    while rounds.next().is_some() {
        let input = if random.below(16) == 0 {
            let length = random.index(200);
            random.bytes(length)
        } else {
            mutate(&mut random, seeds)
        };
        let _case = Case(&input);
        target(&input, &mut random);
    }
}

/// One of the seeds with one to four things wrong.
pub(crate) fn mutate(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut message = seeds[random.index(seeds.len())].clone();
    for _ in 0..=random.below(4) {
        if message.is_empty() {
            break;
        }
        let at = random.index(message.len());
        match random.below(10) {
            0 => message[at] = random.below(256) as u8,
            1 => message[at] ^= 1 << random.below(8),
            2 => {
                message.remove(at);
            }
            3 => message.insert(at, b"\r\n \t:;,<>\"\\@%=?\0\xff\xd50-9"[random.index(21)]),
            4 => message.truncate(at),
            5 => {
                let end = (at + random.index(40)).min(message.len());
                let piece = message[at..end].to_vec();
                let to = random.index(message.len());
                message.splice(to..to, piece);
            }
            6 => {
                let end = (at + random.index(40)).min(message.len());
                message.drain(at..end);
            }
            7 => {
                let other = &seeds[random.index(seeds.len())];
                let from = random.index(other.len());
                let end = (from + random.index(200)).min(other.len());
                message.splice(at..at, other[from..end].iter().copied());
            }
            // Lengths and counts at their limits.
            8 => {
                let limits: [&[u8]; 6] = [&[0], &[0xff], &[0x80], &[0xff, 0xff], &[0x7f, 0xff, 0xff, 0xff], &[0xff; 4]];
                let limit = limits[random.index(6)];
                for (byte, new) in message[at..].iter_mut().zip(limit) {
                    *byte = *new;
                }
            }
            _ => {
                let numbers: [&[u8]; 5] = [b"4294967296", b"-1", b"18446744073709551615", b"2147483648", b"65536"];
                let number = numbers[random.index(5)];
                if let Some(digit) = message[at..].iter().position(u8::is_ascii_digit) {
                    message.splice(at + digit..=at + digit, number.iter().copied());
                }
            }
        }
        message.truncate(60_000);
    }
    message
}

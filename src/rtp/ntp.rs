//! NTP timestamps as RTCP carries them: 32 bits of seconds, 32 of fraction. RFC 3550 §4 lets a sender without a wall
//! clock count from its own start, and only differences are ever used; so this counts from the media plane's start.

use std::time::Duration;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NtpTime(pub u64);

impl NtpTime {
    pub fn since_start(elapsed: Duration) -> NtpTime {
        let fraction = (u64::from(elapsed.subsec_nanos()) << 32) / 1_000_000_000;
        NtpTime((elapsed.as_secs() & 0xffff_ffff) << 32 | fraction)
    }

    /// The middle 32 bits, in units of 1/65536 s: what LSR, DLSR and round trips are counted in.
    pub fn middle(self) -> u32 {
        (self.0 >> 16) as u32
    }
}

/// Round trip from a report block (RFC 3550 §6.4.1: A − LSR − DLSR); `None` without LSR or where clocks disagree.
pub fn round_trip(now: NtpTime, lsr: u32, dlsr: u32) -> Option<Duration> {
    if lsr == 0 {
        return None;
    }
    let units = now.middle().wrapping_sub(lsr).wrapping_sub(dlsr);
    // More than a minute is a negative difference or a peer's invention.
    (units < 60 << 16).then(|| Duration::from_nanos((u64::from(units) * 1_000_000_000) >> 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_trip_is_what_remains_of_the_peers_delay() {
        let sent = NtpTime::since_start(Duration::from_millis(10_000));
        let now = NtpTime::since_start(Duration::from_millis(15_050));
        let rtt = round_trip(now, sent.middle(), 5 << 16).unwrap();
        assert!((49..=51).contains(&rtt.as_millis()), "{rtt:?}");
        assert_eq!(round_trip(now, sent.middle(), 6 << 16), None, "the peer claims more than has passed");
        assert_eq!(round_trip(now, 0, 0), None);
    }
}

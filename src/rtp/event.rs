//! Telephone events (RFC 4733): the four-byte payload, and the detector that reports each key press once, however
//! many packets carried it and whichever of them were lost.

/// How telephone events are sent and taken on a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Events {
    pub payload_type: u8,
    /// Of their durations, in Hz: 8,000, or beside Opus 48,000.
    pub clock: u32,
}

/// The payload of an event packet (RFC 4733 §2.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EventPayload {
    /// 0–9, 10 = `*`, 11 = `#`, 12–15 = A–D.
    pub event: u8,
    pub end: bool,
    /// Power level, 0 to 63, in dBm0 with the sign dropped.
    pub volume: u8,
    /// In timestamp units, so far.
    pub duration: u16,
}

impl EventPayload {
    pub fn parse(payload: &[u8]) -> Option<EventPayload> {
        let bytes: &[u8; 4] = payload.first_chunk()?;
        Some(EventPayload {
            event: bytes[0],
            end: bytes[1] & 0x80 != 0,
            volume: bytes[1] & 0x3f,
            duration: u16::from_be_bytes([bytes[2], bytes[3]]),
        })
    }

    pub fn bytes(self) -> [u8; 4] {
        let duration = self.duration.to_be_bytes();
        [self.event, u8::from(self.end) << 7 | self.volume & 0x3f, duration[0], duration[1]]
    }

    /// The key, where the event is one (flash and tones are not).
    pub fn digit(self) -> Option<char> {
        digit_of(self.event)
    }
}

const DIGITS: &[u8; 16] = b"0123456789*#ABCD";

/// The event number of a key; `None` for anything that is not one. Letters in either case.
pub fn event_of(digit: char) -> Option<u8> {
    let digit = digit.to_ascii_uppercase();
    DIGITS.iter().position(|&b| b as char == digit).map(|at| at as u8)
}

/// The key of an event number, where the event is one.
pub fn digit_of(event: u8) -> Option<char> {
    DIGITS.get(usize::from(event)).map(|&b| b as char)
}

/// Collects the packets of one event at a time.
///
/// An event is known by its RTP timestamp (all its packets carry the start's). It is reported at the first end
/// packet; if all three are lost, when anything later is seen.
#[derive(Default, Debug)]
pub struct DigitDetector {
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    timestamp: u32,
    payload: EventPayload,
    reported: bool,
}

impl DigitDetector {
    /// An event packet arrived; returns the key and its length in ms when one is complete.
    pub fn packet(&mut self, timestamp: u32, payload: EventPayload) -> Option<(char, u32)> {
        let mut done = None;
        match &mut self.current {
            Some(current) if current.timestamp == timestamp => {
                current.payload.duration = current.payload.duration.max(payload.duration);
                current.payload.end |= payload.end;
            }
            // A straggler of an event before this one was reported with that event.
            Some(current) if (timestamp.wrapping_sub(current.timestamp) as i32) < 0 => return None,
            _ => {
                done = self.flush();
                self.current = Some(Current { timestamp, payload, reported: false });
            }
        }
        match &self.current {
            Some(current) if current.payload.end && done.is_none() => self.flush(),
            _ => done,
        }
    }

    /// Audio later than the event arrived, or nothing for long: an event without its end is complete.
    pub fn later(&mut self, timestamp: u32) -> Option<(char, u32)> {
        let current = self.current.as_ref()?;
        let passed = timestamp.wrapping_sub(current.timestamp) as i32;
        // 1,000 samples past its known end: three end packets would have come by now.
        if current.reported || passed < i32::from(current.payload.duration) + 1000 {
            return None;
        }
        self.flush()
    }

    fn flush(&mut self) -> Option<(char, u32)> {
        let current = self.current.as_mut()?;
        if current.reported {
            return None;
        }
        current.reported = true;
        Some((current.payload.digit()?, u32::from(current.payload.duration) / 8))
    }
}

#[cfg(test)]
mod tests;

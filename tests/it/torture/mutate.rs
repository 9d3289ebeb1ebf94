//! Messages with something wrong.

use crate::rig::noise::Noise;

/// A message with one to four things wrong.
pub(super) fn mutate(noise: &mut Noise, messages: &[Vec<u8>]) -> Vec<u8> {
    let mut message = messages[noise.below(messages.len())].clone();
    for _ in 0..=noise.below(4) {
        let at = noise.below(message.len());
        match noise.below(9) {
            // A bit, a byte, a few of them, something that means something, or nothing more.
            0 => message.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (at % 8)),
            1 => message.iter_mut().skip(at).take(1).for_each(|byte| *byte = (noise.next() >> 40) as u8),
            2 => drop(message.drain(noise.range(message.len(), 40))),
            3 => {
                let again = message[noise.range(message.len(), 200)].to_vec();
                message.splice(at..at, again);
            }
            4 => {
                let words: [&[u8]; 12] = [
                    b"\r\n",
                    b"\r\n\r\n",
                    b"\0",
                    b"99999999999999999999",
                    b"-1",
                    b"%",
                    b"\"",
                    b"<sip:",
                    b";tag=",
                    b"\xff\xfe",
                    b",",
                    b"Content-Length: 4294967296\r\n",
                ];
                message.splice(at..at, words[noise.below(words.len())].iter().copied());
            }
            5 => message.truncate(at),
            6 => {
                let other = &messages[noise.below(messages.len())];
                message.truncate(at);
                message.extend(&other[noise.below(other.len())..]);
            }
            7 => {
                let mut lines: Vec<&[u8]> = message.split_inclusive(|byte| *byte == b'\n').collect();
                let (one, two) = (noise.below(lines.len()), noise.below(lines.len()));
                if !lines.is_empty() {
                    lines.swap(one, two);
                }
                message = lines.concat();
            }
            _ => {
                let count = noise.below(30);
                let rubbish = noise.bytes(count);
                message.splice(at..at, rubbish);
            }
        }
    }
    message.truncate(8_000);
    message
}

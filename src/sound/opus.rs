//! Opus (RFC 6716) at 16 kHz mono, 20 ms: libopus, translated to Rust. All of its `unsafe` stays in this file: it was
//! chosen before the safe ports because it decodes what strangers send exactly as the reference does, errors included.
//!
//! A translation keeps C's ways, so a panic in it (an overflow that C would wrap) is caught here and costs one frame.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

/// The rate of the linear audio on our side, in Hz.
pub const RATE: i32 = 16_000;
/// The longest packet: 120 ms (RFC 6716 §2.1.4), in samples.
const LONGEST: usize = 1920;
/// The most frames in a packet.
const FRAMES: usize = 48;
/// Speech at 16 kHz with each frame once more in the next, in bits a second.
const BITRATE: i32 = 32_000;
/// Between 0 and 10; from 5 up the gain is no longer heard on a telephone, the cost is.
const COMPLEXITY: i32 = 5;
/// The loss that is provided for, in percent: only with some does the encoder put the last frame in a second time.
const EXPECTED_LOSS: i32 = 15;

/// Length of a packet in samples at 8 kHz; `None` if it is not Opus.
pub fn units(packet: &[u8]) -> Option<u32> {
    let length = i32::try_from(packet.len()).ok().filter(|length| *length > 0)?;
    // SAFETY: reads within `length` bytes of a live slice.
    let samples = unsafe { unsafe_libopus::opus_packet_get_nb_samples(packet.as_ptr(), length, 8000) };
    u32::try_from(samples).ok().filter(|samples| *samples > 0)
}

/// Whether a packet has frames in which nothing was sent (RFC 7587 §3.1.3). The library would fill them by its own concealment, whose
/// translation is broken (full scale instead of speech); it is never asked for it.
pub fn pauses(packet: &[u8]) -> bool {
    let Ok(length) = i32::try_from(packet.len()) else { return true };
    let (mut toc, mut offset, mut frames, mut sizes) = (0, 0, [std::ptr::null(); FRAMES], [0i16; FRAMES]);
    // SAFETY: reads within `length` bytes of a live slice; the arrays hold the most frames that a packet can have (RFC 6716 §3.4).
    let parse = || unsafe {
        unsafe_libopus::opus_packet_parse(packet.as_ptr(), length, &mut toc, frames.as_mut_ptr(), sizes.as_mut_ptr(), &mut offset)
    };
    match catch_unwind(AssertUnwindSafe(parse)) {
        Ok(count) => usize::try_from(count).map_or(true, |count| sizes.iter().take(count).any(|size| *size <= 1)),
        Err(_) => true,
    }
}

/// Whether a packet of one mono frame of up to 20 ms holds the frame before it once more: the second bit of its SILK part (RFC 6716
/// §4.2.3, §4.2.4).
fn holds_the_one_before(packet: &[u8]) -> bool {
    let &[toc, first, _, ..] = packet else { return false };
    let config = toc >> 3;
    let short = (config < 12 && config % 4 < 2) || (12..16).contains(&config);
    short && toc & 7 == 0 && first & 0x40 != 0
}

pub struct Decoder {
    state: NonNull<unsafe_libopus::OpusDecoder>,
}

// SAFETY: the state is plain memory that this value alone owns; nothing in it belongs to a thread.
unsafe impl Send for Decoder {}

impl Decoder {
    /// `None` only without memory.
    pub fn new() -> Option<Decoder> {
        let mut error = 0;
        // SAFETY: no arguments that could be wrong; the result is owned here and freed once.
        let state = unsafe { unsafe_libopus::opus_decoder_create(RATE, 1, &mut error) };
        NonNull::new(state).map(|state| Decoder { state })
    }

    /// Appends what a packet holds; says whether it could be decoded. One with a pause in it ([`pauses`]) is not.
    pub fn decode(&mut self, packet: &[u8], out: &mut Vec<i16>) -> bool {
        !pauses(packet) && self.run(packet, LONGEST, false, out)
    }

    /// Appends the `samples` of a missing packet as the one behind it holds them a second time; `false` where it does not.
    pub fn mend(&mut self, next: &[u8], samples: usize, out: &mut Vec<i16>) -> bool {
        holds_the_one_before(next) && samples <= LONGEST && samples.is_multiple_of(40) && self.run(next, samples, true, out)
    }

    fn run(&mut self, packet: &[u8], samples: usize, correct: bool, out: &mut Vec<i16>) -> bool {
        let Some(length) = i32::try_from(packet.len()).ok().filter(|length| *length > 0) else { return false };
        let data = packet.as_ptr();
        let mut pcm = [0; LONGEST];
        let state = self.state.as_ptr();
        // SAFETY: the state is alive and ours; `data` holds `length` bytes; `pcm` has room
        // for `samples`, which is `LONGEST` at most.
        let run = || unsafe { unsafe_libopus::opus_decode(state, data, length, pcm.as_mut_ptr(), samples as i32, i32::from(correct)) };
        let decoded = catch_unwind(AssertUnwindSafe(run));
        match decoded.map(usize::try_from) {
            Ok(Ok(count)) => {
                out.extend_from_slice(&pcm[..count.min(LONGEST)]);
                true
            }
            Ok(Err(_)) => false,
            Err(_) => {
                self.renew();
                false
            }
        }
    }

    /// After a panic the state is worth nothing.
    fn renew(&mut self) {
        tracing::error!("the Opus decoder panicked and begins anew");
        if let Some(fresh) = Decoder::new() {
            *self = fresh;
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: made by `opus_decoder_create`, freed nowhere else.
        unsafe { unsafe_libopus::opus_decoder_destroy(self.state.as_ptr()) }
    }
}

pub struct Encoder {
    state: NonNull<unsafe_libopus::OpusEncoder>,
}

// SAFETY: as for the decoder.
unsafe impl Send for Encoder {}

impl Encoder {
    /// `None` only without memory.
    pub fn new() -> Option<Encoder> {
        let mut error = 0;
        // SAFETY: as for the decoder.
        let state = unsafe { unsafe_libopus::opus_encoder_create(RATE, 1, unsafe_libopus::OPUS_APPLICATION_VOIP, &mut error) };
        let encoder = NonNull::new(state).map(|state| Encoder { state })?;
        let settings = [
            (unsafe_libopus::OPUS_SET_BITRATE_REQUEST, BITRATE),
            (unsafe_libopus::OPUS_SET_COMPLEXITY_REQUEST, COMPLEXITY),
            (unsafe_libopus::OPUS_SET_SIGNAL_REQUEST, unsafe_libopus::OPUS_SIGNAL_VOICE),
            (unsafe_libopus::OPUS_SET_INBAND_FEC_REQUEST, 1),
            (unsafe_libopus::OPUS_SET_PACKET_LOSS_PERC_REQUEST, EXPECTED_LOSS),
        ];
        for (request, value) in settings {
            // SAFETY: each of these requests takes one `i32`. One that is refused leaves its default.
            unsafe { unsafe_libopus::opus_encoder_ctl!(state, request, value) };
        }
        Some(encoder)
    }

    /// Codes 20 ms (320 samples) into `out`; says how many bytes that are, 0 if it failed.
    pub fn encode(&mut self, samples: &[i16; 320], out: &mut [u8]) -> usize {
        let room = i32::try_from(out.len()).unwrap_or(i32::MAX);
        let state = self.state.as_ptr();
        // SAFETY: the state is alive and ours; 320 samples are read, `room` bytes at most are written.
        let run = || unsafe { unsafe_libopus::opus_encode(state, samples.as_ptr(), 320, out.as_mut_ptr(), room) };
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(length) => usize::try_from(length).unwrap_or(0),
            Err(_) => {
                tracing::error!("the Opus encoder panicked and begins anew");
                if let Some(fresh) = Encoder::new() {
                    *self = fresh;
                }
                0
            }
        }
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: made by `opus_encoder_create`, freed nowhere else.
        unsafe { unsafe_libopus::opus_encoder_destroy(self.state.as_ptr()) }
    }
}

#[cfg(test)]
mod tests;

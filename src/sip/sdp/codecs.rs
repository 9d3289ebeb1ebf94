//! Which codec a stream is spoken in, and the lines that say so.

use super::Media;
use crate::rtp::event::Events;
use crate::rtp::{CLOCK_RATE, Codec};

/// The payload type we give telephone-event in our offers, at 8 kHz and beside Opus at 48 kHz.
const OUR_EVENTS: u8 = 101;
const OUR_FAST_EVENTS: u8 = 102;
/// What we ask of an Opus sender (RFC 7587 §6.1): mono, no more than 16 kHz of sound, and each packet once more in the next.
const OPUS: &str = "stereo=0;maxplaybackrate=16000;useinbandfec=1";

/// One payload type of a stream of ours.
pub(super) struct Format {
    pub number: u8,
    /// `PCMU/8000`.
    pub encoding: String,
    pub parameters: Option<&'static str>,
}

impl Format {
    fn codec(codec: Codec, number: u8) -> Format {
        Format { number, encoding: codec.to_string(), parameters: (codec == Codec::Opus).then_some(OPUS) }
    }

    fn events(events: Events) -> Format {
        Format { number: events.payload_type, encoding: format!("telephone-event/{}", events.clock), parameters: Some("0-16") }
    }
}

/// What we offer.
pub(super) fn offered(codecs: &[Codec], events: bool) -> Vec<Format> {
    let mut formats: Vec<Format> = codecs.iter().map(|&codec| Format::codec(codec, codec.offered_type())).collect();
    if events {
        formats.push(Format::events(Events { payload_type: OUR_EVENTS, clock: CLOCK_RATE }));
        if codecs.contains(&Codec::Opus) {
            formats.push(Format::events(Events { payload_type: OUR_FAST_EVENTS, clock: Codec::Opus.clock() }));
        }
    }
    formats
}

/// What we answer.
pub(super) fn answered(codec: Codec, number: u8, events: Option<Events>) -> Vec<Format> {
    [Format::codec(codec, number)].into_iter().chain(events.map(Format::events)).collect()
}

/// The codec to be spoken and its payload type: the first of ours that they have. Between the two laws, which cost the same, they choose.
pub(super) fn choose(media: &Media, ours: &[Codec]) -> Option<(Codec, u8)> {
    let theirs: Vec<(Codec, u8)> = media.formats.iter().filter_map(|format| read(media, format)).collect();
    let first = ours.iter().find_map(|codec| theirs.iter().find(|(theirs, _)| theirs == codec))?;
    if first.0.law().is_none() {
        return Some(*first);
    }
    theirs.iter().find(|(codec, _)| codec.law().is_some() && ours.contains(codec)).copied()
}

/// Their telephone events: at the audio's own clock if there are any (RFC 4733 §2.1), else at 8 kHz.
pub(super) fn events(media: &Media, codec: Codec) -> Option<Events> {
    let with = |wanted: u32| {
        media.formats.iter().find_map(|format| {
            let (name, clock) = media.encoding(format)?;
            let payload_type = format.parse().ok().filter(|number: &u8| *number < 128)?;
            (name == "TELEPHONE-EVENT" && clock == wanted).then_some(Events { payload_type, clock })
        })
    };
    with(codec.clock()).or_else(|| with(CLOCK_RATE))
}

fn read(media: &Media, format: &str) -> Option<(Codec, u8)> {
    let (name, clock) = media.encoding(format)?;
    let number = format.parse().ok().filter(|number: &u8| *number < 128)?;
    Some((Codec::named(&name, clock)?, number))
}

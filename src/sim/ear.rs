//! What a caller makes of the audio: silence, somebody speaking, or music. People pause between words; music does not.

/// Samples per step: 20 ms.
const STEP: usize = 160;
/// Root mean square above which a step is not silence; speech on a line is ten times louder.
const LOUD: f64 = 250.0;
/// Steps without a pause after which it is music, 3 s: nobody speaks as long without one.
const MUSIC: u32 = 150;
/// Silent steps that end a sentence, 700 ms.
const SENTENCE_END: u32 = 35;
/// Loud steps that make a sentence, 240 ms; shorter is a click or a breath.
const SENTENCE: u32 = 12;

/// Follows what is heard.
#[derive(Debug, Default)]
pub struct Ear {
    part: Vec<i16>,
    /// Loud steps since the last pause of a sentence's end.
    loud: u32,
    /// Loud steps without one silent step between.
    unbroken: u32,
    silent: u32,
    music: bool,
}

/// What has just become clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Somebody has begun to speak, or music to play; which, is told later.
    Sound,
    /// It is music.
    Music,
    /// The music has stopped.
    MusicOver,
    /// Somebody has said something and waits.
    Sentence,
}

impl Ear {
    /// Takes in samples of 8 kHz audio.
    pub fn hear(&mut self, samples: &[i16]) -> Vec<Heard> {
        self.part.extend_from_slice(samples);
        let mut heard = Vec::new();
        while self.part.len() >= STEP {
            let step: Vec<i16> = self.part.drain(..STEP).collect();
            let rms = (step.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / STEP as f64).sqrt();
            heard.extend(if rms > LOUD { self.loud() } else { self.quiet() });
        }
        heard
    }

    fn loud(&mut self) -> Option<Heard> {
        self.silent = 0;
        self.loud += 1;
        self.unbroken += 1;
        if self.unbroken == MUSIC && !self.music {
            self.music = true;
            return Some(Heard::Music);
        }
        (self.loud == SENTENCE && !self.music).then_some(Heard::Sound)
    }

    fn quiet(&mut self) -> Option<Heard> {
        self.silent += 1;
        // Music may fade for a moment; a pause of 100 ms is speech's.
        if self.silent >= 5 {
            self.unbroken = 0;
        }
        if self.silent != SENTENCE_END {
            return None;
        }
        let loud = std::mem::take(&mut self.loud);
        if std::mem::take(&mut self.music) {
            return Some(Heard::MusicOver);
        }
        (loud >= SENTENCE).then_some(Heard::Sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tone::sine;
    use super::*;

    fn run(parts: &[(f64, usize)]) -> Vec<Heard> {
        let mut ear = Ear::default();
        parts.iter().flat_map(|(hz, ms)| if *hz == 0.0 { ear.hear(&vec![0; ms * 8]) } else { ear.hear(&sine(*hz, 0, ms * 8)) }).collect()
    }

    #[test]
    fn words_with_pauses_are_a_sentence() {
        let word = [(300.0, 400), (0.0, 160)];
        let mut said: Vec<_> = word.iter().copied().cycle().take(12).collect();
        said.push((0.0, 800));
        assert_eq!(run(&said), [Heard::Sound, Heard::Sentence]);
    }

    #[test]
    fn sound_without_pauses_is_music_and_its_end_is_noticed() {
        assert_eq!(run(&[(300.0, 6_000), (0.0, 1_000)]), [Heard::Sound, Heard::Music, Heard::MusicOver]);
    }

    #[test]
    fn a_click_is_nothing() {
        assert_eq!(run(&[(0.0, 500), (300.0, 60), (0.0, 2_000)]), []);
    }
}

//! A caller with something to say: dials, waits out greeting and music, speaks when somebody has spoken, and stays silent while they do.

use super::ear::{Ear, Heard};
use super::g711;
use super::phone::{Line, Phone, PhoneEvent};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

#[derive(rust_embed::RustEmbed)]
#[folder = "src/sim/sounds/"]
#[include = "*.wav"]
struct Sounds;

/// A sentence within this time after the answer is the house's greeting: nobody to talk to yet.
const GREETING: Duration = Duration::from_secs(4);
/// After the music somebody should say something; else the caller begins.
const FIRST_WORD: Duration = Duration::from_secs(3);
/// Silence after which the caller asks whether anybody is there.
const ANYBODY: Duration = Duration::from_secs(10);
/// After so many questions into silence the caller gives up.
const QUESTIONS: u32 = 6;
/// From the last word to hanging up.
const LAST_WORD: Duration = Duration::from_millis(1_200);

/// What somebody calls about.
#[derive(Debug, Clone)]
pub struct Story {
    pub line: Line,
    /// The number they dial.
    pub dials: String,
    /// `bolt`, `price` or `invoice`.
    pub about: &'static str,
    /// `en` or `zh`.
    pub language: &'static str,
    /// How long they wait for a person.
    pub patience: Duration,
}

/// How a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was said.
    Told,
    /// The other side hung up; sentences said until then.
    CutOff {
        said: usize,
    },
    GaveUp {
        said: usize,
    },
    Refused(u16),
}

/// Makes the call.
pub async fn call(to: SocketAddr, story: &Story) -> std::io::Result<Outcome> {
    let mut phone = Phone::dial(to, &story.dials, &story.line).await?;
    let gives_up = Instant::now() + story.patience;
    loop {
        tokio::select! {
            event = phone.recv() => match event {
                Some(PhoneEvent::Answered) => break,
                Some(PhoneEvent::Refused(status)) => return Ok(Outcome::Refused(status)),
                Some(_) => {}
                None => return Ok(Outcome::Refused(0)),
            },
            () = tokio::time::sleep_until(gives_up) => {
                phone.hang_up().await;
                return Ok(Outcome::GaveUp { said: 0 });
            }
        }
    }
    let mut talk = Talk { phone, story, ear: Ear::default(), answered: Instant::now(), said: 0, questions: 0 };
    Ok(talk.run(gives_up).await)
}

struct Talk<'a> {
    phone: Phone,
    story: &'a Story,
    ear: Ear,
    answered: Instant,
    said: usize,
    questions: u32,
}

impl Talk<'_> {
    async fn run(&mut self, gives_up: Instant) -> Outcome {
        if !self.wait_for_somebody(gives_up).await {
            return self.end(gives_up);
        }
        for sentence in 1..=3 {
            if !self.say(&format!("{}-{sentence}", self.story.about)).await {
                return Outcome::CutOff { said: self.said };
            }
            self.said += 1;
            if sentence < 3 && !self.wait_for_answer().await {
                return self.end(Instant::now());
            }
        }
        tokio::time::sleep(LAST_WORD).await;
        self.phone.hang_up().await;
        Outcome::Told
    }

    /// Greeting and music pass by; says whether a person is there.
    async fn wait_for_somebody(&mut self, gives_up: Instant) -> bool {
        let mut begin_at = None;
        loop {
            let Some(heard) = self.listen(begin_at.unwrap_or(gives_up)).await else { return false };
            match heard {
                None => return begin_at.is_some(),
                Some(Heard::MusicOver) => begin_at = Some(Instant::now() + FIRST_WORD),
                Some(Heard::Sentence) if begin_at.is_some() || self.answered.elapsed() > GREETING => return true,
                Some(Heard::Music) => begin_at = None,
                Some(_) => {}
            }
        }
    }

    /// Waits until somebody has answered, asking now and then whether anybody is there. Music means: on hold, so wait on.
    async fn wait_for_answer(&mut self) -> bool {
        let mut until = Instant::now() + ANYBODY;
        loop {
            match self.listen(until).await {
                None => return false,
                Some(Some(Heard::Sentence)) => return true,
                Some(Some(_)) => until = Instant::now() + ANYBODY,
                Some(None) => {
                    self.questions += 1;
                    if self.questions > QUESTIONS || !self.say("hello").await {
                        return false;
                    }
                    until = Instant::now() + ANYBODY;
                }
            }
        }
    }

    /// Listens until something is clear or the time is over (`Some(None)`); `None` when the call is.
    async fn listen(&mut self, until: Instant) -> Option<Option<Heard>> {
        loop {
            tokio::select! {
                event = self.phone.recv() => match event? {
                    PhoneEvent::Audio(samples) => {
                        if let Some(heard) = self.ear.hear(&samples).last() {
                            return Some(Some(*heard));
                        }
                    }
                    PhoneEvent::HungUp => return None,
                    _ => {}
                },
                () = tokio::time::sleep_until(until) => return Some(None),
            }
        }
    }

    /// Says a sentence to its end, hearing nothing meanwhile; says whether the call is still there.
    async fn say(&mut self, name: &str) -> bool {
        let samples = sound(self.story.language, name);
        let until = Instant::now() + Duration::from_millis(samples.len() as u64 / 8);
        self.phone.say(samples).await;
        loop {
            tokio::select! {
                event = self.phone.recv() => match event {
                    Some(PhoneEvent::HungUp) | None => return false,
                    Some(_) => {}
                },
                () = tokio::time::sleep_until(until) => break,
            }
        }
        self.ear = Ear::default();
        true
    }

    fn end(&self, gives_up: Instant) -> Outcome {
        let said = self.said;
        if Instant::now() >= gives_up { Outcome::GaveUp { said } } else { Outcome::CutOff { said } }
    }
}

/// A sentence as samples; silence if there is none of that name, which the tests rule out.
fn sound(language: &str, name: &str) -> Arc<[i16]> {
    let file = Sounds::get(&format!("{language}/{name}.wav"));
    let data = file.as_ref().and_then(|file| {
        let at = file.data.windows(4).position(|four| four == b"data")?;
        file.data.get(at + 8..)
    });
    data.unwrap_or_default().iter().copied().map(g711::decode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_story_can_be_told_in_both_languages() {
        for language in ["en", "zh"] {
            for name in ["bolt-1", "bolt-2", "bolt-3", "price-1", "price-2", "price-3", "invoice-1", "invoice-2", "invoice-3", "hello"] {
                assert!(sound(language, name).len() > 8_000, "{language}/{name}");
            }
        }
    }

    #[test]
    fn a_sentence_is_heard_as_one_by_another_caller() {
        let mut ear = Ear::default();
        let mut said = sound("en", "bolt-1").to_vec();
        said.extend([0; 8_000]);
        let heard = ear.hear(&said);
        assert!(heard.contains(&Heard::Sentence) && !heard.contains(&Heard::Music), "{heard:?}");
    }
}

//! A customer with something to say: dials (or is called), waits out greeting and music, speaks when somebody has spoken, and stays silent
//! while they do.

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
/// From the first ring to picking up.
const RINGS: Duration = Duration::from_secs(3);
/// The longest menu that is listened to.
const MENU: Duration = Duration::from_secs(12);
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
    /// Pressed once the house has said what the keys mean.
    pub keys: &'static str,
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

/// Takes a call after a few rings, says hello, and has the same to say as when calling.
pub async fn called(mut phone: Phone, story: &Story) -> Outcome {
    let picks_up = tokio::time::sleep(RINGS);
    tokio::pin!(picks_up);
    loop {
        tokio::select! {
            event = phone.recv() => match event {
                Some(PhoneEvent::Answered) => break,
                Some(PhoneEvent::HungUp) | None => return Outcome::CutOff { said: 0 },
                Some(_) => {}
            },
            () = &mut picks_up, if !picks_up.is_elapsed() => phone.pick_up().await,
        }
    }
    let mut talk = Talk { phone, story, ear: Ear::default(), answered: Instant::now(), said: 0, questions: 0 };
    if !talk.say("hello").await {
        return talk.ended(End::HungUpOn);
    }
    match talk.wait_for_answer().await {
        Ok(()) => talk.tell().await,
        Err(end) => talk.ended(end),
    }
}

/// Gives back what is heard, for the test of a trunk.
pub async fn echo(mut phone: Phone) {
    phone.pick_up().await;
    while let Some(event) = phone.recv().await {
        match event {
            PhoneEvent::Audio(samples) => phone.say(samples.into()).await,
            PhoneEvent::HungUp => return,
            _ => {}
        }
    }
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

/// Why a call ended before everything was said.
enum End {
    HungUpOn,
    GaveUp,
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
        if !self.story.keys.is_empty() {
            // A menu is a sentence or two; whoever knows it does not wait for its end for ever.
            if let Err(end) = self.listen(self.answered + MENU).await {
                return self.ended(end);
            }
            self.phone.press(self.story.keys).await;
            self.answered = Instant::now();
        }
        if let Err(end) = self.wait_for_somebody(gives_up).await {
            return self.ended(end);
        }
        self.tell().await
    }

    /// Says what there is to say, hearing an answer after each sentence.
    async fn tell(&mut self) -> Outcome {
        for sentence in 1..=3 {
            if !self.say(&format!("{}-{sentence}", self.story.about)).await {
                return self.ended(End::HungUpOn);
            }
            self.said += 1;
            if sentence < 3
                && let Err(end) = self.wait_for_answer().await
            {
                return self.ended(end);
            }
        }
        tokio::time::sleep(LAST_WORD).await;
        self.phone.hang_up().await;
        Outcome::Told
    }

    /// Greeting and music pass by until a person is there.
    async fn wait_for_somebody(&mut self, gives_up: Instant) -> Result<(), End> {
        let mut begin_at = None;
        loop {
            match self.listen(begin_at.unwrap_or(gives_up)).await? {
                None => return if begin_at.is_some() { Ok(()) } else { Err(End::GaveUp) },
                Some(Heard::MusicOver) => begin_at = Some(Instant::now() + FIRST_WORD),
                Some(Heard::Sentence) if begin_at.is_some() || self.answered.elapsed() > GREETING => return Ok(()),
                Some(Heard::Music) => begin_at = None,
                Some(_) => {}
            }
        }
    }

    /// Waits until somebody has answered, asking now and then whether anybody is there. Music means: on hold, so wait on.
    async fn wait_for_answer(&mut self) -> Result<(), End> {
        let mut until = Instant::now() + ANYBODY;
        loop {
            match self.listen(until).await? {
                Some(Heard::Sentence) => return Ok(()),
                Some(_) => until = Instant::now() + ANYBODY,
                None => {
                    self.questions += 1;
                    if self.questions > QUESTIONS {
                        return Err(End::GaveUp);
                    }
                    if !self.say("hello").await {
                        return Err(End::HungUpOn);
                    }
                    until = Instant::now() + ANYBODY;
                }
            }
        }
    }

    /// Listens until something is clear; `None` when the time is over before.
    async fn listen(&mut self, until: Instant) -> Result<Option<Heard>, End> {
        loop {
            tokio::select! {
                event = self.phone.recv() => match event {
                    Some(PhoneEvent::Audio(samples)) => {
                        if let Some(heard) = self.ear.hear(&samples).last() {
                            return Ok(Some(*heard));
                        }
                    }
                    Some(PhoneEvent::HungUp) | None => return Err(End::HungUpOn),
                    Some(_) => {}
                },
                () = tokio::time::sleep_until(until) => return Ok(None),
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

    fn ended(&self, end: End) -> Outcome {
        let said = self.said;
        match end {
            End::HungUpOn => Outcome::CutOff { said },
            End::GaveUp => Outcome::GaveUp { said },
        }
    }
}

/// A sentence as samples; silence if there is none of that name, which the tests rule out.
pub(super) fn sound(language: &str, name: &str) -> Arc<[i16]> {
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

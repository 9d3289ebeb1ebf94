//! What is said to the customer: recordings and spoken texts one after the other, in the call's language.

use super::Call;
use super::page::Sounding;
use crate::desk::input::CallHeard;
use crate::desk::ivr::Piece;
use crate::media::{Clip, Repeat};
use crate::speech::Speech;
use crate::voice::prompts::Prompts;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Texts of one call that may have been spoken and not yet been taken up: each makes the one before needless.
const READY: usize = 4;

/// Clips that a text had to be spoken for.
pub(super) struct Ready {
    serial: u32,
    clips: Vec<Arc<Clip>>,
}

/// What a call is saying.
pub(super) struct Saying {
    prompts: Prompts,
    speech: Speech,
    /// BCP 47.
    language: String,
    /// Of the `Say` that is playing or about to.
    serial: Option<u32>,
    out: mpsc::Sender<Ready>,
    ready: mpsc::Receiver<Ready>,
}

impl Saying {
    pub(super) fn new(prompts: Prompts, speech: Speech, language: String) -> Saying {
        let (out, ready) = mpsc::channel(READY);
        Saying { prompts, speech, language, serial: None, out, ready }
    }

    /// Prompts in the call's language.
    pub(super) fn prompts(&self) -> &Prompts {
        &self.prompts
    }

    pub(super) fn speak(&mut self, language: String) {
        self.prompts = self.prompts.in_language(&language);
        self.language = language;
    }

    /// Something else is heard now.
    pub(super) fn over(&mut self) -> Option<u32> {
        self.serial.take()
    }

    /// What had to be spoken first. The sender is kept, so this waits for ever when there is nothing.
    pub(super) async fn next(&mut self) -> Ready {
        match self.ready.recv().await {
            Some(ready) => ready,
            None => std::future::pending().await,
        }
    }

    /// The clips of these pieces, if none has to be spoken first. What cannot be played is left out.
    fn at_once(&self, pieces: &[Piece]) -> Option<Vec<Arc<Clip>>> {
        let mut clips = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Prompt(name) => clips.extend(found(&self.prompts, name)),
                Piece::Text(text) => clips.push(self.speech.ready(&self.language, text)?),
            }
        }
        Some(clips)
    }

    /// Has the texts spoken, then comes back by `next`.
    fn later(&self, serial: u32, pieces: Vec<Piece>) {
        let (prompts, speech, language, out) = (self.prompts.clone(), self.speech.clone(), self.language.clone(), self.out.clone());
        tokio::spawn(async move {
            let mut clips = Vec::new();
            for piece in pieces {
                match piece {
                    Piece::Prompt(name) => clips.extend(found(&prompts, &name)),
                    Piece::Text(text) => match speech.clip(&language, &text).await {
                        Ok(clip) => clips.push(clip),
                        Err(error) => tracing::error!(%error, "a text is not spoken"),
                    },
                }
            }
            // The call may be over.
            let _ = out.send(Ready { serial, clips }).await;
        });
    }
}

fn found(prompts: &Prompts, name: &str) -> Option<Arc<Clip>> {
    prompts.get(name).inspect_err(|error| tracing::error!(%error, "nothing is played")).ok()
}

impl Call {
    pub(super) fn say(&mut self, serial: u32, pieces: Vec<Piece>) {
        self.saying.serial = Some(serial);
        // Whoever talked to the customer does so no more.
        self.picture = None;
        match self.saying.at_once(&pieces) {
            Some(clips) => self.play_clips(serial, &clips),
            None => {
                // Meanwhile what was playing before is not heard on.
                self.stop_playing();
                self.saying.later(serial, pieces);
            }
        }
    }

    /// Texts have been spoken: played, unless something else was asked for since.
    pub(super) fn voiced(&mut self, ready: Ready) {
        if self.saying.serial == Some(ready.serial) {
            self.play_clips(ready.serial, &ready.clips);
        }
    }

    fn play_clips(&mut self, serial: u32, clips: &[Arc<Clip>]) {
        let joined = self.customer_leg().zip(Clip::join(clips).ok());
        match joined {
            Some((leg, clip)) => {
                self.quiet(leg);
                self.sounding = Some(Sounding::Clip(clip.clone()));
                self.room.play(leg, clip, Repeat::Once);
            }
            None => {
                // What cannot be played must not hold the call up.
                self.saying.serial = None;
                self.tell(CallHeard::Said { serial });
            }
        }
    }

    pub(super) fn hush(&mut self) {
        self.saying.over();
        self.stop_playing();
    }

    fn stop_playing(&mut self) {
        if let Some(leg) = self.customer_leg() {
            self.quiet(leg);
        }
    }

    /// A clip has been played to its end.
    pub(super) fn played(&mut self) {
        let said = self.saying.over();
        self.sounding = None;
        self.tell(said.map_or(CallHeard::PromptDone, |serial| CallHeard::Said { serial }));
    }
}

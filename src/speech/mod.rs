//! Texts made speech by a program or an address of the administrator's choice, and kept: the same text is spoken once. The text goes in by
//! the program's input, never as an argument and through no shell.

pub mod config;
mod program;
#[cfg(test)]
mod tests;

use crate::media::{Clip, ClipError};
use crate::reach::{Ask, Client, Lost};
use config::SpeechSection;
use http::{StatusCode, Uri, header};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Longest text that is spoken, characters.
const LONGEST: usize = 2_000;
/// Largest WAV taken, bytes: five minutes at 48 kHz.
const LARGEST: usize = 30 << 20;
/// Texts spoken at once: a program for each.
const AT_ONCE: usize = 2;
/// Clips kept in memory; all are kept on disk.
const KEPT: usize = 256;

/// The way to the voice; cheap to clone.
#[derive(Clone)]
pub struct Speech(Arc<Inner>);

struct Inner {
    /// `None` where nobody speaks.
    voice: Option<Voice>,
    folder: PathBuf,
    clips: Mutex<HashMap<String, Arc<Clip>>>,
    turns: Semaphore,
}

struct Voice {
    command: Vec<String>,
    url: Option<Uri>,
    voices: HashMap<String, String>,
    timeout: Duration,
    client: Client,
}

/// Why a text was not spoken.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    #[error("no [speech] is configured")]
    Nobody,
    #[error("a text of more than {LONGEST} characters is not spoken")]
    TooLong,
    #[error("it took longer than {0:?}")]
    TooSlow(Duration),
    #[error("the program cannot be run: {0}")]
    Program(std::io::Error),
    #[error("the program failed: {0}")]
    Failed(String),
    #[error(transparent)]
    Lost(#[from] Lost),
    #[error("the address answered {0}")]
    Status(StatusCode),
    #[error("what came is no speech: {0}")]
    Clip(#[from] ClipError),
}

impl Speech {
    /// `folder` keeps what was spoken.
    pub fn new(section: Option<&SpeechSection>, folder: PathBuf) -> Speech {
        let voice = section.map(|section| Voice {
            command: section.command.iter().map(|word| word.get_ref().clone()).collect(),
            url: section.url.as_ref().and_then(|url| url.get_ref().parse().ok()),
            voices: section.voices.iter().map(|(language, voice)| (language.get_ref().clone(), voice.clone())).collect(),
            timeout: section.timeout.as_ref().map_or(Duration::from_secs(5), |timeout| timeout.get_ref().duration()),
            client: Client::default(),
        });
        Speech(Arc::new(Inner { voice, folder, clips: Mutex::default(), turns: Semaphore::new(AT_ONCE) }))
    }

    /// The text as it was spoken before, without waiting.
    pub fn ready(&self, language: &str, text: &str) -> Option<Arc<Clip>> {
        let name = self.0.voice.as_ref()?.name(language, text);
        self.kept().get(&name).cloned()
    }

    /// The text spoken, now or earlier.
    pub async fn clip(&self, language: &str, text: &str) -> Result<Arc<Clip>, SpeechError> {
        let voice = self.0.voice.as_ref().ok_or(SpeechError::Nobody)?;
        let name = voice.name(language, text);
        if let Some(clip) = self.kept().get(&name).cloned() {
            return Ok(clip);
        }
        if text.chars().count() > LONGEST {
            return Err(SpeechError::TooLong);
        }
        let path = self.0.folder.join(format!("{name}.wav"));
        let clip = match tokio::fs::read(&path).await {
            Ok(bytes) => read(bytes).await?,
            Err(_) => {
                let bytes = tokio::time::timeout(voice.timeout, self.speak(voice, language, text));
                let bytes = bytes.await.map_err(|_| SpeechError::TooSlow(voice.timeout))??;
                let clip = read(bytes.clone()).await?;
                if let Err(error) = self.keep(&path, &bytes).await {
                    tracing::warn!(%error, "what was spoken cannot be kept");
                }
                clip
            }
        };
        let mut kept = self.kept();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(name, clip.clone());
        Ok(clip)
    }

    /// Speaks everything that is known beforehand, so that the first caller does not wait for it.
    pub async fn prepare(&self, texts: Vec<(String, String)>) {
        for (language, text) in texts {
            if let Err(error) = self.clip(&language, &text).await {
                tracing::warn!(%language, %error, "a text of a flow cannot be spoken");
            }
        }
    }

    async fn speak(&self, voice: &Voice, language: &str, text: &str) -> Result<Vec<u8>, SpeechError> {
        // Closed only with the process.
        let _turn = self.0.turns.acquire().await;
        match &voice.url {
            Some(url) if voice.command.is_empty() => voice.ask(url, language, text).await,
            Some(url) => match voice.ask(url, language, text).await {
                Err(error) => {
                    tracing::warn!(%error, "the address does not speak: the program does");
                    voice.run(language, text).await
                }
                spoken => spoken,
            },
            None => voice.run(language, text).await,
        }
    }

    async fn keep(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        tokio::fs::create_dir_all(&self.0.folder).await?;
        // Whole or not at all: another call may read it at the same time.
        let part = path.with_extension("part");
        tokio::fs::write(&part, bytes).await?;
        tokio::fs::rename(&part, path).await
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Clip>>> {
        self.0.clips.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Resampling takes a moment.
async fn read(bytes: Vec<u8>) -> Result<Arc<Clip>, SpeechError> {
    let read = tokio::task::spawn_blocking(move || Clip::from_wav(&bytes)).await;
    Ok(read.map_err(|error| SpeechError::Failed(error.to_string()))??)
}

impl Voice {
    /// Another text, voice or program gives another name.
    fn name(&self, language: &str, text: &str) -> String {
        let mut hash = Sha256::new();
        let url = self.url.as_ref().map(Uri::to_string).unwrap_or_default();
        for part in self.command.iter().map(String::as_str).chain([url.as_str(), self.voice(language), language, text]) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hex::encode(hash.finalize())
    }

    fn voice<'v>(&'v self, language: &'v str) -> &'v str {
        self.voices.get(language).map_or(language, String::as_str)
    }

    async fn ask(&self, url: &Uri, language: &str, text: &str) -> Result<Vec<u8>, SpeechError> {
        let body = serde_json::json!({ "text": text, "language": language, "voice": self.voice(language) });
        let ask = Ask::post(url.clone(), "application/json", body.to_string()).within(self.timeout).most(LARGEST);
        let answer = self.client.ask(ask.header(header::ACCEPT, "audio/wav")).await?;
        if answer.status == StatusCode::OK { Ok(answer.body.to_vec()) } else { Err(SpeechError::Status(answer.status)) }
    }

    async fn run(&self, language: &str, text: &str) -> Result<Vec<u8>, SpeechError> {
        let filled = |word: &String| word.replace("{language}", language).replace("{voice}", self.voice(language));
        let words: Vec<String> = self.command.iter().map(filled).collect();
        program::run(words, text.to_owned(), LARGEST).await
    }
}

//! What is played to callers: the set that ships with the binary, and the firm's own files before it.

use crate::media::Clip;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(rust_embed::RustEmbed)]
#[folder = "static/sounds/"]
#[include = "*.wav"]
struct Shipped;

/// By the set's language and the name.
type Loaded = HashMap<(&'static str, String), Arc<Clip>>;

/// Prompts and music by name, in the house's language. Loaded at first use, kept from then on.
#[derive(Clone)]
pub struct Prompts {
    /// `en` or `zh`.
    language: &'static str,
    /// Looked into first: `<name>.wav`.
    own: Option<PathBuf>,
    loaded: Arc<Mutex<Loaded>>,
}

/// Why a prompt cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    #[error("there is no prompt {0}")]
    Unknown(String),
    #[error("prompt {0} cannot be read: {1}")]
    Read(String, std::io::Error),
    #[error("prompt {0}: {1}")]
    Clip(String, crate::media::ClipError),
}

impl Prompts {
    /// `language` is a BCP 47 tag; Chinese of any kind hears the Mandarin set, all others the English one.
    pub fn new(language: &str, own: Option<PathBuf>) -> Prompts {
        Prompts { language: set(language), own, loaded: Arc::default() }
    }

    /// The same in another language.
    pub fn in_language(&self, language: &str) -> Prompts {
        Prompts { language: set(language), ..self.clone() }
    }

    /// The clip of that name. Reads a file at first use, so not for a media thread.
    pub fn get(&self, name: &str) -> Result<Arc<Clip>, PromptError> {
        let key = (self.language, name.to_owned());
        if let Some(clip) = self.loaded().get(&key) {
            return Ok(clip.clone());
        }
        let clip = self.load(name)?;
        self.loaded().insert(key, clip.clone());
        Ok(clip)
    }

    fn load(&self, name: &str) -> Result<Arc<Clip>, PromptError> {
        let bytes = match self.own_file(name) {
            Some(path) => std::fs::read(path).map_err(|error| PromptError::Read(name.to_owned(), error))?,
            None => [format!("{}/{name}.wav", self.language), format!("{name}.wav")]
                .iter()
                .find_map(|path| Shipped::get(path))
                .ok_or_else(|| PromptError::Unknown(name.to_owned()))?
                .data
                .into_owned(),
        };
        Clip::from_wav(&bytes).map_err(|error| PromptError::Clip(name.to_owned(), error))
    }

    /// A firm's own file of that name, if there is one: in the language's folder, or beside them. Names are the administrator's, yet they
    /// must not leave the folder.
    fn own_file(&self, name: &str) -> Option<PathBuf> {
        let plain = Path::new(name).file_name().is_some_and(|file| file == name);
        let (own, file) = (self.own.as_ref().filter(|_| plain)?, format!("{name}.wav"));
        [own.join(self.language).join(&file), own.join(&file)].into_iter().find(|path| path.is_file())
    }

    fn loaded(&self) -> std::sync::MutexGuard<'_, Loaded> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The set for a BCP 47 tag.
fn set(language: &str) -> &'static str {
    if language.starts_with("zh") { "zh" } else { "en" }
}

//! `[speech]`: who speaks texts that nobody has recorded.

use crate::config::value::{Name, Period};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// `[speech]`: a program or an address that makes speech of text. With both, the program speaks when the address does not answer. What was
/// spoken once is kept in the data folder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeechSection {
    /// A program and its arguments; `{language}` and `{voice}` are filled in. It reads the text from its input and writes a WAV to its output.
    #[serde(default)]
    pub command: Vec<Name>,
    /// An address that is sent `{"text", "language", "voice"}` as JSON and answers with a WAV.
    pub url: Option<Name>,
    /// Language → what the program or address calls its voice. Default: none.
    #[serde(default)]
    pub voices: BTreeMap<Name, String>,
    /// How long a text may take to be spoken. Default: 5s.
    pub timeout: Option<Spanned<Period>>,
}

//! Pages and phones of agents.

use serde::{Deserialize, Serialize};

/// Through what an agent can be reached by voice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Device {
    /// At least one page of the agent is open (text can be offered).
    PageOpen,
    /// The last page has been gone for the grace time.
    PageGone,
    /// The media connection of a page is up; `phone` is the name that page gave itself.
    VoiceReady { phone: String },
    /// The media connection in use is gone; the code says how (`media_lost`, …).
    VoiceLost { problem: String },
    /// What a page says of its microphone: `None` when it works, else why not (`mic_denied`, `mic_lost`, `offline`, …). Of the page that
    /// is the phone it is believed; a page can never say that there is a connection.
    Microphone { phone: String, problem: Option<String> },
    /// A phone of this agent has registered and answers.
    PhoneReady,
    /// None of them can be rung any more.
    PhoneLost,
}

//! What a page sends of a letter's head, beside its text.

use crate::desk::input::{Extra, Mail};
use serde::Deserialize;

/// Longest list of addresses, bytes.
const LONGEST: usize = 16 << 10;

/// Each as it was typed; the desk says what may go out.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Head {
    pub subject: String,
    pub from: String,
    /// Addresses with commas or semicolons between.
    pub cc: String,
    pub bcc: String,
}

impl Head {
    pub fn extra(self, quoted: String) -> Extra {
        let list = |text: &str| {
            let text: String = text.chars().take(LONGEST).collect();
            text.split([',', ';', '\n']).map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
        };
        let (cc, bcc) = (list(&self.cc), list(&self.bcc));
        Extra::Mail(Box::new(Mail { subject: self.subject, from: self.from, cc, bcc, quoted, ..Mail::default() }))
    }
}

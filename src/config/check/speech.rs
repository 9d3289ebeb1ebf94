//! `[speech]`: a program or an address that speaks.

use crate::config::findings::Findings;
use crate::config::value::Period;
use crate::config::{Config, LANGUAGES};

pub(super) fn check(config: &Config, findings: &mut Findings<'_>) {
    let Some(speech) = &config.speech else { return };
    match &speech.url {
        Some(url) => super::flows::address(url, findings),
        None if speech.command.is_empty() => {
            findings
                .error(0..0, "[speech] names nobody who speaks")
                .help("command = [\"espeak-ng\", \"--stdin\", \"--stdout\", \"-v\", \"{voice}\"]");
        }
        None => {}
    }
    for language in speech.voices.keys() {
        findings.word("language", language, &LANGUAGES);
    }
    if let Some(timeout) = speech.timeout.as_ref().filter(|t| *t.get_ref() > Period::from_secs(30) || t.get_ref().millis() < 100) {
        findings.error(timeout.span(), format!("`timeout` is {}, but must be from 100ms to 30s", timeout.get_ref()));
    }
}

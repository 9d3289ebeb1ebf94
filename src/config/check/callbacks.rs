//! Callbacks: by which channel customers are told, and sensible bounds.

use super::{spans, within};
use crate::channels::config::ChannelKind;
use crate::config::Config;
use crate::config::findings::Findings;
use crate::config::value::Period;
use toml::Spanned;

pub(super) fn check(config: &Config, findings: &mut Findings<'_>) {
    let section = &config.callbacks;
    if let Some(name) = &section.text_channel {
        match config.channels.iter().find(|channel| channel.id.get_ref() == name.get_ref()) {
            Some(channel) if matches!(channel.kind, ChannelKind::Sms | ChannelKind::Twilio | ChannelKind::Smpp) => {}
            Some(_) => {
                findings
                    .error(name.span(), format!("channel `{name}` sends no texts to telephones"))
                    .help("name a channel of kind = \"sms\"");
            }
            None => {
                findings.error(name.span(), format!("unknown channel `{name}`")).help("declare it: [[channels]] kind = \"sms\"");
            }
        }
    }
    for prefix in &section.mobile {
        let digits = prefix.get_ref().strip_prefix('+');
        if !digits.is_some_and(|digits| (1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())) {
            findings.error(prefix.span(), format!("`{prefix}` is not the beginning of a number")).help("write it as \"+8613\"");
        }
    }
    within("`tries`", &section.tries, 1..=20, findings);
    longer("`link_valid`", &section.link_valid, Period::from_secs(60), findings);
    longer("`slot`", &section.slot, Period::from_secs(60), findings);
    longer("`expire`", &section.expire, Period::from_secs(60), findings);
    longer("`voicemail_longest`", &section.voicemail_longest, Period::from_secs(1), findings);
    if spans(std::slice::from_ref(&section.polite)).is_empty() {
        findings.error(section.polite.span(), format!("`{}` is not a time of day", section.polite)).help("write it as \"08:00-21:00\"");
    }
}

fn longer(what: &str, value: &Spanned<Period>, least: Period, findings: &mut Findings<'_>) {
    if value.get_ref() < &least {
        findings.error(value.span(), format!("{what} must be at least {least}"));
    }
}

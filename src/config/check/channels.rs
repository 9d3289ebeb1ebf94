//! Channels: their queue, the sites they may be shown on, and bounds.

use super::{Names, within};
use crate::config::Config;
use crate::config::findings::Findings;

pub(super) fn check(config: &Config, names: &Names, findings: &mut Findings<'_>) {
    for channel in &config.channels {
        findings.refer(&channel.queue, &names.queues);
        within("`max_text`", &channel.max_text, 1..=20_000, findings);
        within("`max_file_mb`", &channel.max_file_mb, 1..=100, findings);
        for origin in &channel.origins {
            self::origin(origin, findings);
        }
        if let Some(accent) = channel.accent.as_ref().filter(|accent| !colour(accent.get_ref())) {
            findings.error(accent.span(), format!("`{accent}` is not a colour")).help("write it as \"#1a7f5a\"");
        }
    }
}

fn origin(origin: &crate::config::value::Name, findings: &mut Findings<'_>) {
    let text = origin.get_ref();
    let parsed =
        text.parse::<http::Uri>().ok().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some());
    let Some(uri) = parsed else {
        findings.error(origin.span(), format!("`{origin}` is not the address of a site")).help("write it as \"https://shop.example\"");
        return;
    };
    let plain = format!("{}://{}", uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |authority| authority.as_str()));
    if *text != plain {
        findings.error(origin.span(), format!("`{origin}` is a page; a site has no path")).fix(format!("\"{plain}\""));
    }
}

fn colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

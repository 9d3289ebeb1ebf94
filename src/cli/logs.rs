//! Log lines of the server: to standard error, as the configuration or `RUST_LOG` says.

use crate::config::{LogFormat, LogSection};
use anyhow::Context;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Starts logging; once per process.
pub(super) fn start(section: &LogSection) -> anyhow::Result<()> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(filter) if !filter.is_empty() => EnvFilter::try_new(&filter).with_context(|| format!("RUST_LOG={filter}"))?,
        _ => EnvFilter::try_new(directives(section.level.get_ref())).context("log.level")?,
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match section.format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}

/// A level alone is that of our own lines. Of the libraries' only warnings are of use to an admin, and not the one of `rtc_dtls`, with each call,
/// that it checks no name: the fingerprint stands for it (RFC 8827 §6.5).
fn directives(level: &str) -> String {
    match level.parse::<LevelFilter>() {
        Ok(ours) => format!("{},rtc_dtls=error,hubline={ours}", ours.min(LevelFilter::WARN)),
        Err(_) => level.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_ours_and_directives_are_taken_as_written() {
        assert_eq!(directives("debug"), "warn,rtc_dtls=error,hubline=debug");
        assert_eq!(directives("error"), "error,rtc_dtls=error,hubline=error");
        assert_eq!(directives("info,hubline::sip=debug"), "info,hubline::sip=debug");
        for level in ["error", "warn", "info", "debug"] {
            assert!(EnvFilter::try_new(directives(level)).is_ok(), "{level}");
        }
    }
}

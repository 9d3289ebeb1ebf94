//! Ports, certificates, folders: mostly what only a new start can change.

use super::Effect::{Live, NeedsRestart};
use super::{Changes, list, shown};
use crate::config::Config;
use crate::sip::config::Listen;
use crate::web::config::TlsMode;
use std::path::PathBuf;
use toml::Spanned;

pub(super) fn compare(old: &Config, new: &Config, changes: &mut Changes) {
    site(old, new, changes);
    server(old, new, changes);
    public(old, new, changes);
    acme(old, new, changes);
    voice(old, new, changes);
    changes.setting("store", "data", NeedsRestart, old.store.data.display().to_string(), new.store.data.display().to_string());
    changes.setting("log", "level", NeedsRestart, old.log.level.to_string(), new.log.level.to_string());
    changes.setting("log", "format", NeedsRestart, word(&old.log.format), word(&new.log.format));
    let (before, after) = (&old.security, &new.security);
    changes.setting("security", "session_idle", Live, before.session_idle.to_string(), after.session_idle.to_string());
    changes.setting("security", "session_longest", Live, before.session_longest.to_string(), after.session_longest.to_string());
    changes.setting("security", "invite_valid", Live, before.invite_valid.to_string(), after.invite_valid.to_string());
    changes.setting("security", "password_shortest", Live, before.password_shortest.to_string(), after.password_shortest.to_string());
    changes.setting("security", "login_attempts", Live, before.login_attempts.to_string(), after.login_attempts.to_string());
}

fn site(old: &Config, new: &Config, changes: &mut Changes) {
    let (before, after) = (&old.site, &new.site);
    changes.setting("site", "name", Live, before.name.clone(), after.name.clone());
    changes.setting("site", "language", Live, before.language.to_string(), after.language.to_string());
    changes.setting("site", "timezone", Live, before.timezone.to_string(), after.timezone.to_string());
}

fn server(old: &Config, new: &Config, changes: &mut Changes) {
    let (before, after) = (&old.server, &new.server);
    changes.setting("server", "listen", NeedsRestart, before.listen.to_string(), after.listen.to_string());
    changes.setting("server", "public_url", NeedsRestart, shown(before.public_url.as_ref()), shown(after.public_url.as_ref()));
    changes.setting("server", "tls", NeedsRestart, tls(&before.tls), tls(&after.tls));
    changes.setting("server", "certificate", NeedsRestart, path(&before.certificate), path(&after.certificate));
    changes.setting("server", "private_key", NeedsRestart, path(&before.private_key), path(&after.private_key));
    let proxies = |proxies: &[Spanned<crate::config::value::Cidr>]| list(proxies.iter().map(Spanned::get_ref));
    changes.setting("server", "proxies", NeedsRestart, proxies(&before.proxies), proxies(&after.proxies));
}

fn acme(old: &Config, new: &Config, changes: &mut Changes) {
    let (before, after) = (&old.acme, &new.acme);
    changes.setting("acme", "agree", NeedsRestart, before.agree.to_string(), after.agree.to_string());
    changes.setting("acme", "email", NeedsRestart, shown(before.email.as_ref()), shown(after.email.as_ref()));
    changes.setting("acme", "directory", NeedsRestart, before.directory.to_string(), after.directory.to_string());
    changes.setting("acme", "ca", NeedsRestart, path(&before.ca), path(&after.ca));
}

fn public(old: &Config, new: &Config, changes: &mut Changes) {
    match (&old.server.public, &new.server.public) {
        (None, None) => {}
        (None, Some(after)) => {
            changes.add("server.public".into(), NeedsRestart, "public_added", vec![("new", after.listen.to_string())]);
        }
        (Some(before), None) => {
            changes.add("server.public".into(), NeedsRestart, "public_removed", vec![("old", before.listen.to_string())]);
        }
        (Some(before), Some(after)) => {
            let subject = "server.public";
            changes.setting(subject, "listen", NeedsRestart, before.listen.to_string(), after.listen.to_string());
            changes.setting(subject, "public_url", NeedsRestart, shown(before.public_url.as_ref()), shown(after.public_url.as_ref()));
            changes.setting(subject, "tls", NeedsRestart, tls(&before.tls), tls(&after.tls));
            changes.setting(subject, "certificate", NeedsRestart, path(&before.certificate), path(&after.certificate));
            changes.setting(subject, "private_key", NeedsRestart, path(&before.private_key), path(&after.private_key));
            let proxies = |proxies: &[Spanned<crate::config::value::Cidr>]| list(proxies.iter().map(Spanned::get_ref));
            changes.setting(subject, "proxies", NeedsRestart, proxies(&before.proxies), proxies(&after.proxies));
        }
    }
}

fn voice(old: &Config, new: &Config, changes: &mut Changes) {
    let listen = |listen: &Spanned<Listen>| listen.get_ref().0.map_or_else(|| "off".to_owned(), |address| address.to_string());
    changes.setting("sip", "udp", NeedsRestart, listen(&old.sip.udp), listen(&new.sip.udp));
    changes.setting("sip", "tcp", NeedsRestart, listen(&old.sip.tcp), listen(&new.sip.tcp));
    changes.setting("sip", "tls", NeedsRestart, listen(&old.sip.tls), listen(&new.sip.tls));
    changes.setting("sip", "max_calls", NeedsRestart, old.sip.max_calls.to_string(), new.sip.max_calls.to_string());
    let servers = |config: &Config| config.sip.name_servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    changes.setting("sip", "name_servers", NeedsRestart, servers(old), servers(new));
    let public = |config: &Config| shown(config.sip.public_address.as_ref());
    changes.setting("sip", "public_address", Live, public(old), public(new));
    let (before, after) = (&old.media, &new.media);
    changes.setting("media", "threads", NeedsRestart, before.threads.to_string(), after.threads.to_string());
    changes.setting("media", "rtp_ports", NeedsRestart, before.rtp_ports.to_string(), after.rtp_ports.to_string());
    changes.setting("media", "bind", NeedsRestart, before.bind.to_string(), after.bind.to_string());
    changes.setting("media", "advertise", Live, shown(before.advertise.as_ref()), shown(after.advertise.as_ref()));
    changes.setting("media", "prompts", NeedsRestart, path(&before.prompts), path(&after.prompts));
    let urls =
        |media: &crate::media::config::MediaSection| media.turn.iter().map(|url| url.get_ref().as_str()).collect::<Vec<_>>().join(", ");
    changes.setting("media", "turn", Live, urls(before), urls(after));
    if before.turn_secret != after.turn_secret {
        changes.live("media".to_owned(), "secret", vec![("setting", "turn_secret".to_owned())]);
    }
    changes.setting("media", "web_port", NeedsRestart, before.web_port.to_string(), after.web_port.to_string());
}

/// As the file writes it.
fn tls(mode: &Spanned<TlsMode>) -> String {
    match mode.get_ref() {
        TlsMode::LocalCa => "local-ca",
        TlsMode::Acme => "acme",
        TlsMode::Files => "files",
        TlsMode::Proxy => "proxy",
        TlsMode::Off => "off",
    }
    .to_owned()
}

fn path(path: &Option<Spanned<PathBuf>>) -> String {
    path.as_ref().map_or_else(|| "–".to_owned(), |path| path.get_ref().display().to_string())
}

/// A plain enum's variant in lower case, as the file writes it.
fn word(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}").to_lowercase()
}

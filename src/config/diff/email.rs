//! What changes at mailboxes.

use super::Effect::Live;
use super::{Changes, list, shown};
use crate::channels::config::ChannelSection;
use crate::channels::email::config::{EmailSection, OauthSection, Security, ServerSection};
use crate::config::value::Secret;
use toml::Spanned;

pub(super) fn email(subject: &str, before: &ChannelSection, after: &ChannelSection, changes: &mut Changes) {
    match (&before.email, &after.email) {
        (Some(before), Some(after)) => mailbox(subject, before, after, changes),
        (before, after) => {
            let address = |section: &Option<Box<EmailSection>>| shown(section.as_ref().map(|email| &email.address));
            changes.setting(subject, "email.address", Live, address(before), address(after));
        }
    }
}

fn mailbox(subject: &str, before: &EmailSection, after: &EmailSection, changes: &mut Changes) {
    let mut one = |name, old: String, new: String| changes.setting(subject, name, Live, old, new);
    one("email.address", before.address.to_string(), after.address.to_string());
    one("email.name", shown(before.name.as_ref()), shown(after.name.as_ref()));
    one("email.aliases", list(&before.aliases), list(&after.aliases));
    one("email.user", shown(before.user.as_ref()), shown(after.user.as_ref()));
    one("email.folders", list(&before.folders), list(&after.folders));
    one("email.plus", before.plus.to_string(), after.plus.to_string());
    one("email.trusted", shown(before.trusted.as_ref()), shown(after.trusted.as_ref()));
    one("email.look_back_days", before.look_back_days.to_string(), after.look_back_days.to_string());
    one("email.most_mb", before.most_mb.to_string(), after.most_mb.to_string());
    one("email.mark_seen", before.mark_seen.to_string(), after.mark_seen.to_string());
    one("email.signature", shown(before.signature.as_ref()), shown(after.signature.as_ref()));
    one("email.subject", shown(before.subject.as_ref()), shown(after.subject.as_ref()));
    secret(subject, "email.password", before.password.as_ref(), after.password.as_ref(), changes);
    server(subject, SERVER_IMAP, &before.imap, &after.imap, changes);
    server(subject, SERVER_SMTP, &before.smtp, &after.smtp, changes);
    oauth(subject, before.oauth.as_ref(), after.oauth.as_ref(), changes);
}

/// The names of a server's settings: host, port, security, authority, user, password.
type Names = [&'static str; 6];
const SERVER_IMAP: Names =
    ["email.imap.host", "email.imap.port", "email.imap.security", "email.imap.authority", "email.imap.user", "email.imap.password"];
const SERVER_SMTP: Names =
    ["email.smtp.host", "email.smtp.port", "email.smtp.security", "email.smtp.authority", "email.smtp.user", "email.smtp.password"];

fn server(subject: &str, names: Names, before: &ServerSection, after: &ServerSection, changes: &mut Changes) {
    let [host, port, security, authority, user, password] = names;
    let mut one = |name, old: String, new: String| changes.setting(subject, name, Live, old, new);
    one(host, before.host.to_string(), after.host.to_string());
    one(port, shown(before.port.as_ref()), shown(after.port.as_ref()));
    one(security, word(*before.security.get_ref()), word(*after.security.get_ref()));
    let path = |server: &ServerSection| shown(server.authority.as_ref().map(|path| path.get_ref().display().to_string()).as_ref());
    one(authority, path(before), path(after));
    one(user, shown(before.user.as_ref()), shown(after.user.as_ref()));
    secret(subject, password, before.password.as_ref(), after.password.as_ref(), changes);
}

fn oauth(subject: &str, before: Option<&OauthSection>, after: Option<&OauthSection>, changes: &mut Changes) {
    let url = |oauth: Option<&OauthSection>| shown(oauth.map(|oauth| &oauth.token_url));
    let client = |oauth: Option<&OauthSection>| shown(oauth.map(|oauth| &oauth.client_id));
    let scope = |oauth: Option<&OauthSection>| shown(oauth.and_then(|oauth| oauth.scope.as_ref()));
    changes.setting(subject, "email.oauth.token_url", Live, url(before), url(after));
    changes.setting(subject, "email.oauth.client_id", Live, client(before), client(after));
    changes.setting(subject, "email.oauth.scope", Live, scope(before), scope(after));
    let client_secret = |oauth: Option<&'_ OauthSection>| oauth.and_then(|oauth| oauth.client_secret.clone());
    let refresh_token = |oauth: Option<&'_ OauthSection>| oauth.and_then(|oauth| oauth.refresh_token.clone());
    secret(subject, "email.oauth.client_secret", client_secret(before).as_ref(), client_secret(after).as_ref(), changes);
    secret(subject, "email.oauth.refresh_token", refresh_token(before).as_ref(), refresh_token(after).as_ref(), changes);
}

fn secret(subject: &str, name: &str, before: Option<&Spanned<Secret>>, after: Option<&Spanned<Secret>>, changes: &mut Changes) {
    if before.map(Spanned::get_ref) != after.map(Spanned::get_ref) {
        changes.live(subject.to_owned(), "secret", vec![("setting", name.to_owned())]);
    }
}

fn word(security: Security) -> String {
    match security {
        Security::Tls => "tls",
        Security::Starttls => "starttls",
        Security::None => "none",
    }
    .to_owned()
}

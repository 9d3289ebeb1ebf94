//! Mailboxes: addresses that are some, servers that nobody listens to, one way to sign in.

use super::within;
use crate::channels::config::{ChannelKind, ChannelSection};
use crate::channels::email::config::{EmailSection, OauthSection, Security, ServerSection};
use crate::config::findings::Findings;
use crate::config::value::{Name, Secret};
use toml::Spanned;

pub(super) fn check(channel: &ChannelSection, findings: &mut Findings<'_>) {
    match (channel.kind, &channel.email) {
        (ChannelKind::Email, Some(email)) => mailbox(email, findings),
        (ChannelKind::Email, None) => {
            findings
                .error(channel.id.span(), format!("channel `{}` has no mailbox", channel.id))
                .help("[channels.email] address, password, imap and smtp");
        }
        (_, Some(email)) => {
            findings.warning(email.address.span(), "only a channel of kind \"email\" has a mailbox");
        }
        (_, None) => {}
    }
}

fn mailbox(email: &EmailSection, findings: &mut Findings<'_>) {
    for address in std::iter::once(&email.address).chain(&email.aliases) {
        if !is_address(address.get_ref()) {
            findings.error(address.span(), format!("`{address}` is not an address")).help("write it as \"support@shop.example\"");
        }
        if address.get_ref().contains('+') {
            findings.error(address.span(), "what follows a `+` is for answers").help("write the address without it");
        }
    }
    if email.folders.is_empty() {
        findings.error(email.address.span(), "no folder is read").help("folders = [\"INBOX\"]");
    }
    within("`look_back_days`", &email.look_back_days, 1..=90, findings);
    within("`most_mb`", &email.most_mb, 1..=100, findings);
    for (server, what) in [(&email.imap, "imap"), (&email.smtp, "smtp")] {
        self::server(server, findings);
        let open = server.password.is_some() || email.password.is_some() || email.oauth.is_some();
        if !open && (what == "imap" || !is_here(&server.host)) {
            findings
                .error(server.host.span(), "nobody can sign in there")
                .help("password = { file = \"PATH\" }, or [channels.email.oauth]");
        }
    }
    let passwords = [&email.password, &email.imap.password, &email.smtp.password];
    passwords.into_iter().flatten().for_each(|password| plain(password, findings));
    if let Some(oauth) = &email.oauth {
        if let Some(password) = &email.password {
            findings.warning(password.span(), "the password is not used: tokens sign in");
        }
        self::oauth(oauth, findings);
    }
}

fn server(server: &ServerSection, findings: &mut Findings<'_>) {
    if server.host.get_ref().is_empty() || server.host.get_ref().contains(['/', ':', ' ', '@']) {
        findings
            .error(server.host.span(), format!("`{}` is not the name of a server", server.host))
            .help("host = \"imap.shop.example\", and its port as port = 993");
    }
    if *server.security.get_ref() == Security::None && !is_here(&server.host) {
        findings.error(server.security.span(), "passwords and letters would cross the network in the clear").fix("\"tls\"".to_owned());
    }
    if let Some(port) = server.port.as_ref().filter(|port| *port.get_ref() == 0) {
        findings.error(port.span(), "a server has a port");
    }
}

fn oauth(oauth: &OauthSection, findings: &mut Findings<'_>) {
    let uri = oauth.token_url.get_ref().parse::<http::Uri>().ok();
    let host = uri.as_ref().and_then(|uri| uri.host()).unwrap_or_default();
    let fine = uri.as_ref().is_some_and(|uri| match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => is_loopback(host),
        _ => false,
    });
    if !fine {
        findings
            .error(oauth.token_url.span(), format!("`{}` is not where tokens are given", oauth.token_url))
            .help("write it as \"https://…\"");
    }
    [&oauth.client_secret, &oauth.refresh_token].into_iter().flatten().for_each(|secret| plain(secret, findings));
}

fn plain(secret: &Spanned<Secret>, findings: &mut Findings<'_>) {
    if secret.get_ref().is_plain() {
        findings.warning(secret.span(), "the secret stands in the file").help("{ env = \"NAME\" } or { file = \"PATH\" }");
    }
}

fn is_here(host: &Name) -> bool {
    is_loopback(host.get_ref())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn is_address(text: &str) -> bool {
    let fine = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '\\' | '(' | ')' | '@');
    text.rsplit_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && local.chars().all(fine) && domain.chars().all(fine))
}

//! The machine: site, server, certificates, log, security, prompts.

use super::within;
use crate::config::findings::Findings;
use crate::config::suggest::nearest;
use crate::config::value::{Cidr, Name};
use crate::config::{Config, LANGUAGES};
use crate::web::config::{TlsMode, vouched_name};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use toml::Spanned;

pub(super) fn check(config: &Config, findings: &mut Findings<'_>) {
    findings.word("language", &config.site.language, &LANGUAGES);
    timezone(&config.site.timezone, findings);
    if config.log.level.get_ref().parse::<tracing_subscriber::filter::Targets>().is_err() {
        findings
            .error(config.log.level.span(), format!("`{}` is not a log level", config.log.level))
            .help("error, warn, info, debug or trace; per module: \"info,hubline::sip=debug\"");
    }
    within("`password_shortest`", &config.security.password_shortest, 8..=128, findings);
    within("`login_attempts`", &config.security.login_attempts, 1..=1_000, findings);
    let server = &config.server;
    listener(
        &Listener {
            listen: &server.listen,
            url: &server.public_url,
            tls: &server.tls,
            certificate: &server.certificate,
            key: &server.private_key,
            proxies: &server.proxies,
        },
        config,
        findings,
    );
    if let Some(public) = &server.public {
        listener(
            &Listener {
                listen: &public.listen,
                url: &public.public_url,
                tls: &public.tls,
                certificate: &public.certificate,
                key: &public.private_key,
                proxies: &public.proxies,
            },
            config,
            findings,
        );
    }
    if let Some(file) = &config.acme.ca {
        readable(&config.folder, file, "the file", findings);
    }
    if !config.acme.directory.get_ref().starts_with("https://") {
        findings.error(config.acme.directory.span(), "the directory of an authority begins with https://");
    }
}

/// What both listeners have.
struct Listener<'c> {
    listen: &'c Spanned<SocketAddr>,
    url: &'c Option<Name>,
    tls: &'c Spanned<TlsMode>,
    certificate: &'c Option<Spanned<PathBuf>>,
    key: &'c Option<Spanned<PathBuf>>,
    proxies: &'c [Spanned<Cidr>],
}

fn listener(listener: &Listener<'_>, config: &Config, findings: &mut Findings<'_>) {
    let mode = *listener.tls.get_ref();
    let loopback = listener.listen.get_ref().ip().is_loopback();
    match mode {
        TlsMode::Off if !loopback => {
            findings
                .error(
                    listener.tls.span(),
                    format!("plain HTTP on {} is open to eavesdroppers, and microphones do not work there", listener.listen.get_ref()),
                )
                .help("use \"local-ca\", \"acme\", \"files\" or \"proxy\", or listen on 127.0.0.1");
        }
        TlsMode::Files => {
            for (key, file) in [("certificate", listener.certificate), ("private_key", listener.key)] {
                match file {
                    Some(file) => readable(&config.folder, file, "the file", findings),
                    None => {
                        findings.error(listener.tls.span(), format!("`tls = \"files\"` needs `{key}`"));
                    }
                }
            }
        }
        TlsMode::Acme => {
            if !*config.acme.agree.get_ref() {
                findings.error(listener.tls.span(), "a public authority gives certificates to those alone who agree to its terms").help(
                    "read the authority's terms of service (Let's Encrypt: https://letsencrypt.org/repository), then set agree = true in [acme]",
                );
            }
            if listener.url.as_ref().and_then(vouched_name).is_none() {
                findings
                    .error(listener.tls.span(), "`tls = \"acme\"` needs a `public_url` with a name that the whole internet can ask for")
                    .help("inside a firm's own network use \"local-ca\" or \"files\"");
            }
        }
        TlsMode::Proxy if listener.proxies.is_empty() => {
            findings.error(listener.tls.span(), "`tls = \"proxy\"` needs the proxy's address").help("proxies = [\"127.0.0.1\"]");
        }
        TlsMode::LocalCa | TlsMode::Off | TlsMode::Proxy => {}
    }
    if mode != TlsMode::Files
        && let Some(file) = listener.certificate.as_ref().or(listener.key.as_ref())
    {
        findings.warning(file.span(), "this file is not used").help("set tls = \"files\" to use it");
    }
    if mode != TlsMode::Proxy
        && let Some(proxy) = listener.proxies.first()
    {
        findings.warning(proxy.span(), "no proxy is trusted unless tls = \"proxy\"");
    }
    if let Some(url) = listener.url {
        public_url(url, mode, findings);
    }
}

fn public_url(url: &Name, mode: TlsMode, findings: &mut Findings<'_>) {
    let text = url.get_ref();
    let parsed = text.parse::<http::Uri>().ok().filter(|uri| uri.host().is_some_and(|host| !host.is_empty()));
    let scheme = parsed.as_ref().and_then(|uri| uri.scheme_str());
    if !matches!(scheme, Some("http" | "https")) {
        findings.error(url.span(), format!("`{url}` is not an address for a browser")).help("write it as \"https://hubline.example:8443\"");
        return;
    }
    if parsed.as_ref().is_some_and(|uri| !matches!(uri.path(), "" | "/")) {
        findings.error(url.span(), "the address must not have a path").help("Hubline needs a host name of its own");
    }
    if scheme == Some("http") && mode != TlsMode::Off {
        let fixed = text.replacen("http://", "https://", 1);
        findings.error(url.span(), "pages are served over HTTPS here, so the address begins with https://").fix(format!("\"{fixed}\""));
    }
}

fn readable(folder: &Path, file: &Spanned<PathBuf>, what: &str, findings: &mut Findings<'_>) {
    let path = folder.join(file.get_ref());
    if let Err(error) = std::fs::File::open(&path) {
        findings.error(file.span(), format!("{what} {} cannot be read: {error}", path.display()));
    }
}

/// An IANA name that this machine knows.
pub(super) fn timezone(name: &Name, findings: &mut Findings<'_>) {
    if jiff::tz::TimeZone::get(name.get_ref()).is_ok() {
        return;
    }
    let known: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
    let near = nearest(name.get_ref(), known.iter().map(String::as_str)).map(str::to_owned);
    let finding = findings.error(name.span(), format!("unknown time zone `{name}`"));
    match near {
        Some(near) => finding.label(format!("did you mean `{near}`?")).fix(format!("\"{near}\"")),
        None => finding.help("names look like \"Europe/Berlin\" or \"Asia/Shanghai\""),
    };
}

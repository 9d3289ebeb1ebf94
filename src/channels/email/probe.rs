//! Whether a mailbox works: signing in, folders, waiting, sending; each with the name of the setting to look at.

use super::Email;
use super::imap::{ImapError, Session};
use super::smtp::{self, Envelope};
use crate::channels::platform::{Found, Probe, Trouble};

pub(super) async fn probe(email: &Email) -> Vec<Probe> {
    let mut probes = fetching(email).await;
    probes.extend(sending(email).await);
    probes
}

/// What providers call what must be set there; their consoles show these names.
fn settings(host: &str) -> (&'static str, &'static str) {
    let host = host.to_ascii_lowercase();
    let is = |name: &str| host.ends_with(name);
    if is("163.com") || is("126.com") || is("yeah.net") {
        ("设置 › POP3/SMTP/IMAP › 开启 IMAP/SMTP 服务 › 授权密码", "设置 › POP3/SMTP/IMAP › 授权密码")
    } else if is("exmail.qq.com") {
        ("设置 › 客户端设置 › 开启 IMAP/SMTP 服务；设置 › 邮箱绑定 › 安全登录 › 客户端专用密码", "设置 › 客户端设置 › 客户端专用密码")
    } else if is("qq.com") {
        ("设置 › 账号与安全 › 安全设置 › POP3/IMAP/SMTP 服务 › 授权码", "设置 › 账号与安全 › 安全设置 › 授权码")
    } else if is("aliyun.com") || is("mxhichina.com") || is("qiye.aliyun.com") {
        ("邮箱设置 › 账户安全 › 三方客户端安全密码；IMAP/SMTP 服务", "邮箱设置 › 账户安全 › 三方客户端安全密码")
    } else if is("gmail.com") || is("googlemail.com") {
        (
            "Google Account › Security › 2-Step Verification › App passwords; Gmail settings › Forwarding and POP/IMAP",
            "App passwords; scope https://mail.google.com/",
        )
    } else if is("office365.com") || is("outlook.com") {
        (
            "Exchange admin center › Mailboxes › Manage email apps › IMAP; scope IMAP.AccessAsUser.All or IMAP.AccessAsApp",
            "Manage email apps › Authenticated SMTP; scope SMTP.Send or SMTP.SendAsApp",
        )
    } else {
        ("IMAP: user, password (app password)", "SMTP: user, password (app password)")
    }
}

async fn fetching(email: &Email) -> Vec<Probe> {
    let (setting, _) = settings(&email.imap.host);
    let mut session = match Session::open(&email.imap, &email.imap_login, email.most).await {
        Ok(session) => session,
        Err(error) => return vec![Probe { what: "imap_login", found: Found::Bad(error.trouble()), setting }],
    };
    let mut probes = vec![Probe { what: "imap_login", found: Found::Well(email.imap_login.user().to_owned()), setting }];
    for folder in &email.folders {
        let result =
            session.select(folder, false).await.map(|selected| format!("{folder}: {}", selected.exists)).map_err(ImapError::trouble);
        probes.push(Probe { what: "imap_folder", found: result.into(), setting: "folders" });
    }
    let idle = if session.offers("IDLE") { "IDLE" } else { "30 s" };
    probes.push(Probe { what: "imap_idle", found: Found::Well(idle.to_owned()), setting: "IMAP IDLE" });
    probes
}

async fn sending(email: &Email) -> Vec<Probe> {
    let (_, setting) = settings(&email.smtp.host);
    let login = || async { smtp::Session::open(&email.smtp, &email.smtp_login, &email.hello).await };
    let first = match login().await {
        Ok(session) => session,
        Err(error) => return vec![Probe { what: "smtp_login", found: Found::Bad(error), setting }],
    };
    let mut probes = vec![Probe { what: "smtp_login", found: Found::Well(email.smtp_login.user().to_owned()), setting }];
    let mut session = Some(first);
    for own in email.own.all() {
        let (from, utf8) = match super::address::envelope(own) {
            Some(address) => address,
            None => (own.clone(), false),
        };
        let envelope = Envelope { from: from.clone(), to: vec![from], id: String::new(), utf8 };
        let opened = match session.take() {
            Some(session) => Ok(session),
            None => login().await,
        };
        let result = match opened {
            Ok(session) => session.would_take(&envelope).await.map(|()| own.clone()),
            Err(error) => Err(error),
        };
        probes.push(Probe { what: "smtp_sender", found: result.map_err(as_refused).into(), setting: "Send as / 发件人 / MAIL FROM" });
    }
    probes
}

/// Of our own address, "no such user" is not the customer's trouble.
fn as_refused(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Blocked(text) => Trouble::Refused(text),
        other => other,
    }
}

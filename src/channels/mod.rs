//! Messages: one folder per platform, each with the same two doors, `hear.rs` (platform → Input) and `act.rs` (Act → platform).
//!
//! *Invariant: a channel may be deleted by deleting its folder and its line here.*

pub mod aliyun;
mod asked;
pub mod config;
pub mod douyin;
pub mod email;
mod form;
pub mod generic;
pub mod instagram;
mod lend;
pub mod line;
mod lost;
pub mod messenger;
mod meta;
mod numbers;
pub mod platform;
pub mod post;
mod proof;
pub mod reached;
mod recent;
#[cfg(test)]
pub(crate) mod rehearsal;
pub mod smpp;
pub mod sms;
mod taps;
pub mod telegram;
pub mod tencent;
mod texts;
pub mod token;
pub mod twilio;
mod unsigned;
pub mod viber;
pub mod webchat;
pub mod wechat;
pub mod wecom;
pub mod weibo;
pub mod whatsapp;

use crate::clock::Clock;
use crate::desk::id::ChannelId;
use crate::reach::{Abroad, Client};
use config::{ChannelKind, ChannelSection};
use email::Email;
use platform::Platform;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

/// From where a customer's request comes, as the web edge found it behind the proxies it trusts; put into each request of the public
/// routes by the wiring.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// What an account is opened with.
pub struct Opening<'a> {
    pub section: &'a ChannelSection,
    /// In which files of secrets are looked for.
    pub folder: &'a Path,
    pub client: Client,
    /// The installation's own secret, of which each connector makes its own.
    pub secret: [u8; 32],
    /// Where the platform calls us; `None` while we have no address.
    pub hook: Option<String>,
}

impl<'a> Opening<'a> {
    /// `folder` is the configuration's; `base` where platforms reach us, without a slash at its end.
    pub fn of(section: &'a ChannelSection, folder: &'a Path, base: Option<&str>, secret: [u8; 32]) -> Opening<'a> {
        let allowed = section.private_networks.iter().map(|network| *network.get_ref()).collect();
        let id = section.id.get_ref();
        let path = if section.kind == ChannelKind::Sms { format!("sms/{id}/hook") } else { format!("hooks/{id}") };
        Opening { section, folder, client: Client::new(Abroad { allowed }), secret, hook: base.map(|base| format!("{base}/{path}")) }
    }
}

/// The platform of a channel; `None` for what is no platform: the chat window has wires of its own.
///
/// Errors: a secret or an address of the section is not there, in the words for the administrator.
pub fn open(opening: Opening<'_>) -> anyhow::Result<Option<Arc<dyn Platform>>> {
    // The check of the configuration has said so before.
    let (section, folder) = (opening.section, opening.folder);
    let missing = || anyhow::anyhow!("it has no section [channels.{}]", section.kind.as_str());
    let (client, secret, hook) = (opening.client.clone(), opening.secret, opening.hook.clone());
    let clock = Clock::system();
    Ok(match section.kind {
        ChannelKind::Webchat => None,
        ChannelKind::Email => {
            let (id, key) = (ChannelId::from(section.id.get_ref().as_str()), email::key(&secret));
            let section = section.email.as_ref().ok_or_else(missing)?;
            Some(Arc::new(Email::new(&id, section, key, folder, client, clock)))
        }
        ChannelKind::Sms => Some(texts::sms(opening)?),
        ChannelKind::Twilio => Some(texts::twilio(opening)?),
        ChannelKind::Smpp => Some(texts::smpp(opening)?),
        ChannelKind::Aliyun => Some(texts::aliyun(opening)?),
        ChannelKind::Tencent => Some(texts::tencent(opening)?),
        ChannelKind::Http => Some(texts::http(opening)?),
        ChannelKind::Wechat => Some(Arc::new(wechat::Wechat::open(section.wechat.as_ref().ok_or_else(missing)?, folder, client)?)),
        ChannelKind::Wecom => {
            let section = section.wecom.as_ref().ok_or_else(missing)?;
            Some(Arc::new(wecom::Wecom::open(section, folder, client, clock)?))
        }
        ChannelKind::Weibo => Some(Arc::new(weibo::Weibo::open(section.weibo.as_ref().ok_or_else(missing)?, folder, client)?)),
        ChannelKind::Douyin => Some(Arc::new(douyin::Douyin::open(section.douyin.as_ref().ok_or_else(missing)?, folder, client)?)),
        ChannelKind::Telegram => {
            let section = section.telegram.as_ref().ok_or_else(missing)?;
            Some(Arc::new(telegram::Telegram::open(section, folder, client, clock)?))
        }
        ChannelKind::Whatsapp => Some(Arc::new(whatsapp::Whatsapp::open(section.whatsapp.as_ref().ok_or_else(missing)?, folder, client)?)),
        ChannelKind::Messenger => {
            let section = section.messenger.as_ref().ok_or_else(missing)?;
            Some(Arc::new(messenger::Messenger::open(section, folder, client, clock)?))
        }
        ChannelKind::Instagram => {
            let section = section.instagram.as_ref().ok_or_else(missing)?;
            Some(Arc::new(instagram::Instagram::open(section, folder, client, hook, clock)?))
        }
        ChannelKind::Line => {
            let own = section.line.as_ref().ok_or_else(missing)?;
            Some(Arc::new(line::Line::open(section.id.get_ref(), own, folder, client, hook, clock)?))
        }
        ChannelKind::Viber => {
            let own = section.viber.as_ref().ok_or_else(missing)?;
            Some(Arc::new(viber::Viber::open(section.id.get_ref(), own, folder, client, hook, clock)?))
        }
    })
}

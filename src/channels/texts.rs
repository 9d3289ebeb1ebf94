//! From a section to the platform that it describes, for those that reach telephones and programs.

use super::Opening;
use super::aliyun::Aliyun;
use super::generic::{self, Generic, Secrets};
use super::platform::Platform;
use super::smpp::Smpp;
use super::sms::Sms;
use super::tencent::Tencent;
use super::twilio::Twilio;
use crate::clock::Clock;
use crate::config::value::Secret;
use crate::desk::id::ChannelId;
use crate::reach::signed::Key;
use anyhow::{Context, anyhow};
use secrecy::SecretString;
use std::sync::Arc;
use toml::Spanned;

impl Opening<'_> {
    fn channel(&self) -> ChannelId {
        ChannelId::from(self.section.id.get_ref().as_str())
    }

    fn secret(&self, name: &str, secret: &Spanned<Secret>) -> anyhow::Result<SecretString> {
        secret.get_ref().reveal(self.folder).with_context(|| name.to_owned())
    }
}

pub(super) fn sms(opening: Opening<'_>) -> anyhow::Result<Arc<dyn Platform>> {
    let section = opening.section.gateway.clone().ok_or_else(|| missing("gateway"))?;
    let secret = opening.secret("gateway.secret", &section.secret)?;
    Ok(Arc::new(Sms::new(opening.channel(), section, secret, opening.hook, opening.client, Clock::system())))
}

pub(super) fn twilio(opening: Opening<'_>) -> anyhow::Result<Arc<dyn Platform>> {
    let section = opening.section.twilio.clone().ok_or_else(|| missing("twilio"))?;
    let token = opening.secret("token", &section.token)?;
    Ok(Arc::new(Twilio::new(opening.channel(), section, token, opening.hook, opening.client, Clock::system())))
}

pub(super) fn smpp(opening: Opening<'_>) -> anyhow::Result<Arc<dyn Platform>> {
    let section = opening.section.smpp.clone().ok_or_else(|| missing("smpp"))?;
    let password = opening.secret("password", &section.password)?;
    let trust =
        if section.tls { Some(crate::reach::trusting().context("no certificate authority is known on this machine")?) } else { None };
    Ok(Arc::new(Smpp::open(opening.channel(), section, &password, trust, Clock::system())?))
}

pub(super) fn aliyun(opening: Opening<'_>) -> anyhow::Result<Arc<dyn Platform>> {
    let section = opening.section.aliyun.clone().ok_or_else(|| missing("aliyun"))?;
    let secrets = (opening.secret("secret", &section.secret)?, opening.secret("push_key", &section.push_key)?);
    Ok(Arc::new(Aliyun::new(opening.channel(), section, secrets, opening.client, Clock::system())))
}

pub(super) fn tencent(opening: Opening<'_>) -> anyhow::Result<Arc<dyn Platform>> {
    let section = opening.section.tencent.clone().ok_or_else(|| missing("tencent"))?;
    let secrets = (opening.secret("secret", &section.secret)?, opening.secret("push_key", &section.push_key)?);
    Ok(Arc::new(Tencent::new(opening.channel(), section, secrets, opening.client, Clock::system())))
}

pub(super) fn http(opening: Opening<'_>) -> anyhow::Result<Arc<dyn Platform>> {
    let section = opening.section.http.clone().ok_or_else(|| missing("http"))?;
    let mut keys = vec![Key::read(&opening.secret("secret", &section.secret)?)?];
    if let Some(old) = &section.old_secret {
        keys.push(Key::read(&opening.secret("old_secret", old)?).context("old_secret")?);
    }
    let mut secrets = Secrets::default();
    if let Some(profile) = &section.profile {
        if let Some(verify) = &profile.verify {
            secrets.verify = Some(opening.secret("profile.verify.secret", &verify.secret)?);
        }
        for (name, value) in profile.send.iter().flat_map(|send| &send.headers) {
            secrets.headers.push((name.clone(), opening.secret("profile.send.headers", value)?));
        }
    }
    let traits = generic::traits(&section, *opening.section.max_text.get_ref(), u64::from(opening.section.most_file_mb()) << 20);
    Ok(Arc::new(Generic::new(opening.channel(), section, traits, (keys, secrets), opening.client, Clock::system())))
}

fn missing(name: &str) -> anyhow::Error {
    anyhow!("there is no [channels.{name}]")
}

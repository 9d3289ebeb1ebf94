//! From the configuration to the chat windows, and the secret that signs their visitors' tokens.

use super::relays::relays;
use crate::channels::config::{ChannelKind, ChannelSection};
use crate::channels::webchat::Window;
use crate::channels::webchat::config::InvitationSection;
use crate::channels::webchat::push::Push;
use crate::channels::webchat::visits::{Invitation, Visits};
use crate::channels::webchat::wire::Question;
use crate::config::{Config, LANGUAGES, Loaded};
use crate::desk::id::{ChannelId, QueueId, SurveyName};
use crate::desk::survey::{SurveySpec, SurveyTexts};
use anyhow::Context;
use rand::TryRng;
use rand::rngs::SysRng;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The file of the installation's secret, in the data folder.
const SECRET: &str = "chat.key";

/// The chat windows as configured.
pub(super) fn windows(loaded: &Loaded) -> anyhow::Result<Vec<Window>> {
    let channels = loaded.config.channels.iter().filter(|channel| channel.kind == ChannelKind::Webchat);
    let outages = Some(&loaded.catalog.outages).filter(|rules| rules.windows).map(|rules| rules.names.clone()).unwrap_or_default();
    channels
        .map(|channel| {
            let questions = questions(&loaded.catalog.surveys, &ChannelId::from(channel.id.get_ref().as_str()));
            let visits = visits(loaded, channel);
            Ok(Window { outages: outages.clone(), questions, visits, ..window(&loaded.config, channel)? })
        })
        .collect()
}

fn window(config: &Config, channel: &ChannelSection) -> anyhow::Result<Window> {
    let account_key = channel.account.as_ref().map(|account| account.secret.get_ref().reveal(&config.folder)).transpose();
    Ok(Window {
        account_key: account_key.with_context(|| format!("the account key of channel {}", channel.id.get_ref()))?,
        id: ChannelId::from(channel.id.get_ref().as_str()),
        origins: channel.origins.iter().map(|origin| origin.get_ref().clone()).collect(),
        title: channel.title.clone().unwrap_or_else(|| config.site.name.clone()),
        greeting: channel.greeting.clone(),
        accent: channel.accent.as_ref().map(|accent| accent.get_ref().clone()),
        files: channel.files,
        calls: channel.calls.is_some(),
        video: channel.calls.as_ref().is_some_and(|calls| calls.video),
        records: config.records(),
        help: config.knowledge.help_centre,
        questions: BTreeMap::new(),
        visits: None,
        push: push(config, channel)?,
        outages: BTreeMap::new(),
        relays: relays(config)?,
        max_file: u64::from(channel.most_file_mb()) << 20,
        max_video: u64::from(*channel.max_video_mb.get_ref()) * 1024 * 1024,
        max_text: *channel.max_text.get_ref(),
        language: config.site.language.get_ref().clone(),
    })
}

/// What is done with the pages of its visitors.
fn visits(loaded: &Loaded, channel: &ChannelSection) -> Option<Visits> {
    let section = channel.visits.as_ref()?;
    let queue = QueueId::from(channel.queue.get_ref().as_str());
    let hours = loaded.catalog.queues.get(&queue).and_then(|queue| queue.hours.clone());
    let text = |section: &InvitationSection| {
        let texts = &section.text.get_ref().0;
        let one =
            |language: &str| texts.get(language).or_else(|| texts.get("")).or_else(|| texts.values().next()).cloned().unwrap_or_default();
        LANGUAGES.iter().map(|language| ((*language).to_owned(), one(language))).collect()
    };
    let invitation = |section: &InvitationSection| Invitation {
        id: section.id.get_ref().clone(),
        urls: section.urls.iter().map(|url| url.get_ref().clone()).collect(),
        after_ms: section.after.millis(),
        cart: section.cart.as_ref().map(|cart| *cart.get_ref()),
        days: *section.days.get_ref(),
        available: section.available,
        every_ms: section.every.millis(),
        dismissed_ms: section.dismissed.get_ref().millis(),
        text: text(section),
    };
    let invitations = channel.invitations.iter().map(invitation).collect();
    Some(Visits { keep_ms: section.keep.get_ref().millis(), query: section.query, invitations, queue, hours })
}

/// What may be asked in this window.
fn questions(surveys: &[SurveySpec], channel: &ChannelId) -> BTreeMap<SurveyName, Question> {
    let here = |spec: &&SurveySpec| spec.channels.is_empty() || spec.channels.contains(channel);
    let each = |spec: &SurveySpec, pick: fn(&SurveyTexts) -> &String| {
        spec.texts.iter().map(|(language, texts)| (language.clone(), pick(texts).clone())).collect()
    };
    let question = |spec: &SurveySpec| Question {
        kind: spec.scale.word(),
        comment: spec.comment,
        question: each(spec, |texts| &texts.question),
        thanks: each(spec, |texts| &texts.thanks),
        worst: each(spec, |texts| &texts.worst),
        best: each(spec, |texts| &texts.best),
    };
    surveys.iter().filter(here).map(|spec| (spec.id.clone(), question(spec))).collect()
}

fn push(config: &Config, channel: &ChannelSection) -> anyhow::Result<Option<Push>> {
    let Some(section) = &channel.push else { return Ok(None) };
    let secret = section.secret.get_ref().reveal(&config.folder);
    let secret = secret.with_context(|| format!("the push secret of channel {}", channel.id.get_ref()))?;
    Ok(Some(Push { url: section.url.get_ref().clone(), secret, after_ms: section.after.millis(), text: section.text }))
}

/// The installation's secret as it stands; `None`: there is none, or it is not ours to read.
pub fn known_secret(data: &Path) -> Option<[u8; 32]> {
    std::fs::read(data.join(SECRET)).ok()?.try_into().ok()
}

/// The installation's secret: made at the first start, readable by its owner only, and part of every backup of the folder.
pub(super) fn secret(data: &Path) -> anyhow::Result<[u8; 32]> {
    let path = data.join(SECRET);
    let reading = || format!("the chat secret {}", path.display());
    let mut secret = [0; 32];
    SysRng.try_fill_bytes(&mut secret).context("the system gives no random bytes")?;
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => {
            file.write_all(&secret).and_then(|()| file.sync_all()).with_context(reading)?;
            Ok(secret)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let bytes = std::fs::read(&path).with_context(reading)?;
            bytes.try_into().ok().with_context(|| format!("{} is not 32 bytes long: remove it, and visitors start anew", reading()))
        }
        Err(error) => Err(error).with_context(reading),
    }
}

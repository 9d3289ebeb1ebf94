//! What stands around every page of the desk: banners, the call strip, what rings, dialogs, and the words of the page's own script.
//! A page embeds one [`Frame`]; a page that lost its connection asks for the same parts again.

use super::load;
use super::reader::Reader;
use super::render;
use super::say::{Html, Say};
use crate::auth::Session;
use crate::store::viewer::Role;
use crate::store::{StoreError, notices};
use crate::web::{Page, WebState, assets, keys};

/// The parts of the present that every page of the desk shows.
pub struct Frame {
    pub bar: Html,
    pub alerts: Html,
    pub wrap: Html,
    pub rings: Html,
    pub overlays: Html,
    /// What the reader was told and has not seen.
    pub notices: u32,
    /// JSON for the script: words and settings, in an attribute, so that no inline script is needed.
    pub settings: String,
    pub style: String,
    pub script: String,
}

/// The table of the commands as this reader has it.
fn commands(say: &Say, role: Role) -> Vec<serde_json::Value> {
    let line = |command: &keys::Command| {
        serde_json::json!({
            "name": command.name,
            "label": say.t(format!("command.{}", command.name)),
            "group": say.t(format!("command.group.{}", command.group)),
            "keys": keys::of(&say.keys, command.name).split_whitespace().collect::<Vec<_>>(),
        })
    };
    keys::offered(role).map(line).collect()
}

impl Frame {
    /// Around a page that is not one of the desk: settings, canned replies, administration. The agent's phone and what rings stay with it.
    pub async fn around(state: &WebState, page: &Page, session: &Session) -> Result<Frame, StoreError> {
        Frame::load(&Reader::new(state, page.clone(), session.agent.clone(), session.role)).await
    }

    pub async fn load(reader: &Reader) -> Result<Frame, StoreError> {
        let say = reader.say();
        let bar = load::bar(reader).await?;
        let rings = load::offered_to(reader).await?;
        let prefs = reader.page.session.as_ref().map(|session| session.prefs.clone()).unwrap_or_default();
        let settings = serde_json::json!({
            "me": reader.me().as_str(),
            "deskPhone": bar.desk_phone,
            "video": reader.loaded.config.takes_video(),
            "relays": !reader.loaded.config.media.turn.is_empty(),
            "softphone": assets::url("softphone.js"),
            "pictures": assets::url("softphone-picture.js"),
            "arrows": assets::url("softphone-arrows.js"),
            "now": reader.page.now,
            "agent": reader.me().as_str(),
            "words": say.lang.under("desk.js"),
            "age": { "s": say.t("desk.age.s"), "m": say.t("desk.age.m"), "h": say.t("desk.age.h"), "d": say.t("desk.age.d") },
            "microphone": prefs.microphone,
            "speaker": prefs.speaker,
            "ringer": prefs.ringer,
            "ringVolume": if prefs.notify_calls { prefs.ring_volume } else { 0 },
            "notify": prefs.notify_calls || prefs.notify_messages,
            "messageSound": prefs.message_sound,
            "enterSends": prefs.enter_sends,
            "notices": prefs.notices,
            "tickets": prefs.tickets,
            "team": prefs.team,
            "quietUntil": prefs.quiet_until.unwrap_or(0),
            "commands": commands(&say, reader.viewer.role),
        });
        Ok(Frame {
            notices: notices::open(&reader.state.store, reader.me(), reader.page.now).await?,
            bar: render::bar(&say, &bar),
            alerts: render::voice(&say, &bar),
            wrap: render::wrap_up(&say, &bar),
            rings: Html(rings.iter().map(|ring| render::ring(&say, ring).0).collect()),
            overlays: render::overlays(&say),
            settings: settings.to_string(),
            style: assets::url("desk.css"),
            script: assets::url("app.js"),
        })
    }
}

//! Who reads a page of the desk, and what of the present they read it in: one extractor, so that no handler gathers it again.

use super::say::Say;
use crate::auth::{Agent, Denied, Session};
use crate::config::Loaded;
use crate::desk::catalog::Catalog;
use crate::desk::floor::Floor;
use crate::desk::id::{AgentId, QueueId};
use crate::store::access::Reach;
use crate::store::viewer::{Role, Viewer};
use crate::web::i18n::Locale;
use crate::web::{Page, WebState, assets};
use axum::extract::FromRequestParts;
use http::request::Parts;
use std::sync::Arc;

/// The reader and one consistent picture of the floor.
pub struct Reader {
    pub page: Page,
    pub state: WebState,
    pub viewer: Viewer,
    pub loaded: Arc<Loaded>,
    pub floor: Arc<Floor>,
    sprite: String,
}

impl Reader {
    /// What a handler or a push of this page's agent reads with.
    pub fn new(state: &WebState, page: Page, agent: AgentId, role: Role) -> Reader {
        Reader {
            page,
            viewer: Viewer { agent, role },
            loaded: state.config.load_full(),
            floor: state.switchboard.floor(),
            sprite: assets::url("icons.svg"),
            state: state.clone(),
        }
    }

    /// For a push to a signed-in agent.
    pub fn for_push(state: &WebState, session: Session) -> Reader {
        let (agent, role) = (session.agent.clone(), session.role);
        Reader::new(state, Page::for_push(state, &session), agent, role)
    }

    pub fn me(&self) -> &AgentId {
        &self.viewer.agent
    }

    /// Whose work is offered to the reader now.
    pub fn queues(&self) -> &[QueueId] {
        self.floor.agents.iter().find(|agent| agent.id == *self.me()).map(|agent| agent.queues.as_slice()).unwrap_or_default()
    }

    /// What of contacts they may open.
    pub fn reach(&self) -> Reach {
        reach(&self.loaded, &self.viewer)
    }

    pub fn catalog(&self) -> &Catalog {
        &self.loaded.catalog
    }

    pub fn locale(&self) -> &Locale {
        &self.page.locale
    }

    pub fn say(&self) -> Say<'_> {
        let keys = self.page.session.as_ref().map(|session| session.prefs.keys.clone()).unwrap_or_default();
        Say { keys, ..Say::new(self.locale(), self.catalog(), self.me(), self.page.now, &self.sprite) }
    }
}

/// What this viewer may open: what went through their queues, besides what they had themselves.
pub fn reach(loaded: &Loaded, viewer: &Viewer) -> Reach {
    let queues = loaded.catalog.agents.get(&viewer.agent).map(|spec| spec.queues.clone()).unwrap_or_default();
    Reach { viewer: viewer.clone(), queues }
}

impl FromRequestParts<WebState> for Reader {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Denied> {
        let Agent(session) = Agent::from_request_parts(parts, state).await?;
        let page = Page::from_request_parts(parts, state).await?;
        Ok(Reader::new(state, page, session.agent, session.role))
    }
}

/// The glyph of a kind of channel or identity; kinds without one look like a web chat.
pub fn glyph(kind: &str) -> &'static str {
    match kind {
        "phone" | "sip" => "phone",
        "email" => "mail",
        "sms" | "twilio" | "smpp" | "aliyun" | "tencent" => "sms",
        "voicemail" => "mic",
        "wechat" => "wechat",
        "wecom" => "wecom",
        "whatsapp" => "whatsapp",
        "telegram" => "telegram",
        "messenger" => "messenger",
        "instagram" => "instagram",
        "line" => "line",
        "viber" => "viber",
        "weibo" => "weibo",
        "douyin" => "douyin",
        "user" => "user",
        _ => "webchat",
    }
}

//! Sessions: begun at log-in, found by cookie, ended by log-out, by age, by revocation, or because the configuration no longer
//! declares the agent. The role is read from the running configuration each time, so a changed role counts at once.

use super::records::{self, Device, Preferences};
use super::{Gate, Role, people, token};
use crate::desk::id::AgentId;
use crate::store::StoreError;

/// A session not used for this long is over, ms.
pub const IDLE_LIFE_MS: i64 = 12 * 3600 * 1000;
/// A session is over after this long however much it was used, ms.
pub const ABSOLUTE_LIFE_MS: i64 = 7 * 24 * 3600 * 1000;
/// Use is written down at most this often, ms.
const TOUCH_MS: i64 = 60 * 1000;

/// Names a session in lists and revocations; it opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub i64);

/// Somebody who is signed in, as a request finds them.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: SessionId,
    pub agent: AgentId,
    pub name: String,
    pub role: Role,
    /// The user's setting, else what the configuration says.
    pub language: Option<String>,
    pub preferences: Preferences,
}

impl Gate {
    /// The session of this cookie value, if it is still good.
    pub async fn find(&self, cookie: &str) -> Result<Option<Session>, StoreError> {
        let Some(hash) = token::hash(cookie) else { return Ok(None) };
        let now = self.0.clock.now();
        let Some((row, preferences)) = records::session(&self.0.store, hash).await? else { return Ok(None) };
        if now.since(row.seen) >= IDLE_LIFE_MS || now.since(row.begun) >= ABSOLUTE_LIFE_MS {
            self.revoke(row.id).await?;
            return Ok(None);
        }
        let Some(known) = people::person(&self.0.config.load(), row.agent.as_str()) else { return Ok(None) };
        if now.since(row.seen) >= TOUCH_MS {
            records::touch(&self.0.store, row.id, now).await?;
        }
        let language = preferences.language.clone().or(known.language);
        Ok(Some(Session { id: row.id, agent: known.id, name: known.name, role: known.role, language, preferences }))
    }

    /// Everything signed in as this agent, newest use first.
    pub async fn sessions_of(&self, agent: &AgentId) -> Result<Vec<Device>, StoreError> {
        Ok(self.sessions().await?.into_iter().filter(|d| d.agent == *agent).collect())
    }

    /// Everything signed in, newest use first.
    pub async fn sessions(&self) -> Result<Vec<Device>, StoreError> {
        let now = self.0.clock.now();
        let mut all = records::sessions(&self.0.store).await?;
        all.retain(|d| now.since(d.seen) < IDLE_LIFE_MS && now.since(d.begun) < ABSOLUTE_LIFE_MS);
        all.sort_by_key(|d| std::cmp::Reverse(d.seen));
        Ok(all)
    }

    /// Ends one session and closes its open sockets.
    pub async fn revoke(&self, session: SessionId) -> Result<(), StoreError> {
        records::end(&self.0.store, session).await?;
        // Without an open page nobody listens, and that is fine.
        let _ = self.0.revoked.send(session);
        Ok(())
    }

    /// Ends all sessions of an agent but the one given (a changed password throws everyone else out).
    pub async fn revoke_others(&self, agent: &AgentId, keep: Option<SessionId>) -> Result<(), StoreError> {
        for device in records::sessions(&self.0.store).await?.into_iter().filter(|d| d.agent == *agent) {
            if Some(device.id) != keep {
                self.revoke(device.id).await?;
            }
        }
        Ok(())
    }

    /// Keeps what the user chose on the settings page.
    pub async fn set_preferences(&self, agent: &AgentId, preferences: Preferences) -> Result<(), StoreError> {
        records::set_preferences(&self.0.store, agent.clone(), preferences).await
    }

    /// Whether a session still stands: what an open socket asks when it may have missed a revocation.
    pub async fn stands(&self, session: SessionId) -> Result<bool, StoreError> {
        let now = self.0.clock.now();
        let found = records::sessions(&self.0.store).await?.into_iter().find(|d| d.id == session);
        Ok(found.is_some_and(|d| now.since(d.begun) < ABSOLUTE_LIFE_MS && people::person(&self.0.config.load(), d.agent.as_str()).is_some()))
    }
}

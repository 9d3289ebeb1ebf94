//! Sessions: begun at log-in, found by cookie, ended by log-out, by age, by revocation, or because the configuration no longer
//! declares the user. The role is read from the running configuration each time, so a changed role counts at once.

use super::{Gate, Role, people, token};
use crate::desk::id::{AgentId, At};
use crate::store::sessions::SessionRow;
use crate::store::users::Prefs;
use crate::store::{StoreError, sessions};

/// Use is written down at most this often, ms.
const SEEN_MS: i64 = 60 * 1000;

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
    /// BCP 47: the user's setting, else what the configuration says.
    pub language: Option<String>,
    /// `light`, `dark`, or the system's.
    pub theme: Option<String>,
    pub prefs: Prefs,
}

impl Gate {
    /// The session of this cookie value, if it is still good.
    pub async fn find(&self, cookie: &str) -> Result<Option<Session>, StoreError> {
        let Some(hash) = token::hash(cookie) else {
            return Ok(None);
        };
        let now = self.0.clock.now();
        let Some(row) = sessions::by_token(&self.0.store, hash, now).await? else {
            return Ok(None);
        };
        let Some(known) = people::person(&self.0.config.load(), row.user.as_str()) else {
            return Ok(None);
        };
        if now.since(row.seen_at) >= SEEN_MS {
            let noted = sessions::seen(&self.0.store, row.id, now, self.expiry(row.created_at, now)).await;
            // Ended by somebody between the two: then it is over.
            if matches!(noted, Err(StoreError::Missing(_))) {
                return Ok(None);
            }
            noted?;
        }
        Ok(Some(Session {
            id: SessionId(row.id),
            agent: known.id,
            name: known.name,
            role: known.role,
            language: row.language,
            theme: row.theme,
            prefs: row.prefs,
        }))
    }

    /// When a session begun then and used now is over: whichever of idleness and age comes first.
    pub(super) fn expiry(&self, begun: At, now: At) -> At {
        let security = &self.0.config.load().config.security;
        now.after(security.session_idle.millis()).min(begun.after(security.session_longest.millis()))
    }

    /// How long a browser keeps the cookie, seconds; the server decides when the session ends.
    pub(super) fn cookie_seconds(&self) -> i64 {
        self.0.config.load().config.security.session_longest.millis() / 1000
    }

    /// Everything signed in as this user, newest use first.
    pub async fn sessions_of(&self, user: &AgentId) -> Result<Vec<SessionRow>, StoreError> {
        sessions::of_user(&self.0.store, user, self.0.clock.now()).await
    }

    /// Everything signed in, newest use first.
    pub async fn sessions(&self) -> Result<Vec<SessionRow>, StoreError> {
        sessions::list(&self.0.store, self.0.clock.now()).await
    }

    /// Ends one session and closes its open sockets. One that is over already is no error.
    pub async fn revoke(&self, session: SessionId) -> Result<(), StoreError> {
        ended(sessions::revoke(&self.0.store, session.0).await)?;
        self.announce(session);
        Ok(())
    }

    /// Ends one of this user's own sessions; another's is not touched.
    pub async fn revoke_own(&self, user: &AgentId, session: SessionId) -> Result<(), StoreError> {
        ended(sessions::revoke_own(&self.0.store, user, session.0).await)?;
        // Sockets check for themselves before they close, so a foreign number closes nothing.
        self.announce(session);
        Ok(())
    }

    /// Ends all sessions of a user but `keep` (a changed password throws everyone else out).
    pub async fn revoke_others(&self, user: &AgentId, keep: SessionId) -> Result<(), StoreError> {
        let before = self.sessions_of(user).await?;
        sessions::revoke_others(&self.0.store, user, keep.0).await?;
        before.iter().map(|row| SessionId(row.id)).filter(|id| *id != keep).for_each(|id| self.announce(id));
        Ok(())
    }

    /// Removes what has expired; called now and then by `app.rs`.
    pub async fn purge(&self) -> Result<usize, StoreError> {
        sessions::purge(&self.0.store, self.0.clock.now()).await
    }

    /// Whether a session still stands: what an open socket asks when it hears of a revocation, and now and then.
    pub async fn stands(&self, user: &AgentId, session: SessionId) -> Result<bool, StoreError> {
        let declared = people::person(&self.0.config.load(), user.as_str()).is_some();
        Ok(declared && self.sessions_of(user).await?.iter().any(|row| row.id == session.0))
    }

    pub(super) fn announce(&self, session: SessionId) {
        // Without an open page nobody listens, and that is fine.
        let _ = self.0.revoked.send(session);
    }
}

fn ended(result: Result<(), StoreError>) -> Result<(), StoreError> {
    match result {
        Err(StoreError::Missing(_)) => Ok(()),
        other => other,
    }
}

//! Signing in, and changing one's password.

use super::limits::{PAUSE_MS, network};
use super::sessions::SessionId;
use super::token::{self, TokenError};
use super::{Attempt, Gate, Known, PasswordError, people};
use crate::desk::id::{AgentId, At};
use crate::store::sessions::{self, NewSession};
use crate::store::{StoreError, logins, users};
use std::net::IpAddr;

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The same whether the name or the password is wrong.
    #[error("name or password is wrong")]
    Wrong { left: u32 },
    #[error("too many attempts")]
    Paused { until: At },
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A session just begun.
#[derive(Debug)]
pub struct Entered {
    pub who: Known,
    /// `Set-Cookie` for the browser.
    pub cookie: String,
}

impl Gate {
    /// Checks name and password and begins a session. `device` is the browser's own description; `old` the cookie it brought, whose
    /// session ends here: a log-in always gets a new token, so one that was planted before is worth nothing.
    pub async fn login(&self, name: &str, password: &str, address: IpAddr, device: &str, old: Option<&str>) -> Result<Entered, LoginError> {
        let now = self.0.clock.now();
        let home = self.is_home(name, address, now).await?;
        if let Attempt::PausedUntil(until) = self.0.limits.check(name, address, home, self.attempts(), now) {
            return Err(LoginError::Paused { until });
        }
        // Counted before the slow check, so that many tries at once cannot slip through between check and count.
        let left = self.0.limits.failed(name, address, home, self.attempts(), now);
        let known = people::person(&self.0.config.load(), name);
        let kept = match &known {
            Some(known) => users::password_hash(&self.0.store, &known.id).await?,
            None => None,
        };
        let right = self.0.hasher.verify(password, kept).await;
        self.note(name, address, right, now).await;
        let Some(who) = known.filter(|_| right) else {
            return Err(LoginError::Wrong { left });
        };
        self.0.limits.succeeded(name, address, home);
        self.0.limits.take_back(address);
        if let Some(hash) = old.and_then(token::hash)
            && let Some(row) = sessions::by_token(&self.0.store, hash, now).await?
        {
            self.revoke(SessionId(row.id)).await?;
        }
        self.enter(who, address, device).await
    }

    /// Begins a session for somebody whose right to it was proven otherwise (an invitation, the demo's one-click page).
    pub async fn enter(&self, who: Known, address: IpAddr, device: &str) -> Result<Entered, LoginError> {
        let (token, token_hash) = token::fresh()?;
        let at = self.0.clock.now();
        let user_agent = device.chars().filter(|c| !c.is_control()).collect();
        let new = NewSession { token_hash, user: who.id.clone(), at, expires_at: self.expiry(at, at), ip: address.to_string(), user_agent };
        sessions::create(&self.0.store, new).await?;
        users::logged_in(&self.0.store, &who.id, at).await?;
        Ok(Entered { who, cookie: self.0.cookies.set(&token, self.cookie_seconds()) })
    }

    /// Replaces a password whose owner knows the present one, and ends their other sessions.
    pub async fn change_password(&self, agent: &AgentId, keep: SessionId, old: &str, new: &str, address: IpAddr) -> Result<(), LoginError> {
        let now = self.0.clock.now();
        let home = self.is_home(agent.as_str(), address, now).await?;
        if let Attempt::PausedUntil(until) = self.0.limits.check(agent.as_str(), address, home, self.attempts(), now) {
            return Err(LoginError::Paused { until });
        }
        let kept = users::password_hash(&self.0.store, agent).await?;
        let right = self.0.hasher.verify(old, kept).await;
        self.note(agent.as_str(), address, right, now).await;
        if !right {
            return Err(LoginError::Wrong { left: self.0.limits.failed(agent.as_str(), address, home, self.attempts(), now) });
        }
        self.set_password(agent, new).await?;
        self.0.limits.forgiven(agent.as_str());
        self.revoke_others(agent, keep).await?;
        Ok(())
    }

    /// Sets a password without knowing the old one: for invitations and the command line.
    pub async fn set_password(&self, agent: &AgentId, new: &str) -> Result<(), LoginError> {
        let hash = self.0.hasher.hash(new, self.shortest_password()).await?;
        users::set_password_hash(&self.0.store, agent, hash).await?;
        Ok(())
    }

    /// Counts what the last process counted: a restart gives nobody new guesses.
    pub async fn remember(&self) -> Result<(), StoreError> {
        let now = self.0.clock.now();
        for row in logins::recent(&self.0.store, now.after(-PAUSE_MS)).await? {
            // What was not an address when it was written is none now.
            let Ok(address) = row.ip.parse() else { continue };
            let home = self.is_home(&row.user, address, row.at).await?;
            if row.ok {
                self.0.limits.succeeded(&row.user, address, home);
            } else {
                self.0.limits.failed(&row.user, address, home, self.attempts(), row.at);
            }
        }
        Ok(())
    }

    /// Whether the owner of this account has signed in from this network of late.
    async fn is_home(&self, name: &str, address: IpAddr, now: At) -> Result<bool, StoreError> {
        let places = logins::places(&self.0.store, name, now).await?;
        Ok(places.iter().filter_map(|place| place.parse().ok()).any(|place| network(place) == network(address)))
    }

    /// Keeps an attempt for the next process. One that cannot be kept is counted by this one all the same.
    async fn note(&self, name: &str, address: IpAddr, right: bool, at: At) {
        if let Err(error) = logins::note(&self.0.store, name, &address.to_string(), right, at).await {
            tracing::error!(%error, "an attempt to sign in could not be kept");
        }
    }

    fn attempts(&self) -> u32 {
        *self.0.config.load().config.security.login_attempts.as_ref()
    }
}

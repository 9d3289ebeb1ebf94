//! One-time links by which somebody sets their first (or forgotten) password: made by an admin, valid for as long as the
//! configuration says, gone when used.

use super::token::{self, TokenError};
use super::{Entered, Gate, Known, LoginError, PasswordError, SessionId, people};
use crate::desk::id::AgentId;
use crate::store::{StoreError, invites};
use std::net::IpAddr;

/// Why an invitation does not work.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// Used, too old, replaced by a newer one, or never made.
    #[error("this invitation is no longer valid")]
    Gone,
    #[error("the configuration declares no such agent")]
    UnknownAgent,
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Login(#[from] LoginError),
}

/// An invitation that stands.
#[derive(Debug, Clone)]
pub struct Invited {
    pub who: Known,
}

impl Gate {
    /// Makes a link's path, `/invite/<token>`; earlier invitations of the same agent end.
    pub async fn invite(&self, agent: &AgentId) -> Result<String, InviteError> {
        let who = people::person(&self.0.config.load(), agent.as_str()).ok_or(InviteError::UnknownAgent)?;
        let (token, hash) = token::fresh()?;
        let now = self.0.clock.now();
        let until = now.after(self.0.config.load().config.security.invite_valid.millis());
        invites::create(&self.0.store, hash, &who.id, now, until).await?;
        Ok(format!("/invite/{token}"))
    }

    /// Whom a link invites.
    pub async fn invited(&self, token: &str) -> Result<Invited, InviteError> {
        let hash = token::hash(token).ok_or(InviteError::Gone)?;
        let agent = invites::valid(&self.0.store, hash, self.0.clock.now()).await?.ok_or(InviteError::Gone)?;
        let who = people::person(&self.0.config.load(), agent.as_str()).ok_or(InviteError::Gone)?;
        Ok(Invited { who })
    }

    /// Sets the password, uses the link up, ends all older sessions and signs the person in.
    pub async fn accept_invite(&self, token: &str, password: &str, address: IpAddr, device: &str) -> Result<Entered, InviteError> {
        let Invited { who } = self.invited(token).await?;
        let password = self.0.hasher.hash(password, self.shortest_password()).await?;
        let used = token::hash(token).ok_or(InviteError::Gone)?;
        let before = self.sessions_of(&who.id).await?;
        // Used up, password set and sessions ended in one write: of two who hold the link only one gets in.
        if invites::redeem(&self.0.store, used, password, self.0.clock.now()).await?.is_none() {
            return Err(InviteError::Gone);
        }
        before.iter().for_each(|row| self.announce(SessionId(row.id)));
        self.0.limits.forgiven(who.id.as_str());
        Ok(self.enter(who, address, device).await?)
    }
}

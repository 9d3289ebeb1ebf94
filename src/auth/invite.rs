//! One-time links by which somebody sets their first (or forgotten) password: made by an admin, valid for three days, gone when used.

use super::records;
use super::token::{self, TokenError};
use super::{Entered, Gate, Known, LoginError, PasswordError, people};
use crate::desk::id::AgentId;
use crate::store::StoreError;
use std::net::IpAddr;

/// How long an invitation stands, ms.
pub const INVITE_LIFE_MS: i64 = 3 * 24 * 3600 * 1000;

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
        let token = token::fresh()?;
        let hash = token::hash(&token).ok_or(TokenError)?;
        records::invite(&self.0.store, hash, who.id, self.0.clock.now().after(INVITE_LIFE_MS)).await?;
        Ok(format!("/invite/{token}"))
    }

    /// Whom a link invites.
    pub async fn invited(&self, token: &str) -> Result<Invited, InviteError> {
        let hash = token::hash(token).ok_or(InviteError::Gone)?;
        let (agent, until) = records::invited(&self.0.store, hash).await?.ok_or(InviteError::Gone)?;
        if self.0.clock.now() >= until {
            return Err(InviteError::Gone);
        }
        let who = people::person(&self.0.config.load(), agent.as_str()).ok_or(InviteError::Gone)?;
        Ok(Invited { who })
    }

    /// Sets the password, uses the link up, ends all older sessions and signs the person in.
    pub async fn accept_invite(&self, token: &str, password: &str, address: IpAddr, device: &str) -> Result<Entered, InviteError> {
        let Invited { who } = self.invited(token).await?;
        let hash = self.0.hasher.hash(password).await?;
        let used = token::hash(token).ok_or(InviteError::Gone)?;
        // Used up and password set in one write: of two who hold the link only one gets in.
        if !records::accept_invite(&self.0.store, used, who.id.clone(), hash).await? {
            return Err(InviteError::Gone);
        }
        self.0.limits.succeeded(who.id.as_str());
        self.revoke_others(&who.id, None).await?;
        Ok(self.enter(who, address, device).await?)
    }
}

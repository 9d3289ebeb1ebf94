//! What the gate keeps: the only file of `auth` that knows the store's functions and rows.

use super::sessions::SessionId;
use crate::desk::id::{AgentId, At};
use crate::store::{Store, StoreError, sessions, users};

/// One signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub id: SessionId,
    pub agent: AgentId,
    pub begun: At,
    pub seen: At,
    /// Where it signed in from.
    pub address: String,
    /// The browser's own description (`User-Agent`), cut and without control characters.
    pub device: String,
}

/// What a user chose on the settings page.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// BCP 47; `None` follows the configuration, then the browser.
    pub language: Option<String>,
    /// `light` or `dark`; `None` follows the system.
    pub theme: Option<String>,
    /// `compact`, or `None` for the ordinary density.
    pub density: Option<String>,
    pub notify: Notify,
}

/// Which sounds and notifications a user wants.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Notify {
    pub ring: bool,
    pub message: bool,
    pub desktop: bool,
    /// Volume of the ring tone in percent.
    pub volume: u8,
}

impl Default for Notify {
    fn default() -> Notify {
        Notify { ring: true, message: true, desktop: true, volume: 70 }
    }
}

pub async fn session(store: &Store, hash: Vec<u8>) -> Result<Option<(Device, Preferences)>, StoreError> {
    sessions::find(store, hash).await
}

pub async fn begin(store: &Store, hash: Vec<u8>, agent: AgentId, at: At, address: String, device: String) -> Result<(), StoreError> {
    sessions::begin(store, hash, agent, at, address, device).await
}
pub async fn touch(store: &Store, session: SessionId, at: At) -> Result<(), StoreError> {
    sessions::touch(store, session, at).await
}
pub async fn end(store: &Store, session: SessionId) -> Result<(), StoreError> {
    sessions::end(store, session).await
}
pub async fn sessions(store: &Store) -> Result<Vec<Device>, StoreError> {
    sessions::all(store).await
}
pub async fn password(store: &Store, agent: AgentId) -> Result<Option<String>, StoreError> {
    users::password(store, agent).await
}
pub async fn set_password(store: &Store, agent: AgentId, hash: String) -> Result<(), StoreError> {
    users::set_password(store, agent, hash).await
}
pub async fn set_preferences(store: &Store, agent: AgentId, preferences: Preferences) -> Result<(), StoreError> {
    users::set_preferences(store, agent, preferences).await
}
pub async fn invite(store: &Store, hash: Vec<u8>, agent: AgentId, until: At) -> Result<(), StoreError> {
    users::invite(store, hash, agent, until).await
}
pub async fn invited(store: &Store, hash: Vec<u8>) -> Result<Option<(AgentId, At)>, StoreError> {
    users::invited(store, hash).await
}
pub async fn accept_invite(store: &Store, hash: Vec<u8>, agent: AgentId, password: String) -> Result<bool, StoreError> {
    users::accept_invite(store, hash, agent, password).await
}

//! Pages, their live updates, and the public side. One action is one file, and its path is the same everywhere:
//! `GET /canned` ↔ `src/web/canned/list.rs` ↔ `templates/canned/list.html`. A handler either reads the store or asks the desk.

// The shell: what every page stands on.
pub mod api;
pub mod assets;
pub mod client;
pub mod config;
mod crm;
pub mod error;
pub mod i18n;
pub mod keys;
pub mod live;
pub mod page;
pub mod routes;
pub mod security;
pub mod serve;
pub mod state;

// People, settings, administration.
pub mod admin;
pub mod canned;
mod card;
pub mod chat;
pub mod customer;
pub mod demo;
pub mod invite;
pub mod login;
pub mod logout;
pub mod settings;
pub mod status;

// The desk.
pub mod callback;
pub mod callbacks;
pub mod conversations;
pub mod files;
pub mod form;
pub mod forms;
pub mod help;
pub mod inbox;
pub mod knowledge;
pub mod macros;
pub mod me;
pub mod notices;
pub mod people;
pub mod recordings;
pub mod scripts;
pub mod search;
pub mod sent;
pub mod sharing;
pub mod supervision;
pub mod survey;
pub mod surveys;
pub mod team;
pub mod ticket;
pub mod tickets;
pub mod topics;
pub mod views;
pub mod wallboard;
pub mod work;

#[cfg(test)]
mod tests;

pub use error::WebError;
pub use page::{Page, html};
pub use state::WebState;

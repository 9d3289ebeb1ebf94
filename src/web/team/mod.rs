//! What colleagues write to each other. Customers never see any of it.

mod say;
mod show;

use crate::desk::id::{AgentId, QueueId};
use crate::store::team;
use crate::web::WebState;
use crate::web::inbox::reader::Reader;
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/team", get(show::first))
        .route("/team/{*room}", get(show::room).post(say::say))
        .route("/team-seen/{*room}", post(say::seen))
}

/// A room by its address: `house`, `queue/chat` of a queue in which the reader works or that they supervise, or `with/bo`.
enum Room {
    House,
    Queue(QueueId),
    With(AgentId),
}

impl Room {
    /// `None` where there is no such room for this reader.
    fn of(reader: &Reader, path: &str) -> Option<Room> {
        use crate::auth::Role;
        match path.split_once('/') {
            None if path == "house" => Some(Room::House),
            Some(("queue", id)) => {
                let queue = QueueId::from(id);
                let mine = reader.queues().contains(&queue) || reader.viewer.role >= Role::Supervisor;
                (mine && reader.catalog().queues.contains_key(&queue)).then_some(Room::Queue(queue))
            }
            Some(("with", id)) => {
                let agent = AgentId::from(id);
                (reader.catalog().agents.contains_key(&agent) && agent != *reader.me()).then_some(Room::With(agent))
            }
            _ => None,
        }
    }

    /// As it stands in the table.
    fn key(&self, me: &AgentId) -> String {
        match self {
            Room::House => "house".into(),
            Room::Queue(queue) => format!("queue/{queue}"),
            Room::With(other) => team::pair(me, other),
        }
    }

    /// As it stands in an address.
    fn path(&self) -> String {
        match self {
            Room::House => "house".into(),
            Room::Queue(queue) => format!("queue/{queue}"),
            Room::With(other) => format!("with/{other}"),
        }
    }
}

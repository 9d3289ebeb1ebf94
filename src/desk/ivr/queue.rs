//! `queue`: the contact waits for a person; the flow is left. Waiting is the queue's own matter, with its own greeting and music.

use super::flow::{HoursOf, Kind, Label, Target, Way};
use super::machine::{Next, Turn};
use crate::desk::config::NodeSection;
use crate::desk::id::QueueId;

#[derive(Debug, Clone)]
pub struct Queue {
    to: Target,
}

impl Kind for Queue {
    const KEYS: &'static [&'static str] = &["queue"];
    const NEEDS: &'static [&'static str] = &["queue"];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> Queue {
        let queue = section.queue.as_ref().map(|queue| queue.get_ref().as_str()).unwrap_or_default();
        Queue { to: Target::Queue(QueueId::from(queue)) }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![Way { label: Label::Next, target: &self.to }]
    }

    fn enter(&self, _: &mut Turn<'_>) -> Next {
        Next::Go(self.to.clone())
    }
}

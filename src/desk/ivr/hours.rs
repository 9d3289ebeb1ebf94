//! `hours`: one way while open, another while closed, a third on holidays.

use super::flow::{HoursOf, Kind, Label, Target, Way, target};
use super::machine::{Next, Turn};
use crate::desk::config::NodeSection;
use crate::desk::hours::Hours;

#[derive(Debug, Clone)]
pub struct HoursNode {
    hours: Option<Hours>,
    open: Target,
    closed: Target,
    holiday: Option<Target>,
}

impl Kind for HoursNode {
    const KEYS: &'static [&'static str] = &["hours", "open", "closed", "holiday"];
    const NEEDS: &'static [&'static str] = &["hours", "open", "closed"];

    fn read(section: &NodeSection, hours: HoursOf<'_>) -> HoursNode {
        HoursNode {
            hours: section.hours.as_ref().and_then(|name| hours(name.get_ref())),
            open: target(&section.open),
            closed: target(&section.closed),
            holiday: section.holiday.as_ref().map(|name| Target::read(name.get_ref())),
        }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        let holiday = self.holiday.iter().map(|target| Way { label: Label::Holiday, target });
        let open = Way { label: Label::Open, target: &self.open };
        [open, Way { label: Label::Closed, target: &self.closed }].into_iter().chain(holiday).collect()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        let Some(hours) = &self.hours else { return Next::Go(self.open.clone()) };
        let now = turn.scene.now;
        if hours.open_at(now) {
            return Next::Go(self.open.clone());
        }
        let holiday = self.holiday.as_ref().filter(|_| hours.holiday(now).is_some());
        Next::Go(holiday.unwrap_or(&self.closed).clone())
    }
}

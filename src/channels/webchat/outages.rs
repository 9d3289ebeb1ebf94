//! What windows say of other channels of the house that do not work, while the desk announces it.

use super::wire::VisitorHears;
use super::{WebChat, Window};
use crate::desk::floor::Floor;
use crate::desk::id::ChannelId;
use std::collections::BTreeMap;

/// What each window shows now; kept by whoever follows the floor, so that pages are told of changes alone.
pub(super) type Shown = BTreeMap<ChannelId, Vec<BTreeMap<String, String>>>;

/// By which names the channels go that a window shall name, in each language.
pub(super) fn of(window: &Window, floor: &Floor) -> Vec<BTreeMap<String, String>> {
    let announced = floor.outages.iter().filter(|(id, outage)| outage.announced.is_some() && **id != window.id);
    let mut names: Vec<_> = announced.filter_map(|(id, _)| window.outages.get(id).cloned()).collect();
    // Several accounts of one platform are one name.
    names.sort();
    names.dedup();
    names
}

/// The frame of a welcome: a window that is drawn anew shows none of itself.
pub(super) fn frame(window: &Window, floor: &Floor) -> Option<VisitorHears> {
    let names = of(window, floor);
    (!names.is_empty()).then_some(VisitorHears::Outages { names })
}

/// Tells open pages what has changed.
pub(super) fn follow(chat: &WebChat, floor: &Floor, shown: &mut Shown) {
    let windows = chat.windows();
    for window in windows.values() {
        let now = of(window, floor);
        if shown.get(&window.id).map_or(&[][..], Vec::as_slice) != now {
            chat.shared.visitors.tell_window(&window.id, &VisitorHears::Outages { names: now.clone() });
            shown.insert(window.id.clone(), now);
        }
    }
}

//! What a connector remembers of those who wrote lately, to answer them better: bounded, and gone with the process, so nothing may depend on it.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// The newest value of each of the last so many names.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    most: usize,
    kept: Mutex<Kept<K, V>>,
}

#[derive(Debug)]
struct Kept<K, V> {
    values: HashMap<K, V>,
    /// Names in the order in which they were first told.
    order: VecDeque<K>,
}

impl<K: Eq + Hash + Clone, V: Clone> Recent<K, V> {
    pub(super) fn new(most: usize) -> Recent<K, V> {
        Recent { most, kept: Mutex::new(Kept { values: HashMap::new(), order: VecDeque::new() }) }
    }

    /// Keeps `value`; the name that was told first goes when there are too many.
    pub(super) fn tell(&self, name: K, value: V) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.values.insert(name.clone(), value).is_none() {
            kept.order.push_back(name);
        }
        while kept.order.len() > self.most {
            if let Some(oldest) = kept.order.pop_front() {
                kept.values.remove(&oldest);
            }
        }
    }

    /// Gives it away: it is not told again.
    pub(super) fn take(&self, name: &K) -> Option<V> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let value = kept.values.remove(name)?;
        kept.order.retain(|other| other != name);
        Some(value)
    }

    pub(super) fn of(&self, name: &K) -> Option<V> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).values.get(name).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn the_newest_are_kept() {
        let recent = Recent::new(2);
        for (name, value) in [("a", 1), ("b", 2), ("a", 3), ("c", 4)] {
            recent.tell(name, value);
        }
        assert_eq!(recent.of(&"a"), None, "told first");
        assert_eq!((recent.of(&"b"), recent.of(&"c")), (Some(2), Some(4)));
        recent.tell("b", 9);
        assert_eq!((recent.take(&"b"), recent.of(&"b")), (Some(9), None));
        recent.tell("d", 5);
        assert_eq!((recent.of(&"c"), recent.of(&"d")), (Some(4), Some(5)));
    }
}

//! How many connections are open, and from where: one network cannot take all places.

use super::network;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Places for connections; cheap to clone.
#[derive(Clone)]
pub struct Wires {
    most: usize,
    most_per_network: usize,
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    all: usize,
    from: HashMap<IpAddr, usize>,
}

/// One place, free again when dropped.
pub struct Wire {
    wires: Wires,
    network: IpAddr,
}

impl Wires {
    pub fn new(most: usize, most_per_network: usize) -> Wires {
        Wires { most, most_per_network, open: Arc::default() }
    }

    /// Takes a place; `None` when the network of this address, or the house, has no more.
    pub fn take(&self, address: IpAddr) -> Option<Wire> {
        let network = network(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let here = open.from.get(&network).copied().unwrap_or_default();
        if open.all >= self.most || here >= self.most_per_network {
            return None;
        }
        open.all += 1;
        open.from.insert(network, here + 1);
        Some(Wire { wires: self.clone(), network })
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let mut open = self.wires.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all = open.all.saturating_sub(1);
        let here = open.from.get(&self.network).copied().unwrap_or_default();
        if here > 1 {
            open.from.insert(self.network, here - 1);
        } else {
            open.from.remove(&self.network);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_cannot_take_all_places() {
        let (wires, here) = (Wires::new(8, 5), IpAddr::from([203, 0, 113, 7]));
        let mut taken: Vec<Wire> = std::iter::from_fn(|| wires.take(here)).collect();
        assert_eq!(taken.len(), 5);
        let other = wires.take(IpAddr::from([203, 0, 113, 8]));
        assert!(other.is_some(), "others are not affected");
        taken.pop();
        taken.extend(wires.take(here));
        assert_eq!(taken.len(), 5, "a place is free again");
        let rest: Vec<Wire> = std::iter::from_fn(|| wires.take(IpAddr::from([203, 0, 113, 9]))).collect();
        assert_eq!(rest.len(), 2, "the house has no more");
        drop((taken, other, rest));
        assert_eq!(wires.open.lock().unwrap().from.len(), 0, "networks without wires are forgotten");
    }

    #[test]
    fn whoever_has_a_network_of_addresses_is_one() {
        let wires = Wires::new(8, 1);
        let _one = wires.take("2001:db8:1:2::1".parse().unwrap());
        assert!(wires.take("2001:db8:1:2:ffff::2".parse().unwrap()).is_none());
        assert!(wires.take("2001:db8:1:3::1".parse().unwrap()).is_some());
    }
}

//! How many connections may be open that have not proved who they are: in all, and from one address.
//!
//! Who comes when it is full is refused, rather than somebody who is already proving itself: a flood then costs strangers'
//! time, not the handshakes of peers that are under way.

use crate::Refusal;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Clone, Debug)]
pub(crate) struct Gate {
    within: Arc<Mutex<Within>>,
    most: usize,
    most_from_one: usize,
}

#[derive(Debug, Default)]
struct Within {
    all: usize,
    from: BTreeMap<IpAddr, usize>,
}

/// A place within the gate, until it is dropped.
#[derive(Debug)]
pub(crate) struct Pass {
    gate: Gate,
    source: IpAddr,
}

impl Gate {
    pub(crate) fn new(most: usize, most_from_one: usize) -> Self {
        Self { within: Arc::default(), most, most_from_one }
    }

    fn lock(&self) -> MutexGuard<'_, Within> {
        self.within.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets somebody in.
    pub(crate) fn enter(&self, from: IpAddr) -> Result<Pass, Refusal> {
        let source = source(from);
        let mut within = self.lock();
        if within.from.get(&source).is_some_and(|number| *number >= self.most_from_one) {
            return Err(Refusal::CrowdedAddress);
        }
        if within.all >= self.most {
            return Err(Refusal::Crowded);
        }
        within.all += 1;
        *within.from.entry(source).or_default() += 1;
        assert!(within.from.len() <= within.all, "every address within has somebody");
        drop(within);
        Ok(Pass { gate: self.clone(), source })
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut within = self.gate.lock();
        within.all -= 1;
        let left = within.from.get_mut(&self.source).map_or(0, |number| {
            *number -= 1;
            *number
        });
        if left == 0 {
            within.from.remove(&self.source);
        }
    }
}

/// What counts as one address: all of IPv4, and the first 64 bits of IPv6, which are one customer's.
fn source(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_gate_admits_so_many_in_all_and_from_one_address() {
        let gate = Gate::new(3, 2);
        let one = gate.enter(ip("10.0.0.1")).expect("the first");
        let two = gate.enter(ip("::ffff:10.0.0.1")).expect("the second, by the same address written otherwise");
        assert_eq!(gate.enter(ip("10.0.0.1")).err(), Some(Refusal::CrowdedAddress));
        let _three = gate.enter(ip("10.0.0.2")).expect("from another");
        assert_eq!(gate.enter(ip("10.0.0.3")).err(), Some(Refusal::Crowded));
        drop(one);
        let _four = gate.enter(ip("10.0.0.1")).expect("somebody left");
        drop(two);
        let _five = gate.enter(ip("10.0.0.3")).expect("somebody left");
        assert_eq!(gate.lock().all, 3);
    }

    #[test]
    fn a_customer_of_ipv6_is_one_address() {
        let gate = Gate::new(9, 1);
        let _one = gate.enter(ip("2001:db8:1:2::1")).expect("the first");
        assert_eq!(gate.enter(ip("2001:db8:1:2:ffff::9")).err(), Some(Refusal::CrowdedAddress));
        gate.enter(ip("2001:db8:1:3::1")).expect("another customer");
        assert_eq!(gate.lock().from.len(), 1, "who left is forgotten");
    }
}

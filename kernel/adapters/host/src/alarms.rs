//! The host's clock: readings of a [`Timekeeper`], and alarms by name.
//!
//! INVARIANT(last-arming): there is one deadline for a name, that of its last arming, in both indexes or in neither. A ring is taken
//! from here at the moment in which it is fed, so one that was revoked before is never fed.

use crate::Timekeeper;
use antfarm_machine::{Clock, Mono, Now, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

/// The longest single sleep. Timers of a runtime stand still while the machine is suspended and `mono` does not: after at most so
/// long awake, an alarm that fell due meanwhile is noticed.
pub const MAX_SLEEP: Span = Span::from_secs(1);

/// A clock whose alarms are named `T`.
#[derive(Debug)]
pub struct Alarms<T, K> {
    time: K,
    armed: BTreeMap<T, (Mono, u64)>,
    /// By deadline, and those of one deadline in the order in which they were armed.
    queue: BTreeSet<(Mono, u64, T)>,
    armings: u64,
}

impl<T: Ord + Clone, K: Timekeeper> Alarms<T, K> {
    /// A clock with no alarm armed.
    pub fn new(time: K) -> Self {
        Self { time, armed: BTreeMap::new(), queue: BTreeSet::new(), armings: 0 }
    }

    /// The monotonic clock.
    pub fn mono(&self) -> Mono {
        self.time.mono()
    }

    /// How many alarms are armed.
    pub fn armed(&self) -> usize {
        self.armed.len()
    }

    /// Takes the alarm that has been due for longest at `now`, if one is: it is no longer armed and must be fed at once.
    pub fn take_due(&mut self, now: Mono) -> Option<T> {
        let (due, _, _) = self.queue.first()?;
        if *due > now {
            return None;
        }
        let (_, _, timer) = self.queue.pop_first().expect("it has a first element");
        self.armed.remove(&timer);
        assert_eq!(self.armed.len(), self.queue.len(), "INVARIANT(last-arming)");
        Some(timer)
    }

    /// Sleeps until the next alarm is due, or `limit` was reached, or [`MAX_SLEEP`] has passed: look again then. With no alarm and
    /// no limit it sleeps for ever.
    pub fn rest(&self, limit: Option<Mono>) -> impl Future<Output = ()> + Send + use<T, K> {
        let next = self.queue.first().map(|(due, _, _)| *due).into_iter().chain(limit).min();
        let sleep = next.map(|at| self.time.sleep(self.time.mono().until(at).min(MAX_SLEEP)));
        async move {
            match sleep {
                Some(sleep) => sleep.await,
                None => std::future::pending().await,
            }
        }
    }

    fn forget(&mut self, timer: &T) {
        if let Some((due, arming)) = self.armed.remove(timer) {
            let known = self.queue.remove(&(due, arming, timer.clone()));
            assert!(known, "INVARIANT(last-arming)");
        }
    }
}

impl<T: Ord + Clone, K: Timekeeper> Clock<T> for Alarms<T, K> {
    fn now(&mut self) -> Now {
        Now { mono: self.time.mono(), wall: self.time.wall() }
    }

    fn arm(&mut self, timer: T, after: Span) {
        self.forget(&timer);
        let due = self.time.mono() + after;
        self.armings += 1;
        self.armed.insert(timer.clone(), (due, self.armings));
        self.queue.insert((due, self.armings, timer));
    }

    fn disarm(&mut self, timer: &T) {
        self.forget(timer);
    }
}

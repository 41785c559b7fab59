//! What happened in a world: a digest of all of it, and how often each kind of trouble came about.

use crate::time::now;
use antfarm_identity::Fold;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How often things happened, by name.
pub type Counts = BTreeMap<&'static str, u64>;

/// Takes note. Clones are of one trace.
#[derive(Clone, Default, Debug)]
pub struct Trace(Arc<Mutex<Told>>);

#[derive(Default, Debug)]
struct Told {
    digest: Fold,
    counts: Counts,
}

impl Trace {
    /// Something happened on the machine of this number.
    pub fn note(&self, machine: u32, what: &'static str, bytes: &[u8]) {
        self.with(|it| {
            it.digest.absorb_u64(now().as_nanos());
            it.digest.absorb_u64(u64::from(machine));
            it.digest.absorb(what.as_bytes());
            it.digest.absorb(bytes);
        });
    }

    /// Something happened that is worth a figure.
    pub fn count(&self, what: &'static str) {
        self.with(|it| *it.counts.entry(what).or_default() += 1);
    }

    /// The digest, and the figures.
    pub fn read(&self) -> (u64, Counts) {
        self.with(|it| (it.digest.value(), it.counts.clone()))
    }

    fn with<R>(&self, change: impl FnOnce(&mut Told) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

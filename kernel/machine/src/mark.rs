//! Marks: rare paths that a test suite must have reached.
//!
//! `reached!("vote.split")` costs nothing in a production build. With the feature `marks`, which the simulator turns on, it
//! is counted on the thread that runs the machine, and a suite that never reaches a mark it expects is not done.

/// Counts that this place was reached, under a name of the form `area.event`.
///
/// ```
/// # fn split() {
/// antfarm_machine::reached!("vote.split");
/// # }
/// # split();
/// ```
#[macro_export]
macro_rules! reached {
    ($name:literal) => {
        $crate::mark::hit($name)
    };
}

/// Counts one arrival at the mark `name`; use [`crate::reached!`].
#[cfg(not(feature = "marks"))]
#[inline]
pub fn hit(_name: &'static str) {}

#[cfg(feature = "marks")]
mod counting {
    extern crate std;
    use alloc::vec::Vec;
    use std::cell::RefCell;
    use std::thread_local;

    thread_local! {
        static HITS: RefCell<Vec<(&'static str, u64)>> = const { RefCell::new(Vec::new()) };
    }

    /// Counts one arrival at the mark `name` on this thread; use [`crate::reached!`].
    pub fn hit(name: &'static str) {
        HITS.with_borrow_mut(|hits| match hits.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => hits.push((name, 1)),
        });
    }

    /// The marks reached on this thread since the last call, with their counts.
    pub fn take() -> Vec<(&'static str, u64)> {
        HITS.take()
    }
}

#[cfg(feature = "marks")]
pub use counting::{hit, take};

//! What tells time and rings alarms that have names.

use antfarm_machine::{Clock, Now, Span};
use std::marker::PhantomData;

/// A clock with alarms named by `T`.
#[derive(Debug)]
pub struct SkeletonClock<T>(PhantomData<T>);

impl<T> SkeletonClock<T> {
    /// With no alarm armed.
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// The next alarm that is due and was not taken yet; does not wait. A driver feeds it to the machine as `Rang`.
    pub fn take_due(&mut self) -> Option<T> {
        None
    }
}

impl<T> Default for SkeletonClock<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clock<T> for SkeletonClock<T> {
    fn now(&mut self) -> Now {
        // `mono` counts also while the machine is suspended and never goes back; `wall` is whatever people set it to.
        Now::ZERO
    }

    fn arm(&mut self, _timer: T, _after: Span) {
        // In place of an armed alarm of that name. It rings by `mono`, once, not before `_after` has passed.
    }

    fn disarm(&mut self, _timer: &T) {}
}

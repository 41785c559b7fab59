//! What a `Clock` promises.
//!
//! Deliberately not asked: anything of the wall clock, which promises nothing; the order in which alarms ring that are due at
//! the same time; how late an alarm may ring beyond the rig's slack.

mod alarm;
mod passing;

use crate::Clause;
use crate::clause::hold_all;
use antfarm_machine::{Now, Span};

/// A clock under test, with alarms named by a `u8`, none of them armed.
pub trait ClockRig {
    /// A span that is long compared with the rig's jitter. The checks together let about a hundred of it pass: a second suits
    /// a simulated clock, fifty milliseconds a real one.
    const UNIT: Span;

    /// How much later than it is due an alarm may ring here, and how far two readings may be off: zero in a simulation,
    /// what the scheduler needs in the real world. Less than a tenth of [`ClockRig::UNIT`].
    const SLACK: Span;

    /// See [`antfarm_machine::Clock::now`].
    fn now(&mut self) -> Now;

    /// See [`antfarm_machine::Clock::arm`].
    fn arm(&mut self, timer: u8, after: Span);

    /// See [`antfarm_machine::Clock::disarm`].
    fn disarm(&mut self, timer: u8);

    /// Lets at least `span` of true time pass, and says how much did, by a clock that is not the one under test.
    fn pass(&mut self, span: Span) -> Span;

    /// The next alarm that went off and was not taken yet; does not wait. Alarms go off in [`ClockRig::pass`] or, with a
    /// span of zero, at any time; taking one is what a driver does when it feeds `Rang`.
    fn take_ring(&mut self) -> Option<u8>;

    /// Ends the process and starts it again.
    fn restart(&mut self);
}

/// Checks every clause, each on a fresh clock. Panics with what does not hold.
#[track_caller]
pub fn clock<R: ClockRig>(rig: impl FnMut() -> R) {
    hold_all("Clock", &clock_clauses(), rig);
}

/// All clauses, for a harness that runs them one by one.
pub fn clock_clauses<R: ClockRig>() -> Vec<Clause<R>> {
    [passing::clauses(), alarm::clauses()].into_iter().flatten().collect()
}

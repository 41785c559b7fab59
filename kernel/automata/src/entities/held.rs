//! One entity as it is kept: its state, and its alarms.

use crate::entities::{Happened, Ringing};
use crate::state::State;
use alloc::collections::BTreeMap;
use antfarm_identity::{Codec, Digest};

/// When an alarm was set, and for how long. Milliseconds, by the wall clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct Armed {
    /// When it was set.
    pub since: i64,
    /// After how long it rings.
    pub after: i64,
}

impl Armed {
    /// When it rings, if the clock was right.
    pub const fn due(self) -> i64 {
        self.since.saturating_add(self.after)
    }
}

/// An entity.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Held {
    /// The table that its state is of.
    pub table: Digest,
    /// Its state.
    pub state: State,
    /// When its status was entered, by the wall clock: Temper's `{state}_entered_at`.
    pub entered: i64,
    /// Its alarms.
    pub armed: BTreeMap<Ringing, Armed>,
    /// How often each timeout rang: Temper's `{state}_timeout_seq`. What never rang is not there.
    pub rung: BTreeMap<u16, u32>,
}

impl Held {
    pub(super) const fn new(table: Digest, state: State, at: i64) -> Self {
        Self { table, state, entered: at, armed: BTreeMap::new(), rung: BTreeMap::new() }
    }

    /// Takes in what happened to it at `at`.
    pub(super) fn fold(&mut self, happened: &Happened, at: i64) {
        match happened {
            Happened::Took { table, transition, .. } => {
                self.table = *table;
                if transition.from() != transition.to() {
                    self.entered = at;
                }
                transition.apply(&mut self.state);
            }
            Happened::Rang(alarm) => {
                self.armed.remove(&alarm.ringing);
                if let Ringing::Timeout(timeout) = alarm.ringing {
                    let rung = self.rung.entry(timeout).or_default();
                    *rung = rung.saturating_add(1);
                }
            }
            Happened::Armed { alarm, armed } => drop(self.armed.insert(alarm.ringing, *armed)),
            Happened::Disarmed(alarm) => drop(self.armed.remove(&alarm.ringing)),
            Happened::Born { .. }
            | Happened::Sent(_)
            | Happened::Received { .. }
            | Happened::Acknowledged { .. }
            | Happened::Called { .. }
            | Happened::Dropped(_) => {}
        }
    }
}

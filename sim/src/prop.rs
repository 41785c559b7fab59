//! Property tests of whole worlds, by proptest.
//!
//! ```
//! use antfarm_machine::PeerId;
//! use antfarm_sim::doc::Echo;
//! use antfarm_sim::{Budget, Nobody, Wander, World, picks};
//! use proptest::prelude::*;
//!
//! proptest!(|(picks in picks(0..50))| {
//!     let mut world = World::new([Echo::default(), Echo::default()], Nobody);
//!     world.want(PeerId::new(0), PeerId::new(1));
//!     let budget = Budget { losses: 1, crashes: 1, ..Budget::default() };
//!     let mut wander = Wander::new(world, budget, Vec::new()).expect("no oracle watches");
//!     for pick in picks {
//!         wander.pick(pick).expect("no oracle watches");
//!     }
//!     prop_assert!(wander.world().machine(PeerId::new(0)).heard <= 1);
//! });
//! ```

use proptest::collection::{SizeRange, vec};
use proptest::strategy::Strategy;

/// Numbers for [`crate::Wander::pick`]. They shrink to fewer and smaller: shorter walks with earlier entries of the list.
pub fn picks(length: impl Into<SizeRange>) -> impl Strategy<Value = Vec<u64>> {
    vec(0..1_000_u64, length)
}

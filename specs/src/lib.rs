//! The proof cascade: each spec is proved at several levels, all of them on the one interpreter of `kernel/automata`.
//!
//! [`load`] reads files and folders into [`Group`]s of specs that are proved together. Each level looks at a group and says of each
//! property of each spec whether it is [verified, refuted or incomplete](Verdict); what a level says is a [`Finding`]. A level that did not
//! run has no findings: it is absent, never green.
//!
//! | level | looks at |
//! |---|---|
//! | L0 | one step from any state, in unbounded integers, by a solver that is a program of its own |
//! | L1 | every interleaving of a small world; `composite` where its types refer to each other |
//! | L2 | the colony in the simulator, under faults |
//! | L3 | random sequences far outside the small world |

mod load;
mod relate;
mod small;
pub mod smt;
mod trace;
mod verdict;

pub use load::{Group, Member, Unloaded, load};
pub use small::{Limits, explore, search};
pub use trace::{Entity, Mark, Taken, Trace};
pub use verdict::{Bound, Finding, Judged, Kind, Level, Property, Reason, Verdict};

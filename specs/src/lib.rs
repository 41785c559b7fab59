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

mod cascade;
mod colony;
mod home;
mod kept;
mod load;
mod random;
mod relate;
mod report;
mod schema;
mod small;
pub mod smt;
mod svg;
mod trace;
mod verdict;

pub use cascade::{Contradiction, Depth, Proved, Showing, Shown, prove};
pub use colony::{Lived, Lives, Played, lived, played};
pub use kept::Store;
pub use load::{Group, Member, Unloaded, load};
pub use random::{Tries, tried};
pub use report::{Tally, Where, json, stories, table};
pub use schema::schema;
pub use small::{Limits, explore, search};
pub use svg::{Drawn, svg};
pub use trace::{Entity, Mark, Taken, Trace};
pub use verdict::{Bound, Finding, Judged, Kind, Level, Property, Reason, Verdict};

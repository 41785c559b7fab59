//! What must hold of every keeper, watched from outside after every event.
//!
//! `chain`: the log on each disk verifies. `acknowledged`: what was acknowledged is there. `invented`: nothing else is. `fold`: the
//! state is the fold of the log. `damage`: a keeper refuses its disk when it is damaged, and only then. `fork` and `prefix`:
//! heads never fork, and what witnesses remember is on the chain. `silence`: what is not open serves nothing. `liveness`: a
//! healed core serves.
//!
//! The excuses are those of the fault families' headers, to the byte where a byte can be named: an acknowledged put may be missing
//! when its own bytes were lied about, and a log may be refused when its own disk was damaged. What an oracle judged is counted
//! under a mark `oracle.*`, what an excuse covered under `oracle.*.excused`.

mod acknowledged;
mod chain;
mod damage;
mod fold;
mod fork;
mod invented;
mod liveness;
mod opening;
mod prefix;
mod silence;

pub use acknowledged::Acknowledged;
pub use chain::Chain;
pub use damage::Damage;
pub use fold::Fold;
pub use fork::Fork;
pub use invented::Invented;
pub use liveness::{Liveness, PROGRESS};
pub use prefix::Prefix;
pub use silence::Silence;

use crate::subject::Keeping;
use antfarm_sim::Oracle;

/// All oracles, new.
pub fn all<M: Keeping, O: 'static>() -> Vec<Box<dyn Oracle<M, O>>> {
    vec![
        Box::new(Chain::default()),
        Box::new(Acknowledged::default()),
        Box::new(Invented::default()),
        Box::new(Fold),
        Box::new(Damage::default()),
        Box::new(Fork::default()),
        Box::new(Prefix::default()),
        Box::new(Silence::default()),
        Box::new(Liveness::default()),
    ]
}

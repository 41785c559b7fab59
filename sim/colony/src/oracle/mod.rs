//! What must hold of every colony, watched from outside after every event.
//!
//! `once`: a call takes effect at most once, and not without a record. `spend`: nobody spends or gives away more than was granted.
//! `narrow`: every writ lies within those above it. `revoked`: a revoked writ is acted on no longer than its bound. `window`: nothing
//! happens outside a window. `chain`: logs verify and never fork. `acknowledged`: what was told is recorded and stays. `refused`: so is
//! what was refused, and records re-derive. `fold`: states are folds of logs. `secrets`: none is stored or sent. `convergence`: healed
//! nodes come to know the same. `liveness`: they open, answer and hand on. `tasks`: minds are asked and obeyed as the ledger says. `bounded`:
//! nothing grows without bound. `entities`: they keep the invariants of their specs, and what goes between homes is applied once.
//! `reactions`: where a scenario says so, what an entity sets going and counts on is not refused.
//!
//! What an oracle judged is counted under a mark `oracle.*`, what an excuse covered under `oracle.*.excused`.

mod acknowledged;
mod book;
mod bounded;
mod chain;
mod convergence;
mod entities;
mod excuse;
mod fold;
mod follow;
mod liveness;
mod narrow;
mod once;
mod payments;
mod reactions;
mod refused;
mod revoked;
mod secrets;
mod spend;
mod tasks;
mod window;

pub use acknowledged::{Acknowledged, found_within};
pub use bounded::{Bounded, REMEMBERED};
pub use chain::Chain;
pub use convergence::{Convergence, agreed_within};
pub use entities::{Entities, LATE, delivered_within};
pub use fold::Fold;
pub use liveness::{Liveness, SLACK, answered_within, opens_within, spread_within};
pub use narrow::{Narrow, wider};
pub use once::Once;
pub use reactions::Reactions;
pub use refused::Refused;
pub use revoked::Revoked;
pub use secrets::Secrets;
pub use spend::{Spend, beyond, keeps, sums};
pub use tasks::{Tasks, follows};
pub use window::Window;

use crate::cast::SECRET;
use crate::member::Member;
use antfarm_sim::{Nobody, Oracle};

/// All oracles, new.
pub fn all() -> Vec<Box<dyn Oracle<Member, Nobody>>> {
    vec![
        Box::new(Once::default()),
        Box::new(Spend::default()),
        Box::new(Narrow::default()),
        Box::new(Revoked::default()),
        Box::new(Window::default()),
        Box::new(Chain::default()),
        Box::new(Acknowledged::default()),
        Box::new(Refused::default()),
        Box::new(Fold::default()),
        Box::new(Secrets::of([SECRET.to_vec()])),
        Box::new(Convergence::default()),
        Box::new(Liveness::default()),
        Box::new(Tasks::default()),
        Box::new(Bounded::default()),
        Box::new(Entities::default()),
        Box::new(Reactions),
    ]
}

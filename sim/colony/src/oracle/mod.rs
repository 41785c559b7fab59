//! What must hold of every colony, watched from outside after every event.
//!
//! `once`: a call takes effect at most once, and not without a record. `spend`: nobody spends or gives away more than was granted.
//! `narrow`: every writ lies within those above it. `revoked`: a revoked writ is acted on no longer than its bound. `window`: nothing
//! happens outside a window.
//!
//! What an oracle judged is counted under a mark `oracle.*`, what an excuse covered under `oracle.*.excused`.

mod excuse;
mod narrow;
mod once;
mod payments;
mod revoked;
mod spend;
mod window;

pub use narrow::{Narrow, wider};
pub use once::Once;
pub use revoked::Revoked;
pub use spend::{Spend, beyond, keeps, sums};
pub use window::Window;

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
    ]
}

//! The ledger's [`Keeper`] as a machine that scenarios name, `machine = "ledger"`, and what must hold of it.
//!
//! Each node keeps a log of its own and announces its heads to all others as witnesses. Disks do whatever disks do: tear, lose,
//! fail, lie, forget, rot, misdirect, fill up, and get replaced. The oracles of [`oracle`] know from the world's atlas what
//! each disk really did, and hold the keeper to the storage fault atlas: what can be recovered is recovered, what cannot
//! is noticed, and nothing else is lost.
//!
//! [`Ledgers`] is the subject; register it in one line. Puts certify themselves ([`put`]), so that an oracle can tell what was
//! asked from what was made up without having listened.
//!
//! Oracles of other machines with logs share [`Atlas`], which remembers what disks did, and [`walk`] and [`verify`], which read
//! them.
//!
//! [`Keeper`]: antfarm_ledger::Keeper
#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]

mod atlas;
mod frames;
pub mod oracle;
mod pages;
mod put;
mod size;
mod stray;
mod subject;
mod verify;

pub use atlas::{Atlas, takes};
pub use frames::{Leaf, walk};
pub use put::{certified, put};
pub use size::{BadSize, Sizes};
pub use stray::{stray, unread};
pub use subject::{Keeping, Ledgers};
pub use verify::verify;

//! Work to measure: each piece is a function that does it once and says how much was done.

mod check;
mod clone;
mod colony;
mod cpu;
mod echo;
mod files;
mod hive;
mod ledger;
mod past;
mod prove;
mod raft;
mod timers;
mod world;

pub use check::check;
pub use clone::clones;
pub use colony::commits;
pub use cpu::{cpu_time, process_time};
pub use echo::echo;
pub use files::{Appends, appends, bare};
pub use hive::hive;
pub use ledger::ledger;
pub use past::{derive, reopen, restart};
pub use prove::{cascade, small};
pub use raft::raft;
pub use timers::timers;
pub use world::in_world;

//! Work to measure: each piece is a function that does it once and says how much was done.

mod check;
mod clone;
mod colony;
mod cpu;
mod echo;
mod ledger;
mod raft;
mod timers;

pub use check::check;
pub use clone::clones;
pub use colony::commits;
pub use cpu::{cpu_time, process_time};
pub use echo::echo;
pub use ledger::ledger;
pub use raft::raft;
pub use timers::timers;

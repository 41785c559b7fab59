//! Work to measure: each piece is a function that does it once and says how much was done.

mod cpu;
mod echo;
mod raft;
mod timers;

pub use cpu::cpu_time;
pub use echo::echo;
pub use raft::raft;
pub use timers::timers;

//! The colony in the simulator.

mod builder;
mod oracle_effects;

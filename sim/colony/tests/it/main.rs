//! The colony in the simulator.

mod builder;
mod flawed;
mod oracle_effects;
mod oracle_entities;
mod oracle_ledger;
mod saved;
mod tasks;

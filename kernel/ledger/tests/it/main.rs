//! What the ledger guarantees, tested at its boundary.

mod damage;
mod disk;
mod log;

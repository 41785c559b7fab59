//! What the ledger guarantees, tested at its boundary.

mod crash;
mod damage;
mod disk;
mod garbage;
mod keeper;
mod lifecycle;
mod log;
mod misplaced;
mod pieces;
mod proofs;
mod redaction;
mod streaming;

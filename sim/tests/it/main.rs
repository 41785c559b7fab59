//! The simulator's guarantees, at its boundary.

mod echo;
mod replay;

//! The simulator's guarantees, at its boundary.

mod check;
mod echo;
mod replay;

//! The simulator's guarantees, at its boundary.

mod check;
mod conformance;
mod draws;
mod echo;
mod faults;
mod replay;

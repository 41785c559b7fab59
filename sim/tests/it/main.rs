//! The simulator's guarantees, at its boundary.

mod check;
mod conformance;
mod draws;
mod echo;
mod faults;
mod replay;
mod scenario_plans;
mod scenario_runs;
mod scenario_shrink;
mod scenario_troubles;
mod walks;

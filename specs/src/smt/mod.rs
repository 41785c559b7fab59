//! L0: what a spec says, proved by a solver in unbounded integers, from any state and for all parameters.
//!
//! The encoding is written as SMT-LIB 2 over truths and integers; `antfarm-smt` is the program that decides it. A step of an entity is
//! its action with guard, constraints and effects in order, where what does not fit into 64 bits or into its variable is a conjunct of
//! the guard, as in the interpreter. What cannot be said exactly is left open: a proof still is one then, and what a solver finds is
//! followed by the interpreter before it is believed.
//!
//! Exact: integers, texts (their equality and order are all that the language sees), references, properties, lists and sets of at most
//! eight elements. Longer lists are exact while they are short. What other entities say is a function of their ids that changes as their
//! tables allow.

mod action;
mod asking;
mod fixed;
mod found;
mod list;
mod look;
mod path;
mod planted;
mod proof;
mod prove;
mod related;
mod script;
mod solver;
mod state;
mod term;
mod texts;
mod value;

pub use fixed::{Fixed, Outcome, fixed};
pub use planted::Planted;
pub use proof::{Failed, Limits, Obligation, Proof};
pub use prove::{prove, prove_with};
pub use solver::{Answer, PROGRAM, Solver, VARIABLE, found};

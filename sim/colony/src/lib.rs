//! The colony in the simulator: `machine = "colony"`.
//!
//! Nodes of [`antfarm_node`] hold writs and have tools called; the tools are machines too, scripted, and fail in the ways in which
//! tools fail. [`Colony`] is the subject: it reads who takes part and what they are asked from a scenario.
//!
//! Names in scenarios make keys and nonces: the node `n` signs with the insecure signer of its number, and a writ that a scenario
//! calls `w` has a nonce made of that name, so that whoever is told of the writ finds it by its name.
#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]

mod cast;
mod citizen;
mod errand;
mod member;
pub mod oracle;
mod subject;
mod tool;

pub use cast::{BEGIN, Plan, Settings, signer};
pub use citizen::Citizen;
pub use errand::{Errand, Mood, nonce_of};
pub use member::{Member, Moment, Told};
pub use subject::Colony;
pub use tool::{PURSE, Tool, ToolTold, Trade};

//! The colony in the simulator: `machine = "colony"`.
//!
//! Nodes of [`antfarm_node`] hold writs and have tools called; the tools are machines too, scripted, and fail in the ways in which
//! tools fail. [`Colonies`] is the subject: it reads who takes part and what they are asked from a scenario. [`Colony`] is one
//! colony in one run, for tests that are written in Rust:
//!
//! ```
//! use antfarm_colony::{Colony, Terms};
//! use antfarm_machine::Span;
//!
//! let mut colony = Colony::seeded(7).members(["queen", "scout", "bank"]).build();
//! let [queen, scout, bank] = colony.ids();
//! let writ = colony.grant(queen, scout, Terms::default().spend(50).freshness(Span::from_secs(10)));
//! colony.run_for(Span::from_secs(1));
//! colony.cut(queen, scout);
//! colony.revoke(queen, &writ);
//! colony.run_for(Span::from_secs(11));
//! colony.pay(scout, &writ, "well", 20);
//! colony.mend();
//! colony.settle();
//! assert_eq!(colony.tool(bank).effects().count(), 0, "{}", colony.story());
//! ```
//!
//! Names in scenarios make keys and nonces: the node `n` signs with the insecure signer of its number, and a writ that a scenario
//! calls `w` has a nonce made of that name, so that whoever is told of the writ finds it by its name.
#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]

mod act;
mod builder;
mod cast;
mod chronicle;
mod citizen;
mod deeds;
mod errand;
mod member;
mod mind;
pub mod oracle;
mod said;
mod search;
mod subject;
mod tool;
mod traitor;

pub use act::{suite, told};
pub use builder::{Builder, Colony, Terms};
pub use cast::{BEGIN, Plan, Role, SECRET, Settings, signer};
pub use citizen::Citizen;
pub use errand::{Chore, Errand, Manner, Mood, nonce_of};
pub use member::{Colonist, Member, MemberTimer, Moment, Told};
pub use said::{Written, with, writing};
pub use subject::Colonies;
pub use tool::{PURSE, Tool, ToolTold, Trade};
pub use traitor::Traitor;

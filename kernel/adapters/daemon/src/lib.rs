//! One node of a colony as a process, `antfarmd`, and what asks it.
//!
//! [`Config`] is what it is told, [`key_file`] where its key is, [`Daemon`] the process: the machine of `antfarm-node` on the host, with
//! files, connections and executors. [`control`] is what clients say to it through a socket, [`Client`] says it.
//!
//! What it does not do: it decides nothing. What may be done is the node's business, how a call is carried out the executors'. Who
//! may ask is whoever may open the socket.

#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::unwrap_used)]

mod client;
mod config;
pub mod control;
mod daemon;
mod desk;
pub mod key_file;
mod metrics;
mod server;
mod socket;
mod specs;
mod tape;
mod toolbox;

pub use client::Client;
pub use config::{Config, MAX_PEERS, Peer};
pub use daemon::{Daemon, StartTrouble};
pub use specs::{MAX_SPECS, SpecTrouble, Specs};
pub use tape::{MAX_RECORDING, MAX_RECORDINGS};
pub use toolbox::{Carry, TOOLS, ToolTrouble, Workshop};

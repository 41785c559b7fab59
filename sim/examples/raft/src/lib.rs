//! Raft, as Ongaro's thesis has it (*Consensus: Bridging Theory and Practice*, Stanford 2014), written as one [`Machine`].
//!
//! Servers elect a leader (sections 3.4 and 9.6), replicate a log (3.5), keep it on disk and compact it (3.8 and 5.1), install
//! snapshots (5.3), execute each client operation once (6.3) and answer reads without writing them down (6.4). Membership
//! changes (4) are left out.
//!
//! [`Config::node`] makes the machine for each peer: servers are the peers `0..servers`, all others are clients, which turn
//! what a workload asks of them into requests and retries. [`Notice`]s tell observers what oracles need.
//!
//! ```
//! use antfarm_machine::{Effect, Effects, Input, Machine, Now, PeerId, Span};
//! use antfarm_raft::{Command, Config, Notice, Timer};
//!
//! let config = Config { heartbeat: Span::from_millis(20), ..Config::new(5) };
//! let mut client = config.node(PeerId::new(5)); // the peers 0 to 4 are servers
//! let mut effects = Vec::new();
//! client.step(Now::ZERO, Input::Asked(Command::Add { key: 1, by: 2 }), &mut Effects::new(&mut effects));
//! assert!(matches!(effects[0], Effect::Tell(Notice::Invoked { .. })));
//! assert!(matches!(effects[1], Effect::Send { to, .. } if to == PeerId::new(0)));
//! assert!(matches!(effects[2], Effect::Arm { timer: Timer::Retry, .. }));
//! ```
//!
//! # How a step is built
//!
//! State changes at once; what it changes on disk is handed over at the end of each step, by one function that compares
//! what the server holds with what its disk holds. What others may rely on waits for the receipt:
//!
//! INVARIANT(durable-before-visible): a server speaks in a term, or of a vote, only when both are durable; acknowledges
//! entries only when they are; counts itself for an entry only when it is; and answers a client only from what is committed.
//!
//! # What it assumes, and what it does about the rest
//!
//! Messages may be lost, late, doubled, reordered or damaged. Servers may crash between any two bytes of a write and start
//! again. A disk that forgets what it acknowledged is outside the model (thesis section 3.8): a server whose disk
//! was replaced starts empty and may vote twice. Damage that can be told from a torn write halts the server for good.
//!
//! [`Machine`]: antfarm_machine::Machine

#![no_std]
extern crate alloc;
// For the oracles only; the machine needs no more than `alloc`.
extern crate std;

mod ballot;
mod client;
mod command;
mod config;
mod disk;
mod election;
mod following;
mod frame;
mod journal;
mod log;
mod message;
mod node;
mod notice;
pub mod oracle;
mod read;
mod recovery;
mod replication;
mod request;
mod server;
mod snapshot;
mod state;
mod subject;

pub use client::Client;
pub use command::{Answer, Command};
pub use config::{Config, MAX_SERVERS};
pub use log::{Entry, Payload};
pub use message::{Append, Body, Message, Verdict};
pub use node::{Node, Timer};
pub use notice::{Notice, Refusal};
pub use server::{Role, Server};
pub use snapshot::Image;
pub use state::State;
pub use subject::Raft;

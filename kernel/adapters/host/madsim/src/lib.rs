//! Nodes of a colony as processes in a simulated world: the tokio host and the network adapter, unchanged, under madsim.
//!
//! What is real: the kernel's node, `antfarm-host` with its lanes, alarms and rounds, `antfarm-network` with its handshakes, frames,
//! queues and redialling, each connection in TLS under the nodes' keys. What is simulated: tasks, time, sockets and the lines between
//! them (madsim), disks (`antfarm-sim`). A [`world::of`] a seed lives through a minute of trouble, and must then come to an end: what
//! was acknowledged is on the ledgers once, the bank paid for what the ledgers say, all that was handed on is back, and the ledgers
//! verify against each other.
//!
//! The keys of each handshake are not from the seed: `ring` asks the operating system, past madsim. What is encrypted differs from run
//! to run, then, in content but not in length, and nothing in a world depends on it: [`world::Report::digest`] covers all that nodes
//! send, are answered and tell, with the time of each, and is the same for a seed.
//!
//! What is not here: the daemon's control socket, its tools and its files, which need an operating system.

#[cfg(not(madsim))]
compile_error!("build in this folder, whose `.cargo/config.toml` sets `--cfg madsim`: without it madsim is the real network");

pub mod bank;
pub mod client;
pub mod desk;
pub mod disk;
pub mod ledgers;
pub mod machine;
pub mod sockets;
pub mod time;
pub mod trace;
pub mod trouble;
pub mod world;

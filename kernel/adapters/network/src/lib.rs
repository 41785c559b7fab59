//! Connections between nodes, as the port [`Network`](antfarm_machine::Network): encrypted, and each side proves its key.
//!
//! ```
//! use antfarm_identity::Signer;
//! use antfarm_machine::{Network, PeerId};
//! use antfarm_network::{Config, Limits, Links, Peer, Sockets};
//! use std::collections::BTreeMap;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), antfarm_network::StartError> {
//! let (ant, bee) = (Signer::insecure(1), Signer::insecure(2));
//! let node = |me, signer: &Signer, peers| Config {
//!     me: PeerId::new(me),
//!     signer: signer.clone(),
//!     listen: "127.0.0.1:0".into(),
//!     peers,
//!     limits: Limits::default(),
//! };
//! let peer = |key: &Signer, address: String| Peer { key: key.public(), address };
//!
//! // Bee hears; what it hears is awaited before it hears more from the same peer.
//! let (heard, mut inbox) = tokio::sync::mpsc::channel(16);
//! let knows_ant = BTreeMap::from([(PeerId::new(1), peer(&ant, "127.0.0.1:9".into()))]);
//! let (links, _outbox) = Links::start(Sockets, node(2, &bee, knows_ant), move |from, message: String| {
//!     let heard = heard.clone();
//!     async move { heard.send((from, message)).await.unwrap_or_default() }
//! })
//! .await?;
//!
//! let knows_bee = BTreeMap::from([(PeerId::new(2), peer(&bee, links.address().to_string()))]);
//! let (_links, mut outbox) = Links::start(Sockets, node(1, &ant, knows_bee), |_, _: String| async {}).await?;
//! outbox.send(PeerId::new(2), "hello".to_owned());
//! assert_eq!(inbox.recv().await, Some((PeerId::new(1), "hello".to_owned())));
//! # Ok(())
//! # }
//! ```
//!
//! A peer is who its key says. A connection is TLS 1.3 with raw public keys; it carries messages one way, from who dialled to
//! who accepted, so each pair has two. What waits for a peer is bounded, and the oldest goes first. What comes from a peer is
//! read as fast as it is taken. Who harms the connection loses the connection, and it is counted against that peer only.
//!
//! # What is deliberately not here
//!
//! No delivery: a message may be lost, as the port's contract says; machines repeat what matters. No membership that changes
//! while a node runs, but for addresses. No discovery, no relays, no compression. Nothing of what messages say is logged or
//! counted.

#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]

mod accept;
mod backoff;
mod config;
mod dial;
mod frame;
mod gate;
mod links;
mod prometheus;
mod proof;
mod pulse;
mod queue;
mod refusal;
mod scope;
mod sockets;
mod state;
mod tally;
mod wire;

pub use config::{BadConfig, Config, Limits, Peer};
pub use frame::{BadFrame, Frame, Frames};
pub use links::{Links, Outbox, StartError};
pub use refusal::{Closing, Refusal};
pub use sockets::Sockets;
pub use tally::{Counts, PeerCounts};
pub use wire::Wire;

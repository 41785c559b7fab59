//! What a node's tasks share: its peers, their queues and counters, and the limits.

use crate::proof::Prover;
use crate::queue::Queue;
use crate::tally::{Counter, PeerTally, Tally};
use crate::{Closing, Config, Limits, PeerCounts};
use antfarm_identity::{Codec, PublicKey, from_bytes};
use antfarm_machine::PeerId;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{oneshot, watch};
use tracing::info;

/// A node, as its tasks see it.
pub(crate) struct State {
    pub(crate) me: PeerId,
    pub(crate) limits: Limits,
    pub(crate) prover: Prover,
    /// The others, and this node itself: what it sends itself goes through a queue too.
    pub(crate) peers: BTreeMap<PeerId, PeerState>,
    pub(crate) keys: BTreeMap<PublicKey, PeerId>,
    pub(crate) tally: Tally,
}

/// What belongs to one peer.
pub(crate) struct PeerState {
    pub(crate) id: PeerId,
    pub(crate) queue: Queue,
    pub(crate) tally: PeerTally,
    pub(crate) address: watch::Sender<String>,
    /// Held by the one connection from it that counts: whoever takes its place drops it.
    inbound: Mutex<Option<oneshot::Sender<Infallible>>>,
}

/// Counts and tells a connection's end, however that comes.
pub(crate) struct Ending<'a> {
    peer: &'a PeerState,
    over: &'a Counter,
    pub(crate) why: Closing,
}

impl<'a> Ending<'a> {
    /// Unless there is another reason, it is this side that let go of it.
    pub(crate) fn of(peer: &'a PeerState, over: &'a Counter) -> Self {
        Self { peer, over, why: Closing::Left }
    }
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.over.add(1);
        self.peer.tally.closed.add(self.why);
        info!(peer = %self.peer.id, why = %self.why, "connection closed");
    }
}

impl State {
    pub(crate) fn new(config: &Config) -> Self {
        let limits = config.limits;
        let state = |id: PeerId, address: &str| PeerState {
            id,
            queue: Queue::new(limits.max_waiting, limits.max_waiting_bytes),
            tally: PeerTally::default(),
            address: watch::Sender::new(address.to_owned()),
            inbound: Mutex::default(),
        };
        let others = config.peers.iter().map(|(&id, peer)| (id, state(id, &peer.address)));
        Self {
            me: config.me,
            limits,
            prover: Prover::new(config.signer.clone(), config.keys()),
            peers: others.chain([(config.me, state(config.me, ""))]).collect(),
            keys: config.peers.iter().map(|(&id, peer)| (peer.key, id)).collect(),
            tally: Tally::default(),
        }
    }

    /// The peer, which is known to be one.
    pub(crate) fn peer(&self, id: PeerId) -> &PeerState {
        self.peers.get(&id).expect("who has tasks is a peer")
    }
}

impl PeerState {
    pub(crate) fn counts(&self) -> PeerCounts {
        self.tally.read(self.queue.length())
    }

    /// Makes a connection the one from this peer that counts. What is returned ends when another takes its place.
    pub(crate) fn admit(&self) -> impl Future<Output = ()> + Send + use<> {
        let (held, superseded) = oneshot::channel();
        self.inbound.lock().unwrap_or_else(PoisonError::into_inner).replace(held);
        async move {
            let Err(_) = superseded.await;
        }
    }

    /// Decodes a message from this peer, and waits until it was delivered.
    pub(crate) async fn deliver<T, F, D>(&self, bytes: &[u8], deliver: &F) -> Result<(), Closing>
    where
        T: Codec,
        F: Fn(PeerId, T) -> D,
        D: Future<Output = ()>,
    {
        let message = from_bytes(bytes).map_err(|_| Closing::Malformed)?;
        self.tally.received.add(1);
        self.tally.received_bytes.add(bytes.len());
        deliver(self.id, message).await;
        Ok(())
    }
}

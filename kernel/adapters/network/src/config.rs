//! Who a node is, whom it knows and where they are, and the limits of what others can make it do.

use crate::frame::HEAD;
use antfarm_identity::{MAX_ENCODED, PublicKey, Signer};
use antfarm_machine::{PeerId, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a node's connections are made from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// What this node is called.
    pub me: PeerId,
    /// Its key, which it proves in each handshake. Prints as its public key.
    pub signer: Signer,
    /// Where it listens: an IP address or host with a port; port 0 takes a free one.
    pub listen: String,
    /// The others.
    pub peers: BTreeMap<PeerId, Peer>,
    /// What others can make it do at most.
    pub limits: Limits,
}

/// Another node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Peer {
    /// The key that it proves.
    pub key: PublicKey,
    /// Where it listens: an IP address or host with a port. A host is looked up at each attempt.
    pub address: String,
}

/// What others can make a node do at most, and how long it waits for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The longest encoding of a message, in bytes, sent or received; at most [`MAX_ENCODED`].
    pub max_message: usize,
    /// The most messages that wait for one peer; when more come, the oldest go.
    pub max_waiting: usize,
    /// The most bytes that wait for one peer, with five for each message. Memory may be twice as much.
    pub max_waiting_bytes: usize,
    /// The most connections that have not proved their key.
    pub max_unproved: usize,
    /// The most of these that come from one address: of IPv6, from one /64.
    pub max_unproved_from_one: usize,
    /// How long a connection may take to prove its key, and a dialled peer to answer and welcome.
    pub handshake: Span,
    /// How long a connection says nothing before it says that it is alive.
    pub beat: Span,
    /// How long a connection may say nothing before it counts as dead: noticed after this long, or at most twice that.
    pub silence: Span,
    /// The longest wait before a peer is dialled for the second time.
    pub first_redial: Span,
    /// The longest wait before any later time.
    pub longest_redial: Span,
    /// How long a connection must have stood for the next wait to be short again.
    pub settled: Span,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message: 1 << 20,
            max_waiting: 16_384,
            max_waiting_bytes: 4 << 20,
            max_unproved: 64,
            max_unproved_from_one: 8,
            handshake: Span::from_secs(5),
            beat: Span::from_secs(5),
            silence: Span::from_secs(15),
            first_redial: Span::from_millis(50),
            longest_redial: Span::from_secs(10),
            settled: Span::from_secs(10),
        }
    }
}

/// Why a configuration makes no sense.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BadConfig {
    /// Two peers have one key.
    SameKey {
        /// One of them.
        one: PeerId,
        /// The other.
        other: PeerId,
    },
    /// A peer has this node's own key or id.
    Myself {
        /// The peer.
        peer: PeerId,
    },
    /// A peer's key is no point of the curve: nobody can prove it.
    Key {
        /// The peer.
        peer: PeerId,
    },
    /// A limit is too small or too large for another.
    Limit {
        /// Its name.
        name: &'static str,
        /// What it must be.
        must: &'static str,
    },
}

impl fmt::Display for BadConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameKey { one, other } => write!(f, "the peers `{one}` and `{other}` have one key: give each its own"),
            Self::Myself { peer } => write!(f, "the peer `{peer}` has this node's own id or key: leave it out"),
            Self::Key { peer } => write!(f, "the key of the peer `{peer}` is no point of the curve: nobody can prove it"),
            Self::Limit { name, must } => write!(f, "the limit `{name}` must be {must}"),
        }
    }
}

impl std::error::Error for BadConfig {}

impl Config {
    /// Whether it makes sense.
    ///
    /// # Errors
    ///
    /// The first thing that does not.
    pub fn check(&self) -> Result<(), BadConfig> {
        let mut keys: BTreeMap<PublicKey, PeerId> = BTreeMap::new();
        for (&id, peer) in &self.peers {
            if id == self.me || peer.key == self.signer.public() {
                return Err(BadConfig::Myself { peer: id });
            }
            peer.key.check().map_err(|_| BadConfig::Key { peer: id })?;
            if let Some(one) = keys.insert(peer.key, id) {
                return Err(BadConfig::SameKey { one, other: id });
            }
        }
        self.limits.check()
    }

    pub(crate) fn keys(&self) -> BTreeSet<PublicKey> {
        self.peers.values().map(|peer| peer.key).collect()
    }
}

impl Limits {
    fn check(&self) -> Result<(), BadConfig> {
        let fits = self.max_message.saturating_add(HEAD) <= self.max_waiting_bytes;
        let rules = [
            ("max_message", self.max_message <= MAX_ENCODED, "at most 16 MiB"),
            ("max_waiting_bytes", fits, "at least `max_message` and five bytes more"),
            ("max_waiting", self.max_waiting > 0, "at least 1"),
            ("max_unproved", self.max_unproved > 0, "at least 1"),
            ("max_unproved_from_one", self.max_unproved_from_one > 0, "at least 1"),
            ("handshake", self.handshake > Span::ZERO, "longer than nothing"),
            ("beat", self.beat > Span::ZERO, "longer than nothing"),
            ("silence", self.silence >= self.beat.times(2), "at least twice `beat`: one that is late is not silence"),
            ("first_redial", self.first_redial > Span::ZERO, "longer than nothing"),
            ("longest_redial", self.longest_redial >= self.first_redial, "at least `first_redial`"),
        ];
        let broken = rules.into_iter().find(|(_, holds, _)| !holds);
        broken.map_or(Ok(()), |(name, _, must)| Err(BadConfig::Limit { name, must }))
    }
}

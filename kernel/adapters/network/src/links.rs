//! A node's connections as a whole: started, asked what happened, stopped.

use crate::accept::Accept;
use crate::dial::Dial;
use crate::frame::{Frame, Frames};
use crate::scope::{Ending, Scope};
use crate::state::{PeerState, State};
use crate::{BadConfig, Config, Counts, PeerCounts, Wire};
use antfarm_identity::Codec;
use antfarm_machine::{Network, PeerId};
use std::fmt;
use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::sync::Arc;
use tracing::{debug, warn};

/// The memory that an outbox keeps for encoding, in bytes.
const SCRATCH: usize = 64 << 10;

/// All connections of a node. When this is dropped they are closed, and nothing is sent or delivered any more.
pub struct Links {
    state: Arc<State>,
    ending: Ending,
    at: SocketAddr,
}

/// Sends: the port that a machine's driver is given. Clones send through the same connections.
pub struct Outbox<T> {
    state: Arc<State>,
    scratch: Vec<u8>,
    message: PhantomData<fn(T)>,
}

/// Why a node's connections could not be started.
#[derive(Debug)]
pub enum StartError {
    /// The configuration makes no sense.
    Config(BadConfig),
    /// It cannot listen.
    Listen {
        /// Where it was to listen.
        address: String,
        /// What the system says.
        error: io::Error,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(bad) => bad.fmt(f),
            Self::Listen { address, error } => write!(f, "cannot listen at `{address}`: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl Links {
    /// Listens, and dials every peer until it answers.
    ///
    /// Each message that arrives is given to `deliver` with the peer that sent it; what `deliver` returns is awaited before
    /// more is read from that peer. Messages to oneself come that way too.
    ///
    /// # Errors
    ///
    /// When the configuration makes no sense, or the address is not to be had.
    pub async fn start<W, T, F, D>(wire: W, config: Config, deliver: F) -> Result<(Self, Outbox<T>), StartError>
    where
        W: Wire,
        T: Codec + Send + 'static,
        F: Fn(PeerId, T) -> D + Send + Sync + 'static,
        D: Future<Output = ()> + Send + 'static,
    {
        config.check().map_err(StartError::Config)?;
        let listened = wire.listen(&config.listen).await;
        let (listener, at) = listened.map_err(|error| StartError::Listen { address: config.listen.clone(), error })?;
        let state = Arc::new(State::new(&config));
        let deliver = Arc::new(deliver);
        let (scope, ending) = Scope::new(wire.clone());
        for (&id, peer) in &config.peers {
            let dialler = state.prover.dialler(peer.key);
            scope.spawn(Dial::new(wire.clone(), state.clone(), id, dialler).run());
        }
        scope.spawn(to_myself(state.clone(), deliver.clone()));
        scope.spawn(Accept::new(scope.clone(), state.clone(), deliver).run(listener));
        let outbox = Outbox { state: state.clone(), scratch: Vec::new(), message: PhantomData };
        Ok((Self { state, ending, at }, outbox))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.at
    }

    /// What happened since the start.
    pub fn counts(&self) -> Counts {
        self.state.tally.read(self.state.peers.iter().map(|(&id, peer)| (id, peer.counts())).collect())
    }

    /// What happened with a peer, or with what this node sent itself; none for who is unknown.
    pub fn peer(&self, id: PeerId) -> Option<PeerCounts> {
        self.state.peers.get(&id).map(PeerState::counts)
    }

    /// From now on the peer is dialled at this address, at once; a connection to another one is closed. Whether there is
    /// such a peer.
    pub fn readdress(&self, id: PeerId, address: impl Into<String>) -> bool {
        let peer = self.state.peers.get(&id).filter(|peer| peer.id != self.state.me);
        let Some(peer) = peer else { return false };
        let address = address.into();
        peer.address.send_if_modified(|now| {
            let differs = *now != address;
            *now = address;
            differs
        });
        true
    }

    /// Closes everything; returns when no task is left. What waits to be sent is lost.
    pub async fn stop(self) {
        self.ending.end().await;
    }
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Links({} at {})", self.state.me, self.at)
    }
}

impl<T> Clone for Outbox<T> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), scratch: Vec::new(), message: PhantomData }
    }
}

impl<T> fmt::Debug for Outbox<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outbox({})", self.state.me)
    }
}

impl<T: Codec> Network<T> for Outbox<T> {
    fn send(&mut self, to: PeerId, message: T) {
        let Some(peer) = self.state.peers.get(&to) else {
            self.state.tally.dropped_unknown.add(1);
            return debug!(peer = %to, "message to nobody dropped");
        };
        self.scratch.clear();
        message.encode(&mut self.scratch);
        let length = self.scratch.len();
        if length > self.state.limits.max_message {
            peer.tally.dropped_long.add(1);
            warn!(peer = %to, length, "message dropped: it is longer than `max_message`");
        } else {
            peer.tally.dropped_overflow.add(peer.queue.put(&self.scratch));
        }
        self.scratch.shrink_to(SCRATCH);
    }
}

/// Delivers what this node sends itself: encoded and decoded, so that nothing gets through here that would not elsewhere.
async fn to_myself<T, F, D>(state: Arc<State>, deliver: Arc<F>)
where
    T: Codec,
    F: Fn(PeerId, T) -> D,
    D: Future<Output = ()>,
{
    let me = state.peer(state.me);
    let mut frames = Frames::new(state.limits.max_message);
    loop {
        let messages = me.queue.take(1, frames.space());
        if messages == 0 {
            me.queue.filled().await;
        }
        while let Some(Frame::Message(bytes)) = frames.take().expect("a queue holds frames") {
            me.tally.sent.add(1);
            if let Err(why) = me.deliver(bytes, &*deliver).await {
                me.tally.closed.add(why);
                warn!(peer = %me.id, %why, "a message to oneself dropped");
            }
        }
    }
}

//! What an operator decides about a cluster: how many servers, how patient they are, and every limit that keeps their state
//! bounded.
//!
//! One value is shared by all servers and clients of a cluster. It holds no addresses: servers are the peers `0..servers`, and
//! every further peer is a client. Membership never changes; thesis chapter 4 is left out.

use crate::{Client, Node, Server};
use antfarm_machine::{PeerId, Span};

/// The most servers that a cluster can have.
pub const MAX_SERVERS: u32 = 64;

/// The parameters of a cluster. [`Config::new`] gives the usual ones; change fields, then build nodes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Config {
    /// How many servers there are, 1 to [`MAX_SERVERS`]; they are the peers with the lowest numbers.
    pub servers: u32,
    /// The shortest time without a leader's message after which a server stands for election. Thesis section 3.4 wants it
    /// well above the network's round trip and the disk's latency.
    pub election_min: Span,
    /// The longest such time. Each server draws its own between the two, anew in each term.
    pub election_max: Span,
    /// How often a leader speaks when it has nothing to say; well below `election_min`.
    pub heartbeat: Span,
    /// How long a client waits for an answer before it asks another server.
    pub retry: Span,
    /// How long a server whose disk failed waits before it reads the disk again.
    pub reopen: Span,
    /// A snapshot is taken when this many entries were applied since the last one; 0 means never, and then the log ends
    /// at `window`.
    pub snapshot_every: u64,
    /// The most entries in one message or one write to the disk; at least 1.
    pub batch: usize,
    /// The most entries that a log holds. A leader refuses writes from half of it on, so that the entries with which
    /// new leaders begin always find room. At least 8, and eight times `snapshot_every`.
    pub window: usize,
    /// The most reads that a leader keeps waiting.
    pub reads: usize,
    /// The most clients that the replicated session table remembers.
    pub sessions: usize,
    /// The most operations that wait at one client behind the one it is busy with.
    pub queue: usize,
    /// The length, in bytes, at which the file of votes is replaced by a new one.
    pub vote_bytes: u64,
}

impl Config {
    /// The usual parameters for `servers` servers: elections after 150 to 300 ms (thesis section 9.2), heartbeats every 50.
    pub const fn new(servers: u32) -> Self {
        Self {
            servers,
            election_min: Span::from_millis(150),
            election_max: Span::from_millis(300),
            heartbeat: Span::from_millis(50),
            retry: Span::from_millis(250),
            reopen: Span::from_millis(100),
            snapshot_every: 64,
            batch: 32,
            window: 1024,
            reads: 256,
            sessions: 256,
            queue: 16,
            vote_bytes: 4096,
        }
    }

    /// The node that runs at `id`: a server below `servers`, a client from there on.
    ///
    /// # Panics
    ///
    /// When the parameters make no cluster: no server or more than [`MAX_SERVERS`], an empty range of election timeouts, a
    /// heartbeat that is not shorter than them, no batch, or a window of less than eight entries or eight times `snapshot_every`.
    pub fn node(self, id: PeerId) -> Node {
        self.check();
        if self.is_server(id) {
            Node::Server(alloc::boxed::Box::new(Server::new(self, id)))
        } else {
            Node::Client(Client::new(self, id))
        }
    }

    /// Whether the peer `id` is a server of this cluster.
    pub const fn is_server(self, id: PeerId) -> bool {
        id.number() < self.servers
    }

    /// The servers of this cluster.
    pub fn peers(self) -> impl Iterator<Item = PeerId> {
        (0..self.servers).map(PeerId::new)
    }

    /// The most entries in one segment on disk: an eighth of the window. A segment is removed as a whole, and two are kept behind a
    /// snapshot, so a log that is committed never fills more than a quarter of the window for long.
    pub(crate) const fn segment(self) -> u64 {
        self.window as u64 / 8
    }

    /// How many servers decide: more than half.
    pub(crate) const fn majority(self) -> usize {
        (self.servers / 2 + 1) as usize
    }

    fn check(&self) {
        assert!((1..=MAX_SERVERS).contains(&self.servers), "a cluster has 1 to {MAX_SERVERS} servers");
        assert!(self.election_min <= self.election_max, "the range of election timeouts is empty");
        assert!(self.heartbeat < self.election_min, "a leader must speak more often than its followers lose patience");
        assert!(self.batch >= 1 && self.window >= 8, "a log needs room");
        assert!(self.snapshot_every <= self.segment(), "a log needs room for eight snapshots' worth of entries");
    }
}

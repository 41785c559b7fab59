//! Nodes for tests: each with the messages that arrive at it, and a way to wait for what will happen.

use antfarm_identity::Signer;
use antfarm_machine::{Network, PeerId, Span};
use antfarm_network::{Config, Limits, Links, Outbox, Peer, PeerCounts, Sockets, Wire};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long a test waits for what must happen: long, since the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) type Message = Vec<u8>;

pub(crate) struct Node {
    pub(crate) links: Links,
    pub(crate) outbox: Outbox<Message>,
    pub(crate) inbox: mpsc::Receiver<(PeerId, Message)>,
}

pub(crate) const fn id(number: u32) -> PeerId {
    PeerId::new(number)
}

/// The secret of the node of this number.
pub(crate) fn secret(number: u32) -> [u8; 32] {
    [u8::try_from(number).expect("a small number"); 32]
}

pub(crate) fn signer(number: u32) -> Signer {
    Signer::new(&secret(number))
}

/// Limits for tests: nothing waits long.
pub(crate) fn brisk() -> Limits {
    Limits {
        first_redial: Span::from_millis(10),
        longest_redial: Span::from_millis(40),
        beat: Span::from_millis(20),
        ..Limits::default()
    }
}

/// A node that knows these others, listening at a free port.
pub(crate) fn config(me: u32, limits: Limits, peers: &[(u32, String)]) -> Config {
    let peer =
        |(number, address): &(u32, String)| (id(*number), Peer { key: signer(*number).public(), address: address.clone() });
    Config {
        me: id(me),
        signer: signer(me),
        listen: "127.0.0.1:0".to_owned(),
        peers: peers.iter().map(peer).collect::<BTreeMap<_, _>>(),
        limits,
    }
}

/// An address at which nobody answers.
pub(crate) fn nowhere() -> String {
    "127.0.0.1:1".to_owned()
}

pub(crate) async fn start(config: Config) -> Node {
    start_on(Sockets, config, 1_000).await
}

/// Starts a node with room for so many messages that nobody took.
pub(crate) async fn start_on(wire: impl Wire, config: Config, room: usize) -> Node {
    let (arrived, inbox) = mpsc::channel(room);
    let deliver = move |from, message| {
        let arrived = arrived.clone();
        // Nobody listens any more when a test is over.
        async move { drop(arrived.send((from, message)).await) }
    };
    let (links, outbox) = Links::start(wire, config, deliver).await.expect("it starts");
    Node { links, outbox, inbox }
}

/// Two nodes, 1 and 2, that know each other.
pub(crate) async fn pair(limits: Limits) -> [Node; 2] {
    let one = start(config(1, limits, &[(2, nowhere())])).await;
    let two = start(config(2, limits, &[(1, one.address())])).await;
    one.links.readdress(id(2), two.address());
    [one, two]
}

impl Node {
    pub(crate) fn address(&self) -> String {
        self.links.address().to_string()
    }

    pub(crate) fn send(&mut self, to: u32, message: &[u8]) {
        self.outbox.send(id(to), message.to_vec());
    }

    /// The next message that arrives, and from whom.
    pub(crate) async fn hear(&mut self) -> (u32, Message) {
        let (from, message) = tokio::time::timeout(PATIENCE, self.inbox.recv()).await.expect("in time").expect("the node runs");
        (from.number(), message)
    }

    pub(crate) fn peer(&self, number: u32) -> PeerCounts {
        self.links.peer(id(number)).expect("a peer")
    }

    /// Sends until something from there is heard here: a message may be lost with an old connection.
    pub(crate) async fn reach(&mut self, to: &mut Self, numbers: (u32, u32)) {
        let begun = Instant::now();
        loop {
            self.send(numbers.1, b"reach");
            let heard = tokio::time::timeout(Duration::from_millis(50), to.inbox.recv()).await;
            if let Ok(Some((from, _))) = heard {
                assert_eq!(from, id(numbers.0));
                while to.inbox.try_recv().is_ok() {}
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{:?}", self.peer(numbers.1));
        }
    }
}

/// Waits until `holds`, or fails with what `saw` says.
pub(crate) async fn until(holds: impl Fn() -> bool, saw: impl Fn() -> String) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{}", saw());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

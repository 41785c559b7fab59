//! One machine and its process: a node of a colony on the host, put together as the daemon does it, with the world's sockets, clocks
//! and disk.

use crate::bank::{self, BANK};
use crate::desk::Desk;
use crate::disk::Platter;
use crate::ledgers;
use crate::sockets::Sockets;
use crate::time::Clocks;
use crate::trace::Trace;
use antfarm_authority::{Name, Tenant, TrustRoots};
use antfarm_host::{Handle, Host, Inbox, Limits, Timekeeper as _, lanes};
use antfarm_identity::{Digest, Domain, PublicKey, Signer, to_bytes};
use antfarm_machine::{Network, Observer, PeerId, Ports, Span};
use antfarm_network::{Config as NetworkConfig, Links, Outbox, Peer};
use antfarm_node::{Config, Message, Node, Notice};
use madsim::rand::{Rng, thread_rng};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How many nodes the colony has. The first is the trust root.
pub const NODES: u32 = 3;

/// One in so many notices is held against the disk.
const LOOK_EVERY: u32 = 16;

/// A machine. Clones are of one machine.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its number, and what the others call it.
    pub number: u32,
    /// What its clients were told.
    pub desk: Desk,
    /// Its disk.
    pub platter: Platter,
    /// Its network card.
    pub sockets: Sockets,
    /// Its clocks.
    pub clocks: Clocks,
    trace: Trace,
    process: Arc<Mutex<Process>>,
}

#[derive(Default, Debug)]
struct Process {
    /// The number of its last start. A file holds it in production.
    incarnation: u64,
    front: Option<(Inbox<Node>, Handle)>,
    links: Option<Arc<Links>>,
}

/// The key of the node of this number.
pub fn key(number: u32) -> PublicKey {
    signer(number).public()
}

/// The colony.
pub fn colony() -> Digest {
    Digest::of(Domain::new("antfarm 2026 madsim colony"), b"")
}

/// On whose behalf all act.
pub fn tenant() -> Tenant {
    Tenant(Name::new("acme").expect("legal"))
}

/// Whose writs need no parent.
pub fn roots() -> TrustRoots {
    TrustRoots::new(colony(), [key(0)]).expect("one is not too many")
}

fn signer(number: u32) -> Signer {
    Signer::insecure(u64::from(number) + 1)
}

/// The address of the machine of this number.
pub fn ip(number: u32) -> String {
    format!("10.0.0.{}", number + 1)
}

fn address(number: u32) -> String {
    format!("{}:7400", ip(number))
}

fn others(number: u32) -> impl Iterator<Item = u32> {
    (0..NODES).filter(move |other| *other != number)
}

impl Machine {
    /// A machine with an empty disk.
    pub fn new(number: u32, clocks: Clocks, trace: Trace) -> Self {
        let (desk, platter, sockets) = (Desk::default(), Platter::default(), Sockets::default());
        Self { number, desk, platter, sockets, clocks, trace, process: Arc::default() }
    }

    /// One process, from its start until it is told to stop.
    pub async fn run(self) {
        let (inbox, lanes) = lanes::<Node>(Limits::default());
        let (receipts, trace, number) = (inbox.clone(), self.trace.clone(), self.number);
        let (store, spinning) = self.platter.open(move |receipt| {
            trace.note(number, "receipt", &receipt.ticket.0.to_le_bytes());
            receipts.stored(receipt);
        });
        drop(madsim::task::spawn(spinning));
        let heard = inbox.clone();
        let deliver = move |from: PeerId, message: Message| {
            let heard = heard.clone();
            async move { heard.heard_in_turn(from, message).await.unwrap_or_default() }
        };
        let (links, outbox) = Links::start(self.sockets.clone(), self.connections(), deliver).await.expect("the address is free");
        let links = Arc::new(links);
        self.process(|it| it.links = Some(links.clone()));
        let router = Router { outbox, machine: self.clone(), inbox: inbox.clone() };
        let ports = Ports { clock: self.clocks, network: router, storage: store, observer: Ears(self.clone()) };
        let incarnation = self.process(|it| {
            it.incarnation = (it.incarnation + 1).max(self.clocks.wall().as_nanos());
            it.incarnation
        });
        let (handle, running) = Host::new(Node::new(self.setup()), incarnation, ports).start(lanes);
        self.process(|it| it.front = Some((inbox, handle)));
        let stopped = running.await.expect("a machine does not panic");
        assert_eq!(stopped.unanswered, 0, "the disk answers all");
        stopped.machine.check();
        self.ended();
        Arc::into_inner(links).expect("nobody else keeps them").stop().await;
    }

    /// The process is gone; its machine need not be.
    pub fn ended(&self) {
        self.process(|it| (it.front, it.links) = (None, None));
        self.desk.shut();
    }

    /// The ways into the process that runs, if one does.
    pub fn front(&self) -> Option<(Inbox<Node>, Handle)> {
        self.process(|it| it.front.clone())
    }

    fn process<R>(&self, change: impl FnOnce(&mut Process) -> R) -> R {
        change(&mut self.process.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn setup(&self) -> Config {
        let mut config = Config::new(roots(), tenant(), signer(self.number));
        config.nodes = others(self.number).map(|other| (PeerId::new(other), key(other))).collect();
        config.tools = bank::toolbox();
        // Often, so that restarts begin at checkpoints too.
        config.save_every = 128;
        config.reopen_after = Span::from_millis(200);
        config
    }

    fn connections(&self) -> NetworkConfig {
        let peer = |other: u32| (PeerId::new(other), Peer { key: key(other), address: address(other) });
        NetworkConfig {
            me: PeerId::new(self.number),
            signer: signer(self.number),
            listen: address(self.number),
            peers: others(self.number).map(peer).collect(),
            limits: antfarm_network::Limits::default(),
        }
    }
}

/// How it is, for a person who wonders why it is stuck.
impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs = if self.front().is_some() { "its process runs" } else { "no process runs" };
        let log = if self.desk.is_open() { "open" } else { "not open" };
        let counts = self.process(|it| it.links.as_ref().map(|links| links.counts()));
        write!(f, "node {}: {runs}, its log is {log}, connections: {counts:#?}", self.number)
    }
}

/// Sends to nodes through their connections, and to the bank through one for each call.
struct Router {
    outbox: Outbox<Message>,
    machine: Machine,
    inbox: Inbox<Node>,
}

impl Network<Message> for Router {
    fn send(&mut self, to: PeerId, message: Message) {
        let Machine { number, trace, sockets, .. } = &self.machine;
        trace.note(*number, "send", &to_bytes(&message));
        match to == BANK {
            true => bank::carry(message.body, sockets, self.inbox.clone(), trace.clone()),
            false => self.outbox.send(to, message),
        }
    }
}

/// Hears what the node tells.
struct Ears(Machine);

impl Observer<Notice> for Ears {
    fn tell(&mut self, notice: Notice) {
        self.0.trace.note(self.0.number, "notice", &to_bytes(&notice));
        // INVARIANT(durable-before-visible), looked at now and then, since it means reading the disk.
        if thread_rng().gen_range(0..LOOK_EVERY) == 0 {
            let shown = ledgers::shows(self.0.number, &self.0.platter.disk(), &notice);
            assert!(shown, "node {} tells what is not on its disk: {notice:?}", self.0.number);
        }
        self.0.desk.hear(&notice);
    }
}

//! A perfect little world for the tests of this crate: messages arrive in order, disks answer at once, alarms ring when asked.

use antfarm_machine::{Effect, Effects, Entry, Input, Machine, Now, Object, Operation, Outcome, PeerId, Receipt};
use antfarm_raft::{Answer, Command, Config, Message, Node, Notice, Role, Server, Timer};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(crate) type Disk = BTreeMap<Object, Vec<u8>>;

/// Nodes with their disks and alarms, and what is under way between them.
pub(crate) struct Cluster {
    pub(crate) config: Config,
    pub(crate) nodes: Vec<Node>,
    pub(crate) disks: Vec<Disk>,
    pub(crate) told: Vec<(usize, Notice)>,
    pub(crate) alarms: Vec<BTreeSet<Timer>>,
    /// Nodes whose messages are lost, both ways.
    pub(crate) cut: BTreeSet<usize>,
    /// Nodes whose disks do what they are asked to, but never say so.
    pub(crate) mute: BTreeSet<usize>,
    /// What was said: by whom, to whom.
    pub(crate) said: Vec<(usize, PeerId, Message)>,
    /// What the next append of a node is answered with, instead of being done.
    pub(crate) refuse: Option<(usize, Outcome)>,
    inputs: VecDeque<(usize, Input<Node>)>,
    starts: u64,
}

impl Cluster {
    /// `config.servers` servers and one client, started.
    pub(crate) fn new(config: Config) -> Self {
        let peers = config.servers as usize + 1;
        let nodes = (0..peers).map(|at| config.node(peer(at))).collect();
        let (disks, alarms) = (vec![Disk::new(); peers], vec![BTreeSet::new(); peers]);
        let (told, cut, inputs) = (Vec::new(), BTreeSet::new(), VecDeque::new());
        let (mute, said) = (BTreeSet::new(), Vec::new());
        let mut cluster = Self { config, nodes, disks, told, alarms, cut, mute, said, refuse: None, inputs, starts: 0 };
        (0..peers).for_each(|at| cluster.start(at));
        cluster
    }

    /// Crashes a node and starts it again; what was under way to it is lost.
    pub(crate) fn start(&mut self, at: usize) {
        self.inputs.retain(|(node, _)| *node != at);
        self.nodes[at] = self.config.node(peer(at));
        self.alarms[at].clear();
        self.starts += 1;
        self.feed(at, Input::Woke { incarnation: self.starts });
    }

    /// Rings an alarm, if it is armed, and lets everything that follows happen.
    pub(crate) fn ring(&mut self, at: usize, timer: Timer) {
        if self.alarms[at].remove(&timer) {
            self.feed(at, Input::Rang(timer));
        }
    }

    /// Asks the client for an operation; returns its answer, after as many heartbeats and retries as it takes.
    pub(crate) fn ask(&mut self, command: Command) -> Answer {
        let client = self.config.servers as usize;
        let before = self.told.len();
        self.feed(client, Input::Asked(command));
        for _ in 0..20 {
            let returned = self.told[before..]
                .iter()
                .find_map(|(_, notice)| if let Notice::Returned { answer, .. } = notice { Some(*answer) } else { None });
            match returned {
                Some(answer) => return answer,
                None => {
                    (0..client).for_each(|at| self.ring(at, Timer::Heartbeat));
                    self.ring(client, Timer::Retry);
                }
            }
        }
        panic!("{command:?} was not answered; {:?}", self.told);
    }

    /// Adds 1 to key 1, `times` times.
    pub(crate) fn count(&mut self, times: usize) {
        for _ in 0..times {
            assert!(matches!(self.ask(Command::Add { key: 1, by: 1 }), Answer::Value(_)));
        }
    }

    /// Makes a server the leader, by the patience of all others ending first.
    pub(crate) fn elect(&mut self, at: usize) {
        for other in 0..self.config.servers as usize {
            if other != at && !self.cut.contains(&other) {
                self.ring_quietly(other);
            }
        }
        self.ring(at, Timer::Election);
        assert_eq!(self.server(at).role(), Role::Leader);
    }

    /// Lets an election alarm ring of which nobody hears.
    pub(crate) fn ring_quietly(&mut self, at: usize) {
        let newly = self.cut.insert(at);
        self.ring(at, Timer::Election);
        if newly {
            self.cut.remove(&at);
        }
    }

    pub(crate) fn server(&self, at: usize) -> &Server {
        self.nodes[at].as_server().expect("a server")
    }

    pub(crate) fn feed(&mut self, at: usize, input: Input<Node>) {
        self.inputs.push_back((at, input));
        while let Some((at, input)) = self.inputs.pop_front() {
            if at < self.nodes.len() {
                self.step(at, input);
            }
        }
    }

    /// Hands a node a message that nobody sent.
    pub(crate) fn hear(&mut self, at: usize, from: u32, message: Message) {
        self.feed(at, Input::Heard { from: PeerId::new(from), message });
    }

    fn step(&mut self, at: usize, input: Input<Node>) {
        let mut effects = Vec::new();
        self.nodes[at].step(Now::ZERO, input, &mut Effects::new(&mut effects));
        if let Some(server) = self.nodes[at].as_server() {
            server.check();
        }
        for effect in effects {
            if let Effect::Send { to, message } = &effect {
                self.said.push((at, *to, message.clone()));
            }
            match effect {
                Effect::Send { to, message } if !self.cut.contains(&at) && !self.cut.contains(&to.index()) => {
                    let from = peer(at);
                    self.inputs.push_back((to.index(), Input::Heard { from, message }));
                }
                Effect::Send { .. } => {}
                Effect::Store(request) => {
                    let append = matches!(request.operation, Operation::AppendAt { .. });
                    let outcome = match self.refuse.take_if(|(node, _)| append && *node == at) {
                        Some((_, outcome)) => outcome,
                        None => perform(&mut self.disks[at], request.operation),
                    };
                    if !self.mute.contains(&at) {
                        self.inputs.push_back((at, Input::Stored(Receipt { ticket: request.ticket, outcome })));
                    }
                }
                Effect::Arm { timer, .. } => drop(self.alarms[at].insert(timer)),
                Effect::Disarm(timer) => drop(self.alarms[at].remove(&timer)),
                Effect::Tell(notice) => self.told.push((at, notice)),
            }
        }
    }
}

fn perform(disk: &mut Disk, operation: Operation) -> Outcome {
    match operation {
        Operation::List => Outcome::Listed(
            disk.iter().map(|(object, bytes)| Entry { object: object.clone(), length: bytes.len() as u64 }).collect(),
        ),
        Operation::Read { object, range } => {
            let bytes = disk.get(&object).map_or(&[][..], Vec::as_slice);
            let [start, end] = [range.start, range.end].map(|at| size(at).min(bytes.len()));
            Outcome::Data(bytes[start..end].to_vec())
        }
        Operation::AppendAt { object, expected_end, bytes } => {
            let end = disk.get(&object).map_or(0, |bytes| bytes.len() as u64);
            if end != expected_end {
                return Outcome::Conflict { end };
            }
            disk.entry(object).or_default().extend(bytes);
            Outcome::Done
        }
        Operation::Truncate { object, length } => {
            if let Some(bytes) = disk.get_mut(&object) {
                bytes.truncate(size(length));
            }
            Outcome::Done
        }
        Operation::Remove { object } => {
            disk.remove(&object);
            Outcome::Done
        }
    }
}

fn peer(at: usize) -> PeerId {
    PeerId::new(u32::try_from(at).expect("few nodes"))
}

fn size(length: u64) -> usize {
    usize::try_from(length).expect("small objects")
}

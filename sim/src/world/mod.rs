//! The world: one value that holds everything that exists, and the one set of rules by which it changes.
//!
//! It knows what is pending, but neither when it will happen nor with what chance: it holds no queue and no randomness.
//! [`World::choices`] lists what can happen next, in a fixed order; [`World::apply`] makes one thing happen, turns at most
//! one machine, and reports what was born of it. Who picks the choice is a *walk*: a seeded queue, a recording, a model
//! checker, a property test, a fuzzer.
//!
//! The walk sets the time before it applies a choice; a walk that abstracts time away leaves it at zero.

mod choice;
mod clock;
mod disk;
mod enumerate;
mod fingerprint;
pub(crate) mod memo;
mod node;
pub(crate) mod slab;

pub use choice::{ArmId, AskId, Choice, FlightId};
pub(crate) use clock::NodeClock;
pub use clock::{ClockChange, Time};
pub use disk::{Disk, Harm, SyncId, Verdict};
pub use enumerate::Menu;

use crate::subject::{Outside, Simulated};
use antfarm_identity::{Codec, from_bytes, to_bytes};
use antfarm_machine::{Driver, Input, Mono, Now, Operation, PeerId, Request, Span};
use node::{Node, Room};
use slab::Slab;
use std::sync::Arc;

/// A message under way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Flight<M: Simulated> {
    /// Who sent it.
    pub from: PeerId,
    /// Whom it will reach.
    pub to: PeerId,
    /// What it says.
    pub message: M::Message,
}

/// An ask that a client has yet to make.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Wanted<M: Simulated> {
    node: PeerId,
    ask: M::Ask,
}

/// What came of one choice: which node turned, and what is pending because of it.
#[derive(Clone, Debug)]
pub struct Born<M: Simulated> {
    /// The node that turned.
    pub node: Option<PeerId>,
    /// Messages sent, in order.
    pub flights: Vec<FlightId>,
    /// Alarms armed, with how long the world has to wait for each.
    pub rings: Vec<(ArmId, Span)>,
    /// Requests to the disk.
    pub syncs: Vec<SyncId>,
    /// Notices told.
    pub notices: Vec<M::Notice>,
    /// The choice came to nothing: the addressee was down or nobody, or the bytes could not be decoded.
    pub void: bool,
}

impl<M: Simulated> Born<M> {
    fn clear(&mut self) {
        self.node = None;
        self.flights.clear();
        self.rings.clear();
        self.syncs.clear();
        self.notices.clear();
        self.void = false;
    }
}

/// Buffers that a walk reuses from choice to choice; no part of the world's value.
#[derive(Clone, Debug)]
pub struct Scratch<M: Simulated> {
    driver: Driver<M>,
    answers: Vec<(PeerId, PeerId, M::Message)>,
    /// What came of the latest choice.
    pub born: Born<M>,
}

impl<M: Simulated> Default for Scratch<M> {
    fn default() -> Self {
        let born =
            Born { node: None, flights: Vec::new(), rings: Vec::new(), syncs: Vec::new(), notices: Vec::new(), void: false };
        Self { driver: Driver::new(), answers: Vec::new(), born }
    }
}

/// Everything that exists. Cloning shares all nodes until they change.
#[derive(Clone, Debug)]
pub struct World<M: Simulated, O> {
    now: Time,
    nodes: Vec<Arc<Node<M>>>,
    outside: O,
    flights: Slab<Flight<M>>,
    asks: Slab<Wanted<M>>,
}

impl<M: Simulated, O: Outside<M>> World<M, O> {
    /// A world of these machines, as configured and not yet started, and what is outside. Node `i` is peer `i`.
    pub fn new(machines: impl IntoIterator<Item = M>, outside: O) -> Self {
        let nodes = machines.into_iter().map(|machine| Arc::new(Node::new(machine))).collect();
        Self { now: Time::ZERO, nodes, outside, flights: Slab::new(), asks: Slab::new() }
    }

    /// These nodes keep their memory and their disks: no list of choices offers to crash them.
    #[must_use]
    pub fn lasting(mut self, nodes: &[PeerId]) -> Self {
        nodes.iter().for_each(|node| self.node_mut(*node).lasting = true);
        self
    }

    /// Moves the world's time on; it never goes back.
    #[inline]
    pub fn advance(&mut self, to: Time) {
        assert!(to >= self.now, "time goes on");
        self.now = to;
    }

    /// Adds an ask that a client of `node` will make: a choice from now on.
    pub fn want(&mut self, node: PeerId, ask: M::Ask) -> AskId {
        assert!(node.index() < self.nodes.len(), "an ask is for a node");
        AskId(self.asks.insert(Wanted { node, ask }))
    }

    /// Makes one thing happen; `scratch.born` tells what came of it.
    ///
    /// Panics when the choice is not open in this world: nothing has that slot, a process starts that is up, and the like.
    pub fn apply(&mut self, choice: &Choice, scratch: &mut Scratch<M>) {
        scratch.born.clear();
        match choice {
            Choice::Deliver(id) => self.deliver(*id, scratch),
            Choice::Lose(id) => drop(self.flights.remove(id.0).expect("a message that is under way")),
            Choice::Copy(id) => {
                let copy = self.flights.get(id.0).expect("a message that is under way").clone();
                scratch.born.flights.push(FlightId(self.flights.insert(copy)));
            }
            Choice::Corrupt(id, bits) => scratch.born.void = !self.corrupt(*id, bits),
            Choice::Ring(node, arm) => {
                self.turn(*node, |node| Input::Rang(node.ring(*arm).expect("an alarm that is armed")), scratch);
            }
            Choice::Sync(node, id, verdict) => {
                if let Some(receipt) = self.disk_mut(*node).complete(*id, verdict) {
                    self.turn(*node, |_| Input::Stored(receipt), scratch);
                }
            }
            Choice::Ask(id) => {
                let Wanted { node, ask } = self.asks.remove(id.0).expect("an ask that is wanted");
                match self.nodes[node.index()].up {
                    true => self.turn(node, |_| Input::Asked(ask), scratch),
                    false => scratch.born.void = true,
                }
            }
            Choice::Start(node) => {
                let now = self.now;
                self.turn(*node, |node| Input::Woke { incarnation: node.start(now) }, scratch);
            }
            Choice::Crash(node) => self.node_mut(*node).crash(),
            Choice::Tear(node, id, keep, zeros) => self.disk_mut(*node).tear(*id, *keep, *zeros),
            Choice::Replace(node) => {
                assert!(!self.nodes[node.index()].up, "a disk is replaced while the process is down");
                self.disk_mut(*node).replace();
            }
            Choice::Rot(node, object, offset, bit) => {
                scratch.born.void = !self.disk_mut(*node).rot(object, *offset, *bit);
            }
            Choice::Clock(node, change) => {
                let now = self.now;
                self.node_mut(*node).clock.change(now, *change);
            }
        }
    }

    fn deliver(&mut self, id: FlightId, scratch: &mut Scratch<M>) {
        let Flight { from, to, message } = self.flights.remove(id.0).expect("a message that is under way");
        match self.nodes.get(to.index()) {
            Some(node) if node.up => self.turn(to, |_| Input::Heard { from, message }, scratch),
            Some(_) => scratch.born.void = true,
            None => {
                self.outside.heard(to, from, message, &mut scratch.answers);
                for (from, to, message) in scratch.answers.drain(..) {
                    scratch.born.flights.push(FlightId(self.flights.insert(Flight { from, to, message })));
                }
            }
        }
    }

    /// Whether what came out of the corruption could be decoded; else the message is lost.
    fn corrupt(&mut self, id: FlightId, bits: &[u32]) -> bool {
        let flight = self.flights.get_mut(id.0).expect("a message that is under way");
        let mut bytes = to_bytes(&flight.message);
        for &bit in bits {
            let at = (bit / 8) as usize % bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << (bit % 8);
            }
        }
        match from_bytes(&bytes) {
            Ok(message) => {
                flight.message = message;
                true
            }
            Err(_) => {
                self.flights.remove(id.0);
                false
            }
        }
    }

    #[inline]
    fn turn(&mut self, me: PeerId, input: impl FnOnce(&mut Node<M>) -> Input<M>, scratch: &mut Scratch<M>) {
        let node = Arc::make_mut(&mut self.nodes[me.index()]);
        let input = input(node);
        assert!(node.up, "only a process that is up is fed");
        scratch.born.node = Some(me);
        let mut room = Room {
            me,
            now: node.clock.read(self.now),
            clock: &node.clock,
            disk: &mut node.disk,
            armed: &mut node.armed,
            next_arm: &mut node.next_arm,
            flights: &mut self.flights,
            born: &mut scratch.born,
        };
        scratch.driver.turn(&mut node.machine, &mut room, input);
    }

    fn node_mut(&mut self, node: PeerId) -> &mut Node<M> {
        Arc::make_mut(&mut self.nodes[node.index()])
    }

    fn disk_mut(&mut self, node: PeerId) -> &mut Disk {
        Arc::make_mut(&mut self.node_mut(node).disk)
    }

    /// What the trace digest covers of a choice that is open in this world: a word, and the bytes that it appends to `out`.
    #[inline]
    pub(crate) fn canon(&self, choice: &Choice, out: &mut Vec<u8>) -> u64 {
        let mut word = choice.word(out);
        match choice {
            Choice::Deliver(id) | Choice::Lose(id) | Choice::Copy(id) | Choice::Corrupt(id, _) => {
                let flight = self.flights.get(id.0).expect("a message that is under way");
                word ^= u64::from(flight.from.number()) << 8 ^ u64::from(flight.to.number()) << 36;
                flight.message.encode(out);
            }
            Choice::Ring(node, arm) => {
                if let Some(timer) = self.timer(*node, *arm) {
                    timer.encode(out);
                }
            }
            Choice::Sync(node, id, _) => {
                if let Some(pending) = self.nodes[node.index()].disk.pending(*id) {
                    pending.request.encode(out);
                }
            }
            Choice::Ask(id) => {
                let wanted = self.asks.get(id.0).expect("an ask that is wanted");
                wanted.node.encode(out);
                wanted.ask.encode(out);
            }
            Choice::Start(_) | Choice::Crash(_) | Choice::Tear(..) | Choice::Replace(_) | Choice::Rot(..) | Choice::Clock(..) => {
            }
        }
        word
    }
}

/// Telling of a world.
impl<M: Simulated, O> World<M, O> {
    /// What a choice carries, as it prints: a message, a timer, a request, an ask; or nothing.
    pub(crate) fn carried(&self, choice: &Choice) -> String {
        match choice {
            Choice::Deliver(id) | Choice::Lose(id) | Choice::Copy(id) | Choice::Corrupt(id, _) => {
                self.flight(*id).map(|flight| format!("{:?}", flight.message)).unwrap_or_default()
            }
            Choice::Ring(node, arm) => self.timer(*node, *arm).map(|timer| format!("{timer:?}")).unwrap_or_default(),
            Choice::Sync(node, id, _) | Choice::Tear(node, id, ..) => {
                self.request(*node, *id).map(|request| format!("{:?}", request.operation)).unwrap_or_default()
            }
            Choice::Ask(id) => self.wanted(*id).map(|(_, ask)| format!("{ask:?}")).unwrap_or_default(),
            Choice::Start(_) | Choice::Crash(_) | Choice::Replace(_) | Choice::Rot(..) | Choice::Clock(..) => String::new(),
        }
    }

    /// A choice in words: who is concerned, and what it carries.
    pub(crate) fn told(&self, choice: &Choice) -> String {
        let whom = match choice {
            Choice::Deliver(id) | Choice::Lose(id) | Choice::Copy(id) | Choice::Corrupt(id, _) => {
                self.flight(*id).map(|flight| format!("{:?} to {:?}: ", flight.from, flight.to)).unwrap_or_default()
            }
            Choice::Ask(id) => self.wanted(*id).map(|(node, _)| format!("{node:?}: ")).unwrap_or_default(),
            Choice::Ring(node, _)
            | Choice::Sync(node, ..)
            | Choice::Start(node)
            | Choice::Crash(node)
            | Choice::Tear(node, ..)
            | Choice::Replace(node)
            | Choice::Rot(node, ..)
            | Choice::Clock(node, _) => format!("{node:?}: "),
        };
        whom + &self.carried(choice)
    }
}

/// Looking at a world.
impl<M: Simulated, O> World<M, O> {
    /// The world's time.
    #[inline]
    pub fn now(&self) -> Time {
        self.now
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All nodes, in order.
    pub fn ids(&self) -> impl Iterator<Item = PeerId> + use<M, O> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(PeerId::new)
    }

    /// The state of a node's machine; of one that is down, the state that it will start from.
    #[inline]
    pub fn machine(&self, node: PeerId) -> &M {
        &self.nodes[node.index()].machine
    }

    /// Whether a node's process runs.
    #[inline]
    pub fn is_up(&self, node: PeerId) -> bool {
        self.nodes[node.index()].up
    }

    /// Whether it was said that a node keeps its memory: see [`World::lasting`].
    pub fn is_lasting(&self, node: PeerId) -> bool {
        self.nodes[node.index()].lasting
    }

    /// A node's disk.
    pub fn disk(&self, node: PeerId) -> &Disk {
        &self.nodes[node.index()].disk
    }

    /// What a node's clocks read now.
    pub fn clock(&self, node: PeerId) -> Now {
        self.nodes[node.index()].clock.read(self.now)
    }

    /// What is outside.
    pub fn outside(&self) -> &O {
        &self.outside
    }

    /// A message under way.
    #[inline]
    pub fn flight(&self, id: FlightId) -> Option<&Flight<M>> {
        self.flights.get(id.0)
    }

    /// All messages under way, in order of slot.
    pub fn flights(&self) -> impl Iterator<Item = (FlightId, &Flight<M>)> {
        self.flights.iter().map(|(slot, flight)| (FlightId(slot), flight))
    }

    /// How many messages are under way.
    pub fn in_flight(&self) -> usize {
        self.flights.len()
    }

    /// The name of an alarm by its arming; `None` when that arming is over.
    pub fn timer(&self, node: PeerId, arm: ArmId) -> Option<&M::Timer> {
        self.nodes[node.index()].armed.iter().find(|armed| armed.id == arm).map(|armed| &armed.timer)
    }

    /// When an armed alarm is due, by the node's own clock, and what that clock reads now.
    #[inline]
    pub(crate) fn due(&self, node: PeerId, arm: ArmId) -> Option<(Mono, Mono)> {
        let node = &self.nodes[node.index()];
        let due = node.armed.iter().find(|armed| armed.id == arm)?.due;
        Some((due, node.clock.read(self.now).mono))
    }

    pub(crate) fn node_clock(&self, node: PeerId) -> &NodeClock {
        &self.nodes[node.index()].clock
    }

    /// The armed alarms of a node, in order of timer.
    pub fn armed(&self, node: PeerId) -> impl Iterator<Item = (ArmId, &M::Timer)> {
        self.nodes[node.index()].armed.iter().map(|armed| (armed.id, &armed.timer))
    }

    /// The request `id` of a node's disk, if it can be carried out now.
    pub fn request(&self, node: PeerId, id: SyncId) -> Option<&Request> {
        Some(&self.nodes[node.index()].disk.pending(id)?.request)
    }

    /// What the request `id` of a node's disk wants, whether or not it can be carried out now.
    pub(crate) fn submitted(&self, node: PeerId, id: SyncId) -> Option<&Operation> {
        self.nodes[node.index()].disk.submitted(id)
    }

    /// The node and content of an ask that is wanted.
    pub fn wanted(&self, id: AskId) -> Option<(PeerId, &M::Ask)> {
        self.asks.get(id.0).map(|wanted| (wanted.node, &wanted.ask))
    }
}

//! Turns worked out before: what one node does with one input depends on nothing else, and a search meets it again and again.
//!
//! In a walk over many worlds most choices feed a node that some other world had too, with an input that it was fed there. A
//! [`Memo`] keeps the outcome: the node as it became, what it sent, and the number that tells it apart. It has a fixed number of
//! places; a newer turn takes the place of an older one. Nodes are compared by identity, inputs by value, so a turn that is
//! remembered is exactly the turn that would be worked out.

use crate::subject::{Outside, Simulated};
use crate::world::node::Node;
use crate::world::{Choice, Flight, Scratch, Time, Wanted, World};
use antfarm_identity::Fold;
use antfarm_machine::PeerId;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Places for turns.
const PLACES: usize = 1 << 16;

/// Turns worked out before.
pub(crate) struct Memo<M: Simulated> {
    places: Vec<Option<Turn<M>>>,
}

/// What a node did with an input.
pub(crate) struct Turn<M: Simulated> {
    /// The node as it was. Holding it keeps its address from being used again.
    before: Arc<Node<M>>,
    fed: Fed<M>,
    now: Time,
    after: Arc<Node<M>>,
    sent: Vec<Flight<M>>,
    /// What the search made of it.
    pub(crate) known: Known,
}

/// What a search wants to know of a turn besides its outcome.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Known {
    /// The number that tells the node apart.
    pub(crate) print: u64,
    /// The sum of the numbers of what was sent.
    pub(crate) sent: u64,
}

/// An input as it can be compared: slots are accidents of a world.
enum Fed<M: Simulated> {
    Heard(Flight<M>),
    Asked(Wanted<M>),
    Else(Choice),
}

impl<M: Simulated> Default for Memo<M> {
    fn default() -> Self {
        Self { places: std::iter::repeat_with(|| None).take(PLACES).collect() }
    }
}

impl<M: Simulated> Memo<M> {
    /// Makes `choice` happen in `world` as it did before; `None`, and nothing happens, when it is not remembered.
    ///
    /// `word` is a number for what the choice carries, equal whenever that is equal.
    pub(crate) fn recall<O>(&self, world: &mut World<M, O>, node: PeerId, choice: &Choice, word: u64) -> Option<Known> {
        let turn = self.places[place(world, node, word)].as_ref()?;
        let same = Arc::ptr_eq(&turn.before, &world.nodes[node.index()]) && turn.now == world.now;
        if !same || !turn.fed.is(choice, world) {
            return None;
        }
        if let Choice::Deliver(id) = choice {
            world.flights.remove(id.0);
        } else if let Choice::Ask(id) = choice {
            world.asks.remove(id.0);
        }
        world.nodes[node.index()] = turn.after.clone();
        for flight in &turn.sent {
            world.flights.insert(flight.clone());
        }
        Some(turn.known)
    }

    /// Makes `choice`, which changes `node` and no other, happen in `world`, and remembers it with what `know` makes of it.
    pub(crate) fn work_out<O: Outside<M>>(
        &mut self,
        world: &mut World<M, O>,
        node: PeerId,
        choice: &Choice,
        word: u64,
        scratch: &mut Scratch<M>,
        know: impl FnOnce(&World<M, O>, &Scratch<M>) -> Known,
    ) -> Known {
        let at = place(world, node, word);
        let (before, fed, now) = (world.nodes[node.index()].clone(), Fed::of(choice, world), world.now);
        world.apply(choice, scratch);
        let known = know(world, scratch);
        let after = world.nodes[node.index()].clone();
        let sent = scratch.born.flights.iter().filter_map(|id| world.flight(*id).cloned()).collect();
        self.places[at] = Some(Turn { before, fed, now, after, sent, known });
        known
    }
}

fn place<M: Simulated, O>(world: &World<M, O>, node: PeerId, word: u64) -> usize {
    let mut fold = Fold::new();
    fold.absorb_u64(Arc::as_ptr(&world.nodes[node.index()]).addr() as u64);
    fold.absorb_u64(word);
    // Reduced before it is converted: it fits.
    usize::try_from(fold.value() % PLACES as u64).unwrap_or(0)
}

impl<M: Simulated> Fed<M> {
    fn of<O>(choice: &Choice, world: &World<M, O>) -> Self {
        let fed = if let Choice::Deliver(id) = choice {
            world.flights.get(id.0).cloned().map(Self::Heard)
        } else if let Choice::Ask(id) = choice {
            world.asks.get(id.0).cloned().map(Self::Asked)
        } else {
            None
        };
        fed.unwrap_or_else(|| Self::Else(choice.clone()))
    }

    fn is<O>(&self, choice: &Choice, world: &World<M, O>) -> bool {
        match (self, choice) {
            (Self::Heard(flight), Choice::Deliver(id)) => world.flights.get(id.0) == Some(flight),
            (Self::Asked(wanted), Choice::Ask(id)) => world.asks.get(id.0) == Some(wanted),
            (Self::Else(known), choice) => known == choice,
            (Self::Heard(_) | Self::Asked(_), _) => false,
        }
    }
}

impl<M: Simulated, O> World<M, O> {
    /// The node that `choice` changes, when it changes one node and nothing else but what that sends.
    pub(crate) fn changed_by(&self, choice: &Choice) -> Option<PeerId> {
        let running = |node: PeerId| self.nodes.get(node.index()).is_some_and(|node| node.up).then_some(node);
        match choice {
            Choice::Deliver(id) => running(self.flights.get(id.0)?.to),
            Choice::Ask(id) => running(self.asks.get(id.0)?.node),
            Choice::Ring(node, _)
            | Choice::Sync(node, ..)
            | Choice::Start(node)
            | Choice::Crash(node)
            | Choice::Tear(node, ..)
            | Choice::Replace(node)
            | Choice::Rot(node, ..)
            | Choice::Clock(node, _) => Some(*node),
            Choice::Lose(_) | Choice::Copy(_) | Choice::Corrupt(..) => None,
        }
    }

    /// A number for what a choice carries, or for the choice itself when it carries nothing; slots do not count.
    pub(crate) fn choice_print<H: Hasher + Default>(&self, choice: &Choice) -> u64 {
        match choice {
            Choice::Deliver(id) | Choice::Lose(id) | Choice::Copy(id) | Choice::Corrupt(id, _) => {
                self.flight_print(*id, H::default())
            }
            Choice::Ask(id) => self.ask_print(*id, H::default()),
            Choice::Ring(..)
            | Choice::Sync(..)
            | Choice::Start(_)
            | Choice::Crash(_)
            | Choice::Tear(..)
            | Choice::Replace(_)
            | Choice::Rot(..)
            | Choice::Clock(..) => {
                let mut hasher = H::default();
                choice.hash(&mut hasher);
                hasher.finish()
            }
        }
    }
}

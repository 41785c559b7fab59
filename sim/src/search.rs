//! The bridge to stateright: the one place in the tree that hands a space of states to it, and takes back what it found.
//!
//! A [`Space`] says where a search begins, what can happen in a state and where that leads. Worlds are searched through it
//! ([`crate::Model`]), and so are the small worlds of specified automata. A state is known by its `Hash` alone: 64 bits twice, here and by
//! stateright, so the chance that among n states one is taken for another is about n^2 / 2^64.
//!
//! What stateright offers beyond this is not used: its symmetry works depth first only (a space gives canonical states instead), and its
//! `eventually` takes a path that ends in a loop for one that goes on.

use crate::check::FoldHasher;
use stateright::{Checker, HasDiscoveries, Model as _, Property};
use std::fmt::Debug;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hash};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// At most this many properties; stateright takes them as plain functions, of which there is a fixed number.
pub const MAX_PROPERTIES: usize = 64;

/// What can be searched: states, and what leads from one to another.
pub trait Space: Sized + Send + Sync + 'static {
    /// A state; equal states hash alike, and states that hash alike are taken for one.
    type State: Clone + PartialEq + Hash + Debug + Send + Sync + 'static;
    /// What happens.
    type Action: Clone + PartialEq + Debug + Send + Sync + 'static;

    /// Where a search begins.
    fn begin(&self) -> Vec<Self::State>;

    /// What can happen in a state, always in the same order.
    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>);

    /// The state after; nothing where the action cannot happen after all.
    fn next(&self, last: &Self::State, action: Self::Action) -> Option<Self::State>;

    /// What must hold in every state, by name; at most [`MAX_PROPERTIES`].
    fn properties(&self) -> Vec<&'static str>;

    /// Whether the property with this number holds in a state.
    fn holds(&self, property: usize, state: &Self::State) -> bool;

    /// Whether a state is worth going on from; one that is not is not looked at.
    fn is_within(&self, _: &Self::State) -> bool {
        true
    }

    /// A step in words, for the explorer.
    fn told(&self, last: &Self::State, action: Self::Action) -> Option<String> {
        let what = format!("{action:?}");
        self.next(last, action).map(|next| format!("{what}\n{next:#?}"))
    }
}

/// In which order states are visited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Least memory.
    DepthFirst,
    /// Shortest counterexample, with one thread.
    BreadthFirst,
}

/// How a search is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Search {
    /// In which order.
    pub order: Order,
    /// How many states are generated at most, with repetition.
    pub max_states: usize,
    /// On how many threads.
    pub threads: usize,
    /// Whether it ends at the first property that does not hold; otherwise it goes on until each of them was found not to hold.
    pub stops: bool,
}

/// A property that does not hold, and a path from a beginning to a state in which it does not: states, each with the action that was taken
/// there.
pub type Found<S> = (&'static str, Vec<(<S as Space>::State, Option<<S as Space>::Action>)>);

/// What a search found.
#[derive(Clone, Debug)]
pub struct Searched<S: Space> {
    /// Different states.
    pub unique: usize,
    /// States generated, with repetition.
    pub generated: usize,
    /// The longest path.
    pub depth: usize,
    /// The properties that do not hold, by name.
    pub found: Vec<Found<S>>,
}

impl Search {
    /// Searches a space.
    pub fn search<S: Space>(self, space: S) -> Searched<S> {
        let finish = if self.stops { HasDiscoveries::Any } else { HasDiscoveries::All };
        let builder = Bridge::new(space, Some(self.max_states)).checker();
        let builder = builder.threads(self.threads).finish_when(finish).target_state_count(self.max_states);
        match self.order {
            Order::DepthFirst => self.searched(&builder.spawn_dfs().join()),
            Order::BreadthFirst => self.searched(&builder.spawn_bfs().join()),
        }
    }

    fn searched<S: Space>(self, checker: &impl Checker<Bridge<S>>) -> Searched<S> {
        let bridge = checker.model();
        let generated = checker.state_count() + bridge.known.many.load(Ordering::Relaxed);
        // Paths are walked again, and need the actions and states that were kept back.
        let was_cut = bridge.left.swap(usize::MAX, Ordering::Relaxed) == 0;
        bridge.known.is_over.store(true, Ordering::Relaxed);
        let mut found: Vec<Found<S>> = checker.discoveries().into_iter().map(|(name, path)| (name, path.into_vec())).collect();
        found.sort_by_key(|(name, _)| *name);
        Searched {
            unique: checker.unique_state_count(),
            generated: if was_cut { generated.max(self.max_states) } else { generated },
            depth: checker.max_depth(),
            found,
        }
    }
}

/// Serves stateright's explorer of a space at `address` until the process ends.
pub fn explore<S: Space>(space: S, address: impl std::net::ToSocketAddrs) {
    Bridge::new(space, None).checker().serve(address);
}

/// A space, as stateright wants it.
struct Bridge<S> {
    space: S,
    names: Vec<&'static str>,
    /// By property: whether it was found violated. Stateright would let a later, longer path take the place of the first.
    found: Option<[AtomicBool; MAX_PROPERTIES]>,
    /// How many states may still be generated. Stateright looks at its own limit after each 1500 states, whatever they lead to.
    left: AtomicUsize,
    known: Known,
}

/// The states that were generated, by hash, so that stateright is told of each once: it copies the whole way to a state before it sees that
/// it knows it.
struct Known {
    shards: Vec<Mutex<Shard>>,
    /// How often one that is known was generated again.
    many: AtomicUsize,
    /// Nothing is kept back: the search is over, or it is the explorer's.
    is_over: AtomicBool,
}

#[expect(clippy::disallowed_types, reason = "it is asked and never walked, and its hasher has no seed")]
type Shard = std::collections::HashSet<u64, BuildHasherDefault<FoldHasher>>;

impl Known {
    fn new(is_over: bool) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, many: AtomicUsize::new(0), is_over: AtomicBool::new(is_over) }
    }

    /// Whether a state was generated before.
    fn knows(&self, state: &impl Hash) -> bool {
        let hash = BuildHasherDefault::<FoldHasher>::default().hash_one(state);
        let shard = self.shards[usize::try_from(hash >> 48).unwrap_or(0) % SHARDS].lock();
        let is_known = !shard.unwrap_or_else(PoisonError::into_inner).insert(hash);
        self.many.fetch_add(usize::from(is_known), Ordering::Relaxed);
        is_known
    }
}

/// Among so many sets, threads seldom wait for each other.
const SHARDS: usize = 64;

impl<S: Space> Bridge<S> {
    /// For a search that generates so many states at most, or for the explorer.
    fn new(space: S, max_states: Option<usize>) -> Self {
        let names = space.properties();
        assert!(names.len() <= MAX_PROPERTIES, "more properties than can be handed to stateright");
        let found = max_states.map(|_| [const { AtomicBool::new(false) }; MAX_PROPERTIES]);
        let known = Known::new(max_states.is_none());
        Self { space, names, found, left: AtomicUsize::new(max_states.unwrap_or(usize::MAX)), known }
    }

    fn holds(&self, property: usize, state: &S::State) -> bool {
        let found = self.found.as_ref().map(|found| &found[property]);
        if found.is_some_and(|found| found.load(Ordering::Relaxed)) || self.space.holds(property, state) {
            return true;
        }
        found.is_some_and(|found| found.swap(true, Ordering::Relaxed))
    }
}

impl<S: Space> stateright::Model for Bridge<S> {
    type State = S::State;
    type Action = S::Action;

    fn init_states(&self) -> Vec<Self::State> {
        self.space.begin()
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>) {
        if self.left.load(Ordering::Relaxed) == 0 {
            return;
        }
        self.space.actions(state, actions);
        // Saturating, whoever else subtracts.
        let many = actions.len();
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(many))).ok();
    }

    fn next_state(&self, last: &Self::State, action: Self::Action) -> Option<Self::State> {
        let next = self.space.next(last, action)?;
        // What lies outside counts for nothing, so it is asked first. An explorer shows it.
        let is_shown = self.known.is_over.load(Ordering::Relaxed);
        (is_shown || self.space.is_within(&next) && !self.known.knows(&next)).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        self.names.iter().zip(conditions()).map(|(name, condition)| Property::always(name, condition)).collect()
    }

    fn within_boundary(&self, state: &Self::State) -> bool {
        self.space.is_within(state)
    }

    fn format_action(&self, action: &Self::Action) -> String {
        format!("{action:?}")
    }

    fn format_step(&self, last: &Self::State, action: Self::Action) -> Option<String> {
        self.space.told(last, action)
    }
}

type Condition<S> = fn(&Bridge<S>, &<S as Space>::State) -> bool;

fn holds<const I: usize, S: Space>(bridge: &Bridge<S>, state: &S::State) -> bool {
    bridge.holds(I, state)
}

/// One function for each number of a property.
fn conditions<S: Space>() -> [Condition<S>; MAX_PROPERTIES] {
    const fn four<const A: usize, const B: usize, const C: usize, const D: usize, S: Space>() -> [Condition<S>; 4] {
        [holds::<A, S>, holds::<B, S>, holds::<C, S>, holds::<D, S>]
    }
    let all = [
        four::<0, 1, 2, 3, S>(),
        four::<4, 5, 6, 7, S>(),
        four::<8, 9, 10, 11, S>(),
        four::<12, 13, 14, 15, S>(),
        four::<16, 17, 18, 19, S>(),
        four::<20, 21, 22, 23, S>(),
        four::<24, 25, 26, 27, S>(),
        four::<28, 29, 30, 31, S>(),
        four::<32, 33, 34, 35, S>(),
        four::<36, 37, 38, 39, S>(),
        four::<40, 41, 42, 43, S>(),
        four::<44, 45, 46, 47, S>(),
        four::<48, 49, 50, 51, S>(),
        four::<52, 53, 54, 55, S>(),
        four::<56, 57, 58, 59, S>(),
        four::<60, 61, 62, 63, S>(),
    ];
    std::array::from_fn(|nth| all[nth / 4][nth % 4])
}

//! The exhaustive walk: every order of events in a small world, by the bridge to stateright.
//!
//! The model *is* the world: its actions are [`World::choices`], its transitions [`World::apply`]. What it hides, so that few
//! states remain:
//!
//! - Time. Any armed alarm may ring in any order; `mono` and `wall` move only by [`Choice::Clock`] ticks. A bug that needs a
//!   certain length of time is not found here, and an order that no clocks allow may be reported: every counterexample is
//!   replayed in the full world, so its steps at least are possible there.
//! - Halves: at a crash a request that was not answered is lost wholly, or, within [`Budget::tears`], took effect wholly; a part of an
//!   append never stays.
//! - Slots, arming numbers and the order in which messages were sent; what is pending is a multiset.
//! - What a [`Model::view`] leaves out of a machine, and disks where [`Model::disks`] is off.
//! - Repetition: crashes, tears, losses, copies, failures, alarms and ticks each have a budget.
//!
//! States are told apart by 64-bit fingerprints, one per node that is worked out when the node changes, and a commutative sum
//! over what is pending. The chance that n states collide is about n^2 / 2^65.

use crate::checked::{Checked, Counterexample};
use crate::search::{self, MAX_PROPERTIES, Order, Search, Searched, Space};
use crate::subject::{Outside, Simulated};
use crate::world::memo::{Known, Memo};
use crate::world::{Choice, ClockChange, Menu, Scratch, Verdict, World};
use antfarm_identity::Fold;
use antfarm_machine::{PeerId, Span};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

/// How often each kind of trouble may happen along one path.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Budget {
    /// Processes that crash; each starts again at some time.
    pub crashes: u8,
    /// Requests to a disk that take effect in the very moment in which their process crashes, so that no receipt comes. None
    /// where disks answer at once.
    pub tears: u8,
    /// Messages lost.
    pub losses: u8,
    /// Messages doubled.
    pub copies: u8,
    /// Requests to a disk that fail.
    pub failures: u8,
    /// Alarms that go off.
    pub rings: u8,
    /// Ticks of clocks, over all nodes.
    pub ticks: u8,
}

impl Budget {
    /// Pays for a choice; `false` when it cannot be paid.
    pub(crate) fn pay(&mut self, choice: &Choice) -> bool {
        let purse = match choice {
            Choice::Lose(_) => &mut self.losses,
            Choice::Copy(_) => &mut self.copies,
            Choice::Crash(_) => &mut self.crashes,
            Choice::Tear(..) => &mut self.tears,
            Choice::Ring(..) => &mut self.rings,
            Choice::Sync(_, _, Verdict::Failed { .. }) => &mut self.failures,
            Choice::Clock(_, ClockChange::Tick(_)) => &mut self.ticks,
            Choice::Deliver(_)
            | Choice::Corrupt(..)
            | Choice::Sync(..)
            | Choice::Ask(_)
            | Choice::Start(_)
            | Choice::Replace(_)
            | Choice::Rot(..)
            | Choice::Clock(..) => return true,
        };
        let rest = purse.checked_sub(1);
        *purse = rest.unwrap_or(0);
        rest.is_some()
    }
}

/// Something that must hold in every state: its name, and a function of the world.
pub type Invariant<M, O> = (&'static str, fn(&World<M, O>) -> bool);

/// At most this many invariants; one property more says that no assertion fails.
pub const MAX_INVARIANTS: usize = MAX_PROPERTIES - 1;

/// A small world to be searched.
pub struct Model<M: Simulated, O> {
    /// How it begins: asks wanted. Nodes that are down are started, and have read their disks, before the search begins.
    pub world: World<M, O>,
    /// How much trouble there is.
    pub budget: Budget,
    /// What one tick of a clock is.
    pub tick: Span,
    /// What must hold.
    pub invariants: Vec<Invariant<M, O>>,
    /// What of a machine tells states apart.
    pub view: fn(&M, &mut FoldHasher),
    /// Whether the content of disks tells states apart.
    pub disks: bool,
    /// Whether disks answer at once, so that no crash comes between a request and its receipt.
    pub instant_disks: bool,
    /// Whether a state is worth going on from.
    pub within: fn(&World<M, O>) -> bool,
}

impl<M: Simulated, O: Outside<M>> Model<M, O> {
    /// A model of `world` with no trouble and no invariants, in which everything tells states apart.
    pub fn new(world: World<M, O>) -> Self {
        Self {
            world,
            budget: Budget::default(),
            tick: Span::from_millis(1),
            invariants: Vec::new(),
            view: |machine, hasher| machine.hash(hasher),
            disks: true,
            instant_disks: false,
            within: |_| true,
        }
    }

    /// Searches until every state was seen, an invariant fails, or `max_states` were generated. Depth first finds the end
    /// with the least memory; breadth first finds the shortest counterexample.
    pub fn check(self, order: Order, max_states: usize, threads: usize) -> Checked {
        let (world, instant) = (self.world.clone(), self.instant_disks);
        let searched = Search { order, max_states, threads, stops: true }.search(Walk::new(self));
        found(searched, max_states, &world, instant)
    }

    /// Serves stateright's explorer at `address` until the process ends.
    pub fn explore(self, address: impl std::net::ToSocketAddrs) {
        search::explore(Walk::new(self), address);
    }
}

/// A fast hasher for fingerprints: good within one process, equal on every run.
#[derive(Clone, Debug, Default)]
pub struct FoldHasher(Fold);

impl Hasher for FoldHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.0.absorb(bytes);
    }
    #[inline]
    fn write_u8(&mut self, it: u8) {
        self.0.absorb_u64(u64::from(it));
    }
    #[inline]
    fn write_u32(&mut self, it: u32) {
        self.0.absorb_u64(u64::from(it));
    }
    #[inline]
    fn write_u64(&mut self, it: u64) {
        self.0.absorb_u64(it);
    }
    #[inline]
    fn write_usize(&mut self, it: usize) {
        self.0.absorb_u64(it as u64);
    }
    #[inline]
    fn finish(&self) -> u64 {
        self.0.value()
    }
}

/// One state of the search.
#[derive(Clone)]
struct State<M: Simulated, O> {
    world: World<M, O>,
    left: Budget,
    /// A request of this node took effect and will not be answered: the crash comes next, or another such request.
    torn: Option<PeerId>,
    /// By node.
    prints: Vec<u64>,
    /// The sum over messages under way and asks wanted.
    pending: u64,
    /// An assertion of a machine failed on the way here.
    panicked: bool,
}

/// Equal as far as the search tells states apart.
impl<M: Simulated, O: PartialEq> PartialEq for State<M, O> {
    fn eq(&self, other: &Self) -> bool {
        (self.left, self.torn, &self.prints, self.pending) == (other.left, other.torn, &other.prints, other.pending)
            && self.world.outside() == other.world.outside()
    }
}

impl<M: Simulated, O: Hash> Hash for State<M, O> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut all = FoldHasher::default();
        (self.left, self.torn, self.panicked).hash(&mut all);
        self.world.outside().hash(&mut all);
        self.prints.iter().for_each(|print| all.write_u64(*print));
        all.write_u64(self.pending);
        state.write_u64(all.finish());
    }
}

impl<M: Simulated, O> fmt::Debug for State<M, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for node in self.world.ids() {
            map.entry(&node, self.world.machine(node));
        }
        for (_, flight) in self.world.flights() {
            map.entry(&format_args!("{}>{}", flight.from, flight.to), &flight.message);
        }
        map.finish()
    }
}

/// The model as a space that can be searched.
struct Walk<M: Simulated, O> {
    model: Model<M, O>,
    /// Reused by all threads.
    desks: Mutex<Vec<Desk<M>>>,
}

/// What one thread works with.
struct Desk<M: Simulated> {
    scratch: Scratch<M>,
    memo: Memo<M>,
}

impl<M: Simulated> Default for Desk<M> {
    fn default() -> Self {
        Self { scratch: Scratch::default(), memo: Memo::default() }
    }
}

impl<M: Simulated, O: Outside<M>> Walk<M, O> {
    fn new(model: Model<M, O>) -> Self {
        assert!(model.invariants.len() <= MAX_INVARIANTS, "more invariants than can be searched for");
        assert!(
            model.disks || model.budget.tears == 0,
            "what a tear does shows on disks only, and they do not tell states apart"
        );
        Self { model, desks: Mutex::new(Vec::new()) }
    }

    fn know(&self, node: PeerId, world: &World<M, O>, scratch: &Scratch<M>) -> Known {
        Known { print: self.node_print(node, world), sent: prints_of(world, scratch) }
    }

    fn node_print(&self, node: PeerId, world: &World<M, O>) -> u64 {
        world.node_print(node, self.model.view, self.model.disks, FoldHasher::default())
    }

    /// Applies one choice and keeps the fingerprints right.
    fn apply(&self, state: &mut State<M, O>, choice: &Choice, desk: &mut Desk<M>) {
        let Desk { scratch, memo } = desk;
        let word = state.world.choice_print::<FoldHasher>(choice);
        match choice {
            Choice::Deliver(_) | Choice::Lose(_) | Choice::Ask(_) => state.pending = state.pending.wrapping_sub(word),
            Choice::Copy(_)
            | Choice::Ring(..)
            | Choice::Sync(..)
            | Choice::Start(_)
            | Choice::Crash(_)
            | Choice::Tear(..)
            | Choice::Replace(_)
            | Choice::Rot(..)
            | Choice::Clock(..) => {}
            Choice::Corrupt(..) => unreachable!("a search corrupts nothing"),
        }
        let Some(node) = state.world.changed_by(choice) else {
            state.world.apply(choice, scratch);
            state.pending = state.pending.wrapping_add(prints_of(&state.world, scratch));
            return;
        };
        let known = memo.recall(&mut state.world, node, choice, word).unwrap_or_else(|| {
            memo.work_out(&mut state.world, node, choice, word, scratch, |world, scratch| self.know(node, world, scratch))
        });
        state.prints[node.index()] = known.print;
        state.pending = state.pending.wrapping_add(known.sent);
    }

    fn with_desk<R>(&self, work: impl FnOnce(&mut Desk<M>) -> R) -> R {
        let mut desk = self.desks.lock().map_or_else(|_| None, |mut pool| pool.pop()).unwrap_or_default();
        let result = work(&mut desk);
        if let Ok(mut pool) = self.desks.lock() {
            pool.push(desk);
        }
        result
    }

    fn menu(&self, left: &Budget) -> Menu {
        Menu {
            ring: left.rings > 0,
            lose: left.losses > 0,
            copy: left.copies > 0,
            crash: left.crashes > 0,
            tear: left.tears > 0 && left.crashes > 0 && !self.model.instant_disks,
            fail: left.failures > 0 && !self.model.instant_disks,
            tick: (left.ticks > 0).then_some(self.model.tick),
        }
    }
}

impl<M: Simulated, O: Outside<M>> Space for Walk<M, O> {
    type State = State<M, O>;
    type Action = Choice;

    fn begin(&self) -> Vec<Self::State> {
        let mut world = self.model.world.clone();
        self.with_desk(|desk| {
            while let Some(choice) = world.booting() {
                world.apply(&choice, &mut desk.scratch);
            }
        });
        let prints = world.ids().map(|node| self.node_print(node, &world)).collect();
        let asks = world.wants().fold(0_u64, |sum, id| sum.wrapping_add(world.ask_print(id, FoldHasher::default())));
        let flights = world.flights().fold(0_u64, |sum, (id, _)| sum.wrapping_add(world.flight_print(id, FoldHasher::default())));
        vec![State { world, left: self.model.budget, torn: None, prints, pending: asks.wrapping_add(flights), panicked: false }]
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>) {
        if state.panicked {
            return;
        }
        state.world.choices(&self.menu(&state.left), actions);
        if let Some(torn) = state.torn {
            actions.retain(|it| matches!(it, Choice::Crash(node) | Choice::Tear(node, ..) if *node == torn));
        }
    }

    fn next(&self, last: &Self::State, action: Self::Action) -> Option<Self::State> {
        let mut next = last.clone();
        if !next.left.pay(&action) {
            return None;
        }
        next.torn = if let Choice::Tear(node, ..) = action { Some(node) } else { None };
        let apply = |desk: &mut Desk<M>| {
            self.apply(&mut next, &action, desk);
            while self.model.instant_disks
                && let Some(choice) = next.world.first_ready()
            {
                self.apply(&mut next, &choice, desk);
            }
        };
        next.panicked = catch_unwind(AssertUnwindSafe(|| self.with_desk(apply))).is_err();
        Some(next)
    }

    fn properties(&self) -> Vec<&'static str> {
        self.model.invariants.iter().map(|(name, _)| *name).chain(["assertion"]).collect()
    }

    fn holds(&self, property: usize, state: &Self::State) -> bool {
        match self.model.invariants.get(property) {
            // What a failed assertion left behind is half a world: that is told by itself.
            Some((_, holds)) => state.panicked || holds(&state.world),
            None => !state.panicked,
        }
    }

    fn is_within(&self, state: &Self::State) -> bool {
        (self.model.within)(&state.world)
    }

    fn told(&self, last: &Self::State, action: Self::Action) -> Option<String> {
        let what = last.world.told(&action);
        self.next(last, action).map(|next| format!("{what}\n{next:#?}"))
    }
}

/// The sum of the prints of the messages that were born.
fn prints_of<M: Simulated, O>(world: &World<M, O>, scratch: &Scratch<M>) -> u64 {
    let prints = scratch.born.flights.iter().map(|&flight| world.flight_print(flight, FoldHasher::default()));
    prints.fold(0, u64::wrapping_add)
}

/// What a finished search found, each path replayed.
fn found<M: Simulated, O: Outside<M>>(
    searched: Searched<Walk<M, O>>,
    max_states: usize,
    world: &World<M, O>,
    instant_disks: bool,
) -> Checked {
    let Searched { unique, generated, depth, found } = searched;
    let replayed = |(property, path): (_, Vec<(_, Option<Choice>)>)| {
        let choices: Vec<Choice> = path.into_iter().filter_map(|(_, choice)| choice).collect();
        Counterexample::replayed(property, &choices, world, instant_disks)
    };
    let violations: Vec<Counterexample> = found.into_iter().map(replayed).collect();
    Checked { unique, generated, depth, complete: violations.is_empty() && generated < max_states, violations }
}

//! The small world as a space that stateright searches, breadth first.
//!
//! What holds of states, invariants and that no reaction is dropped, is asked of each state. What is said of the whole, that each action is
//! taken and each state reached somewhere, is noted on the way; so is the first state in which an entity that should go on cannot.

use crate::small::roll::One;
use crate::small::spot::Spot;
use crate::small::went::Went;
use crate::small::world::World;
use crate::verdict::{Kind, Property};
use antfarm_automata::entities::{Happened, Refused};
use antfarm_automata::{Goal, Spec};
use antfarm_sim::Space;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What is asked of each state. Types and invariants are numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Asked {
    /// The invariant holds of each entity of the type.
    Invariant(usize, usize),
    /// No reaction to an action of the type was dropped.
    Reactions(usize),
    /// All of that.
    Everything,
    /// Nothing: so that a search that finds everything else wanting goes on to its end.
    Nothing,
    /// It is not this state.
    NotThis(u64),
}

/// What was noted on the way.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// By type and action: whether it was taken.
    taken: Vec<Vec<AtomicBool>>,
    /// By type and status: whether it was reached.
    reached: Vec<Vec<AtomicBool>>,
    /// By type and property: the first state in which it does not hold, as a print.
    first: Mutex<BTreeMap<(usize, Property), u64>>,
}

impl Notes {
    fn new(world: &World) -> Self {
        let off = |many: usize| (0..many).map(|_| AtomicBool::new(false)).collect::<Vec<_>>();
        let tables = world.suite.tables();
        Self {
            taken: tables.iter().map(|it| off(it.spec().actions.len())).collect(),
            reached: tables.iter().map(|it| off(it.spec().states.len())).collect(),
            first: Mutex::new(BTreeMap::new()),
        }
    }

    pub(crate) fn was_taken(&self, of: usize, action: usize) -> bool {
        self.taken[of][action].load(Ordering::Relaxed)
    }

    pub(crate) fn was_reached(&self, of: usize, status: usize) -> bool {
        self.reached[of][status].load(Ordering::Relaxed)
    }

    /// The first states in which something does not hold.
    pub(crate) fn first(&self) -> BTreeMap<(usize, Property), u64> {
        self.first.lock().map(|it| it.clone()).unwrap_or_default()
    }

    fn note(&self, of: usize, property: Property, print: u64) {
        if let Ok(mut first) = self.first.lock() {
            first.entry((of, property)).or_insert(print);
        }
    }

    fn went(&self, spot: &Spot, went: &Went) {
        went.each_taken(spot, &mut |of, _, action, to| {
            self.taken[usize::from(of)][action].store(true, Ordering::Relaxed);
            self.reached[usize::from(of)][to].store(true, Ordering::Relaxed);
        });
        let Went::Stepped(step) = went else { return };
        for happened in &step.happened {
            if let Happened::Born { who, state, .. } = happened {
                self.reached[usize::from(who.entity)][state.status()].store(true, Ordering::Relaxed);
            }
        }
    }
}

/// A search for some properties in a small world.
pub(crate) struct Small {
    pub(crate) world: Arc<World>,
    pub(crate) notes: Arc<Notes>,
    asked: Vec<(&'static str, Asked)>,
}

impl Small {
    pub(crate) fn new(world: Arc<World>, asked: Vec<(&'static str, Asked)>) -> Self {
        let notes = Arc::new(Notes::new(&world));
        Self { world, notes, asked }
    }

    fn invariant(&self, of: usize, invariant: usize, spot: &Spot) -> bool {
        spot.roll.iter().filter(|it| usize::from(it.of) == of).all(|one| self.holds_of(invariant, one, spot))
    }

    fn everything(&self, spot: &Spot) -> bool {
        let invariants = |one: &One| 0..self.world.suite.tables()[usize::from(one.of)].spec().invariants.len();
        spot.dropped == 0 && spot.roll.iter().all(|one| invariants(one).all(|it| self.holds_of(it, one, spot)))
    }

    /// Whether an invariant holds of an entity, or is not known, since that depends on one of another home.
    fn holds_of(&self, invariant: usize, One { of, state, .. }: &One, spot: &Spot) -> bool {
        let around = spot.roll.around(&self.world.suite);
        let holds = self.world.suite.tables()[usize::from(*of)].invariant(invariant, state, &around) == Ok(true);
        if around.is_apart() {
            self.world.hits.sent();
        }
        holds || around.is_apart()
    }

    /// Notes which entities cannot go on although they should: all but those at the places in `moved`.
    fn stuck(&self, spot: &Spot, moved: &[usize]) {
        for (at, One { of, state, .. }) in spot.roll.iter().enumerate() {
            if moved.contains(&at) {
                continue;
            }
            let Some(table) = self.world.suite.table(*of) else { continue };
            for property in must_go_on(table.spec(), state.status()) {
                self.notes.note((*of).into(), property, spot.print);
            }
        }
    }
}

/// What says that an entity of this status has an action that is enabled.
fn must_go_on(spec: &Spec, status: usize) -> Vec<Property> {
    let Some(name) = spec.states.get(status) else { return Vec::new() };
    let is_over = spec.terminal.contains(name);
    let said = spec.liveness.iter().filter(|it| it.goal == Goal::HasActions);
    let said = said.filter(|it| if it.from.is_empty() { !is_over } else { it.from.contains(name) });
    let mut all: Vec<Property> = said.map(|it| Property { kind: Kind::HasActions, name: it.name.clone() }).collect();
    if all.is_empty() && !is_over && !spec.indefinite.contains(name) {
        all.push(Property { kind: Kind::Deadlock, name: Property::DEADLOCK.into() });
    }
    all
}

impl Space for Small {
    type State = Spot;
    type Action = Went;

    fn begin(&self) -> Vec<Spot> {
        let spots = self.world.begin();
        for spot in &spots {
            for One { of, state, .. } in spot.roll.iter() {
                self.notes.reached[usize::from(*of)][state.status()].store(true, Ordering::Relaxed);
            }
        }
        spots
    }

    fn actions(&self, spot: &Spot, actions: &mut Vec<Went>) {
        if spot.is_beyond {
            return;
        }
        let mut moved: Vec<usize> = Vec::new();
        self.world.each_move(spot, &mut |tried, went| {
            if moved.last() != Some(&tried.at) {
                moved.push(tried.at);
            }
            match went {
                Ok(went) => {
                    // A composite action may be recorded by what it writes alone.
                    self.notes.taken[usize::from(tried.of)][tried.action].store(true, Ordering::Relaxed);
                    actions.push(went);
                }
                // There are more ids, and more entities, than in this world.
                Err(Refused::NoFresh | Refused::Full) => self.world.hits.instances(tried.of.into()),
                // Reactions without end: the step cannot be taken.
                Err(_) => {
                    let property = Property { kind: Kind::Reaction, name: Property::REACTIONS.into() };
                    self.notes.note(tried.of.into(), property, spot.print);
                }
            }
        });
        self.stuck(spot, &moved);
    }

    fn next(&self, last: &Spot, went: Went) -> Option<Spot> {
        self.notes.went(last, &went);
        Some(self.world.after(last, &went))
    }

    fn properties(&self) -> Vec<&'static str> {
        self.asked.iter().map(|(name, _)| *name).collect()
    }

    fn holds(&self, property: usize, spot: &Spot) -> bool {
        match self.asked[property].1 {
            Asked::Invariant(of, invariant) => self.invariant(of, invariant, spot),
            Asked::Reactions(of) => spot.dropped >> of.min(63) & 1 == 0,
            Asked::Everything => self.everything(spot),
            Asked::Nothing => true,
            Asked::NotThis(print) => spot.print != print,
        }
    }

    fn told(&self, last: &Spot, went: Went) -> Option<String> {
        let taken = crate::small::told::taken(&self.world.suite, &self.world.step(last, &went)?);
        let after = self.next(last, went)?;
        let entities = crate::small::told::entities(&self.world.suite, &after.roll.entities(&self.world.suite));
        Some(crate::home::line(&format!("{taken}\n{}", crate::trace::line(&entities))))
    }
}

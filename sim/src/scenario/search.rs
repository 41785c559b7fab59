//! Scenarios as small worlds that are searched exhaustively: what `antfarm check` does.
//!
//! A scenario that is checked says in its table `model` how much trouble there may be. Each row of asks is one ask, wanted from
//! the beginning; when it was to be made does not matter, as time does not. Rows of faults and the swarm are left out.

use crate::chance::Chance;
use crate::check::{Budget, FoldHasher, Invariant, Model};
use crate::checked::Checked;
use crate::scenario::ask_row::AskRow;
use crate::scenario::key::{Form, Key};
use crate::scenario::section::Section;
use crate::scenario::staged::Staging;
use crate::scenario::subject::Subject;
use crate::search::Order;
use crate::subject::Simulated;
use crate::world::World;
use antfarm_machine::Span;

/// The keys of the table `model`.
pub(super) const KEYS: &[Key] = &[
    Key::new("crashes", Form::Count(0, 255), "Processes that may crash, and start again; without it 0."),
    Key::new(
        "tears",
        Form::Count(0, 255),
        "Requests to disks that may take effect just as their process crashes, with no receipt; without it 0.",
    ),
    Key::new("losses", Form::Count(0, 255), "Messages that may be lost; without it 0."),
    Key::new("copies", Form::Count(0, 255), "Messages that may be doubled; without it 0."),
    Key::new("failures", Form::Count(0, 255), "Requests to disks that may fail; without it 0."),
    Key::new("rings", Form::Count(0, 255), "Alarms that may go off; without it 0."),
    Key::new("ticks", Form::Count(0, 255), "Ticks of clocks, over all nodes; without it 0."),
    Key::new("tick", Form::Span, "How long a tick is; without it 1ms."),
    Key::new(
        "first",
        Form::Word(&["deep", "short"]),
        "Which paths are tried first: `deep` needs least memory and comes to the end soonest, `short` finds what few steps do. Without it `deep`.",
    ),
    Key::new("instant_disks", Form::Flag, "Disks answer at once, so that no crash comes before a receipt; without it false."),
];

/// How a machine is searched, apart from how much trouble there is.
#[derive(Clone, Debug)]
pub struct Search<M: Simulated, O> {
    /// What must hold in every state; at most [`crate::MAX_INVARIANTS`].
    pub invariants: Vec<Invariant<M, O>>,
    /// What of a machine tells states apart.
    pub view: fn(&M, &mut FoldHasher),
    /// Whether the content of disks tells states apart.
    pub disks: bool,
    /// Whether a state is worth going on from.
    pub within: fn(&World<M, O>) -> bool,
}

/// How far a search goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// The most states that are generated.
    pub states: usize,
    /// Threads.
    pub threads: usize,
}

impl<S: Subject> Staging<S> {
    pub(super) fn model(&self) -> Option<Model<S::Machine, S::Outside>> {
        let Search { invariants, view, disks, within } = self.subject.search(&self.cast)?;
        let mut world = self.world();
        let chance = Chance::seeded(0);
        for row in &self.asks {
            let (node, ask) = AskRow::one(row, &chance);
            world.want(node, ask);
        }
        let table = self.scenario.model.as_ref();
        let count = |key| table.and_then(|table| table.count(key)).and_then(|n| u8::try_from(n).ok()).unwrap_or(0);
        let budget = Budget {
            crashes: count("crashes"),
            tears: count("tears"),
            losses: count("losses"),
            copies: count("copies"),
            failures: count("failures"),
            rings: count("rings"),
            ticks: count("ticks"),
        };
        let tick = table.and_then(|table: &Section| table.span("tick")).unwrap_or(Span::from_millis(1));
        let instant_disks = table.and_then(|table| table.flag("instant_disks")).unwrap_or(false);
        Some(Model { world, budget, tick, invariants, view, disks, instant_disks, within })
    }

    /// Depth first, unless the scenario says otherwise; and when something is found so, breadth first for the shortest way
    /// there, if the bound allows.
    pub(super) fn search(&self, bounds: Bounds) -> Option<Checked> {
        let first = self.scenario.model.as_ref().and_then(|table: &Section| table.word("first"));
        if first == Some("short") {
            return Some(self.model()?.check(Order::BreadthFirst, bounds.states, bounds.threads));
        }
        let found = self.model()?.check(Order::DepthFirst, bounds.states, bounds.threads);
        if found.violations.is_empty() {
            return Some(found);
        }
        let shortest = self.model()?.check(Order::BreadthFirst, bounds.states, bounds.threads);
        Some(if shortest.violations.is_empty() { found } else { shortest })
    }
}

//! Which bounds of a small world were hit.

use crate::small::spot::SYMBOLS;
use crate::verdict::Bound;
use antfarm_automata::Table;
use std::sync::atomic::{AtomicBool, Ordering};

/// At most so many ways to call one action, or to create one entity.
pub(super) const MOST_WAYS: usize = 4096;

/// At most so many beginnings.
pub(super) const MOST_BEGINNINGS: usize = 4096;

/// Which bounds were hit, as far as states were looked at.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    /// By type and variable.
    variables: Vec<Vec<AtomicBool>>,
    /// By type.
    instances: Vec<AtomicBool>,
    /// By what is combined.
    ways: [AtomicBool; 4],
    /// Something was set going, or asked, at another home.
    sent: AtomicBool,
}

/// What is combined, up to a bound.
#[derive(Clone, Copy, Debug)]
pub(super) enum Combined {
    /// Beginnings.
    Beginnings,
    /// Values, to call one action or to create one entity.
    Calls,
    /// What one composite action writes.
    Writes,
    /// Texts that are held at once.
    Texts,
}

impl Combined {
    const ALL: [(Self, &'static str, usize); 4] = [
        (Self::Beginnings, "beginnings", MOST_BEGINNINGS),
        (Self::Calls, "ways to call one action", MOST_WAYS),
        (Self::Writes, "ways to write for one composite action", MOST_WAYS),
        (Self::Texts, "texts that are held at once", SYMBOLS as usize),
    ];
}

fn is_hit(bound: &AtomicBool) -> bool {
    bound.load(Ordering::Relaxed)
}

fn hit(bound: &AtomicBool) {
    bound.store(true, Ordering::Relaxed);
}

impl Hits {
    pub(super) fn of(tables: &[Table]) -> Self {
        let off = |many: usize| (0..many).map(|_| AtomicBool::new(false)).collect::<Vec<_>>();
        let variables = tables.iter().map(|it| off(it.spec().variables.len())).collect();
        Self { variables, instances: off(tables.len()), ..Self::default() }
    }

    pub(super) fn variable(&self, of: usize, slot: usize) {
        hit(&self.variables[of][slot]);
    }

    pub(super) fn instances(&self, of: usize) {
        hit(&self.instances[of]);
    }

    pub(super) fn combined(&self, which: Combined) {
        hit(&self.ways[which as usize]);
    }

    pub(super) fn sent(&self) {
        hit(&self.sent);
    }

    pub(super) fn has_variable(&self, of: usize, slot: usize) -> bool {
        is_hit(&self.variables[of][slot])
    }

    pub(super) fn has_instances(&self, of: usize) -> bool {
        is_hit(&self.instances[of])
    }

    /// Those that are told only where they were hit.
    pub(super) fn bounds(&self) -> Vec<Bound> {
        let told = |is_hit: bool, of: &str, to: String| is_hit.then(|| Bound { of: of.to_owned(), to, is_hit });
        let combined =
            Combined::ALL.iter().filter_map(|(it, of, most)| told(is_hit(&self.ways[*it as usize]), of, most.to_string()));
        combined.chain(told(is_hit(&self.sent), "entities of other homes", "none".to_owned())).collect()
    }

    /// Whether anything was hit.
    pub(super) fn any(&self) -> bool {
        let Self { variables, instances, ways, sent } = self;
        variables.iter().flatten().chain(instances).chain(ways).chain([sent]).any(is_hit)
    }
}

//! What a run tells: digest, story, and what fired.

use crate::fault::{Family, Planned};
use crate::record::{Recording, Step};
use crate::simulate::Simulation;
use crate::subject::{Outside, Simulated};
use antfarm_machine::mark;
use std::collections::BTreeMap;

/// What a run tells.
impl<M: Simulated, O: Outside<M>> Simulation<M, O> {
    /// The digest of the trace so far.
    pub fn digest(&self) -> u64 {
        self.track.digest.value()
    }

    /// How many events there were so far.
    pub fn events(&self) -> u64 {
        self.track.digest.events()
    }

    /// The steps that are remembered, one line each.
    pub fn story(&self) -> String {
        self.track.recorder.steps().into_iter().map(|step| format!("{step}\n")).collect()
    }

    /// The steps that are remembered, as a replay follows them.
    pub fn recording(&self) -> Recording {
        self.track.recorder.recording()
    }

    /// The steps that are remembered as they print.
    pub fn steps(&self) -> Vec<&Step> {
        self.track.recorder.steps()
    }

    /// The faults planned and drawn, with how often each fired so far.
    pub fn plan(&self) -> impl Iterator<Item = (&Planned, u64)> {
        self.plan.iter().zip(self.fired.iter().copied().chain(std::iter::repeat(0)))
    }

    /// By family: how many faults of the first phase were planned, and how often they fired so far.
    pub fn fired(&self) -> BTreeMap<Family, (u64, u64)> {
        let mut counts = BTreeMap::new();
        let first_phase = if self.healed.is_some() { self.planned } else { self.plan.len() };
        for (planned, fired) in self.plan().take(first_phase) {
            let (plans, fires) = counts.entry(planned.fault.family()).or_insert((0, 0));
            *plans += 1;
            *fires += fired;
        }
        counts
    }

    /// The marks that machines reached on this thread since the run was made; taking them resets them.
    pub fn take_marks(&self) -> BTreeMap<&'static str, u64> {
        mark::take().into_iter().collect()
    }
}

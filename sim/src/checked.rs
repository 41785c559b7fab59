//! What an exhaustive search found: how much there was, and the paths on which something does not hold.

use crate::name::Name;
use crate::record::{Recorder, Recording};
use crate::subject::{Outside, Simulated};
use crate::track::Track;
use crate::world::{Choice, World};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a search found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// Different states.
    pub unique: usize,
    /// States generated, with repetition.
    pub generated: usize,
    /// The longest path.
    pub depth: usize,
    /// Every state within the bounds was seen.
    pub complete: bool,
    /// The invariants that fail, each with a path from the beginning, replayed in the full world.
    pub violations: Vec<Counterexample>,
}

/// A path to a state in which an invariant fails.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counterexample {
    /// The invariant's name.
    pub property: &'static str,
    /// The path, by name.
    pub recording: Recording,
    /// The path, one line a step.
    pub story: String,
}

impl Counterexample {
    /// Takes the choices of a path again, in the full world: what a search leaves out of its states is in here.
    pub(crate) fn replayed<M: Simulated, O: Outside<M>>(
        property: &'static str,
        path: &[Choice],
        world: &World<M, O>,
        instant_disks: bool,
    ) -> Self {
        let mut track = Track::new(world.clone(), Recorder::head(usize::MAX));
        let replay = || {
            while let Some(choice) = track.world.booting() {
                track.perform(&choice);
            }
            for choice in path {
                track.perform(choice);
                while instant_disks && let Some(choice) = track.world.first_ready() {
                    track.perform(&choice);
                }
            }
        };
        let panicked = catch_unwind(AssertUnwindSafe(replay)).is_err();
        let steps = track.recorder.steps();
        let mut story: String = steps.iter().map(|step| format!("{step}\n")).collect();
        if panicked {
            story.push_str("... and in this step an assertion of the machine fails\n");
        }
        Self { property, recording: Recording::of(steps), story }
    }

    /// The choices of the path, by name.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.recording.steps.iter().map(|(_, name, _)| name)
    }
}

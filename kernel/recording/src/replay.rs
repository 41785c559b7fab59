//! A recorded run, run again.

use crate::vocabulary::{Vocabulary, Wanted};
use crate::{Entry, Recordable, Recording, Step, Tail};
use alloc::vec::Vec;
use antfarm_machine::{Effect, Effects, Input, Machine, Now};

/// How a replay ended. But for [`Replayed::Parted`], all `steps` had the effects that were recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Replayed<M: Machine> {
    /// All of the recording was replayed, up to its proper end.
    Stopped {
        /// How many inputs.
        steps: u64,
    },
    /// All up to the input at which the machine panicked, which was not fed.
    Panicked {
        /// How many inputs before.
        steps: u64,
        /// That input.
        input: Input<M>,
        /// When it was fed.
        now: Now,
    },
    /// All up to where the recording could not keep up with the run.
    Overrun {
        /// How many inputs.
        steps: u64,
    },
    /// All that was written whole.
    Torn {
        /// How many inputs.
        steps: u64,
        /// How the recording stops.
        tail: Tail,
    },
    /// Whoever watched had seen enough.
    Left {
        /// How many inputs.
        steps: u64,
    },
    /// The effects differ: this is not the machine that was recorded, or it is no pure function of its inputs.
    Parted {
        /// The how manieth input it is, from 0, after which they first do.
        step: u64,
        /// That input, and the digest of effects that was recorded.
        recorded: Step<M>,
        /// The digest of effects now.
        effects: u64,
    },
}

/// One input of a replay, for whoever watches it.
#[derive(Debug)]
pub struct Turn<'a, M: Machine> {
    /// The how manieth it is, from 0.
    pub number: u64,
    /// What was recorded.
    pub step: &'a Step<M>,
    /// The machine after it.
    pub machine: &'a M,
    /// What it wants done now.
    pub effects: &'a [Effect<M>],
}

/// Feeds a clone of `machine`, which must be as it was configured when it was recorded, with all inputs, and compares the effects
/// after each; `watch` sees every turn, the one at which they part included.
///
/// # Panics
///
/// When the machine does: where it did not when it was recorded, it is not the same.
pub fn replay<M: Recordable>(machine: &M, recording: &Recording<'_>, mut watch: impl FnMut(Turn<'_, M>)) -> Replayed<M> {
    replay_while(machine, recording, |turn| {
        watch(turn);
        true
    })
}

/// The same as long as `watch` says so.
///
/// # Panics
///
/// As [`replay`].
pub fn replay_while<M: Recordable>(
    machine: &M,
    recording: &Recording<'_>,
    mut watch: impl FnMut(Turn<'_, M>) -> bool,
) -> Replayed<M> {
    let mut machine = machine.clone();
    let mut wanted = Wanted::new(Vocabulary::new());
    let mut effects = Vec::new();
    for (steps, entry) in (0..).zip(recording.entries::<M>()) {
        let step = match entry {
            Ok(Entry::Step(step)) => step,
            Ok(Entry::Panicked { input, now }) => return Replayed::Panicked { steps, input, now },
            Ok(Entry::Overrun) => return Replayed::Overrun { steps },
            Ok(Entry::Stopped) => return Replayed::Stopped { steps },
            Err(tail) => return Replayed::Torn { steps, tail },
        };
        effects.clear();
        machine.step(step.now, step.input.clone(), &mut Effects::new(&mut effects));
        effects.iter().for_each(|effect| wanted.effect(effect));
        let on = watch(Turn { number: steps, step: &step, machine: &machine, effects: &effects });
        if wanted.digest() != step.effects {
            return Replayed::Parted { step: steps, recorded: step, effects: wanted.digest() };
        }
        if !on {
            return Replayed::Left { steps: steps + 1 };
        }
    }
    unreachable!("a recording without an end has a tail")
}

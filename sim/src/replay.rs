//! The replaying walk: follows a recording, and compares the digest after each step.
//!
//! It uses neither chance nor a plan: the names in the recording say what happens. A step that is not open any more, or after
//! which the digest differs, is where this run parts from the recorded one.

use crate::name::{Fate, FlightName, Name};
use crate::record::{Recorder, Recording};
use crate::subject::{Outside, Simulated};
use crate::track::Track;
use crate::world::{ArmId, Choice, FlightId, Time, World};
use antfarm_identity::{Codec, from_bytes};
use antfarm_machine::PeerId;
use std::fmt;

/// A recording that is being followed.
#[derive(Debug)]
pub struct Replay<M: Simulated, O: Outside<M>> {
    track: Track<M, O>,
    recording: Recording,
    at: usize,
}

/// Where a replay parted from its recording.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Divergence {
    /// The index of the step, from 0.
    pub step: usize,
    /// When it was to happen.
    pub at: Time,
    /// What was to happen.
    pub name: Name,
    /// How they differ.
    pub kind: Parting,
}

/// How a replay and its recording differ at a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parting {
    /// What was to happen is not open: no such message is under way, the alarm is not armed, and the like.
    NotOpen,
    /// Something else came of it.
    Digest {
        /// The digest that was recorded.
        recorded: u64,
        /// The digest now.
        replayed: u64,
    },
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} at {}, `{}`: ", self.step + 1, self.at, self.name)?;
        match self.kind {
            Parting::NotOpen => f.write_str("this cannot happen here"),
            Parting::Digest { recorded, replayed } => {
                write!(f, "digest {recorded:016x} was recorded, and is now {replayed:016x}")
            }
        }
    }
}

impl std::error::Error for Divergence {}

impl<M: Simulated, O: Outside<M>> Replay<M, O> {
    /// Follows `recording` from the beginning, in a world that was made as the recorded one was.
    pub fn new(world: World<M, O>, recording: Recording, recorder: Recorder) -> Self {
        Self { track: Track::new(world, recorder), recording, at: 0 }
    }

    /// Follows one step; `false` when there is none left.
    pub fn step(&mut self) -> Result<bool, Divergence> {
        let Some((at, name, recorded)) = self.recording.steps.get(self.at).cloned() else { return Ok(false) };
        let step = self.at;
        let part = |kind| Divergence { step, at, name: name.clone(), kind };
        if at < self.track.world.now() {
            return Err(part(Parting::NotOpen));
        }
        self.track.world.advance(at);
        let Some(choice) = self.resolve(&name) else { return Err(part(Parting::NotOpen)) };
        self.track.perform(&choice);
        let replayed = self.track.digest.value();
        if replayed != recorded {
            return Err(part(Parting::Digest { recorded, replayed }));
        }
        self.at += 1;
        Ok(true)
    }

    /// Follows all steps before the one with index `end`, or all there are.
    pub fn run(&mut self, end: Option<usize>) -> Result<(), Divergence> {
        while end.is_none_or(|end| self.at < end) && self.step()? {}
        Ok(())
    }

    /// The choice that `name` stands for in this world; `None` when it is not open.
    fn resolve(&mut self, name: &Name) -> Option<Choice> {
        let world = &self.track.world;
        let known = |node: &PeerId| (node.index() < world.len()).then_some(*node);
        Some(match name {
            Name::Flight(fate, flight) => {
                let id = self.flight(flight)?;
                match fate {
                    Fate::Deliver => Choice::Deliver(id),
                    Fate::Lose => Choice::Lose(id),
                    Fate::Copy => Choice::Copy(id),
                    Fate::Corrupt(bits) => Choice::Corrupt(id, *bits),
                }
            }
            Name::Ring(node, _, timer) => Choice::Ring(*node, self.alarm(known(node)?, timer)?),
            Name::Sync(node, id, verdict) => {
                world.request(known(node)?, *id)?;
                Choice::Sync(*node, *id, verdict.clone())
            }
            Name::Ask(node, _, ask) => {
                let node = known(node)?;
                let ask = from_bytes(ask).ok()?;
                Choice::Ask(self.track.want(node, ask))
            }
            Name::Start(node) => (!world.is_up(known(node)?)).then_some(Choice::Start(*node))?,
            Name::Crash(node) => world.is_up(known(node)?).then_some(Choice::Crash(*node))?,
            Name::Replace(node) => (!world.is_up(known(node)?)).then_some(Choice::Replace(*node))?,
            Name::Tear(node, id, keep, zeros) => Choice::Tear(known(node)?, *id, *keep, *zeros),
            Name::Rot(node, object, offset, bit) => Choice::Rot(known(node)?, object.clone(), *offset, *bit),
            Name::Clock(node, change) => Choice::Clock(known(node)?, *change),
        })
    }

    fn flight(&self, name: &FlightName) -> Option<FlightId> {
        self.track.world.flights().map(|(id, _)| id).find(|id| self.track.flight_name(*id) == *name)
    }

    fn alarm(&self, node: PeerId, timer: &[u8]) -> Option<ArmId> {
        let mut bytes = Vec::new();
        let mut is = |it: &M::Timer| {
            bytes.clear();
            it.encode(&mut bytes);
            bytes == timer
        };
        self.track.world.armed(node).find(|(_, it)| is(it)).map(|(id, _)| id)
    }

    /// The world at this point of the recording.
    pub fn world(&self) -> &World<M, O> {
        &self.track.world
    }

    /// How many steps were followed.
    pub fn followed(&self) -> usize {
        self.at
    }

    /// The steps that are remembered, one line each.
    pub fn story(&self) -> String {
        self.track.recorder.steps().into_iter().map(|step| format!("{step}\n")).collect()
    }
}

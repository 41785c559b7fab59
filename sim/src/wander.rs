//! The wandering walk: numbers pick from the list of what can happen next. Property tests and fuzzers bring the numbers.
//!
//! Each pick is one choice: an ordinary one mostly, a fault as long as the budget lasts. Time stands still but for alarms: to
//! ring one, the world's time goes on to when the alarm is due, so no clock contradicts it.

use crate::check::Budget;
use crate::oracle::{Failure, Moment, Oracle, Phase};
use crate::record::{Recorder, Recording};
use crate::subject::{Outside, Simulated};
use crate::track::Track;
use crate::world::{Choice, Menu, World};

/// A world in which picks make things happen.
pub struct Wander<M: Simulated, O: Outside<M>> {
    track: Track<M, O>,
    left: Budget,
    oracles: Vec<Box<dyn Oracle<M, O>>>,
    open: Vec<Choice>,
}

impl<M: Simulated, O: Outside<M>> Wander<M, O> {
    /// Begins in `world`, with all nodes up and their disks read, and with as much trouble as `budget` allows. Alarms cost
    /// nothing here.
    pub fn new(world: World<M, O>, budget: Budget, oracles: Vec<Box<dyn Oracle<M, O>>>) -> Result<Self, Failure> {
        let track = Track::new(world, Recorder::head(usize::MAX));
        let mut wander = Self { track, left: budget, oracles, open: Vec::new() };
        while let Some(choice) = wander.track.world.booting() {
            wander.perform(&choice)?;
        }
        Ok(wander)
    }

    /// What can happen next, in a fixed order.
    pub fn open(&mut self) -> &[Choice] {
        let left = &self.left;
        let menu = Menu {
            ring: true,
            lose: left.losses > 0,
            copy: left.copies > 0,
            crash: left.crashes > 0,
            tear: false,
            fail: left.failures > 0,
            tick: None,
        };
        self.open.clear();
        self.track.world.choices(&menu, &mut self.open);
        &self.open
    }

    /// Makes the choice happen that `pick` names: the remainder by the number of what can happen. `false` when nothing can.
    pub fn pick(&mut self, pick: u64) -> Result<bool, Failure> {
        let open = self.open().len() as u64;
        if open == 0 {
            return Ok(false);
        }
        let at = usize::try_from(pick % open).unwrap_or(0);
        let choice = self.open[at].clone();
        let is_ring = matches!(choice, Choice::Ring(..));
        assert!(is_ring || self.left.pay(&choice), "only what can be paid is open");
        if let Choice::Ring(node, arm) = choice
            && let Some((due, mono)) = self.track.world.due(node, arm)
        {
            let wait = self.track.world.node_clock(node).wait(mono.until(due));
            self.track.world.advance(self.track.world.now().after(wait));
        }
        self.perform(&choice)?;
        Ok(true)
    }

    fn perform(&mut self, choice: &Choice) -> Result<(), Failure> {
        self.track.perform(choice);
        let born = &self.track.scratch.born;
        let moment = Moment {
            world: &self.track.world,
            choice,
            node: born.node,
            notices: &born.notices,
            sent: &born.flights,
            event: self.track.digest.events(),
            phase: Phase::Chaos,
        };
        for oracle in &mut self.oracles {
            oracle.after(&moment).map_err(|violation| Failure {
                property: oracle.property(),
                claim: oracle.claim(),
                at: moment.at(),
                event: moment.event,
                violation,
            })?;
        }
        Ok(())
    }

    /// Everything that exists.
    pub fn world(&self) -> &World<M, O> {
        &self.track.world
    }

    /// What happened so far: it replays in the same world.
    pub fn recording(&self) -> Recording {
        self.track.recorder.recording()
    }

    /// What happened so far, one line a step.
    pub fn story(&self) -> String {
        self.track.recorder.steps().into_iter().map(|step| format!("{step}\n")).collect()
    }
}

//! `echo`: nodes that ping each other, for first scenarios and for tests of scenarios.
//!
//! It stores nothing, so faults of disks never fire. Copies and corruption are not among what it tolerates: a ping that arrives
//! twice is answered twice, and its oracle says so.

use crate::doc::Echo;
use crate::fault::Family;
use crate::oracle::{Moment, Oracle, Violation};
use crate::scenario::key::{Form, Key};
use crate::scenario::nodes::Nodes;
use crate::scenario::read::Group;
use crate::scenario::section::Section;
use crate::scenario::subject::{Cast, Recipe, Subject};
use crate::subject::Nobody;
use crate::world::Choice;
use antfarm_machine::PeerId;
use antfarm_strict::Trouble;
use std::sync::Arc;

/// Nodes that ping each other; scenarios call it `echo`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echoes;

impl Subject for Echoes {
    type Machine = Echo;
    type Outside = Nobody;

    fn name(&self) -> &'static str {
        "echo"
    }

    fn purpose(&self) -> &'static str {
        "nodes that ping each other and count the answers"
    }

    fn tolerates(&self) -> Vec<Family> {
        vec![
            Family::Uniform,
            Family::Exponential,
            Family::Bimodal,
            Family::Loss,
            Family::Reordering,
            Family::OneWayCut,
            Family::TwoWayCut,
            Family::Hold,
            Family::Crash,
            Family::Pause,
            Family::ClockOffset,
            Family::ClockDrift,
            Family::ClockStep,
            Family::ClockFreeze,
        ]
    }

    fn config(&self) -> &'static [Key] {
        &[]
    }

    fn asks(&self) -> &'static [Key] {
        const { &[Key::new("ping", Form::Nodes, "Whom to ping: a node, or each time one of a list or of `any`.").required()] }
    }

    fn cast(&self, nodes: &Nodes, _: &Section) -> Result<Cast<Echo, Nobody>, Trouble> {
        Ok(Cast::of(vec![Echo::default(); nodes.len()], Nobody))
    }

    fn ask(&self, row: &Section, cast: &Cast<Echo, Nobody>) -> Result<Recipe<PeerId>, Trouble> {
        let nodes = match row.group("ping") {
            Some(Group::These(nodes)) => nodes,
            Some(Group::Any) | None => (0..).map(PeerId::new).take(cast.machines.len()).collect(),
        };
        Ok(Arc::new(move |dice, _| *dice.pick(&nodes)))
    }

    fn oracles(&self, cast: &Cast<Echo, Nobody>) -> Vec<Box<dyn Oracle<Echo, Nobody>>> {
        vec![Box::new(Answers { heard: vec![0; cast.machines.len()], pings: 0, answers: 0 })]
    }
}

/// Keeps its own count of pings and answers: a crash resets those of the machines.
struct Answers {
    /// By node: the machine's count at its latest turn.
    heard: Vec<u64>,
    pings: u64,
    answers: u64,
}

impl Oracle<Echo, Nobody> for Answers {
    fn property(&self) -> &'static str {
        "answers"
    }

    fn claim(&self) -> &'static str {
        "no more answers arrive than pings were sent"
    }

    fn after(&mut self, moment: &Moment<'_, Echo, Nobody>) -> Result<(), Violation> {
        let Some((node, machine)) = moment.turned() else { return Ok(()) };
        self.pings += u64::from(matches!(moment.choice, Choice::Ask(_)));
        self.answers += machine.heard.saturating_sub(self.heard[node.index()]);
        self.heard[node.index()] = machine.heard;
        if self.answers > self.pings {
            return Err(Violation::at(node, format!("{} answers arrived to {} pings", self.answers, self.pings)));
        }
        Ok(())
    }
}

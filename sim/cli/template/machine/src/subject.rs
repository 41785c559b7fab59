//! The machine as scenarios know it: its vocabulary, the faults it tolerates, and what must hold.

use crate::{Add, Skeleton};
use antfarm_sim::scenario::{Cast, Form, Key, Nodes, Recipe, Section, Subject, Trouble};
use antfarm_sim::{Family, Moment, Nobody, Oracle, Violation};
use std::sync::Arc;

/// Registers the machine: scenarios call it `skeleton`.
#[derive(Clone, Copy, Debug)]
pub struct Skeletons;

impl Subject for Skeletons {
    type Machine = Skeleton;
    type Outside = Nobody;

    fn name(&self) -> &'static str {
        "skeleton"
    }

    fn purpose(&self) -> &'static str {
        "a counter that every node keeps a copy of"
    }

    fn tolerates(&self) -> Vec<Family> {
        // No crashes: nothing is kept on disk yet.
        vec![
            Family::Loss,
            Family::Duplication,
            Family::Reordering,
            Family::OneWayCut,
            Family::TwoWayCut,
            Family::Hold,
            Family::Pause,
        ]
    }

    fn config(&self) -> &'static [Key] {
        &[]
    }

    fn asks(&self) -> &'static [Key] {
        const { &[Key::new("add", Form::Count(1, 1_000), "How much to add.").required()] }
    }

    fn cast(&self, nodes: &Nodes, _config: &Section) -> Result<Cast<Skeleton, Nobody>, Trouble> {
        let machines = nodes.ids().into_iter().map(|id| Skeleton::new(id, nodes.len())).collect();
        Ok(Cast::of(machines, Nobody))
    }

    fn ask(&self, row: &Section, _cast: &Cast<Skeleton, Nobody>) -> Result<Recipe<Add>, Trouble> {
        let add = u32::try_from(row.count("add").unwrap_or(1)).unwrap_or(u32::MAX);
        Ok(Arc::new(move |_dice, _nth| Add(add)))
    }

    fn oracles(&self, _cast: &Cast<Skeleton, Nobody>) -> Vec<Box<dyn Oracle<Skeleton, Nobody>>> {
        vec![Box::new(NoRumours), Box::new(Convergence)]
    }
}

/// Nobody knows more of a node than the node counted itself.
struct NoRumours;

impl Oracle<Skeleton, Nobody> for NoRumours {
    fn property(&self) -> &'static str {
        "no_rumours"
    }

    fn claim(&self) -> &'static str {
        "nobody knows more of a node than the node counted itself"
    }

    fn after(&mut self, moment: &Moment<'_, Skeleton, Nobody>) -> Result<(), Violation> {
        let Some((node, machine)) = moment.turned() else { return Ok(()) };
        for of in moment.world.ids() {
            let (known, truth) = (machine.known(of), moment.world.machine(of).known(of));
            if known > truth {
                return Err(Violation::at(node, format!("it knows {known} of node {of}, which counted {truth}")));
            }
        }
        Ok(())
    }
}

/// Liveness: in the end everybody knows everybody's count.
struct Convergence;

impl Oracle<Skeleton, Nobody> for Convergence {
    fn property(&self) -> &'static str {
        "convergence"
    }

    fn claim(&self) -> &'static str {
        "in the end every node knows the count of every other"
    }

    fn after(&mut self, _: &Moment<'_, Skeleton, Nobody>) -> Result<(), Violation> {
        Ok(())
    }

    fn at_end(&mut self, moment: &Moment<'_, Skeleton, Nobody>) -> Result<(), Violation> {
        let world = moment.world;
        for (node, of) in world.ids().flat_map(|node| world.ids().map(move |of| (node, of))) {
            let (known, truth): (u64, u64) = (world.machine(node).known(of), world.machine(of).known(of));
            if known != truth {
                return Err(Violation::at(node, format!("it knows {known} of node {of}, which counted {truth}")));
            }
        }
        Ok(())
    }
}

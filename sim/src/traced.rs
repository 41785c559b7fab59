//! What happens as `tracing` events, for whoever has a subscriber.

use crate::oracle::{Moment, Oracle, Violation};
use crate::subject::Simulated;

/// Tells `tracing` of every event, at level `DEBUG` under the target `antfarm`: `node`, the simulated time `at_ns`, the number of the
/// `event`, what happened, and what the node told. Add it to a run with [`crate::Simulation::oracle`]; a run without it
/// pays nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traced;

impl<M: Simulated, O> Oracle<M, O> for Traced {
    fn property(&self) -> &'static str {
        "traced"
    }

    fn claim(&self) -> &'static str {
        "what happens is told to whoever traces"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let node = moment.node.map(|node| node.number());
        let (at_ns, event) = (moment.at().0, moment.event);
        tracing::debug!(target: "antfarm", node, at_ns, event, choice = ?moment.choice, told = ?moment.notices);
        Ok(())
    }
}

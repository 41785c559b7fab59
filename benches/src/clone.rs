//! Cloning a world: what branching, shrinking and checking pay for.

use antfarm_machine::{PeerId, Span};
use antfarm_raft::{Config, Node};
use antfarm_sim::{Recorder, Simulation};
use std::hint::black_box;

/// Clones a world of twenty Raft nodes in the middle of a run `times` times; the number
/// of clones.
pub fn clones(times: u64) -> u64 {
    let config = Config::new(20);
    let nodes: Vec<Node> = (0..20).map(|node| config.node(PeerId::new(node))).collect();
    let mut sim = Simulation::seeded(1, nodes).record(Recorder::Off);
    sim.run_for(Span::from_secs(10));
    for _ in 0..times {
        black_box(sim.world().clone());
    }
    times
}

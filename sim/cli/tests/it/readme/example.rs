//! The test that README shows; edit both.

use antfarm_machine::{PeerId, Span};
use antfarm_raft::{Command, Config, Node, Role};
use antfarm_sim::{Fault, Reach, Simulation};

#[test]
fn a_leader_that_is_cut_off_is_replaced() {
    let cluster = Config::new(3);
    let nodes = || (0..4).map(PeerId::new); // three servers and a client
    let mut sim = Simulation::seeded(7, nodes().map(|id| cluster.node(id)));
    sim.run_for(Span::from_secs(2));

    let leads = |sim: &Simulation<Node>, id| matches!(sim.machine(id), Node::Server(it) if it.role() == Role::Leader);
    let old = nodes().find(|id| leads(&sim, *id)).expect("two seconds are enough for an election");
    let rest = nodes().filter(|id| *id != old).collect();
    let cut = sim.inject(Fault::Cut(Reach::between(vec![old], rest)));
    sim.ask(PeerId::new(3), Command::Put { key: 1, value: 5 });
    sim.run_for(Span::from_secs(5));
    assert!(nodes().any(|id| id != old && leads(&sim, id)), "{}", sim.story());

    sim.lift(cut);
    sim.run_for(Span::from_secs(5));
    assert!(!leads(&sim, old), "it learned of the later term");
}

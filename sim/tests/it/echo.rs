//! The smallest runs: echoes.

use antfarm_machine::{PeerId, Span};
use antfarm_sim::doc::Echo;
use antfarm_sim::{Family, Load, Simulation};

fn run(seed: u64) -> (u64, u64) {
    let nodes: Vec<PeerId> = (0..5).map(PeerId::new).collect();
    let others = nodes.clone();
    let load = Load::every((Span::from_millis(1), Span::from_millis(20)), nodes, move |dice, _| *dice.pick(&others));
    let mut sim = Simulation::seeded(seed, vec![Echo::default(); 5]).load(load).swarm(Family::ALL, Span::from_secs(60));
    sim.run(Span::from_secs(60), Span::from_secs(5)).expect("nothing watches");
    (sim.digest(), sim.events())
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..20 {
        assert_eq!(run(seed), run(seed), "seed {seed}");
    }
}

#[test]
fn other_seeds_give_other_runs() {
    assert_ne!(run(1).0, run(2).0);
}

//! Raft: five servers and three clients under the default faults.

use antfarm_machine::{PeerId, Span};
use antfarm_raft::{Command, Config, Node};
use antfarm_sim::{Dice, Family, Load, Recorder, Simulation};

/// The faults that Raft is meant to survive.
const FAULTS: &[Family] = &[
    Family::Uniform,
    Family::Exponential,
    Family::Bimodal,
    Family::Loss,
    Family::Duplication,
    Family::Reordering,
    Family::Corruption,
    Family::OneWayCut,
    Family::TwoWayCut,
    Family::Hold,
    Family::Crash,
    Family::Pause,
    Family::ClockOffset,
    Family::ClockDrift,
    Family::ClockStep,
    Family::ClockFreeze,
    Family::DiskLatency,
    Family::Torn,
    Family::LostSync,
    Family::FailedSync,
    Family::Full,
];

fn command(dice: &mut Dice, nth: u64) -> Command {
    let key = u16::try_from(dice.below(8)).unwrap_or(0);
    match dice.below(4) {
        0 => Command::Put { key, value: nth },
        1 => Command::Add { key, by: 1 + dice.below(9) },
        2 => Command::Cas { key, expect: dice.below(20), value: nth },
        _ => Command::Get { key },
    }
}

/// One run of `secs` simulated seconds with all oracles on; the number of events.
pub fn raft(seed: u64, secs: u64) -> u64 {
    let config = Config::new(5);
    let clients: Vec<PeerId> = (5..8).map(PeerId::new).collect();
    let nodes: Vec<Node> = (0..8).map(|node| config.node(PeerId::new(node))).collect();
    let core: Vec<PeerId> = [0, 1, 2, 5, 6, 7].map(PeerId::new).to_vec();
    let mut sim = Simulation::seeded(seed, nodes)
        .record(Recorder::Off)
        .core(core)
        .load(Load::every((Span::from_millis(10), Span::from_millis(190)), clients, command))
        .swarm(FAULTS, Span::from_secs(secs));
    for oracle in antfarm_raft::oracle::all(config) {
        sim = sim.boxed_oracle(oracle);
    }
    sim.run(Span::from_secs(secs), Span::from_secs(20)).unwrap_or_else(|failure| panic!("seed {seed}: {failure}"));
    sim.events()
}

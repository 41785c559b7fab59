//! Checking: every order of events among three Raft servers and a client, depth first.

use antfarm_raft::Raft;
use antfarm_sim::scenario::{Bounds, Registry};

/// Generates up to `states` states of the small world of `scenarios/raft/small.toml`, on one thread; how many differ.
pub fn check(states: usize) -> u64 {
    let text = include_str!("../../scenarios/raft/small.toml");
    let staged = Registry::new().with(Raft).read("small.toml", text).unwrap_or_else(|troubles| panic!("{troubles}"));
    let checked = staged.check(Bounds { states, threads: 1 }).expect("Raft says how it is searched");
    assert!(checked.violations.is_empty(), "Raft holds");
    checked.unique as u64
}

//! Worlds under seeds: each comes to a good end, a seed is a run, and no kind of trouble stays away.
//!
//! `ANTFARM_SEEDS=200 cargo test` lives through as many; `ANTFARM_SEED=7 cargo test` through one.

use antfarm_madsim::trace::Counts;
use antfarm_madsim::trouble::KINDS;
use antfarm_madsim::world::{self, Report};
use madsim::runtime::Runtime;
use std::cell::RefCell;
use std::io::Write as _;
use std::panic::resume_unwind;
use std::thread;

/// How many seeds there are, if nobody says otherwise.
const SEEDS: u64 = 20;

/// From so many seeds on each kind of trouble must have come about.
const ENOUGH: u64 = 20;

/// A world on a thread of its own, which it needs.
fn world(seed: u64) -> Report {
    thread::spawn(move || world::of(seed)).join().unwrap_or_else(|panic| resume_unwind(panic))
}

#[test]
fn nodes_that_are_killed_and_cut_off_lose_nothing_do_nothing_twice_and_are_not_stuck() {
    let lived = RefCell::new((0, Counts::new()));
    antfarm_sim::seeds(SEEDS, |seed| {
        let Report { counts, acknowledged, parts, records, .. } = world(seed);
        let (worlds, total) = &mut *lived.borrow_mut();
        *worlds += 1;
        let figures = [("calls acknowledged", acknowledged), ("parts handed on and back", parts), ("records", records)];
        counts.into_iter().chain(figures).for_each(|(what, count)| *total.entry(what).or_default() += count);
    });
    let (worlds, total) = lived.into_inner();
    let figures: Vec<String> = total.iter().map(|(what, count)| format!("{count} {what}")).collect();
    writeln!(std::io::stderr(), "{worlds} worlds: {}", figures.join(", ")).expect("somebody reads it");
    let inert: Vec<&str> = KINDS.into_iter().filter(|kind| !total.contains_key(kind)).collect();
    assert!(worlds < ENOUGH || inert.is_empty(), "in {worlds} worlds there was no trouble of these kinds: {inert:?}");
}

#[test]
fn a_seed_is_a_run() {
    antfarm_sim::seeds(2, |seed| assert_eq!(world(seed), world(seed), "a seed gave two runs"));
}

#[test]
fn a_seed_draws_the_same_at_the_same_times() {
    antfarm_sim::seeds(1, |seed| drop(Runtime::check_determinism(seed, madsim::Config::default(), world::live)));
}

#[test]
fn other_seeds_are_other_runs() {
    assert_ne!(world(0).digest, world(1).digest);
}

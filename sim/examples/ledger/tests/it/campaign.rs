//! Whole runs under everything that can break: all holds, everything fires, and the rare paths are reached.

use antfarm_keeper::Ledgers;
use antfarm_sim::scenario::{Registry, Tally};
use antfarm_sim::{Family, Recorder};

const SWARM: &str = r#"
    purpose  = "a ledger loses nothing that its disk did not lie about"
    machine  = "ledger"
    nodes    = 4
    duration = "40s"
    settle   = "15s"
    swarm    = "all"
    config   = { segment_bytes = 8_192, checkpoint_every = "2s", depth = "DEPTH" }
    ask      = [{ rate = "20/s", put = "0b..1kb", again = "5%" }]
"#;

fn run(depth: &str, seeds: std::ops::Range<u64>) -> Tally {
    let staged = Registry::new().with(Ledgers).read("swarm.toml", &SWARM.replace("DEPTH", depth));
    let staged = staged.unwrap_or_else(|troubles| panic!("{troubles}"));
    let mut tally = Tally::default();
    for seed in seeds {
        let report = staged.run(seed, Recorder::tail(20));
        assert!(report.ok(), "depth {depth}, seed {seed}: {:?}\n{}", report.violation, report.story().join("\n"));
        tally.add(&report);
    }
    tally
}

#[test]
fn whatever_breaks_all_properties_hold_and_each_was_looked_at() {
    let tally = run("whole", 0..40);
    for family in Family::ALL {
        assert!(tally.faults.get(family).is_some_and(|count| count.fired > 0), "{} never fired", family.name());
    }
    for property in ["acknowledged", "chain", "damage", "fold", "fork", "invented", "liveness", "prefix", "silence"] {
        let mark = format!("oracle.{property}");
        assert!(tally.reached.iter().any(|(reached, _)| *reached == mark), "{property} judged nothing");
    }
    for mark in [
        "ledger.checkpoint_discarded",
        "ledger.checkpoint_restored",
        "ledger.refused",
        "ledger.rotated",
        "ledger.stopped",
        "ledger.torn_tail_cut",
        "oracle.acknowledged.excused",
    ] {
        assert!(tally.reached.contains_key(mark), "`{mark}` was not reached");
    }
}

#[test]
fn a_keeper_that_reads_only_the_tail_keeps_its_promises_too() {
    let tally = run("tail", 1_000..1_020);
    assert!(tally.reached.contains_key("ledger.checkpoint_restored"));
}

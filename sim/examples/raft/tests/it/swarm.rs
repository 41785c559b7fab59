//! Whole runs in the simulator, under everything that Raft survives, with all oracles watching.

use antfarm_raft::Raft;
use antfarm_sim::Recorder;
use antfarm_sim::scenario::{Registry, Report, Staged};

const SWARM: &str = r#"
    purpose  = "servers agree and clients are answered as if there were one"
    machine  = "raft"
    nodes    = ["ada", "ben", "cem", "dia", "eve", "client-1", "client-2", "client-3"]
    config   = { servers = 5, snapshot_every = 16 }
    duration = "30s"
    settle   = "15s"
    swarm    = "default"
    ask      = [{ rate = "20/s", mix = 4 }]
"#;

fn staged(text: &str) -> Box<dyn Staged> {
    Registry::new().with(Raft).read("test.toml", text).unwrap_or_else(|troubles| panic!("{troubles}"))
}

fn run(text: &str, seed: u64) -> Report {
    let report = staged(text).run(seed, Recorder::tail(20));
    assert!(report.ok(), "seed {seed}: {:?}", report.violation);
    report
}

#[test]
fn whatever_breaks_all_properties_hold_and_each_was_looked_at() {
    let reports: Vec<Report> = (0..12).map(|seed| run(SWARM, seed)).collect();
    let reached = |mark: &str| reports.iter().filter_map(|report| report.reached.get(mark)).sum::<u64>();
    for property in
        ["acknowledged", "election", "leader_completeness", "linearizability", "liveness", "log_matching", "state_machine"]
    {
        assert!(reached(&format!("oracle.{property}")) > 0, "{property} judged nothing");
    }
    assert!(reached("oracle.linearizability.window") > 500, "stateright's tester judges too");
    assert_eq!(reached("oracle.linearizability.skipped"), 0, "no key was given up");
}

#[test]
fn a_bare_majority_goes_on_when_all_others_stay_broken() {
    for seed in 100..106 {
        let report = run(&SWARM.replace(r#""default""#, r#"["cut", "crash", "loss"]"#), seed);
        assert_eq!(report.reached.get("oracle.liveness"), Some(&1), "seed {seed}");
    }
}

/// The alarm of an earlier candidacy asked for votes in a term that was not on disk yet, while the disk hung.
#[test]
fn candidates_with_hanging_disks_do_not_speak_of_their_vote() {
    let text = SWARM.replace(r#""default""#, r#"["disk.lost-sync", "loss", "latency.bimodal", "cut"]"#);
    for seed in 200..206 {
        run(&text, seed);
    }
}

/// A follower that could take no more was sent the same again at once, for ever, and doubled messages made more of it.
#[test]
fn a_follower_that_takes_nothing_is_not_flooded() {
    let flood = r#"
        purpose  = "a follower whose disk hangs is not flooded"
        machine  = "raft"
        nodes    = ["ada", "ben", "cem", "client-1", "client-2"]
        config   = { servers = 3, snapshot_every = 4, window = 32, batch = 4 }
        duration = "40s"
        ask      = [{ rate = "30/s", mix = 4, reads = 10 }]
        fault    = [{ copy = "30%" }, { at = "5s", disk = "lost", node = "ada" }]
    "#;
    for seed in 0..4 {
        let report = run(flood, seed);
        assert!(report.events < 120_000, "seed {seed}: {} events in a quiet minute", report.events);
    }
}

#[test]
fn a_seed_is_one_run_whatever_else_runs() {
    let first = run(SWARM, 7);
    run(SWARM, 8);
    let again = run(SWARM, 7);
    assert_eq!((first.digest, first.events), (again.digest, again.events));
}

#[test]
fn what_makes_no_cluster_or_no_ask_is_refused_with_its_place() {
    let refused = |from: &str, to: &str, told: &str| {
        let read = Registry::new().with(Raft).read("test.toml", &SWARM.replace(from, to));
        let troubles = read.err().expect("it is refused").to_string();
        assert!(troubles.starts_with("test.toml:") && troubles.ends_with(told), "{troubles}");
    };
    refused("servers = 5", "servers = 9", ":5:28: there can be at most 8 servers among these nodes");
    refused("snapshot_every = 16", "heartbeat = \"200ms\"", "speak more often than its followers lose patience: `election`");
    refused("mix = 4", "mix = 4, get = 1", ": say one of `get`, `put`, `add`, `cas` and `mix`");
    refused("mix = 4", "reads = 4", ": say one of `get`, `put`, `add`, `cas` and `mix`");
}

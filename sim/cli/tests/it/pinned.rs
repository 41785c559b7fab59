//! Pinned digests: runs of fixed seeds are the same in every process, with any number of threads, and on every machine.
//!
//! `pinned.txt` has a line for each run: scenario, seed, events, digest. A change of what happens in a run, or of what a
//! digest covers, changes it; then `ANTFARM_PIN=1 cargo test -p antfarm-cli pinned` writes it anew, and the change says why.
//! `ANTFARM_TOOL` names another build of the tool to hold against the pins: CI holds the release build against them.

use crate::tool::Bench;
use std::path::Path;

const SCENARIOS: [&str; 2] = ["scenarios/echo/swarm.toml", "scenarios/raft/swarm.toml"];

fn pins(jobs: &str) -> String {
    let mut lines = String::new();
    for scenario in SCENARIOS {
        let file = format!("{}/../../{scenario}", env!("CARGO_MANIFEST_DIR"));
        let mut bench = Bench::new(&format!("pinned-{jobs}"));
        if let Some(tool) = std::env::var_os("ANTFARM_TOOL") {
            bench = bench.with(tool);
        }
        let said = bench.run(&format!("run {file} --seeds 10 --jobs {jobs} --json"));
        for line in said.out.lines() {
            let object: serde_json::Value = serde_json::from_str(line).expect("a line is an object");
            if let (Some(seed), Some(events), Some(digest)) = (object.get("seed"), object.get("events"), object.get("digest")) {
                let digest = digest.as_str().expect("a digest is a string");
                lines.push_str(&format!("{scenario} {seed} {events} {digest}\n"));
            }
        }
    }
    lines
}

#[test]
fn pinned_digests_are_those_of_every_process_and_number_of_threads() {
    let (one, two) = (pins("1"), pins("2"));
    assert_eq!(one, two, "one thread and two threads make the same runs");
    assert_eq!(one.lines().count(), 20);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/pinned.txt");
    if std::env::var_os("ANTFARM_PIN").is_some() {
        std::fs::write(&file, &one).expect("the pins can be written");
    }
    assert_eq!(one, std::fs::read_to_string(&file).expect("pins"), "digests changed; see the head of this file");
}

//! Prints how much of each work is done per CPU-second: the median of several runs after a warm-up.
//!
//! `speed [--json] [WORK...]`: only the works whose names contain one of the words. With `--json`, one object a run in the
//! format that `benches/peers/run.sh` joins with those of other simulators.
#![expect(clippy::print_stdout, reason = "a program that prints figures")]

use antfarm_benches::{
    cascade, check, clones, commits, cpu_time, derive, echo, hive, in_world, ledger, process_time, raft, reopen, restart, small,
    timers,
};
use std::time::{Duration, Instant};

/// One thing to measure.
struct Work {
    name: &'static str,
    what: &'static str,
    nodes: u32,
    run: fn() -> u64,
    /// The time of the thread that does it; stateright works in threads of its own.
    clock: fn() -> Option<Duration>,
}

const WORKS: &[Work] = &[
    Work { name: "echo-10", what: "echo, 10 nodes x 10,000: messages", nodes: 10, run: || echo(1, 10, 10_000), clock: cpu_time },
    Work {
        name: "echo-100",
        what: "echo, 100 nodes x 10,000: messages",
        nodes: 100,
        run: || echo(1, 100, 10_000),
        clock: cpu_time,
    },
    Work {
        name: "echo-100-short",
        what: "echo, 100 nodes x 1,000: messages",
        nodes: 100,
        run: || echo(1, 100, 1_000),
        clock: cpu_time,
    },
    Work { name: "timers", what: "timers, 1,000 x 1,000: alarms", nodes: 1, run: || timers(1, 1_000, 1_000), clock: cpu_time },
    Work {
        name: "raft",
        what: "Raft, five servers, default faults, all oracles, 10 seeds x 10 min: events",
        nodes: 5,
        run: || (0..10).map(|seed| raft(seed, 600)).sum(),
        clock: cpu_time,
    },
    Work {
        name: "check",
        what: "check, three Raft servers, depth first, 3,000,000 generated: different states",
        nodes: 4,
        run: || check(3_000_000),
        clock: process_time,
    },
    Work {
        name: "small",
        what: "L1 of a plan and its tasks: different states",
        nodes: 3,
        run: || small(&["plan", "task"]),
        clock: process_time,
    },
    Work {
        name: "small-issue",
        what: "L1 of the issue: different states",
        nodes: 1,
        run: || small(&["issue"]),
        clock: process_time,
    },
    Work {
        name: "cascade",
        what: "the order proved, L1 and L3, 10 times: proofs",
        nodes: 1,
        run: || cascade(10),
        clock: process_time,
    },
    Work {
        name: "ledger",
        what: "ledger, 100,000 records, verify and fold: records",
        nodes: 1,
        run: || ledger(100_000),
        clock: cpu_time,
    },
    Work {
        name: "commits",
        what: "a colony's governed commits, 16 at a time, 20,000: commits",
        nodes: 3,
        run: || commits(1, 20_000, false),
        clock: cpu_time,
    },
    Work {
        name: "watched-commits",
        what: "the same, 5,000, with all oracles on: commits",
        nodes: 3,
        run: || commits(1, 5_000, true),
        clock: cpu_time,
    },
    Work {
        name: "world-1k",
        what: "commits in a world of 1,000 entries, 5,000: commits",
        nodes: 3,
        run: || in_world(1_000, 5_000),
        clock: cpu_time,
    },
    Work {
        name: "world-1m",
        what: "commits in a world of 1,000,000 entries, 5,000: commits",
        nodes: 3,
        run: || in_world(1_000_000, 5_000),
        clock: cpu_time,
    },
    Work {
        name: "reopen",
        what: "a node opens, verifies and folds a ledger of 100,000 commits: records",
        nodes: 3,
        run: || reopen(100_000),
        clock: cpu_time,
    },
    Work {
        name: "restart",
        what: "a node with a ledger of 500,000 commits, all remembered, starts from a checkpoint: records",
        nodes: 3,
        run: || restart(500_000, 490_000),
        clock: cpu_time,
    },
    Work {
        name: "derive",
        what: "every decision of a ledger of 100,000 commits derived again: decisions",
        nodes: 3,
        run: || derive(100_000),
        clock: cpu_time,
    },
    Work {
        name: "hive",
        what: "a colony of 1,000 nodes, one simulated day, default faults: simulated seconds",
        nodes: 1_000,
        run: || {
            hive(1, 1_000, 86_400);
            86_400
        },
        clock: cpu_time,
    },
    Work { name: "clone", what: "clone of a 20-node world: clones", nodes: 20, run: || clones(100_000), clock: cpu_time },
];

fn measure(work: &Work) -> (u64, Duration, Duration) {
    let (before, begun) = ((work.clock)().unwrap_or_default(), Instant::now());
    let count = (work.run)();
    let (cpu, wall) = ((work.clock)().unwrap_or_default().saturating_sub(before), begun.elapsed());
    // Where CPU time is not to be had, wall time is an upper bound.
    (count, if cpu.is_zero() { wall } else { cpu }, wall)
}

fn per_second(count: u64, spent: Duration) -> u64 {
    let rate = u128::from(count) * 1_000_000_000 / spent.as_nanos().max(1);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

fn main() {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let json = words.iter().position(|word| word == "--json").map(|at| words.remove(at)).is_some();
    for work in WORKS.iter().filter(|work| words.is_empty() || words.iter().any(|word| work.name.contains(word.as_str()))) {
        if json {
            let (count, cpu, wall) = measure(work);
            let (name, nodes) = (work.name.split('-').next().unwrap_or(work.name), work.nodes);
            let (cpu_s, wall_s) = (cpu.as_secs_f64(), wall.as_secs_f64());
            let rate = per_second(count, cpu);
            println!(
                r#"{{"tool":"antfarm","work":"{name}","nodes":{nodes},"count":{count},"cpu_s":{cpu_s:.6},"wall_s":{wall_s:.6},"per_cpu_s":{rate}}}"#
            );
            continue;
        }
        measure(work);
        let mut rates: Vec<u64> = (0..5).map(|_| measure(work)).map(|(count, cpu, _)| per_second(count, cpu)).collect();
        rates.sort_unstable();
        println!("{:<76} {:>11} per CPU-second  ({} to {})", work.what, rates[2], rates[0], rates[4]);
    }
}

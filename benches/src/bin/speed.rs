//! Prints how much of each work is done per CPU-second: the median of five runs after a warm-up.
#![expect(clippy::print_stdout, reason = "a program that prints figures")]

use antfarm_benches::{cpu_time, echo, raft, timers};

fn measure(work: &str, run: impl Fn() -> u64) {
    run();
    let mut rates: Vec<u64> = (0..5)
        .map(|_| {
            let before = cpu_time().unwrap_or_default();
            let count = run();
            let spent = cpu_time().unwrap_or_default().saturating_sub(before);
            count * 1_000_000 / u64::try_from(spent.as_micros()).unwrap_or(u64::MAX).max(1)
        })
        .collect();
    rates.sort_unstable();
    println!("{work:<40} {:>12} per CPU-second  ({} to {})", rates[2], rates[0], rates[4]);
}

fn main() {
    let only: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|it| name.contains(it.as_str()));
    if wanted("echo-10") {
        measure("echo-10: 10 nodes x 10,000", || echo(1, 10, 10_000));
    }
    if wanted("echo-100") {
        measure("echo-100: 100 nodes x 10,000", || echo(1, 100, 10_000));
    }
    if wanted("timers") {
        measure("timers: 1,000 x 1,000", || timers(1, 1_000, 1_000));
    }
    if wanted("raft") {
        measure("raft: five nodes, ten minutes, ten seeds", || (0..10).map(|seed| raft(seed, 600)).sum());
    }
}

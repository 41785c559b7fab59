//! What a delta of one operation costs in worlds of several sizes, and what an entry takes of memory.
//!
//! `cargo run --release -p antfarm-node --example world_speed [ENTRIES ...]`

use antfarm_authority::{Name, Tenant};
use antfarm_node::{Delta, Key, Op, Value, WorldState};
use std::io::Write as _;
use std::time::Instant;

/// Deltas that are timed at a time, and how many times.
const BATCH: u64 = 500;
const BATCHES: usize = 200;

/// Bytes of memory that the process holds, as Linux counts them; elsewhere 0.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kib| kib << 10)
}

fn key(number: u64) -> Key {
    let name = |text| Name::new(text).expect("legal");
    Key::new(&Tenant(name("acme")), &name("account"), &format!("customer-{number:08}")).expect("short")
}

fn value(number: u64) -> Value {
    Value::new(&[number.to_le_bytes(); 8].concat()).expect("short")
}

/// The `nth` of a sequence of entries that jumps about.
fn jump(nth: u64, entries: u64) -> u64 {
    nth.wrapping_mul(0x9e37_79b9_7f4a_7c15) % entries
}

fn one(op: Op) -> Delta {
    Delta::new(vec![op]).expect("one operation is not too many")
}

/// Nanoseconds for each of a batch of replacements here and there, while the world before each is kept (`shared`) or not: the
/// median of all batches. Nothing touches the entries beforehand: what the processor's caches lack is part of the price.
fn replacing(world: &mut WorldState, versions: &mut [u64], shared: bool) -> u128 {
    let entries = versions.len() as u64;
    let mut nth = 0;
    let mut batch = || {
        let mut deltas = Vec::new();
        for _ in 0..BATCH {
            nth += 1;
            let number = jump(nth, entries);
            let version = &mut versions[usize::try_from(number).expect("an index")];
            deltas.push(one(Op::Replace { key: key(number), expected_version: *version, value: value(nth) }));
            *version += 1;
        }
        let started = Instant::now();
        for delta in &deltas {
            let kept = shared.then(|| world.clone());
            world.apply(delta, nth).expect("versions are as expected");
            drop(kept);
        }
        started.elapsed().as_nanos() / u128::from(BATCH)
    };
    let mut took: Vec<u128> = (0..BATCHES).map(|_| batch()).collect();
    took.sort_unstable();
    took[BATCHES / 2]
}

fn main() -> std::io::Result<()> {
    let mut sizes: Vec<u64> = std::env::args().skip(1).map(|argument| argument.parse().expect("a number")).collect();
    if sizes.is_empty() {
        sizes = vec![1_000, 100_000, 1_000_000];
    }
    let mut out = std::io::stdout();
    for entries in sizes {
        let mut world = WorldState::new();
        let before = memory();
        let started = Instant::now();
        for number in 0..entries {
            let create = one(Op::Create { key: key(number), value: value(number) });
            world.apply(&create, number).expect("there is room");
        }
        let created = started.elapsed().as_nanos() / u128::from(entries);
        let held = memory().saturating_sub(before) / entries;
        let mut versions = vec![1; usize::try_from(entries).expect("a length")];
        let alone = replacing(&mut world, &mut versions, false);
        let shared = replacing(&mut world, &mut versions, true);
        let started = Instant::now();
        let bytes: usize = world.chunks().map(|chunk| chunk.len()).sum();
        let written = started.elapsed().as_nanos() / u128::from(entries);
        writeln!(
            out,
            "{entries:>8} entries: create {created} ns, replace {alone} ns, with a clone held {shared} ns a delta; \
             {held} bytes of memory an entry; checkpoint {written} ns and {} bytes an entry",
            bytes as u64 / entries
        )?;
    }
    Ok(())
}

//! A test under many seeds: `ANTFARM_SEED=7` runs only that one, `ANTFARM_SEEDS=1000` so many, as everywhere here. The
//! simulator's `seeds` does the same and more, but adapters do not look there.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

#[expect(clippy::print_stderr, reason = "a test says how to run it again where tests say things")]
pub(crate) fn seeds(count: u64, test: impl Fn(u64)) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number of seeds"));
    let seeds = match number("ANTFARM_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("ANTFARM_SEEDS").unwrap_or(count),
    };
    for seed in seeds {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| test(seed))) {
            eprintln!("it fails under seed {seed}; again with: ANTFARM_SEED={seed}");
            resume_unwind(payload);
        }
    }
}

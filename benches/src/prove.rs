//! Proving: the small worlds of shipped specs searched, and the cascade but for its solver.

use antfarm_specs::{Depth, Limits, load, prove, search};
use std::path::{Path, PathBuf};

fn shipped(names: &[&str]) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    names.iter().map(|name| dir.join(format!("{name}.ioa.toml"))).collect()
}

/// Searches the small world of specs that are proved together; how many states there are.
pub fn small(names: &[&str]) -> u64 {
    let groups = load(&shipped(names)).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    groups.iter().flat_map(|it| search(it, Limits::default())).map(|it| it.states).max().unwrap_or_default()
}

/// Proves the order at all levels that need no solver, so many times; how many times.
pub fn cascade(times: u64) -> u64 {
    let groups = load(&shipped(&["order"])).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    for _ in 0..times {
        let proved = prove(&groups[0], None, Depth::default());
        assert!(proved.findings.iter().all(|it| it.word() == "verified"), "the order holds");
    }
    times
}

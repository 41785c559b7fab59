//! The speed of the search of small worlds by hand: `cargo run --release -p antfarm-specs --example small -- SPEC...`. Take CPU time from
//! outside, with `time`; the search has one thread.
#![expect(clippy::print_stdout, reason = "a program that prints figures")]

use antfarm_specs::{Limits, load, search};
use std::path::PathBuf;

fn main() {
    let specs: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let groups = load(&specs).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    for finding in groups.iter().flat_map(|it| search(it, Limits::default())) {
        let rate = finding.states as u128 * 1_000_000 / finding.took.as_micros().max(1);
        println!("{}: {} states, {:?}, {rate} a second, {}", finding.spec, finding.states, finding.took, finding.word());
    }
}

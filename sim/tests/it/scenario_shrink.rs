//! Failures are made small, and stay failures of the same kind.

use antfarm_sim::Recorder;
use antfarm_sim::scenario::{Echoes, Registry, Shrunk, Staged, Unshrinkable, shrink};

/// Doubled pings are answered twice, which the oracle of `echo` does not allow for; the rest is noise.
const NOISY: &str = "
purpose = \"echoes come back\"
machine = \"echo\"
nodes = [\"ada\", \"ben\", \"cem\"]
duration = \"50s\"
swarm = \"all\"
ask = [{ rate = \"20/s\", ping = \"any\" }]
fault = [{ at = \"10s..20s\", copy = \"50%\" }, { at = \"1s..40s\", crash = \"any\", heal = \"+2s\", times = 4 }]
";

fn staged(text: &str) -> Box<dyn Staged> {
    Registry::new().with(Echoes).read("noisy.toml", text).unwrap_or_else(|troubles| panic!("{troubles:#}"))
}

fn shrunk(text: &str, seed: u64, mut runs: u64) -> Result<Shrunk, Unshrinkable> {
    let mut go_on = || {
        runs -= 1;
        runs > 0
    };
    shrink(&Registry::new().with(Echoes), staged(text).as_ref(), seed, &mut go_on)
}

#[test]
fn what_is_not_needed_goes() {
    let mut failures = 0;
    for seed in 0..24 {
        let small = match shrunk(NOISY, seed, 100_000) {
            Ok(small) => small,
            Err(why) => {
                assert_eq!(why, Unshrinkable::Held, "seed {seed}");
                continue;
            }
        };
        failures += 1;
        assert!(small.complete && small.from.faults > 4, "seed {seed}: {}", small.from);
        // An ask more makes the doubled message another one by number.
        assert!(small.to.faults == 1 && small.to.asks <= 3, "seed {seed}: {}\n{}", small.to, small.text);
    }
    assert!(failures > 12, "only {failures} of 24 seeds fail");
}

#[test]
fn what_was_made_small_is_a_saved_failure() {
    let small = shrunk(NOISY, 3, 100_000).expect("it fails");
    let again = staged(&small.text);
    let saved = again.scenario().failure.clone().expect("it remembers");
    let report = again.run(saved.seed, Recorder::Off);
    let violated = report.violation.expect("it fails again");
    assert_eq!((saved.digest, saved.event), (report.digest, report.events));
    assert_eq!((violated.property, report.events), (saved.property, small.to.events));
    let smaller = shrunk(&small.text, saved.seed, 100_000).expect("it fails").to;
    assert!((smaller.faults, smaller.asks, smaller.nodes) == (small.to.faults, small.to.asks, small.to.nodes), "{smaller}");
}

/// Ben stands between the others, and is asked, cut off and crashed for nothing.
#[test]
fn a_node_goes_with_all_that_names_it() {
    const BYSTANDER: &str = "
purpose = \"echoes come back\"
machine = \"echo\"
nodes = [\"ada\", \"ben\", \"cem\"]
duration = \"20s\"
ask = [
    { every = \"500ms..2s\", node = \"ada\", ping = \"cem\" },
    { rate = \"5/s\", node = [\"ben\", \"ada\"], ping = \"any\" },
    { rate = \"5/s\", node = \"ben\", ping = \"ada\" },
]
fault = [
    { at = \"1s\", copy = \"100%\", link = [\"ada\", [\"ben\", \"cem\"]] },
    { at = \"1s..4s\", crash = \"ben\", heal = \"+1s\" },
    { at = \"2s\", cut = [\"ben\", \"cem\"], heal = \"+1s\" },
]
";
    for seed in 0..4 {
        let small = shrunk(BYSTANDER, seed, 100_000).expect("all is doubled");
        assert!(
            small.complete && small.to.nodes == 2 && !small.text.contains("ben"),
            "seed {seed}: {}\n{}",
            small.to,
            small.text
        );
        assert!(small.to.faults == 1 && small.to.asks == 1, "seed {seed}: {}\n{}", small.to, small.text);
        assert!(!small.text.contains("check"), "all may watch: {}", small.text);
    }
}

/// A row that is left out while an equal one stays would give that one its name, and its draws.
#[test]
fn equal_rows_of_asks_stay_apart() {
    let twice = NOISY.replace("ask = [{ rate = \"20/s\", ping = \"any\" }]", "ask = [ROW, ROW, ROW]");
    let twice = twice.replace("ROW", "{ at = \"1s..45s\", ping = \"any\" }").replace("{ at = \"10s..20s\", copy", "{ copy");
    let twice = twice.replace("swarm = \"all\"", "swarm = \"none\"");
    let shrinks = |seed| shrunk(&twice, seed, 100_000).map(|small| assert!(small.to.asks <= 2, "{}", small.text)).is_ok();
    assert!((0..20).filter(|seed| shrinks(*seed)).count() > 5);
}

#[test]
fn without_time_the_failure_is_kept_as_it_is() {
    let small = shrunk(NOISY, 3, 1).expect("it fails");
    assert!(!small.complete && small.runs <= 2);
    assert_eq!(small.from, small.to);
}

#[test]
fn what_does_not_fail_is_not_shrunk() {
    let calm = NOISY.replace("swarm = \"all\"", "").replace("fault = ", "#");
    assert_eq!(shrunk(&calm, 1, 10), Err(Unshrinkable::Held));
}

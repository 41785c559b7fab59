//! A colony at work: governed commits, one after another, sixteen at a time.

use antfarm_colony::{Colony, Terms};
use antfarm_machine::Span;
use antfarm_node::Phase;

/// Sixteen payments are wished at a time, until `commits` are done; how many that were. `watched`: all oracles are on, as in the
/// tool's `run`, which keeps no story; else none is.
pub fn commits(seed: u64, commits: u64, watched: bool) -> u64 {
    let builder = Colony::seeded(seed).members(["queen", "scout", "bank"]);
    let mut colony = if watched { builder.unrecorded().build() } else { builder.quiet().build() };
    let [queen, scout, _] = colony.ids();
    let terms = Terms::default().calls(commits + 16).spend(commits + 16).freshness(Span::from_secs(60));
    let writ = colony.grant(queen, scout, terms);
    colony.run_for(Span::from_secs(1));
    for _ in 0..commits.div_ceil(16) {
        for _ in 0..16 {
            colony.pay(scout, &writ, "well", 1);
        }
        colony.run_for(Span::from_millis(50));
    }
    colony.settle();
    let done = colony.node(scout).state().effects().filter(|(_, effect)| matches!(effect.phase(), Phase::Done(_))).count();
    assert!(done as u64 >= commits, "every payment was made");
    done as u64
}

//! Target `scenario`: bytes as the text of a scenario file.
//!
//! Held, with the machines `echo`, `ledger` and `raft` to be named:
//!
//! - Reading ends in a scenario or in troubles: one to twenty, in order, each at a line and a column of the file, and each
//!   printed without control characters, whatever the file says.
//! - A scenario keeps its text; read again, it plans the same for the same seed.
//! - A plan can be written down: the rows that it is printed as read back as the same plan.
//!
//! Nothing is run: a file may ask for a hundred years. That reading takes bounded time is seen by libFuzzer's own limit.

use crate::Met;
use crate::troubles::sound;
use antfarm_keeper::Ledgers;
use antfarm_raft::Raft;
use antfarm_sim::Planned;
use antfarm_sim::scenario::{Echoes, Registry, Staged};
use std::sync::LazyLock;

/// Later than this no time can be written into a file: a hundred years of 365 days, in nanoseconds.
const LATEST: u64 = 100 * 365 * 86_400 * 1_000_000_000;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::new().with(Echoes).with(Ledgers).with(Raft));

/// Reads a scenario file. Bytes that are no text are replaced first: whoever opens files refuses them.
///
/// Panics when a guarantee of the parser is broken.
pub fn scenario(input: &[u8]) -> Met {
    let text = String::from_utf8_lossy(input);
    let staged = match REGISTRY.read("fuzz.toml", &text) {
        Ok(staged) => staged,
        Err(troubles) => {
            sound(&troubles, "fuzz.toml", &text);
            return Met::Refused;
        }
    };
    assert_eq!(staged.scenario().text(), text, "a scenario keeps its text");
    let again = REGISTRY.read("fuzz.toml", &text).expect("what was read once is read again");
    for seed in [0, 1, u64::MAX] {
        let plan = staged.plan(seed);
        assert_eq!(plan, again.plan(seed), "a plan is a function of the file and the seed");
        written(&*staged, seed, plan);
    }
    Met::Taken
}

/// The plan, written into a file that draws nothing, is the plan of that file.
fn written(staged: &dyn Staged, seed: u64, plan: Vec<Planned>) {
    let timely = |planned: &Planned| planned.from.0 <= LATEST && planned.until.is_none_or(|until| until.0 <= LATEST);
    if !plan.iter().all(timely) {
        return;
    }
    let names: Vec<String> = staged.peers().names().iter().map(|name| format!("{name:?}")).collect();
    let machine = &staged.scenario().machine;
    // Of more nodes than there can be servers a file must say which are.
    let config = if machine == "raft" { "config = { servers = 1 }" } else { "" };
    let rows = staged.plan_text(seed);
    let text = format!("purpose = \"x\"\nmachine = {machine:?}\nnodes = [{}]\n{config}\n{rows}", names.join(", "));
    let read = REGISTRY.read("plan.toml", &text);
    let read = read.unwrap_or_else(|troubles| panic!("a plan is not what a file may say: {troubles:#}"));
    assert_eq!(bare(read.plan(!seed)), bare(plan), "a plan reads back as itself\n{rows}");
}

/// A plan without the numbers of rows: what the swarm drew has none until it is written down.
fn bare(plan: Vec<Planned>) -> Vec<Planned> {
    plan.into_iter().map(|planned| Planned { row: None, ..planned }).collect()
}

//! A machine that is not deterministic is found out.

use antfarm_cli::{Exit, invoke};
use antfarm_machine::{Effects, Input, Machine, Now, PeerId, Span};
use antfarm_sim::scenario::{Cast, Key, Nodes, Recipe, Registry, Section, Subject, Trouble};
use antfarm_sim::{Family, Nobody, Oracle};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::tool::Bench;

/// What no machine may look at: something outside itself that changes.
static OUTSIDE: AtomicU64 = AtomicU64::new(1);

/// Waits for as long as something outside itself says.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Fickle;

impl Machine for Fickle {
    type Ask = ();
    type Message = ();
    type Timer = ();
    type Notice = ();

    fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        if matches!(input, Input::Woke { .. } | Input::Rang(())) {
            out.arm((), Span::from_millis(OUTSIDE.fetch_add(1, Ordering::Relaxed)));
        }
    }
}

struct Fickles;

impl Subject for Fickles {
    type Machine = Fickle;
    type Outside = Nobody;

    fn name(&self) -> &'static str {
        "fickle"
    }
    fn purpose(&self) -> &'static str {
        "a machine that looks outside"
    }
    fn tolerates(&self) -> Vec<Family> {
        Vec::new()
    }
    fn config(&self) -> &'static [Key] {
        &[]
    }
    fn asks(&self) -> &'static [Key] {
        &[]
    }
    fn cast(&self, nodes: &Nodes, _: &Section) -> Result<Cast<Fickle, Nobody>, Trouble> {
        Ok(Cast::of(vec![Fickle; nodes.len()], Nobody))
    }
    fn ask(&self, _: &Section, _: &Cast<Fickle, Nobody>) -> Result<Recipe<()>, Trouble> {
        Ok(Arc::new(|_, _| ()))
    }
    fn oracles(&self, cast: &Cast<Fickle, Nobody>) -> Vec<Box<dyn Oracle<Fickle, Nobody>>> {
        assert!(cast.clients.iter().all(|client| *client < PeerId::new(2)));
        Vec::new()
    }
}

#[test]
fn a_seed_that_gives_two_runs_makes_the_invocation_invalid() {
    let bench = Bench::new("fickle");
    bench.write(
        "fickle.toml",
        "purpose = \"is found out\"\nmachine = \"fickle\"\nnodes = 2\nduration = \"5s\"\nsettle = \"1s\"\n",
    );
    let registry = Registry::new().with(Fickles);
    let run = |twice: &str| {
        let file = bench.path("fickle.toml").display().to_string();
        let words = ["antfarm", "run", &file, "--seeds", "2", twice];
        invoke(&registry, words.into_iter().filter(|word| !word.is_empty()))
    };
    assert_eq!(run(""), Exit::Held, "nothing watches");
    assert_eq!(run("--twice"), Exit::Invalid);
}

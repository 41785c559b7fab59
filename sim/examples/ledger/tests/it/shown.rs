//! Each oracle fails over a keeper that is wrong in its way, and none over one that is not.

use crate::flawed::{Flaw, Flawed};
use antfarm_keeper::{Sizes, oracle, put};
use antfarm_machine::{PeerId, Span};
use antfarm_sim::{Failure, Fault, Load, Nobody, Planned, Simulation, Time};

const NODES: u32 = 2;

fn ms(n: u64) -> Time {
    Time::ZERO.after(Span::from_millis(n))
}

fn fault(from: u64, until: u64, fault: Fault) -> Planned {
    Planned { from: ms(from), until: Some(ms(until)), fault, row: None }
}

/// Five seconds of puts, with these faults on node 0, watched by one oracle.
fn run(flaw: Flaw, property: &str, faults: &[Planned]) -> Result<(), Failure> {
    let nodes: Vec<PeerId> = (0..NODES).map(PeerId::new).collect();
    let sizes = Sizes::new(8, 200).expect("upwards");
    let load = Load::every((Span::from_millis(1), Span::from_millis(20)), nodes, move |_, nth| put(nth, sizes));
    let oracle = oracle::all::<Flawed, Nobody>().into_iter().find(|oracle| oracle.property() == property);
    let mut sim = Simulation::seeded(7, (0..NODES).map(|nth| Flawed::new(flaw, nth, NODES)))
        .load(load)
        .boxed_oracle(oracle.unwrap_or_else(|| panic!("no oracle is called `{property}`")))
        .faults(faults.iter().cloned());
    sim.run(Span::from_secs(5), Span::from_secs(15))
}

fn crash() -> Planned {
    fault(3_000, 3_500, Fault::Crash(PeerId::new(0)))
}

/// The flaw makes the oracle fail, and nothing else in the run does.
fn check(flaw: Flaw, property: &str, faults: &[Planned], message: &str) {
    let failure = run(flaw, property, faults).expect_err("the flaw is found");
    assert_eq!(failure.property, property);
    assert!(failure.violation.message.contains(message), "{flaw:?}: {failure}");
    if let Err(failure) = run(Flaw::None, property, faults) {
        panic!("without the flaw: {failure}");
    }
}

#[test]
fn a_log_that_does_not_verify_breaks_the_chain() {
    check(Flaw::Scribbles, "chain", &[], "does not verify");
}

#[test]
fn what_is_acknowledged_early_or_lost_without_a_lie_is_missed() {
    check(Flaw::Hurries, "acknowledged", &[], "is not there");
    check(Flaw::Forgets, "acknowledged", &[crash()], "nobody lied");
}

#[test]
fn what_nobody_asked_for_is_found() {
    check(Flaw::Invents, "invented", &[crash()], "nothing that anybody asked for");
    check(Flaw::Repeats, "invented", &[crash()], "only");
}

#[test]
fn a_state_that_is_not_the_fold_of_the_log_is_found() {
    check(Flaw::Miscounts, "fold", &[crash()], "its log has");
}

#[test]
fn a_refusal_without_cause_and_an_opening_over_decay_are_found() {
    check(Flaw::Scribbles, "damage", &[crash()], "nobody damaged");
    let rots: Vec<Planned> = (0..8).map(|nth| fault(2_000 + nth, 2_000 + nth, Fault::Rot(PeerId::new(0)))).collect();
    check(Flaw::Skims, "damage", &[&rots[..], &[crash()]].concat(), "serves over a decayed byte");
}

#[test]
fn a_second_history_is_a_fork_and_not_what_witnesses_remember() {
    check(Flaw::Forgets, "fork", &[crash()], "and opens with");
    check(Flaw::Forgets, "prefix", &[crash()], "not on the chain");
}

#[test]
fn words_after_a_refusal_break_the_silence() {
    let rot = fault(2_000, 2_000, Fault::Rot(PeerId::new(0)));
    check(Flaw::Babbles, "silence", &[rot, crash()], "while its log was Refused");
}

#[test]
fn a_keeper_that_never_answers_is_not_alive() {
    check(Flaw::Deafens, "liveness", &[], "waits since");
    check(Flaw::Deafens, "liveness", &[crash(), fault(4_000, 4_900, Fault::Crash(PeerId::new(1)))], "waits since");
}

/// One disk lied; the other's loss has no excuse.
#[test]
fn a_lie_excuses_only_the_node_whose_disk_it_was() {
    let other = PeerId::new(1);
    let lies = fault(0, 5_000, Fault::LieSync(other, antfarm_sim::Odds::ALWAYS));
    let crashes = [lies, fault(3_000, 3_500, Fault::Crash(other)), crash()];
    check(Flaw::Forgets, "fork", &crashes, "and opens with");
    check(Flaw::Forgets, "acknowledged", &crashes, "nobody lied");
}

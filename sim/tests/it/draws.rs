//! Chance is named: taking away one fault or one message changes nothing else that is drawn.

use antfarm_machine::{PeerId, Span};
use antfarm_sim::doc::Echo;
use antfarm_sim::{Family, Fate, Fault, FlightName, Load, Name, Odds, Planned, Reach, Recorder, Simulation, Time};
use std::collections::BTreeMap;

/// What was drawn for a message.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Drawn {
    lost: bool,
    copied: bool,
    corrupted: Option<[u32; 2]>,
}

fn whole(fault: Fault) -> Planned {
    Planned { from: Time::ZERO, until: None, fault, row: None }
}

fn lose() -> Planned {
    whole(Fault::Lose(Reach::default(), Odds::percent(20)))
}

fn copy() -> Planned {
    whole(Fault::Copy(Reach::default(), Odds::percent(20)))
}

fn corrupt() -> Planned {
    whole(Fault::Corrupt(Reach::default(), Odds::percent(10)))
}

/// What was drawn for each original message of a run, by name.
fn run(faults: Vec<Planned>) -> BTreeMap<FlightName, Drawn> {
    let nodes: Vec<PeerId> = (0..4).map(PeerId::new).collect();
    let others = nodes.clone();
    let load = Load::every((Span::from_millis(1), Span::from_millis(10)), nodes, move |dice, _| *dice.pick(&others));
    let mut sim = Simulation::seeded(11, vec![Echo::default(); 4]).load(load).faults(faults).record(Recorder::head(usize::MAX));
    sim.run_for(Span::from_secs(10));
    let mut drawn: BTreeMap<FlightName, Drawn> = BTreeMap::new();
    for step in sim.steps() {
        if let Name::Flight(fate, flight) = &step.name
            && flight.copy == 0
        {
            let it = drawn.entry(flight.clone()).or_default();
            match fate {
                Fate::Deliver => {}
                Fate::Lose => it.lost = true,
                Fate::Copy => it.copied = true,
                Fate::Corrupt(bits) => it.corrupted = Some(*bits),
            }
        }
    }
    assert!(drawn.len() > 1_000, "the run is a real one: {} messages", drawn.len());
    drawn
}

#[test]
fn losing_one_message_changes_no_other_draw() {
    let all = run(vec![lose(), copy(), corrupt()]);
    let (victim, _) = all.iter().find(|(name, drawn)| name.kind == "Ping" && name.nth > 20 && !drawn.lost).expect("most arrive");
    let drop = Fault::Drop { from: victim.from, to: victim.to, kind: victim.kind.to_string(), nth: victim.nth };
    let without = run(vec![lose(), copy(), corrupt(), whole(drop)]);
    assert!(without[victim].lost, "the named message is lost");
    let mut compared = 0;
    for (name, drawn) in without.iter().filter(|(name, _)| *name != victim) {
        if let Some(before) = all.get(name) {
            assert_eq!(drawn, before, "{name}");
            compared += 1;
        }
    }
    assert!(compared > 1_000, "{compared} messages are in both runs");
}

#[test]
fn removing_one_fault_changes_no_draw_of_the_others() {
    let all = run(vec![lose(), copy(), corrupt()]);
    let without = run(vec![lose(), corrupt()]);
    let mut compared = 0;
    for (name, drawn) in &without {
        if let Some(before) = all.get(name) {
            assert!(!drawn.copied);
            assert_eq!((drawn.lost, drawn.corrupted), (before.lost, before.corrupted), "{name}");
            compared += 1;
        }
    }
    assert!(compared > 1_000, "{compared} messages are in both runs");
    assert!(all.values().any(|drawn| drawn.copied), "the fault that was removed did something");
}

#[test]
fn a_family_plans_the_same_whatever_other_families_there_are() {
    let planned = |families: &[Family]| {
        let sim = Simulation::seeded(3, vec![Echo::default(); 4]).swarm(families, Span::from_secs(100));
        sim.plan().map(|(planned, _)| planned.clone()).collect::<Vec<_>>()
    };
    let all = planned(Family::ALL);
    for family in Family::ALL {
        let alone = planned(&[*family]);
        let among: Vec<_> = all.iter().filter(|planned| planned.fault.family() == *family).cloned().collect();
        assert_eq!(alone, among, "{}", family.name());
    }
}

//! The exhaustive walk sees every order.

use antfarm_machine::PeerId;
use antfarm_sim::doc::Echo;
use antfarm_sim::{Budget, Model, Nobody, Order, Recorder, Replay, World};

fn world() -> World<Echo, Nobody> {
    let mut world = World::new(vec![Echo::default(); 2], Nobody);
    world.want(PeerId::new(0), PeerId::new(1));
    world.want(PeerId::new(0), PeerId::new(1));
    world
}

#[test]
fn two_pings_have_exactly_the_states_that_can_be_counted_by_hand() {
    // A ping carries how many answers were heard before it. Nothing asked: 1 state. One asked: under way, answered, heard: 3.
    // Both asked, neither answered first: PP PQ QQ Ph Qh hh; the second after the first was heard: P'h Q'h (then hh again): 8.
    let checked = Model::new(world()).check(Order::DepthFirst, 10_000, 1);
    assert!(checked.complete);
    assert_eq!(checked.unique, 1 + 3 + 8, "{checked:?}");
}

#[test]
fn both_orders_see_the_same_states() {
    let model = || Model { budget: Budget { losses: 1, copies: 1, crashes: 1, ..Budget::default() }, ..Model::new(world()) };
    let depth = model().check(Order::DepthFirst, 1_000_000, 1);
    let breadth = model().check(Order::BreadthFirst, 1_000_000, 2);
    assert!(depth.complete && breadth.complete);
    assert_eq!(depth.unique, breadth.unique);
}

#[test]
fn a_counterexample_is_shortest_and_replays_in_the_full_world() {
    let mut model = Model::new(world());
    model.budget.copies = 1;
    model.invariants = vec![("answers do not exceed pings", |world| world.machine(PeerId::new(0)).heard <= 2)];
    let checked = model.check(Order::BreadthFirst, 1_000_000, 1);
    let [counterexample] = checked.violations.as_slice() else { panic!("a copy makes a third answer: {checked:?}") };
    // Two starts, two asks, one copy, three pings and three answers delivered; or a copied answer, and one ping less.
    assert_eq!(counterexample.recording.steps.len(), 2 + 2 + 1 + 2 + 3, "{}", counterexample.story);
    let mut replay = Replay::new(World::new(vec![Echo::default(); 2], Nobody), counterexample.recording.clone(), Recorder::Off);
    replay.run(None).expect("the path is a run of the full world");
    assert_eq!(replay.world().machine(PeerId::new(0)).heard, 3);
}

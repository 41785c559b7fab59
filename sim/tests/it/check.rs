//! The exhaustive walk sees every order.

use antfarm_machine::{Effect, Effects, Input, Machine, Now, Object, Operation, PeerId, Request, Ticket};
use antfarm_sim::doc::Echo;
use antfarm_sim::{Budget, Model, Nobody, Order, Recorder, Replay, Search, Space, World};

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

/// From each number, a thousand others.
struct Wide;

impl Space for Wide {
    type State = u64;
    type Action = u64;

    fn begin(&self) -> Vec<u64> {
        vec![0]
    }

    fn actions(&self, _: &u64, actions: &mut Vec<u64>) {
        actions.extend(1..=1000);
    }

    fn next(&self, last: &u64, action: u64) -> Option<u64> {
        Some(last.wrapping_mul(1000).wrapping_add(action))
    }

    fn properties(&self) -> Vec<&'static str> {
        vec!["below 700"]
    }

    fn holds(&self, _: usize, state: &u64) -> bool {
        *state != 700
    }
}

#[test]
fn a_search_generates_no_more_than_it_is_allowed_and_finds_what_is_among_that() {
    let searched = Search { order: Order::BreadthFirst, max_states: 5_000, threads: 1, stops: false }.search(Wide);
    assert!((5_000..6_500).contains(&searched.generated), "{}", searched.generated);
    // Its turn comes when nothing more may be generated.
    let [(_, path)] = searched.found.as_slice() else { panic!("{:?}", searched.found) };
    assert_eq!(path.iter().map(|(state, _)| *state).collect::<Vec<_>>(), [0, 700]);
}

/// Puts a byte on its disk when asked, and tells node 1 when that is durable.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Scribe {
    incarnation: u64,
    heard: bool,
}

fn page() -> Object {
    Object::new("page").expect("legal")
}

impl Machine for Scribe {
    type Ask = ();
    type Message = ();
    type Timer = ();
    type Notice = ();

    fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        match input {
            Input::Woke { incarnation } => self.incarnation = incarnation,
            Input::Asked(()) => {
                let operation = Operation::AppendAt { object: page(), expected_end: 0, bytes: vec![1] };
                out.emit(Effect::Store(Request { ticket: Ticket(0), operation }));
            }
            Input::Stored(_) => out.send(PeerId::new(1), ()),
            Input::Heard { .. } => self.heard = true,
            Input::Rang(()) => {}
        }
    }
}

#[test]
fn a_request_can_take_effect_though_no_receipt_came_before_the_crash() {
    let model = |tears| {
        let mut world = World::new(vec![Scribe::default(); 2], Nobody);
        world.want(PeerId::new(0), ());
        let budget = Budget { crashes: 1, tears, ..Budget::default() };
        let invariants: Vec<antfarm_sim::Invariant<Scribe, Nobody>> = vec![("what is written was told", |world| {
            let written = !world.disk(PeerId::new(0)).bytes(&page()).is_empty();
            let restarted = world.machine(PeerId::new(0)).incarnation > 0;
            !(written && restarted) || world.machine(PeerId::new(1)).heard || world.in_flight() > 0
        })];
        Model { budget, invariants, ..Model::new(world) }.check(Order::BreadthFirst, 100_000, 1)
    };
    // Node 1 may be the one that crashes, and then it forgot: so only node 0's restart counts.
    let without = model(0);
    assert!(without.complete, "{without:?}");
    let with = model(1);
    let [counterexample] = with.violations.as_slice() else { panic!("nobody was told: {with:?}") };
    // Two starts, the ask, the tear, the crash, the restart.
    assert_eq!(counterexample.recording.steps.len(), 2 + 4, "{}", counterexample.story);
    let nodes = World::new(vec![Scribe::default(); 2], Nobody);
    let mut replay = Replay::new(nodes, counterexample.recording.clone(), Recorder::Off);
    replay.run(None).expect("the path is a run of the full world");
}

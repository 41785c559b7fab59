//! Corners of the seeded walk that were wrong once.

use antfarm_machine::{Effects, Input, Machine, Now, Object, Operation, PeerId, Span, Ticket};
use antfarm_sim::doc::Echo;
use antfarm_sim::{
    Budget, Family, Fault, Load, Model, Nobody, Order, Planned, Reach, Recorder, Replay, Shape, Simulation, Time, World,
};

const A: PeerId = PeerId::new(0);
const B: PeerId = PeerId::new(1);

/// Writes twice to one object for each ask, greets its neighbour when it wakes, and counts what comes back.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Writer {
    end: u64,
    answered: u64,
    heard: Vec<u64>,
}

impl Machine for Writer {
    type Ask = ();
    type Message = u64;
    type Timer = ();
    type Notice = ();

    fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        match input {
            Input::Woke { .. } => out.send(B, 0),
            Input::Asked(()) => {
                for _ in 0..2 {
                    let object = Object::new("log").expect("a legal name");
                    out.store(Ticket(self.end), Operation::AppendAt { object, expected_end: self.end, bytes: vec![1] });
                    self.end += 1;
                }
                out.send(B, self.end);
            }
            Input::Heard { message, .. } => self.heard.push(message),
            Input::Stored(_) => self.answered += 1,
            Input::Rang(()) => {}
        }
    }
}

fn writers() -> Simulation<Writer> {
    Simulation::seeded(1, [Writer::default(), Writer::default()])
}

#[test]
fn a_pause_hangs_no_disk() {
    let mut sim = writers();
    sim.run_for(Span::from_secs(1));
    sim.ask(A, ());
    let pause = sim.inject(Fault::Pause(A));
    sim.run_for(Span::from_secs(1));
    assert_eq!(sim.machine(A).answered, 0, "receipts wait while it stands still");
    sim.lift(pause);
    sim.run_for(Span::from_secs(1));
    assert_eq!(sim.machine(A).answered, 2, "both requests are answered");
}

#[test]
fn a_process_that_stands_still_takes_no_ask() {
    let load = Load::once(Time(500_000_000), A, ());
    let pause = Planned { from: Time(100_000_000), until: Some(Time(900_000_000)), fault: Fault::Pause(A), row: None };
    let mut sim = writers().load(load).faults([pause]);
    sim.run_for(Span::from_millis(800));
    assert_eq!(sim.machine(A).end, 0);
    sim.run_for(Span::from_millis(800));
    assert_eq!(sim.machine(A).end, 2, "it is asked when it goes on");
}

#[test]
fn a_hold_keeps_the_order_of_a_link() {
    let slow = Shape::Uniform { low: Span::from_millis(5), high: Span::from_millis(5) };
    let mut sim = writers().links(slow);
    sim.run_for(Span::from_secs(1));
    sim.ask(A, ());
    sim.run_for(Span::from_millis(1));
    let hold = sim.inject(Fault::Hold(Reach { from: vec![A], to: vec![B], both: false, kind: None }));
    sim.ask(A, ());
    sim.run_for(Span::from_secs(1));
    sim.lift(hold);
    sim.run_for(Span::from_secs(1));
    assert_eq!(sim.machine(B).heard, [0, 0, 2, 4], "two greetings, then both reports in order");
}

#[test]
fn what_is_wrong_from_the_beginning_hits_the_first_message() {
    let drop = Fault::Drop { from: A, to: B, kind: "u64".to_owned(), nth: 1 };
    let mut sim = writers().faults([Planned { from: Time::ZERO, until: None, fault: drop, row: None }]);
    sim.run_for(Span::from_secs(1));
    assert_eq!(sim.machine(B).heard, [0], "only its own greeting arrives");
    assert_eq!(sim.fired()[&Family::Loss], (1, 1));
}

#[test]
fn what_breaks_the_fringe_counts_as_no_planned_fault() {
    let mut sim = writers().core(vec![A]);
    sim.run(Span::from_secs(1), Span::from_secs(1)).expect("nothing watches");
    assert_eq!(sim.fired().len(), 0, "{:?}", sim.fired());
}

#[test]
fn a_slower_clock_of_the_whole_run_outlasts_a_shorter_one() {
    let ppm = antfarm_machine::Ppm;
    let mut sim = writers();
    let _whole = sim.inject(Fault::Drift(A, ppm(-1_000)));
    let short = sim.inject(Fault::Drift(A, ppm(1_000)));
    sim.lift(short);
    let before = sim.world().clock(A).mono;
    sim.run_for(Span::from_secs(1_000));
    let gone = before.until(sim.world().clock(A).mono).as_nanos();
    assert_eq!(gone / 1_000_000, 999_000, "it loses a thousandth, but for the rounding of rates to 2^-32");
}

#[test]
fn a_recording_longer_than_a_checkpoint_replays() {
    let load = Load::every((Span::ZERO, Span::from_micros(1_000)), vec![A], |_, _| B);
    let machines = || [Echo::default(), Echo::default()];
    let mut sim = Simulation::seeded(1, machines()).load(load).record(Recorder::whole());
    sim.run(Span::from_secs(15), Span::from_secs(1)).expect("nothing watches");
    let recording = sim.recording();
    assert!(recording.steps.len() > 70_000, "{} steps", recording.steps.len());
    let mut replay = Replay::new(World::new(machines(), Nobody), recording, Recorder::Off);
    replay.run(None).expect("the same run");
}

#[test]
fn an_alarm_without_fields_tells_states_apart() {
    /// Arms an alarm when asked.
    #[derive(Clone, PartialEq, Eq, Hash, Debug)]
    struct Armer;
    impl Machine for Armer {
        type Ask = ();
        type Message = ();
        type Timer = ();
        type Notice = ();
        fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
            match input {
                Input::Asked(()) => out.arm((), Span::from_secs(1)),
                Input::Heard { .. } => out.send(B, ()),
                Input::Rang(()) => out.send(A, ()),
                Input::Woke { .. } | Input::Stored(_) => {}
            }
        }
    }
    let mut world = World::new([Armer, Armer], Nobody);
    world.want(A, ());
    let model = Model { budget: Budget { rings: 1, ..Budget::default() }, ..Model::new(world) };
    // Wanted; armed; rang, with a message from A to A; then from A to B; then from B to B for ever.
    assert_eq!(model.check(Order::DepthFirst, 1_000, 1).unique, 5);
}

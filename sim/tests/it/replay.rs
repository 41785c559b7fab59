//! A recorded run can be followed without its seed, and what its digest seals.

use antfarm_machine::{PeerId, Span};
use antfarm_sim::doc::Echo;
use antfarm_sim::{CHECKPOINT, Family, Load, Nobody, Parting, Recorder, Recording, Replay, Simulation, Time, TraceDigest, World};

fn machines() -> Vec<Echo> {
    vec![Echo::default(); 4]
}

fn recorded(seed: u64) -> Recording {
    let nodes: Vec<PeerId> = (0..4).map(PeerId::new).collect();
    let others = nodes.clone();
    let load = Load::every((Span::from_millis(1), Span::from_millis(50)), nodes, move |dice, _| *dice.pick(&others));
    let mut sim =
        Simulation::seeded(seed, machines()).load(load).record(Recorder::whole()).swarm(Family::ALL, Span::from_secs(30));
    sim.run(Span::from_secs(30), Span::from_secs(5)).expect("nothing watches");
    sim.recording()
}

#[test]
fn a_recording_replays_step_by_step_and_survives_being_written_down() {
    for seed in 0..8 {
        let recording = recorded(seed);
        let text = recording.to_string();
        assert_eq!(Recording::parse(&text).as_ref(), Ok(&recording));
        let mut replay = Replay::new(World::new(machines(), Nobody), recording.clone(), Recorder::Off);
        replay.run(None).unwrap_or_else(|divergence| panic!("seed {seed}: {divergence}"));
        assert_eq!(replay.followed(), recording.steps.len());
    }
}

#[test]
fn a_replay_of_another_machine_stops_at_the_first_step_that_differs() {
    let recording = recorded(1);
    let mut others = machines();
    others[2].heard = 1;
    let mut replay = Replay::new(World::new(others, Nobody), recording.clone(), Recorder::Off);
    let divergence = replay.run(None).expect_err("the ping of node 2 carries another number");
    assert!(matches!(divergence.kind, Parting::Digest { .. }), "{divergence}");
    assert!(divergence.step > 4 && divergence.step < 200, "{divergence}");
}

#[test]
fn two_recordings_part_at_the_step_that_bisection_finds() {
    let (one, mut other) = (recorded(1), recorded(1));
    assert_eq!(one.first_difference(&other), None);
    for step in &mut other.steps[100..] {
        step.2 ^= 1;
    }
    assert_eq!(one.first_difference(&other), Some(100));
    let at = one.first_difference(&recorded(2)).expect("other seeds make other runs");
    assert!(at < 20, "the runs part when faults do: step {at}");
}

/// Else a long run of a world with large disks would do little but hash these again and again.
#[test]
fn a_large_world_is_sealed_after_as_many_events_as_pay_for_its_bytes() {
    let mut digest = TraceDigest::new();
    let events_until_due = |digest: &mut TraceDigest| {
        let before = digest.events();
        while digest.events() == before || !digest.is_due() {
            digest.absorb(Time::ZERO, 0, b"");
        }
        digest.events() - before
    };
    assert_eq!(events_until_due(&mut digest), CHECKPOINT);
    digest.checkpoint(b"small");
    assert_eq!(events_until_due(&mut digest), CHECKPOINT);
    digest.checkpoint(&vec![0; 3 * 64 << 16]);
    assert_eq!(events_until_due(&mut digest), 3 * CHECKPOINT);
    // A seal between, as at the end of a run, changes nothing about when the next one is due.
    digest.checkpoint(b"small");
    digest.absorb(Time::ZERO, 0, b"");
    digest.checkpoint(b"small");
    assert_eq!(events_until_due(&mut digest), CHECKPOINT - 1);
}

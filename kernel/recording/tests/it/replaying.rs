//! A recorded run, run again: the same, or parted, and where.

use crate::kit::{Sum, Want, heard, inputs, record, recorded};
use antfarm_machine::{Effect, Input, PeerId};
use antfarm_recording::{Recording, Replayed, Tail, Why, replay};

#[test]
fn the_same_machine_has_the_same_effects() {
    let bytes = recorded(&Sum::default(), inputs());
    let recording = Recording::open(&bytes).unwrap();
    let mut seen = Vec::new();
    let ended = replay(&Sum::default(), &recording, |turn| seen.push((turn.number, turn.machine.total, turn.effects.to_vec())));
    assert_eq!(ended, Replayed::Stopped { steps: 8 });
    assert_eq!(seen.len(), 8);
    assert_eq!(seen[2], (2, 8, vec![Effect::Send { to: PeerId::new(4), message: "a 8".to_owned() }]));
}

#[test]
fn the_first_input_at_which_two_runs_part_is_named() {
    let bytes = recorded(&Sum::default(), inputs());
    let recording = Recording::open(&bytes).unwrap();
    for (from, step) in [(8, 2), (9, 7)] {
        let other = Sum { deviates: Some(from), ..Sum::default() };
        let mut watched = 0;
        let Replayed::Parted { step: at, recorded, effects } = replay(&other, &recording, |_| watched += 1) else {
            panic!("a machine that deviates from {from} on is not the one that was recorded")
        };
        assert_eq!((at, watched), (step, step + 1));
        assert!(matches!(&recorded.input, Input::Heard { from, .. } if *from == PeerId::new(4)));
        assert_ne!(recorded.effects, effects);
    }
}

#[test]
fn each_kind_of_effect_counts() {
    // The same inputs but one, whose effects alone differ.
    let base = recorded(&Sum::default(), inputs());
    let digest = |bytes: &[u8]| {
        let mut last = 0;
        let recording = Recording::open(bytes).unwrap();
        assert_eq!(replay(&Sum::default(), &recording, |turn| last = turn.step.effects), Replayed::Stopped { steps: 8 });
        last
    };
    let changed = [
        (1, Input::Asked(Want::Add(4))),
        (2, heard("x")),
        (3, Input::Asked(Want::Quiet)),
        (4, Input::Rang(9)),
        (0, Input::Asked(Want::Quiet)),
    ];
    let mut digests: Vec<u64> = changed
        .into_iter()
        .map(|(at, input)| {
            let mut inputs = inputs();
            inputs[at] = input;
            digest(&recorded(&Sum::default(), inputs))
        })
        .collect();
    digests.push(digest(&base));
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), 6);
}

#[test]
fn a_replay_ends_where_the_recording_does() {
    let (_, parts) = record(&Sum::default(), vec![heard("a"), Input::Asked(Want::Panic)]);
    let (whole, offset) = (parts.concat(), parts[..2].concat().len());
    let recording = Recording::open(&whole).unwrap();
    let ended = replay(&Sum::default(), &recording, |_| ());
    assert!(matches!(ended, Replayed::Panicked { steps: 1, input: Input::Asked(Want::Panic), .. }), "{ended:?}");
    let recording = Recording::open(&whole[..whole.len() - 1]).unwrap();
    let tail = Tail { entries: 1, offset, why: Why::Cut };
    assert_eq!(replay(&Sum::default(), &recording, |_| ()), Replayed::Torn { steps: 1, tail });
}

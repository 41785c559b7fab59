//! What was written reads; what was not is noticed, and where.

use crate::kit::{Sum, Want, header, heard, inputs, record, recorded};
use antfarm_identity::{from_bytes, to_bytes};
use antfarm_machine::{Effects, Input, Machine, Mono, Now};
use antfarm_recording::{Entry, FORMAT, Header, Recording, Tail, Unreadable, Why};

fn read(bytes: &[u8]) -> Vec<Result<Entry<Sum>, Tail>> {
    Recording::open(bytes).expect("the header is whole").entries().collect()
}

#[test]
fn a_recording_reads_as_it_was_written() {
    let bytes = recorded(&Sum::default(), inputs());
    assert_eq!(Recording::open(&bytes).unwrap().header(), &header());
    let entries: Vec<Entry<Sum>> = read(&bytes).into_iter().map(|it| it.expect("nothing is damaged")).collect();
    let (last, steps) = entries.split_last().unwrap();
    assert_eq!(last, &Entry::Stopped);
    let steps: Vec<_> = steps
        .iter()
        .map(|entry| match entry {
            Entry::Step(step) => step.clone(),
            Entry::Panicked { .. } | Entry::Overrun | Entry::Stopped => panic!("`{entry:?}` is no step"),
        })
        .collect();
    assert_eq!(steps.iter().map(|it| it.input.clone()).collect::<Vec<_>>(), inputs());
    assert_eq!(steps[2].now.mono, Mono::from_nanos(3_000), "one reading a step");
    // An input that has no effect leaves the digest as it was; any other moves it.
    let moved: Vec<bool> = steps.windows(2).map(|pair| pair[0].effects != pair[1].effects).collect();
    assert_eq!(moved, [true, true, true, true, true, false, true]);
    for entry in &entries {
        assert_eq!(from_bytes::<Entry<Sum>>(&to_bytes(entry)).as_ref(), Ok(entry));
    }
}

#[test]
fn a_recording_that_is_cut_anywhere_reads_up_to_there() {
    let (_, parts) = record(&Sum::default(), inputs());
    let whole = parts.concat();
    for cut in parts[0].len()..=whole.len() {
        let entries = read(&whole[..cut]);
        let (tail, before) = entries.split_last().unwrap();
        let fit = (1..parts.len()).take_while(|count| parts[..=*count].concat().len() <= cut).count();
        let offset = parts[..=fit].concat().len();
        let why = if offset == cut { Why::Ended } else { Why::Cut };
        assert_eq!(*tail, Err(Tail { entries: fit as u64, offset, why }), "cut at {cut}");
        assert_eq!((before.len(), before.iter().all(Result::is_ok)), (fit, true), "cut at {cut}");
    }
    for cut in 8..parts[0].len() {
        assert_eq!(Recording::open(&whole[..cut]), Err(Unreadable::Header), "cut at {cut}");
    }
}

#[test]
fn every_flipped_bit_is_noticed_where_it_is() {
    let (_, parts) = record(&Sum::default(), inputs());
    let whole = parts.concat();
    let mut begin = parts[0].len();
    for (entry, part) in parts[1..].iter().enumerate() {
        for bit in 0..8 * part.len() {
            let mut damaged = whole.clone();
            damaged[begin + bit / 8] ^= 1 << (bit % 8);
            let entries = read(&damaged);
            let tail = entries.last().unwrap().clone().unwrap_err();
            assert_eq!((tail.entries, tail.offset), (entry as u64, begin), "bit {bit}");
            // A length that became too long looks like a cut.
            assert!(matches!(tail.why, Why::Damaged | Why::Cut), "bit {bit}: {tail}");
            assert!(bit < 32 || tail.why == Why::Damaged, "bit {bit}: {tail}");
        }
        begin += part.len();
    }
}

#[test]
fn entries_are_good_in_their_own_place_only() {
    let (_, mut parts) = record(&Sum::default(), vec![heard("a"), heard("b"), heard("c")]);
    parts.swap(1, 2);
    assert_eq!(read(&parts.concat()).len(), 1, "swapped");
    parts.swap(1, 2);
    parts.remove(2);
    assert_eq!(read(&parts.concat()).len(), 2, "left out");
}

#[test]
fn nothing_follows_an_end() {
    let mut bytes = recorded(&Sum::default(), vec![heard("a")]);
    let offset = bytes.len();
    bytes.push(0);
    assert_eq!(read(&bytes).last(), Some(&Err(Tail { entries: 2, offset, why: Why::Trailing })));
}

#[test]
fn the_end_says_how_it_came() {
    let (mut scribe, mut parts) = record(&Sum::default(), vec![heard("a"), Input::Asked(Want::Panic), heard("never")]);
    assert_eq!(parts[3], [0; 0], "after its end a scribe writes nothing");
    scribe.stopped(&mut parts[3]);
    assert_eq!(parts[3], [0; 0], "there is one end");
    let entries = read(&parts.concat());
    assert_eq!(entries.len(), 2);
    assert!(
        matches!(&entries[1], Ok(Entry::Panicked { input: Input::Asked(Want::Panic), now }) if now.mono == Mono::from_nanos(2_000))
    );

    let (mut scribe, mut parts) = record(&Sum::default(), vec![heard("a")]);
    assert!(scribe.is_open());
    scribe.overrun(&mut parts[1]);
    assert!(!scribe.is_open());
    assert_eq!(read(&parts.concat())[1], Ok(Entry::Overrun));
}

#[test]
fn what_is_no_recording_is_refused() {
    let bytes = recorded(&Sum::default(), vec![]);
    assert_eq!(Recording::open(b"scenario"), Err(Unreadable::Magic));
    assert_eq!(Recording::open(b""), Err(Unreadable::Magic));
    let mut damaged = bytes.clone();
    damaged[24] ^= 1;
    assert_eq!(Recording::open(&damaged), Err(Unreadable::Header));
    let mut later = to_bytes(&header());
    later[0] += 1;
    assert!(from_bytes::<Header>(&later).is_err(), "format {} is not {FORMAT}", later[0]);
}

/// A machine that hears numbers.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Other;

impl Machine for Other {
    type Ask = ();
    type Message = u8;
    type Timer = ();
    type Notice = ();
    fn step(&mut self, _: Now, _: Input<Self>, _: &mut Effects<'_, Self>) {}
}

#[test]
fn what_another_machine_heard_is_foreign() {
    let bytes = recorded(&Sum::default(), vec![Input::Woke { incarnation: 1 }, heard("a")]);
    let entries: Vec<_> = Recording::open(&bytes).unwrap().entries::<Other>().collect();
    assert_eq!(entries.len(), 2);
    assert!(matches!(entries[1], Err(Tail { entries: 1, why: Why::Foreign(_), .. })), "{entries:?}");
}

//! Whatever is on the disk, opening ends in one of its three ways and panics in none of them, also when somebody sealed the
//! garbage so that it is read.

use crate::log::Log;
use antfarm_identity::{Fold, checksum};
use antfarm_ledger::Progress;
use proptest::prelude::*;
use std::sync::LazyLock;

static LOG: LazyLock<Log> = LazyLock::new(|| Log::of_200("garbage"));

#[derive(Clone, Debug)]
enum Edit {
    Set(usize, u8),
    Fill(usize, usize, u8),
    Truncate(usize),
    Extend(Vec<u8>),
    Copy(usize, usize, usize),
    Swap(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        2 => (any::<usize>(), 1..40_usize, prop_oneof![Just(0), Just(0xff)]).prop_map(|(at, length, byte)| Edit::Fill(at, length, byte)),
        1 => any::<usize>().prop_map(Edit::Truncate),
        1 => prop::collection::vec(any::<u8>(), 0..100).prop_map(Edit::Extend),
        1 => (any::<usize>(), any::<usize>(), 0..400_usize).prop_map(|(from, to, length)| Edit::Copy(from, to, length)),
        1 => any::<usize>().prop_map(Edit::Swap),
    ]
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit) {
    let length = bytes.len().max(1);
    if bytes.is_empty() {
        bytes.push(0);
    }
    match edit {
        Edit::Set(at, byte) => bytes[at % length] = *byte,
        Edit::Fill(at, count, byte) => {
            let at = at % length;
            let end = length.min(at + count);
            bytes[at..end].fill(*byte);
        }
        Edit::Truncate(at) => bytes.truncate(at % length),
        Edit::Extend(more) => bytes.extend(more),
        Edit::Copy(from, to, count) => {
            let (from, to) = (from % length, to % length);
            let count = *count.min(&(length - from.max(to)));
            bytes.copy_within(from..from + count, to);
        }
        Edit::Swap(at) => bytes.rotate_left(at % length),
    }
}

/// Makes both checks of every frame hold, wherever the lengths lead, and states each frame's place.
fn seal(bytes: &mut [u8], segment: u32) {
    let mut at = 0;
    while bytes.len() - at >= 32 {
        let length = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().expect("four bytes")) as usize;
        let end = bytes.len().min(at + 32 + length);
        bytes[at..at + 4].copy_from_slice(b"AFL\x01");
        bytes[at + 8..at + 12].copy_from_slice(&segment.to_le_bytes());
        let offset = if segment == 0 { 0 } else { u32::try_from(at).expect("small") };
        bytes[at + 12..at + 16].copy_from_slice(&offset.to_le_bytes());
        let mark = checksum(&bytes[at..at + 16]);
        bytes[at + 16..at + 24].copy_from_slice(&mark.to_le_bytes());
        let mut fold = Fold::new();
        fold.absorb_u64(mark);
        fold.absorb(&bytes[at + 32..end]);
        bytes[at + 24..at + 32].copy_from_slice(&fold.value().to_le_bytes());
        at = end;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_opening_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), edit()), 1..6),
        sealed in any::<bool>(),
    ) {
        let mut disk = LOG.disk.clone();
        for (which, edit) in &edits {
            let object = which.get(&disk.objects.keys().cloned().collect::<Vec<_>>()).clone();
            let segment = antfarm_ledger::segment_number(&object).unwrap_or(0);
            let bytes = disk.bytes(&object);
            apply(bytes, edit);
            if sealed {
                seal(bytes, segment);
            }
        }
        let (disk, payloads, _, progress) = LOG.opened_on(&disk);
        match progress {
            Progress::Opened(opened) => {
                // What was opened opens again, in the same state.
                let (_, again, _, progress) = LOG.opened_on(&disk);
                let expected = opened.records + 1;
                prop_assert!(matches!(&progress, Progress::Opened(again) if again.records == expected && again.cut.is_none()), "{:?}", progress);
                prop_assert_eq!(&again.0[..payloads.0.len()], &payloads.0[..]);
            }
            Progress::Refused(_) => {}
            Progress::None
            | Progress::Durable(_)
            | Progress::Checkpointed { .. }
            | Progress::Piece
            | Progress::Abandoned { .. }
            | Progress::Stopped(_) => {
                prop_assert!(false, "{:?}", progress);
            }
        }
    }
}

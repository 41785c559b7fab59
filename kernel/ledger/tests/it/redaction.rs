//! A payload can be taken out, and every proof still holds.

use crate::log::{Log, segment};
use antfarm_ledger::{Progress, Reason, redact};

#[test]
fn a_redacted_log_has_the_same_head_and_none_of_the_payload() {
    let log = Log::of_200("redaction");
    let mut disk = log.disk.clone();
    disk.objects.retain(|object, _| antfarm_ledger::checkpoint_records(object).is_none());
    let length = disk.objects[&segment(2)].len();
    let secret = log.payloads.0[79].clone().expect("kept");
    assert!(disk.bytes(&segment(2)).windows(secret.len()).any(|bytes| bytes == secret));
    let picked = |position: u64| position == 79 || position == 83;
    assert_eq!(redact(disk.bytes(&segment(2)), 2, |header| picked(header.position)), Ok(2));
    assert_eq!(disk.objects[&segment(2)].len(), length);
    assert!(!disk.bytes(&segment(2)).windows(secret.len()).any(|bytes| bytes == secret));
    assert_eq!(redact(disk.bytes(&segment(2)), 2, |header| picked(header.position)), Ok(0), "once is enough");
    let (_, payloads, ledger, progress) = log.opened_on(&disk);
    assert!(matches!(progress, Progress::Opened(_)), "{progress:?}");
    let (_, _, whole, _) = log.opened_on(&log.disk);
    assert_eq!(ledger.durable(), whole.durable(), "head and root are unchanged");
    for (position, (found, written)) in payloads.0.iter().zip(&log.payloads.0).enumerate() {
        let expected = if picked(position as u64) { &None } else { written };
        assert_eq!(found, expected, "record {position}");
    }
}

#[test]
fn the_ledgers_own_records_are_not_redacted() {
    let log = Log::of_200("own");
    let mut bytes = log.disk.objects[&segment(1)].clone();
    let records = crate::log::frames(&bytes).len() - 1;
    assert_eq!(redact(&mut bytes, 1, |_| true), Ok(records as u64 - 1));
}

#[test]
fn a_tombstone_that_says_anything_and_a_payload_that_was_replaced_are_refused() {
    let log = Log::of_200("tombstones");
    // Sealed anew with care, as somebody would who wants another payload believed.
    let mut disk = log.disk.clone();
    let frame = crate::log::frames(&disk.objects[&segment(4)])[4].clone();
    let bytes = disk.bytes(&segment(4));
    bytes[frame.end - 1] ^= 1;
    let mut fold = antfarm_identity::Fold::new();
    fold.absorb_u64(u64::from_le_bytes(bytes[frame.start + 16..frame.start + 24].try_into().expect("eight bytes")));
    fold.absorb(&bytes[frame.start + 32..frame.end]);
    let check = fold.value().to_le_bytes();
    bytes[frame.start + 24..frame.start + 32].copy_from_slice(&check);
    let (_, _, _, progress) = log.opened_on(&disk);
    let Progress::Refused(refused) = progress else { panic!("{progress:?}") };
    assert_eq!((refused.object, refused.offset, refused.reason), (segment(4), frame.start as u64, Reason::Payload));
}

#[test]
fn a_damaged_segment_is_not_redacted() {
    let log = Log::of_200("damaged");
    let mut bytes = log.disk.objects[&segment(1)].clone();
    bytes[400] ^= 4;
    let refused = redact(&mut bytes, 1, |_| true).expect_err("damaged");
    assert_eq!(refused.reason, Reason::Damaged { next: None });
    let mut bytes = log.disk.objects[&segment(1)].clone();
    let refused = redact(&mut bytes, 2, |_| true).expect_err("another segment");
    assert_eq!(refused.reason, Reason::Displaced { segment: 1, offset: 0 });
}

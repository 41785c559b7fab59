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

/// Alters a frame of the last segment and seals it anew with care, as somebody would who wants it believed.
fn check_forged(alter: impl FnOnce(&mut [u8]), reason: Reason) {
    let log = Log::of_200("forged");
    let mut disk = log.disk.clone();
    let frame = crate::log::frames(&disk.objects[&segment(4)])[4].clone();
    let bytes = &mut disk.bytes(&segment(4))[frame.clone()];
    alter(bytes);
    let mut fold = antfarm_identity::Fold::new();
    fold.absorb_u64(u64::from_le_bytes(bytes[16..24].try_into().expect("eight bytes")));
    fold.absorb(&bytes[32..]);
    bytes[24..32].copy_from_slice(&fold.value().to_le_bytes());
    let (_, _, _, progress) = log.opened_on(&disk);
    let Progress::Refused(refused) = progress else { panic!("{progress:?}") };
    assert_eq!((refused.object, refused.offset, refused.reason), (segment(4), frame.start as u64, reason));
}

#[test]
fn forged_records_are_refused_although_their_frames_are_whole() {
    const STATE: usize = 32 + 181;
    check_forged(|frame| frame[STATE + 17] ^= 1, Reason::Payload);
    check_forged(|frame| frame[STATE + 1] ^= 1, Reason::Payload); // the salt
    // A tombstone that says something.
    check_forged(|frame| frame[STATE] = 1, Reason::Layout);
    check_forged(|frame| frame[STATE] = 2, Reason::Layout);
    check_forged(|frame| frame[32] = 7, Reason::Layout);
    // A record that says it is the ledger's own, by its kind or by its trajectory.
    let log = Log::of_200("forged").config.log;
    check_forged(|frame| frame[33 + 144..33 + 146].fill(0), Reason::Trajectory);
    check_forged(|frame| frame[33 + 72..33 + 104].copy_from_slice(log.as_bytes()), Reason::Trajectory);
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

//! Forgery: bytes that were changed at will are made to hold where a reader looks first, so that it looks further.
//!
//! The checks of frames are public; so are the digests of a chain, which bind nobody who may rewrite all of it. What cannot be
//! forged is a head that is known from elsewhere. The layout is that of `antfarm-ledger`'s documentation.

use crate::ledger::disk::Disk;
use antfarm_identity::{Digest, Domain, Fold, checksum};
use antfarm_ledger::{segment_number, segment_object};
use std::ops::Range;

const HEADER: Domain = Domain::new("antfarm 2026 ledger header");
const PAYLOAD: Domain = Domain::new("antfarm 2026 ledger salted payload");

/// Bytes of a frame before its body.
const HEAD: usize = 32;

/// Makes both checks of every frame hold, wherever the lengths lead, and states each frame's place. Checkpoints are segment 0.
pub(crate) fn seal(bytes: &mut [u8], segment: u32) {
    for Range { start, end } in frames(bytes) {
        let offset = if segment == 0 { 0 } else { u32::try_from(start).unwrap_or(0) };
        let frame = &mut bytes[start..end];
        frame[..4].copy_from_slice(b"AFL\x01");
        frame[8..12].copy_from_slice(&segment.to_le_bytes());
        frame[12..16].copy_from_slice(&offset.to_le_bytes());
        let mark = checksum(&frame[..16]);
        frame[16..24].copy_from_slice(&mark.to_le_bytes());
        let mut fold = Fold::new();
        fold.absorb_u64(mark);
        fold.absorb(&frame[HEAD..]);
        frame[24..32].copy_from_slice(&fold.value().to_le_bytes());
    }
}

/// Makes one chain of all records, from the first segment on, in the order in which they stand, and seals them.
pub(crate) fn chain(disk: &mut Disk, log: Digest) {
    let (mut records, mut head) = (0_u64, log);
    let mut own = (0_u64, log);
    for number in 1.. {
        let Some(bytes) = disk.objects.get_mut(&segment_object(number)) else { return };
        for range in frames(bytes) {
            let body = &mut bytes[range.start + HEAD..range.end];
            if body.len() == 75 && body[0] == 0 {
                body[3..35].copy_from_slice(log.as_bytes());
                body[35..43].copy_from_slice(&records.to_le_bytes());
                body[43..75].copy_from_slice(head.as_bytes());
            }
            if body.len() >= 198 && body[0] == 1 {
                body[1..33].copy_from_slice(log.as_bytes());
                body[33..41].copy_from_slice(&records.to_le_bytes());
                body[41..73].copy_from_slice(head.as_bytes());
                let opened = body[145..147] == [0, 0];
                if opened {
                    body[73..105].copy_from_slice(log.as_bytes());
                    body[105..113].copy_from_slice(&own.0.to_le_bytes());
                    body[113..145].copy_from_slice(own.1.as_bytes());
                }
                let payload = Digest::of(PAYLOAD, &body[182..]);
                body[149..181].copy_from_slice(payload.as_bytes());
                head = Digest::of(HEADER, &body[1..181]);
                records += 1;
                if opened {
                    own = (own.0 + 1, head);
                }
            }
        }
        seal(bytes, number);
    }
}

/// Seals an object as what its name says it is.
pub(crate) fn seal_object(disk: &mut Disk, object: &antfarm_machine::Object) {
    if let Some(bytes) = disk.objects.get_mut(object) {
        seal(bytes, segment_number(object).unwrap_or(0));
    }
}

/// Where frames are, if lengths are to be believed; the last one is cut where the bytes end.
fn frames(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut frames = Vec::new();
    let mut at = 0;
    while let Some(length) = bytes.get(at + 4..at + HEAD).and_then(|head| head.first_chunk::<4>()) {
        let extent = HEAD.saturating_add(u32::from_le_bytes(*length) as usize);
        let end = at.saturating_add(extent).min(bytes.len());
        frames.push(at..end);
        at = end;
    }
    frames
}

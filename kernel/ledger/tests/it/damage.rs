//! Every flipped bit and every cut of a 200-record log: refused with its place, or a torn tail by the stated rule.

use crate::disk::open;
use crate::log::{Log, frames, segment};
use antfarm_ledger::{BadCheckpoint, Config, Progress, Reason, Refused, Tear, Verifier, checkpoint_object};
use antfarm_machine::Object;
use std::ops::Range;
use std::thread;

/// Reads one segment that starts in the middle of a log.
fn read(mut verifier: Verifier, bytes: &[u8]) -> Result<Option<Tear>, Refused> {
    verifier.feed(bytes, &mut |_| {})?;
    verifier.close()
}

/// A segment, with readers that have read all that comes before.
struct Part {
    number: usize,
    bytes: Vec<u8>,
    /// Has not begun the segment.
    outside: Verifier,
    /// Stand before each of its frames.
    before: Vec<(Range<usize>, Verifier)>,
}

fn parts(log: &Log) -> Vec<Part> {
    let segments = log.segments();
    let mut verifier = Verifier::new(log.config.log);
    let mut all = Vec::new();
    for (index, object) in segments.iter().enumerate() {
        let bytes = log.disk.objects[object].clone();
        let (last, outside) = (index + 1 == segments.len(), verifier.clone());
        verifier.begin(u32::try_from(index + 1).expect("few"), bytes.len() as u64, last).expect("it follows");
        let mut before = Vec::new();
        for frame in frames(&bytes) {
            before.push((frame.clone(), verifier.clone()));
            verifier.feed(&bytes[frame], &mut |_| {}).expect("it is whole");
        }
        assert_eq!(verifier.close(), Ok(None));
        all.push(Part { number: index + 1, bytes, outside, before });
    }
    all
}

/// Calls `check` with each number of `range`, on two threads.
fn both(range: Range<usize>, check: impl Fn(usize) + Sync) {
    thread::scope(|scope| {
        for odd in 0..2 {
            let (range, check) = (range.clone(), &check);
            scope.spawn(move || range.filter(|number| number % 2 == odd).for_each(check));
        }
    });
}

#[test]
fn every_flipped_bit_is_refused_at_its_frame_or_tears_the_last_one() {
    let log = Log::of_200("flips");
    let all = parts(&log);
    for Part { number, bytes, before, .. } in &all {
        let last = *number == all.len();
        both(0..before.len(), |index| {
            let (frame, verifier) = &before[index];
            // What comes before the frame was read already and is not changed.
            let mut rest = bytes[frame.start..].to_vec();
            for bit in 0..frame.len() * 8 {
                rest[bit / 8] ^= 1 << (bit % 8);
                let found = read(verifier.clone(), &rest);
                let tail = last && index + 1 == before.len();
                match found {
                    Ok(Some(tear)) => {
                        assert!(tail, "only the last frame tears: segment {number}, frame {index}, bit {bit}");
                        assert_eq!((tear.keep, tear.lost), (frame.start as u64, frame.len() as u64));
                    }
                    Err(refused) => {
                        assert!(!tail, "a torn tail is no reason to refuse: bit {bit}: {refused}");
                        assert_eq!((refused.object, refused.offset), (segment(*number), frame.start as u64));
                        let next = last.then_some(frame.end as u64);
                        assert_eq!(refused.reason, Reason::Damaged { next }, "segment {number}, frame {index}, bit {bit}");
                    }
                    Ok(None) => panic!("not detected: segment {number}, frame {index}, bit {bit}"),
                }
                rest[bit / 8] ^= 1 << (bit % 8);
            }
        });
    }
}

#[test]
fn every_cut_is_refused_or_leaves_a_beginning_of_the_log() {
    let log = Log::of_200("cuts");
    let all = parts(&log);
    for Part { number, bytes, outside, before } in &all {
        let last = *number == all.len();
        let frames: Vec<_> = before.iter().map(|(frame, _)| frame.clone()).collect();
        both(0..bytes.len(), |cut| {
            let mut verifier = outside.clone();
            verifier.begin(u32::try_from(*number).expect("few"), cut as u64, last).expect("it follows");
            let fed = verifier.feed(&bytes[..cut], &mut |_| {});
            let found = fed.and_then(|()| verifier.close());
            let whole = frames.iter().take_while(|frame| frame.end <= cut).last().map_or(0, |frame| frame.end);
            match found {
                Ok(None) => assert!(whole == cut && cut > 0, "a cut within a frame: segment {number}, byte {cut}"),
                Ok(Some(tear)) => {
                    assert!(last, "only the last segment tears: segment {number}, byte {cut}");
                    assert_eq!((tear.keep, tear.lost), (whole as u64, (cut - whole) as u64));
                }
                Err(refused) => {
                    assert!(!last, "a cut of the last segment is a torn tail: byte {cut}");
                    assert_eq!((refused.object, refused.offset), (segment(*number), whole as u64));
                }
            }
            // A segment that was cut at a frame's boundary does not carry the next one.
            if !last && whole == cut && cut > 0 {
                let next = &all[*number].bytes;
                verifier
                    .begin(u32::try_from(number + 1).expect("few"), next.len() as u64, *number + 1 == all.len())
                    .expect("in order");
                let refused = verifier.feed(next, &mut |_| {}).expect_err("records are missing");
                assert!(matches!(refused.reason, Reason::Position { .. }), "{refused}");
                assert_eq!((refused.object, refused.offset), (segment(number + 1), 0));
            }
        });
    }
}

#[test]
fn opening_a_log_after_any_cut_of_its_last_segment_keeps_every_whole_record_and_goes_on() {
    let log = Log::of_200("openings");
    let number = log.segments().len();
    let bytes = log.disk.objects[&segment(number)].clone();
    let frames = frames(&bytes);
    let before = 200 - (frames.len() - 1);
    assert!(before > 150, "the checkpoints are in earlier segments");
    both(0..bytes.len() + 1, |cut| {
        let mut disk = log.disk.clone();
        disk.bytes(&segment(number)).truncate(cut);
        let whole = frames.iter().take_while(|frame| frame.end <= cut).count();
        let records = before + whole.saturating_sub(1);
        let (disk, payloads, _, progress) = log.opened_on(&disk);
        let Progress::Opened(opened) = progress else { panic!("cut {cut}: {progress:?}") };
        let boundary = whole > 0 && frames[whole - 1].end == cut;
        assert_eq!((opened.records, opened.cut.is_none()), (records as u64, boundary), "cut {cut}");
        assert_eq!(payloads.0[..records], log.payloads.0[..records], "cut {cut}");
        if cut % 7 != 0 {
            return;
        }
        let (_, again, _, progress) = log.opened_on(&disk);
        assert!(matches!(&progress, Progress::Opened(opened) if opened.cut.is_none() && opened.incarnation == 2), "{progress:?}");
        assert_eq!(again.0[..payloads.0.len()], payloads.0, "cut {cut}");
    });
}

#[test]
fn a_last_segment_that_never_got_its_first_frame_is_removed() {
    let log = Log::of_200("torn beginnings");
    let (number, roomy) = (log.segments().len(), Config { segment_bytes: 1 << 20, ..log.config.clone() });
    for cut in [0, 1, 50, 106] {
        let mut disk = log.disk.clone();
        disk.bytes(&segment(number)).truncate(cut);
        let (_, progress) = open(&roomy, &mut disk, &mut ());
        let Progress::Opened(opened) = progress else { panic!("cut {cut}: {progress:?}") };
        assert_eq!(opened.cut.map(|tear| (tear.keep, tear.lost)), Some((0, cut as u64)));
        assert!(!disk.objects.contains_key(&segment(number)), "writing goes on in the one before: cut {cut}");
        let (_, progress) = open(&roomy, &mut disk, &mut ());
        assert!(matches!(&progress, Progress::Opened(again) if again.records == opened.records + 1), "{progress:?}");
    }
}

#[test]
fn opening_a_log_with_any_bit_of_its_last_segment_flipped_refuses_or_loses_the_last_record_only() {
    let log = Log::of_200("opened flips");
    let number = log.segments().len();
    let frames = frames(&log.disk.objects[&segment(number)]);
    // Every bit of the first two frames and of the last two; `every_flipped_bit` above has the others.
    let picked = [0, 1, frames.len() - 2, frames.len() - 1];
    both(0..picked.len(), |pick| {
        let frame = &frames[picked[pick]];
        let mut disk = log.disk.clone();
        for bit in frame.start * 8..frame.end * 8 {
            disk.bytes(&segment(number))[bit / 8] ^= 1 << (bit % 8);
            let (after, payloads, _, progress) = log.opened_on(&disk);
            match progress {
                Progress::Opened(opened) => {
                    assert_eq!(picked[pick], frames.len() - 1, "bit {bit}");
                    assert_eq!((opened.records, opened.cut.is_some()), (199, true));
                    assert_eq!(payloads.0[..199], log.payloads.0[..199]);
                }
                Progress::Refused(refused) => {
                    assert_ne!(picked[pick], frames.len() - 1, "bit {bit}: {refused}");
                    assert_eq!((refused.object, refused.offset), (segment(number), frame.start as u64));
                    assert!(after.objects == disk.objects, "what is refused is not changed");
                }
                Progress::None
                | Progress::Durable(_)
                | Progress::Checkpointed { .. }
                | Progress::Piece
                | Progress::Abandoned { .. }
                | Progress::Stopped(_) => {
                    panic!("bit {bit}: {progress:?}")
                }
            }
            disk.bytes(&segment(number))[bit / 8] ^= 1 << (bit % 8);
        }
    });
}

fn check_checkpoint(log: &Log, object: &Object, alter: impl FnOnce(&mut Vec<u8>), what: usize) {
    let mut disk = log.disk.clone();
    alter(disk.bytes(object));
    let (disk, payloads, ledger, progress) = log.opened_on(&disk);
    let Progress::Opened(opened) = progress else { panic!("{object}, {what}: {progress:?}") };
    assert_eq!(payloads.0[..200], log.payloads.0, "{object}, {what}");
    let newest = *object == checkpoint_object(151);
    assert_eq!(opened.discarded.len(), usize::from(newest), "the newest usable one is used: {object}, {what}");
    assert_eq!(disk.objects.contains_key(object), !newest, "what is of no use is removed");
    if let [discarded] = opened.discarded[..] {
        assert_eq!((discarded.records, discarded.reason), (151, BadCheckpoint::Damaged), "{what}");
        assert_eq!(ledger.checkpoints(), [81]);
    }
}

#[test]
fn every_flipped_bit_and_every_cut_of_the_newest_checkpoint_falls_back_to_the_one_before() {
    let log = Log::of_200("checkpoints");
    assert_eq!(log.ledger.checkpoints(), [81, 151]);
    let newest = checkpoint_object(151);
    let length = log.disk.objects[&newest].len();
    both(0..length, |at| {
        let bit = at % 8; // one bit of each byte; the checks treat all bits of a byte alike
        check_checkpoint(&log, &newest, |bytes| bytes[at] ^= 1 << bit, at * 8 + bit);
    });
    both(0..length, |cut| {
        if cut < 1000 || cut % 7 == 0 {
            check_checkpoint(&log, &newest, |bytes| bytes.truncate(cut), cut);
        }
    });
    check_checkpoint(&log, &newest, |bytes| bytes.push(0), length);
    check_checkpoint(&log, &checkpoint_object(81), |bytes| bytes[40] ^= 1, 0);
}

//! Whole bytes in the wrong place: segments and frames that were swapped, moved, doubled, lost, or are another log's.

use crate::disk::{Disk, config, id, open};
use crate::log::{Log, frames, segment};
use antfarm_ledger::{
    BadCheckpoint, Config, Depth, Discarded, Progress, Reason, Verifier, checkpoint_object, checkpoint_records,
};
use antfarm_machine::Object;

/// Alters the disk of a log with four segments, opens it, and expects a refusal at that place.
#[track_caller]
fn check(alter: impl FnOnce(&Log, &mut Disk), object: &Object, offset: usize, reason: impl FnOnce(&Reason) -> bool) {
    let log = Log::of_200("misplaced");
    let mut disk = log.disk.clone();
    alter(&log, &mut disk);
    let (after, _, ledger, progress) = log.opened_on(&disk);
    let Progress::Refused(refused) = progress else { panic!("{progress:?}") };
    assert_eq!((&refused.object, refused.offset), (object, offset as u64), "{refused}");
    assert!(reason(&refused.reason), "{refused}");
    assert!(after.objects == disk.objects, "what is refused is not changed");
    assert_eq!(ledger.refused(), Some(&refused));
    assert_eq!(ledger.durable(), None);
}

fn swap(disk: &mut Disk, a: &Object, b: &Object) {
    let (bytes_a, bytes_b) = (disk.objects[a].clone(), disk.objects[b].clone());
    disk.objects.insert(a.clone(), bytes_b);
    disk.objects.insert(b.clone(), bytes_a);
}

#[test]
fn swapped_segments_are_refused_at_the_first() {
    let displaced = |reason: &Reason| *reason == Reason::Displaced { segment: 3, offset: 0 };
    check(|_, disk| swap(disk, &segment(2), &segment(3)), &segment(2), 0, displaced);
}

#[test]
fn a_missing_segment_is_refused() {
    let missing = |reason: &Reason| *reason == Reason::MissingSegment;
    for number in 2..=3 {
        check(|_, disk| drop(disk.objects.remove(&segment(number))), &segment(number), 0, missing);
    }
    // The first may be archived once a checkpoint stands for it, not before.
    let lose = |_: &Log, disk: &mut Disk| {
        disk.objects.remove(&segment(1));
        disk.objects.retain(|object, _| checkpoint_records(object).is_none());
    };
    check(lose, &segment(1), 0, missing);
}

#[test]
fn segments_before_the_checkpoint_may_be_archived() {
    let log = Log::of_200("archived");
    let mut disk = log.disk.clone();
    disk.objects.remove(&segment(1));
    let (_, payloads, ledger, progress) = log.opened_on(&disk);
    assert!(matches!(progress, Progress::Opened(_)), "{progress:?}");
    assert_eq!(payloads.0[..200], log.payloads.0);
    let (_, _, whole, _) = log.opened_on(&log.disk);
    assert_eq!(ledger.durable(), whole.durable(), "the tree commits to what was archived too");
}

#[test]
fn a_log_whose_last_segments_are_lost_is_refused_by_the_checkpoint_in_one_of_them() {
    let lose = |_: &Log, disk: &mut Disk| (2..=4).for_each(|number| drop(disk.objects.remove(&segment(number))));
    check(lose, &segment(3), 0, |reason| *reason == Reason::MissingSegment);
}

#[test]
fn a_log_that_was_cut_below_a_checkpoint_is_refused() {
    let log = Log::of_200("misplaced");
    let frames = frames(&log.disk.objects[&segment(3)]);
    let end = frames[3].end;
    let cut = |_: &Log, disk: &mut Disk| {
        disk.objects.remove(&segment(4));
        disk.bytes(&segment(3)).truncate(end);
    };
    check(cut, &segment(3), end, |reason| *reason == Reason::EndsBeforeCheckpoint { records: 151 });
}

#[test]
fn a_frame_at_another_offset_is_refused_even_at_the_end() {
    let log = Log::of_200("misplaced");
    let bytes = log.disk.objects[&segment(4)].clone();
    let frames = frames(&bytes);
    let (third, end) = (frames[2].clone(), bytes.len());
    let offset = u32::try_from(third.start).expect("small");
    let displaced = move |reason: &Reason| *reason == Reason::Displaced { segment: 4, offset };
    // Doubled at the end.
    let again = bytes[third.clone()].to_vec();
    check(|_, disk| disk.bytes(&segment(4)).extend(again), &segment(4), end, displaced);
    // The one before it is lost, and everything after moves up.
    let second = frames[1].clone();
    check(|_, disk| drop(disk.bytes(&segment(4)).drain(second.clone())), &segment(4), second.start, displaced);
}

#[test]
fn frames_in_another_order_are_refused() {
    let log = Log::of_200("misplaced");
    let bytes = log.disk.objects[&segment(4)].clone();
    let frames = frames(&bytes);
    let (a, b) = (frames[3].clone(), frames[4].clone());
    let turned = [&bytes[..a.start], &bytes[b.clone()], &bytes[a.clone()], &bytes[b.end..]].concat();
    let displaced = |reason: &Reason| matches!(reason, Reason::Displaced { segment: 4, .. });
    check(|_, disk| *disk.bytes(&segment(4)) = turned, &segment(4), a.start, displaced);
}

#[test]
fn a_segment_of_another_log_is_refused_even_as_the_last() {
    let other = Log::of_200("other");
    for number in 1..=4 {
        let theirs = other.disk.objects[&segment(number)].clone();
        let foreign = |reason: &Reason| *reason == Reason::Foreign { log: id("other") };
        check(|_, disk| *disk.bytes(&segment(number)) = theirs, &segment(number), 0, foreign);
    }
}

#[test]
fn a_record_of_another_log_at_its_own_offset_is_refused() {
    let (log, other) = (Log::of_200("misplaced"), Log::of_200("other"));
    let frame = frames(&log.disk.objects[&segment(4)])[5].clone();
    let theirs = other.disk.objects[&segment(4)][frame.clone()].to_vec();
    let put = |_: &Log, disk: &mut Disk| disk.bytes(&segment(4))[frame.clone()].copy_from_slice(&theirs);
    check(put, &segment(4), frame.start, |reason| *reason == Reason::Foreign { log: id("other") });
}

#[test]
fn a_segment_of_another_history_of_the_same_log_is_refused() {
    let log = Log::of_200("misplaced");
    let mut fork = Log::new(log.config.clone());
    for number in 1..200 {
        fork.append((number % 40) ^ usize::from(number == 7)); // one record differs
        fork.flush();
    }
    let theirs = fork.disk.objects[&segment(4)].clone();
    let broken = |reason: &Reason| matches!(reason, Reason::Chain { .. } | Reason::Position { .. });
    check(|_, disk| *disk.bytes(&segment(4)) = theirs, &segment(4), 0, broken);
}

#[test]
fn a_checkpoint_of_another_history_is_refused_at_any_depth() {
    let mut fork = Log::new(config("misplaced"));
    for _ in 1..81 {
        fork.append(3);
        fork.flush();
    }
    fork.checkpoint();
    let log = Log::of_200("misplaced");
    let mut disk = log.disk.clone();
    disk.objects.remove(&checkpoint_object(151));
    *disk.bytes(&checkpoint_object(81)) = fork.disk.objects[&checkpoint_object(81)].clone();
    // Found at the record that brings the log to 81.
    let first = frames(&log.disk.objects[&segment(1)]).len() - 1;
    let frame = frames(&log.disk.objects[&segment(2)])[81 - first].start;
    for depth in [Depth::Whole, Depth::Tail] {
        let (_, progress) = open(&Config { depth, ..log.config.clone() }, &mut disk, &mut ());
        let Progress::Refused(refused) = progress else { panic!("{progress:?}") };
        assert_eq!((refused.object, refused.offset), (segment(2), frame as u64));
        assert_eq!(refused.reason, Reason::DisagreesWithCheckpoint { records: 81 });
    }
}

#[test]
fn a_checkpoint_under_another_name_or_of_another_log_is_not_used() {
    let (log, other) = (Log::of_200("misplaced"), Log::of_200("other"));
    let theirs = other.disk.objects[&checkpoint_object(151)].clone();
    let ours = log.disk.objects[&checkpoint_object(81)].clone();
    for wrong in [theirs, ours] {
        let mut disk = log.disk.clone();
        *disk.bytes(&checkpoint_object(151)) = wrong;
        let (_, payloads, ledger, progress) = log.opened_on(&disk);
        let Progress::Opened(opened) = progress else { panic!("{progress:?}") };
        assert_eq!(opened.discarded, [Discarded { records: 151, reason: BadCheckpoint::Misplaced }]);
        assert_eq!((payloads.0.len(), ledger.checkpoints()), (201, &[81][..]));
    }
}

#[test]
fn a_reader_takes_segments_in_order_only() {
    let log = Log::of_200("misplaced");
    let refused = Verifier::new(log.config.log).begin(2, 100, true).expect_err("the first is missing");
    assert_eq!((refused.object, refused.offset, refused.reason), (segment(1), 0, Reason::MissingSegment));
}

#[test]
fn a_zeroed_end_is_a_torn_tail_but_zeros_before_whole_frames_are_not() {
    let log = Log::of_200("zeros");
    let frames = frames(&log.disk.objects[&segment(4)]);
    let (fifth, last) = (frames[5].clone(), frames.last().expect("frames").clone());
    let mut disk = log.disk.clone();
    disk.bytes(&segment(4))[fifth.start..].fill(0);
    disk.bytes(&segment(4)).extend([0; 5000]);
    let (_, payloads, _, progress) = log.opened_on(&disk);
    let Progress::Opened(opened) = progress else { panic!("{progress:?}") };
    assert_eq!(opened.cut.expect("a tear").keep, fifth.start as u64);
    let records = usize::try_from(opened.records).expect("few");
    assert_eq!(payloads.0[..records], log.payloads.0[..records]);
    let zero = |_: &Log, disk: &mut Disk| disk.bytes(&segment(4))[fifth.start..last.start].fill(0);
    let damaged = |reason: &Reason| *reason == Reason::Damaged { next: Some(last.start as u64) };
    check(zero, &segment(4), fifth.start, damaged);
}

#[test]
fn a_payload_that_contains_frames_does_not_make_its_own_torn_frame_look_like_damage() {
    let mut log = Log::of_200("frames in payloads");
    let inner = log.disk.objects[&segment(4)].clone();
    let start = inner.len();
    let draft = antfarm_ledger::Draft { link: log.link, kind: 1, version: 1, payload: &inner };
    log.ledger.append(draft, &mut log.payloads).expect("there is room");
    log.flush();
    let object = log.segments().pop().expect("segments");
    let from = if object == segment(4) { start } else { 107 };
    let length = log.disk.objects[&object].len();
    for cut in from + 1..length {
        let mut disk = log.disk.clone();
        disk.bytes(&object).truncate(cut);
        let (_, _, _, progress) = log.opened_on(&disk);
        assert!(matches!(&progress, Progress::Opened(opened) if opened.records == 200), "cut {cut}: {progress:?}");
    }
}

#[test]
fn only_a_known_head_shows_that_whole_records_are_gone_from_the_end() {
    let log = Log::of_200("heads");
    let head = log.ledger.durable().expect("open");
    let segments = log.bytes();
    let verify = |through: (u64, antfarm_identity::Digest), keep: usize| {
        let mut segments = segments.clone();
        segments[3] = &segments[3][..keep];
        Verifier::new(log.config.log).through(through.0, through.1).run(&segments, &mut |_| {}).map(|verified| verified.head)
    };
    let frames = frames(segments[3]);
    let (all, fewer) = (frames[frames.len() - 1].end, frames[frames.len() - 2].end);
    assert_eq!(verify((200, head.digest), all), Ok(head));
    let found = verify((200, head.digest), fewer).expect_err("a record is gone");
    assert_eq!((found.object, found.offset, found.reason), (segment(4), fewer as u64, Reason::WrongHead { records: 200 }));
    let found = verify((200, id("else")), all).expect_err("another head");
    assert_eq!(found.reason, Reason::WrongHead { records: 200 });
    // An earlier head is one that the log passes through.
    let earlier = verify((0, log.config.log), fewer).expect("a beginning");
    assert_eq!(verify((199, earlier.digest), all), Ok(head));
}

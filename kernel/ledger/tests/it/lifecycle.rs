//! One writer, group commit, rotation, limits, and what ends the writing.

use crate::disk::{self, config, id, open};
use crate::log::{Log, Payloads, frames, segment};
use antfarm_identity::Digest;
use antfarm_ledger::{
    AppendRefusal, CheckpointRefusal, Config, Depth, Draft, Ledger, Link, MAX_PAYLOAD, OPENED, Progress, Reason, Stop,
    checkpoint_object, segment_number,
};
use antfarm_machine::{Operation, Outcome, Receipt, Request};
use std::collections::VecDeque;

fn draft(payload: &[u8]) -> Draft<'_> {
    Draft { link: Link::first(id("trajectory")), kind: 1, version: 1, payload }
}

/// Lets `log` send what waits, without answering it.
fn sent(log: &mut Log) -> Vec<Request> {
    let mut requests = Vec::new();
    log.ledger.flush(&mut |request| requests.push(request));
    requests
}

fn receive(log: &mut Log, receipt: Receipt) -> (Progress, Vec<Request>) {
    let mut requests = Vec::new();
    let progress = log.ledger.receive(receipt, &mut log.payloads, &mut |request| requests.push(request));
    (progress, requests)
}

#[test]
fn each_opening_is_a_record_that_counts_up() {
    let mut log = Log::new(config("openings"));
    for expected in 1..5 {
        let (disk, _, ledger, progress) = log.opened_on(&log.disk);
        let Progress::Opened(opened) = progress else { panic!("{progress:?}") };
        assert_eq!((opened.incarnation, opened.records), (expected, expected));
        assert_eq!(ledger.durable().map(|head| head.records), Some(expected + 1));
        log.disk = disk;
    }
}

#[test]
fn opening_needs_one_append_and_is_over_when_that_is_durable() {
    let mut ledger = Ledger::new(config("fence"));
    let (mut requests, mut payloads) = (VecDeque::new(), Payloads::default());
    ledger.open(&mut |request| requests.push_back(request));
    let list = requests.pop_front().expect("a listing");
    assert_eq!(list.operation, Operation::List);
    let listed = Receipt { ticket: list.ticket, outcome: Outcome::Listed(Vec::new()) };
    assert_eq!(ledger.receive(listed, &mut payloads, &mut |request| requests.push_back(request)), Progress::None);
    let append = requests.pop_front().expect("an append");
    assert_eq!(ledger.append(draft(b"early"), &mut payloads), Err(AppendRefusal::NotOpen));
    assert_eq!(ledger.durable(), None);
    let done = Receipt { ticket: append.ticket, outcome: Outcome::Done };
    let progress = ledger.receive(done, &mut payloads, &mut |request| requests.push_back(request));
    assert!(matches!(progress, Progress::Opened(_)), "{progress:?}");
    assert!(requests.is_empty());
    assert!(ledger.append(draft(b"now"), &mut payloads).is_ok());
}

#[test]
fn records_of_a_step_go_out_as_one_append_and_later_ones_wait_for_its_receipt() {
    let mut log = Log::new(config("groups"));
    (0..5).for_each(|length| log.append(length));
    let first = sent(&mut log);
    assert_eq!(first.len(), 1);
    (0..7).for_each(|length| log.append(length));
    assert_eq!(sent(&mut log), [], "one append is in flight");
    assert_eq!(log.ledger.durable().map(|head| head.records), Some(1), "nothing more is durable yet");
    assert_eq!(log.ledger.submitted().map(|(records, _)| records), Some(13));
    let receipt = log.disk.answer(first[0].clone());
    let (progress, second) = receive(&mut log, receipt);
    assert!(matches!(progress, Progress::Durable(head) if head.records == 6), "{progress:?}");
    assert_eq!(second.len(), 1, "what waited follows at once");
    let receipt = log.disk.answer(second[0].clone());
    let (progress, third) = receive(&mut log, receipt);
    assert!(matches!(progress, Progress::Durable(head) if head.records == 13), "{progress:?}");
    assert_eq!(third, []);
}

#[test]
fn a_new_segment_begins_only_when_the_former_is_durable() {
    let mut log = Log::new(Config { segment_bytes: 1000, ..config("rotation") });
    (0..20).for_each(|length| log.append(length));
    let mut requests: VecDeque<_> = sent(&mut log).into();
    let mut segments = Vec::new();
    while let Some(request) = requests.pop_front() {
        assert!(requests.is_empty(), "one at a time");
        segments.push(request.operation.object().and_then(segment_number).expect("an append to a segment"));
        let receipt = log.disk.answer(request);
        requests.extend(receive(&mut log, receipt).1);
    }
    assert!(segments.len() > 5 && segments.is_sorted(), "{segments:?}");
    for object in log.segments() {
        assert!(log.disk.objects[&object].len() <= 1000, "no segment is longer than configured");
    }
    let (_, payloads, _, _) = log.opened_on(&log.disk);
    assert_eq!(payloads.0[..21], log.payloads.0);
}

#[test]
fn a_record_longer_than_a_segment_has_one_of_its_own() {
    let mut log = Log::new(Config { segment_bytes: 1000, pending_bytes: 2000, ..config("long") });
    for length in [MAX_PAYLOAD, 3, MAX_PAYLOAD, 4] {
        log.append(length);
        log.flush();
    }
    assert_eq!(log.segments().len(), 5);
    let (_, payloads, _, _) = log.opened_on(&log.disk);
    assert_eq!(payloads.0[..5], log.payloads.0);
}

#[test]
fn refusals_are_typed_and_change_nothing() {
    let mut log = Log::new(Config { pending_bytes: 2000, ..config("refusals") });
    let before = log.ledger.clone();
    let long = vec![0; MAX_PAYLOAD + 1];
    let own = Draft { link: Link::first(log.config.log), ..draft(b"") };
    let mut refused = |draft| log.ledger.append(draft, &mut log.payloads).expect_err("it is refused");
    assert_eq!(refused(draft(&long)), AppendRefusal::TooLong { length: long.len() as u64 });
    assert_eq!(refused(Draft { kind: OPENED, ..draft(b"") }), AppendRefusal::Reserved);
    assert_eq!(refused(own), AppendRefusal::Reserved);
    assert_eq!(log.ledger.checkpoint(&vec![0; antfarm_ledger::MAX_STATE + 1]).expect_err("too long"), {
        CheckpointRefusal::TooLong { length: antfarm_ledger::MAX_STATE as u64 + 1 }
    });
    assert_eq!(log.ledger, before);
    let taken = (0..100).take_while(|_| log.ledger.append(draft(&[7; 100]), &mut log.payloads).is_ok()).count();
    assert!(taken < 10, "what waits is bounded: {taken}");
    let full = log.ledger.clone();
    assert_eq!(log.ledger.append(draft(&[7; 100]), &mut log.payloads), Err(AppendRefusal::Busy));
    assert_eq!(log.ledger, full);
    let requests = sent(&mut log);
    assert!(matches!(&requests[0].operation, Operation::AppendAt { bytes, .. } if bytes.len() <= 2000), "{requests:?}");
    let receipt = log.disk.answer(requests[0].clone());
    receive(&mut log, receipt);
    assert!(log.ledger.append(draft(&[7; 100]), &mut log.payloads).is_ok(), "room again");
}

#[test]
fn nothing_is_emitted_after_a_failed_append_until_the_log_is_opened_again() {
    let object = segment(1);
    let outcomes = [
        (Outcome::Conflict { end: 9 }, Stop::Conflict { object: object.clone(), end: 9 }),
        (Outcome::Full, Stop::Full { object: object.clone() }),
        (Outcome::Failed, Stop::Failed { object: Some(object.clone()) }),
    ];
    for (outcome, stop) in outcomes {
        let mut log = Log::new(config("stops"));
        log.append(10);
        let requests = sent(&mut log);
        log.append(11);
        let (progress, more) = receive(&mut log, Receipt { ticket: requests[0].ticket, outcome });
        assert_eq!(progress, Progress::Stopped(stop));
        assert_eq!((more, sent(&mut log)), (vec![], vec![]));
        assert_eq!(log.ledger.append(draft(b""), &mut log.payloads), Err(AppendRefusal::NotOpen));
        assert_eq!(log.ledger.checkpoint(b""), Err(CheckpointRefusal::NotOpen));
        assert_eq!(log.ledger.durable(), None);
        let mut requests = VecDeque::new();
        log.ledger.open(&mut |request| requests.push_back(request));
        let seen = disk::settle(&mut log.ledger, &mut log.disk, &mut log.payloads, &mut requests);
        assert!(matches!(&seen[..], [Progress::Opened(opened)] if opened.records == 1), "{seen:?}");
        assert_eq!(log.payloads.0.len(), 2, "the state is folded anew");
    }
}

#[test]
fn a_log_that_lost_what_was_durable_is_refused_by_the_ledger_that_knows() {
    let mut log = Log::new(config("rolled back"));
    let start = log.disk.clone();
    log.append(1);
    log.flush();
    let head = log.ledger.durable().expect("open");
    // The disk goes back to a whole, earlier log.
    log.disk = start;
    log.append(2);
    assert!(matches!(&log.flush()[..], [Progress::Stopped(Stop::Conflict { .. })]));
    let mut requests = VecDeque::new();
    log.ledger.open(&mut |request| requests.push_back(request));
    let seen = disk::settle(&mut log.ledger, &mut log.disk, &mut log.payloads, &mut requests);
    let [Progress::Refused(refused)] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!(refused.reason, Reason::WrongHead { records: 2 });
    // After a restart only somebody else can know.
    for told in [head.digest, id("another")] {
        let (mut ledger, mut requests) = (Ledger::new(log.config.clone()), VecDeque::new());
        ledger.remember(head.records, told);
        ledger.open(&mut |request| requests.push_back(request));
        let seen = disk::settle(&mut ledger, &mut log.disk, &mut (), &mut requests);
        let [Progress::Refused(refused)] = &seen[..] else { panic!("{seen:?}") };
        assert_eq!(refused.reason, Reason::WrongHead { records: 2 });
    }
    let (_, _, _, progress) = log.opened_on(&log.disk);
    assert!(matches!(progress, Progress::Opened(_)), "{progress:?}");
}

#[test]
fn a_second_writer_stops_the_first() {
    let mut first = Log::new(config("two writers"));
    let mut disk = first.disk.clone();
    let (mut second, progress) = open(&first.config, &mut disk, &mut ());
    assert!(matches!(progress, Progress::Opened(_)));
    first.disk = disk;
    first.append(5);
    assert!(matches!(&first.flush()[..], [Progress::Stopped(Stop::Conflict { .. })]));
    second.append(draft(b"mine"), &mut ()).expect("open");
    assert!(matches!(&disk::flush(&mut second, &mut first.disk, &mut ())[..], [Progress::Durable(_)]));
}

#[test]
fn an_answer_of_an_earlier_opening_changes_nothing() {
    let mut log = Log::new(config("late"));
    let mut requests = VecDeque::new();
    log.ledger.open(&mut |request| requests.push_back(request));
    log.ledger.open(&mut |request| requests.push_back(request));
    let late = log.disk.answer(requests.pop_front().expect("a listing"));
    let before = log.ledger.clone();
    assert_eq!(receive(&mut log, late), (Progress::None, vec![]));
    assert_eq!(log.ledger, before);
}

#[test]
fn a_checkpoint_waits_for_its_records_and_two_are_kept() {
    let mut log = Log::new(config("kept"));
    log.append(3);
    let state = antfarm_identity::to_bytes(&log.payloads.0);
    assert_eq!(log.ledger.checkpoint(&state), Ok(2));
    let requests = sent(&mut log);
    assert_eq!(requests.len(), 1, "only the records go: {requests:?}");
    let receipt = log.disk.answer(requests[0].clone());
    let (_, requests) = receive(&mut log, receipt);
    assert_eq!(requests[0].operation.object(), Some(&checkpoint_object(2)));
    assert_eq!(log.ledger.checkpoint(&state), Err(CheckpointRefusal::Underway));
    let receipt = log.disk.answer(requests[0].clone());
    assert_eq!(receive(&mut log, receipt), (Progress::Checkpointed { records: 2 }, vec![]));
    assert_eq!(log.ledger.checkpoint(&state), Err(CheckpointRefusal::Unchanged));
    for _ in 0..4 {
        log.append(3);
        log.flush();
        log.checkpoint();
    }
    let names: Vec<_> = log.disk.objects.keys().filter(|object| segment_number(object).is_none()).cloned().collect();
    assert_eq!(names, [checkpoint_object(5), checkpoint_object(6)]);
    assert_eq!(log.ledger.checkpoints(), [5, 6]);
}

#[test]
fn opening_at_the_tail_reads_from_the_checkpoint_on_and_ends_in_the_same_state() {
    let log = Log::of_200("tail");
    let (_, all, whole, _) = log.opened_on(&log.disk);
    let tail = Config { depth: Depth::Tail, ..log.config.clone() };
    let (mut disk, mut payloads) = (log.disk.clone(), Payloads::default());
    // A flaw before the checkpoint's segment is what an audit finds.
    disk.bytes(&segment(1))[500] ^= 1;
    let (ledger, progress) = open(&tail, &mut disk, &mut payloads);
    assert!(matches!(progress, Progress::Opened(_)), "{progress:?}");
    assert_eq!((payloads, ledger.durable()), (all, whole.durable()));
    let (_, _, _, progress) = log.opened_on(&{
        let mut disk = log.disk.clone();
        disk.bytes(&segment(1))[500] ^= 1;
        disk
    });
    assert!(matches!(progress, Progress::Refused(_)), "{progress:?}");
}

#[test]
fn a_state_that_the_projection_does_not_take_is_left_out() {
    let mut log = Log::new(config("states"));
    log.append(3);
    log.flush();
    log.ledger.checkpoint(b"not a list of payloads").expect("it may begin");
    log.flush();
    let (disk, payloads, _, progress) = log.opened_on(&log.disk);
    let Progress::Opened(opened) = progress else { panic!("{progress:?}") };
    assert_eq!(opened.discarded.len(), 1);
    assert_eq!(payloads.0[..2], log.payloads.0);
    assert!(!disk.objects.contains_key(&checkpoint_object(2)));
}

#[test]
fn objects_with_other_names_are_not_the_ledgers() {
    let mut log = Log::new(config("names"));
    for name in ["log-1", "log-00000000", "log-000000001", "checkpoint-7", "log-00000002.old", "notes"] {
        log.disk.objects.insert(antfarm_machine::Object::new(name).expect("legal"), vec![1, 2, 3]);
    }
    let (disk, _, _, progress) = log.opened_on(&log.disk);
    assert!(matches!(progress, Progress::Opened(_)), "{progress:?}");
    assert_eq!(disk.objects.len(), log.disk.objects.len());
}

#[test]
fn the_bytes_of_a_frame_are_where_the_documentation_says() {
    let log = Log::new(config("layout"));
    let bytes = &log.disk.objects[&segment(1)];
    let frames = frames(bytes);
    assert_eq!(frames, [0..107, 107..345]);
    assert_eq!(bytes[..16], [b'A', b'F', b'L', 1, 75, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    let opening = &bytes[32..107];
    assert_eq!((opening[0], &opening[1..3]), (0, &[1, 0][..]));
    assert_eq!(&opening[3..35], log.config.log.as_bytes());
    assert_eq!(&opening[35..43], [0; 8]);
    assert_eq!(&opening[43..75], log.config.log.as_bytes());
    let record = &bytes[107 + 32..345];
    assert_eq!(record[0], 1);
    let header = antfarm_ledger::Header {
        log: log.config.log,
        position: 0,
        previous: log.config.log,
        link: Link::first(log.config.log),
        kind: OPENED,
        version: 1,
        payload: Digest::from_bytes(record[149..181].try_into().expect("32 bytes")),
    };
    assert_eq!(record[1..181], antfarm_identity::to_bytes(&header));
    assert_eq!(record[181], 0, "kept");
    assert_eq!(&record[198..], 0u64.to_le_bytes(), "the incarnation");
}

#[test]
fn an_append_that_is_still_underway_is_waited_for_before_the_log_is_read_again() {
    // Only one record fits into a segment, so that the append that is underway begins the next one.
    let mut log = Log::new(Config { segment_bytes: 1, ..config("underway") });
    log.append(8);
    let underway = sent(&mut log).remove(0);
    assert_eq!(underway.operation.object(), Some(&segment(2)));
    let mut requests = Vec::new();
    log.ledger.open(&mut |request| requests.push(request));
    log.ledger.open(&mut |request| requests.push(request));
    assert_eq!(requests, [], "a listing would not show the segment that comes to be");
    let receipt = log.disk.answer(underway);
    let (progress, list) = receive(&mut log, receipt);
    assert_eq!(progress, Progress::None);
    assert!(matches!(list.as_slice(), [Request { operation: Operation::List, .. }]), "{list:?}");
    let seen = disk::settle(&mut log.ledger, &mut log.disk, &mut log.payloads, &mut list.into());
    assert!(matches!(seen.as_slice(), [Progress::Opened(opened)] if opened.records == 2), "{seen:?}");
}

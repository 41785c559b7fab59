//! Reading takes constant memory, and does not depend on where chunks end.

use crate::disk::{config, open};
use crate::log::{Log, Payloads};
use antfarm_ledger::{CHUNK, Config, LogHead, MAX_FRAME, MAX_PAYLOAD, Progress, Projection, Refused, Verifier};

/// Reads the whole log in chunks of `length` bytes; the head, the payloads, and the most bytes that were held over.
fn read(log: &Log, length: usize) -> Result<(LogHead, Payloads, usize), Refused> {
    let (mut verifier, mut payloads, mut most) = (Verifier::new(log.config.log), Payloads::default(), 0);
    let objects = log.segments();
    for (index, object) in objects.iter().enumerate() {
        let bytes = &log.disk.objects[object];
        verifier.begin(u32::try_from(index + 1).expect("few"), bytes.len() as u64, index + 1 == objects.len())?;
        for chunk in bytes.chunks(length) {
            verifier.feed(chunk, &mut |record| payloads.fold(record))?;
            most = most.max(verifier.held());
        }
        verifier.close()?;
    }
    Ok((verifier.finish()?, payloads, most))
}

#[test]
fn any_chunks_give_the_same_records_and_head() {
    let log = Log::of_200("chunks");
    let head = log.ledger.durable().expect("open");
    for length in [1, 2, 7, 31, 32, 33, 100, 255, 1000, 1 << 20] {
        let (found, payloads, most) = read(&log, length).expect("whole");
        assert_eq!((found, &payloads), (head, &log.payloads), "chunks of {length}");
        assert!(most < 300, "less than a frame is held over: {most}");
    }
}

#[test]
fn a_log_of_40_mib_is_opened_with_less_than_two_chunks_in_memory() {
    let mut log = Log::new(Config { segment_bytes: 8 << 20, ..config("large") });
    for number in 0..160 {
        log.append(MAX_PAYLOAD - number);
        log.flush();
    }
    let size: usize = log.disk.objects.values().map(Vec::len).sum();
    assert!(size > 40 << 20, "{size} bytes");
    let (_, _, most) = read(&log, usize::try_from(CHUNK).expect("small")).expect("whole");
    assert!(most <= MAX_FRAME, "at most a frame is held over: {most}");
    let mut disk = log.disk.clone();
    let (_, progress) = open(&log.config, &mut disk, &mut ());
    assert!(matches!(&progress, Progress::Opened(opened) if opened.records == 161), "{progress:?}");
    assert_eq!(disk.longest_read, CHUNK, "and no more is asked for at a time");
}

/// The ends of the frames of a segment; each says its body's length after four bytes, and its head has 32.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().expect("four bytes"));
        at += 32 + usize::try_from(length).expect("small");
        ends.push(at);
    }
    ends
}

#[test]
fn a_log_that_is_followed_as_it_grows_gives_the_same_records_and_head() {
    let log = Log::of_200("growing");
    let (mut verifier, mut payloads, mut steps) = (Verifier::new(log.config.log), Payloads::default(), 0);
    let objects = log.segments();
    assert!(objects.len() > 1, "it has segments to go on in");
    for (index, object) in objects.iter().enumerate() {
        let bytes = &log.disk.objects[object];
        verifier.begin(u32::try_from(index + 1).expect("few"), 0, true).expect("it is the next one");
        let mut from = 0;
        for end in ends(bytes) {
            let is_last = index + 1 == objects.len() || end < bytes.len();
            verifier.grow(end as u64, is_last);
            verifier.feed(&bytes[from..end], &mut |record| payloads.fold(record)).expect("whole");
            assert!(verifier.is_whole());
            (from, steps) = (end, steps + 1);
        }
        assert_eq!(verifier.close().expect("whole"), None);
    }
    assert_eq!((verifier.finish().expect("whole"), &payloads), (log.ledger.durable().expect("open"), &log.payloads));
    assert!(steps > 200, "record by record");
}

#[test]
fn what_is_torn_does_not_grow() {
    let log = Log::of_200("torn");
    let bytes = &log.disk.objects[&log.segments()[0]];
    let end = ends(bytes)[1];
    for (length, damaged) in [(end - 1, None), (end, Some(end - 1))] {
        let mut bytes = bytes[..length].to_vec();
        damaged.into_iter().for_each(|at: usize| bytes[at] ^= 1);
        let mut verifier = Verifier::new(log.config.log);
        verifier.begin(1, 0, true).expect("it is the first");
        assert!(verifier.is_whole());
        verifier.grow(length as u64, true);
        verifier.feed(&bytes, &mut |_| {}).expect("a torn tail is no refusal");
        assert!(!verifier.is_whole(), "{length} bytes of {end}");
    }
}

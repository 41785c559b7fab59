//! Redaction: taking a payload out of a segment that is already written, so that every proof still holds.
//!
//! Chain and tree commit to headers, and a header names its payload by a salted digest. So payload and salt become zeros, the
//! frame is marked and sealed anew, and nothing moves: a redacted segment has the length that it had. What remains visible
//! is the payload's length, its salted digest and the header. Whoever redacts must also see to checkpoints and copies.
//!
//! This rewrites bytes and does not decide who may ask for it. It is meant for a log that is closed: a ledger never rewrites.

use crate::frame::{self, HEAD, Head};
use crate::header::{Header, OPENED};
use crate::record::{self, BadBody, RECORD, Record};
use crate::refusal::{Reason, Refused};
use crate::segment::segment_object;

/// Takes the payloads of those records out of `segment`, the bytes of the `number`-th segment, that `choose` picks. Records of
/// kind [`OPENED`] stay. Returns how many were taken out.
///
/// # Errors
///
/// The first frame that is not whole, or not in its place; records before it may have been redacted by then. A torn tail is an
/// error too: open the log first, and it is cut.
pub fn redact(segment: &mut [u8], number: u32, mut choose: impl FnMut(&Header) -> bool) -> Result<u64, Refused> {
    let (mut at, mut redacted) = (0, 0);
    while at < segment.len() {
        let refuse = |reason| Refused { object: segment_object(number), offset: at as u64, reason };
        let rest = &mut segment[at..];
        let whole = Head::recognise(rest).filter(|head| head.extent() <= rest.len());
        let head = whole.ok_or_else(|| refuse(Reason::Damaged { next: None }))?;
        if head.place.segment != number || head.place.offset as usize != at {
            return Err(refuse(Reason::Displaced { segment: head.place.segment, offset: head.place.offset }));
        }
        let body = head.body(rest).ok_or_else(|| refuse(Reason::Damaged { next: None }))?;
        if body.first() == Some(&RECORD) {
            let record = Record::parse(body).map_err(|bad| match bad {
                BadBody::Layout => refuse(Reason::Layout),
                BadBody::Payload => refuse(Reason::Payload),
            })?;
            let kept = record.payload.bytes().is_some() && record.header.kind != OPENED;
            if kept && choose(&record.header) {
                let frame = &mut rest[..head.extent()];
                record::redact(&mut frame[HEAD..]);
                frame::reseal(frame);
                redacted += 1;
            }
        }
        at += head.extent();
    }
    Ok(redacted)
}

//! An append-only log that proves what it holds: records, chain, segments, checkpoints, recovery and fold, sans-IO.
//!
//! A [`Ledger`] is a part of a machine. It emits requests to the machine's disk, takes the receipts, and says what is
//! durable. A [`Verifier`] is its one reader, which recovery and auditors share. [`Keeper`] is a machine that keeps a
//! ledger and nothing else; read it as the example of how to contain one.
//!
//! ```
//! use antfarm_identity::{Digest, Domain, Signer};
//! use antfarm_ledger::{Config, Draft, Ledger, Link, Progress};
//! use antfarm_machine::{Operation, Outcome, Receipt};
//!
//! let log = Digest::of(Domain::new("antfarm 2026 example log"), b"mine");
//! let mut ledger = Ledger::new(Config::new(log, Signer::insecure(1)));
//! let mut requests = Vec::new();
//! ledger.open(&mut |request| requests.push(request));
//!
//! // The disk is empty: the ledger appends the record that notes the opening, and is open when that is durable.
//! let outcomes = [Outcome::Listed(Vec::new()), Outcome::Done];
//! let mut last = Progress::None;
//! for outcome in outcomes {
//!     let ticket = requests.pop().expect("one request at a time").ticket;
//!     last = ledger.receive(Receipt { ticket, outcome }, &mut (), &mut |request| requests.push(request));
//! }
//! assert!(matches!(last, Progress::Opened(_)));
//!
//! let link = Link::first(Digest::of(Domain::new("antfarm 2026 example trajectory"), b"a"));
//! let appended = ledger.append(Draft { link, kind: 1, version: 1, payload: b"hello" }, &mut ()).expect("it is open");
//! assert_eq!(appended.position, 1);
//! ledger.flush(&mut |request| requests.push(request));
//! assert!(matches!(requests[0].operation, Operation::AppendAt { .. }));
//! assert_eq!(ledger.durable().expect("it is open").records, 1); // not two: no receipt came back
//! ```
//!
//! # The format
//!
//! All integers are little-endian. A log is a row of objects `log-00000001`, `log-00000002`, ..., its *segments*, and of
//! `checkpoint-<records>`, each perhaps with a `pieces-<records>`. A segment is a row of *frames*, and so are pieces; a checkpoint is
//! one frame. Objects with other names are not the ledger's and are left alone.
//!
//! ```text
//! frame    0       4         8          12        16           24           32
//!          | magic | length  | segment  | offset  | head check | body check | body ...
//!          | AFL 1 | of body | number   | in it   | of 0..16   | of both    | length bytes
//! ```
//!
//! The head check is [`antfarm_identity::checksum`] of the first 16 bytes. The body check is the [`antfarm_identity::Fold`]
//! that absorbs the head check as a word and then the body. So a frame is bound to its place: read at another offset, in
//! another segment or under another length, it is refused. The segment of a checkpoint and of pieces is 0. Both checks are against
//! accidents; against adversaries there are the digests.
//!
//! ```text
//! opening  0     1          3        35              43                        75
//!          | 0   | format 1 | log id | records until | digest of the last one  |    first frame of a segment
//!
//! record   0     1        181     182    198
//!          | 1   | header | state | salt | payload ...                              all others
//!
//! header   0        32         40         72           104        112        144    146       148       180
//!          | log id | position | previous | trajectory | position | previous | kind | version | payload |
//!                              (of the log)            (of the trajectory)                    digest
//!
//! anchor   0     1          3        35        43       75    147      155
//!          | 3   | format 1 | log id | records | digest | own | leaves | peaks | segment | offset | pieces | state ...
//!
//! piece    0     1
//!          | 4   | bytes ...
//! ```
//!
//! `previous` is the digest of the record before; for the first record of a log or trajectory it is the log's or trajectory's
//! id. A record's digest is BLAKE3 of the 180 stored bytes of its header, in a domain of its own; the payload's is that of
//! salt and payload. State 0 means kept; 1 means redacted, and salt and payload are zeros. `own` is the next [`Link`] of the
//! log's own trajectory, whose id is the log's and whose records are the [`OPENED`] ones. `peaks` is a [`Frontier`]'s list: a
//! `u32` and that many digests. `segment` and `offset`, a `u32` each, are where the last of the records ends, and `pieces`, a `u64`, is the
//! length of the object with the checkpoint's pieces.
//!
//! # What is refused and what is cut
//!
//! Opening reads everything that [`Depth`] says, in chunks of [`CHUNK`] bytes, and ends in one of three ways.
//!
//! - *Open*, perhaps after cutting a torn tail: damage in the last segment, with no whole frame head after it. A damaged frame
//!   whose head is whole is stepped over, so that what its body contains cannot pass for a later frame. A last segment
//!   whose first frame is torn is removed. This is all that a crash can leave: one append is in flight at a time, a segment
//!   is begun when the former is durable, and an unfinished append leaves a prefix of its bytes, perhaps followed by zeros.
//! - *Refused*, with object, offset and [`Reason`]; nothing is changed on the disk, and nothing is served.
//! - *Stopped*, because the disk failed or somebody else wrote: open again.
//!
//! A newest checkpoint that is torn or damaged is removed and the one before is used, or the first record; the older is
//! removed only after the newer is durable. The same becomes of one that no record after it vouches for, where its container asks
//! for that ([`Projection::is_bound`]), and of pieces that belong to no checkpoint. A valid checkpoint past the end of the log proves that records were lost.
//! Segments before the oldest checkpoint's may be archived, from the first on.
//!
//! # What it does not do
//!
//! - It cannot see that whole records are missing from the end, where no checkpoint stands for them. Who knows a later head
//!   can: [`Verifier::through`], [`Ledger::remember`]. Within one process a ledger remembers its own.
//! - It does not hold a second process off a disk whose appends are not atomic; an adapter for files takes a lock. Where they
//!   are atomic, the record of the later opening makes the earlier writer's next append conflict.
//! - A checkpoint is trusted as far as the disk is, unless its container signs and records its [`Seal`]. An audit folds from the
//!   first record and compares.
//! - With [`Depth::Anchor`] nothing before the checkpoint is read: damage there is for audits to find.
//! - It knows neither who may append nor what records mean, and checks no trajectory but its own; whoever folds one knows
//!   its [`Link`].

#![no_std]
#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]
extern crate alloc;

mod checkpoint;
mod frame;
mod hash;
mod header;
mod keeper;
mod kept;
mod ledger;
mod merkle;
mod pieces;
mod projection;
mod proof;
mod record;
mod recovery;
mod redact;
mod refusal;
mod scratch;
mod segment;
mod signed;
mod verifier;
mod writer;

pub use checkpoint::{BadCheckpoint, MAX_STATE};
pub use header::{HEADER, Header, Link, OPENED};
pub use keeper::{Ask, Keeper, KeeperConfig, MAX_PUT, Message, Notice, PutRefusal, Timer};
pub use kept::{Kept, WINDOW};
pub use ledger::{Config, Ledger, MAX_SEGMENT, Opened, Progress, Restored};
pub use merkle::Frontier;
pub use pieces::{MAX_PIECE, MAX_PIECES, Point, Seal};
pub use projection::Projection;
pub use proof::{Consistency, Inclusion, Prover};
pub use record::{Draft, MAX_PAYLOAD, Payload, Record};
pub use recovery::{CHUNK, Depth, Discarded};
pub use redact::redact;
pub use refusal::{AppendRefusal, CheckpointRefusal, Reason, Refused, Stop};
pub use segment::{
    FORMAT, OPENING_BYTES, checkpoint_object, checkpoint_records, opening_log, pieces_object, pieces_records, segment_number,
    segment_object,
};
pub use signed::SignedHead;
pub use verifier::{LogHead, MAX_FRAME, Tear, Verified, Verifier};
pub use writer::{Appended, KEPT_CHECKPOINTS};

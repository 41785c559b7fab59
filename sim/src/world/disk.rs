//! A node's disk: what is durable, what is only believed to be, and what was damaged.
//!
//! A request takes effect when its completion is chosen, in the order of requests on its object; until then a crash loses it
//! wholly, or keeps a part that [`Disk::tear`] was told to keep. Faults are verdicts on single requests or changes to bytes
//! at rest. Every damage that a machine was not told of is written into an atlas ([`Harm`]), so that an oracle knows what
//! should have been recoverable.

use crate::fault::Family;
use antfarm_machine::{Entry, MAX_APPEND, Object, Operation, Outcome, Receipt, Request};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

/// Names one request among those of one node's disk.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SyncId(pub u32);

/// How the disk carries out one request.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Verdict {
    /// As the contract of `Storage` says.
    Honest,
    /// Answers `Failed`; of an append, the first `keep` bytes took place all the same.
    Failed {
        /// How many bytes of an append are on disk now.
        keep: u32,
    },
    /// Never answers, and does nothing.
    Hung,
    /// Answers `Done` to an append whose bytes a crash will lose, unless a later honest append to the object comes first.
    Lying,
    /// Answers `Done` to the append that creates an object, and forgets the object at the next crash.
    Unlinked,
    /// Answers `Done` to an append whose bytes went over those of `object` from `offset` on, as far as that object reaches; where
    /// they belonged there are zeros.
    Misdirected {
        /// Whose bytes were overwritten.
        object: Object,
        /// From where on.
        offset: u64,
    },
    /// Answers `Full` to an append, and does nothing.
    Full,
}

/// Damage that the machine was not told of.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Harm {
    /// The object that was damaged.
    pub object: Object,
    /// The bytes that are not what an answered request made them.
    pub range: Range<u64>,
    /// Which fault did it.
    pub by: Family,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Blob {
    bytes: Arc<Vec<u8>>,
    /// Bytes from here on are lost by a crash, though their appends were answered.
    lied_from: Option<u64>,
    /// The directory does not know the object; a crash forgets it.
    unlinked: bool,
    /// The end before the latest answered append: bytes before it are at rest.
    at_rest: u64,
}

/// A request that was not answered yet.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Pending {
    pub(crate) id: SyncId,
    pub(crate) request: Request,
    hung: bool,
}

/// A simulated disk: a part of a node in a [`crate::World`], and a value that other drivers may put below a machine.
///
/// ```
/// use antfarm_machine::{Object, Operation, Outcome, Request, Ticket};
/// use antfarm_sim::{Disk, Verdict};
///
/// let (mut disk, log) = (Disk::default(), Object::new("log").unwrap());
/// let append = |ticket, expected_end, bytes: &[u8]| {
///     Request { ticket: Ticket(ticket), operation: Operation::AppendAt { object: log.clone(), expected_end, bytes: bytes.to_vec() } }
/// };
/// let first = disk.submit(append(1, 0, b"kept"));
/// let receipt = disk.complete(first, &Verdict::Honest).unwrap();
/// assert_eq!((receipt.ticket, receipt.outcome), (Ticket(1), Outcome::Done));
/// let second = disk.submit(append(2, 4, b"half"));
/// disk.tear(second, 2, 0);
/// disk.submit(append(3, 8, b"lost"));
/// disk.crash();
/// assert_eq!(disk.bytes(&log), b"keptha");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    objects: BTreeMap<Object, Blob>,
    pending: VecDeque<Pending>,
    harms: Vec<Harm>,
    next: u32,
}

impl Disk {
    /// Hands it a request, which does nothing before it is completed or torn.
    pub fn submit(&mut self, request: Request) -> SyncId {
        let id = SyncId(self.next);
        self.next += 1;
        self.pending.push_back(Pending { id, request, hung: false });
        id
    }

    /// The requests that may be completed now: the oldest of each object, unless it hangs.
    pub(crate) fn ready(&self) -> impl Iterator<Item = &Pending> {
        let mine = |at: usize| self.pending[at].request.operation.object();
        (0..self.pending.len())
            .filter(move |&at| !self.pending[at].hung && (0..at).all(|before| mine(before) != mine(at)))
            .map(|at| &self.pending[at])
    }

    /// The pending request `id`, if it may be completed now.
    pub(crate) fn pending(&self, id: SyncId) -> Option<&Pending> {
        let at = self.pending.iter().position(|pending| pending.id == id)?;
        let object = self.pending[at].request.operation.object();
        let blocked = self.pending.range(..at).any(|before| before.request.operation.object() == object);
        (!blocked && !self.pending[at].hung).then(|| &self.pending[at])
    }

    /// The requests that may be completed now, with their objects and the length of what they append.
    pub(crate) fn ready_requests(&self) -> Vec<(SyncId, Option<Object>, u64)> {
        let length = |pending: &Pending| match &pending.request.operation {
            Operation::AppendAt { bytes, .. } => bytes.len() as u64,
            Operation::List | Operation::Read { .. } | Operation::Truncate { .. } | Operation::Remove { .. } => 0,
        };
        let object = |pending: &Pending| pending.request.operation.object().cloned();
        self.ready().map(|pending| (pending.id, object(pending), length(pending))).collect()
    }

    /// What the request `id`, answered or not yet ready, wants.
    pub(crate) fn submitted(&self, id: SyncId) -> Option<&Operation> {
        self.pending.iter().rev().find(|pending| pending.id == id).map(|pending| &pending.request.operation)
    }

    /// All requests that were not answered, oldest first.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = &Pending> {
        self.pending.iter()
    }

    /// Carries out the request `id`, which is ready: unanswered, the oldest of its object, and not hung. `None` when it hangs.
    ///
    /// Panics when it is not ready.
    pub fn complete(&mut self, id: SyncId, verdict: &Verdict) -> Option<Receipt> {
        assert!(self.pending(id).is_some(), "only a request that is ready completes");
        let at = self.pending.iter().position(|pending| pending.id == id)?;
        if *verdict == Verdict::Hung {
            self.pending[at].hung = true;
            return None;
        }
        let Pending { request: Request { ticket, operation }, .. } = self.pending.remove(at)?;
        let outcome = match operation {
            Operation::List if matches!(verdict, Verdict::Failed { .. }) => Outcome::Failed,
            Operation::List => Outcome::Listed(self.list()),
            Operation::Read { .. } if matches!(verdict, Verdict::Failed { .. }) => Outcome::Failed,
            Operation::Read { object, range } => Outcome::Data(self.read(&object, range)),
            Operation::AppendAt { object, expected_end, bytes } => self.append(object, expected_end, &bytes, verdict),
            Operation::Truncate { .. } | Operation::Remove { .. } if matches!(verdict, Verdict::Failed { .. }) => Outcome::Failed,
            Operation::Truncate { object, length } => {
                self.truncate(&object, length);
                Outcome::Done
            }
            Operation::Remove { object } => {
                self.remove(&object);
                Outcome::Done
            }
        };
        Some(Receipt { ticket, outcome })
    }

    /// Lets a part of the oldest pending request on its object survive the crash that follows: of an append, `keep` bytes and
    /// then `zeros` zeros; of anything else, the whole.
    pub fn tear(&mut self, id: SyncId, keep: u32, zeros: u32) {
        let Some(at) = self.pending.iter().position(|pending| pending.id == id) else { return };
        if self.pending(id).is_none() {
            return;
        }
        let Some(Pending { request, .. }) = self.pending.remove(at) else { return };
        match request.operation {
            Operation::List | Operation::Read { .. } => {}
            Operation::AppendAt { object, expected_end, bytes } => {
                if self.length(&object) == expected_end && self.objects.get(&object).is_none_or(|blob| blob.lied_from.is_none()) {
                    let keep = bytes.len().min(keep as usize);
                    let zeros = (bytes.len() - keep).min(zeros as usize);
                    let blob = Arc::make_mut(&mut self.objects.entry(object).or_default().bytes);
                    blob.extend_from_slice(&bytes[..keep]);
                    blob.resize(blob.len() + zeros, 0);
                }
            }
            Operation::Truncate { object, length } => self.truncate(&object, length),
            Operation::Remove { object } => self.remove(&object),
        }
    }

    /// Ends the process: what is pending never happened, and lies come out.
    pub fn crash(&mut self) {
        self.pending.clear();
        let mut harms = Vec::new();
        self.objects.retain(|object, blob| {
            let end = blob.bytes.len() as u64;
            if blob.unlinked {
                harms.push(Harm { object: object.clone(), range: 0..end, by: Family::LostEntry });
                return false;
            }
            if let Some(from) = blob.lied_from.take().filter(|from| *from < end) {
                harms.push(Harm { object: object.clone(), range: from..end, by: Family::LyingSync });
                let keep = usize::try_from(from).unwrap_or(usize::MAX);
                Arc::make_mut(&mut blob.bytes).truncate(keep);
                blob.at_rest = blob.at_rest.min(from);
                return from > 0;
            }
            true
        });
        self.harms.append(&mut harms);
    }

    /// Flips one bit of a byte at rest; `false` when there is no such byte.
    pub(crate) fn rot(&mut self, object: &Object, offset: u64, bit: u8) -> bool {
        let Some(blob) = self.objects.get_mut(object).filter(|blob| offset < blob.at_rest) else { return false };
        let Ok(at) = usize::try_from(offset) else { return false };
        let Some(byte) = Arc::make_mut(&mut blob.bytes).get_mut(at) else { return false };
        *byte ^= 1 << (bit & 7);
        self.harms.push(Harm { object: object.clone(), range: offset..offset + 1, by: Family::Rot });
        true
    }

    /// A new, empty disk in place of this one.
    pub(crate) fn replace(&mut self) {
        let lost = std::mem::take(&mut self.objects);
        self.pending.clear();
        self.harms.extend(lost.into_iter().map(|(object, blob)| Harm {
            object,
            range: 0..blob.bytes.len() as u64,
            by: Family::ReplacedDisk,
        }));
    }

    fn append(&mut self, object: Object, expected_end: u64, bytes: &[u8], verdict: &Verdict) -> Outcome {
        let end = self.length(&object);
        if bytes.len() > MAX_APPEND {
            return Outcome::Failed;
        }
        if end != expected_end {
            return Outcome::Conflict { end };
        }
        if *verdict == Verdict::Full {
            return Outcome::Full;
        }
        let creates = !self.objects.contains_key(&object);
        let blob = self.objects.entry(object.clone()).or_default();
        let content = Arc::make_mut(&mut blob.bytes);
        match verdict {
            Verdict::Failed { keep } => {
                content.extend_from_slice(&bytes[..bytes.len().min(*keep as usize)]);
                return Outcome::Failed;
            }
            Verdict::Misdirected { .. } => content.resize(content.len() + bytes.len(), 0),
            Verdict::Honest | Verdict::Hung | Verdict::Lying | Verdict::Unlinked | Verdict::Full => {
                content.extend_from_slice(bytes)
            }
        }
        blob.at_rest = end;
        match verdict {
            Verdict::Lying => {
                blob.lied_from.get_or_insert(end);
            }
            Verdict::Unlinked if creates => blob.unlinked = true,
            Verdict::Misdirected { object: victim, offset } => self.overwrite(object, end, victim.clone(), *offset, bytes),
            Verdict::Honest | Verdict::Unlinked | Verdict::Failed { .. } | Verdict::Hung | Verdict::Full => blob.lied_from = None,
        }
        Outcome::Done
    }

    fn overwrite(&mut self, intended: Object, end: u64, victim: Object, offset: u64, bytes: &[u8]) {
        let length = bytes.len() as u64;
        self.harms.push(Harm { object: intended, range: end..end + length, by: Family::Misdirected });
        let Some(blob) = self.objects.get_mut(&victim) else { return };
        let Ok(from) = usize::try_from(offset) else { return };
        let content = Arc::make_mut(&mut blob.bytes);
        if from >= content.len() {
            return;
        }
        let reach = bytes.len().min(content.len() - from);
        content[from..from + reach].copy_from_slice(&bytes[..reach]);
        self.harms.push(Harm { object: victim, range: offset..offset + reach as u64, by: Family::Misdirected });
    }

    fn truncate(&mut self, object: &Object, length: u64) {
        let Some(blob) = self.objects.get_mut(object) else { return };
        Arc::make_mut(&mut blob.bytes).truncate(usize::try_from(length).unwrap_or(usize::MAX));
        blob.at_rest = blob.at_rest.min(length);
        blob.lied_from = blob.lied_from.filter(|from| *from < length);
        self.harms.retain(|harm| harm.object != *object || harm.range.start < length);
    }

    fn remove(&mut self, object: &Object) {
        self.objects.remove(object);
        self.harms.retain(|harm| harm.object != *object);
    }

    fn read(&self, object: &Object, range: Range<u64>) -> Vec<u8> {
        let bytes = self.bytes(object);
        let limit = |at: u64| usize::try_from(at).map_or(bytes.len(), |at| at.min(bytes.len()));
        let (start, end) = (limit(range.start), limit(range.end));
        bytes.get(start..end).map_or_else(Vec::new, <[u8]>::to_vec)
    }

    /// What a listing of the disk says now.
    pub fn list(&self) -> Vec<Entry> {
        self.objects.iter().map(|(object, blob)| Entry { object: object.clone(), length: blob.bytes.len() as u64 }).collect()
    }

    /// The bytes of an object as a read returns them; empty when it does not exist.
    pub fn bytes(&self, object: &Object) -> &[u8] {
        self.objects.get(object).map_or(&[], |blob| &blob.bytes)
    }

    /// How many bytes of `object` are at rest: older than its latest answered append.
    pub fn at_rest(&self, object: &Object) -> u64 {
        self.objects.get(object).map_or(0, |blob| blob.at_rest)
    }

    fn length(&self, object: &Object) -> u64 {
        self.bytes(object).len() as u64
    }

    /// The atlas: damage to answered requests that the machine was not told of. It is forgotten when the object is removed, or
    /// cut to before the damage: an oracle that excuses by it keeps what it saw.
    pub fn harms(&self) -> &[Harm] {
        &self.harms
    }
}

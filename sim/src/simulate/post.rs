//! What the walk knows of one node besides its place in the world: faults that hold it, and how its disk behaves.

use crate::chance::{Chance, Odds, Slot, Stream, scale};
use crate::fault::{Family, Fault, Shape};
use crate::simulate::queue::Event;
use crate::world::{Disk, SyncId, Time, Verdict};
use antfarm_machine::{Object, Operation, PeerId, Span};

/// How a disk behaves now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DiskRates {
    pub(crate) shape: Shape,
    hang: Odds,
    fail: Odds,
    lie: Odds,
    unlink: Odds,
    misdirect: Odds,
    pub(crate) tear: Odds,
    full: bool,
}

impl DiskRates {
    pub(crate) const fn calm(shape: Shape) -> Self {
        let never = Odds::NEVER;
        Self { shape, hang: never, fail: never, lie: never, unlink: never, misdirect: never, tear: never, full: false }
    }

    pub(crate) fn add(&mut self, fault: &Fault) {
        match fault {
            Fault::SlowDisk(_, shape) => self.shape = *shape,
            Fault::LoseSync(_, odds) => self.hang = self.hang.or(*odds),
            Fault::FailSync(_, odds) => self.fail = self.fail.or(*odds),
            Fault::LieSync(_, odds) => self.lie = self.lie.or(*odds),
            Fault::LoseEntry(_, odds) => self.unlink = self.unlink.or(*odds),
            Fault::Misdirect(_, odds) => self.misdirect = self.misdirect.or(*odds),
            Fault::Tear(_, odds) => self.tear = self.tear.or(*odds),
            Fault::Fill(_) => self.full = true,
            Fault::Latency(..)
            | Fault::Lose(..)
            | Fault::Copy(..)
            | Fault::Reorder(..)
            | Fault::Corrupt(..)
            | Fault::Cut(_)
            | Fault::Hold(_)
            | Fault::Drop { .. }
            | Fault::Crash(_)
            | Fault::Pause(_)
            | Fault::Offset(..)
            | Fault::Drift(..)
            | Fault::Step(..)
            | Fault::Freeze(_)
            | Fault::Rot(_)
            | Fault::Replace(_) => {}
        }
    }
}

/// The kinds of requests, each with a stream of its own.
const KINDS: [&str; 5] = ["List", "Read", "AppendAt", "Truncate", "Remove"];

fn kind(operation: &Operation) -> usize {
    match operation {
        Operation::List => 0,
        Operation::Read { .. } => 1,
        Operation::AppendAt { .. } => 2,
        Operation::Truncate { .. } => 3,
        Operation::Remove { .. } => 4,
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) id: PeerId,
    /// How many active faults hold the process down.
    pub(crate) downs: u32,
    /// How many active faults make it stand still.
    pub(crate) pauses: u32,
    /// What would have happened while it stood still.
    pub(crate) deferred: Vec<Event>,
    /// How the disk behaves unless a fault says otherwise.
    pub(crate) calm: Shape,
    pub(crate) disk: DiskRates,
    streams: [Option<Box<Stream>>; 5],
    crashes: Option<Box<Stream>>,
    rots: Option<Box<Stream>>,
    drawn: Vec<(SyncId, Slot)>,
    /// When the latest request on each object completes: receipts of one object come in order.
    busy: Vec<(Option<Object>, Time)>,
}

impl Post {
    pub(crate) fn new(id: PeerId, shape: Shape) -> Self {
        Self {
            id,
            downs: 0,
            pauses: 0,
            deferred: Vec::new(),
            calm: shape,
            disk: DiskRates::calm(shape),
            streams: Default::default(),
            crashes: None,
            rots: None,
            drawn: Vec::new(),
            busy: Vec::new(),
        }
    }

    /// Draws the fate of a request that was just submitted: when it will complete, and when before that the process ends in
    /// the middle of it, if it does.
    pub(crate) fn submit(&mut self, id: SyncId, operation: &Operation, now: Time, chance: &Chance) -> (Time, Option<Time>) {
        let kind = kind(operation);
        let me = u64::from(self.id.number());
        let slot = self.streams[kind].get_or_insert_with(|| Box::new(chance.stream("disk", &[me], KINDS[kind]))).slot();
        self.drawn.push((id, slot));
        let done = now.after(self.disk.shape.sample(slot.long(0)));
        let object = operation.object();
        let done = match self.busy.iter_mut().find(|(busy, _)| busy.as_ref() == object) {
            Some((_, last)) => {
                *last = done.max(last.after(Span::from_nanos(1)));
                *last
            }
            None => {
                self.busy.retain(|(_, until)| *until > now);
                self.busy.push((object.cloned(), done));
                done
            }
        };
        let is_append = matches!(operation, Operation::AppendAt { .. });
        let severed = is_append && self.disk.tear.hit(slot.word(7));
        let at = || now.after(Span::from_nanos(slot.dice(6).below(done.since(now).as_nanos())));
        (done, severed.then(at))
    }

    /// How the disk carries out a request, by what was drawn for it and how the disk behaves now.
    pub(crate) fn verdict(&mut self, id: SyncId, operation: &Operation, disk: &Disk) -> Verdict {
        let Some(at) = self.drawn.iter().position(|(drawn, _)| *drawn == id) else { return Verdict::Honest };
        let (_, slot) = self.drawn.swap_remove(at);
        let rates = &self.disk;
        if rates.hang.hit(slot.word(2)) {
            return Verdict::Hung;
        }
        let length = match operation {
            Operation::AppendAt { bytes, .. } => bytes.len() as u64,
            Operation::List | Operation::Read { .. } | Operation::Truncate { .. } | Operation::Remove { .. } => 0,
        };
        if rates.fail.hit(slot.word(3)) {
            let keep = scale(slot.long(6), length + 1);
            return Verdict::Failed { keep: u32::try_from(keep).unwrap_or(u32::MAX) };
        }
        let Operation::AppendAt { expected_end, .. } = operation else { return Verdict::Honest };
        if rates.full {
            return Verdict::Full;
        }
        if rates.misdirect.hit(slot.word(4)) {
            let entries = disk.list();
            if !entries.is_empty() {
                let mut dice = slot.dice(6);
                let victim = dice.pick(&entries);
                // Disks go astray by blocks, and so do writes that begin with one: often to where another one began.
                let offset = match dice.below(4) {
                    0 | 1 => disk.at_rest(&victim.object),
                    2 => 0,
                    _ => dice.below(victim.length.max(1)),
                };
                return Verdict::Misdirected { object: victim.object.clone(), offset };
            }
        }
        if *expected_end == 0 && rates.unlink.hit(slot.word(5)) {
            return Verdict::Unlinked;
        }
        if rates.lie.hit(slot.word(6)) {
            return Verdict::Lying;
        }
        Verdict::Honest
    }

    /// Draws for the next crash.
    pub(crate) fn crash_slot(&mut self, chance: &Chance) -> Slot {
        let me = u64::from(self.id.number());
        self.crashes.get_or_insert_with(|| Box::new(chance.stream("crash", &[me], ""))).slot()
    }

    /// Draws for the next flip of a bit.
    pub(crate) fn rot_slot(&mut self, chance: &Chance) -> Slot {
        let me = u64::from(self.id.number());
        self.rots.get_or_insert_with(|| Box::new(chance.stream("rot", &[me], ""))).slot()
    }

    /// The process ended: nothing of what it asked of its disk will be answered.
    pub(crate) fn ended(&mut self) {
        self.drawn.clear();
        self.busy.clear();
    }
}

impl Verdict {
    /// The fault that a verdict other than honest is.
    pub(crate) fn family(&self) -> Option<Family> {
        match self {
            Self::Honest => None,
            Self::Failed { .. } => Some(Family::FailedSync),
            Self::Hung => Some(Family::LostSync),
            Self::Lying => Some(Family::LyingSync),
            Self::Unlinked => Some(Family::LostEntry),
            Self::Misdirected { .. } => Some(Family::Misdirected),
            Self::Full => Some(Family::Full),
        }
    }
}

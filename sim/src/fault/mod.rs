//! Faults: what can go wrong, as data.
//!
//! Each family has a small file of its own with a [`Header`]: what causes it in the field, what a correct system may lose to
//! it, what it must detect, and what it must survive. Oracles read the header's [`Loss`]; the planner draws a family's faults
//! for a seed; the walk makes them happen, through choices of the world, and counts what fired.

mod clock_drift;
mod clock_freeze;
mod clock_offset;
mod clock_step;
mod corruption;
mod crash;
mod disk_latency;
mod duplication;
mod failed_sync;
mod full;
mod hold;
mod latency;
mod loss;
mod lost_entry;
mod lost_sync;
mod lying_sync;
mod misdirected;
mod one_way_cut;
mod pause;
mod reordering;
mod replaced_disk;
mod rot;
mod shape;
mod torn;
mod two_way_cut;

pub use shape::Shape;

use crate::chance::{Dice, Odds};
use crate::world::Time;
use antfarm_machine::{PeerId, Ppm, Span};

/// What a correct system may lose to a fault at most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Loss {
    /// Nothing but time.
    Time,
    /// Messages under way.
    Messages,
    /// What was asked of the disk and not answered.
    Unanswered,
    /// The node that is hit: it may stop for good, but must not serve what is wrong.
    Node,
    /// What the disk of the node that is hit had answered `Done` to.
    Answered,
}

/// What a fault family is, for readers and for oracles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// The family's name in scenarios and reports.
    pub name: &'static str,
    /// What causes it in the field.
    pub cause: &'static str,
    /// What a correct system may lose to it at most.
    pub may_lose: Loss,
    /// What a correct system must notice.
    pub must_detect: &'static str,
    /// What must hold all the same.
    pub must_survive: &'static str,
}

macro_rules! families {
    ($($(#[$doc:meta])* $name:ident = $header:path, $plan:path;)*) => {
        /// The fault families.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Family { $($(#[$doc])* $name,)* }

        impl Family {
            /// All families, in a fixed order; new ones come last.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// What the family is.
            pub const fn header(self) -> &'static Header {
                match self { $(Self::$name => &$header,)* }
            }

            /// The faults of this family for one seed.
            pub(crate) fn plan(self, stage: &Stage, dice: &mut Dice) -> Vec<Planned> {
                match self { $(Self::$name => $plan(stage, dice),)* }
            }
        }
    };
}

families! {
    /// Link latency drawn evenly from a range.
    Uniform = latency::UNIFORM, latency::uniform;
    /// Link latency with an exponential tail.
    Exponential = latency::EXPONENTIAL, latency::exponential;
    /// Link latency that is mostly short and sometimes very long.
    Bimodal = latency::BIMODAL, latency::bimodal;
    /// Messages are lost.
    Loss = loss::HEADER, loss::plan;
    /// Messages arrive twice.
    Duplication = duplication::HEADER, duplication::plan;
    /// Messages overtake each other.
    Reordering = reordering::HEADER, reordering::plan;
    /// Bits of messages flip.
    Corruption = corruption::HEADER, corruption::plan;
    /// Messages of one direction between two groups are lost.
    OneWayCut = one_way_cut::HEADER, one_way_cut::plan;
    /// All messages between two groups are lost.
    TwoWayCut = two_way_cut::HEADER, two_way_cut::plan;
    /// Messages of a link are held back and released together.
    Hold = hold::HEADER, hold::plan;
    /// A process ends and is restarted later.
    Crash = crash::HEADER, crash::plan;
    /// A process stands still for a while.
    Pause = pause::HEADER, pause::plan;
    /// A wall clock is wrong by a constant.
    ClockOffset = clock_offset::HEADER, clock_offset::plan;
    /// A node's clocks run too fast or too slow.
    ClockDrift = clock_drift::HEADER, clock_drift::plan;
    /// A wall clock jumps.
    ClockStep = clock_step::HEADER, clock_step::plan;
    /// A wall clock stands still.
    ClockFreeze = clock_freeze::HEADER, clock_freeze::plan;
    /// A disk is slow.
    DiskLatency = disk_latency::HEADER, disk_latency::plan;
    /// A process ends in the middle of a write, and a part of it is on disk.
    Torn = torn::HEADER, torn::plan;
    /// A request to the disk is never answered.
    LostSync = lost_sync::HEADER, lost_sync::plan;
    /// A sync fails and says so.
    FailedSync = failed_sync::HEADER, failed_sync::plan;
    /// A sync says that it is done, and is not.
    LyingSync = lying_sync::HEADER, lying_sync::plan;
    /// A new object's directory entry is lost in a crash.
    LostEntry = lost_entry::HEADER, lost_entry::plan;
    /// A bit at rest flips.
    Rot = rot::HEADER, rot::plan;
    /// A write goes to another place.
    Misdirected = misdirected::HEADER, misdirected::plan;
    /// A disk has no room.
    Full = full::HEADER, full::plan;
    /// A disk is replaced by an empty one.
    ReplacedDisk = replaced_disk::HEADER, replaced_disk::plan;
}

impl Family {
    /// Whether its faults take a process's memory, or befall its disk: what a lasting node is spared.
    pub const fn befalls_memory(self) -> bool {
        match self {
            Self::Uniform
            | Self::Exponential
            | Self::Bimodal
            | Self::Loss
            | Self::Duplication
            | Self::Reordering
            | Self::Corruption
            | Self::OneWayCut
            | Self::TwoWayCut
            | Self::Hold
            | Self::Pause
            | Self::ClockOffset
            | Self::ClockDrift
            | Self::ClockStep
            | Self::ClockFreeze => false,
            Self::Crash
            | Self::DiskLatency
            | Self::Torn
            | Self::LostSync
            | Self::FailedSync
            | Self::LyingSync
            | Self::LostEntry
            | Self::Rot
            | Self::Misdirected
            | Self::Full
            | Self::ReplacedDisk => true,
        }
    }

    /// The family's name in scenarios and reports.
    pub const fn name(self) -> &'static str {
        self.header().name
    }

    /// The family called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|family| family.name() == name)
    }
}

/// Which messages a fault of the network concerns.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Reach {
    /// From whom; empty: from anybody.
    pub from: Vec<PeerId>,
    /// To whom; empty: to anybody.
    pub to: Vec<PeerId>,
    /// Also the other way round.
    pub both: bool,
    /// Of what kind; `None`: of any.
    pub kind: Option<String>,
}

impl Reach {
    /// Between `a` and `b`, both ways.
    pub fn between(a: Vec<PeerId>, b: Vec<PeerId>) -> Self {
        Self { from: a, to: b, both: true, kind: None }
    }

    /// Whether messages of `kind` from `from` to `to` are concerned. What a node sends itself never is.
    pub fn covers(&self, from: PeerId, to: PeerId, kind: &str) -> bool {
        let within = |set: &[PeerId], peer| set.is_empty() || set.contains(&peer);
        let way = |a, b| within(&self.from, a) && within(&self.to, b);
        from != to && (way(from, to) || self.both && way(to, from)) && self.kind.as_ref().is_none_or(|wanted| wanted == kind)
    }
}

/// One fault, without its time.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Fault {
    /// Links have this latency.
    Latency(Reach, Shape),
    /// Messages are lost with these odds.
    Lose(Reach, Odds),
    /// Messages are doubled with these odds.
    Copy(Reach, Odds),
    /// With these odds a message ignores the order of its link and takes up to this much longer.
    Reorder(Reach, Odds, Span),
    /// Bits of messages flip with these odds.
    Corrupt(Reach, Odds),
    /// All messages within reach are lost.
    Cut(Reach),
    /// All messages within reach wait until the fault is over.
    Hold(Reach),
    /// The `nth` message (from 1) of `kind` from `from` to `to` is lost.
    Drop {
        /// Who sends it.
        from: PeerId,
        /// To whom.
        to: PeerId,
        /// Its kind.
        kind: String,
        /// Which of its kind on this link, counted from 1.
        nth: u32,
    },
    /// The process ends; it is started again when the fault is over.
    Crash(PeerId),
    /// The process takes no input until the fault is over.
    Pause(PeerId),
    /// The wall clock is off by so many nanoseconds from the fault's start on.
    Offset(PeerId, i64),
    /// Both clocks run at this rate error until the fault is over.
    Drift(PeerId, Ppm),
    /// The wall clock jumps by so many nanoseconds.
    Step(PeerId, i64),
    /// The wall clock stands still until the fault is over.
    Freeze(PeerId),
    /// The disk answers with this latency.
    SlowDisk(PeerId, Shape),
    /// With these odds the process ends in the middle of an append: a part of it is on disk when it starts again. Other
    /// crashes tear too while this lasts.
    Tear(PeerId, Odds),
    /// Requests are never answered, with these odds.
    LoseSync(PeerId, Odds),
    /// Requests fail, with these odds.
    FailSync(PeerId, Odds),
    /// Appends are answered but not durable, with these odds.
    LieSync(PeerId, Odds),
    /// Appends that create an object are answered, but the next crash forgets the object, with these odds.
    LoseEntry(PeerId, Odds),
    /// One bit at rest flips.
    Rot(PeerId),
    /// Appends go to another place, with these odds.
    Misdirect(PeerId, Odds),
    /// Appends find no room.
    Fill(PeerId),
    /// The process is down, and its disk empty when it comes back.
    Replace(PeerId),
}

impl Fault {
    /// The family that the fault belongs to.
    pub fn family(&self) -> Family {
        match self {
            Self::Latency(_, Shape::Uniform { .. }) => Family::Uniform,
            Self::Latency(_, Shape::Exponential { .. }) => Family::Exponential,
            Self::Latency(_, Shape::Bimodal { .. }) => Family::Bimodal,
            Self::Lose(..) | Self::Drop { .. } => Family::Loss,
            Self::Copy(..) => Family::Duplication,
            Self::Reorder(..) => Family::Reordering,
            Self::Corrupt(..) => Family::Corruption,
            Self::Cut(reach) if reach.both => Family::TwoWayCut,
            Self::Cut(_) => Family::OneWayCut,
            Self::Hold(_) => Family::Hold,
            Self::Crash(_) => Family::Crash,
            Self::Pause(_) => Family::Pause,
            Self::Offset(..) => Family::ClockOffset,
            Self::Drift(..) => Family::ClockDrift,
            Self::Step(..) => Family::ClockStep,
            Self::Freeze(_) => Family::ClockFreeze,
            Self::SlowDisk(..) => Family::DiskLatency,
            Self::Tear(..) => Family::Torn,
            Self::LoseSync(..) => Family::LostSync,
            Self::FailSync(..) => Family::FailedSync,
            Self::LieSync(..) => Family::LyingSync,
            Self::LoseEntry(..) => Family::LostEntry,
            Self::Rot(_) => Family::Rot,
            Self::Misdirect(..) => Family::Misdirected,
            Self::Fill(_) => Family::Full,
            Self::Replace(_) => Family::ReplacedDisk,
        }
    }

    /// The node that a fault of a process, a clock or a disk concerns.
    pub fn node(&self) -> Option<PeerId> {
        match self {
            Self::Latency(..)
            | Self::Lose(..)
            | Self::Copy(..)
            | Self::Reorder(..)
            | Self::Corrupt(..)
            | Self::Cut(_)
            | Self::Hold(_)
            | Self::Drop { .. } => None,
            Self::Crash(node)
            | Self::Pause(node)
            | Self::Offset(node, _)
            | Self::Drift(node, _)
            | Self::Step(node, _)
            | Self::Freeze(node)
            | Self::SlowDisk(node, _)
            | Self::Tear(node, _)
            | Self::LoseSync(node, _)
            | Self::FailSync(node, _)
            | Self::LieSync(node, _)
            | Self::LoseEntry(node, _)
            | Self::Rot(node)
            | Self::Misdirect(node, _)
            | Self::Fill(node)
            | Self::Replace(node) => Some(*node),
        }
    }
}

/// A fault with its time.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Planned {
    /// When it begins.
    pub from: Time,
    /// When it is over; `None`: when the run's first phase is. A fault of an instant is over at once.
    pub until: Option<Time>,
    /// What it is.
    pub fault: Fault,
    /// The row of the scenario that asks for it; `None` for one that the swarm drew.
    pub row: Option<u32>,
}

/// What a family plans for: who is there, for how long, and whom lasting damage must spare.
#[derive(Clone, Debug)]
pub struct Stage {
    /// All nodes.
    pub nodes: Vec<PeerId>,
    /// The nodes that will have to make progress in the second phase. Damage that a node cannot recover from by itself spares
    /// them: the storage fault atlas.
    pub core: Vec<PeerId>,
    /// How long the first phase lasts.
    pub duration: Span,
}

impl Stage {
    /// Nodes outside the core.
    fn fringe(&self) -> Vec<PeerId> {
        self.nodes.iter().copied().filter(|node| !self.core.contains(node)).collect()
    }

    /// Windows over the first phase: each lasts `length`, the gaps between them `gap` (ranges in milliseconds).
    fn windows(&self, dice: &mut Dice, gap: (u64, u64), length: (u64, u64)) -> Vec<(Time, Time)> {
        let end = Time::ZERO.after(self.duration);
        let mut windows = Vec::new();
        let mut at = Time::ZERO;
        loop {
            let from = at.after(Span::from_millis(dice.between(gap.0, gap.1)));
            if from >= end {
                return windows;
            }
            let until = from.after(Span::from_millis(dice.between(length.0, length.1))).min(end);
            windows.push((from, until));
            at = until;
        }
    }

    /// The whole first phase.
    fn whole(fault: Fault) -> Planned {
        Planned { from: Time::ZERO, until: None, fault, row: None }
    }

    fn window((from, until): (Time, Time), fault: Fault) -> Planned {
        Planned { from, until: Some(until), fault, row: None }
    }

    /// Windows in which one of two groups does not hear the other, or neither does.
    fn cuts(&self, dice: &mut Dice, both: bool) -> Vec<Planned> {
        let windows = self.windows(dice, (1_000, 40_000), (200, 20_000));
        let cut = |window| {
            let (from, to) = self.split(dice)?;
            Some(Self::window(window, Fault::Cut(Reach { from, to, both, kind: None })))
        };
        windows.into_iter().filter_map(cut).collect()
    }

    /// Two groups, neither empty, or `None` with fewer than two nodes.
    fn split(&self, dice: &mut Dice) -> Option<(Vec<PeerId>, Vec<PeerId>)> {
        if self.nodes.len() < 2 {
            return None;
        }
        let mut nodes = self.nodes.clone();
        dice.shuffle(&mut nodes);
        let cut = 1 + dice.index(nodes.len() - 1);
        let rest = nodes.split_off(cut);
        Some((nodes, rest))
    }
}

//! Links and their lanes: what the walk knows of the network besides what is under way.
//!
//! A *link* is an ordered pair of peers; a *lane* is one kind of message on it. Lanes count their messages, so that each has
//! a name, and own the random stream that decides its fate. Links keep the order of messages, as a connection does.

use crate::chance::{Chance, Odds, Slot, Stream};
use crate::fault::{Fault, Reach, Shape};
use crate::world::{FlightId, Time};
use antfarm_machine::{PeerId, Span};
use std::collections::{BTreeMap, BTreeSet};

/// What may happen to messages of a lane.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rates {
    pub(crate) shape: Shape,
    pub(crate) lose: Odds,
    pub(crate) copy: Odds,
    pub(crate) corrupt: Odds,
    pub(crate) reorder: Odds,
    /// The most that a reordered message is late.
    pub(crate) extra: Span,
    pub(crate) cut: bool,
    pub(crate) held: bool,
    /// Messages may be doubled, corrupted or reordered.
    pub(crate) hazards: bool,
}

impl Rates {
    pub(crate) const fn calm(shape: Shape) -> Self {
        Self {
            shape,
            lose: Odds::NEVER,
            copy: Odds::NEVER,
            corrupt: Odds::NEVER,
            reorder: Odds::NEVER,
            extra: Span::ZERO,
            cut: false,
            held: false,
            hazards: false,
        }
    }

    /// Adds a fault of the network that is active now.
    pub(crate) fn add(&mut self, fault: &Fault) {
        match fault {
            Fault::Latency(_, shape) => self.shape = *shape,
            Fault::Lose(_, odds) => self.lose = self.lose.or(*odds),
            Fault::Copy(_, odds) => self.copy = self.copy.or(*odds),
            Fault::Corrupt(_, odds) => self.corrupt = self.corrupt.or(*odds),
            Fault::Reorder(_, odds, extra) => {
                self.reorder = self.reorder.or(*odds);
                self.extra = self.extra.max(*extra);
            }
            Fault::Cut(_) => self.cut = true,
            Fault::Hold(_) => self.held = true,
            Fault::Drop { .. }
            | Fault::Crash(_)
            | Fault::Pause(_)
            | Fault::Offset(..)
            | Fault::Drift(..)
            | Fault::Step(..)
            | Fault::Freeze(_)
            | Fault::SlowDisk(..)
            | Fault::Tear(..)
            | Fault::LoseSync(..)
            | Fault::FailSync(..)
            | Fault::LieSync(..)
            | Fault::LoseEntry(..)
            | Fault::Rot(_)
            | Fault::Misdirect(..)
            | Fault::Fill(_)
            | Fault::Replace(_) => {}
        }
        self.hazards = self.copy.max(self.corrupt).max(self.reorder) > Odds::NEVER;
    }
}

/// The reach of a fault of the network, but for named drops.
pub(crate) fn reach(fault: &Fault) -> Option<&Reach> {
    match fault {
        Fault::Latency(reach, _)
        | Fault::Lose(reach, _)
        | Fault::Copy(reach, _)
        | Fault::Corrupt(reach, _)
        | Fault::Reorder(reach, ..)
        | Fault::Cut(reach)
        | Fault::Hold(reach) => Some(reach),
        Fault::Drop { .. }
        | Fault::Crash(_)
        | Fault::Pause(_)
        | Fault::Offset(..)
        | Fault::Drift(..)
        | Fault::Step(..)
        | Fault::Freeze(_)
        | Fault::SlowDisk(..)
        | Fault::Tear(..)
        | Fault::LoseSync(..)
        | Fault::FailSync(..)
        | Fault::LieSync(..)
        | Fault::LoseEntry(..)
        | Fault::Rot(_)
        | Fault::Misdirect(..)
        | Fault::Fill(_)
        | Fault::Replace(_) => None,
    }
}

/// Which lane a message went down.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct LaneId {
    link: u32,
    kind: u16,
}

/// One kind of message on one link.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lane {
    sent: u32,
    stream: Option<Box<Stream>>,
    rates: Option<Rates>,
    /// Which age of the faults they are of.
    age: u64,
    /// Messages of these ordinals are to be lost.
    drops: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) from: PeerId,
    pub(crate) to: PeerId,
    /// When the latest message in order arrives.
    pub(crate) last: Time,
    held: Vec<(FlightId, Time)>,
    lanes: Vec<Lane>,
}

/// All links that were used.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    kinds: &'static [&'static str],
    rows: Vec<Vec<u32>>,
    /// Links of peers whose number is too large for a table.
    strangers: BTreeMap<(PeerId, PeerId), u32>,
    links: Vec<Link>,
    /// Links on which messages are held back.
    holding: BTreeSet<u32>,
    /// How often the faults changed: a large network has too many lanes to go through all each time.
    age: u64,
}

/// Peers below this number have their links in a table.
const TABLE: usize = 1 << 14;
const NONE: u32 = u32::MAX;

impl Links {
    pub(crate) fn new(kinds: &'static [&'static str]) -> Self {
        Self { kinds, rows: Vec::new(), strangers: BTreeMap::new(), links: Vec::new(), holding: BTreeSet::new(), age: 0 }
    }

    #[inline]
    fn find(&mut self, from: PeerId, to: PeerId) -> u32 {
        match self.rows.get(from.index()).and_then(|row| row.get(to.index())) {
            Some(&link) if link != NONE => link,
            Some(_) | None => self.create(from, to),
        }
    }

    #[cold]
    fn create(&mut self, from: PeerId, to: PeerId) -> u32 {
        let new = u32::try_from(self.links.len()).expect("fewer than 2^32 links");
        let link = if from.index().max(to.index()) >= TABLE {
            *self.strangers.entry((from, to)).or_insert(new)
        } else {
            if self.rows.len() <= from.index() {
                self.rows.resize(from.index() + 1, Vec::new());
            }
            let row = &mut self.rows[from.index()];
            if row.len() <= to.index() {
                row.resize(to.index() + 1, NONE);
            }
            row[to.index()] = new;
            new
        };
        if link == new {
            let lanes = vec![Lane::default(); self.kinds.len().max(1)];
            self.links.push(Link { from, to, last: Time::ZERO, held: Vec::new(), lanes });
        }
        link
    }

    /// Counts one more message of `kind`: the lane it goes down, and its ordinal there from 1.
    #[inline]
    pub(crate) fn count(&mut self, from: PeerId, to: PeerId, kind: u16) -> (LaneId, u32) {
        let link = self.find(from, to);
        let lane = &mut self.links[link as usize].lanes[kind as usize];
        lane.sent += 1;
        (LaneId { link, kind }, lane.sent)
    }

    /// What the next message of a lane draws. Drawn once for each message that is counted, so draws keep to ordinals.
    #[inline]
    pub(crate) fn draw(&mut self, id: LaneId, chance: &Chance) -> Slot {
        let link = &mut self.links[id.link as usize];
        let name = [u64::from(link.from.number()), u64::from(link.to.number())];
        let kind = self.kinds.get(id.kind as usize).copied().unwrap_or_default();
        let lane = &mut link.lanes[id.kind as usize];
        lane.stream.get_or_insert_with(|| Box::new(chance.stream("message", &name, kind))).slot()
    }

    #[inline]
    pub(crate) fn link_mut(&mut self, id: LaneId) -> &mut Link {
        &mut self.links[id.link as usize]
    }

    /// The rates of a lane, worked out by `rates` for (from, to, kind) when they are not known, with named drops.
    #[inline]
    pub(crate) fn rates(&mut self, id: LaneId, rates: impl FnOnce(PeerId, PeerId, &str) -> (Rates, Vec<u32>)) -> &Rates {
        let link = &mut self.links[id.link as usize];
        let lane = &mut link.lanes[id.kind as usize];
        let kinds = self.kinds;
        if lane.rates.is_none() || lane.age != self.age {
            let (known, drops) = rates(link.from, link.to, kinds.get(id.kind as usize).copied().unwrap_or_default());
            (lane.rates, lane.drops, lane.age) = (Some(known), drops, self.age);
        }
        lane.rates.as_ref().expect("just worked out")
    }

    /// Whether the `nth` message of a lane is to be lost by name. Rates must be known.
    #[inline]
    pub(crate) fn drops(&self, id: LaneId, nth: u32) -> bool {
        self.links[id.link as usize].lanes[id.kind as usize].drops.contains(&nth)
    }

    /// Forgets all rates: the faults changed.
    pub(crate) fn forget_rates(&mut self) {
        self.age += 1;
    }

    /// Holds a message back that would have arrived at that time.
    pub(crate) fn hold(&mut self, id: LaneId, flight: FlightId, at: Time) {
        self.links[id.link as usize].held.push((flight, at));
        self.holding.insert(id.link);
    }

    /// Messages that were held back, on all links, oldest link first, each link's in the order in which they would have arrived.
    pub(crate) fn take_held(&mut self) -> Vec<(FlightId, Time)> {
        let mut held = Vec::new();
        for link in std::mem::take(&mut self.holding) {
            let link = &mut self.links[link as usize];
            link.held.sort_by_key(|(_, at)| *at);
            held.append(&mut link.held);
        }
        held
    }

    pub(crate) fn ends(&self, id: LaneId) -> (PeerId, PeerId, &'static str) {
        let link = &self.links[id.link as usize];
        (link.from, link.to, self.kinds.get(id.kind as usize).copied().unwrap_or_default())
    }
}

//! The event queue: what will happen when, in order of (time, sequence).
//!
//! A timing wheel (Varghese and Lauck, 1987) whose slots are sorted when the hand reaches them: the near future is in slots
//! of 2^15 ns, the far future in a heap, and the slot under the hand is a sorted list. Pushing into a slot is free of
//! comparisons, which is what makes timers cheap. A slot is a list linked through one arena, whose cells are used again at
//! once: what is waiting lies close together, however far the hand has turned.

use crate::world::{ArmId, AskId, FlightId, SyncId, Time};
use antfarm_machine::PeerId;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// Something with a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    /// A message arrives, if nothing stops it.
    Deliver(FlightId),
    /// An alarm goes off, if it is still armed.
    Ring(PeerId, ArmId),
    /// The disk answers, if the process still runs.
    Sync(PeerId, SyncId),
    /// The process ends in the middle of this append, if it is still unanswered.
    Sever(PeerId, SyncId),
    /// A process that was severed starts again.
    Boot(PeerId),
    /// A workload asks.
    Ask(u32),
    /// A client asks what it wanted to while the process stood still.
    Asked(AskId),
    /// A planned fault begins.
    Begin(u32),
    /// A planned fault is over.
    End(u32),
    /// The first phase is over.
    Heal,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Entry {
    at: Time,
    sequence: u64,
    event: Event,
}

impl Entry {
    #[inline]
    fn key(&self) -> (Time, u64) {
        (self.at, self.sequence)
    }

    #[inline]
    fn slot(&self) -> u64 {
        self.at.0 >> SHIFT
    }
}

impl Ord for Entry {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Entry {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A slot is 2^15 ns, 33 microseconds; the wheel has 4096, and reaches 134 ms ahead.
const SHIFT: u32 = 15;
const SLOTS: u64 = 4096;
const WORDS: usize = 4096 / 64;

/// The end of a list of cells.
const NONE: u32 = u32::MAX;

#[derive(Clone, Debug)]
pub(crate) struct Queue {
    /// The slot under the hand and whatever was pushed behind it, latest first.
    present: Vec<Entry>,
    hand: u64,
    /// The first cell of each slot's list, or [`NONE`].
    slots: Vec<u32>,
    /// Entries in slots, each with the next cell of its slot; cells that are free are a list too.
    cells: Vec<(Entry, u32)>,
    free: u32,
    /// One bit for each slot that is not empty.
    occupied: [u64; WORDS],
    far: BinaryHeap<Reverse<Entry>>,
    sequence: u64,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            present: Vec::new(),
            hand: 0,
            slots: vec![NONE; place(SLOTS - 1) + 1],
            cells: Vec::new(),
            free: NONE,
            occupied: [0; WORDS],
            far: BinaryHeap::new(),
            sequence: 0,
        }
    }
}

/// Where the wheel keeps a slot.
#[inline]
fn place(slot: u64) -> usize {
    usize::try_from(slot % SLOTS).unwrap_or(0)
}

impl Queue {
    #[inline]
    pub(crate) fn push(&mut self, at: Time, event: Event) {
        let entry = Entry { at, sequence: self.sequence, event };
        self.sequence += 1;
        let slot = entry.slot();
        if slot <= self.hand {
            let place = self.present.partition_point(|other| *other > entry);
            self.present.insert(place, entry);
        } else if slot - self.hand < SLOTS {
            let place = place(slot);
            self.slots[place] = self.cell(entry, self.slots[place]);
            self.occupied[place / 64] |= 1 << (place % 64);
        } else {
            self.far.push(Reverse(entry));
        }
    }

    /// A cell with this entry before the cell `next`.
    #[inline]
    fn cell(&mut self, entry: Entry, next: u32) -> u32 {
        let cell = self.free;
        if cell == NONE {
            self.cells.push((entry, next));
            return u32::try_from(self.cells.len() - 1).expect("fewer than 2^32 events are waiting");
        }
        let free = &mut self.cells[cell as usize];
        self.free = std::mem::replace(free, (entry, next)).1;
        cell
    }

    /// The earliest event, if it is not later than `limit`.
    #[inline]
    pub(crate) fn pop(&mut self, limit: Time) -> Option<(Time, Event)> {
        if self.present.is_empty() && !self.turn(limit) {
            return None;
        }
        if self.present.last()?.at > limit {
            return None;
        }
        self.present.pop().map(|entry| (entry.at, entry.event))
    }

    /// Turns the hand to the next slot that is not empty; `false` when there is none that begins by `limit`.
    fn turn(&mut self, limit: Time) -> bool {
        let far = self.far.peek().map_or(u64::MAX, |Reverse(entry)| entry.slot());
        let next = self.next_occupied().unwrap_or(u64::MAX).min(far);
        if next > limit.0 >> SHIFT || next == u64::MAX {
            return false;
        }
        assert!(next > self.hand, "the hand turns forward");
        let place = place(next);
        if next - self.hand < SLOTS {
            let mut cell = std::mem::replace(&mut self.slots[place], NONE);
            while cell != NONE {
                let (entry, next) = &mut self.cells[cell as usize];
                self.present.push(*entry);
                let next = std::mem::replace(next, std::mem::replace(&mut self.free, cell));
                cell = next;
            }
            self.occupied[place / 64] &= !(1 << (place % 64));
        }
        self.hand = next;
        while let Some(entry) = self.far.peek().map(|Reverse(entry)| *entry).filter(|entry| entry.slot() == next) {
            self.far.pop();
            self.present.push(entry);
        }
        self.present.sort_unstable_by(|a, b| b.cmp(a));
        true
    }

    /// The first slot after the hand that is not empty.
    #[inline]
    fn next_occupied(&self) -> Option<u64> {
        let start = self.hand + 1;
        let (word, bit) = (place(start) / 64, start % 64);
        for step in 0..=WORDS {
            let mut bits = self.occupied[(word + step) % WORDS];
            if step == 0 {
                bits &= u64::MAX << bit;
            } else if step == WORDS {
                bits &= !(u64::MAX << bit);
            }
            if bits != 0 {
                let found = (step as u64 * 64 + u64::from(bits.trailing_zeros())).wrapping_sub(bit);
                return Some(start + found);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    /// Against a plain sorted list, on pushes near, far and at the same time, with pops up to a limit in between.
    #[test]
    fn events_come_in_order_of_time_and_then_of_pushing() {
        for seed in 0..50 {
            let mut dice = Chance::seeded(seed).dice("queue", &[], "");
            let (mut queue, mut list, mut now) = (Queue::default(), Vec::new(), 0_u64);
            for n in 0..2_000_u32 {
                let reach = *dice.pick(&[0, 10, 1 << 17, 1 << 20, 1 << 27, 1 << 28, 1 << 40]);
                let at = Time(now + dice.below(reach + 1));
                queue.push(at, Event::Ask(n));
                list.push((at, n));
                if dice.below(2) == 0 {
                    let bits = *dice.pick(&[8, 18, 28, 41]);
                    let limit = Time(now + dice.below(1 << bits));
                    let place = list.iter().enumerate().min_by_key(|(_, entry)| **entry).map(|(place, _)| place);
                    let expected = place.filter(|place| list[*place].0 <= limit).map(|place| list.remove(place));
                    let popped = queue.pop(limit);
                    assert_eq!(popped, expected.map(|(at, n)| (at, Event::Ask(n))), "seed {seed}");
                    now = popped.map_or(limit.0, |(at, _)| at.0);
                }
            }
            list.sort_unstable();
            for (at, n) in list {
                assert_eq!(queue.pop(Time(u64::MAX)), Some((at, Event::Ask(n))), "seed {seed}");
            }
            assert_eq!(queue.pop(Time(u64::MAX)), None);
        }
    }
}

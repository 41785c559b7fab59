//! What happens to messages between sending and arrival.

use crate::chance::Slot;
use crate::fault::{Family, Fault};
use crate::link::{Rates, reach};
use crate::simulate::Simulation;
use crate::simulate::queue::Event;
use crate::subject::{Outside, Simulated};
use crate::track::Tag;
use crate::world::{Choice, FlightId};
use antfarm_machine::{PeerId, Span};

/// The uses of a message's slot. Fixed for ever: a new use takes a free word.
mod word {
    pub(super) const LOSE: usize = 0;
    pub(super) const COPY: usize = 1;
    pub(super) const LATENCY: usize = 2; // and 3
    pub(super) const CORRUPT: usize = 4;
    pub(super) const REORDER: usize = 5;
    pub(super) const DETAILS: usize = 6; // and 7
}

impl<M: Simulated, O: Outside<M>> Simulation<M, O> {
    /// Decides the fate of the messages that were born of the latest choice.
    #[inline]
    pub(super) fn place_flights(&mut self) {
        for at in 0..self.track.scratch.born.flights.len() {
            let id = self.track.scratch.born.flights[at];
            self.launch(id);
        }
    }

    #[inline]
    fn launch(&mut self, id: FlightId) {
        let tag = self.track.tag(id);
        let slot = self.track.draw(tag, &self.chance);
        let rates = *self.rates(tag);
        let now = self.track.world.now();
        if rates.cut {
            return self.lose(id, tag, Family::TwoWayCut);
        }
        if self.track.links.drops(tag.lane, tag.nth) || rates.lose.hit(slot.word(word::LOSE)) {
            return self.lose(id, tag, Family::Loss);
        }
        let latency = rates.shape.sample(slot.long(word::LATENCY));
        if rates.hazards && !self.hazards(id, tag, slot, &rates, latency) {
            return;
        }
        let link = self.track.links.link_mut(tag.lane);
        // Arrivals of a link in order, each later than the one before.
        let at = now.after(latency).max(link.last.after(Span::from_nanos(1)));
        link.last = at;
        if rates.held {
            self.track.links.hold(tag.lane, id, at);
            return self.credit(tag, Family::Hold);
        }
        self.queue.push(at, Event::Deliver(id));
    }

    /// Doubling, corruption and reordering; whether the message still needs a time.
    fn hazards(&mut self, id: FlightId, tag: Tag, slot: Slot, rates: &Rates, latency: Span) -> bool {
        let now = self.track.world.now();
        if rates.copy.hit(slot.word(word::COPY)) {
            // Only the copy is born of this; what else was born is being placed by the caller.
            let born = std::mem::take(&mut self.track.scratch.born.flights);
            self.track.perform(&Choice::Copy(id));
            let copy = self.track.scratch.born.flights.first().copied();
            self.track.scratch.born.flights = born;
            self.credit(tag, Family::Duplication);
            if let Some(copy) = copy {
                let late = Span::from_nanos(slot.dice(word::DETAILS).below(Span::from_secs(30).as_nanos()));
                let late = if slot.word(word::DETAILS).is_multiple_of(4) { late } else { latency };
                // After the original, which keeps the order of its link.
                let original = now.after(latency).max(self.track.links.link_mut(tag.lane).last.after(Span::from_nanos(1)));
                self.queue.push(original.after(late + Span::from_nanos(1)), Event::Deliver(copy));
            }
        }
        if rates.corrupt.hit(slot.word(word::CORRUPT)) {
            let born = std::mem::take(&mut self.track.scratch.born.flights);
            self.track.perform(&Choice::Corrupt(id, [slot.word(word::DETAILS), slot.word(word::DETAILS + 1)]));
            self.track.scratch.born.flights = born;
            self.credit(tag, Family::Corruption);
            if self.track.world.flight(id).is_none() {
                return false;
            }
        }
        if rates.reorder.hit(slot.word(word::REORDER)) && !rates.held {
            self.credit(tag, Family::Reordering);
            let extra = slot.dice(word::DETAILS).below(rates.extra.as_nanos().saturating_add(1));
            self.queue.push(now.after(latency + Span::from_nanos(extra)), Event::Deliver(id));
            return false;
        }
        true
    }

    #[inline]
    pub(super) fn deliver(&mut self, id: FlightId) {
        let Some(to) = self.track.world.flight(id).map(|flight| flight.to) else { return };
        if self.defer(to, Event::Deliver(id)) {
            return;
        }
        if self.obstructed {
            let tag = self.track.tag(id);
            let rates = *self.rates(tag);
            if rates.cut {
                return self.lose(id, tag, Family::TwoWayCut);
            }
            if rates.held {
                let now = self.now();
                self.track.links.hold(tag.lane, id, now);
                return self.credit(tag, Family::Hold);
            }
        }
        self.perform(&Choice::Deliver(id));
    }

    fn lose(&mut self, id: FlightId, tag: Tag, family: Family) {
        let born = std::mem::take(&mut self.track.scratch.born.flights);
        self.track.perform(&Choice::Lose(id));
        self.track.scratch.born.flights = born;
        self.credit(tag, family);
    }

    /// Messages that were held and no longer are go on.
    pub(super) fn release(&mut self) {
        let now = self.now();
        for (id, at) in self.track.links.take_held() {
            let tag = self.track.tag(id);
            match self.rates(tag).held {
                true => self.track.links.hold(tag.lane, id, at),
                false => self.queue.push(at.max(now), Event::Deliver(id)),
            }
        }
    }

    #[inline]
    fn rates(&mut self, tag: Tag) -> &Rates {
        let (plan, active, calm) = (&self.plan, &self.network, self.link);
        self.track.links.rates(tag.lane, |from, to, kind| rates_of(plan, active, calm, from, to, kind))
    }

    /// Counts a fault of the network for every active fault of the family that covers the lane.
    fn credit(&mut self, tag: Tag, family: Family) {
        let (from, to, kind) = self.track.links.ends(tag.lane);
        for &at in &self.network {
            let fault = &self.plan[at as usize].fault;
            let same = if let Fault::Drop { from: a, to: b, kind: it, nth } = fault {
                family == Family::Loss && (*a, *b, it.as_str(), *nth) == (from, to, kind, tag.nth)
            } else if let Fault::Cut(_) = fault {
                matches!(family, Family::TwoWayCut | Family::OneWayCut)
            } else {
                fault.family() == family
            };
            if same && reach(fault).is_none_or(|reach| reach.covers(from, to, kind)) {
                self.fired[at as usize] += 1;
            }
        }
    }
}

fn rates_of(
    plan: &[crate::fault::Planned],
    active: &[u32],
    calm: crate::fault::Shape,
    from: PeerId,
    to: PeerId,
    kind: &str,
) -> (Rates, Vec<u32>) {
    let mut rates = Rates::calm(calm);
    let mut drops = Vec::new();
    for &at in active {
        let fault = &plan[at as usize].fault;
        if let Fault::Drop { from: a, to: b, kind: it, nth } = fault {
            if (*a, *b, it.as_str()) == (from, to, kind) {
                drops.push(*nth);
            }
        } else if reach(fault).is_some_and(|reach| reach.covers(from, to, kind)) {
            rates.add(fault);
        }
    }
    (rates, drops)
}

//! Faults of processes, clocks and disks: how they begin, fire and end.

use crate::chance::{Dice, Odds};
use crate::fault::{Family, Fault, Planned, Reach};
use crate::link::reach;
use crate::simulate::Simulation;
use crate::simulate::post::DiskRates;
use crate::simulate::queue::Event;
use crate::subject::{Outside, Simulated};
use crate::world::{Choice, ClockChange, SyncId, Time};
use antfarm_machine::{Object, Operation, PeerId, Ppm, Span};

impl<M: Simulated, O: Outside<M>> Simulation<M, O> {
    pub(super) fn schedule(&mut self, at: usize) {
        let Planned { from, until, ref fault, .. } = self.plan[at];
        let of_process = matches!(fault, Fault::Crash(_) | Fault::Replace(_) | Fault::Pause(_));
        let at = u32::try_from(at).expect("fewer than 2^32 faults");
        // What is wrong from the beginning is so for the first step of each process too.
        if from == Time::ZERO && !of_process {
            self.begin(at);
        } else {
            self.queue.push(from, Event::Begin(at));
        }
        if let Some(until) = until {
            self.queue.push(until.max(from), Event::End(at));
        }
    }

    pub(super) fn begin(&mut self, at: u32) {
        self.active.push(at);
        let fault = self.plan[at as usize].fault.clone();
        if reach(&fault).is_some() || matches!(fault, Fault::Drop { .. }) {
            self.network.push(at);
            return self.changed_network(Some((at, &fault)));
        }
        let Some(node) = fault.node() else { return };
        let fired = match fault {
            Fault::Crash(_) => {
                self.posts[node.index()].downs += 1;
                self.crash(node, Vec::new())
            }
            Fault::Replace(_) => {
                self.posts[node.index()].downs += 1;
                self.crash(node, Vec::new());
                self.perform(&Choice::Replace(node));
                true
            }
            Fault::Pause(_) => {
                self.posts[node.index()].pauses += 1;
                self.pauses += 1;
                true
            }
            Fault::Offset(_, by) | Fault::Step(_, by) => self.clock(node, ClockChange::Step(by)),
            Fault::Drift(_, ppm) => self.clock(node, ClockChange::Drift(ppm)),
            Fault::Freeze(_) => self.clock(node, ClockChange::Freeze),
            Fault::Rot(_) => self.rot(node),
            Fault::SlowDisk(..)
            | Fault::Tear(..)
            | Fault::LoseSync(..)
            | Fault::FailSync(..)
            | Fault::LieSync(..)
            | Fault::LoseEntry(..)
            | Fault::Misdirect(..)
            | Fault::Fill(_) => {
                self.changed_disk(node);
                matches!(fault, Fault::SlowDisk(..))
            }
            Fault::Latency(..)
            | Fault::Lose(..)
            | Fault::Copy(..)
            | Fault::Reorder(..)
            | Fault::Corrupt(..)
            | Fault::Cut(_)
            | Fault::Hold(_)
            | Fault::Drop { .. } => false,
        };
        self.fired[at as usize] += u64::from(fired);
    }

    pub(super) fn end(&mut self, at: u32) {
        let Some(place) = self.active.iter().position(|active| *active == at) else { return };
        self.active.remove(place);
        let fault = self.plan[at as usize].fault.clone();
        if reach(&fault).is_some() || matches!(fault, Fault::Drop { .. }) {
            self.network.retain(|active| *active != at);
            return self.changed_network(None);
        }
        let Some(node) = fault.node() else { return };
        match fault {
            Fault::Crash(_) | Fault::Replace(_) => {
                let post = &mut self.posts[node.index()];
                post.downs -= 1;
                self.boot(node);
            }
            Fault::Pause(_) => {
                let post = &mut self.posts[node.index()];
                post.pauses -= 1;
                self.pauses -= 1;
                if post.pauses == 0 {
                    let now = self.track.world.now();
                    for event in std::mem::take(&mut self.posts[node.index()].deferred) {
                        self.queue.push(now, event);
                    }
                }
            }
            Fault::Drift(..) => {
                let others = self.active.iter().rev().map(|at| &self.plan[*at as usize].fault);
                let rate = others.filter(|other| other.node() == Some(node)).find_map(|other| {
                    let Fault::Drift(_, rate) = other else { return None };
                    Some(*rate)
                });
                self.clock(node, ClockChange::Drift(rate.unwrap_or(Ppm(0))));
            }
            Fault::Freeze(_) => {
                if !self.active.iter().any(|at| self.plan[*at as usize].fault == fault) {
                    self.clock(node, ClockChange::Thaw);
                }
            }
            Fault::SlowDisk(..)
            | Fault::Tear(..)
            | Fault::LoseSync(..)
            | Fault::FailSync(..)
            | Fault::LieSync(..)
            | Fault::LoseEntry(..)
            | Fault::Misdirect(..)
            | Fault::Fill(_) => self.changed_disk(node),
            Fault::Offset(..)
            | Fault::Step(..)
            | Fault::Rot(_)
            | Fault::Latency(..)
            | Fault::Lose(..)
            | Fault::Copy(..)
            | Fault::Reorder(..)
            | Fault::Corrupt(..)
            | Fault::Cut(_)
            | Fault::Hold(_)
            | Fault::Drop { .. } => {}
        }
    }

    /// The first phase is over: all faults end, the core runs, and everybody else is broken for ever.
    pub(super) fn heal(&mut self) {
        let over = std::mem::take(&mut self.active);
        self.network.clear();
        self.changed_network(None);
        for at in over {
            self.active.push(at);
            self.end(at);
        }
        for node in self.core.clone() {
            self.boot(node);
        }
        self.healed = Some(self.now());
        let fringe: Vec<PeerId> = self.track.world.ids().filter(|node| !self.core.contains(node)).collect();
        for node in fringe {
            let others: Vec<PeerId> = self.track.world.ids().filter(|other| *other != node).collect();
            let mut dice = self.chance.dice("fringe", &[u64::from(node.number())], "");
            let way = |from, to, both| Fault::Cut(Reach { from, to, both, kind: None });
            let fault = match dice.below(5) {
                0 => Fault::Crash(node),
                1 => Fault::Pause(node),
                2 => way(vec![node], others, true),
                3 => way(vec![node], others, false),
                _ => way(others, vec![node], false),
            };
            let _for_ever = self.inject(fault);
        }
    }

    /// Ends a process; what it asked of its disk happened wholly, partly or not at all. On an object that is `over`, nothing
    /// more happens.
    fn crash(&mut self, node: PeerId, mut over: Vec<Option<Object>>) -> bool {
        if !self.track.world.is_up(node) {
            return false;
        }
        let slot = self.posts[node.index()].crash_slot(&self.chance);
        let mut dice = slot.dice(0);
        let tears = self.posts[node.index()].disk.tear > Odds::NEVER;
        loop {
            let ready = self.track.world.disk(node).ready_requests();
            let Some((id, object, length)) = ready.into_iter().find(|(_, object, _)| !over.contains(object)) else { break };
            if length > 0 && tears && dice.below(2) == 0 {
                self.tear(node, id, length, &mut dice);
                over.push(object);
            } else if dice.below(2) == 0 {
                self.perform(&Choice::Tear(node, id, u32::MAX, 0));
            } else {
                over.push(object);
            }
        }
        self.perform(&Choice::Crash(node));
        self.posts[node.index()].ended();
        true
    }

    /// The power fails in the middle of an append: a part of it is on disk when the process starts again, a moment later.
    pub(super) fn sever(&mut self, node: PeerId, id: SyncId) {
        let Some(request) = self.track.world.request(node, id) else { return };
        let Operation::AppendAt { object, bytes, .. } = &request.operation else { return };
        if self.healed.is_some() {
            return;
        }
        let (object, length) = (object.clone(), bytes.len() as u64);
        let mut dice = self.posts[node.index()].crash_slot(&self.chance).dice(0);
        self.tear(node, id, length, &mut dice);
        self.crash(node, vec![Some(object)]);
        let back = self.now().after(Span::from_millis(dice.between(1, 2_000)));
        self.queue.push(back, Event::Boot(node));
    }

    /// A process starts again, unless something keeps it down; when it stands still, then afterwards.
    pub(super) fn boot(&mut self, node: PeerId) {
        let is_down = self.posts[node.index()].downs == 0 && !self.track.world.is_up(node);
        if is_down && !self.defer(node, Event::Boot(node)) {
            self.perform(&Choice::Start(node));
        }
    }

    /// Of an append, a prefix is on disk, perhaps followed by zeros.
    fn tear(&mut self, node: PeerId, id: SyncId, length: u64, dice: &mut Dice) {
        let keep = u32::try_from(dice.below(length)).unwrap_or(0);
        let zeros = if dice.below(2) == 0 { u32::try_from(dice.below(length)).unwrap_or(0) } else { 0 };
        self.perform(&Choice::Tear(node, id, keep, zeros));
        self.credit_node(node, Family::Torn);
    }

    pub(super) fn sync(&mut self, node: PeerId, id: SyncId) {
        let Some(request) = self.track.world.request(node, id) else { return };
        let verdict = self.posts[node.index()].verdict(id, &request.operation, self.track.world.disk(node));
        if let Some(family) = verdict.family() {
            self.credit_node(node, family);
        }
        self.perform(&Choice::Sync(node, id, verdict));
    }

    fn rot(&mut self, node: PeerId) -> bool {
        let mut dice = self.posts[node.index()].rot_slot(&self.chance).dice(0);
        let disk = self.track.world.disk(node);
        let at_rest: Vec<_> = disk.list().into_iter().map(|entry| (disk.at_rest(&entry.object), entry.object)).collect();
        let total: u64 = at_rest.iter().map(|(length, _)| length).sum();
        let mut spot = dice.below(total);
        let Some((_, object)) = at_rest.into_iter().find(|(length, _)| {
            let here = spot < *length;
            spot -= if here { 0 } else { *length };
            here
        }) else {
            return false;
        };
        let bit = u8::try_from(dice.below(8)).unwrap_or(0);
        self.perform(&Choice::Rot(node, object, spot, bit));
        !self.track.scratch.born.void
    }

    fn clock(&mut self, node: PeerId, change: ClockChange) -> bool {
        self.perform(&Choice::Clock(node, change));
        true
    }

    fn changed_network(&mut self, begun: Option<(u32, &Fault)>) {
        self.track.links.forget_rates();
        let stops = |at: &u32| matches!(self.plan[*at as usize].fault, Fault::Cut(_) | Fault::Hold(_));
        self.obstructed = self.network.iter().any(stops);
        // Latency acts on whatever is sent; the other faults of the network count what they hit.
        if let Some((at, Fault::Latency(..))) = begun {
            self.fired[at as usize] += 1;
        }
        self.release();
    }

    fn changed_disk(&mut self, node: PeerId) {
        let mut rates = DiskRates::calm(self.posts[node.index()].calm);
        for &at in &self.active {
            let fault = &self.plan[at as usize].fault;
            if fault.node() == Some(node) {
                rates.add(fault);
            }
        }
        self.posts[node.index()].disk = rates;
    }

    fn credit_node(&mut self, node: PeerId, family: Family) {
        for &at in &self.active {
            let fault = &self.plan[at as usize].fault;
            if fault.family() == family && fault.node() == Some(node) {
                self.fired[at as usize] += 1;
            }
        }
    }
}

//! One node: a machine, its disk, its clocks and its alarms; and the ports that the machine sees during a turn.

use crate::subject::Simulated;
use crate::world::slab::Slab;
use crate::world::{ArmId, Born, Disk, Flight, FlightId, NodeClock, Time};
use antfarm_machine::{Clock, Mono, Network, Now, Observer, PeerId, Request, Span, Storage};
use std::sync::Arc;

/// An armed alarm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Armed<T> {
    pub(crate) timer: T,
    pub(crate) id: ArmId,
    /// By the node's own clock. A walk that keeps time rings no earlier; walks without time ignore it.
    pub(crate) due: Mono,
}

/// One node of a world. What most turns do not touch lies elsewhere: a thousand nodes fit into the cache, and a walk that
/// clones one does not clone its disk.
#[derive(Clone, Debug)]
pub(crate) struct Node<M: Simulated> {
    pub(crate) configured: Arc<M>,
    pub(crate) machine: M,
    pub(crate) up: bool,
    pub(crate) lasting: bool,
    pub(crate) starts: u64,
    pub(crate) clock: NodeClock,
    pub(crate) disk: Arc<Disk>,
    /// In order of timer.
    pub(crate) armed: Vec<Armed<M::Timer>>,
    pub(crate) next_arm: u32,
}

impl<M: Simulated> Node<M> {
    pub(crate) fn new(machine: M) -> Self {
        Self {
            configured: Arc::new(machine.clone()),
            machine,
            up: false,
            lasting: false,
            starts: 0,
            clock: NodeClock::new(),
            disk: Arc::default(),
            armed: Vec::new(),
            next_arm: 0,
        }
    }

    pub(crate) fn start(&mut self, now: Time) -> u64 {
        assert!(!self.up, "only a process that is down starts");
        self.machine = M::clone(&self.configured);
        self.up = true;
        self.clock.boot(now);
        self.starts += 1;
        self.starts - 1
    }

    pub(crate) fn crash(&mut self) {
        assert!(self.up, "only a process that is up crashes");
        self.machine = M::clone(&self.configured);
        self.up = false;
        self.armed.clear();
        Arc::make_mut(&mut self.disk).crash();
    }

    pub(crate) fn ring(&mut self, arm: ArmId) -> Option<M::Timer> {
        let at = self.armed.iter().position(|armed| armed.id == arm)?;
        Some(self.armed.remove(at).timer)
    }
}

/// What a machine sees during a turn: the simulated ports of its node.
pub(crate) struct Room<'a, M: Simulated> {
    pub(crate) me: PeerId,
    pub(crate) now: Now,
    pub(crate) clock: &'a NodeClock,
    pub(crate) disk: &'a mut Arc<Disk>,
    pub(crate) armed: &'a mut Vec<Armed<M::Timer>>,
    pub(crate) next_arm: &'a mut u32,
    pub(crate) flights: &'a mut Slab<Flight<M>>,
    pub(crate) born: &'a mut Born<M>,
}

impl<M: Simulated> Clock<M::Timer> for Room<'_, M> {
    #[inline]
    fn now(&mut self) -> Now {
        self.now
    }

    #[inline]
    fn arm(&mut self, timer: M::Timer, after: Span) {
        let id = ArmId(*self.next_arm);
        *self.next_arm = self.next_arm.wrapping_add(1);
        let due = self.now.mono + after;
        match self.armed.binary_search_by(|armed| armed.timer.cmp(&timer)) {
            Ok(at) => self.armed[at] = Armed { timer, id, due },
            Err(at) => self.armed.insert(at, Armed { timer, id, due }),
        }
        self.born.rings.push((id, self.clock.wait(after)));
    }

    fn disarm(&mut self, timer: &M::Timer) {
        if let Ok(at) = self.armed.binary_search_by(|armed| armed.timer.cmp(timer)) {
            self.armed.remove(at);
        }
    }
}

impl<M: Simulated> Network<M::Message> for Room<'_, M> {
    #[inline]
    fn send(&mut self, to: PeerId, message: M::Message) {
        let flight = self.flights.insert(Flight { from: self.me, to, message });
        self.born.flights.push(FlightId(flight));
    }
}

impl<M: Simulated> Storage for Room<'_, M> {
    fn submit(&mut self, request: Request) {
        self.born.syncs.push(Arc::make_mut(self.disk).submit(request));
    }
}

impl<M: Simulated> Observer<M::Notice> for Room<'_, M> {
    fn tell(&mut self, notice: M::Notice) {
        self.born.notices.push(notice);
    }
}

//! What a machine finds around it during a round: a clock at once, everything else collected until the round is over.
//!
//! Then [`Room::perform`] hands over all requests, so that the disk finds them together, and only then all outputs.

use crate::metrics::Metrics;
use crate::{Alarms, Timekeeper};
use antfarm_machine::{Clock, Machine, Mono, Network, Now, Observer, PeerId, Ports, Request, Span, Storage};
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(crate) struct Room<M: Machine, K, N, S, O> {
    pub(crate) alarms: Alarms<M::Timer, K>,
    pub(crate) ports: Ports<(), N, S, O>,
    /// The reading that the last turn began with.
    pub(crate) began: Mono,
    /// Requests that were handed to the disk and not answered yet.
    pub(crate) unanswered: u64,
    requests: Vec<Request>,
    outputs: Vec<Output<M>>,
    metrics: Arc<Metrics>,
}

/// What leaves after the requests, in the order in which it was emitted.
enum Output<M: Machine> {
    Send(PeerId, M::Message),
    Tell(M::Notice),
}

impl<M, K, N, S, O> Room<M, K, N, S, O>
where
    M: Machine,
    K: Timekeeper,
    N: Network<M::Message>,
    S: Storage,
    O: Observer<M::Notice>,
{
    pub(crate) fn new(time: K, ports: Ports<(), N, S, O>, metrics: Arc<Metrics>) -> Self {
        let alarms = Alarms::new(time);
        let began = alarms.mono();
        Self { alarms, ports, began, unanswered: 0, requests: Vec::new(), outputs: Vec::new(), metrics }
    }

    /// Lets go of what the round's steps want done.
    pub(crate) fn perform(&mut self) {
        let (requests, outputs) = (self.requests.len() as u64, self.outputs.len() as u64);
        self.unanswered += requests;
        for request in self.requests.drain(..) {
            self.ports.storage.submit(request);
        }
        let mut sends = 0;
        for output in self.outputs.drain(..) {
            match output {
                Output::Send(to, message) => {
                    sends += 1;
                    self.ports.network.send(to, message);
                }
                Output::Tell(notice) => self.ports.observer.tell(notice),
            }
        }
        let metrics = &self.metrics;
        metrics.requests.fetch_add(requests, Ordering::Relaxed);
        metrics.sends.fetch_add(sends, Ordering::Relaxed);
        metrics.notices.fetch_add(outputs - sends, Ordering::Relaxed);
        metrics.unanswered.store(self.unanswered, Ordering::Relaxed);
        metrics.armed.store(self.alarms.armed() as u64, Ordering::Relaxed);
    }
}

impl<M: Machine, K: Timekeeper, N, S, O> Clock<M::Timer> for Room<M, K, N, S, O> {
    fn now(&mut self) -> Now {
        let now = self.alarms.now();
        self.began = now.mono;
        now
    }
    fn arm(&mut self, timer: M::Timer, after: Span) {
        self.alarms.arm(timer, after);
    }
    fn disarm(&mut self, timer: &M::Timer) {
        self.alarms.disarm(timer);
    }
}

impl<M: Machine, K, N, S, O> Network<M::Message> for Room<M, K, N, S, O> {
    fn send(&mut self, to: PeerId, message: M::Message) {
        self.outputs.push(Output::Send(to, message));
    }
}

impl<M: Machine, K, N, S, O> Storage for Room<M, K, N, S, O> {
    fn submit(&mut self, request: Request) {
        self.requests.push(request);
    }
}

impl<M: Machine, K, N, S, O> Observer<M::Notice> for Room<M, K, N, S, O> {
    fn tell(&mut self, notice: M::Notice) {
        self.outputs.push(Output::Tell(notice));
    }
}

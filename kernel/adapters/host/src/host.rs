//! The task that owns a machine: rounds of steps, from the first input to the last.
//!
//! A host is never half-alive: when the machine panics, which is a bug of ours, nothing of that round leaves, and the host ends. To all
//! others that is a crash, which every machine survives.

use crate::lanes::Lanes;
use crate::metrics::{Counts, Kind, Metrics};
use crate::room::Room;
use crate::{Recorder, Timekeeper};
use antfarm_machine::{Clock, Driver, Input, Machine, Mono, Network, Observer, Ports, Storage};
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::watch;
use tracing::Instrument;

/// A machine and what it is to run on. [`Host::start`] makes it run.
#[derive(Debug)]
pub struct Host<M: Machine, K, N, S, O = ()> {
    machine: M,
    incarnation: u64,
    ports: Ports<K, N, S, O>,
    recorder: Option<Recorder<M>>,
}

/// What is left of a host that was told to stop.
#[derive(Debug)]
pub struct Stopped<M: Machine, N, S, O> {
    /// The machine as it ended. Only for looking at: a new start begins with the machine as configured.
    pub machine: M,
    /// The ports, for whoever knows how to close them. Dropping some waits, for a disk say, which a task had better not do.
    pub ports: Ports<(), N, S, O>,
    /// How many requests were not answered within [`crate::Limits::grace`]; 0 after a clean end.
    pub unanswered: u64,
    /// The recorder, if there was one: [`Recorder::finish`] says whether all is written.
    pub recorder: Option<Recorder<M>>,
}

/// How a host ends.
pub type Ended<M, N, S, O> = Result<Stopped<M, N, S, O>, Panicked>;

/// The machine panicked in a step. The panic's own message went to the panic hook.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Panicked {
    /// What it was fed.
    pub kind: Kind,
    /// The how manieth input of this incarnation that was, from 0.
    pub step: u64,
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the machine panicked at input {}, of kind `{}`; this is a bug, please report it with the recording",
            self.step, self.kind
        )
    }
}

impl std::error::Error for Panicked {}

/// Stops a running host and reads what it counts. Cheap to clone; dropping it changes nothing.
#[derive(Clone, Debug)]
pub struct Handle {
    stop: Arc<watch::Sender<bool>>,
    metrics: Arc<Metrics>,
}

impl Handle {
    /// Tells the host to end: new messages and asks are refused, what waits is stepped, the receipts of what the disk holds are
    /// waited for within [`crate::Limits::grace`]. Returns at once; the host's future returns when that is done.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.metrics.read()
    }
}

impl<M, K, N, S, O> Host<M, K, N, S, O>
where
    M: Machine,
    K: Timekeeper,
    N: Network<M::Message> + Send,
    S: Storage + Send,
    O: Observer<M::Notice> + Send,
{
    /// `machine` as configured, on `ports`. No two starts of it may share an `incarnation`: see [`crate::next_incarnation`].
    pub const fn new(machine: M, incarnation: u64, ports: Ports<K, N, S, O>) -> Self {
        Self { machine, incarnation, ports, recorder: None }
    }

    /// Records the run.
    #[must_use]
    pub fn recorded(self, recorder: Recorder<M>) -> Self {
        Self { recorder: Some(recorder), ..self }
    }

    /// The running host: a future to spawn on a runtime. Dropping it is a crash.
    pub fn start(self, lanes: Lanes<M>) -> (Handle, impl Future<Output = Ended<M, N, S, O>> + Send) {
        let Self { machine, incarnation, ports: Ports { clock, network, storage, observer }, recorder } = self;
        let metrics = lanes.metrics.clone();
        let (stop, stopped) = watch::channel(false);
        let room = Room::new(clock, Ports { clock: (), network, storage, observer }, metrics.clone());
        let handle = Handle { stop: Arc::new(stop), metrics: metrics.clone() };
        let running = Running { machine, room, driver: Driver::new(), lanes, metrics, recorder, steps: 0, stopping: None };
        (handle, running.run(incarnation, stopped).instrument(tracing::info_span!("host", incarnation)))
    }
}

struct Running<M: Machine, K, N, S, O> {
    machine: M,
    room: Room<M, K, N, S, O>,
    driver: Driver<M>,
    lanes: Lanes<M>,
    metrics: Arc<Metrics>,
    recorder: Option<Recorder<M>>,
    steps: u64,
    /// When to give up waiting for receipts, once it was told to stop.
    stopping: Option<Mono>,
}

impl<M, K, N, S, O> Running<M, K, N, S, O>
where
    M: Machine,
    K: Timekeeper,
    N: Network<M::Message> + Send,
    S: Storage + Send,
    O: Observer<M::Notice> + Send,
{
    async fn run(mut self, incarnation: u64, mut stop: watch::Receiver<bool>) -> Ended<M, N, S, O> {
        tracing::info!("the machine wakes");
        self.step(Input::Woke { incarnation })?;
        self.perform();
        loop {
            if self.stopping.is_none() && *stop.borrow() {
                tracing::info!("told to stop");
                self.lanes.close();
                self.stopping = Some(self.room.alarms.mono() + self.lanes.limits.grace);
            }
            let stepped = self.round()?;
            if let Some(deadline) = self.stopping
                && (self.is_settled() || self.room.alarms.mono() >= deadline)
            {
                let unanswered = self.room.unanswered;
                tracing::info!(unanswered, "stopped");
                if let Some(recorder) = &mut self.recorder {
                    recorder.stopped();
                }
                return Ok(Stopped { machine: self.machine, ports: self.room.ports, unanswered, recorder: self.recorder });
            }
            if stepped > 0 {
                // Lets the network's tasks bring more for the next round, on a runtime of one thread too.
                tokio::task::yield_now().await;
                continue;
            }
            let rest = self.room.alarms.rest(self.stopping);
            tokio::select! {
                biased;
                () = self.lanes.wait() => {}
                () = rest => {}
                () = told(&mut stop), if self.stopping.is_none() => {}
            }
        }
    }

    /// Whether nothing waits, neither here nor at the disk.
    fn is_settled(&self) -> bool {
        self.room.unanswered == 0 && self.lanes.is_empty()
    }

    /// Steps what waits, lane by lane, then lets go of what the steps want done. Returns the number of steps.
    fn round(&mut self) -> Result<u64, Panicked> {
        let before = self.steps;
        self.metrics.depths(self.lanes.depths());
        let mut batch = self.lanes.take();
        for receipt in batch.receipts.drain(..) {
            self.room.unanswered = self.room.unanswered.saturating_sub(1);
            self.step(Input::Stored(receipt))?;
        }
        for (from, message) in batch.messages.drain(..) {
            self.step(Input::Heard { from, message })?;
        }
        let now = self.room.alarms.mono();
        for _ in 0..self.lanes.limits.round {
            let Some(timer) = self.room.alarms.take_due(now) else { break };
            self.step(Input::Rang(timer))?;
        }
        for ask in batch.asks.drain(..) {
            self.step(Input::Asked(ask))?;
        }
        if !batch.looks.is_empty() {
            let now = Clock::<M::Timer>::now(&mut self.room);
            for look in batch.looks.drain(..) {
                // Who looks changes nothing, so its bug is nobody else's.
                if catch_unwind(AssertUnwindSafe(|| look(now, &self.machine))).is_err() {
                    tracing::error!("somebody who looked at the machine panicked");
                }
            }
        }
        self.lanes.give_back(batch);
        let stepped = self.steps - before;
        if stepped > 0 {
            self.perform();
            self.metrics.rounds.count(stepped);
        }
        Ok(stepped)
    }

    /// Lets go of what a round's steps want done, and of what is recorded of them.
    fn perform(&mut self) {
        self.room.perform();
        if let Some(recorder) = &mut self.recorder {
            recorder.hand_over();
        }
    }

    fn step(&mut self, input: Input<M>) -> Result<(), Panicked> {
        let kind = Kind::of(&input);
        match &input {
            Input::Heard { from, .. } => tracing::trace!(kind = kind.name(), peer = from.number()),
            Input::Woke { .. } | Input::Asked(_) | Input::Stored(_) | Input::Rang(_) => tracing::trace!(kind = kind.name()),
        }
        let Self { machine, room, driver, recorder, metrics, .. } = self;
        // Neither the machine nor the driver is touched after a panic.
        let turned = catch_unwind(AssertUnwindSafe(|| match recorder {
            None => driver.turn(machine, room, input),
            Some(recorder) => recorder.turn(driver, machine, room, input, metrics),
        }));
        let step = self.steps;
        self.steps += 1;
        self.metrics.input(kind);
        self.metrics.steps.count(self.room.alarms.mono().since(self.room.began).as_nanos());
        turned.map_err(|_| {
            if let Some(recorder) = &mut self.recorder {
                recorder.panicked();
            }
            tracing::error!(kind = kind.name(), step, "the machine panicked");
            Panicked { kind, step }
        })
    }
}

/// Ends when somebody said stop; never when nobody is left to say it.
async fn told(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|told| *told).await.is_err() {
        std::future::pending().await
    }
}

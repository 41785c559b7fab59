//! What a host counts: plain atomics, read as a struct or as text for Prometheus. Numbers only, nothing of what inputs say.

use crate::Lane;
use crate::gauge::{Buckets, Histogram};
use antfarm_machine::{Input, Machine};
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

/// The kind of an input.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// [`Input::Woke`].
    Woke,
    /// [`Input::Asked`].
    Asked,
    /// [`Input::Heard`].
    Heard,
    /// [`Input::Stored`].
    Stored,
    /// [`Input::Rang`].
    Rang,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Woke, Self::Asked, Self::Heard, Self::Stored, Self::Rang];

    /// The kind of `input`.
    pub const fn of<M: Machine>(input: &Input<M>) -> Self {
        match input {
            Input::Woke { .. } => Self::Woke,
            Input::Asked(_) => Self::Asked,
            Input::Heard { .. } => Self::Heard,
            Input::Stored(_) => Self::Stored,
            Input::Rang(_) => Self::Rang,
        }
    }

    /// One word: `woke`, `asked`, `heard`, `stored`, `rang`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Woke => "woke",
            Self::Asked => "asked",
            Self::Heard => "heard",
            Self::Stored => "stored",
            Self::Rang => "rang",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is counted while a host runs.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    inputs: [AtomicU64; 5],
    refused: [AtomicU64; 2],
    depths: [AtomicU64; 3],
    deepest: [AtomicU64; 3],
    pub(crate) requests: AtomicU64,
    pub(crate) sends: AtomicU64,
    pub(crate) notices: AtomicU64,
    pub(crate) unanswered: AtomicU64,
    pub(crate) armed: AtomicU64,
    pub(crate) unrecorded: AtomicU64,
    pub(crate) rounds: Buckets,
    pub(crate) steps: Buckets,
}

impl Metrics {
    pub(crate) fn input(&self, kind: Kind) {
        self.inputs[kind as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn refuse(&self, lane: Lane) {
        self.refused[lane as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn depths(&self, depths: [usize; 3]) {
        for (lane, depth) in depths.into_iter().enumerate() {
            self.depths[lane].store(depth as u64, Ordering::Relaxed);
            self.deepest[lane].fetch_max(depth as u64, Ordering::Relaxed);
        }
    }

    pub(crate) fn read(&self) -> Counts {
        let read = |it: &AtomicU64| it.load(Ordering::Relaxed);
        let [woke, asked, heard, stored, rang] = self.inputs.each_ref().map(read);
        let depth = |lane: usize| Depth { now: read(&self.depths[lane]), most: read(&self.deepest[lane]) };
        Counts {
            inputs: KindCounts { woke, asked, heard, stored, rang },
            refused_messages: read(&self.refused[Lane::Messages as usize]),
            refused_asks: read(&self.refused[Lane::Asks as usize]),
            receipts: depth(0),
            messages: depth(1),
            asks: depth(2),
            requests: read(&self.requests),
            sends: read(&self.sends),
            notices: read(&self.notices),
            unanswered: read(&self.unanswered),
            armed: read(&self.armed),
            unrecorded: read(&self.unrecorded),
            inputs_per_round: self.rounds.read(),
            step_nanos: self.steps.read(),
        }
    }
}

/// What a host counted since its start. The parts are read one after another, so they may be a few inputs apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Inputs that were fed.
    pub inputs: KindCounts,
    /// Messages that were refused, because as many as [`crate::Limits::messages`] waited.
    pub refused_messages: u64,
    /// Asks that were refused, because as many as [`crate::Limits::asks`] waited.
    pub refused_asks: u64,
    /// Receipts that waited.
    pub receipts: Depth,
    /// Messages that waited.
    pub messages: Depth,
    /// Asks that waited.
    pub asks: Depth,
    /// Requests that were handed to the disk.
    pub requests: u64,
    /// Messages that were handed to the network.
    pub sends: u64,
    /// Notices that were told to the observer.
    pub notices: u64,
    /// Requests whose receipt has not come yet.
    pub unanswered: u64,
    /// Alarms that are armed.
    pub armed: u64,
    /// Inputs that a recording lacks, because it ended before the run did.
    pub unrecorded: u64,
    /// How many inputs each round stepped.
    pub inputs_per_round: Histogram,
    /// How long each step took, in nanoseconds, clock reading and collection of its effects included.
    pub step_nanos: Histogram,
}

/// How many waited in a lane, looked at when a round begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Depth {
    /// At the last round.
    pub now: u64,
    /// At any round.
    pub most: u64,
}

/// How many inputs of each [`Kind`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KindCounts {
    /// [`Kind::Woke`].
    pub woke: u64,
    /// [`Kind::Asked`].
    pub asked: u64,
    /// [`Kind::Heard`].
    pub heard: u64,
    /// [`Kind::Stored`].
    pub stored: u64,
    /// [`Kind::Rang`].
    pub rang: u64,
}

impl KindCounts {
    /// How many of one kind.
    pub const fn of(&self, kind: Kind) -> u64 {
        match kind {
            Kind::Woke => self.woke,
            Kind::Asked => self.asked,
            Kind::Heard => self.heard,
            Kind::Stored => self.stored,
            Kind::Rang => self.rang,
        }
    }
}

impl Counts {
    /// The same as text that Prometheus scrapes (exposition format 0.0.4); names begin with `antfarm_host_`.
    pub fn prometheus(&self) -> String {
        let mut text = String::new();
        let inputs = Kind::ALL.map(|kind| (format!("{{kind=\"{kind}\"}}"), self.inputs.of(kind)));
        family(&mut text, "inputs_total", "counter", "Inputs that were fed to the machine.", &inputs);
        let refused = [("messages", self.refused_messages), ("asks", self.refused_asks)].map(by_lane);
        family(&mut text, "refused_total", "counter", "Inputs that were refused because their lane was full.", &refused);
        let lanes = [("receipts", self.receipts), ("messages", self.messages), ("asks", self.asks)];
        let now = lanes.map(|(lane, depth)| by_lane((lane, depth.now)));
        family(&mut text, "waiting", "gauge", "Inputs that waited when the last round began.", &now);
        let most = lanes.map(|(lane, depth)| by_lane((lane, depth.most)));
        family(&mut text, "waiting_most", "gauge", "The most inputs that waited when a round began.", &most);
        let plain = |value| [(String::new(), value)];
        family(&mut text, "requests_total", "counter", "Requests that were handed to the disk.", &plain(self.requests));
        family(&mut text, "sends_total", "counter", "Messages that were handed to the network.", &plain(self.sends));
        family(&mut text, "notices_total", "counter", "Notices that were told to the observer.", &plain(self.notices));
        family(&mut text, "unanswered", "gauge", "Requests whose receipt has not come yet.", &plain(self.unanswered));
        family(&mut text, "armed", "gauge", "Alarms that are armed.", &plain(self.armed));
        let help = "Inputs that the recording lacks, because it ended before the run.";
        family(&mut text, "unrecorded_total", "counter", help, &plain(self.unrecorded));
        histogram(&mut text, "round_inputs", "Inputs that a round stepped.", &self.inputs_per_round);
        histogram(&mut text, "step_nanoseconds", "How long a step took.", &self.step_nanos);
        text
    }
}

fn by_lane((lane, value): (&str, u64)) -> (String, u64) {
    (format!("{{lane=\"{lane}\"}}"), value)
}

fn family(text: &mut String, name: &str, kind: &str, help: &str, samples: &[(String, u64)]) {
    head(text, name, kind, help);
    for (labels, value) in samples {
        line(text, name, labels, *value);
    }
}

fn histogram(text: &mut String, name: &str, help: &str, values: &Histogram) {
    head(text, name, "histogram", help);
    let bucket = format!("{name}_bucket");
    for (upper, seen) in values.cumulative() {
        line(text, &bucket, &format!("{{le=\"{upper}\"}}"), seen);
    }
    line(text, &bucket, "{le=\"+Inf\"}", values.count());
    line(text, &format!("{name}_sum"), "", values.sum());
    line(text, &format!("{name}_count"), "", values.count());
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    writeln!(text, "# HELP antfarm_host_{name} {help}\n# TYPE antfarm_host_{name} {kind}").expect("a string takes all text");
}

fn line(text: &mut String, name: &str, labels: &str, value: u64) {
    writeln!(text, "antfarm_host_{name}{labels} {value}").expect("a string takes all text");
}

//! A machine that does something of every kind, and a run of it on paper.

use antfarm_identity::Codec;
use antfarm_machine::{
    Clock, Driver, Effects, Input, Machine, Mono, Network, Now, Object, Observer, Operation, Outcome, PeerId, Receipt, Request,
    Span, Storage, Ticket, Wall,
};
use antfarm_recording::{Header, Scribe};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Sums up what it hears, in a manner of its own, and keeps it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) total: u64,
    /// From this total on it says something else than others do.
    pub(crate) deviates: Option<u64>,
    pub(crate) tickets: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub(crate) enum Want {
    Add(u64),
    Panic,
    Quiet,
}

impl Machine for Sum {
    type Ask = Want;
    type Message = String;
    type Timer = u16;
    type Notice = (u64, bool);

    fn step(&mut self, now: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        match input {
            Input::Woke { incarnation } => {
                *self = Self { deviates: self.deviates, ..Self::default() };
                self.total = incarnation;
                out.arm(7, Span::from_secs(1));
                out.arm(8, Span::from_secs(2));
            }
            Input::Asked(Want::Add(by)) => {
                self.total += by;
                let object = Object::new("sum").expect("a word is a name");
                let bytes = self.total.to_le_bytes().to_vec();
                self.tickets += 1;
                out.store(Ticket(self.tickets), Operation::AppendAt { object, expected_end: 8 * (self.tickets - 1), bytes });
                out.disarm(7);
            }
            Input::Asked(Want::Panic) => panic!("as it was asked"),
            Input::Asked(Want::Quiet) => self.total += 1_000,
            Input::Heard { from, message } => {
                let deviation = u64::from(self.deviates.is_some_and(|from| self.total >= from));
                out.send(from, format!("{message} {}", self.total + deviation));
            }
            Input::Stored(receipt) => out.tell((receipt.ticket.0, receipt.outcome == Outcome::Done)),
            Input::Rang(timer) => out.arm(timer, Span::from_nanos(now.mono.as_nanos())),
        }
    }
}

/// Ports that do nothing, and a clock that advances with each reading.
#[derive(Default)]
struct Paper(u64);

impl Clock<u16> for Paper {
    fn now(&mut self) -> Now {
        self.0 += 1_000;
        Now { mono: Mono::from_nanos(self.0), wall: Wall::from_nanos(7 * self.0) }
    }
    fn arm(&mut self, _: u16, _: Span) {}
    fn disarm(&mut self, _: &u16) {}
}

impl Network<String> for Paper {
    fn send(&mut self, _: PeerId, _: String) {}
}

impl Storage for Paper {
    fn submit(&mut self, _: Request) {}
}

impl Observer<(u64, bool)> for Paper {
    fn tell(&mut self, _: (u64, bool)) {}
}

pub(crate) fn header() -> Header {
    Header { machine: "sum".to_owned(), setup: vec![1, 2, 3] }
}

pub(crate) fn heard(message: &str) -> Input<Sum> {
    Input::Heard { from: PeerId::new(4), message: message.to_owned() }
}

/// One input of each kind, and then some.
pub(crate) fn inputs() -> Vec<Input<Sum>> {
    let receipt = |outcome| Input::Stored(Receipt { ticket: Ticket(1), outcome });
    vec![
        Input::Woke { incarnation: 5 },
        Input::Asked(Want::Add(3)),
        heard("a"),
        receipt(Outcome::Done),
        Input::Rang(8),
        receipt(Outcome::Data(vec![9; 300])),
        Input::Asked(Want::Quiet),
        heard("b"),
    ]
}

/// The recording of a run without its end, and its parts: header, then one for each input.
pub(crate) fn record(machine: &Sum, inputs: Vec<Input<Sum>>) -> (Scribe<Sum>, Vec<Vec<u8>>) {
    let (mut machine, mut driver, mut ports) = (machine.clone(), Driver::new(), Paper::default());
    let mut parts = vec![Vec::new()];
    let mut scribe = Scribe::new(&header(), &mut parts[0]);
    for input in inputs {
        let mut part = Vec::new();
        let turned = catch_unwind(AssertUnwindSafe(|| scribe.turn(&mut driver, &mut machine, &mut ports, input, &mut part)));
        if turned.is_err() {
            scribe.panicked(&mut part);
        }
        parts.push(part);
    }
    (scribe, parts)
}

/// The whole recording of a run that was told to end.
pub(crate) fn recorded(machine: &Sum, inputs: Vec<Input<Sum>>) -> Vec<u8> {
    let (mut scribe, mut parts) = record(machine, inputs);
    let mut end = Vec::new();
    scribe.stopped(&mut end);
    parts.push(end);
    parts.concat()
}

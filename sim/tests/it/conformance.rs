//! The simulated ports keep the contracts that real ones must keep.

use antfarm_conformance::{ClockRig, Delivery, NetworkRig, StorageRig};
use antfarm_identity::Codec;
use antfarm_machine::{Effects, Input, Machine, Now, PeerId, Ppm, Receipt, Request, Span};
use antfarm_sim::{Family, Fault, Injected, Nobody, Odds, Reach, Recorder, Shape, Simulation};

/// Does what it is asked, and keeps what it is fed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Puppet {
    fed: Vec<Fed>,
    taken: usize,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Fed {
    Heard(PeerId, Vec<u8>),
    Stored(Receipt),
    Rang(u8),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
enum Order {
    Send(PeerId, Vec<u8>),
    Store(Request),
    Arm(u8, Span),
    Disarm(u8),
    /// Forget what was fed before this many.
    Taken(u64),
}

impl Machine for Puppet {
    type Ask = Order;
    type Message = Vec<u8>;
    type Timer = u8;
    type Notice = ();

    fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        match input {
            Input::Woke { .. } => {}
            Input::Asked(Order::Send(to, bytes)) => out.send(to, bytes),
            Input::Asked(Order::Store(request)) => out.store(request.ticket, request.operation),
            Input::Asked(Order::Arm(timer, after)) => out.arm(timer, after),
            Input::Asked(Order::Disarm(timer)) => out.disarm(timer),
            Input::Asked(Order::Taken(count)) => self.taken = usize::try_from(count).expect("a small count"),
            Input::Heard { from, message } => self.fed.push(Fed::Heard(from, message)),
            Input::Stored(receipt) => self.fed.push(Fed::Stored(receipt)),
            Input::Rang(timer) => self.fed.push(Fed::Rang(timer)),
        }
    }
}

struct Rig {
    sim: Simulation<Puppet, Nobody>,
    /// Inputs wait while the clock is tested, until the kit takes them one by one.
    paused: Option<Injected>,
}

const ME: PeerId = PeerId::new(0);

impl Rig {
    fn new(seed: u64) -> Self {
        Self { sim: Simulation::seeded(seed, vec![Puppet::default(); 3]).record(Recorder::Off), paused: None }
    }

    /// Takes the next thing fed to a node, letting up to `patience` go by.
    fn take(&mut self, node: PeerId, patience: Span) -> Option<Fed> {
        let step = Span::from_micros(50);
        let end = self.sim.now().after(patience);
        loop {
            let puppet = self.sim.machine(node);
            if let Some(fed) = puppet.fed.get(puppet.taken).cloned() {
                let taken = puppet.taken as u64 + 1;
                self.sim.ask(node, Order::Taken(taken));
                return Some(fed);
            }
            if self.sim.now() >= end {
                return None;
            }
            self.sim.run_for(step);
        }
    }
}

impl StorageRig for Rig {
    fn submit(&mut self, request: Request) {
        self.sim.ask(ME, Order::Store(request));
    }

    fn next(&mut self) -> Option<Receipt> {
        match self.take(ME, Span::from_millis(500))? {
            Fed::Stored(receipt) => Some(receipt),
            Fed::Heard(..) | Fed::Rang(_) => unreachable!("only the disk was asked"),
        }
    }

    fn crash(&mut self) {
        let crash = self.sim.inject(Fault::Crash(ME));
        self.sim.lift(crash);
    }
}

impl NetworkRig for Rig {
    fn peers(&self) -> Vec<PeerId> {
        self.sim.world().ids().collect()
    }

    fn send(&mut self, from: PeerId, to: PeerId, message: Vec<u8>) {
        self.sim.ask(from, Order::Send(to, message));
    }

    fn next(&mut self) -> Option<Delivery> {
        for _ in 0..200 {
            for at in self.sim.world().ids() {
                if let Some(fed) = self.take(at, Span::ZERO) {
                    let Fed::Heard(from, message) = fed else { unreachable!("only messages were sent") };
                    return Some(Delivery { at, from, message });
                }
            }
            if self.sim.world().in_flight() == 0 {
                return None;
            }
            self.sim.run_for(Span::from_millis(1));
        }
        None
    }
}

impl ClockRig for Rig {
    const UNIT: Span = Span::from_secs(1);
    const SLACK: Span = Span::ZERO;

    fn now(&mut self) -> Now {
        self.sim.world().clock(ME)
    }

    fn arm(&mut self, timer: u8, after: Span) {
        self.sim.ask(ME, Order::Arm(timer, after));
    }

    fn disarm(&mut self, timer: u8) {
        self.sim.ask(ME, Order::Disarm(timer));
    }

    fn pass(&mut self, span: Span) -> Span {
        if self.paused.is_none() {
            self.paused = Some(self.sim.inject(Fault::Pause(ME)));
        }
        self.sim.run_for(span);
        span
    }

    fn take_ring(&mut self) -> Option<u8> {
        if let Some(paused) = self.paused.take() {
            self.sim.lift(paused);
        }
        let now = self.sim.now();
        let before = self.sim.machine(ME).fed.len();
        while self.sim.machine(ME).fed.len() == before && self.sim.step(now) {}
        self.paused = Some(self.sim.inject(Fault::Pause(ME)));
        match self.take(ME, Span::ZERO)? {
            Fed::Rang(timer) => Some(timer),
            Fed::Heard(..) | Fed::Stored(_) => unreachable!("only alarms were armed"),
        }
    }

    fn restart(&mut self) {
        let crash = self.sim.inject(Fault::Crash(ME));
        self.sim.lift(crash);
    }
}

#[test]
fn the_simulated_disk_keeps_the_contract_of_storage() {
    for seed in 0..10 {
        antfarm_conformance::storage(|| Rig::new(seed));
    }
}

#[test]
fn a_slow_disk_keeps_the_contract_of_storage() {
    antfarm_conformance::storage(|| {
        let mut rig = Rig::new(1);
        let slow = Shape::Uniform { low: Span::from_millis(1), high: Span::from_millis(90) };
        let _slow = rig.sim.inject(Fault::SlowDisk(ME, slow));
        rig
    });
}

#[test]
fn the_simulated_network_keeps_the_contract_of_network() {
    for seed in 0..10 {
        antfarm_conformance::network(|| Rig::new(seed));
    }
}

#[test]
fn a_bad_network_keeps_the_contract_of_network() {
    antfarm_conformance::network(|| {
        let mut rig = Rig::new(2);
        let _lossy = rig.sim.inject(Fault::Lose(Reach::default(), Odds::percent(30)));
        let _doubling = rig.sim.inject(Fault::Copy(Reach::default(), Odds::percent(30)));
        let _reordering = rig.sim.inject(Fault::Reorder(Reach::default(), Odds::percent(50), Span::from_millis(20)));
        rig
    });
}

#[test]
fn the_simulated_clock_keeps_the_contract_of_clock() {
    antfarm_conformance::clock(|| Rig::new(3));
}

#[test]
fn a_clock_that_drifts_and_steps_keeps_the_contract_of_clock() {
    for ppm in [1_000, -1_000] {
        antfarm_conformance::clock(|| {
            let mut rig = Rig::new(4);
            let _drift = rig.sim.inject(Fault::Drift(ME, Ppm(ppm)));
            let _step = rig.sim.inject(Fault::Step(ME, -3_600_000_000_000));
            rig
        });
    }
}

#[test]
fn a_network_that_corrupts_is_caught_by_the_contract() {
    let broken = std::panic::catch_unwind(|| {
        antfarm_conformance::network(|| {
            let mut rig = Rig::new(5);
            let _corrupting = rig.sim.inject(Fault::Corrupt(Reach::default(), Odds::ALWAYS));
            rig
        });
    });
    assert!(broken.is_err(), "corrupted messages arrive as if they had been sent: {}", Family::Corruption.name());
}

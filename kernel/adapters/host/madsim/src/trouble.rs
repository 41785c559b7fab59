//! What goes wrong in a world, drawn from its seed: processes killed, power cut, machines that stand still, lines that are clogged,
//! slow and lossy. Each seed turns each kind on or off.

use crate::bank::Bank;
use crate::machine::{Machine, NODES};
use crate::time::{Clocks, now, sleep};
use crate::trace::Trace;
use antfarm_machine::Span;
use madsim::net::NetSim;
use madsim::rand::{Rng, thread_rng};
use madsim::runtime::{Handle, NodeHandle};
use madsim::task::NodeId;
use std::time::Duration;

/// Which kinds of trouble a world has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Swarm {
    kills: bool,
    power: bool,
    pauses: bool,
    cuts: bool,
    weather: bool,
    /// The bank's machine is killed.
    bank: bool,
    /// Syncs fail.
    disks: bool,
}

/// The kinds of trouble, as they are counted.
pub const KINDS: [&str; 10] = [
    "processes killed",
    "power cuts",
    "connections that ended in silence",
    "machines stood still",
    "lines cut one way",
    "lines cut both ways",
    "machines cut off",
    "spells of loss",
    "bank killed",
    "syncs failed",
];

impl Swarm {
    /// Draws one.
    pub fn draw() -> Self {
        let mut dice = thread_rng();
        let mut on = || dice.gen_range(0..4) > 0;
        Self { kills: on(), power: on(), pauses: on(), cuts: on(), weather: on(), bank: on(), disks: on() }
    }
}

/// Where trouble strikes.
pub struct Place {
    /// The nodes, in the order of their numbers, and the machines below.
    pub nodes: Vec<(NodeHandle, Machine)>,
    /// The bank's machine.
    pub bank: NodeHandle,
    /// Counts.
    pub trace: Trace,
}

impl Place {
    /// Makes all the trouble, from now on for `span`; returns when all of it has passed.
    pub async fn trouble(&self, swarm: Swarm, span: Span) {
        let end = now() + span;
        if swarm.disks {
            self.nodes.iter().for_each(|(_, machine)| machine.platter.temper(400));
        }
        let mut tasks = Vec::new();
        for (node, machine) in &self.nodes {
            tasks.push(madsim::task::spawn(blows(node.id(), machine.clone(), swarm, end, self.trace.clone())));
        }
        let ids: Vec<NodeId> = self.nodes.iter().map(|(node, _)| node.id()).chain([self.bank.id()]).collect();
        if swarm.cuts {
            tasks.push(madsim::task::spawn(cuts(ids, end, self.trace.clone())));
        }
        if swarm.weather {
            tasks.push(madsim::task::spawn(weather(end, self.trace.clone())));
        }
        if swarm.bank {
            tasks.push(madsim::task::spawn(bank(self.bank.id(), end, self.trace.clone())));
        }
        for task in tasks {
            task.await.expect("trouble does not panic");
        }
        for (node, machine) in &self.nodes {
            machine.platter.temper(0);
            // Somebody looks after a daemon whose disk failed.
            if machine.platter.is_failed() {
                kill(node.id(), machine, false);
                again(node.id(), machine, &self.trace).await;
            }
        }
    }
}

/// A bank on a machine of its own.
pub fn open_bank(bank: &Bank) -> NodeHandle {
    let (bank, clocks) = (bank.clone(), Clocks { fast: 0, ahead: Span::ZERO });
    let ip = "10.0.1.1".parse().expect("an address");
    Handle::current().create_node().name("bank").ip(ip).init(move || bank.clone().serve(clocks)).build()
}

fn between(from: u64, below: u64) -> Span {
    Span::from_millis(thread_rng().gen_range(from..below))
}

/// Ends a process at once.
fn kill(id: NodeId, machine: &Machine, power: bool) {
    if power {
        machine.sockets.darken();
    }
    Handle::current().kill(id);
    machine.platter.crash();
    machine.ended();
}

async fn again(id: NodeId, machine: &Machine, trace: &Trace) {
    let short = thread_rng().gen_range(0..4) > 0;
    sleep(if short { between(1, 2_000) } else { between(2_000, 40_000) }).await;
    (0..machine.sockets.lighten()).for_each(|_| trace.count("connections that ended in silence"));
    Handle::current().restart(id);
}

/// What happens to one machine: one thing after the other.
async fn blows(id: NodeId, machine: Machine, swarm: Swarm, end: Span, trace: Trace) {
    loop {
        sleep(between(500, 12_000)).await;
        if now() > end {
            return;
        }
        match thread_rng().gen_range(0..3) {
            0 if swarm.kills => {
                trace.count("processes killed");
                kill(id, &machine, false);
                again(id, &machine, &trace).await;
            }
            1 if swarm.power => {
                trace.count("power cuts");
                kill(id, &machine, true);
                again(id, &machine, &trace).await;
            }
            2 if swarm.pauses => {
                trace.count("machines stood still");
                Handle::current().pause(id);
                sleep(between(10, 8_000)).await;
                Handle::current().resume(id);
            }
            _ => {}
        }
    }
}

async fn cuts(ids: Vec<NodeId>, end: Span, trace: Trace) {
    let net = NetSim::current();
    loop {
        sleep(between(500, 8_000)).await;
        if now() > end {
            return;
        }
        let one = thread_rng().gen_range(0..ids.len());
        let other = (one + thread_rng().gen_range(1..ids.len())) % ids.len();
        let (one, other) = (ids[one], ids[other]);
        // Sometimes for longer than connections live in silence.
        let span = if thread_rng().gen_range(0..4) > 0 { between(100, 5_000) } else { between(5_000, 45_000) };
        match thread_rng().gen_range(0..3) {
            0 => {
                trace.count("lines cut one way");
                net.clog_link(one, other);
                sleep(span).await;
                net.unclog_link(one, other);
            }
            1 => {
                trace.count("lines cut both ways");
                net.clog_link(one, other);
                net.clog_link(other, one);
                sleep(span).await;
                net.unclog_link(one, other);
                net.unclog_link(other, one);
            }
            _ => {
                trace.count("machines cut off");
                net.clog_node(one);
                sleep(span).await;
                net.unclog_node(one);
            }
        }
    }
}

/// Spells in which a part of what is sent has to be sent again, and all of it takes its time.
async fn weather(end: Span, trace: Trace) {
    let net = NetSim::current();
    loop {
        sleep(between(500, 10_000)).await;
        if now() > end {
            return;
        }
        trace.count("spells of loss");
        let (loss, slow) = (thread_rng().gen_range(1..30), thread_rng().gen_range(10..300));
        net.update_config(|config| {
            config.packet_loss_rate = f64::from(loss) / 100.0;
            config.send_latency = Duration::from_millis(1)..Duration::from_millis(slow);
        });
        sleep(between(500, 10_000)).await;
        net.update_config(|config| *config = madsim::net::Config::default());
    }
}

async fn bank(id: NodeId, end: Span, trace: Trace) {
    loop {
        sleep(between(1_000, 15_000)).await;
        if now() > end {
            return;
        }
        trace.count("bank killed");
        Handle::current().kill(id);
        sleep(between(1, 3_000)).await;
        Handle::current().restart(id);
    }
}

const _: () = assert!(NODES > 1, "there is somebody to be cut off from");

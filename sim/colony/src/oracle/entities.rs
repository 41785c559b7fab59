//! Entities: what holds of them on every node, and what goes between homes is applied once and not lost.
//!
//! After each event the invariants of the specs hold of the entities of the node that it was at. What a node sends to another home is on its
//! disk at that moment, and that it was delivered is on the disk of whoever says so; on no disk is one delivery applied twice, by the record
//! and the trigger that it comes from. In the end every delivery that one disk says was applied was sent by its home, in the same words;
//! each that was sent and does not wait any more was applied; and between healed nodes nothing waits for longer than [`delivered_within`],
//! nor does an alarm ring later than it was set for and [`LATE`].
//!
//! That each entity is the fold of its records is the business of `fold`, and that each step follows from its tables that of `refused`.
//!
//! Excused is a node whose disk was ever damaged, from what is said of disks. What it does not see: who may act, which the oracles of
//! writs see; what triggers set going outside.

use crate::member::{Colonist, Told};
use crate::oracle::book::Cursor;
use crate::oracle::excuse::Hung;
use antfarm_automata::entities::{Delivery, Happened, Move, Step, home_of};
use antfarm_automata::{Spec, State, Text};
use antfarm_keeper::Atlas;
use antfarm_machine::{PeerId, Span, reached};
use antfarm_node::{Body, Config, Fact, Node, Notice, home_name};
use antfarm_sim::{Disk, Moment, Oracle, Phase, Time, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// How much later than it was set for an alarm may ring at a healed node: clocks drift, and a disk may be busy.
pub const LATE: Span = Span::from_secs(10);

/// How long a delivery may wait between healed nodes, behind so many others: each pulse tells the first sixteen again.
pub fn delivered_within(config: &Config, waiting: usize) -> Span {
    let rounds = u64::try_from(waiting / 16).unwrap_or(u64::MAX).saturating_add(6);
    config.pulse.times(rounds) + Span::from_secs(5)
}

/// See the module.
#[derive(Clone, Default, Debug)]
pub struct Entities {
    atlas: Atlas,
    hung: Hung,
    nodes: BTreeMap<PeerId, Log>,
    /// When something was sent or delivered last.
    latest: Time,
}

/// What the disk of a node says.
#[derive(Clone, Default, Debug)]
struct Log {
    cursor: Cursor,
    records: u64,
    /// By home and number.
    sent: BTreeMap<(Text, u64), Delivery>,
    received: BTreeMap<(Text, u64), Delivery>,
    /// By home, record, place and trigger.
    applied: BTreeSet<(Text, u64, u32, u16)>,
}

/// What one node tells another of deliveries.
#[derive(Clone, Copy, Debug)]
enum Said<'a> {
    /// This is sent.
    Sent(&'a Delivery),
    /// All below this number were recorded.
    Received(u64),
}

impl Log {
    /// Whether the disk says what the other home is told.
    fn says(&self, home: &Text, said: Said<'_>) -> bool {
        match said {
            Said::Sent(delivery) => self.sent.get(&(home.clone(), delivery.seq)) == Some(delivery),
            Said::Received(0) => true,
            Said::Received(below) => self.received.contains_key(&(home.clone(), below - 1)),
        }
    }

    /// Reads what was appended since; what was applied twice.
    fn read_on(&mut self, disk: &Disk) -> Option<Delivery> {
        let Self { cursor, sent, received, applied, .. } = self;
        let mut twice = None;
        let mut take = |step: &Step| {
            for happened in &step.happened {
                if let Happened::Sent(it) = happened {
                    sent.insert((home_of(&it.id).into(), it.seq), it.clone());
                }
            }
            if let Move::Deliver(it) = &step.asked.moved {
                let is_first = applied.insert((it.from.clone(), it.record, it.of, it.trigger));
                let is_new = received.insert((it.from.clone(), it.seq), it.clone()).is_none();
                if !is_first || !is_new {
                    twice = Some(it.clone());
                }
            }
        };
        cursor.read_on(disk, &mut |fact| {
            if let Fact::Acted { step, .. } | Fact::Moved { step, .. } = &fact {
                take(step);
            }
        });
        twice
    }
}

/// What an entity is, behind its name.
fn is(spec: &Spec, state: &State) -> String {
    let status = spec.states.get(state.status()).map_or("?", |it| it);
    let slots = spec.variables.iter().zip(state.slots()).map(|(variable, value)| format!("{} = {value}", variable.name));
    let slots: Vec<String> = slots.collect();
    let with = if slots.is_empty() { "" } else { " with " };
    format!(", which is `{status}`{with}{}", slots.join(", "))
}

impl<M: Colonist, O> Oracle<M, O> for Entities {
    fn property(&self) -> &'static str {
        "entities"
    }

    fn claim(&self) -> &'static str {
        "entities keep their invariants, and what goes between homes is applied once and not lost"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.atlas.watch(moment);
        self.hung.watch(moment.choice);
        let Some((at, node)) = moment.turned().and_then(|(at, it)| Some((at, it.node()?))) else { return Ok(()) };
        let Some(suite) = &node.config().suite else { return Ok(()) };
        let log = self.nodes.entry(at).or_default();
        if moment.notices.iter().any(|told| matches!(told, Told::Node(Notice::Opened(_)))) {
            // Its disk may have lost something: it is read anew.
            *log = Log::default();
        }
        let is_harmed = self.atlas.harms(at).next().is_some();
        let records = node.ledger().submitted().map_or(0, |(records, _)| records);
        if std::mem::replace(&mut log.records, records) != records && node.is_serving() {
            reached!("oracle.entities");
            if let Some((who, invariant)) = node.state().entities().violated(suite) {
                let spec = suite.table(who.entity).expect("what is violated has a table").spec();
                let name = &spec.invariants[invariant].name;
                let held = node.state().entities().iter().find(|(of, id, _)| *of == who.entity && **id == who.id);
                let what = held.map_or_else(String::new, |(_, _, held)| is(spec, &held.state));
                return Err(Violation::at(at, format!("`{name}` does not hold of `{}` `{}`{what}", spec.entity, who.id)));
            }
        }
        for (to, message) in moment.messages() {
            let said = if let Body::Deliver(it) = &message.body {
                Said::Sent(&it.delivery)
            } else if let Body::Delivered { below } = message.body {
                Said::Received(below)
            } else {
                continue;
            };
            let Some(home) = node.config().nodes.get(&to).map(home_name) else { continue };
            let before = (log.sent.len(), log.received.len());
            let twice = log.read_on(moment.world.disk(at));
            if before != (log.sent.len(), log.received.len()) {
                self.latest = moment.at();
            }
            if let Some(twice) = twice.filter(|_| !is_harmed) {
                return Err(Violation::at(at, format!("it applied a delivery twice: {twice:?}")));
            }
            if !log.says(&home, said) {
                if !is_harmed {
                    return Err(Violation::at(at, format!("it tells what its disk does not say: {:?}", message.body)));
                }
                reached!("oracle.entities.excused");
            }
        }
        Ok(())
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let node = |at: PeerId| moment.world.machine(at).node().filter(|it| it.config().suite.is_some());
        let nodes: Vec<(PeerId, &Node)> = moment.world.ids().filter_map(|at| Some((at, node(at)?))).collect();
        let mut whole = BTreeMap::new();
        for (at, node) in &nodes {
            if self.atlas.harms(*at).next().is_some() {
                reached!("oracle.entities.excused");
                continue;
            }
            let mut log = Log::default();
            if let Some(twice) = log.read_on(moment.world.disk(*at)) {
                return Err(Violation::at(*at, format!("it applied a delivery twice: {twice:?}")));
            }
            whole.insert(home_name(&node.config().me()), (*at, *node, log));
        }
        for (home, (at, node, log)) in &whole {
            for ((from, seq), delivery) in &log.received {
                let Some((_, _, sender)) = whole.get(from) else { continue };
                if sender.sent.get(&(home.clone(), *seq)) != Some(delivery) {
                    return Err(Violation::at(*at, format!("it applied what was not sent so: {delivery:?}")));
                }
                reached!("oracle.entities.applied");
            }
            for ((to, seq), delivery) in &log.sent {
                let Some((_, _, target)) = whole.get(to) else { continue };
                let outbox = node.state().entities().pending().find(|(name, _)| *name == to).map(|(_, outbox)| outbox);
                let is_known = outbox.is_some_and(|it| it.next > *seq);
                let waits = outbox.is_some_and(|it| it.waiting.iter().any(|it| it.seq == *seq));
                if is_known && node.is_serving() && !waits && !target.received.contains_key(&(home.clone(), *seq)) {
                    return Err(Violation::at(*at, format!("what it sent was lost: {delivery:?}")));
                }
            }
        }
        let Phase::Healed { core, since } = moment.phase else { return Ok(()) };
        let serves =
            |at: &PeerId, node: &Node| core.contains(at) && moment.world.is_up(*at) && node.is_serving() && !self.hung.has(*at);
        for (at, node) in nodes.iter().filter(|(at, node)| serves(at, node)) {
            for (home, outbox) in node.state().entities().pending().filter(|(_, it)| !it.waiting.is_empty()) {
                let is_open = nodes.iter().any(|(other, it)| home_name(&it.config().me()) == *home && serves(other, it));
                let until = since.max(self.latest).after(delivered_within(node.config(), outbox.waiting.len()));
                if is_open && moment.at() > until && since.after(LATE.times(3)) < moment.at() {
                    return Err(Violation::at(*at, format!("{} deliveries wait for {home}", outbox.waiting.len())));
                }
            }
            let healed = moment.at().since(since).as_nanos() / 1_000_000;
            let healed = i64::try_from(healed).unwrap_or(i64::MAX);
            let late = i64::try_from(LATE.as_nanos() / 1_000_000).unwrap_or(i64::MAX);
            let now = i64::try_from(moment.world.clock(*at).wall.as_nanos() / 1_000_000).unwrap_or(i64::MAX);
            for (alarm, armed) in node.state().entities().alarms() {
                // By its own clock it is late, and since it is healed it had all the time that it was set for.
                if armed.due().saturating_add(late) < now && armed.after.saturating_add(late) < healed {
                    return Err(Violation::at(*at, format!("an alarm that was due at {} did not ring: {alarm:?}", armed.due())));
                }
            }
        }
        Ok(())
    }
}

//! Once: an effect happens at most once, whatever crashes, is lost and comes twice; and no attempt is lost.
//!
//! - A tool acts on a key at most once in a whole run.
//! - A call of a blind tool is sent at most once: the message, whatever the node tells of it.
//! - It acts only on calls that a node sent, and that node's disk said before that the call was started.
//! - Whoever opens its log knows all of its calls that took effect, but for those that are past by its mark; and that is no time that
//!   its clock never read.
//! - In the end, a call that is done took effect once (at no tool, where an entity did it), one that failed or was withheld never; also one
//!   that was forgotten, of which
//!   the disk says how it ended.
//!
//! A node whose disk took back what it had answered to (`Loss::Answered`) may have forgotten a call, and is excused. So is a call
//! whose key was altered under way, or whose deadline, where it only asks: calls are not signed, and nobody sent that one. Of calls that were in doubt a person says how
//! they ended. A blind tool does what it hears: where a network doubled the one call that was sent, it acts twice, or fails and acts,
//! and nobody is to blame.
//!
//! What it does not see: whether a tool did what it was asked, only that it acted. A node that is not open in the end is not asked.

use crate::member::{Member, Moment, Told};
use crate::oracle::book::{Book, Claim};
use crate::oracle::excuse::{Doubts, Lies};
use crate::tool::{Tool, ToolTold};
use antfarm_authority::{EffectKey, is_forgotten};
use antfarm_machine::{PeerId, Wall, reached};
use antfarm_node::{Body, Call, Node, Notice, Phase};
use antfarm_sim::{Choice, Disk, FlightId, Nobody, Oracle, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// Every key takes effect at most once, and none without a record.
#[derive(Clone, Default, Debug)]
pub struct Once {
    lies: Lies,
    doubts: Doubts,
    /// The keys of calls under way, as their senders wrote them, and whether they only ask how the call went.
    under_way: BTreeMap<FlightId, (EffectKey, bool)>,
    /// Whose disk said that the call was started when it was sent, and until when it could be.
    recorded: BTreeMap<EffectKey, (PeerId, Wall)>,
    /// The latest that the wall clocks of nodes read.
    latest: BTreeMap<PeerId, Wall>,
    /// What was sent to blind tools.
    blind: BTreeSet<EffectKey>,
    /// How many records of each log were looked at.
    looked_at: BTreeMap<PeerId, u64>,
    /// What entities did: it is done when it is recorded, and no tool hears of it.
    by_entities: BTreeSet<EffectKey>,
    acted: BTreeMap<EffectKey, Acted>,
}

/// That a key took effect.
#[derive(Clone, Copy, Debug)]
struct Acted {
    caller: PeerId,
    times: u32,
}

impl Oracle<Member, Nobody> for Once {
    fn property(&self) -> &'static str {
        "once"
    }

    fn claim(&self) -> &'static str {
        "every call takes effect at most once, and only after its start was on its node's disk"
    }

    fn after(&mut self, moment: &Moment<'_>) -> Result<(), Violation> {
        self.lies.watch(moment);
        self.doubts.watch(moment);
        let Some(at) = moment.node else { return Ok(()) };
        let latest = self.latest.entry(at).or_default();
        *latest = moment.world.clock(at).wall.max(*latest);
        if let Some(node) = moment.world.machine(at).node().filter(|node| node.state().mark() > *latest) {
            let mark = node.state().mark();
            return Err(Violation::at(
                at,
                format!("it forgot what was over by {mark:?}, and its clock never read more than {latest:?}"),
            ));
        }
        if let Some(node) = moment.world.machine(at).node() {
            self.sent(at, moment)?;
            if node.config().suite.is_some() {
                self.follow(at, node, moment);
            }
        }
        for told in moment.notices {
            match (told, moment.world.machine(at).node()) {
                (Told::Node(Notice::Called(call)), Some(node)) => self.called(at, node, call, moment)?,
                (Told::Node(Notice::Opened(_)), Some(node)) => self.knows_all(at, node)?,
                (Told::Tool(ToolTold::Acted { key, caller }), _) => self.acted(at, *key, *caller, moment)?,
                (Told::Node(_) | Told::Tool(_), _) => {}
            }
        }
        Ok(())
    }

    fn at_end(&mut self, moment: &Moment<'_>) -> Result<(), Violation> {
        for at in moment.world.ids() {
            let Some(node) = moment.world.machine(at).node().filter(|node| node.is_serving()) else { continue };
            self.knows_all(at, node)?;
            self.ended_well(at, node, moment)?;
            self.forgotten_well(at, node, moment)?;
        }
        Ok(())
    }
}

impl Once {
    /// Takes up what entities did. What is settled when it is first seen is no call of a tool. A disk may lie about it later.
    fn follow(&mut self, at: PeerId, node: &Node, moment: &Moment<'_>) {
        let records = node.ledger().submitted().map_or(0, |(records, _)| records);
        let opened = moment.notices.iter().any(|told| matches!(told, Told::Node(Notice::Opened(_))));
        let before = self.looked_at.insert(at, records).filter(|before| *before < records && !opened);
        let Some(before) = before else { return };
        let acts = node.state().effects().filter(|(_, it)| it.position() >= before && matches!(it.phase(), Phase::Done(_)));
        self.by_entities.extend(acts.map(|(key, _)| key));
    }

    /// How often a tool hears of a call that is done.
    fn wanted(&self, key: EffectKey) -> u32 {
        u32::from(!self.by_entities.contains(&key))
    }

    /// Whoever does not know how a blind call went leaves it to a person.
    fn sent(&mut self, at: PeerId, moment: &Moment<'_>) -> Result<(), Violation> {
        for (to, message) in moment.messages() {
            let Body::Call(call) = &message.body else { continue };
            for (id, flight) in moment.world.flights() {
                if flight.from == at && matches!(&flight.message.body, Body::Call(it) if it.key == call.key) {
                    self.under_way.insert(id, (call.key, call.deadline == Wall::ZERO));
                }
            }
            if !moment.world.machine(to).tool().is_some_and(Tool::is_blind) {
                continue;
            }
            reached!("oracle.once.blind");
            if !self.blind.insert(call.key) {
                if !self.lies.told(at) {
                    return Err(Violation::at(at, format!("sends {:?} again, and its tool is blind", call.key)));
                }
                reached!("oracle.once.excused");
            }
        }
        Ok(())
    }

    fn called(&mut self, at: PeerId, node: &Node, call: &Call, moment: &Moment<'_>) -> Result<(), Violation> {
        let key = call.key;
        let Some(effect) = node.state().effect(key) else {
            return Err(Violation::at(at, format!("sends {key:?}, which it never started")));
        };
        if effect.call() != Some(call) {
            return Err(Violation::at(at, format!("sends {key:?}, which is settled or was started with another content")));
        }
        let until = effect.until();
        if self.recorded.contains_key(&key) {
            return Ok(());
        }
        reached!("oracle.once");
        let durable = node.ledger().durable().is_some_and(|head| head.records > effect.position());
        if durable && says(moment.world.disk(at), key) {
            self.recorded.insert(key, (at, until));
        } else if self.lies.told(at) {
            reached!("oracle.once.excused");
            self.recorded.insert(key, (at, until));
        } else {
            return Err(Violation::at(at, format!("sends {key:?}, and its disk does not say that it was started")));
        }
        Ok(())
    }

    fn acted(&mut self, tool: PeerId, key: EffectKey, caller: PeerId, moment: &Moment<'_>) -> Result<(), Violation> {
        let sent = if let Choice::Deliver(id) = moment.choice { self.under_way.remove(id) } else { None };
        let acted = self.acted.entry(key).or_insert(Acted { caller, times: 0 });
        acted.times += 1;
        if acted.times > 1 {
            // That a blind call was sent once was seen when it was sent.
            if !self.lies.told(caller) && !doubled(key, moment) {
                return Err(Violation::at(tool, format!("acted on {key:?} {} times", acted.times)));
            }
            reached!("oracle.once.excused");
        }
        if self.recorded.get(&key).map(|(node, _)| node) != Some(&caller) {
            // Its key was altered, or its deadline: it only asked how the call went.
            if sent.is_none_or(|(sent, only_asks)| sent == key && !only_asks) {
                return Err(Violation::at(tool, format!("acted on {key:?}, which {caller:?} never said that it sends")));
            }
            reached!("oracle.once.excused");
        }
        Ok(())
    }

    /// Whether a node that opened its log knows of all that was done for it.
    fn knows_all(&self, at: PeerId, node: &Node) -> Result<(), Violation> {
        let is_past = |until: &Wall| {
            let past = is_forgotten(*until, node.state().mark());
            if past {
                reached!("oracle.once.forgotten");
            }
            past
        };
        let mine = |(key, acted): &(&EffectKey, &Acted)| {
            acted.caller == at && self.recorded.get(key).is_some_and(|(_, until)| !is_past(until))
        };
        let Some((key, _)) = self.acted.iter().filter(mine).find(|(key, _)| node.state().effect(**key).is_none()) else {
            return Ok(());
        };
        if self.lies.told(at) {
            reached!("oracle.once.excused");
            return Ok(());
        }
        Err(Violation::at(at, format!("does not know that it ever called {key:?}, which took effect")))
    }

    fn ended_well(&self, at: PeerId, node: &Node, moment: &Moment<'_>) -> Result<(), Violation> {
        for (key, effect) in node.state().effects() {
            match effect.phase() {
                Phase::Started | Phase::Doubted => {}
                Phase::Withheld(_) => self.ended(at, key, "withheld", 0, moment)?,
                Phase::Done(_) => self.ended(at, key, "done", self.wanted(key), moment)?,
                Phase::Failed => self.ended(at, key, "failed", 0, moment)?,
            }
        }
        Ok(())
    }

    /// As its disk says of the calls that the node forgot.
    fn forgotten_well(&self, at: PeerId, node: &Node, moment: &Moment<'_>) -> Result<(), Violation> {
        if node.state().mark() == Wall::ZERO {
            return Ok(());
        }
        for claim in Book::of(moment.world.disk(at)).claims() {
            match claim {
                Claim::Withheld(key, _) if node.state().effect(*key).is_none() => self.ended(at, *key, "withheld", 0, moment)?,
                Claim::Done(key, _) if node.state().effect(*key).is_none() => {
                    self.ended(at, *key, "done", self.wanted(*key), moment)?;
                }
                Claim::Failed(key) if node.state().effect(*key).is_none() => self.ended(at, *key, "failed", 0, moment)?,
                Claim::Withheld(..)
                | Claim::Done(..)
                | Claim::Failed(_)
                | Claim::Writ(_)
                | Claim::Given(_)
                | Claim::Begun(_)
                | Claim::Doubted(_)
                | Claim::Refused(..)
                | Claim::Denied(..)
                | Claim::Dead(_)
                | Claim::Closed(_)
                | Claim::Reclaimed(_)
                | Claim::Forked(_)
                | Claim::Task(_)
                | Claim::Ended(..)
                | Claim::Reported(..) => {}
            }
        }
        Ok(())
    }

    fn ended(&self, at: PeerId, key: EffectKey, said: &str, expected: u32, moment: &Moment<'_>) -> Result<(), Violation> {
        let times = self.acted.get(&key).map_or(0, |acted| acted.times);
        reached!("oracle.once.ended");
        if times == expected {
            return Ok(());
        }
        if self.doubts.about(key) || self.lies.told(at) || doubled(key, moment) {
            reached!("oracle.once.excused");
            return Ok(());
        }
        Err(Violation::at(at, format!("says that {key:?} was {said}; it took effect {times} times")))
    }
}

/// Whether a blind tool heard this call more than once.
fn doubled(key: EffectKey, moment: &Moment<'_>) -> bool {
    let tools = moment.world.ids().filter_map(|peer| moment.world.machine(peer).tool());
    tools.filter(|tool| tool.is_blind()).any(|tool| tool.heard(key) > 1)
}

/// Whether this key stands anywhere on the disk: nothing but records of the call itself has it.
fn says(disk: &Disk, key: EffectKey) -> bool {
    let wanted = *key.digest().as_bytes();
    // From the end: what was just recorded is looked for.
    let is_it = |it: &[u8]| it[0] == wanted[0] && it == wanted;
    disk.list().iter().rev().any(|entry| disk.bytes(&entry.object).windows(wanted.len()).rev().any(is_it))
}

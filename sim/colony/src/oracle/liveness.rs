//! Liveness: in the second phase the core makes progress, within bounds that follow from how it is set up.
//!
//! - A node of the core is open, or opens within [`opens_within`].
//! - What was recorded is durable within [`SLACK`].
//! - A call that was started is answered: done, failed, withheld or in doubt, within [`answered_within`].
//! - A writ that was given is on its home's ledger, what a closed writ left is back at its parent's home, and how a task ended is
//!   known to its giver, within [`spread_within`], where both homes are in the core.
//! - A task ends within two pulses and [`SLACK`] of when its time is over.
//! - In either phase, what is decided is told in the very event in which it is durable, while the log stays open.
//!
//! A writ that is over by the mark of one of the two is handed on no more.
//!
//! Excused is a node whose disk hangs (nobody restarts it), one whose disk was damaged, and calls when a tool is not in the core.
//! What it does not see: asks that are told `Busy`; what a client hears of a call when the process restarted between the record
//! and the word of it, after which the client asks again. Each reopening starts the bound of a call anew, because what was tried is
//! forgotten then, and all that is under way is tried at once.

use crate::member::{Colonist, Told};
use crate::oracle::book::{Book, Claim, of_ending};
use crate::oracle::excuse::Hung;
use antfarm_authority::{EffectKey, Nonce, Resolution, Writ, WritId, is_over};
use antfarm_identity::PublicKey;
use antfarm_keeper::Atlas;
use antfarm_machine::{PeerId, Span, Wall, reached};
use antfarm_node::{Config, Fact, Node, Notice, Run};
use antfarm_sim::{Choice, Disk, Moment, Oracle, Phase, Time, Violation};
use std::collections::BTreeMap;

/// Room for messages, disks, and clocks that are slow.
pub const SLACK: Span = Span::from_secs(5);

/// How long a healed node may take to open its log: it waits before it tries again, and a log is read in a few seconds.
pub fn opens_within(config: &Config) -> Span {
    config.reopen_after.times(2) + SLACK
}

/// How long a call may be under way from the moment when its node, tool and links are healed and its node is open.
///
/// A node asks a tool again after its patience, and then each time after twice as long, up to 64 times its patience. A tool may go
/// on answering with nothing that helps until its retention is over; the next time that the node would ask is the last. If it
/// asks at `p`, `3p`, `7p` and so on, that is at most twice the retention and its patience, and never more than 64 times its
/// patience later than the retention. A call that nobody can ask about is in doubt after its patience.
pub fn answered_within(config: &Config, resolution: Resolution) -> Span {
    let patience = config.patience;
    let bound = match resolution {
        Resolution::Keyed { retention } | Resolution::Closable { retention } => {
            (retention.times(2) + patience).min(retention + patience.times(64))
        }
        Resolution::Blind => patience,
    };
    bound + bound.over(100) + SLACK
}

/// How long it may take until one node heard what another tells again in each pulse, 16 things at a time, of which there are so many.
pub fn spread_within(config: &Config, things: usize) -> Span {
    config.pulse.times(u64::try_from(things.div_ceil(16)).unwrap_or(u64::MAX).saturating_mul(2).saturating_add(3)) + SLACK
}

/// A healed core makes progress.
#[derive(Clone, Default, Debug)]
pub struct Liveness {
    atlas: Atlas,
    hung: Hung,
    nodes: BTreeMap<PeerId, Watched>,
}

/// What one node has yet to do.
#[derive(Clone, Default, Debug)]
struct Watched {
    book: Book,
    serving: bool,
    /// Since when the log is open, or not.
    since: Time,
    /// Since when something waits for its disk.
    behind: Option<Time>,
    durable: Option<u64>,
    /// When it last gave, got or closed a writ.
    latest: Time,
    /// Calls under way, since when they were seen to be.
    waiting: BTreeMap<EffectKey, (Time, Resolution)>,
    writs: BTreeMap<WritId, Writ>,
    /// Tasks that ended, and what their givers should know.
    ended: BTreeMap<WritId, (Nonce, Claim)>,
}

impl Watched {
    /// Takes up what is new on the disk, and answers which calls were decided.
    fn read_on(&mut self, now: Time, disk: &Disk) -> Vec<EffectKey> {
        let mut decided = Vec::new();
        let Self { book, waiting, writs, latest, ended, .. } = self;
        book.read_on_to(disk, &mut |fact| match fact {
            Fact::Started { proposal, .. } => drop(waiting.insert(proposal.key, (now, proposal.resolution))),
            Fact::Withheld { key, .. } | Fact::Done { key, .. } | Fact::Failed { key, .. } | Fact::Doubted { key } => {
                waiting.remove(&key);
                decided.push(key);
            }
            Fact::Refused { intent, .. } | Fact::Acted { intent, .. } => decided.push(intent.key()),
            Fact::Known { writ } | Fact::Granted { writ, .. } | Fact::Delegated { writ } => {
                *latest = now;
                writs.insert(writ.id(), writ);
            }
            Fact::Closed { .. } => *latest = now,
            Fact::Ended(it) => {
                *latest = now;
                ended.insert(it.writ, (it.nonce, Claim::Reported(it.writ, of_ending(&it.ending))));
            }
            Fact::Revoked(_)
            | Fact::Expired { .. }
            | Fact::Reclaimed(_)
            | Fact::Released(_)
            | Fact::Witnessed { .. }
            | Fact::Forked(_)
            | Fact::Begun(_)
            | Fact::Commissioned(_)
            | Fact::Reported(_)
            | Fact::Declined { .. }
            | Fact::Forgot { .. }
            | Fact::Denied { .. }
            | Fact::Moved { .. }
            | Fact::Saving
            | Fact::Saved { .. } => {}
        });
        decided
    }
}

impl<M: Colonist, O> Oracle<M, O> for Liveness {
    fn property(&self) -> &'static str {
        "liveness"
    }

    fn claim(&self) -> &'static str {
        "healed nodes open, answer what was started, and hand on what was given and left, within their bounds"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.atlas.watch(moment);
        self.hung.watch(moment.choice);
        if let Choice::Crash(node) = moment.choice {
            self.nodes.entry(*node).or_default().serving = false;
        }
        let Some((at, node)) = moment.turned().and_then(|(at, it)| Some((at, it.node()?))) else { return Ok(()) };
        self.told(at, node, moment)?;
        match moment.phase {
            Phase::Healed { core, since } if core.contains(&at) && self.tools_are_in(core, moment) => {
                self.answered(at, node, since, moment.at())
            }
            Phase::Healed { .. } | Phase::Chaos => Ok(()),
        }
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let Phase::Healed { core, since } = moment.phase else { return Ok(()) };
        for at in core {
            let Some(node) = moment.world.machine(*at).node() else { continue };
            if self.hung.has(*at) || self.atlas.harms(*at).next().is_some() {
                reached!("oracle.liveness.excused");
                continue;
            }
            let watched = self.nodes.entry(*at).or_default();
            if !node.is_serving() {
                if moment.at() >= since.max(watched.since).after(opens_within(node.config())) {
                    return Err(Violation::at(*at, format!("its log is not open since {}", watched.since)));
                }
                continue;
            }
            reached!("oracle.liveness");
            if let Some(behind) = watched.behind.filter(|behind| moment.at() >= since.max(*behind).after(SLACK)) {
                return Err(Violation::at(*at, format!("what it recorded waits for its disk since {behind}")));
            }
            if self.tools_are_in(core, moment) {
                self.answered(*at, node, since, moment.at())?;
            }
            self.ended(*at, node, since, moment)?;
            self.spread(*at, node, core, since, moment)?;
        }
        Ok(())
    }
}

impl Liveness {
    fn tools_are_in<M: Colonist, O>(&self, core: &[PeerId], moment: &Moment<'_, M, O>) -> bool {
        moment.world.ids().all(|at| moment.world.machine(at).node().is_some() || core.contains(&at))
    }

    /// What is decided is told at once.
    fn told<M: Colonist, O>(&mut self, at: PeerId, node: &Node, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let watched = self.nodes.entry(at).or_default();
        let was_serving = std::mem::replace(&mut watched.serving, node.is_serving());
        let durable = node.ledger().durable().map(|head| head.records);
        let is_behind = durable != node.ledger().submitted().map(|(records, _)| records);
        watched.behind = watched.behind.filter(|_| watched.durable == durable).or(Some(moment.at())).filter(|_| is_behind);
        watched.durable = durable;
        let is_opening = |told: &Told| matches!(told, Told::Node(Notice::Opened(_)));
        if moment.notices.iter().any(is_opening) {
            *watched = Watched { serving: true, since: moment.at(), latest: moment.at(), ..Watched::default() };
            watched.read_on(moment.at(), moment.world.disk(at));
            return Ok(());
        }
        if was_serving != node.is_serving() {
            watched.since = moment.at();
        }
        if !matches!(moment.choice, Choice::Sync(..)) || !was_serving || !node.is_serving() {
            return Ok(());
        }
        let decided = watched.read_on(moment.at(), moment.world.disk(at));
        if self.atlas.harms(at).next().is_some() {
            // Where frames were written over, what is read now may have been there, and told, for long.
            reached!("oracle.liveness.told.excused");
            return Ok(());
        }
        for key in decided {
            let answers = |told: &Told| matches!(told, Told::Node(Notice::Answered { key: it, .. }) if *it == key);
            if !moment.notices.iter().any(answers) {
                return Err(Violation::at(at, format!("{key:?} is decided, durable, and nobody is told")));
            }
        }
        Ok(())
    }

    fn answered(&self, at: PeerId, node: &Node, healed: Time, now: Time) -> Result<(), Violation> {
        let Some(watched) = self.nodes.get(&at).filter(|it| it.serving && !self.hung.has(at)) else { return Ok(()) };
        for (key, (since, resolution)) in &watched.waiting {
            let within = answered_within(node.config(), *resolution);
            if now > healed.max(*since).after(within) {
                return Err(Violation::at(at, format!("{key:?} is under way since {since}, for more than {within}")));
            }
        }
        Ok(())
    }

    /// Tasks whose time is over have ended.
    fn ended<M: Colonist, O>(&self, at: PeerId, node: &Node, healed: Time, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let (now, bound) = (moment.world.clock(at).wall, node.config().pulse.times(2) + SLACK);
        let since = self.nodes.get(&at).map_or(healed, |it| healed.max(it.since));
        if moment.at() < since.after(bound) {
            return Ok(());
        }
        let late = |run: &Run| run.ending().is_none() && now > run.task().until + bound;
        match node.state().runs().iter().find(|(_, run)| late(run)) {
            Some((id, run)) => Err(Violation::at(at, format!("{id:?} should have ended at {:?}", run.task().until))),
            None => Ok(()),
        }
    }

    /// What this node gave, and what it closed, is where it belongs.
    fn spread<M: Colonist, O>(
        &self,
        at: PeerId,
        node: &Node,
        core: &[PeerId],
        healed: Time,
        moment: &Moment<'_, M, O>,
    ) -> Result<(), Violation> {
        let (me, config) = (node.config().me(), node.config());
        let Some(watched) = self.nodes.get(&at) else { return Ok(()) };
        let at_home = |key: &PublicKey| match config.nodes.iter().find(|(_, it)| *it == key) {
            Some((peer, _)) => Some(*peer),
            None => (*key == me).then_some(at),
        };
        for (id, writ) in &watched.writs {
            let (home, parent) = (writ.body.home, writ.body.parent.and_then(|parent| watched.writs.get(&parent)));
            let is_back = watched.book.says(&Claim::Reclaimed(*id));
            let is_mine = watched.book.says(&Claim::Given(*id)) && writ.body.issuer == me && !is_back;
            let reported = self.nodes.get(&at).and_then(|it| it.ended.get(id)).filter(|(nonce, _)| *nonce == writ.body.nonce);
            let (to, claim) = match parent {
                Some(parent) if reported.is_some() && writ.body.home == me => {
                    (at_home(&parent.body.home), reported.expect("it was looked at").1)
                }
                Some(parent) if watched.book.says(&Claim::Closed(*id)) => (at_home(&parent.body.home), Claim::Reclaimed(*id)),
                Some(_) | None if is_mine => (at_home(&home), Claim::Given(*id)),
                Some(_) | None => continue,
            };
            let Some(to) = to.filter(|to| core.contains(to)) else { continue };
            // What is over is neither taken any more nor told again.
            let is_over = |at: PeerId| {
                let mark = moment.world.machine(at).node().map_or(Wall::ZERO, |node| node.state().mark());
                is_over(writ.body.grant.window.expires_at(), mark)
            };
            if is_over(at) || is_over(to) {
                reached!("oracle.liveness.over");
                continue;
            }
            let serves = moment.world.machine(to).node().is_some_and(Node::is_serving);
            let is_well = |other: &&Watched| serves && other.behind.is_none() && !self.hung.has(to);
            let Some(other) = self.nodes.get(&to).filter(is_well) else { continue };
            let begun = healed.max(watched.latest).max(other.latest);
            if moment.at() < begun.after(spread_within(config, watched.writs.len())) {
                reached!("oracle.liveness.excused");
            } else if self.atlas.harms(to).next().is_none() && !other.book.says(&claim) {
                return Err(Violation::at(at, format!("{to:?} has not heard of {claim:?}")));
            }
        }
        Ok(())
    }
}

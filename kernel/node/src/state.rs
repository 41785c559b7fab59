//! The state of a node: the fold of its facts.
//!
//! Everything that must survive a restart is here and nothing else is. A fact is tried before it is recorded, so folding cannot
//! fail on a log that this node wrote; where it does all the same, the log is not this node's, and the state says so.

use crate::config::{Config, own_trajectory};
use crate::effect::{Effect, Phase};
use crate::entity::home_name;
use crate::fact::{Fact, Reason};
use crate::folding::{Folding, Trail};
use crate::forgetting::Told;
use crate::message::{Call, Fork};
use crate::run::{Allowed, RunId, Runs};
use crate::sorted::Sorted;
use crate::task::{Commission, Ending, Reply};
use crate::world::{Delta, Key, Op, Value, WorldState};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec;
use antfarm_authority::{
    Accounts, Amount, EffectKey, Granted, Intent, Nonce, Proposal, Refusal, Revocations, TrustRoots, Wish, Writ, WritId,
};
use antfarm_automata::entities::{Entities, Step};
use antfarm_identity::{Digest, PublicKey};
use antfarm_ledger::{Link, Projection, Record, SignedHead};
use antfarm_machine::Wall;

/// The most writs that a node knows.
pub const MAX_WRITS: usize = 1 << 16;

/// The most effects that a node remembers.
pub const MAX_EFFECTS: usize = 1 << 20;

/// The most effects that are under way or in doubt at a time.
pub const MAX_OPEN: usize = 1 << 12;

/// A task that was handed on.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Handed {
    pub(crate) commission: Arc<Commission>,
    /// How it ended, if it did.
    pub(crate) ending: Option<Ending>,
}

/// What a node has folded from its log.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct State {
    pub(crate) roots: TrustRoots,
    pub(crate) trajectory: Digest,
    /// How far the log was folded.
    pub(crate) trail: Trail,
    /// Records that the checkpoint stands for that is being written, or was when the process ended.
    pub(crate) saving: Option<u64>,
    /// The latest checkpoint that the log vouches for: how many records it stands for, and its seal.
    pub(crate) saved: Option<(u64, Digest)>,
    pub(crate) writs: BTreeMap<WritId, Granted>,
    pub(crate) accounts: Accounts,
    pub(crate) revocations: Revocations,
    pub(crate) effects: Sorted<EffectKey, Effect>,
    /// The first intent that was begun under each wish.
    pub(crate) wishes: Sorted<Wish, Told>,
    /// Effects that are under way or in doubt.
    pub(crate) open: BTreeSet<EffectKey>,
    /// Writs that this node gave, whose homes are elsewhere and hold their budgets.
    pub(crate) abroad: BTreeSet<WritId>,
    /// Writs that were closed here, and whose parents live elsewhere.
    pub(crate) last_words: BTreeSet<WritId>,
    /// Writs that were closed here, whose parents live here too and have not taken back what was left.
    pub(crate) left: BTreeSet<WritId>,
    pub(crate) world: WorldState,
    /// Heads of other logs.
    pub(crate) witnessed: BTreeMap<PublicKey, SignedHead>,
    /// Evidence, by log.
    pub(crate) forks: BTreeMap<Digest, Arc<Fork>>,
    /// Tasks that were taken on here.
    pub(crate) runs: Runs,
    /// Tasks that were handed on with parts that this node gave, by part.
    pub(crate) handed: BTreeMap<WritId, Handed>,
    /// Entities that live here, and what is on its way between them and others.
    pub(crate) entities: Entities,
    /// The suite by which entities were moved last.
    pub(crate) moved_by: Option<Digest>,
    /// Where the next fact of each trajectory stands.
    pub(crate) links: BTreeMap<Digest, Link>,
    /// Position of the first record that did not fold, if there is one.
    pub(crate) broken: Option<u64>,
}

impl State {
    /// The state before the first fact.
    pub fn new(config: &Config) -> Self {
        Self::empty(config.roots.clone(), config.trajectory(), config.me())
    }

    /// The state before the first fact of a log that the node with the key `home` keeps: for who reads a log that is not its own.
    ///
    /// ```
    /// use antfarm_authority::TrustRoots;
    /// use antfarm_identity::{Digest, Domain, Signer};
    /// use antfarm_node::{State, log_of};
    ///
    /// let colony = Digest::of(Domain::new("antfarm 2026 example colony"), b"mine");
    /// let queen = Signer::insecure(1).public();
    /// let roots = TrustRoots::new(colony, [queen]).expect("one is not too many");
    /// assert_eq!(State::of_log(roots, log_of(colony, &queen), queen).writs().count(), 0);
    /// ```
    pub fn of_log(roots: TrustRoots, log: Digest, home: PublicKey) -> Self {
        Self::empty(roots, own_trajectory(&log), home)
    }

    pub(crate) fn empty(roots: TrustRoots, trajectory: Digest, me: PublicKey) -> Self {
        Self {
            roots,
            trajectory,
            trail: Trail::default(),
            saving: None,
            saved: None,
            writs: BTreeMap::new(),
            accounts: Accounts::new(me),
            revocations: Revocations::new(),
            effects: Sorted::new(),
            wishes: Sorted::new(),
            open: BTreeSet::new(),
            abroad: BTreeSet::new(),
            last_words: BTreeSet::new(),
            left: BTreeSet::new(),
            world: WorldState::new(),
            witnessed: BTreeMap::new(),
            forks: BTreeMap::new(),
            runs: Runs::default(),
            handed: BTreeMap::new(),
            entities: Entities::at(&home_name(&me)),
            moved_by: None,
            links: BTreeMap::new(),
            broken: None,
        }
    }

    /// The colony.
    pub const fn colony(&self) -> Digest {
        self.roots.colony()
    }

    /// Folds a record of the log as the node does when it opens it, the first one first: for audits. A record that does not follow
    /// from those before it ends the fold; see [`State::broken`].
    pub fn fold(&mut self, record: &Record<'_>) {
        self.fold_fact(record, None);
    }

    /// The same, for who has what [`Fact::read`] made of the record.
    pub fn fold_fact(&mut self, record: &Record<'_>, fact: Option<Fact>) {
        Folding { state: self, fact, reading: None }.fold(record);
    }

    /// A writ that is on the ledger.
    pub fn writ(&self, id: WritId) -> Option<&Granted> {
        self.writs.get(&id)
    }

    /// The writs that are on the ledger, in order of their ids.
    pub fn writs(&self) -> impl Iterator<Item = &Granted> {
        self.writs.values()
    }

    /// The budgets that are spent here.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The writs that are known to be dead.
    pub fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// What became of a call.
    pub fn effect(&self, key: EffectKey) -> Option<&Effect> {
        self.effects.get(&key)
    }

    /// All calls that were started here and not forgotten, in order of their keys.
    pub fn effects(&self) -> impl Iterator<Item = (EffectKey, &Effect)> {
        self.effects.iter().map(|(key, effect)| (*key, effect))
    }

    /// How many calls were started here and are not forgotten.
    pub fn begun(&self) -> usize {
        self.effects.len()
    }

    /// How many entries of a checkpoint are of the world and of calls, which make most of a large one.
    pub(crate) fn entries(&self) -> u64 {
        self.world.mark().keys + (self.effects.len() + self.wishes.len()) as u64
    }

    /// The calls that are under way or in doubt, in order of their keys.
    pub fn under_way(&self) -> impl Iterator<Item = (EffectKey, &Effect)> {
        self.open.iter().filter_map(|key| Some((*key, self.effects.get(key)?)))
    }

    /// What is said to the tools of the calls that are under way or in doubt.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &Call> {
        self.under_way().filter_map(|(_, effect)| effect.call())
    }

    /// The world as this node projects it.
    pub fn world(&self) -> &WorldState {
        &self.world
    }

    /// The latest head of another log that is on this ledger.
    pub fn witnessed(&self, key: &PublicKey) -> Option<&SignedHead> {
        self.witnessed.get(key)
    }

    /// Who signed two histories, by log.
    pub fn forks(&self) -> impl Iterator<Item = (&Digest, &Fork)> {
        self.forks.iter().map(|(log, fork)| (log, &**fork))
    }

    /// The entities that live here, and what is on its way between them and others.
    pub const fn entities(&self) -> &Entities {
        &self.entities
    }

    /// The digest of the suite by which entities were moved last.
    pub const fn moved_by(&self) -> Option<Digest> {
        self.moved_by
    }

    /// The tasks that were taken on here.
    pub const fn runs(&self) -> &Runs {
        &self.runs
    }

    /// How the task ended that was handed on with this part; `None` when none was, or it did not end yet.
    pub fn report(&self, part: WritId) -> Option<&Ending> {
        self.handed.get(&part)?.ending.as_ref()
    }

    /// What a writ allows that lives here, and what is left of its budget.
    pub(crate) fn allowed(&self, writ: WritId) -> Option<Allowed<'_>> {
        let free = self.accounts.account(writ)?.free();
        Some(Allowed { grant: &self.writs.get(&writ)?.body().grant, free })
    }

    /// The home of a task's giver, where the writ was given for it.
    pub(crate) fn giver(&self, writ: WritId, nonce: Nonce) -> Option<PublicKey> {
        let granted = self.writs.get(&writ).filter(|it| it.body().nonce == nonce)?;
        Some(granted.parent()?.body().home)
    }

    /// The position of a record that this node cannot have written; it serves nothing then.
    pub const fn broken(&self) -> Option<u64> {
        self.broken
    }

    /// Asserts what must hold of every state. Looks at all of it.
    pub fn check(&self) {
        self.accounts.check();
        self.world.check();
        self.runs.check();
        for (key, effect) in self.effects.iter() {
            assert!(self.open.contains(key) == effect.is_open(), "an effect is open until it is settled");
        }
        assert!(self.open.len() <= MAX_OPEN && self.writs.len() <= MAX_WRITS);
        assert!(self.effects.len() <= MAX_EFFECTS && self.wishes.len() <= MAX_EFFECTS);
        assert!(self.revocations.mark() == self.mark(), "all is forgotten by one mark");
    }

    /// Verifies a writ whose parent, if it has one, is known here. A writ that is known costs nothing.
    pub(crate) fn verify(&self, writ: &Writ) -> Option<Granted> {
        if let Some(known) = self.writs.get(&writ.id()) {
            return Some(known.clone());
        }
        match writ.body.parent {
            None => Granted::root(writ.clone(), &self.roots).ok(),
            Some(parent) => self.writs.get(&parent)?.child(writ.clone()).ok(),
        }
    }

    /// Verifies a chain, the root first. Only what is not known here costs a signature.
    pub(crate) fn verify_chain(&self, chain: &[Writ]) -> Option<Granted> {
        let mut last: Option<Granted> = None;
        for writ in chain {
            // By its id, which commits to what it says: an issuer may sign one body twice.
            let granted = match (self.writs.get(&writ.id()).cloned(), &last) {
                (Some(known), _) => known,
                (None, None) => Granted::root(writ.clone(), &self.roots).ok()?,
                (None, Some(parent)) => parent.child(writ.clone()).ok()?,
            };
            if granted.parent().map(Granted::id) != last.as_ref().map(Granted::id) {
                return None;
            }
            last = Some(granted);
        }
        last
    }

    /// What the outcome of a call changes in the world.
    pub(crate) fn delta(&self, config: &Config, effect: &Effect, value: &[u8]) -> Delta {
        let nothing = Delta::default;
        let Some(call) = effect.call() else { return nothing() };
        let Some(entity) = config.tools.tool(&call.tool).and_then(|tool| tool.entity.as_ref()) else { return nothing() };
        let Ok(key) = Key::new(&config.tenant, entity, call.target.text()) else { return nothing() };
        let Ok(value) = Value::new(value) else { return nothing() };
        let op = match self.world.entry(&key).filter(|entry| entry.is_live()) {
            None => Op::Create { key, value },
            Some(entry) => Op::Replace { key, expected_version: entry.version(), value },
        };
        // A world that is full takes nothing new: the effect happened all the same, and its record says so.
        Delta::new(vec![op]).ok().filter(|delta| self.world.check_delta(delta).is_ok()).unwrap_or_default()
    }

    /// Where a fact stands in its trajectory: that of its writ, if it is about one.
    pub fn link(&self, fact: &Fact) -> Link {
        let trajectory = self.trajectory_of(fact);
        self.links.get(&trajectory).copied().unwrap_or(Link::first(trajectory))
    }

    fn trajectory_of(&self, fact: &Fact) -> Digest {
        let about = |writ: WritId| writ.digest();
        let of_parent = |writ| self.writs.get(&writ).and_then(Granted::parent).map_or(self.trajectory, |it| about(it.id()));
        let effect = |key: &EffectKey| self.effects.get(key).map_or(self.trajectory, |effect| about(effect.writ()));
        match fact {
            Fact::Known { writ } | Fact::Granted { writ, .. } => about(writ.id()),
            Fact::Delegated { writ } => writ.body.parent.map_or(self.trajectory, about),
            Fact::Refused { writ, .. } => self.writs.get(writ).map_or(self.trajectory, |it| about(it.id())),
            Fact::Started { proposal, .. } | Fact::Acted { proposal, .. } => about(proposal.writ),
            Fact::Withheld { key, .. } | Fact::Done { key, .. } | Fact::Failed { key, .. } | Fact::Doubted { key } => effect(key),
            Fact::Revoked(revocation) => about(revocation.writ),
            Fact::Expired { writ } | Fact::Closed { writ } => about(*writ),
            Fact::Released(word) => about(word.child),
            Fact::Reclaimed(closed) => of_parent(closed.writ),
            Fact::Witnessed { .. } | Fact::Forked(_) | Fact::Forgot { .. } | Fact::Saving | Fact::Saved { .. } => self.trajectory,
            Fact::Moved { .. } => self.trajectory,
            Fact::Begun(commission) => about(commission.writ),
            Fact::Ended(report) => about(report.writ),
            Fact::Commissioned(commission) => of_parent(commission.writ),
            Fact::Reported(report) => of_parent(report.writ),
            Fact::Declined { writ, .. } => about(*writ),
            Fact::Denied { asked, .. } => {
                asked.writ().and_then(|it| self.writs.get(&it)).map_or(self.trajectory, |it| about(it.id()))
            }
        }
    }

    /// Folds one fact; `None` when it does not follow from what was recorded before.
    pub(crate) fn apply(&mut self, fact: Fact, position: u64) -> Option<()> {
        match fact {
            Fact::Known { writ } => {
                let granted = self.verify(&writ)?;
                self.writs.insert(granted.id(), granted);
            }
            Fact::Granted { writ, drawn } => {
                let granted = self.verify(&writ)?;
                if granted.body().home == self.accounts.home() {
                    self.accounts.open(&granted, drawn.as_ref()).ok()?;
                } else if granted.body().issuer == self.accounts.home() {
                    self.abroad.insert(granted.id());
                }
                self.writs.insert(granted.id(), granted);
            }
            Fact::Delegated { writ } => {
                let granted = self.verify(&writ)?;
                self.accounts.draw(&granted).ok()?;
                if granted.body().home == self.accounts.home() {
                    self.accounts.open(&granted, None).ok()?;
                } else {
                    self.abroad.insert(granted.id());
                }
                self.writs.insert(granted.id(), granted);
            }
            Fact::Refused { intent, reason, .. } => {
                if let Reason::Refused(Refusal::Retold { .. }) = reason {
                    self.remember(&intent);
                }
                // Whoever used a run's nonce without being the run says nothing of it.
                if reason != Reason::Reserved {
                    self.runs.refused(intent.nonce, &reason);
                }
            }
            Fact::Started { intent, proposal, at, deadline } => self.begin(&intent, &proposal, at, deadline, position)?,
            Fact::Acted { intent, proposal, at, step, result } => {
                self.begin(&intent, &proposal, at, at, position)?;
                self.settle(proposal.key, Phase::Done(result), proposal.cost)?;
                self.step(&step);
            }
            Fact::Moved { step, .. } => self.step(&step),
            Fact::Withheld { key, reason } => self.settle(key, Phase::Withheld(reason), Amount::ZERO)?,
            Fact::Done { key, result, spent, delta } => {
                self.settle(key, Phase::Done(result), spent)?;
                self.world.apply(&delta, position).ok()?;
            }
            Fact::Failed { key, spent } => self.settle(key, Phase::Failed, spent)?,
            Fact::Doubted { key } => {
                let effect = self.effects.get_mut(&key).filter(|effect| effect.is_open())?;
                effect.doubt();
                self.runs.settled(effect.nonce(), key, effect.phase());
            }
            Fact::Revoked(revocation) => {
                let writ = self.writs.get(&revocation.writ)?;
                self.revocations.take(&revocation, writ).ok()?;
            }
            Fact::Expired { writ } => {
                self.accounts.expire(writ);
            }
            Fact::Closed { writ } => {
                self.accounts.close(writ).ok()?;
                let home = self.writs.get(&writ)?.parent().map(|parent| parent.body().home);
                match home {
                    None => {}
                    Some(home) if home == self.accounts.home() => drop(self.left.insert(writ)),
                    Some(_) => drop(self.last_words.insert(writ)),
                }
            }
            Fact::Reclaimed(closed) => {
                let parent = self.writs.get(&closed.writ)?.parent()?.id();
                self.accounts.reclaim(parent, &closed).ok()?;
                self.abroad.remove(&closed.writ);
                self.left.remove(&closed.writ);
            }
            Fact::Released(word) => {
                self.accounts.release(word.child, &word).ok()?;
                self.last_words.remove(&word.child);
            }
            Fact::Witnessed { heads } => self.witnessed.extend(heads),
            Fact::Forked(fork) => {
                self.forks.insert(fork.one.log, Arc::new(*fork));
            }
            Fact::Forgot { at } => self.forget(at),
            Fact::Saving => self.saving = Some(position + 1),
            Fact::Saved { at, seal } => {
                self.saving.take().filter(|saving| *saving == at)?;
                self.saved = Some((at, seal));
            }
            Fact::Begun(commission) => {
                self.accounts.account(commission.writ)?;
                self.runs.begin(&commission)?;
                if self.giver(commission.writ, commission.nonce) == Some(self.accounts.home()) {
                    self.hand_on(*commission);
                }
            }
            Fact::Commissioned(commission) => {
                self.writs.get(&commission.writ)?;
                self.hand_on(*commission);
            }
            Fact::Ended(report) => {
                let is_due = self.giver(report.writ, report.nonce).is_some();
                self.runs.end(RunId::new(report.writ, report.nonce), report.ending, is_due)?;
            }
            Fact::Reported(report) => {
                let handed = self.handed.get_mut(&report.writ).filter(|it| it.ending.is_none())?;
                handed.ending = Some(report.ending.clone());
                self.runs.replied(report.nonce, Reply::Ended(report.ending));
            }
            Fact::Declined { nonce, why, .. } => self.runs.replied(nonce, Reply::Declined(why)),
            Fact::Denied { .. } => {}
        }
        Some(())
    }

    fn begin(&mut self, intent: &Intent, proposal: &Proposal, at: Wall, deadline: Wall, position: u64) -> Option<()> {
        self.runs.started(intent.nonce, proposal.key);
        self.accounts.reserve(proposal.writ, proposal.key.digest(), proposal.cost).ok()?;
        let wish = intent.wish();
        if !self.wishes.contains_key(&wish) {
            self.wishes.insert(wish, Told::first(intent, proposal.intent, proposal.key));
        }
        self.open.insert(proposal.key);
        let known = self.effects.insert(proposal.key, Effect::started(intent, proposal, at, deadline, position));
        known.is_none().then_some(())
    }

    fn step(&mut self, step: &Step) {
        self.entities.apply(step);
        self.moved_by = Some(step.suite);
    }

    fn hand_on(&mut self, commission: Commission) {
        self.runs.handed(commission.nonce);
        self.handed.insert(commission.writ, Handed { commission: Arc::new(commission), ending: None });
    }

    fn settle(&mut self, key: EffectKey, phase: Phase, spent: Amount) -> Option<()> {
        let effect = self.effects.get_mut(&key).filter(|effect| effect.is_open())?;
        self.accounts.settle(effect.writ(), key.digest(), spent).ok()?;
        effect.end(phase);
        self.runs.settled(effect.nonce(), key, effect.phase());
        self.open.remove(&key);
        Some(())
    }
}

//! Refusals: whatever a node refused is on its ledger, with the reason that it told; and everything on the ledger re-derives.
//!
//! A refusal that was told is a `Fact::Refused`, `Fact::Withheld` or `Fact::Denied` on the disk in that event, and stays there. Each record of a
//! log, read with the auditors' verifier from its beginning when the log is opened, and on from there now and then and in the end, is
//! a fact of the kind and version that its header says; it stands in the trajectory of what it is about, next after the last one there; and it follows from what
//! came before: a call is started once, under the key that its intent has, and ends at most once, after it was started. In the end
//! each honest node's whole log is judged as an auditor judges it: every decision is derived again.
//!
//! Excused is what the disk took back (`Loss::Answered`); a log that does not verify is left to `chain`. What it does not see:
//! what no ledger shows (see `antfarm_node::judge`), or what is refused without a record because too much is (`Busy`).

use crate::member::{Colonist, Told};
use crate::oracle::book::{Claim, Debts, of_asked, of_reason};
use crate::oracle::follow::Followed;
use antfarm_authority::{EffectKey, WritId};
use antfarm_identity::{Digest, from_bytes};
use antfarm_keeper::verify;
use antfarm_ledger::{Link, OPENED, Record};
use antfarm_machine::{PeerId, reached};
use antfarm_node::{Answer, Declined, Fact, Node, Notice, State, VERSION, judge_under};
use antfarm_sim::{Disk, Moment, Oracle, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// After so many inputs of a node its log is read on.
const EVERY: u64 = 512;

/// Refusals are recorded, and records re-derive.
#[derive(Clone, Default, Debug)]
pub struct Refused {
    debts: Debts,
    turns: BTreeMap<PeerId, u64>,
    logs: BTreeMap<PeerId, Followed<History>>,
}

impl<M: Colonist, O> Oracle<M, O> for Refused {
    fn property(&self) -> &'static str {
        "refused"
    }

    fn claim(&self) -> &'static str {
        "what was refused is on the ledger, and every record on the ledger follows from those before it"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let was_cut = self.debts.watch(moment);
        let Some((at, node)) = moment.turned().and_then(|(at, it)| Some((at, it.node()?))) else { return Ok(()) };
        if was_cut.map_err(|message| Violation::at(at, message))? {
            reached!("oracle.refused.excused");
        }
        let turns = self.turns.entry(at).or_default();
        *turns += 1;
        let mut due = turns.is_multiple_of(EVERY);
        for told in moment.notices {
            match told {
                Told::Node(Notice::Answered { key, answer: Answer::Refused(reason), .. }) => {
                    reached!("oracle.refused");
                    let why = of_reason(reason);
                    let debt = vec![Claim::Withheld(*key, why), Claim::Refused(*key, why)];
                    if self.debts.owe(at, moment, debt).map_err(|message| Violation::at(at, message))? {
                        reached!("oracle.refused.excused");
                    }
                }
                Told::Node(Notice::Declined { asked, why }) if *why != Declined::Busy => {
                    reached!("oracle.refused.declined");
                    let debt = vec![Claim::Denied(of_asked(asked), *why)];
                    if self.debts.owe(at, moment, debt).map_err(|message| Violation::at(at, message))? {
                        reached!("oracle.refused.excused");
                    }
                }
                Told::Node(Notice::Opened(_)) => {
                    self.logs.remove(&at);
                    due = true;
                }
                Told::Node(_) | Told::Tool(_) => {}
            }
        }
        if due { self.derives(at, node, moment.world.disk(at)) } else { Ok(()) }
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.debts.settle(moment).map_err(|(node, message)| Violation::at(node, message))?;
        for at in moment.world.ids() {
            if let Some(node) = moment.world.machine(at).node() {
                self.derives(at, node, moment.world.disk(at))?;
                audit(at, node, moment.world.disk(at))?;
            }
        }
        Ok(())
    }
}

/// Judges a whole log, as far as it verifies, as somebody would who knows of the node only whose log it is, and whom it trusts.
fn audit(at: PeerId, node: &Node, disk: &Disk) -> Result<(), Violation> {
    let log = node.ledger().config().log;
    let mut state = State::of_log(node.config().roots.clone(), log, node.config().me());
    let mut wrong = None;
    let read = verify(disk, log, &mut |record| {
        if wrong.is_some() {
            return;
        }
        // What says nothing was found above.
        let fact = Fact::read(record).ok().flatten();
        let position = record.header.position;
        match fact.as_ref().map(|fact| judge_under(&state, node.config().suite.as_ref(), fact)) {
            Some(Err(drift)) => {
                wrong = Some(format!("record {position} is none that an honest node makes: {drift:?}; it says {fact:?}"));
            }
            Some(Ok(_)) | None => {
                reached!("oracle.refused.judged");
                state.fold_fact(record, fact);
                wrong = state.broken().map(|_| format!("record {position} was judged to follow, and does not fold"));
            }
        }
    });
    match (wrong, read) {
        (Some(message), _) => Err(Violation::at(at, message)),
        // What a disk did to a log is for `chain`; what stands before that was judged all the same.
        (None, Ok(_) | Err(_)) => Ok(()),
    }
}

impl Refused {
    fn derives(&mut self, at: PeerId, node: &Node, disk: &Disk) -> Result<(), Violation> {
        let empty = || Followed::new(node.ledger().config().log, History::default());
        let log = self.logs.entry(at).or_insert_with(empty);
        let mut wrong = None;
        let read = log.read_on(disk, false, History::default, &mut |history, record| {
            if wrong.is_none() && record.header.kind != OPENED {
                wrong = history.take(record).err().map(|why| (record.header.position, why));
            }
        });
        match (read, wrong) {
            (_, Some((position, why))) => Err(Violation::at(at, format!("record {position} does not re-derive: {why}"))),
            (None, None) => {
                reached!("oracle.refused.excused");
                Ok(())
            }
            (Some(_), None) => Ok(()),
        }
    }
}

/// What came before.
#[derive(Clone, Default, Debug)]
struct History {
    links: BTreeMap<Digest, Link>,
    /// The trajectory of what is about no writ.
    own: Option<Digest>,
    writs: BTreeMap<WritId, Option<WritId>>,
    /// By key: under which writ, and whether it is over.
    calls: BTreeMap<EffectKey, (WritId, bool)>,
    dead: BTreeSet<WritId>,
    closed: BTreeSet<WritId>,
}

impl History {
    fn take(&mut self, record: &Record<'_>) -> Result<(), String> {
        let header = &record.header;
        let bytes = record.payload.bytes().ok_or("it was redacted, and nobody does that here")?;
        let fact: Fact = from_bytes(bytes).map_err(|bad| format!("it is no fact: {bad:?}"))?;
        if header.version != VERSION || header.kind != fact.record_kind() {
            return Err(format!("its header says kind {}, version {}", header.kind, header.version));
        }
        let trajectory = header.link.trajectory;
        let about = self.about(&fact)?;
        match (about, self.own) {
            (Some(writ), _) if writ.digest() != trajectory => {
                return Err(format!("it is about {writ:?} and stands in the trajectory {trajectory}"));
            }
            (None, Some(own)) if own != trajectory => {
                return Err(format!("it is about no writ and stands in the trajectory {trajectory}"));
            }
            (None, _) => self.own = Some(trajectory),
            (Some(_), _) => {}
        }
        let expected = self.links.get(&trajectory).copied().unwrap_or(Link::first(trajectory));
        if header.link != expected {
            return Err(format!("it is {:?} of its trajectory, after {expected:?}", header.link));
        }
        self.links.insert(trajectory, expected.next(record.digest));
        Ok(())
    }

    /// Which writ a fact is about, if it follows from what came before.
    fn about(&mut self, fact: &Fact) -> Result<Option<WritId>, String> {
        match fact {
            Fact::Known { writ } | Fact::Granted { writ, .. } => {
                self.writs.insert(writ.id(), writ.body.parent);
                Ok(Some(writ.id()))
            }
            Fact::Delegated { writ } => {
                if self.writs.insert(writ.id(), writ.body.parent).is_some() {
                    return Err("a part is given twice".to_owned());
                }
                Ok(writ.body.parent)
            }
            Fact::Refused { writ, .. } => Ok(self.writs.contains_key(writ).then_some(*writ)),
            Fact::Started { intent, proposal, .. } => {
                if proposal.key != intent.key() || proposal.intent != intent.digest() {
                    return Err("a call is started that its intent does not say".to_owned());
                }
                if self.calls.insert(proposal.key, (proposal.writ, false)).is_some() {
                    return Err("a call is started twice".to_owned());
                }
                Ok(Some(proposal.writ))
            }
            Fact::Acted { intent, proposal, .. } => {
                if proposal.key != intent.key() || proposal.intent != intent.digest() {
                    return Err("an entity acts as its intent does not say".to_owned());
                }
                if self.calls.insert(proposal.key, (proposal.writ, true)).is_some() {
                    return Err("an entity acts twice on one intent".to_owned());
                }
                Ok(Some(proposal.writ))
            }
            Fact::Doubted { key } => self.call(*key, false).map(Some),
            Fact::Withheld { key, .. } | Fact::Done { key, .. } | Fact::Failed { key, .. } => self.call(*key, true).map(Some),
            Fact::Revoked(revocation) => {
                if !self.dead.insert(revocation.writ) {
                    return Err("a writ is revoked twice".to_owned());
                }
                Ok(Some(revocation.writ))
            }
            Fact::Expired { writ } => Ok(Some(*writ)),
            Fact::Closed { writ } => {
                if !self.closed.insert(*writ) {
                    return Err("a writ is closed twice".to_owned());
                }
                Ok(Some(*writ))
            }
            Fact::Reclaimed(closed) => Ok(self.writs.get(&closed.writ).copied().flatten()),
            Fact::Released(word) => Ok(Some(word.child)),
            Fact::Witnessed { .. }
            | Fact::Forked(_)
            | Fact::Forgot { .. }
            | Fact::Saving
            | Fact::Saved { .. }
            | Fact::Moved { .. } => Ok(None),
            Fact::Begun(it) => Ok(Some(it.writ)),
            Fact::Ended(it) => Ok(Some(it.writ)),
            Fact::Commissioned(it) => Ok(self.writs.get(&it.writ).copied().flatten()),
            Fact::Reported(it) => Ok(self.writs.get(&it.writ).copied().flatten()),
            Fact::Declined { writ, .. } => Ok(Some(*writ)),
            Fact::Denied { asked, .. } => Ok(asked.writ().filter(|writ| self.writs.contains_key(writ))),
        }
    }

    fn call(&mut self, key: EffectKey, ends: bool) -> Result<WritId, String> {
        match self.calls.get_mut(&key) {
            None => Err("a call ends that was not started".to_owned()),
            Some((_, true)) => Err("a call ends twice".to_owned()),
            Some((writ, over)) => {
                *over = ends;
                Ok(*writ)
            }
        }
    }
}

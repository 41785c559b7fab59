//! Acknowledgements: what a node told a client or a peer is on its disk at that moment, and stays.
//!
//! Every notice and every message that rests on a record is compared with the disk, read by the format alone, in the event in
//! which it leaves; whenever a log is opened, all that was told is still there; and so it is in the end on every disk that was
//! never damaged.
//!
//! Excused is a node whose log was damaged before the checkpoint that it was opened from: it did not read that. So is a node whose disk
//! took back, since it was opened before, what it had answered to (`Loss::Answered`). Instead: it must
//! be found. When another node remembered a head of it, which its log does not pass through, and has not restarted since, it stops
//! within [`found_within`] from when both are healed and it is open. Whoever finds that its log is not what it was says and sends nothing any more until
//! its process starts anew; and nobody finds that whose disk never took anything back.
//!
//! What it does not see: a cut that nobody remembers; refusals, which are the business of `refused`; what decayed, whose node does
//! not open.

use crate::member::{Colonist, Told};
use crate::oracle::book::{Claim, Debts, of_ending, of_result};
use antfarm_keeper::verify;
use antfarm_ledger::LogHead;
use antfarm_machine::{PeerId, Span, reached};
use antfarm_node::{Answer, Body, Config, Notice, RunId};
use antfarm_sim::{Choice, Moment, Oracle, Phase, Time, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// How long a healed node whose log was cut may serve, when somebody who remembers is healed too. It sends one other node a message
/// in each pulse, and is told again what it was as often; within 16 pulses it then reads its log again.
pub fn found_within(config: &Config) -> Span {
    let others = u64::try_from(config.nodes.len()).unwrap_or(u64::MAX);
    config.pulse.times(2 * others + 18) + Span::from_secs(5)
}

/// What was told is recorded, and stays.
#[derive(Clone, Default, Debug)]
pub struct Acknowledged {
    debts: Debts,
    /// Who has stopped for good, until the process starts anew.
    dead: BTreeSet<PeerId>,
    cut: BTreeMap<PeerId, Cut>,
}

/// A log that lacks something is open.
#[derive(Clone, Debug)]
struct Cut {
    since: Time,
    /// Who remembered what of it then, and has not restarted since.
    witnesses: BTreeMap<PeerId, LogHead>,
}

impl<M: Colonist, O> Oracle<M, O> for Acknowledged {
    fn property(&self) -> &'static str {
        "acknowledged"
    }

    fn claim(&self) -> &'static str {
        "what a node told is on its disk and stays; where its disk lied, the node is found and serves nothing"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let was_cut = self.debts.watch(moment);
        let Some((at, node)) = moment.turned().and_then(|(at, it)| Some((at, it.node()?))) else { return Ok(()) };
        if matches!(moment.choice, Choice::Start(_)) {
            self.dead.remove(&at);
            for cut in self.cut.values_mut() {
                cut.witnesses.remove(&at);
            }
        }
        if was_cut.map_err(|message| Violation::at(at, message))? {
            reached!("oracle.acknowledged.excused");
            let me = node.config().me();
            let remembered = |witness: PeerId| Some((witness, moment.world.machine(witness).node()?.heard_of(&me)?.head));
            let witnesses = moment.world.ids().filter_map(remembered).collect();
            self.cut.insert(at, Cut { since: moment.at(), witnesses });
        }
        self.silent(at, moment)?;
        for told in moment.notices {
            let Told::Node(notice) = told else { continue };
            if let Notice::RolledBack { records } = notice
                && !self.debts.atlas.lied(at, 0)
            {
                return Err(Violation::at(at, format!("it finds itself rolled back to before {records}, and nobody lied")));
            }
            if matches!(notice, Notice::RolledBack { .. } | Notice::Broken { .. }) {
                reached!("oracle.acknowledged.found");
                self.dead.insert(at);
                self.cut.remove(&at);
            }
            self.told(at, moment, of_notice(notice))?;
        }
        for (_, message) in moment.messages() {
            for claim in of_body(&message.body) {
                self.told(at, moment, Some(claim))?;
            }
        }
        if self.dead.contains(&at) && node.is_serving() {
            return Err(Violation::at(at, "it found that its log is not what it was, and serves"));
        }
        Ok(())
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.debts.settle(moment).map_err(|(node, message)| Violation::at(node, message))?;
        let Phase::Healed { core, since } = moment.phase else { return Ok(()) };
        for (at, cut) in &self.cut {
            let Some(node) = moment.world.machine(*at).node().filter(|node| node.is_serving()) else { continue };
            let until = since.max(cut.since).after(found_within(node.config()));
            if !core.contains(at) || moment.at() < until {
                continue;
            }
            let log = node.ledger().config().log;
            let mut digests = BTreeMap::from([(0, log)]);
            let read = verify(moment.world.disk(*at), log, &mut |record| {
                digests.insert(record.header.position + 1, record.digest);
            });
            let in_core = |(witness, _): &(&PeerId, &LogHead)| core.contains(witness);
            for (witness, head) in cut.witnesses.iter().filter(in_core).filter(|_| read.is_ok()) {
                if digests.get(&head.records) != Some(&head.digest) {
                    let message =
                        format!("its disk lost what it told; {witness:?} remembered {} records; it serves", head.records);
                    return Err(Violation::at(*at, message));
                }
            }
            reached!("oracle.acknowledged.unseen");
        }
        Ok(())
    }
}

impl Acknowledged {
    fn told<M: Colonist, O>(&mut self, at: PeerId, moment: &Moment<'_, M, O>, claim: Option<Claim>) -> Result<(), Violation> {
        let Some(claim) = claim else { return Ok(()) };
        reached!("oracle.acknowledged");
        let excused = self.debts.owe(at, moment, vec![claim]).map_err(|message| Violation::at(at, message))?;
        if excused {
            reached!("oracle.acknowledged.excused");
        }
        Ok(())
    }

    /// Whoever has stopped for good says nothing.
    fn silent<M: Colonist, O>(&self, at: PeerId, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let is_silent = moment.notices.is_empty() && moment.messages().next().is_none();
        if self.dead.contains(&at) && !is_silent {
            let message = format!("it found that its log is not what it was, and says {:?}", moment.notices);
            return Err(Violation::at(at, message));
        }
        Ok(())
    }
}

/// What a notice rests on; refusals apart.
fn of_notice(notice: &Notice) -> Option<Claim> {
    match notice {
        Notice::Granted { writ, .. } => Some(Claim::Writ(*writ)),
        Notice::Answered { key, answer, .. } => match answer {
            Answer::Done { result } => Some(Claim::Done(*key, of_result(result.bytes()))),
            Answer::Failed => Some(Claim::Failed(*key)),
            Answer::InDoubt => Some(Claim::Doubted(*key)),
            Answer::Refused(_) | Answer::Busy => None,
        },
        Notice::Called(call) => Some(Claim::Begun(call.key)),
        Notice::Revoked { writ } => Some(Claim::Dead(*writ)),
        Notice::Closed { writ } => Some(Claim::Closed(*writ)),
        Notice::Reclaimed { writ } => Some(Claim::Reclaimed(*writ)),
        Notice::Forked { log } => Some(Claim::Forked(*log)),
        Notice::Began { writ, nonce } => Some(Claim::Task(RunId::new(*writ, *nonce))),
        Notice::Ended { writ, nonce, ending } => Some(Claim::Ended(RunId::new(*writ, *nonce), of_ending(ending))),
        Notice::Reported { writ, ending } => Some(Claim::Reported(*writ, of_ending(ending))),
        Notice::Opened(_)
        | Notice::Stopped(_)
        | Notice::Refused(_)
        | Notice::Broken { .. }
        | Notice::RolledBack { .. }
        | Notice::Declined { .. }
        // What `entities` looks after.
        | Notice::Stepped(_) => None,
    }
}

/// What a message rests on.
fn of_body(body: &Body) -> Vec<Claim> {
    match body {
        Body::Present { chain, .. } | Body::Inquire { chain, .. } => chain.iter().map(|writ| Claim::Writ(writ.id())).collect(),
        Body::Presented { writ, .. } => vec![Claim::Given(*writ)],
        Body::Revoked { revocation, .. } => vec![Claim::Dead(revocation.writ)],
        Body::Closed(closed) => vec![Claim::Closed(closed.writ)],
        Body::Reclaimed(word) => vec![Claim::Reclaimed(word.child)],
        Body::Forked(fork) => vec![Claim::Forked(fork.one.log)],
        Body::Call(call) => vec![Claim::Begun(call.key)],
        Body::Close { key, .. } => vec![Claim::Begun(*key)],
        Body::Report(it) => vec![Claim::Ended(RunId::new(it.writ, it.nonce), of_ending(&it.ending))],
        Body::Standing(_)
        | Body::Sets { .. }
        | Body::Recall(_)
        | Body::Passed { .. }
        | Body::Seen { .. }
        | Body::Reported { .. }
        | Body::Deliver(_)
        | Body::Delivered { .. }
        | Body::Outcome { .. } => Vec::new(),
    }
}

//! One ledger on trial: every record is held against the chain, its trajectory, and what an honest node could have recorded.

use crate::args::Point;
use crate::bad_input::BadInput;
use crate::log::finding::{Finding, Wrong};
use crate::log::folder::Ledger;
use crate::log::survey::{Bench, Claim, Survey};
use antfarm_automata::entities::Suite;
use antfarm_identity::Digest;
use antfarm_ledger::{Header, Link, LogHead, Record, Tear};
use antfarm_node::{Fact, Judged, SavedStates, State, Unreadable, judge_under};
use std::collections::BTreeMap;

/// Findings of one ledger that are told one by one; more are counted.
const TOLD: usize = 100;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) log: Digest,
    pub(crate) bench: Bench,
    pub(crate) records: u64,
    /// Facts that follow from those before.
    pub(crate) derived: u64,
    /// Facts that rest on what the ledger does not show.
    pub(crate) unshown: u64,
    /// Wishes that were refused, among both.
    pub(crate) refusals: u64,
    /// Facts that could not be judged any more.
    pub(crate) unjudged: u64,
    /// Where it ends, if it was read to its end.
    pub(crate) head: Option<LogHead>,
    pub(crate) tear: Option<Tear>,
    pub(crate) findings: Vec<Finding>,
    /// Findings that are not among them.
    pub(crate) more: u64,
}

impl Outcome {
    /// How many things are wrong.
    pub(crate) fn wrong(&self) -> u64 {
        self.findings.len() as u64 + self.more
    }
}

/// One record as it is read.
pub(crate) struct Entry<'a> {
    pub(crate) header: &'a Header,
    /// The state before it, where that is known.
    pub(crate) state: Option<&'a State>,
    pub(crate) fact: Result<Option<&'a Fact>, Unreadable>,
    /// What is wrong with it.
    pub(crate) wrong: &'a [Finding],
}

/// Tries ledger `number`. Each record is shown to `tell`.
pub(crate) fn of(
    ledger: &Ledger,
    (number, survey): (usize, &Survey),
    (log, through): (Option<Digest>, Option<Point>),
    tell: &mut dyn FnMut(&Bench, &Entry<'_>),
) -> Result<Outcome, BadInput> {
    // A ledger none of whose segments begins with a whole frame is damaged, whatever it is called.
    let log = log.or(ledger.claimed).unwrap_or(Digest::ZERO);
    let mut trial = Trial::new(log, survey.bench(number, log), survey);
    let reading = ledger.read(log, through, &mut |record| trial.take(record, tell))?;
    trial.outcome.tear = reading.tear;
    match reading.end {
        Ok(head) => {
            trial.end(head.records);
            trial.outcome.head = Some(head);
        }
        Err(refused) => trial.find(Finding::of_bytes(refused)),
    }
    Ok(trial.outcome)
}

struct Trial<'a> {
    outcome: Outcome,
    /// `None` once it is lost: after a redacted fact, or one that does not fold.
    state: Option<State>,
    /// What the log says of checkpoints is held against what its records make.
    saved: SavedStates,
    links: BTreeMap<Digest, Link>,
    /// What others remember of this log, the shortest first.
    claims: Vec<&'a Claim>,
    next_claim: usize,
    specs: Option<&'a Suite>,
}

impl<'a> Trial<'a> {
    fn new(log: Digest, bench: Bench, survey: &'a Survey) -> Self {
        let home = bench.owner.or_else(|| survey.anybody());
        let state = bench.roots.clone().zip(home).map(|(roots, home)| State::of_log(roots, log, home));
        let mut claims: Vec<&Claim> = survey.claims(&log).iter().collect();
        claims.sort_by_key(|claim| claim.head.head.records);
        let outcome = Outcome {
            log,
            bench,
            records: 0,
            derived: 0,
            unshown: 0,
            refusals: 0,
            unjudged: 0,
            head: None,
            tear: None,
            findings: Vec::new(),
            more: 0,
        };
        Self {
            outcome,
            state,
            saved: SavedStates::new(log),
            links: BTreeMap::new(),
            claims,
            next_claim: 0,
            specs: survey.specs.as_ref(),
        }
    }

    fn find(&mut self, finding: Finding) {
        if self.outcome.findings.len() < TOLD {
            self.outcome.findings.push(finding);
        } else {
            self.outcome.more += 1;
        }
    }

    fn take(&mut self, record: &Record<'_>, tell: &mut dyn FnMut(&Bench, &Entry<'_>)) {
        let header = &record.header;
        self.outcome.records = header.position + 1;
        let mut wrong = Vec::new();
        let expected = self.links.get(&header.link.trajectory).copied().unwrap_or(Link::first(header.link.trajectory));
        if expected != header.link {
            wrong.push(Wrong::Link);
        }
        self.links.insert(header.link.trajectory, header.link.next(record.digest));
        wrong.extend(self.remembered(header.position + 1, record.digest));

        let fact = Fact::read(record);
        match &fact {
            Ok(None) => {}
            Ok(Some(fact)) => wrong.extend(self.judge(fact, header)),
            Err(Unreadable::Redacted) => self.outcome.unjudged += 1,
            Err(bad) => wrong.push(Wrong::Unreadable(*bad)),
        }
        let wrong: Vec<Finding> = wrong.into_iter().map(|it| Finding::of_record(header.position, it)).collect();
        let (state, shown) = (self.state.as_ref(), fact.as_ref().map(Option::as_ref).map_err(|bad| *bad));
        tell(&self.outcome.bench, &Entry { header, state, fact: shown, wrong: &wrong });
        wrong.into_iter().for_each(|finding| self.find(finding));

        match fact {
            Ok(fact) => {
                if let Some(state) = &mut self.state {
                    state.fold_fact(record, fact);
                    self.saved.pass(record, state);
                    if state.broken().is_some() {
                        self.state = None;
                    }
                }
            }
            // What follows from it cannot be derived.
            Err(_) => self.state = None,
        }
    }

    /// What others remember of the log at this point, and it is not so.
    fn remembered(&mut self, records: u64, digest: Digest) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        while let Some(claim) = self.claims.get(self.next_claim).filter(|claim| claim.head.head.records <= records) {
            self.next_claim += 1;
            let differs = claim.head.head.records == records && claim.head.head.digest != digest;
            if differs && self.is_signed(claim) {
                wrong.push(Wrong::Forked { witness: claim.witness, record: claim.record, records });
            }
        }
        wrong
    }

    fn is_signed(&self, claim: &Claim) -> bool {
        self.outcome.bench.colony.is_some_and(|colony| claim.head.verify(&claim.key, colony).is_ok())
    }

    /// The log ends here.
    fn end(&mut self, records: u64) {
        let lost = self.claims.iter().skip(self.next_claim).filter(|claim| claim.head.head.records > records);
        let lost: Vec<&Claim> = lost.copied().filter(|claim| self.is_signed(claim)).collect();
        for claim in lost {
            let known = claim.head.head.records;
            self.find(Finding::overall(Wrong::RolledBack { witness: claim.witness, record: claim.record, known, records }));
        }
    }

    fn judge(&mut self, fact: &Fact, header: &Header) -> Option<Wrong> {
        let Some(state) = &self.state else {
            self.outcome.unjudged += 1;
            return None;
        };
        self.outcome.refusals += u64::from(matches!(fact, Fact::Refused { .. }));
        if self.outcome.bench.owner.is_none() && !is_hearsay(fact) {
            return Some(Wrong::NobodysLog);
        }
        let wrong = match self.saved.judge(fact).and_then(|()| judge_under(state, self.specs, fact)) {
            Ok(Judged::Derived) => {
                self.outcome.derived += 1;
                None
            }
            Ok(Judged::Unshown) => {
                self.outcome.unshown += 1;
                None
            }
            Err(drift) => Some(Wrong::Drift(drift)),
        };
        let misplaced = state.link(fact).trajectory != header.link.trajectory;
        wrong.or(misplaced.then_some(Wrong::Trajectory))
    }
}

/// Whether a fact may stand in a ledger in which nothing else names its keeper.
fn is_hearsay(fact: &Fact) -> bool {
    match fact {
        Fact::Known { .. } | Fact::Revoked(_) | Fact::Witnessed { .. } | Fact::Forked(_) => true,
        Fact::Granted { .. }
        | Fact::Delegated { .. }
        | Fact::Refused { .. }
        | Fact::Started { .. }
        | Fact::Withheld { .. }
        | Fact::Done { .. }
        | Fact::Failed { .. }
        | Fact::Doubted { .. }
        | Fact::Expired { .. }
        | Fact::Closed { .. }
        | Fact::Reclaimed(_)
        | Fact::Released(_)
        | Fact::Begun(_)
        | Fact::Commissioned(_)
        | Fact::Ended(_)
        | Fact::Reported(_)
        | Fact::Declined { .. }
        | Fact::Forgot { .. }
        | Fact::Denied { .. }
        | Fact::Acted { .. }
        | Fact::Moved { .. }
        | Fact::Saving
        | Fact::Saved { .. } => false,
    }
}

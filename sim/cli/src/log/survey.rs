//! What all ledgers together say of who there is: keys, colonies, trust roots, and heads that one remembers of another.
//!
//! None of it is believed. That a key keeps a log is proved by the log's id; whose writs need no parent is named in the answer.

use crate::bad_input::BadInput;
use crate::log::folder::Ledger;
use antfarm_authority::{TrustRoots, Writ};
use antfarm_automata::entities::Suite;
use antfarm_identity::{Digest, PublicKey};
use antfarm_ledger::SignedHead;
use antfarm_node::{Fact, log_of};
use std::collections::{BTreeMap, BTreeSet};

/// Who there is.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    keys: BTreeSet<PublicKey>,
    /// Colonies, and who gave writs without a parent there.
    colonies: BTreeMap<Digest, BTreeSet<PublicKey>>,
    /// The first colony of each ledger.
    first: Vec<Option<Digest>>,
    /// Which colony and key a log's id is made of.
    owners: BTreeMap<Digest, (Digest, PublicKey)>,
    claims: BTreeMap<Digest, Vec<Claim>>,
    /// The only trust roots, if the auditor said so.
    trusted: Vec<PublicKey>,
    /// The specs that entities live by, if the auditor brought them.
    pub(crate) specs: Option<Suite>,
}

/// A head of one ledger that another remembers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    /// Which ledger remembers it, by number.
    pub(crate) witness: usize,
    /// In which record.
    pub(crate) record: u64,
    /// Whose head it is said to be.
    pub(crate) key: PublicKey,
    pub(crate) head: SignedHead,
}

/// Who keeps a ledger, and whose writs count in it.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    pub(crate) colony: Option<Digest>,
    /// `None`: no fact names the key that the log's id is made of.
    pub(crate) owner: Option<PublicKey>,
    /// `None` where there is no colony.
    pub(crate) roots: Option<TrustRoots>,
}

impl Survey {
    /// Reads all ledgers once. `trusted` are the only trust roots, if there are any.
    pub(crate) fn of(
        ledgers: &[Ledger],
        log: Option<Digest>,
        (colony, trusted): (Option<Digest>, &[PublicKey]),
    ) -> Result<Self, BadInput> {
        let mut survey = Self { trusted: trusted.to_vec(), ..Self::default() };
        survey.keys.extend(trusted);
        survey.colonies.extend(colony.map(|colony| (colony, BTreeSet::new())));
        for (number, ledger) in ledgers.iter().enumerate() {
            survey.first.push(None);
            let Some(log) = log.or(ledger.claimed) else { continue };
            ledger.read(log, None, &mut |record| {
                if let Ok(Some(fact)) = Fact::read(record) {
                    survey.take(number, record.header.position, &fact);
                }
            })?;
        }
        for colony in survey.colonies.keys() {
            survey.owners.extend(survey.keys.iter().map(|key| (log_of(*colony, key), (*colony, *key))));
        }
        Ok(survey)
    }

    fn take(&mut self, ledger: usize, record: u64, fact: &Fact) {
        match fact {
            Fact::Known { writ } | Fact::Granted { writ, .. } | Fact::Delegated { writ } => self.writ(ledger, writ),
            Fact::Refused { intent, .. } | Fact::Started { intent, .. } | Fact::Acted { intent, .. } => {
                self.keys.extend([intent.author, intent.origin])
            }
            Fact::Revoked(revocation) => drop(self.keys.insert(revocation.by)),
            Fact::Witnessed { heads } => {
                for (key, head) in heads {
                    self.keys.insert(*key);
                    let claim = Claim { witness: ledger, record, key: *key, head: *head };
                    self.claims.entry(head.log).or_default().push(claim);
                }
            }
            Fact::Withheld { .. }
            | Fact::Done { .. }
            | Fact::Failed { .. }
            | Fact::Doubted { .. }
            | Fact::Expired { .. }
            | Fact::Closed { .. }
            | Fact::Reclaimed(_)
            | Fact::Released(_)
            | Fact::Forked(_)
            | Fact::Begun(_)
            | Fact::Commissioned(_)
            | Fact::Ended(_)
            | Fact::Reported(_)
            | Fact::Declined { .. }
            | Fact::Forgot { .. }
            | Fact::Denied { .. }
            | Fact::Moved { .. }
            | Fact::Saving
            | Fact::Saved { .. } => {}
        }
    }

    fn writ(&mut self, ledger: usize, writ: &Writ) {
        let body = &writ.body;
        self.keys.extend([body.issuer, body.subject, body.home]);
        self.first[ledger].get_or_insert(body.grant.colony);
        let roots = self.colonies.entry(body.grant.colony).or_default();
        if body.parent.is_none() {
            roots.insert(body.issuer);
        }
    }

    /// Who keeps a ledger, which is the log with this id.
    pub(crate) fn bench(&self, ledger: usize, log: Digest) -> Bench {
        let owner = self.owners.get(&log).copied();
        let first = self.first.get(ledger).copied().flatten();
        let colony = owner.map(|(colony, _)| colony).or(first).or_else(|| self.colonies.keys().next().copied());
        let roots = colony.and_then(|colony| TrustRoots::new(colony, self.roots(colony)));
        Bench { colony, owner: owner.map(|(_, key)| key), roots }
    }

    /// Whose writs need no parent in a colony: whom the auditor named, else as many as may be of those who gave such.
    pub(crate) fn roots(&self, colony: Digest) -> Vec<PublicKey> {
        if !self.trusted.is_empty() {
            return self.trusted.clone();
        }
        let given = self.colonies.get(&colony).into_iter().flatten();
        // A key for which nobody can sign is nobody's word.
        given.filter(|key| key.check().is_ok()).take(antfarm_authority::MAX_ROOTS).copied().collect()
    }

    /// All trust roots that were taken at the ledgers' word.
    pub(crate) fn believed(&self) -> BTreeSet<PublicKey> {
        if !self.trusted.is_empty() {
            return BTreeSet::new();
        }
        self.colonies.keys().flat_map(|colony| self.roots(*colony)).collect()
    }

    /// Any key at all: whose log it is matters to no fact that a ledger without a known keeper may hold.
    pub(crate) fn anybody(&self) -> Option<PublicKey> {
        self.keys.first().copied()
    }

    /// The heads of a log that other ledgers remember.
    pub(crate) fn claims(&self, log: &Digest) -> &[Claim] {
        self.claims.get(log).map_or(&[], Vec::as_slice)
    }
}

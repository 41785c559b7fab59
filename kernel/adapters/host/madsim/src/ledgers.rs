//! What lies on the disks in the end, as an auditor reads it: chains, every fact judged by those before it, and each ledger held
//! against the heads that the others remember.

use crate::desk::Fate;
use crate::machine::{colony, key, roots};
use antfarm_authority::{EffectKey, WritId};
use antfarm_identity::{Digest, PublicKey};
use antfarm_ledger::{Link, Record, SignedHead, Verifier, segment_number};
use antfarm_machine::Object;
use antfarm_node::{Answer, Fact, Notice, SavedStates, State, judge, log_of};
use antfarm_sim::Disk;
use std::collections::{BTreeMap, BTreeSet};

/// One ledger.
#[derive(Default)]
pub struct Ledger {
    /// Whose.
    pub number: u32,
    /// Calls that were done.
    pub done: BTreeSet<EffectKey>,
    /// Calls that never will be.
    pub failed: BTreeSet<EffectKey>,
    /// Calls that were not begun, at least once.
    pub refused: BTreeSet<EffectKey>,
    /// Calls that were begun, and never left.
    pub withheld: BTreeSet<EffectKey>,
    /// Parts of writs whose rest came back.
    pub reclaimed: BTreeSet<WritId>,
    /// The digests of its records, in order.
    digests: Vec<Digest>,
    /// Heads of others that it remembers.
    remembered: Vec<(PublicKey, SignedHead)>,
}

impl Ledger {
    /// Reads it.
    ///
    /// Panics at the first thing that is wrong.
    pub fn read(number: u32, disk: &Disk) -> Self {
        let log = log_of(colony(), &key(number));
        let segments = segments(disk);
        let bytes: Vec<&[u8]> = segments.iter().map(|object| disk.bytes(object)).collect();
        let mut trial = Trial {
            ledger: Self { number, ..Self::default() },
            state: State::of_log(roots(), log, key(number)),
            saved: SavedStates::new(log),
            links: BTreeMap::new(),
            started: BTreeSet::new(),
        };
        let verified = Verifier::new(log).run(&bytes, &mut |record| trial.take(record));
        let verified = verified.unwrap_or_else(|refused| panic!("ledger {number}: {refused:?}"));
        assert!(verified.tear.is_none(), "ledger {number} was closed in order, and its end is torn: {:?}", verified.tear);
        trial.state.check();
        trial.ledger
    }

    /// How many records it has.
    pub fn records(&self) -> u64 {
        self.digests.len() as u64
    }

    /// What became of a call in the end; nothing where it is not on this ledger.
    pub fn fate(&self, key: &EffectKey) -> Option<Fate> {
        let refused = self.refused.contains(key) || self.withheld.contains(key);
        match (self.done.contains(key), self.failed.contains(key)) {
            (true, _) => Some(Fate::Done),
            (false, true) => Some(Fate::Failed),
            (false, false) => refused.then_some(Fate::Refused),
        }
    }

    /// Holds it against what another remembers of it.
    pub fn compare(&self, other: &Self) {
        for (_, signed) in other.remembered.iter().filter(|(whose, _)| *whose == key(self.number)) {
            signed.verify(&key(self.number), colony()).expect("it was verified when it was recorded");
            let records = signed.head.records;
            let last = usize::try_from(records).ok().and_then(|records| self.digests.get(records.checked_sub(1)?));
            let (mine, other) = (self.number, other.number);
            assert_eq!(last, Some(&signed.head.digest), "ledger {other} remembers {records} records of ledger {mine}");
        }
    }
}

/// Whether what the node of this number tells is on its disk already. It reads all of the ledger.
pub fn shows(number: u32, disk: &Disk, notice: &Notice) -> bool {
    let is_it = |fact: &Fact| match notice {
        Notice::Answered { key, answer: Answer::Done { .. }, .. } => matches!(fact, Fact::Done { key: it, .. } if it == key),
        Notice::Answered { key, answer: Answer::Failed, .. } => matches!(fact, Fact::Failed { key: it, .. } if it == key),
        Notice::Answered { key, answer: Answer::Refused(_), .. } => {
            matches!(fact, Fact::Withheld { key: it, .. } if it == key)
                || matches!(fact, Fact::Refused { intent, .. } if intent.key() == *key)
        }
        Notice::Granted { writ, .. } => {
            matches!(fact, Fact::Granted { writ: it, .. } | Fact::Delegated { writ: it } if it.id() == *writ)
        }
        Notice::Closed { writ } => matches!(fact, Fact::Closed { writ: it } if it == writ),
        Notice::Reclaimed { writ } => matches!(fact, Fact::Reclaimed(it) if it.writ == *writ),
        // These show no single record.
        Notice::Answered { answer: Answer::InDoubt | Answer::Busy, .. }
        | Notice::Opened(_)
        | Notice::Stopped(_)
        | Notice::Refused(_)
        | Notice::Broken { .. }
        | Notice::RolledBack { .. }
        | Notice::Declined { .. }
        | Notice::Called(_)
        | Notice::Revoked { .. }
        | Notice::Forked { .. }
        | Notice::Began { .. }
        | Notice::Ended { .. }
        | Notice::Reported { .. }
        | Notice::Stepped(_) => true,
    };
    let mut found = is_it(&Fact::Saving);
    let segments = segments(disk);
    let bytes: Vec<&[u8]> = segments.iter().map(|object| disk.bytes(object)).collect();
    let verified = Verifier::new(log_of(colony(), &key(number))).run(&bytes, &mut |record| {
        found |= Fact::read(record).is_ok_and(|fact| fact.is_some_and(|fact| is_it(&fact)));
    });
    verified.unwrap_or_else(|refused| panic!("ledger {number}: {refused:?}"));
    found
}

fn segments(disk: &Disk) -> Vec<Object> {
    let objects = disk.list().into_iter();
    let mut segments: Vec<_> = objects.filter_map(|entry| Some((segment_number(&entry.object)?, entry.object))).collect();
    segments.sort();
    segments.into_iter().map(|(_, object)| object).collect()
}

struct Trial {
    ledger: Ledger,
    state: State,
    saved: SavedStates,
    links: BTreeMap<Digest, Link>,
    started: BTreeSet<EffectKey>,
}

impl Trial {
    fn take(&mut self, record: &Record<'_>) {
        let (header, at) = (&record.header, format!("ledger {}, record {}", self.ledger.number, record.header.position));
        let expected = self.links.get(&header.link.trajectory).copied().unwrap_or(Link::first(header.link.trajectory));
        assert_eq!(expected, header.link, "{at} continues its trajectory");
        self.links.insert(header.link.trajectory, header.link.next(record.digest));
        self.ledger.digests.push(record.digest);
        let fact = Fact::read(record).unwrap_or_else(|bad| panic!("{at}: {bad:?}"));
        if let Some(fact) = &fact {
            let judged = self.saved.judge(fact).and_then(|()| judge(&self.state, fact).map(drop));
            judged.unwrap_or_else(|drift| panic!("{at}: {drift:?}"));
            assert_eq!(self.state.link(fact).trajectory, header.link.trajectory, "{at} stands where it belongs");
            self.note(fact);
        }
        self.state.fold_fact(record, fact);
        self.saved.pass(record, &self.state);
    }

    fn note(&mut self, fact: &Fact) {
        let Self { ledger, started, .. } = self;
        match fact {
            Fact::Started { proposal, .. } => assert!(started.insert(proposal.key), "started twice: {:?}", proposal.key),
            Fact::Done { key, .. } => {
                let ended = ledger.failed.contains(key) || ledger.withheld.contains(key);
                assert!(ledger.done.insert(*key) && started.contains(key) && !ended, "ended twice: {key:?}");
            }
            Fact::Failed { key, .. } => {
                let ended = ledger.done.contains(key) || ledger.withheld.contains(key);
                assert!(ledger.failed.insert(*key) && !ended, "ended twice: {key:?}");
            }
            Fact::Withheld { key, .. } => {
                let ended = ledger.done.contains(key) || ledger.failed.contains(key);
                assert!(ledger.withheld.insert(*key) && !ended, "ended twice: {key:?}");
            }
            Fact::Refused { intent, .. } => drop(ledger.refused.insert(intent.key())),
            Fact::Reclaimed(closed) => assert!(ledger.reclaimed.insert(closed.writ), "came back twice: {:?}", closed.writ),
            Fact::Witnessed { heads } => ledger.remembered.extend(heads.iter().copied()),
            Fact::Known { .. }
            | Fact::Granted { .. }
            | Fact::Delegated { .. }
            | Fact::Doubted { .. }
            | Fact::Revoked(_)
            | Fact::Expired { .. }
            | Fact::Closed { .. }
            | Fact::Released(_)
            | Fact::Forked(_)
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
            | Fact::Saved { .. } => {}
        }
    }
}

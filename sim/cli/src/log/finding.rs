//! What is wrong with a ledger, and where.

use crate::log::names::Names;
use antfarm_authority::Shortage;
use antfarm_ledger::Refused;
use antfarm_node::{Drift, Part, Unreadable};

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// Position of the record, where it is one.
    pub(crate) record: Option<u64>,
    pub(crate) wrong: Wrong,
}

/// What can be wrong.
#[derive(Clone, Debug)]
pub(crate) enum Wrong {
    /// The bytes are not a whole log.
    Bytes(Refused),
    /// A record does not continue its trajectory.
    Link,
    /// A record stands in a trajectory that it does not belong to.
    Trajectory,
    /// A record says nothing that this version understands.
    Unreadable(Unreadable),
    /// No honest node recorded it there.
    Drift(Drift),
    /// A decision, and no fact names the key that the log's id is made of.
    NobodysLog,
    /// The log's keeper signed another history for somebody else.
    Forked {
        /// Which ledger remembers it.
        witness: usize,
        /// In which record.
        record: u64,
        /// Up to how many records.
        records: u64,
    },
    /// The log's keeper signed for records that are not there.
    RolledBack {
        /// Which ledger remembers it.
        witness: usize,
        /// In which record.
        record: u64,
        /// For how many.
        known: u64,
        /// How many there are.
        records: u64,
    },
}

impl Finding {
    pub(crate) const fn of_bytes(refused: Refused) -> Self {
        Self { record: None, wrong: Wrong::Bytes(refused) }
    }

    pub(crate) const fn of_record(record: u64, wrong: Wrong) -> Self {
        Self { record: Some(record), wrong }
    }

    pub(crate) const fn overall(wrong: Wrong) -> Self {
        Self { record: None, wrong }
    }

    /// Where it is, for a person; empty where it is everywhere.
    pub(crate) fn place(&self) -> String {
        match (&self.wrong, self.record) {
            (Wrong::Bytes(refused), _) => format!("`{}`, byte {}: ", refused.object, refused.offset),
            (_, Some(record)) => format!("record {record}: "),
            (_, None) => String::new(),
        }
    }

    /// What it is, for a person; `ledgers` are the names of all ledgers, by number.
    pub(crate) fn words(&self, ledgers: &[String], names: &Names) -> String {
        let who = |witness: &usize| ledgers.get(*witness).map_or("another ledger", String::as_str).to_owned();
        match &self.wrong {
            Wrong::Bytes(refused) => refused.reason.to_string(),
            Wrong::Link => "it does not continue its trajectory".to_owned(),
            Wrong::Trajectory => "it stands in a trajectory that it does not belong to".to_owned(),
            Wrong::Unreadable(bad) => unreadable(*bad),
            Wrong::Drift(drift) => self::drift(drift, names),
            Wrong::NobodysLog => "a decision in a log whose id is made of no key that it names".to_owned(),
            Wrong::Forked { witness, record, records } => {
                format!("{} holds another history, signed, of {records} records (its record {record})", who(witness))
            }
            Wrong::RolledBack { witness, record, known, records } => format!(
                "{} holds a signed head of {known} records (its record {record}), and there are {records}: records are gone, or this copy was taken earlier",
                who(witness)
            ),
        }
    }
}

/// Why a record says nothing.
pub(crate) fn unreadable(bad: Unreadable) -> String {
    match bad {
        Unreadable::Redacted => "its payload was redacted".to_owned(),
        Unreadable::Version { found } => {
            format!("facts of version {found} are not understood here, which is version {}", antfarm_node::VERSION)
        }
        Unreadable::Malformed(bad) => format!("its payload is no fact: {bad}"),
        Unreadable::Kind { header, payload } => format!("its header says kind {header}, its payload kind {payload}"),
    }
}

fn drift(drift: &Drift, names: &Names) -> String {
    match drift {
        Drift::NoWrit { writ } => format!("writ {} is not on the ledger", writ.digest().short()),
        Drift::NotGranted { writ } => format!("writ {} does not verify up to a trust root", writ.digest().short()),
        Drift::Suite { found } => format!("the entities were moved by the specs {}, and those before by others", found.short()),
        Drift::Step => "what the entities did does not follow from what was asked and their specs".to_owned(),
        Drift::Again => "the ledger says so already".to_owned(),
        Drift::Opened(why) => format!("no account is opened so: {why}"),
        Drift::NotConcerned => "the node neither gave this writ nor keeps it".to_owned(),
        Drift::NotHolder { writ } => format!("writ {} is not this node's to hand on", writ.digest().short()),
        Drift::DeadParent { writ } => format!("writ {} was dead when a part of it was handed on", writ.digest().short()),
        Drift::Drew(why) => format!("no budget is handed on so: {why}"),
        Drift::Closed(why) => format!("no account is closed so: {why}"),
        Drift::Reclaimed(why) => format!("nothing comes back so: {why}"),
        Drift::NotReleased => "nobody waited for this writ to be released".to_owned(),
        Drift::Revoked(why) => format!("it is no revocation: {why}"),
        Drift::Signature { key } => format!("`{key:?}` did not sign it"),
        Drift::OtherLog { log } => format!("{} is not the log of that key", names.log(log)),
        Drift::OldHead { log } => format!("a head of {} that is not later than the one before", names.log(log)),
        Drift::NoFork { log } => format!("the two heads of {} do not contradict each other", names.log(log)),
        Drift::Author { key } => format!("the intent is of `{key:?}`, not of the node"),
        Drift::Allowed(refusal) => format!("the call must be refused: {refusal}"),
        Drift::Refused { derived: None } => "the wish was refused for a reason that does not hold".to_owned(),
        Drift::Refused { derived: Some(reason) } => {
            format!("the wish was refused for a reason that does not hold; this one does: {reason}")
        }
        Drift::Repeated { key } => format!("call {} was decided on before", key.digest().short()),
        Drift::Compiler { found } => format!("compiler {found} is not known here: what it decided cannot be derived"),
        Drift::Proposal(part) => format!("{} is not what follows from the intent", self::part(*part)),
        Drift::TooMany => "a node does not take on so much".to_owned(),
        Drift::NotUnderway { key } => format!("call {} is not under way", key.digest().short()),
        Drift::Overspent(Shortage { dimension, free, wanted }) => {
            format!("{wanted} of {dimension} were spent, and {free} were set aside")
        }
        Drift::Unthought { .. } => "it was done in the name of a run whose mind did not say so there".to_owned(),
        Drift::Ending => "the task did not end so".to_owned(),
        Drift::World => "the world was changed otherwise than the call's result does".to_owned(),
        Drift::Forgot => "nothing was over that could be forgotten".to_owned(),
        Drift::Saved { at } => format!("the checkpoint of {at} records is not what these records make"),
        Drift::Denied { derived: None } => "nothing on the ledger spoke against what was asked".to_owned(),
        Drift::Denied { derived: Some(why) } => format!("it must be declined for another reason: {why}"),
    }
}

const fn part(part: Part) -> &'static str {
    match part {
        Part::Intent => "the digest of the intent",
        Part::Key => "the key of the call",
        Part::Tool => "the tool",
        Part::Status => "the status",
        Part::Deadline => "the deadline",
    }
}

//! The past of a colony: opening the ledger of many commits, from its first record or from a checkpoint, and deriving its decisions
//! again.

use antfarm_authority::TrustRoots;
use antfarm_colony::{Colony, Plan, Settings, Terms, signer};
use antfarm_ledger::{Record, Verifier, checkpoint_records, segment_number};
use antfarm_machine::{
    Effect, Effects, Entry, Input, Machine, Mono, Now, Object, Operation, Outcome, PeerId, Receipt, Request, Span, Wall,
};
use antfarm_node::{Fact, Judged, Node, State, judge, log_of};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Different targets of the payments.
const ACCOUNTS: u64 = 1_000;

/// A colony, and who has made so many payments in it.
struct Paid {
    commits: u64,
    save: u64,
    colony: Colony,
    payer: PeerId,
    /// The segments of the payer's log, in order.
    segments: Vec<Vec<u8>>,
    /// All that is on its disk.
    objects: BTreeMap<Object, Arc<[u8]>>,
}

impl Paid {
    /// The payer saves its state after so many records; 0: never.
    fn new(commits: u64, save: u64) -> Self {
        let settings = Settings { save, ..Settings::default() };
        let mut colony = Colony::seeded(1).members(["queen", "scout", "bank"]).settings(settings).quiet().build();
        let [queen, payer, _] = colony.ids();
        let writ = colony.grant(queen, payer, Terms::default().calls(commits).spend(commits).freshness(Span::from_secs(60)));
        colony.run_for(Span::from_secs(1));
        for nth in 0..commits {
            colony.pay(payer, &writ, &format!("customer-{}", nth % ACCOUNTS), 1);
            if nth % 16 == 15 {
                colony.run_for(Span::from_millis(50));
            }
        }
        colony.settle();
        assert_eq!(colony.node(payer).state().begun() as u64, commits, "every payment was made");
        let disk = colony.simulation().world().disk(payer);
        let objects = disk.list().into_iter().map(|entry| entry.object).filter(|object| segment_number(object).is_some());
        let segments = objects.map(|object| disk.bytes(&object).to_vec()).collect();
        let objects = disk.list().into_iter().map(|entry| (entry.object.clone(), disk.bytes(&entry.object).into())).collect();
        Self { commits, save, colony, payer, segments, objects }
    }
}

thread_local! {
    static PAID: RefCell<Option<Paid>> = const { RefCell::new(None) };
}

fn with<T>(commits: u64, save: u64, work: impl FnOnce(&mut Paid) -> T) -> T {
    PAID.with_borrow_mut(|kept| {
        let paid = match kept {
            Some(kept) if (kept.commits, kept.save) == (commits, save) => kept,
            Some(_) | None => kept.insert(Paid::new(commits, save)),
        };
        work(paid)
    })
}

/// A node that made so many commits starts again: it opens its log, verifies and folds it, and serves. The number of records.
pub fn reopen(commits: u64) -> u64 {
    with(commits, 0, |Paid { colony, payer, .. }| {
        colony.crash(*payer);
        colony.run_for(Span::from_millis(1));
        assert!(!colony.node(*payer).is_serving(), "it is down");
        colony.mend();
        while !colony.node(*payer).is_serving() {
            colony.run_for(Span::from_millis(10));
        }
        let records = colony.node(*payer).ledger().durable().map_or(0, |head| head.records);
        assert!(records > 2 * commits && colony.node(*payer).state().begun() as u64 == commits, "all of it was folded");
        records
    })
}

/// The process of a node that made so many commits, and saved its state after so many records, starts again: it takes up its latest
/// checkpoint, reads what follows, and serves. All is in memory, and nobody else is there. The number of records in its ledger.
pub fn restart(commits: u64, save: u64) -> u64 {
    with(commits, save, |Paid { colony, payer, objects, .. }| {
        let mut node = Node::new(colony.node(*payer).config().clone());
        let now = Now { mono: Mono::ZERO, wall: Wall::ZERO + Span::from_secs(1_000_000) };
        let (mut inputs, mut effects) = (Vec::from([Input::Woke { incarnation: 1 }]), Vec::new());
        while let Some(input) = inputs.pop() {
            node.step(now, input, &mut Effects::new(&mut effects));
            for effect in effects.drain(..) {
                let Effect::Store(Request { ticket, operation }) = effect else { continue };
                inputs.push(Input::Stored(Receipt { ticket, outcome: answer(objects, operation) }));
            }
            if node.is_serving() {
                break;
            }
        }
        assert!(node.is_serving() && node.state().begun() as u64 == commits, "it serves, and knows all");
        let (records, _) = node.ledger().submitted().expect("it is open");
        let saved = objects.keys().filter_map(checkpoint_records).max().unwrap_or(0);
        assert!(records > 2 * commits && (save == 0 || records - saved <= 2 * save), "{saved} of {records} records are saved");
        records
    })
}

/// What a disk in memory answers that forgets what is appended.
fn answer(objects: &BTreeMap<Object, Arc<[u8]>>, operation: Operation) -> Outcome {
    match operation {
        Operation::List => {
            let entry = |(object, bytes): (&Object, &Arc<[u8]>)| Entry { object: object.clone(), length: bytes.len() as u64 };
            Outcome::Listed(objects.iter().map(entry).collect())
        }
        Operation::Read { object, range } => {
            let at = |offset: u64| usize::try_from(offset).expect("it fits into memory");
            Outcome::Data(objects[&object][at(range.start)..at(range.end)].to_vec())
        }
        Operation::AppendAt { .. } | Operation::Truncate { .. } | Operation::Remove { .. } => Outcome::Done,
    }
}

/// Derives every decision of the ledger of so many commits again, as `antfarm verify` does; how many there were.
pub fn derive(commits: u64) -> u64 {
    with(commits, 0, |Paid { payer, segments, .. }| {
        let key = signer(*payer).public();
        let roots = TrustRoots::new(Plan::colony(), [signer(PeerId::new(0)).public()]).expect("one is not too many");
        let log = log_of(Plan::colony(), &key);
        let mut state = State::of_log(roots, log, key);
        let mut decisions = 0;
        let mut take = |record: &Record<'_>| {
            let Some(fact) = Fact::read(record).expect("a fact") else { return };
            let judged = judge(&state, &fact).expect("an honest node recorded it");
            assert!(state.link(&fact) == record.header.link, "it stands in its trajectory");
            let decided = matches!(fact, Fact::Started { .. } | Fact::Refused { .. } | Fact::Withheld { .. });
            assert!(judged == Judged::Derived || !decided, "it is shown by those before it");
            decisions += u64::from(decided);
            state.fold_fact(record, Some(fact));
        };
        let segments: Vec<&[u8]> = segments.iter().map(Vec::as_slice).collect();
        Verifier::new(log).run(&segments, &mut take).expect("the log is whole");
        assert!(state.broken().is_none() && decisions == commits, "every commit was decided on");
        decisions
    })
}

//! Random requests while the power goes: what was answered is there, and what was not is there wholly or not at all.

use super::place::{append, ask, object, read, remove, truncate};
use super::seeds::seeds;
use antfarm_conformance::{StorageRig, storage};
use antfarm_files::Store;
use antfarm_files::shim::{Dice, Shim};
use antfarm_machine::{Operation, Outcome, Receipt, Request};
use std::cell::Cell;
use std::collections::VecDeque;

/// What one object was after each change that was asked for.
struct Past {
    name: String,
    /// Contents, oldest first; that of a missing object is empty.
    states: Vec<Vec<u8>>,
    /// The latest that was answered.
    answered: usize,
}

impl Past {
    fn now(&self) -> &[u8] {
        self.states.last().expect("there is a first one")
    }

    /// Draws a change that should be done, or a conflict, or a read; and what its answer should be.
    fn draw(&mut self, dice: &mut Dice) -> (Operation, Outcome) {
        let mut next = self.now().to_vec();
        let end = next.len() as u64;
        let operation = match dice.below(16) {
            0 => {
                next.clear();
                remove(&self.name)
            }
            1 | 2 => {
                let length = dice.below(end + 10);
                next.truncate(usize::try_from(length).expect("small"));
                truncate(&self.name, length)
            }
            3 => return (append(&self.name, end + 1 + dice.below(9), b"stale"), Outcome::Conflict { end }),
            4 => return (read(&self.name), Outcome::Data(next)),
            // Long ones now and then: several sectors, several pages.
            choice => {
                let most = if choice < 7 { 9_000 } else { 700 };
                let byte = dice.next().to_le_bytes()[0] | 1;
                let bytes: Vec<u8> = (0..dice.below(most)).map(|nth| byte.wrapping_add(nth.to_le_bytes()[0])).collect();
                next.extend(&bytes);
                append(&self.name, end, &bytes)
            }
        };
        self.states.push(next);
        (operation, Outcome::Done)
    }

    /// Demands that what is found is a state from the answered one on, and takes it for the truth.
    fn found(&mut self, bytes: Vec<u8>) {
        let possible = &self.states[self.answered..];
        assert!(
            possible.contains(&bytes),
            "`{}` has {} bytes after the cut; {} states are possible, of {:?} bytes",
            self.name,
            bytes.len(),
            possible.len(),
            possible.iter().map(Vec::len).collect::<Vec<_>>()
        );
        (self.states, self.answered) = (vec![bytes], 0);
    }
}

/// A small journal, so that it is begun anew all the time.
const JOURNAL: u64 = 64 << 10;

fn opened(shim: &Shim) -> Option<Store<Shim>> {
    match Store::sized(shim.clone(), JOURNAL) {
        Ok(store) => Some(store),
        Err(error) => {
            assert!(shim.is_cut(), "only a cut keeps it from opening: {error}");
            None
        }
    }
}

/// One life of a process: asks until the power goes, or until it is killed.
fn live(shim: &Shim, pasts: &mut [Past], dice: &mut Dice) {
    let Some(mut store) = opened(shim) else { return };
    for past in &mut *pasts {
        let [Outcome::Data(bytes)] = &mut ask(&mut store, [read(&past.name)])[..] else {
            assert!(shim.is_cut(), "`{}` can be read", past.name);
            return;
        };
        past.found(std::mem::take(bytes));
    }
    // It goes within a group mostly, and now and then within the second or third journal.
    let most = if dice.once_in(4) { 1_500 } else { 120 };
    shim.cut_after(dice.below(most));
    let is_killed = dice.once_in(3);
    while !shim.is_cut() && !(is_killed && dice.once_in(8)) {
        let drawn: Vec<_> = (0..1 + dice.below(12))
            .map(|_| {
                let past = dice.index(pasts.len());
                let (operation, expected) = pasts[past].draw(dice);
                (past, pasts[past].states.len() - 1, operation, expected)
            })
            .collect();
        let outcomes = ask(&mut store, drawn.iter().map(|(_, _, operation, _)| operation.clone()));
        for ((past, state, operation, expected), outcome) in drawn.into_iter().zip(outcomes) {
            if outcome == Outcome::Failed {
                assert!(shim.is_cut(), "{operation:?} is answered with `Failed` while there is power");
                continue;
            }
            assert_eq!(outcome, expected, "{operation:?}");
            if expected == Outcome::Done {
                pasts[past].answered = pasts[past].answered.max(state);
            }
        }
        if dice.once_in(20) {
            store.close();
            match opened(shim) {
                Some(again) => store = again,
                None => return,
            }
        }
    }
}

#[test]
fn what_was_answered_survives_any_power_cut_and_the_rest_is_whole_or_absent() {
    let cuts = Cell::new(0);
    seeds(60, |seed| {
        let mut dice = Dice::seeded(seed ^ 0xA5A5);
        let mut shim = Shim::seeded(seed);
        if dice.once_in(4) {
            shim.without_reserve();
        }
        // More objects than are open at a time, now and then.
        let count = if dice.once_in(8) { 100 } else { 1 + dice.below(4) };
        let name = |nth| format!("object-{nth}");
        let past = |nth| Past { name: name(nth), states: vec![Vec::new()], answered: 0 };
        let mut pasts: Vec<Past> = (0..count).map(past).collect();
        for _ in 0..5 {
            live(&shim, &mut pasts, &mut dice);
            // Often the power goes again while the journal is replayed.
            shim = if shim.is_cut() { shim.restart() } else { shim.kill() };
            if dice.once_in(3) {
                shim.cut_after(dice.below(60));
            }
            cuts.set(cuts.get() + 1);
        }
    });
    assert!(cuts.get() >= 5, "the power went");
}

/// A store on the shim; a crash is a power cut.
struct Cut {
    shim: Shim,
    store: Store<Shim>,
    requests: VecDeque<Request>,
    receipts: VecDeque<Receipt>,
    /// Requests are performed so many at a time, so that a crash finds some of them answered and in the files.
    at_once: usize,
}

impl StorageRig for Cut {
    fn submit(&mut self, request: Request) {
        self.requests.push_back(request);
    }

    fn next(&mut self) -> Option<Receipt> {
        if self.receipts.is_empty() {
            let mut some = self.requests.drain(..self.requests.len().min(self.at_once)).collect();
            self.store.perform(&mut some, |receipt| self.receipts.push_back(receipt));
        }
        self.receipts.pop_front()
    }

    fn crash(&mut self) {
        self.receipts.clear();
        // In the middle of performing what is waiting.
        self.shim.cut_after(5);
        self.store.perform(&mut self.requests, |_| ());
        self.requests.clear();
        self.shim = self.shim.restart();
        self.store = Store::open(self.shim.clone()).expect("there is power again");
    }
}

#[test]
fn a_store_keeps_the_contract_over_power_cuts() {
    seeds(8, |seed| {
        let nth = Cell::new(0);
        storage(|| {
            nth.set(nth.get() + 1);
            let shim = Shim::seeded(seed << 8 | nth.get());
            let store = Store::open(shim.clone()).expect("there is power");
            let at_once = 1 + usize::try_from(seed % 3).expect("small");
            Cut { shim, store, requests: VecDeque::new(), receipts: VecDeque::new(), at_once }
        });
    });
}

#[test]
fn objects_of_a_shim_are_what_a_listing_says() {
    let mut store = Store::open(Shim::seeded(1)).expect("there is power");
    let outcomes = ask(&mut store, [append("b", 0, b"22"), append("a", 0, b"1"), Operation::List]);
    let Outcome::Listed(entries) = &outcomes[2] else { panic!("it is a listing: {outcomes:?}") };
    let found: Vec<_> = entries.iter().map(|entry| (entry.object.clone(), entry.length)).collect();
    assert_eq!(found, [(object("a"), 1), (object("b"), 2)], "and the journal is none of them");
}

//! Random trees of budgets over three homes that crash, and whose messages are lost, late and doubled.
//!
//! A home keeps a journal of the operations that were not refused, as its ledger would. Nothing leaves it, no effect and no
//! voucher, before the journal is durable; a crash takes away what is not, and the rest is replayed.

use crate::fixture::{amount, delegation, offer, root, roots, wide};
use antfarm_authority::{Account, Accounts, Amount, Closed, Drawn, Grant, Granted, SavedAccounts};
use antfarm_identity::{Digest, Domain, Signer, from_bytes, to_bytes};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Its number names the signer too; the first is the scout's, where the root lives.
const HOMES: [u64; 3] = [2, 10, 11];
const GRANTED: u64 = 20;

#[derive(Clone)]
enum Step {
    Open(Granted, Option<Drawn>),
    Reserve(Granted, Digest, Amount),
    Settle(Granted, Digest, Amount),
    Draw(Granted),
    Expire(Granted),
    Close(Granted),
    Reclaim(Granted, Closed),
}

struct Home {
    signer: Signer,
    accounts: Accounts,
    journal: Vec<Step>,
    durable: usize,
    /// The accounts as they were after so many steps, all of them durable.
    checkpoint: (usize, Vec<u8>),
}

impl Home {
    fn new(number: u64) -> Self {
        let signer = Signer::insecure(number);
        let accounts = Accounts::new(signer.public());
        let checkpoint = (0, to_bytes(&accounts.saved()));
        Self { accounts, signer, journal: Vec::new(), durable: 0, checkpoint }
    }

    fn perform(accounts: &mut Accounts, step: &Step) -> bool {
        match step {
            Step::Open(writ, drawn) => accounts.open(writ, drawn.as_ref()).is_ok(),
            Step::Reserve(writ, name, amount) => accounts.reserve(writ.id(), *name, *amount).is_ok(),
            Step::Settle(writ, name, spent) => accounts.settle(writ.id(), *name, *spent).is_ok(),
            Step::Draw(child) => accounts.draw(child).is_ok(),
            Step::Expire(writ) => accounts.expire(writ.id()),
            Step::Close(writ) => accounts.close(writ.id()).is_ok(),
            Step::Reclaim(parent, closed) => accounts.reclaim(parent.id(), closed).is_ok(),
        }
    }

    /// A refused step must leave no trace, or the replay would differ.
    fn try_step(&mut self, step: Step) {
        let before = self.accounts.clone();
        if Self::perform(&mut self.accounts, &step) {
            self.journal.push(step);
        } else {
            assert_eq!(self.accounts, before, "a refusal changed something");
        }
    }

    fn crash(&mut self) {
        let whole = self.durable == self.journal.len();
        let before = std::mem::replace(&mut self.accounts, Accounts::new(self.signer.public()));
        self.journal.truncate(self.durable);
        for step in &self.journal {
            assert!(Self::perform(&mut self.accounts, step), "what was accepted once is accepted again");
        }
        assert!(!whole || self.accounts == before, "the replay differs");

        let (at, bytes) = &self.checkpoint;
        let saved: SavedAccounts = from_bytes(bytes).expect("what was written can be read");
        let mut restored = saved.restore(self.signer.public(), &roots()).expect("it is ours");
        assert!(self.journal[*at..].iter().all(|step| Self::perform(&mut restored, step)));
        assert_eq!(restored, self.accounts, "the checkpoint and what came after it are not the same as everything");
    }
}

enum Letter {
    Drawn(Granted, Drawn),
    Closed(Granted, Closed),
}

struct Town {
    homes: Vec<Home>,
    writs: Vec<Granted>,
    post: Vec<Letter>,
    calls: Vec<Call>,
    /// Effects that happened, by name: what each cost the world outside.
    paid: BTreeMap<Digest, u64>,
}

#[derive(Clone, Debug)]
enum Move {
    HandOn {
        writ: usize,
        home: usize,
        budget: u64,
    },
    Draw {
        writ: usize,
    },
    Open {
        writ: usize,
    },
    /// Reserve, let it become durable, act, settle; something goes wrong after so many of these.
    Call {
        writ: usize,
        amount: u64,
        cost: u64,
        done: u8,
    },
    /// Act, and settle, what was left before.
    Resume {
        call: usize,
        done: u8,
    },
    Expire {
        writ: usize,
    },
    /// Close, and let it become durable.
    Close {
        writ: usize,
        done: u8,
    },
    Resend {
        writ: usize,
    },
    Deliver {
        letter: usize,
        keep: bool,
    },
    Sync {
        home: usize,
    },
    Crash {
        home: usize,
    },
}

fn moves() -> impl Strategy<Value = Move> {
    let (writ, home) = (0..16usize, 0..3usize);
    prop_oneof![
        2 => (writ.clone(), home.clone(), 0..12u64).prop_map(|(writ, home, budget)| Move::HandOn { writ, home, budget }),
        1 => writ.clone().prop_map(|writ| Move::Draw { writ }),
        2 => writ.clone().prop_map(|writ| Move::Open { writ }),
        4 => (writ.clone(), 0..6u64, 0..6u64, 1..6u8)
            .prop_map(|(writ, amount, cost, done)| Move::Call { writ, amount, cost, done }),
        4 => (0..64usize, 1..6u8).prop_map(|(call, done)| Move::Resume { call, done }),
        1 => (0..64usize).prop_map(|writ| Move::Expire { writ }),
        3 => (writ.clone(), 1..4u8).prop_map(|(writ, done)| Move::Close { writ, done }),
        1 => writ.prop_map(|writ| Move::Resend { writ }),
        6 => (0..16usize, any::<bool>()).prop_map(|(letter, keep)| Move::Deliver { letter, keep }),
        6 => home.clone().prop_map(|home| Move::Sync { home }),
        1 => home.prop_map(|home| Move::Crash { home }),
    ]
}

/// A call that was begun: its writ, its name, and what it would cost.
#[derive(Clone)]
struct Call {
    writ: Granted,
    name: Digest,
    cost: u64,
}

impl Town {
    fn new() -> Self {
        let writ = root(Grant { budget: amount(GRANTED), ..wide() });
        let mut homes: Vec<Home> = HOMES.into_iter().map(Home::new).collect();
        homes[0].try_step(Step::Open(writ.clone(), None));
        homes[0].durable = 1;
        Self { homes, writs: vec![writ], post: Vec::new(), calls: Vec::new(), paid: BTreeMap::new() }
    }

    fn home(&mut self, writ: &Granted) -> &mut Home {
        let at = self.homes.iter().position(|it| it.signer.public() == writ.body().home);
        &mut self.homes[at.expect("every writ lives in town")]
    }

    fn step(&mut self, it: Move) {
        let known = self.writs.clone();
        let writ = |at: usize| known[at % known.len()].clone();
        match it {
            Move::HandOn { writ: at, home, budget } => self.hand_on(&writ(at), home, budget),
            Move::Draw { writ: at } => {
                let child = writ(at);
                let Some(parent) = child.parent().cloned() else { return };
                self.home(&parent).try_step(Step::Draw(child));
            }
            Move::Open { writ: at } => self.home(&writ(at)).try_step(Step::Open(writ(at), None)),
            Move::Call { writ: at, amount: n, cost, done } => {
                let number = u64::try_from(self.calls.len()).expect("few");
                let name = Digest::of(Domain::new("antfarm 2026 test reservation"), &number.to_le_bytes());
                self.calls.push(Call { writ: writ(at), name, cost });
                self.home(&writ(at)).try_step(Step::Reserve(writ(at), name, amount(n)));
                self.resume(self.calls.len() - 1, done);
            }
            Move::Resume { call, done } if !self.calls.is_empty() => self.resume(call % self.calls.len(), done),
            Move::Resume { .. } => {}
            // Seldom, and never the root, under which all would end.
            Move::Expire { writ: at } if at % 4 == 1 => self.home(&writ(at)).try_step(Step::Expire(writ(at))),
            Move::Expire { .. } => {}
            Move::Close { writ: at, done } => {
                self.home(&writ(at)).try_step(Step::Close(writ(at)));
                if done > 1 {
                    self.sync_home_of(&writ(at));
                }
            }
            Move::Resend { writ: at } => self.resend(&writ(at)),
            Move::Deliver { letter, keep } => self.deliver(letter, keep),
            Move::Sync { home } => self.sync(home),
            Move::Crash { home } => self.homes[home].crash(),
        }
    }

    fn hand_on(&mut self, parent: &Granted, home: usize, budget: u64) {
        let depth = parent.body().grant.delegation.depth();
        if depth == 0 || self.writs.len() == 6 {
            return;
        }
        let grant = Grant { budget: amount(budget), delegation: delegation(depth - 1, true), ..parent.body().grant.clone() };
        let holder = HOMES.map(Signer::insecure).into_iter().find(|it| it.public() == parent.body().subject);
        let number = u8::try_from(self.writs.len()).expect("few");
        if let Ok(writ) = parent.delegate(offer(&self.homes[home].signer, number, grant), &holder.expect("in town")) {
            let child = parent.child(writ).expect("what is handed on is accepted");
            self.writs.push(child.clone());
            self.home(parent).try_step(Step::Draw(child));
        }
    }

    /// What became durable is told at once; perhaps it gets lost.
    fn sync(&mut self, home: usize) {
        let home = &mut self.homes[home];
        for step in &home.journal[std::mem::replace(&mut home.durable, home.journal.len())..] {
            let letter = match step {
                Step::Draw(child) => home.accounts.drawn(child, &home.signer).map(|it| Letter::Drawn(child.clone(), it)),
                Step::Close(writ) => home.accounts.closed(writ.id(), &home.signer).map(|it| Letter::Closed(writ.clone(), it)),
                Step::Open(..) | Step::Reserve(..) | Step::Settle(..) | Step::Expire(_) | Step::Reclaim(..) => None,
            };
            self.post.extend(letter);
        }
        // Not at each, so that something comes after it.
        if home.durable.is_multiple_of(3) {
            home.checkpoint = (home.durable, to_bytes(&home.accounts.saved()));
        }
    }

    fn resume(&mut self, call: usize, done: u8) {
        let Call { writ, name, cost } = self.calls[call].clone();
        if done > 1 {
            self.sync_home_of(&writ);
        }
        if done > 2 {
            self.act(&writ, name, cost);
        }
        if done > 3 {
            // It failed without an effect if it did not act; that is known only once nobody will.
            let cost = self.paid.get(&name).copied().unwrap_or(0);
            self.home(&writ).try_step(Step::Settle(writ, name, amount(cost)));
        }
    }

    /// INVARIANT(durable-before-visible), kept here as a node keeps it.
    fn act(&mut self, writ: &Granted, name: Digest, cost: u64) {
        let home = self.home(writ);
        let mut reserved = None;
        for (at, step) in home.journal.iter().enumerate() {
            match step {
                Step::Reserve(_, it, amount) if *it == name => reserved = (at < home.durable).then_some(*amount),
                Step::Settle(_, it, _) if *it == name => reserved = None,
                Step::Open(..)
                | Step::Reserve(..)
                | Step::Settle(..)
                | Step::Draw(_)
                | Step::Expire(_)
                | Step::Close(_)
                | Step::Reclaim(..) => {}
            }
        }
        if let Some(reserved) = reserved {
            self.paid.entry(name).or_insert(cost.min(reserved.tokens.0));
        }
    }

    fn sync_home_of(&mut self, writ: &Granted) {
        let at = self.homes.iter().position(|it| it.signer.public() == writ.body().home);
        self.sync(at.expect("every writ lives in town"));
    }

    fn resend(&mut self, writ: &Granted) {
        if let Some(parent) = writ.parent() {
            let home = self.home(parent);
            let drawn = home.accounts.drawn(writ, &home.signer).filter(|_| home.durable == home.journal.len());
            self.post.extend(drawn.map(|it| Letter::Drawn(writ.clone(), it)));
        }
        let home = self.home(writ);
        let closed = home.accounts.closed(writ.id(), &home.signer).filter(|_| home.durable == home.journal.len());
        self.post.extend(closed.map(|it| Letter::Closed(writ.clone(), it)));
    }

    fn deliver(&mut self, letter: usize, keep: bool) {
        if self.post.is_empty() {
            return;
        }
        let at = letter % self.post.len();
        let (writ, step) = match &self.post[at] {
            Letter::Drawn(writ, drawn) => (writ.clone(), Step::Open(writ.clone(), Some(*drawn))),
            Letter::Closed(writ, closed) => match writ.parent().cloned() {
                Some(parent) => (parent.clone(), Step::Reclaim(parent, *closed)),
                None => return,
            },
        };
        if !keep {
            self.post.remove(at);
        }
        self.home(&writ).try_step(step);
    }

    /// Nothing was created or lost: all that was granted is spent, reserved or free somewhere, or on its way.
    fn check(&self) {
        let at = |writ: &Granted| self.homes.iter().find(|it| it.signer.public() == writ.body().home).expect("in town");
        let account = |writ: &Granted| at(writ).accounts.account(writ.id()).copied();
        let steps = || self.homes.iter().flat_map(|it| &it.journal);
        let drawn: Vec<&Granted> = steps().filter_map(|it| if let Step::Draw(child) = it { Some(child) } else { None }).collect();
        let returned: BTreeSet<_> =
            steps().filter_map(|it| if let Step::Reclaim(_, closed) = it { Some(closed.writ) } else { None }).collect();

        let tokens = |account: Account, place: fn(&Account) -> Amount| place(&account).tokens.0;
        let (mut spent, mut reserved, mut free, mut under_way) = (0, 0, 0, 0);
        for writ in &self.writs {
            let Some(account) = account(writ) else { continue };
            spent += tokens(account, Account::spent);
            reserved += tokens(account, Account::reserved);
            // What a child left is the parent's once it returned.
            free += if returned.contains(&writ.id()) { 0 } else { tokens(account, Account::free) };
        }
        for child in drawn {
            match account(child) {
                // What a child spent is counted at the parent too, once it returned.
                Some(account) if returned.contains(&child.id()) => spent -= tokens(account, Account::spent),
                Some(_) => {}
                None => under_way += child.body().grant.budget.tokens.0,
            }
        }
        assert_eq!(spent + reserved + free + under_way, GRANTED);
        let paid: u64 = self.paid.values().sum();
        assert!(paid <= spent + reserved, "{paid} were paid, and {spent} + {reserved} are known of");
        self.homes.iter().for_each(|it| it.accounts.check());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn budgets_are_conserved_over_random_trees_and_crashes(moves in vec(moves(), 40..200)) {
        let mut town = Town::new();
        for it in moves {
            town.step(it);
            town.check();
        }
    }
}

//! Random trees of budgets over three homes that crash, and whose messages are lost, late and doubled.
//!
//! A home keeps a journal of the operations that were not refused, as its ledger would. Nothing leaves it, no effect and no
//! voucher, before the journal is durable; a crash takes away what is not, and the rest is replayed.

use crate::fixture::{amount, delegation, offer, root, wide};
use antfarm_authority::{Account, Accounts, Amount, Closed, Drawn, Grant, Granted};
use antfarm_identity::{Digest, Domain, Signer};
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
    Close(Granted),
    Reclaim(Granted, Closed),
}

struct Home {
    signer: Signer,
    accounts: Accounts,
    journal: Vec<Step>,
    durable: usize,
}

impl Home {
    fn new(number: u64) -> Self {
        let signer = Signer::insecure(number);
        Self { accounts: Accounts::new(signer.public()), signer, journal: Vec::new(), durable: 0 }
    }

    fn perform(accounts: &mut Accounts, step: &Step) -> bool {
        match step {
            Step::Open(writ, drawn) => accounts.open(writ, drawn.as_ref()).is_ok(),
            Step::Reserve(writ, name, amount) => accounts.reserve(writ.id(), *name, *amount).is_ok(),
            Step::Settle(writ, name, spent) => accounts.settle(writ.id(), *name, *spent).is_ok(),
            Step::Draw(child) => accounts.draw(child).is_ok(),
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
    Reserve {
        writ: usize,
        name: u64,
        amount: u64,
    },
    /// The effect of what is durably reserved happens, and costs so much at most.
    Act {
        writ: usize,
        name: u64,
        cost: u64,
    },
    Settle {
        writ: usize,
        name: u64,
    },
    Close {
        writ: usize,
    },
    Write {
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
    let (writ, home, name) = (0..16usize, 0..3usize, 0..3u64);
    prop_oneof![
        1 => (writ.clone(), home.clone(), 0..12u64).prop_map(|(writ, home, budget)| Move::HandOn { writ, home, budget }),
        1 => writ.clone().prop_map(|writ| Move::Draw { writ }),
        1 => writ.clone().prop_map(|writ| Move::Open { writ }),
        2 => (writ.clone(), name.clone(), 0..8u64).prop_map(|(writ, name, amount)| Move::Reserve { writ, name, amount }),
        2 => (writ.clone(), name.clone(), 0..8u64).prop_map(|(writ, name, cost)| Move::Act { writ, name, cost }),
        2 => (writ.clone(), name).prop_map(|(writ, name)| Move::Settle { writ, name }),
        1 => writ.clone().prop_map(|writ| Move::Close { writ }),
        3 => writ.prop_map(|writ| Move::Write { writ }),
        3 => (0..16usize, any::<bool>()).prop_map(|(letter, keep)| Move::Deliver { letter, keep }),
        4 => home.clone().prop_map(|home| Move::Sync { home }),
        1 => home.prop_map(|home| Move::Crash { home }),
    ]
}

/// The name of an effect under a writ.
fn name(writ: &Granted, number: u64) -> Digest {
    let bytes = [&writ.id().digest().as_bytes()[..], &number.to_le_bytes()].concat();
    Digest::of(Domain::new("antfarm 2026 test reservation"), &bytes)
}

impl Town {
    fn new() -> Self {
        let writ = root(Grant { budget: amount(GRANTED), ..wide() });
        let mut homes: Vec<Home> = HOMES.into_iter().map(Home::new).collect();
        homes[0].try_step(Step::Open(writ.clone(), None));
        homes[0].durable = 1;
        Self { homes, writs: vec![writ], post: Vec::new(), paid: BTreeMap::new() }
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
            Move::Reserve { writ: at, name: number, amount: n } => {
                // A home does not begin anew what was done: it knows the key.
                if !self.paid.contains_key(&name(&writ(at), number)) {
                    self.home(&writ(at)).try_step(Step::Reserve(writ(at), name(&writ(at), number), amount(n)));
                }
            }
            Move::Act { writ: at, name: number, cost } => self.act(&writ(at), number, cost),
            Move::Settle { writ: at, name: number } => {
                let name = name(&writ(at), number);
                let cost = self.paid.get(&name).copied().unwrap_or(0);
                self.home(&writ(at)).try_step(Step::Settle(writ(at), name, amount(cost)));
            }
            Move::Close { writ: at } => self.home(&writ(at)).try_step(Step::Close(writ(at))),
            Move::Write { writ: at } => self.write(&writ(at)),
            Move::Deliver { letter, keep } => self.deliver(letter, keep),
            Move::Sync { home } => self.homes[home].durable = self.homes[home].journal.len(),
            Move::Crash { home } => self.homes[home].crash(),
        }
    }

    fn hand_on(&mut self, parent: &Granted, home: usize, budget: u64) {
        let depth = parent.body().grant.delegation.depth();
        if depth == 0 || self.writs.len() == 16 {
            return;
        }
        let grant = Grant { budget: amount(budget), delegation: delegation(depth - 1, true), ..parent.body().grant.clone() };
        let holder = HOMES.map(Signer::insecure).into_iter().find(|it| it.public() == parent.body().subject);
        let number = u8::try_from(self.writs.len()).expect("few");
        if let Ok(writ) = parent.delegate(offer(&self.homes[home].signer, number, grant), &holder.expect("in town")) {
            self.writs.push(parent.child(writ).expect("what is handed on is accepted"));
        }
    }

    /// INVARIANT(durable-before-visible), kept here as a node keeps it.
    fn act(&mut self, writ: &Granted, number: u64, cost: u64) {
        let name = name(writ, number);
        let home = self.home(writ);
        let mut reserved = None;
        for (at, step) in home.journal.iter().enumerate() {
            match step {
                Step::Reserve(_, it, amount) if *it == name => reserved = (at < home.durable).then_some(*amount),
                Step::Settle(_, it, _) if *it == name => reserved = None,
                Step::Open(..) | Step::Reserve(..) | Step::Settle(..) | Step::Draw(_) | Step::Close(_) | Step::Reclaim(..) => {}
            }
        }
        if let Some(reserved) = reserved {
            self.paid.entry(name).or_insert(cost.min(reserved.tokens.0));
        }
    }

    fn write(&mut self, writ: &Granted) {
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
    fn budgets_are_conserved_over_random_trees_and_crashes(moves in vec(moves(), 1..120)) {
        let mut town = Town::new();
        for it in moves {
            town.step(it);
            town.check();
        }
    }
}

//! Forgetting never turns a refusal into an acceptance: two homes that forget, each beside a twin that never does.
//!
//! Whatever a home accepts is done at its twin as well, which must accept it; whatever a home answers, the twin must answer.

use crate::fixture::{
    Outside, amount, delegation, helper, intent, nonce, offer, queen, root, root_body, roots, scout, wall, wide, window,
};
use antfarm_authority::{
    Accounts, Case, Closed, Drawn, Grant, Granted, Inquiry, Intent, Offer, RETENTION, Reclaimed, Revocation, Revocations,
    Standing, Standings, Writ, compile,
};
use antfarm_identity::{Digest, Domain, Signer};
use antfarm_machine::{Mono, Now, Span, Wall};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::fmt::Debug;

/// Two roots and a chain under each, at both homes, whose windows end at different times.
fn writs() -> Vec<Granted> {
    let lasting = |until: u64, depth: u8| Grant { window: window(100, until), delegation: delegation(depth, true), ..wide() };
    let here = |number: u8, home: &Signer, grant: Grant| Offer { home: home.public(), ..offer(&scout(), number, grant) };
    let hand = |parent: &Granted, offer: Offer| parent.child(parent.delegate(offer, &scout()).expect("it narrows")).expect("so");
    let short = root(lasting(200, 3));
    let body = antfarm_authority::Body { nonce: nonce(9), ..root_body(lasting(150_000, 3)) };
    let long = Granted::root(Writ::issue(body, &queen()), &roots()).expect("the queen may");
    let near = hand(&short, here(1, &scout(), Grant { budget: amount(5), ..lasting(180, 2) }));
    let far = hand(&long, here(2, &helper(), Grant { budget: amount(5), ..lasting(300, 2) }));
    let back = hand(&far, here(3, &scout(), Grant { budget: amount(3), ..lasting(250, 1) }));
    let brief = hand(&long, here(4, &scout(), Grant { budget: amount(5), ..lasting(200, 2) }));
    vec![short, long, near, far, back, brief]
}

#[derive(Clone, Debug)]
enum Move {
    Open(usize),
    Draw(usize),
    Reserve(usize, u8),
    Settle(usize, u8),
    Close(usize),
    /// Any of the words that were ever said, to whom it concerns.
    Hear(usize),
    Revoke(usize),
    Stand(usize),
    /// The wall clock at which it is judged may have gone back.
    Judge(usize, u64),
    Forget(usize, u64),
}

fn moves() -> impl Strategy<Value = Move> {
    let writ = 0..6usize;
    // Of ten hours each: before, between and after the times at which writs are over.
    let time = 0..10u64;
    prop_oneof![
        3 => writ.clone().prop_map(Move::Open),
        3 => writ.clone().prop_map(Move::Draw),
        2 => (writ.clone(), 0..3u8).prop_map(|(writ, name)| Move::Reserve(writ, name)),
        2 => (writ.clone(), 0..3u8).prop_map(|(writ, name)| Move::Settle(writ, name)),
        4 => writ.clone().prop_map(Move::Close),
        6 => any::<usize>().prop_map(Move::Hear),
        1 => writ.clone().prop_map(Move::Revoke),
        2 => writ.clone().prop_map(Move::Stand),
        2 => (writ.clone(), 100..400u64).prop_map(|(writ, at)| Move::Judge(writ, at)),
        2 => (0..2usize, time).prop_map(|(home, time)| Move::Forget(home, time)),
    ]
}

enum Word {
    Drawn(usize, Drawn),
    Closed(usize, Closed),
    Reclaimed(usize, Reclaimed),
}

/// A home, or its twin.
#[derive(Clone)]
struct Home {
    signer: Signer,
    accounts: Accounts,
    revocations: Revocations,
}

struct Town {
    writs: Vec<Granted>,
    homes: [Home; 2],
    twins: [Home; 2],
    words: Vec<Word>,
    forgotten: usize,
}

impl Town {
    fn new(writs: &[Granted]) -> Self {
        let homes = [scout(), helper()].map(|signer| Home {
            accounts: Accounts::new(signer.public()),
            signer,
            revocations: Revocations::new(),
        });
        Self { writs: writs.to_vec(), twins: homes.clone(), homes, words: Vec::new(), forgotten: 0 }
    }

    fn at(&self, writ: &Granted) -> usize {
        usize::from(writ.body().home == helper().public())
    }

    /// What the home accepts, the twin accepts; and it answers the same.
    fn both<T: PartialEq + Debug, E: Debug>(&mut self, home: usize, it: impl Fn(&mut Home) -> Result<T, E>) -> Option<T> {
        let before = self.homes[home].accounts.clone();
        match it(&mut self.homes[home]) {
            Err(_) => {
                assert_eq!(self.homes[home].accounts, before, "a refusal changed something");
                None
            }
            Ok(answer) => {
                let twin = it(&mut self.twins[home]).expect("nothing is accepted that was refused before");
                assert_eq!(answer, twin);
                Some(answer)
            }
        }
    }

    fn step(&mut self, it: &Move) {
        let writ = |at: &usize| (self.writs[*at].clone(), self.at(&self.writs[*at]));
        match it {
            Move::Open(at) => {
                let (writ, home) = writ(at);
                self.both(home, |it| it.accounts.open(&writ, None));
            }
            Move::Draw(at) => {
                let (child, _) = writ(at);
                let Some(home) = child.parent().map(|it| self.at(it)) else { return };
                self.both(home, |it| it.accounts.draw(&child));
                let said = self.both(home, |it| it.accounts.drawn(&child, &it.signer).ok_or(()));
                self.words.extend(said.map(|it| Word::Drawn(*at, it)));
            }
            Move::Reserve(at, name) => {
                let (writ, home) = writ(at);
                self.both(home, |it| it.accounts.affords(writ.id(), amount(1)));
                self.both(home, |it| it.accounts.reserve(writ.id(), key(*name), amount(1)));
            }
            Move::Settle(at, name) => {
                let (writ, home) = writ(at);
                self.both(home, |it| it.accounts.settle(writ.id(), key(*name), amount(1)));
            }
            Move::Close(at) => {
                let (writ, home) = writ(at);
                self.both(home, |it| it.accounts.close(writ.id()));
                // Never two different last words about one writ.
                let said = self.both(home, |it| it.accounts.closed(writ.id(), &it.signer).ok_or(()));
                self.words.extend(said.map(|it| Word::Closed(*at, it)));
                let Some(above) = writ.parent().map(|it| self.at(it)) else { return };
                // The twin never finds that a child is over, so only the home is asked.
                let said = self.homes[above].accounts.reclaimed(&writ, &self.homes[above].signer);
                self.words.extend(said.map(|it| Word::Reclaimed(*at, it)));
            }
            Move::Hear(which) if !self.words.is_empty() => self.hear(which % self.words.len()),
            Move::Hear(_) => {}
            Move::Revoke(at) => {
                let (writ, _) = writ(at);
                for home in 0..2 {
                    self.both(home, |it| it.revocations.take(&Revocation::sign(&writ, &queen()), &writ));
                }
            }
            Move::Stand(at) => {
                let (writ, home) = writ(at);
                self.both(home, |it| {
                    let (giver, holder) = (queen().public(), scout().public());
                    let inquiry = Inquiry { writ: writ.id(), giver, holder, epoch: 0, number: 0 };
                    Standing::answer(inquiry, &writ, &it.revocations, &queen())
                });
            }
            Move::Judge(at, second) => self.judge(*at, wall(*second)),
            Move::Forget(home, tens) => {
                let it = &mut self.homes[*home];
                let time = wall(tens * 36_000);
                self.forgotten += it.accounts.forget(time) + it.revocations.forget(time);
            }
        }
    }

    fn hear(&mut self, word: usize) {
        match self.words[word] {
            Word::Drawn(at, drawn) => {
                let writ = self.writs[at].clone();
                self.both(self.at(&writ), |it| it.accounts.open(&writ, Some(&drawn)));
            }
            Word::Closed(at, closed) => {
                let Some(parent) = self.writs[at].parent().cloned() else { return };
                self.both(self.at(&parent), |it| it.accounts.reclaim(parent.id(), &closed));
            }
            Word::Reclaimed(at, word) => {
                let writ = self.writs[at].clone();
                self.both(self.at(&writ), |it| it.accounts.release(writ.id(), &word));
            }
        }
    }

    /// With standing that is at hand, so that it does not decide.
    fn judge(&mut self, at: usize, wall: Wall) {
        let (writ, node) = (self.writs[at].clone(), Outside::well());
        let intent = Intent { author: writ.body().subject, ..intent() };
        let now = Now { mono: Mono::ZERO, wall };
        self.both(self.at(&writ), |it| {
            let mut standings = Standings::new(it.signer.public(), 1);
            crate::fixture::standing(&mut standings, &writ, now.mono);
            let (writ, accounts, revocations, standings) = (&writ, &it.accounts, &it.revocations, &standings);
            compile(
                &intent,
                &Case { writ, accounts, revocations, standings, tools: &node, world: &node, policy: &node, told: None, now },
            )
        });
    }
}

fn key(n: u8) -> Digest {
    Digest::of(Domain::new("antfarm 2026 test reservation"), &[n])
}

#[test]
fn forgetting_never_turns_a_refusal_into_an_acceptance() {
    assert!(RETENTION > Span::from_secs(36_000) && RETENTION < Span::from_secs(8 * 36_000), "times lie on both sides of it");
    let (writs, forgotten) = (writs(), Cell::new(0));
    let config = ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() };
    let held = TestRunner::new(config).run(&vec(moves(), 40..160), |moves| {
        let mut town = Town::new(&writs);
        for it in &moves {
            town.step(it);
            town.homes.iter().chain(&town.twins).for_each(|it| it.accounts.check());
        }
        forgotten.set(forgotten.get() + town.forgotten);
        Ok(())
    });
    held.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(forgotten.get() > 500, "{} is too seldom to say anything", forgotten.get());
}

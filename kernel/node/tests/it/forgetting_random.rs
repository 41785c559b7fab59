//! Whatever is wished, whenever, however clocks go and however often the process restarts: a call is made once at most, also after
//! it was forgotten, and what was refused for having another's name is never made.

use crate::alone::{Alone, earlier, hours};
use antfarm_authority::{EffectKey, Refusal, WritId};
use antfarm_machine::{Span, Wall};
use antfarm_node::{Answer, Ask, Notice, Phase, Reason};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
enum Move {
    /// One of a few wishes, as it was told first or with another content or expiry.
    Wish {
        number: u8,
        lasts: u64,
        args: u8,
    },
    /// One of all that was ever wished.
    Again(prop::sample::Index),
    Wait(u64),
    /// The wall clock goes forward or back by so many hours.
    Step(i64),
    Restart,
    /// Whether the tool answers from now on.
    Answers(bool),
    Resolve(bool),
    Grant(u8),
    Revoke,
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        6 => (0..4u8, 0..4u64, 0..2u8).prop_map(|(number, lasts, args)| Move::Wish { number, lasts, args }),
        6 => any::<prop::sample::Index>().prop_map(Move::Again),
        6 => (1..9u64).prop_map(Move::Wait),
        2 => (-6..3i64).prop_map(Move::Step),
        1 => Just(Move::Restart),
        1 => any::<bool>().prop_map(Move::Answers),
        1 => any::<bool>().prop_map(Move::Resolve),
        1 => (0..3u8).prop_map(Move::Grant),
        1 => Just(Move::Revoke),
    ]
}

struct Told {
    number: u8,
    until: Wall,
    args: u8,
}

struct Client {
    it: Alone,
    begin: Wall,
    writ: WritId,
    wishes: Vec<Told>,
    /// What was refused for having another's name.
    retold: BTreeSet<EffectKey>,
    forgotten: usize,
}

impl Client {
    fn new() -> Self {
        let mut it = Alone::new(6);
        let begin = it.now.wall;
        let writ = it.grant(0, begin + hours(60));
        Self { it, begin, writ, wishes: Vec::new(), retold: BTreeSet::new(), forgotten: 0 }
    }

    fn make(&mut self, turn: &Move) {
        let before = self.it.node.state().effects().count();
        match turn {
            Move::Wish { number, lasts, args } => {
                // A quarter of an hour or some hours: on a grid, so that the same is wished again.
                let grid = hours(2).as_nanos();
                let until = Wall::from_nanos((self.it.now.wall.as_nanos() / grid + 1) * grid) + hours(4 * lasts);
                self.wishes.push(Told { number: *number, until, args: *args });
                self.tell(self.wishes.len() - 1);
            }
            Move::Again(index) if !self.wishes.is_empty() => self.tell(index.index(self.wishes.len())),
            Move::Again(_) => {}
            Move::Wait(quarters) => self.it.wait(Span::from_secs(900).times(quarters * quarters)),
            Move::Step(by) => {
                let (wall, far) = (self.it.now.wall, hours(by.unsigned_abs()));
                self.it.set(if *by < 0 { earlier(wall, far) } else { wall + far });
            }
            Move::Restart => {
                let mark = self.it.node.state().mark();
                self.it.restart();
                assert!(self.it.node.state().mark() >= mark, "the mark never goes back");
            }
            Move::Answers(yes) => self.it.answers = *yes,
            Move::Resolve(happened) => {
                let doubted =
                    |(key, effect): (EffectKey, &antfarm_node::Effect)| (*effect.phase() == Phase::Doubted).then_some(key);
                let doubted: Vec<EffectKey> = self.it.node.state().effects().filter_map(doubted).collect();
                for key in doubted {
                    self.it.ask(Ask::Resolve { key, happened: *happened });
                }
            }
            Move::Grant(number) => {
                let offer = Box::new(self.it.offer(*number, self.begin + hours(60 + 20 * u64::from(*number))));
                self.it.ask(Ask::Grant { parent: None, offer, task: None });
                let granted = |told: &Notice| if let Notice::Granted { writ, .. } = told { Some(*writ) } else { None };
                self.writ = self.it.told.iter().find_map(granted).unwrap_or(self.writ);
            }
            Move::Revoke => self.it.ask(Ask::Revoke { writ: self.writ }),
        }
        self.forgotten += before.saturating_sub(self.it.node.state().effects().count());
    }

    /// Twice, because a writ that does not stand is asked about at the first.
    fn tell(&mut self, at: usize) {
        let Told { number, until, args } = self.wishes[at];
        for _ in 0..2 {
            let answer = self.it.wish(self.writ, number, until, &[args]);
            let key = |told: &Notice| if let Notice::Answered { key, .. } = told { Some(*key) } else { None };
            if matches!(answer, Some(Answer::Refused(Reason::Refused(Refusal::Retold { .. })))) {
                self.retold.extend(self.it.told.iter().find_map(key));
            }
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let mut called = BTreeSet::new();
        for key in &self.it.called {
            prop_assert!(called.insert(*key), "{key:?} was called twice");
            prop_assert!(!self.retold.contains(key), "{key:?} was refused, and called later");
        }
        let open = self.it.node.state().effects().filter(|(_, effect)| effect.is_open()).map(|(key, _)| key);
        for key in open {
            prop_assert!(called.contains(&key), "what is under way was called: nothing is lost here");
        }
        self.it.node.check();
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn at_most_one_call_for_a_key_whatever_is_forgotten(turns in vec(moves(), 1..60)) {
        let mut client = Client::new();
        for turn in &turns {
            client.make(turn);
            client.check()?;
        }
    }
}

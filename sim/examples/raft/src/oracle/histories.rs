//! Histories of one key, right and wrong, for the oracle of linearizability; and thousands of small random ones, on which it
//! and stateright's tester must agree.

use crate::oracle::Linearizability;
use crate::oracle::register::Register;
use crate::{Answer, Command};
use antfarm_machine::PeerId;
use antfarm_sim::{Chance, Dice};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};
use std::vec::Vec;

const A: PeerId = PeerId::new(1);
const B: PeerId = PeerId::new(2);
const C: PeerId = PeerId::new(3);
const GET: Command = Command::Get { key: 0 };

fn put(value: u64) -> Command {
    Command::Put { key: 0, value }
}

/// Sees operations one after the other; each must hold.
fn all(history: &mut Linearizability, operations: &[(PeerId, u64, Command, Answer)]) {
    for (client, sequence, command, answer) in operations {
        history.invoked((*client, *sequence), *command);
        history.returned((*client, *sequence), *answer).expect("an order explains this");
    }
}

#[test]
fn a_read_of_what_was_overwritten_is_seen() {
    let mut history = Linearizability::default();
    all(&mut history, &[(A, 1, put(1), Answer::Done), (B, 1, put(2), Answer::Done), (A, 2, GET, Answer::Value(2))]);
    history.invoked((B, 2), GET);
    let stale = history.returned((B, 2), Answer::Value(1)).expect_err("2 was read before");
    assert!(stale.message.contains("nor does stateright's tester find one"), "{}", stale.message);
}

#[test]
fn a_read_beside_a_write_may_see_either_but_not_go_back() {
    let mut history = Linearizability::default();
    history.invoked((A, 1), put(1));
    all(&mut history, &[(B, 1, GET, Answer::Value(0)), (C, 1, GET, Answer::Value(1)), (B, 2, GET, Answer::Value(1))]);
    history.invoked((B, 3), GET);
    history.returned((B, 3), Answer::Value(0)).expect_err("1 was read before");
}

#[test]
fn an_addition_that_counts_twice_is_seen() {
    let mut history = Linearizability::default();
    let add = Command::Add { key: 0, by: 1 };
    all(&mut history, &[(A, 1, add, Answer::Value(1))]);
    history.invoked((B, 1), add);
    history.returned((B, 1), Answer::Value(3)).expect_err("1 and 1 are 2");
}

#[test]
fn what_a_crashed_client_wanted_may_come_late_once() {
    let mut history = Linearizability::default();
    history.invoked((A, 1), put(7));
    history.crashed(A);
    all(&mut history, &[(B, 1, GET, Answer::Value(0)), (B, 2, put(1), Answer::Done), (B, 3, GET, Answer::Value(7))]);
    all(&mut history, &[(B, 4, put(1), Answer::Done)]);
    history.invoked((B, 5), GET);
    history.returned((B, 5), Answer::Value(7)).expect_err("7 was written once");
}

#[test]
fn what_a_crashed_client_wanted_never_comes_after_its_next_write() {
    let mut history = Linearizability::default();
    history.invoked((A, 1), put(7));
    history.crashed(A);
    all(&mut history, &[(B, 1, GET, Answer::Value(0)), (A, 1 << 32, put(1), Answer::Done), (B, 2, GET, Answer::Value(1))]);
    history.invoked((B, 3), GET);
    history.returned((B, 3), Answer::Value(7)).expect_err("its client was answered a later write");
}

#[test]
fn an_answer_that_nobody_asked_for_is_seen() {
    let mut history = Linearizability::default();
    history.returned((A, 1), Answer::Done).expect_err("nothing was asked");
}

/// A step of a random history.
#[derive(Clone, Copy, Debug)]
enum Step {
    Invoke(PeerId, Command),
    Crash(PeerId),
    Return(PeerId, Answer),
}

/// A random history of a register that works, with sometimes an answer of another one.
fn random(dice: &mut Dice) -> Vec<Step> {
    let mut register = Register::default();
    let mut open: Vec<(PeerId, Command, Option<Answer>)> = Vec::new();
    let (mut steps, mut clients) = (Vec::new(), 0);
    while steps.len() < 14 {
        let at = dice.index(open.len().max(1));
        match dice.below(8) {
            0..=2 if open.len() < 3 => {
                let value = dice.below(3);
                let command = match dice.below(4) {
                    0 => GET,
                    1 => put(value),
                    2 => Command::Add { key: 0, by: 1 + value },
                    _ => Command::Cas { key: 0, expect: dice.below(3), value },
                };
                clients += 1;
                open.push((PeerId::new(clients), command, None));
                steps.push(Step::Invoke(PeerId::new(clients), command));
            }
            3..=4 if !open.is_empty() => {
                let (_, command, answer) = &mut open[at];
                answer.get_or_insert_with(|| register.invoke(command));
            }
            5..=6 if open.get(at).is_some_and(|(.., answer)| answer.is_some()) => {
                let (client, command, answer) = open.swap_remove(at);
                let wrong = Register(dice.below(4)).invoke(&command);
                let answer = if dice.below(12) == 0 { wrong } else { answer.unwrap_or(wrong) };
                steps.push(Step::Return(client, answer));
            }
            7 if !open.is_empty() && dice.below(3) == 0 => steps.push(Step::Crash(open.swap_remove(at).0)),
            _ => {}
        }
    }
    steps
}

/// Whether the oracle finds an order, and whether stateright's tester does.
fn judge(steps: &[Step]) -> (bool, bool) {
    let mut oracle = Linearizability::default();
    let mut tester = LinearizabilityTester::new(Register::default());
    let mut holds = true;
    for step in steps {
        match *step {
            Step::Invoke(client, command) => {
                oracle.invoked((client, 1), command);
                tester.on_invoke(client, command).expect("a client asks once");
            }
            Step::Crash(client) => oracle.crashed(client),
            Step::Return(client, answer) => {
                holds = holds && oracle.returned((client, 1), answer).is_ok();
                tester.on_return(client, answer).expect("a client is answered once");
            }
        }
    }
    (holds, tester.is_consistent())
}

#[test]
fn the_oracle_and_stateright_agree_on_random_histories() {
    let mut verdicts = [0, 0];
    for seed in 0..4_000 {
        let steps = random(&mut Chance::seeded(seed).dice("history", &[], ""));
        let (ours, theirs) = judge(&steps);
        assert_eq!(ours, theirs, "seed {seed}: {steps:?}");
        verdicts[usize::from(ours)] += 1;
    }
    assert!(verdicts.iter().all(|&count| count > 400), "both verdicts are given often: {verdicts:?}");
}

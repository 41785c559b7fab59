//! Tasks, minds and what they may do, and the oracle that watches them.

use antfarm_authority::{Bytes, Name, Text};
use antfarm_colony::oracle::follows;
use antfarm_colony::{Colony, Errand, Manner, Mood, Terms};
use antfarm_identity::from_bytes;
use antfarm_keeper::{Leaf, walk};
use antfarm_ledger::{OPENED, segment_object};
use antfarm_machine::{PeerId, Span};
use antfarm_node::{Ending, Fact, Run};

fn colony(seed: u64) -> (Colony, [PeerId; 5]) {
    let colony = Colony::seeded(seed).members(["queen", "scout", "mind", "bank", "store"]).build();
    let ids = colony.ids();
    (colony, ids)
}

fn answered(ending: Option<&Ending>) -> Option<String> {
    match ending? {
        Ending::Answered { answer } => Some(String::from_utf8_lossy(answer.bytes()).into_owned()),
        Ending::Steps | Ending::Time | Ending::Refused(_) | Ending::InDoubt => None,
    }
}

fn runs(colony: &Colony, node: PeerId) -> Vec<Run> {
    colony.node(node).state().runs().iter().map(|(_, run)| run.clone()).collect()
}

#[test]
fn a_mind_has_done_what_it_says_and_answers() {
    let (mut colony, [queen, scout, _, bank, store]) = colony(1);
    let writ = colony.grant(queen, scout, Terms::default());
    colony.run_for(Span::from_secs(1));
    colony.work(scout, &writ, "pay 3000000 well, put shelf; pay 4000000 well; answer paid");
    colony.settle();
    let [run] = &runs(&colony, scout)[..] else { panic!("one run\n{}", colony.story()) };
    assert_eq!(answered(run.ending()).as_deref(), Some("paid"), "{}", colony.story());
    assert_eq!(colony.tool(bank).books().next(), Some(("well", 7_000_000)));
    assert_eq!(colony.tool(store).effects().count(), 1);
    let id = colony.writ(scout, &writ).expect("it was given");
    let account = colony.node(scout).state().accounts().account(id).expect("it is open");
    assert_eq!(account.spent().tokens.0, 3_000, "three thoughts");
}

#[test]
fn a_task_is_handed_on_to_another_node_and_its_answer_comes_back() {
    let (mut colony, [queen, scout, _, bank, _]) = colony(2);
    let root = colony.grant(queen, queen, Terms::default().depth(2));
    colony.run_for(Span::from_secs(1));
    let part = colony.commission(queen, scout, &root, Terms::default().spend(5), "pay 2000000 well; answer thirsty");
    colony.settle();
    let id = colony.writ(queen, &part).expect("it was given");
    let state = colony.node(queen).state();
    assert_eq!(answered(state.report(id)).as_deref(), Some("thirsty"), "{}", colony.story());
    assert_eq!(colony.tool(bank).books().next(), Some(("well", 2_000_000)));
    let account = state.accounts().account(colony.writ(queen, &root).expect("given")).expect("it is open");
    assert_eq!((account.drawn().money.0, account.spent().money.0), (0, 2_000_000), "what was left came back");
    assert!(colony.node(scout).state().accounts().is_closed(id));
}

#[test]
fn a_mind_hands_on_a_part_of_its_task() {
    let (mut colony, [queen, scout, _, bank, _]) = colony(3);
    let writ = colony.grant(queen, queen, Terms::default().depth(2));
    colony.run_for(Span::from_secs(1));
    let task = "give scout 3 { pay 1000000 well; answer watered }, give queen 2 { pay 1 here; answer same }; answer all done";
    colony.work(queen, &writ, task);
    colony.settle();
    let ends: Vec<Option<String>> = runs(&colony, queen).iter().map(|run| answered(run.ending())).collect();
    assert!(ends.contains(&Some("all done".to_owned())) && ends.contains(&Some("same".to_owned())), "{}", colony.story());
    let there: Vec<Option<String>> = runs(&colony, scout).iter().map(|run| answered(run.ending())).collect();
    assert_eq!(there, [Some("watered".to_owned())], "{}", colony.story());
    assert_eq!(colony.tool(bank).books().map(|(_, paid)| paid).sum::<u64>(), 1_000_001);
}

#[test]
fn a_mind_that_says_it_took_everything_gets_no_more_than_was_set_aside() {
    let (mut colony, [queen, scout, mind, ..]) = colony(4);
    let writ = colony.grant(queen, scout, Terms::default().tokens(5_000));
    colony.think(mind, Manner::Greedy);
    colony.run_for(Span::from_secs(1));
    colony.work(scout, &writ, "put a; put b; put c; put d; answer rich");
    colony.settle();
    let [run] = &runs(&colony, scout)[..] else { panic!("one run") };
    assert!(matches!(run.ending(), Some(Ending::Refused(_))), "{}", colony.story());
    assert_eq!(run.step(), 2, "two thoughts of two thousand");
}

#[test]
fn a_mind_that_loops_is_stopped_by_its_steps_and_its_budget() {
    let (mut colony, [queen, scout, mind, bank, _]) = colony(5);
    let writ = colony.grant(queen, scout, Terms::default().spend(3));
    colony.think(mind, Manner::Looping);
    colony.run_for(Span::from_secs(1));
    colony.work(scout, &writ, "whatever");
    colony.settle();
    let [run] = &runs(&colony, scout)[..] else { panic!("one run") };
    assert_eq!(run.ending(), Some(&Ending::Steps), "{}", colony.story());
    assert_eq!(colony.tool(bank).books().next(), Some(("well", 3_000_000)));
}

#[test]
fn wrong_minds_get_nowhere() {
    let manners = [Manner::Random, Manner::Flooding, Manner::Replaying, Manner::Contradicting, Manner::Babbling];
    for (seed, manner) in (6..).zip(manners) {
        let (mut colony, [queen, scout, mind, bank, _]) = colony(seed);
        let writ = colony.grant(queen, scout, Terms::default().spend(3).calls(50).depth(1));
        colony.think(mind, manner);
        colony.run_for(Span::from_secs(1));
        colony.work(scout, &writ, "pay 1000000 well; answer one");
        colony.work(scout, &writ, "pay 1000000 well; answer two");
        colony.settle();
        colony.settle();
        let runs = runs(&colony, scout);
        assert!(runs.iter().all(|run| run.ending().is_some()), "{manner:?}\n{}", colony.story());
        assert!(colony.tool(bank).books().map(|(_, paid)| paid).sum::<u64>() <= 3_000_000);
    }
}

#[test]
fn a_run_goes_on_after_a_crash_and_a_silent_mind() {
    for seed in 0..20 {
        let (mut colony, [queen, scout, mind, bank, _]) = colony(seed);
        let writ = colony.grant(queen, scout, Terms::default());
        colony.run_for(Span::from_secs(1));
        colony.fail(mind, Mood::Silent, 1);
        colony.work(scout, &writ, "pay 1000000 well; pay 1000000 well; pay 1000000 well; answer paid");
        colony.run_for(Span::from_millis(50 + 20 * seed));
        colony.crash(scout);
        colony.run_for(Span::from_millis(700));
        colony.mend();
        colony.settle();
        let [run] = &runs(&colony, scout)[..] else { panic!("one run: {}", colony.story()) };
        assert_eq!(answered(run.ending()).as_deref(), Some("paid"), "{}", colony.story());
        assert_eq!(colony.tool(bank).books().next(), Some(("well", 3_000_000)), "{}", colony.story());
    }
}

#[test]
fn no_client_says_anything_in_a_runs_name() {
    let (mut colony, [queen, scout, ..]) = colony(9);
    let writ = colony.grant(queen, scout, Terms::default().freshness(Span::from_secs(2)));
    colony.run_for(Span::from_secs(1));
    colony.cut(queen, scout);
    colony.run_for(Span::from_secs(3));
    colony.work(scout, &writ, "put a; answer ok");
    colony.run_for(Span::from_secs(1));
    let [(id, _)] = &colony.node(scout).state().runs().iter().collect::<Vec<_>>()[..] else { panic!("it waits") };
    let nonce = id.nonce(0, 0);
    let (under, tool) = (writ.clone(), Name::new("mind.think").expect("legal"));
    let errand = Errand::Wish { under, nonce, lasts: None, tool, target: Text::default(), args: Bytes::default() };
    colony.simulation().ask(scout, errand);
    colony.run_for(Span::from_secs(1));
    assert!(colony.story().contains("kept for runs"), "{}", colony.story());
    colony.mend();
    colony.settle();
    let [run] = &runs(&colony, scout)[..] else { panic!("one run") };
    assert_eq!(answered(run.ending()).as_deref(), Some("ok"), "{}", colony.story());
}

/// The facts of the scout's log after it had a task done: two thoughts with a move each, and an answer.
fn told() -> Vec<Fact> {
    let (mut colony, [queen, scout, ..]) = colony(1);
    let writ = colony.grant(queen, scout, Terms::default());
    colony.run_for(Span::from_secs(1));
    colony.work(scout, &writ, "put a; put b; answer ok");
    colony.settle();
    let mut facts = Vec::new();
    let world = colony.simulation().world();
    walk(world.disk(scout).bytes(&segment_object(1)), 0, &mut |_, leaf| {
        if let Leaf::Record { kind, payload, .. } = leaf
            && kind != OPENED
        {
            facts.push(from_bytes::<Fact>(payload).expect("a fact"));
        }
    });
    facts
}

#[test]
fn the_oracle_finds_what_no_mind_said_and_what_was_not_paid_for() {
    let facts = told();
    assert_eq!(follows(facts.clone()), Ok(()));
    let check = |change: &dyn Fn(&mut Vec<Fact>), message: &str| {
        let mut facts = facts.clone();
        change(&mut facts);
        assert_eq!(follows(facts), Err(message.to_owned()));
    };
    let started: Vec<usize> = (0..facts.len()).filter(|at| matches!(facts[*at], Fact::Started { .. })).collect();
    let done: Vec<usize> = (0..facts.len()).filter(|at| matches!(facts[*at], Fact::Done { .. })).collect();
    let end = facts.iter().position(|fact| matches!(fact, Fact::Ended(_))).expect("it ended");
    assert_eq!((started.len(), done.len()), (5, 5), "three thoughts and two moves");
    let unsaid = "something is begun in a run's name that no mind said there";
    // The second thought begins before the first move is settled, and the first move before its thought is on the log.
    check(&|facts| facts.swap(done[1], started[2]), "a nonce that is kept for runs is no run's");
    check(&|facts| facts.swap(done[0], started[1]), unsaid);
    check(
        &|facts| {
            let Fact::Started { intent, .. } = &mut facts[started[1]] else { panic!("a move") };
            intent.target = Text::new("elsewhere").expect("short");
        },
        unsaid,
    );
    check(&|facts| facts.insert(0, facts[started[0]].clone()), "a nonce that is kept for runs is no run's");
    check(
        &|facts| {
            let Fact::Ended(report) = &mut facts[end] else { panic!("the end") };
            report.ending = Ending::Answered { answer: Bytes::new(b"no").expect("short") };
        },
        "a task has an answer that its mind did not give",
    );
    check(&|facts| facts.push(facts[end].clone()), "a task ends twice");
    check(
        &|facts| {
            let Fact::Ended(report) = &mut facts[end] else { panic!("the end") };
            report.ending = Ending::Time;
            let early = facts.remove(end);
            facts.insert(started[3], early);
        },
        "something is begun in the name of a task that ended",
    );
    check(
        &|facts| {
            let Fact::Begun(commission) = &mut facts[started[0] - 1] else { panic!("the beginning") };
            commission.task.steps = 1;
        },
        unsaid,
    );
}

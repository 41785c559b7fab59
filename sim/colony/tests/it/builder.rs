//! A colony as a test builds it, and its story.

use antfarm_colony::{Colony, Mood, Plan, Settings, Terms};
use antfarm_machine::Span;
use antfarm_sim::{Fault, Reach, Shape, seeds};

#[test]
fn a_revoked_writ_cannot_spend_once_its_standing_lapses() {
    seeds(50, |seed| {
        let mut colony = Colony::seeded(seed).members(["queen", "scout", "bank"]).build();
        let [queen, scout, bank] = colony.ids();
        let terms = Terms::default().spend(50).lasts(Span::from_secs(300)).freshness(Span::from_secs(10));
        let writ = colony.grant(queen, scout, terms);
        colony.run_for(Span::from_secs(1));
        colony.pay(scout, &writ, "well.example", 10);
        colony.run_for(Span::from_secs(1));
        colony.cut(queen, scout);
        colony.revoke(queen, &writ);
        colony.run_for(Span::from_secs(11));
        colony.pay(scout, &writ, "well.example", 20);
        colony.mend();
        colony.settle();
        assert_eq!(colony.tool(bank).books().collect::<Vec<_>>(), [("well.example", 10_000_000)], "{}", colony.story());
    });
}

/// Were the oldest question given up for each new one, no answer would ever be taken.
#[test]
fn a_hasty_client_far_from_the_giver_is_served() {
    let mut colony = Colony::seeded(1).members(["queen", "scout", "bank"]).build();
    let [queen, scout, bank] = colony.ids();
    let far = Shape::Uniform { low: Span::from_millis(1_400), high: Span::from_millis(1_500) };
    colony.inject(Fault::Latency(Reach::between(vec![queen], vec![scout]), far));
    let writ = colony.grant(queen, scout, Terms::default().spend(300).calls(300).freshness(Span::from_secs(20)));
    colony.run_for(Span::from_millis(2_500));
    for _ in 0..200 {
        colony.run_for(Span::from_millis(30));
        colony.pay(scout, &writ, "well", 1);
    }
    let paid: u64 = colony.tool(bank).books().map(|(_, paid)| paid).sum();
    assert!(paid > 50_000_000, "{paid}: {}", colony.story());
}

#[test]
fn a_budget_that_is_handed_on_is_spent_once_and_comes_back() {
    let mut colony = Colony::seeded(1).members(["queen", "scout", "helper", "bank"]).build();
    let [queen, scout, helper, bank] = colony.ids();
    let writ = colony.grant(queen, scout, Terms::default().spend(300).calls(3).depth(1));
    colony.run_for(Span::from_secs(1));
    let part = colony.delegate(scout, helper, &writ, Terms::default().spend(200).calls(2));
    colony.run_for(Span::from_secs(2));
    colony.pay(helper, &part, "well", 5);
    // One call of three is left here.
    colony.pay(scout, &writ, "well", 7);
    colony.pay(scout, &writ, "well", 7);
    colony.run_for(Span::from_secs(5));
    colony.close(helper, &part);
    colony.settle();
    let accounts = colony.node(scout).state().accounts();
    let account = accounts.account(colony.writ(scout, &writ).expect("it was given")).expect("it lives here");
    assert_eq!((account.spent().calls.0, account.spent().money.0), (2, 12_000_000), "{}", colony.story());
    assert_eq!((account.drawn().calls.0, account.free().calls.0), (0, 1), "{}", colony.story());
    assert_eq!(colony.tool(bank).books().collect::<Vec<_>>(), [("well", 12_000_000)]);
}

#[test]
fn a_call_whose_answer_is_lost_is_resolved_as_its_tool_promises() {
    let mut colony = Colony::seeded(3).members(["queen", "bank", "store", "mail"]).build();
    let [queen, bank, store, mail] = colony.ids();
    let writ = colony.grant(queen, queen, Terms::default());
    colony.run_for(Span::from_secs(1));
    for tool in [bank, store, mail] {
        colony.fail(tool, Mood::Silent, 1);
    }
    colony.pay(queen, &writ, "well", 1);
    colony.put(queen, &writ, "shelf", b"jar");
    colony.mail(queen, &writ, "mother", "hello");
    colony.settle();
    for tool in [bank, store, mail] {
        assert_eq!(colony.tool(tool).effects().map(|(_, times)| times).collect::<Vec<_>>(), [1], "{}", colony.story());
    }
    let answers = ["done", "in doubt"].map(|word| colony.story().matches(&format!(": {word}")).count());
    assert_eq!(answers, [2, 1], "the letter is in doubt, all else is done\n{}", colony.story());
}

#[test]
fn in_a_ring_each_node_knows_its_neighbours_and_the_root_and_the_root_everybody() {
    let settings = Settings { neighbours: Some(1), ..Settings::default() };
    let machines = Plan::of(["queen", "one", "two", "bank", "three", "four", "five"], settings).machines();
    let known = |at: usize| -> Vec<u32> {
        let node = machines[at].node().expect("a node");
        node.config().nodes.keys().map(|peer| peer.number()).collect()
    };
    assert_eq!(known(0), [1, 2, 4, 5, 6]);
    assert_eq!(known(1), [0, 2]);
    assert_eq!(known(4), [0, 2, 5]);
    assert_eq!(known(6), [0, 5]);
}

//! What a scenario plans for a seed: ranges are drawn per seed and per row, and every fault can be written down.

use antfarm_machine::{PeerId, Ppm, Span};
use antfarm_sim::scenario::{Echoes, Nodes, Registry, Staged, fault_rows};
use antfarm_sim::{Chance, Dice, Family, Fault, Odds, Planned, Reach, Recorder, Shape, Time};

const HEAD: &str = "purpose = \"x\"\nmachine = \"echo\"\nnodes = [\"a\", \"b\", \"c\", \"d\"]\n";

fn staged(rest: &str) -> Box<dyn Staged> {
    match Registry::new().with(Echoes).read("s.toml", &format!("{HEAD}{rest}")) {
        Ok(staged) => staged,
        Err(troubles) => panic!("{troubles:#}\n{rest}"),
    }
}

/// A plan without the numbers of its rows.
fn bare(plan: Vec<Planned>) -> Vec<Planned> {
    plan.into_iter().map(|planned| Planned { row: None, ..planned }).collect()
}

#[test]
fn a_range_is_drawn_per_seed_and_keeps_its_bounds() {
    let staged = staged("fault = [{ at = \"1.2s..1.4s\", cut = [\"a\", \"b\"], heal = \"+8s..+9s\" }]");
    let mut starts = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let plan = staged.plan(seed);
        let [Planned { from, until: Some(until), fault: Fault::Cut(_), row: Some(0) }] = plan.as_slice() else {
            panic!("{plan:?}")
        };
        assert!((1_200_000_000..=1_400_000_000).contains(&from.0), "{from}");
        assert!((8_000_000_000..=9_000_000_000).contains(&until.since(*from).as_nanos()), "{from} to {until}");
        assert_eq!(staged.plan(seed), plan, "a plan is a function of the seed");
        starts.insert(from.0);
    }
    assert!(starts.len() > 190, "of 200 seeds {} have starts of their own", starts.len());
}

#[test]
fn what_is_left_out_is_not_planned_and_changes_nothing_else() {
    let rest = "swarm = \"all\"\nfault = [{ at = \"1s..20s\", crash = \"any\", heal = \"+1s\" }, { lose = \"1%..50%\" }]\n\
                ask = [{ rate = \"5/s\", ping = \"any\" }]\n";
    let whole = staged(rest);
    let left = staged(&format!("without = [\"crash\", \"duplication\"]\n{rest}"));
    let silent = staged(&format!("without = [\"ask.ping\"]\n{rest}"));
    let gone = |planned: &Planned| [Family::Crash, Family::Duplication].contains(&planned.fault.family());
    let mut seen = 0;
    for seed in 0..20 {
        let mut plan = whole.plan(seed);
        assert_eq!(silent.plan(seed), plan, "it leaves out asks only");
        seen += plan.iter().filter(|planned| planned.row.is_none() && gone(planned)).count();
        plan.retain(|planned| !gone(planned));
        assert_eq!(left.plan(seed), plan);
    }
    assert!(seen > 0, "the swarm would have planned them too");
    let asked = |staged: &dyn Staged| staged.run(3, Recorder::Off).rows[0].fired;
    assert!(asked(left.as_ref()) > 0 && asked(silent.as_ref()) == 0);
}

#[test]
fn removing_a_row_changes_no_draw_of_another() {
    let rows = [
        "{ at = \"1s..20s\", crash = \"any\", heal = \"+1s..+9s\" }",
        "{ at = \"1s..20s\", pause = \"any\", heal = \"+1s..+9s\" }",
        "{ at = \"1s..20s\", lose = \"1%..50%\" }",
        "{ at = \"1s..20s\", crash = \"any\", heal = \"+1s..+9s\" }", // as the first one, and yet its own
        "{ offset = \"-5s..5s\", node = \"c\" }",
    ];
    let plan = |rows: &[&str], seed| bare(staged(&format!("fault = [{}]", rows.join(", "))).plan(seed));
    for seed in 0..20 {
        let whole = plan(&rows, seed);
        assert_eq!(whole.len(), rows.len());
        assert_ne!(whole[0], whole[3], "equal rows draw apart");
        // Of two equal rows it is the second that goes.
        for gone in 1..rows.len() {
            let (mut rows, mut expected) = (rows.to_vec(), whole.clone());
            rows.remove(gone);
            expected.remove(gone);
            assert_eq!(plan(&rows, seed), expected, "seed {seed} without row {gone}");
        }
    }
}

#[test]
fn a_row_that_ends_sooner_draws_the_same() {
    let long = staged("fault = [{ at = \"1s..20s\", crash = \"any\", heal = \"+9s\" }]").plan(7);
    let short = staged("fault = [{ at = \"1s..20s\", crash = \"any\", heal = \"+1s\" }]").plan(7);
    assert_eq!((long[0].from, &long[0].fault), (short[0].from, &short[0].fault));
}

#[test]
fn a_row_with_times_is_as_many_equal_rows() {
    const ROW: &str = "{ at = \"1s..20s\", crash = \"any\", heal = \"+1s\" }";
    let times = ROW.replace(" }", ", times = 3 }");
    for seed in 0..20 {
        let plan = |rows: String| bare(staged(&format!("fault = [{rows}]")).plan(seed));
        assert_eq!(plan(times.clone()), plan(format!("{ROW}, {ROW}, {ROW}")), "seed {seed}");
        assert_eq!(plan(format!("{times}, {ROW}")), plan([ROW; 4].join(", ")), "seed {seed}: and a row behind it");
    }
}

#[test]
fn a_list_of_nodes_means_each_and_any_means_one() {
    let hit =
        |rest, seed| -> Vec<Option<PeerId>> { staged(rest).plan(seed).iter().map(|planned| planned.fault.node()).collect() };
    assert_eq!(hit("fault = [{ crash = [\"a\", \"c\"] }]", 1), [Some(PeerId::new(0)), Some(PeerId::new(2))]);
    let any: std::collections::BTreeSet<_> = (0..50).flat_map(|seed| hit("fault = [{ crash = \"any\" }]", seed)).collect();
    assert_eq!(any.len(), 4, "each node is drawn by some seed");
}

/// A fault of each variant, with drawn details.
fn every_fault(dice: &mut Dice) -> Vec<Fault> {
    let node = |dice: &mut Dice| PeerId::new(u32::try_from(dice.below(4)).expect("below 4"));
    let odds = |dice: &mut Dice| Odds::per_million(u32::try_from(dice.below(1_000_001)).expect("a million")).expect("a chance");
    let span = |dice: &mut Dice| Span::from_nanos(dice.below(100_000_000_000));
    let by = |dice: &mut Dice| i64::try_from(dice.below(20_000_000_000)).expect("ten seconds") - 10_000_000_000;
    let reach = |dice: &mut Dice| {
        let mut peers: Vec<PeerId> = (0..4).map(PeerId::new).collect();
        dice.shuffle(&mut peers);
        let to = peers.split_off(2);
        let [from, to] = [peers, to].map(|mut group| {
            group.truncate(dice.index(3));
            group
        });
        let kind = (dice.below(2) == 0).then(|| (*dice.pick(&["Ping", "Pong"])).to_owned());
        Reach { from, to, both: dice.below(2) == 0, kind }
    };
    let shape = |dice: &mut Dice| match dice.below(3) {
        0 => {
            let low = span(dice);
            Shape::Uniform { low, high: low + span(dice) }
        }
        1 => Shape::Exponential { low: span(dice), mean: span(dice) },
        _ => Shape::Bimodal { fast: span(dice), slow: span(dice), odds: odds(dice) },
    };
    vec![
        Fault::Latency(reach(dice), shape(dice)),
        Fault::Lose(reach(dice), odds(dice)),
        Fault::Copy(reach(dice), odds(dice)),
        Fault::Reorder(reach(dice), odds(dice), span(dice)),
        Fault::Corrupt(reach(dice), odds(dice)),
        Fault::Cut(reach(dice)),
        Fault::Hold(reach(dice)),
        Fault::Drop {
            from: PeerId::new(1),
            to: PeerId::new(0),
            kind: "Ping".to_owned(),
            nth: 1 + u32::try_from(dice.below(99)).expect("99"),
        },
        Fault::Crash(node(dice)),
        Fault::Pause(node(dice)),
        Fault::Offset(node(dice), by(dice)),
        Fault::Drift(node(dice), Ppm(i32::try_from(dice.below(200_001)).expect("small") - 100_000)),
        Fault::Step(node(dice), by(dice)),
        Fault::Freeze(node(dice)),
        Fault::SlowDisk(node(dice), shape(dice)),
        Fault::Tear(node(dice), odds(dice)),
        Fault::LoseSync(node(dice), odds(dice)),
        Fault::FailSync(node(dice), odds(dice)),
        Fault::LieSync(node(dice), odds(dice)),
        Fault::LoseEntry(node(dice), odds(dice)),
        Fault::Rot(node(dice)),
        Fault::Misdirect(node(dice), odds(dice)),
        Fault::Fill(node(dice)),
        Fault::Replace(node(dice)),
    ]
}

fn names() -> Nodes {
    let mut names = Nodes::default();
    for name in ["a", "b", "c", "d"] {
        assert!(names.add(name));
    }
    names
}

#[test]
fn every_fault_reads_back_as_it_was_printed() {
    let names = names();
    let mut families = std::collections::BTreeSet::new();
    for seed in 0..100 {
        let mut dice = Chance::seeded(seed).dice("test", &[], "");
        let plan: Vec<Planned> = every_fault(&mut dice)
            .into_iter()
            .map(|fault| {
                let from = Time(dice.below(60_000_000_000));
                let until = (dice.below(3) > 0).then(|| from.after(Span::from_nanos(dice.below(60_000_000_000))));
                Planned { from, until, fault, row: None }
            })
            .collect();
        families.extend(plan.iter().map(|planned| planned.fault.family()));
        let text = fault_rows(&plan, &names);
        assert_eq!(bare(staged(&text).plan(seed ^ 99)), plan, "{text}");
    }
    assert_eq!(families.len(), Family::ALL.len(), "every family can be written down");
}

#[test]
fn what_the_swarm_drew_reads_back_as_it_was_printed() {
    let swarm = staged("swarm = \"all\"\ncore = [\"a\"]\nduration = \"3m\"");
    let mut planned = 0;
    for seed in 0..10 {
        let plan = swarm.plan(seed);
        planned += plan.len();
        assert_eq!(bare(staged(&swarm.plan_text(seed)).plan(0)), plan);
    }
    assert!(planned > 100, "only {planned} faults were drawn");
}

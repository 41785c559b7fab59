//! Random specs, in L1's small worlds and under L3's values of every size: what the one calls proved the other does not refute, and what the
//! one calls dead the other does not come to.

use antfarm_automata::reference::{self, Draw};
use antfarm_automata::entities::Suite;
use antfarm_automata::{Sites, Spec, Table};
use antfarm_specs::{Group, Judged, Kind, Limits, Member, Tries, Verdict, search, tried};
use std::env;

/// `ANTFARM_CASES=100000` for more; `ANTFARM_SEED` for others.
fn told(name: &str, otherwise: u64) -> u64 {
    env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(otherwise)
}

/// The same without what it can do without: a world is the smaller the less there is to be held or given.
fn pruned(mut spec: Spec) -> Table {
    let table = |spec: &Spec| Table::new(spec.clone(), &Sites::new()).ok().map(|it| it.0);
    for nth in (0..spec.variables.len()).rev() {
        let variable = spec.variables.remove(nth);
        if table(&spec).is_none() {
            spec.variables.insert(nth, variable);
        }
    }
    for action in 0..spec.actions.len() {
        for nth in (0..spec.actions[action].params.len()).rev() {
            let param = spec.actions[action].params.remove(nth);
            if table(&spec).is_none() {
                spec.actions[action].params.insert(nth, param);
            }
        }
    }
    table(&spec).expect("what is drawn is well-formed")
}

fn group(draw: Draw<'_>) -> Group {
    let table = loop {
        let table = pruned(reference::spec(draw));
        if Suite::new(vec![table.clone()]).is_ok() {
            break table;
        }
    };
    let (text, file) = (table.spec().to_string(), "drawn.ioa.toml".to_owned());
    Group { members: vec![Member { file, text, table, warnings: Vec::new(), is_proved: true }] }
}

/// Whether what a small world says of this cannot be, since this came about.
fn is_missed(small: &Judged, came: &Judged) -> bool {
    small.property == came.property
        && match (&small.verdict, &came.verdict) {
            (Verdict::Verified, Verdict::Refuted(Some(_))) => true,
            (Verdict::Refuted(None), Verdict::Verified) => matches!(came.property.kind, Kind::Action | Kind::State),
            _ => false,
        }
}

#[test]
#[expect(clippy::print_stdout, reason = "what was counted is worth a look, with `--no-capture`")]
fn what_a_small_world_proves_no_other_values_refute() {
    let (cases, mut seed) = (told("ANTFARM_CASES", 100), told("ANTFARM_SEED", 1));
    let draw = &mut |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits fit") % below
    };
    let limits = Limits { states: 3_000, ..Limits::default() };
    let (mut verified, mut refuted, mut open, mut missed) = (0, 0, 0, 0);
    for case in 0..cases {
        let group = group(draw);
        let small = search(&group, limits);
        let other = tried(&group, Tries { runs: 64, length: 12 });
        for judged in small.iter().flat_map(|it| &it.judged) {
            match judged.verdict {
                Verdict::Verified => verified += 1,
                Verdict::Refuted(_) => refuted += 1,
                Verdict::Incomplete(_) => open += 1,
            }
            for came in other.iter().flat_map(|it| &it.judged).filter(|it| is_missed(judged, it)) {
                missed += 1;
                println!("case {case}: {}: {} by the small world, but\n{:?}\n{}\n{:?}", judged.property, judged.verdict.word(), came.verdict, group.members[0].text, small.iter().map(|it| &it.bounds).collect::<Vec<_>>());
            }
        }
    }
    println!("{cases} specs: {verified} verified, {refuted} refuted, {open} open; {missed} missed");
    assert_eq!(missed, 0);
}

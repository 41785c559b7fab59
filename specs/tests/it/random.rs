//! Random specs, in L1's small worlds and under L3's values of every size: what the one calls proved the other does not refute, and what the
//! one calls dead the other does not come to. Worlds that begin with nobody of a type, since others create it, are left out: random
//! sequences begin with somebody of each.

use crate::drawn::{dice, group, told};
use antfarm_specs::{Judged, Kind as Asked, Limits, Tries, Verdict, search, tried};

/// Whether a run holds numbers near the ends of 64 bits, where sums end: small worlds do not come there, and say so by what was tried.
fn is_far(verdict: &Verdict) -> bool {
    let Verdict::Refuted(Some(trace)) = verdict else { return false };
    let told = trace.to_string();
    told.split(|it: char| !it.is_ascii_digit()).any(|digits| digits.len() > 17)
}

/// Whether what a small world says of this cannot be, since this came about.
fn is_missed(small: &Judged, came: &Judged) -> bool {
    small.property == came.property
        && match (&small.verdict, &came.verdict) {
            (Verdict::Verified, Verdict::Refuted(Some(_))) => true,
            (Verdict::Refuted(None), Verdict::Verified) => matches!(came.property.kind, Asked::Action | Asked::State),
            _ => false,
        }
}

#[test]
#[expect(clippy::print_stdout, reason = "what was counted is worth a look, with `--no-capture`")]
fn what_a_small_world_proves_no_other_values_refute() {
    let (cases, mut draw) = (told("ANTFARM_CASES", 100), dice(told("ANTFARM_SEED", 1)));
    let limits = Limits { states: 3_000 };
    let (mut verified, mut refuted, mut open, mut missed, mut apart) = (0, 0, 0, 0, 0);
    for case in 0..cases {
        let group = group(&mut draw);
        let small = search(&group, limits);
        if small.iter().flat_map(|it| &it.bounds).any(|it| it.to.starts_with("0 at first")) {
            apart += 1;
            continue;
        }
        let other = tried(&group, Tries { runs: 64, length: 12 });
        for (finding, judged) in small.iter().flat_map(|it| it.judged.iter().map(move |judged| (it, judged))) {
            match judged.verdict {
                Verdict::Verified => verified += 1,
                Verdict::Refuted(_) => refuted += 1,
                Verdict::Incomplete(_) => open += 1,
            }
            let others = other.iter().filter(|it| it.spec == finding.spec).flat_map(|it| &it.judged);
            for came in others.filter(|it| is_missed(judged, it) && !is_far(&it.verdict)) {
                missed += 1;
                println!(
                    "case {case}: {} of {}: {} by the small world, but",
                    judged.property,
                    finding.spec,
                    judged.verdict.word()
                );
                if let Verdict::Refuted(Some(trace)) = &came.verdict {
                    println!("{trace}");
                }
                group.members.iter().for_each(|it| println!("{}", it.text));
                small.iter().flat_map(|it| &it.bounds).for_each(|it| println!("{} {} {}", it.of, it.to, it.is_hit));
            }
        }
    }
    println!("{cases} worlds: {verified} verified, {refuted} refuted, {open} open; {apart} left out; {missed} missed");
    assert_eq!(missed, 0);
    assert!(verified > cases && refuted > cases && apart * 2 < cases, "there is something to miss");
}

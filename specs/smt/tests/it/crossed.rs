//! Random specs at every level: none contradicts another, and none the kernel.

use super::drawn::{dice, group, told};
use super::running;
use antfarm_specs::{Depth, Level, Limits, Lives, Tries, Verdict, load, prove};
use std::path::PathBuf;

#[test]
#[expect(clippy::print_stdout, reason = "what was counted is worth a look, with `--no-capture`")]
fn what_one_level_says_of_a_random_spec_no_other_denies() {
    let (cases, seed) = (told("ANTFARM_CASES", 20), told("ANTFARM_SEED", 1));
    let mut draw = dice(seed);
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("crossed-{seed}"));
    let lives = Lives { runs: 1, ..Lives::default() };
    let depth = Depth { search: Limits { states: 2_000 }, tries: Tries { runs: 48, length: 12 }, lives, ..Depth::default() };
    let (mut wrong, mut solver) = (0, running());
    let (mut verified, mut refuted, mut open, mut shown) = (0, 0, 0, 0);
    for case in 0..cases {
        let _ = std::fs::remove_dir_all(&dir); // of the case before
        std::fs::create_dir_all(&dir).unwrap();
        for (nth, member) in group(&mut draw).members.iter().enumerate() {
            std::fs::write(dir.join(format!("{nth}.ioa.toml")), &member.text).unwrap();
        }
        let group = load(std::slice::from_ref(&dir)).unwrap_or_else(|wrong| panic!("{}", wrong[0])).remove(0);
        let proved = prove(&group, Some(&mut solver), depth);
        for judged in proved.findings.iter().filter(|it| it.level == Level::L0).flat_map(|it| &it.judged) {
            match judged.verdict {
                Verdict::Verified => verified += 1,
                Verdict::Refuted(_) => refuted += 1,
                Verdict::Incomplete(_) => open += 1,
            }
        }
        shown += proved.shown.len();
        if !proved.contradictions.is_empty() {
            wrong += 1;
            println!("case {case}:");
            proved.contradictions.iter().for_each(|it| println!("{it}"));
            group.members.iter().for_each(|it| println!("{}", it.text));
        }
    }
    println!("{cases} groups: {verified} verified, {refuted} refuted, {open} open at L0; {shown} replayed; {wrong} wrong");
    assert_eq!(wrong, 0);
    assert!(verified > cases && refuted > cases / 2 && shown > 0, "there is something to deny");
}

//! The solver as a process: what it is asked, and what becomes of one that fails.

use super::{folder, judge, load};
use antfarm_specs::smt::{Answer, Solver};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn start(ms: u32) -> Solver {
    Solver::start(Path::new(env!("CARGO_BIN_EXE_antfarm-smt")), ms).expect("it was built beside this test")
}

#[test]
fn what_cannot_be_read_is_no_answer_and_the_next_question_has_one() {
    let mut solver = start(1000);
    let constants = ["|x|".to_owned()];
    let error = solver.ask("(declare-const |x| Int)\n(assert (< |x| nobody))", &constants).expect_err("nobody is not declared");
    assert!(error.to_string().contains("cannot be read"), "{error}");
    let answer = solver.ask("(declare-const |x| Int)\n(assert (= |x| (- 3)))", &constants).expect("it is started anew");
    assert_eq!(answer, Answer::Sat([("|x|".to_owned(), -3)].into()));
    assert_eq!(solver.ask("(assert false)", &[]).expect("it goes on"), Answer::Unsat);
}

#[test]
fn what_takes_too_long_is_not_known() {
    // Nobody knows three cubes whose sum is 114.
    let cubes = "(declare-const |x| Int)(declare-const |y| Int)(declare-const |z| Int)\n\
                 (assert (= 114 (+ (* |x| |x| |x|) (* |y| |y| |y|) (* |z| |z| |z|))))";
    assert!(matches!(start(200).ask(cubes, &[]).expect("it answers"), Answer::Unknown(_)));
}

#[test]
fn what_is_no_solver_is_refused() {
    let echo = Path::new(env!("CARGO_TARGET_TMPDIR")).join("echo.sh");
    fs::write(&echo, "#!/bin/sh\ncat\n").expect("it can be written");
    fs::set_permissions(&echo, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let refused = |program: &Path| Solver::start(program, 10).map(drop).expect_err("it does not speak the language").to_string();
    assert_eq!(refused(&echo), "it is no solver: it says `(get-info :version)`");
    // It ends before, or while, it is asked.
    let said = refused(Path::new("/bin/true"));
    assert!(said.contains("ended") || said.contains("pipe"), "{said}");
    assert!(refused(Path::new("/nowhere")).contains("No such file"));
}

#[test]
fn the_same_spec_is_asked_and_answered_in_the_same_way() {
    let path = folder("broken").into_iter().find(|it| it.ends_with("refund_twice.ioa.toml")).expect("it is there");
    let table = load(&path).expect("it is well-formed");
    let [one, other] = [(), ()].map(|()| judge(&table, &[], None).expect("it can be asked"));
    assert_eq!(one.finding.judged, other.finding.judged);
    let texts = |proof: &antfarm_specs::smt::Proof| proof.obligations.iter().map(|it| it.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&one), texts(&other));

    let first = &one.obligations[0];
    assert!(first.answer == "unsat" && first.text.ends_with("(check-sat)\n"), "{}", first.text);
}

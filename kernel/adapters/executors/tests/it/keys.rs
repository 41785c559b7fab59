//! Keys: at most once, the same answer again, also after a restart; deadlines; closing.

use crate::fixture::{Place, START, call, close, key, result};
use antfarm_authority::Amount;
use antfarm_executors::{Cause, Executors, Refused};
use antfarm_machine::{Span, Wall};
use antfarm_node::{Body, Call, Outcome};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A tool that appends a line to a file each time that it runs, and says how many lines there are.
fn counting(place: &Place, contract: &str, more: &str) -> (String, PathBuf) {
    let folder = place.path().join("effects");
    fs::create_dir_all(&folder).expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("it is ours");
    let folder = folder.display();
    let manifest = format!(
        "[[tool]]\nname = \"tool\"\ncontract = \"{contract}\"\n{more}\n[tool.command]\nwrite = [\"{folder}\"]\n\
         argv = [\"/bin/sh\", \"-c\", 'echo x >> {folder}/count; wc -l < {folder}/count; test \"$0\" != fail', \"a${{target}}\"]\n"
    );
    (manifest, PathBuf::from(format!("{folder}/count")))
}

const KEPT: &str = "retention = \"1h\"";

fn count(file: &PathBuf) -> usize {
    fs::read_to_string(file).unwrap_or_default().lines().count()
}

fn late(mut body: Body) -> Body {
    if let Body::Call(call) = &mut body {
        call.deadline = Wall::ZERO;
    }
    body
}

#[test]
fn a_key_takes_effect_once_and_is_answered_the_same_also_after_a_restart() {
    let place = Place::new();
    let (manifest, file) = counting(&place, "keyed", KEPT);
    let executors = place.open(&manifest);
    let first = place.ask(&executors, &call(1, "t", b"")).expect("it is taken");
    assert_eq!((result(&first).trim(), &first.cause), ("1", &Cause::Done));
    for _ in 0..2 {
        let again = place.ask(&executors, &call(1, "t", b"")).expect("it is taken");
        assert_eq!((&again.outcome, &again.cause), (&first.outcome, &Cause::Repeated));
    }
    drop(executors);
    let executors = place.restarted(&manifest);
    // Also when nothing may begin any more, and when the tool's clock is past the call's deadline.
    for body in [call(1, "t", b""), late(call(1, "t", b""))] {
        assert_eq!(place.ask(&executors, &body).expect("it is taken").outcome, first.outcome);
    }
    place.pass(Span::from_secs(1_800));
    assert_eq!(place.ask(&executors, &call(1, "t", b"")).expect("it is taken").outcome, first.outcome);
    assert_eq!(count(&file), 1);
    assert_eq!(result(&place.ask(&executors, &reminded(call(2, "t", b""))).expect("it is taken")).trim(), "2");
}

/// The same call with a later deadline.
fn reminded(mut body: Body) -> Body {
    if let Body::Call(call) = &mut body {
        call.deadline = START + Span::from_secs(7_200);
    }
    body
}

#[test]
fn two_that_ask_at_once_hear_of_one_effect() {
    let place = Place::new();
    let (manifest, file) = counting(&place, "keyed", KEPT);
    let executors = place.open(&manifest);
    let body = call(1, "t", b"");
    let (one, two) = place.runtime.block_on(async { tokio::join!(executors.hear(&body), executors.hear(&body)) });
    assert_eq!(one.expect("it is taken"), two.expect("it is taken"));
    assert_eq!(count(&file), 1);
}

#[test]
fn nothing_begins_after_its_deadline_nor_when_the_clock_is_set_back() {
    let place = Place::new();
    let (manifest, file) = counting(&place, "keyed", KEPT);
    let executors = place.open(&manifest);
    place.pass(Span::from_secs(61));
    let answer = place.ask(&executors, &call(1, "t", b"")).expect("it is taken");
    assert!(answer.outcome == Outcome::Unclear && matches!(answer.cause, Cause::TooLate { .. }), "{answer:?}");
    place.set_back(Span::from_secs(61));
    assert_eq!(place.ask(&executors, &call(1, "t", b"")).expect("it is taken").outcome, Outcome::Unclear);
    assert_eq!(count(&file), 0);
}

#[test]
fn a_key_that_is_forgotten_is_not_done_again() {
    let place = Place::new();
    let (manifest, file) = counting(&place, "keyed", "retention = \"2m\"");
    let executors = place.open(&manifest);
    place.ask(&executors, &call(1, "t", b"")).expect("it is taken");
    place.pass(Span::from_secs(121));
    let answer = place.ask(&executors, &call(1, "t", b"")).expect("it is taken");
    assert!(answer.outcome == Outcome::Unclear && matches!(answer.cause, Cause::TooLate { .. }), "{answer:?}");
    assert_eq!(count(&file), 1);
}

#[test]
fn a_call_in_doubt_is_repeated_only_where_the_tool_knows_keys_itself() {
    for (more, effects) in [(KEPT, 1), ("retention = \"1h\"\nrepeats = true", 2)] {
        let place = Place::new();
        let (manifest, file) = counting(&place, "keyed", more);
        let manifest = manifest.replace("a${target}", "${target}");
        let executors = place.open(&manifest);
        let first = place.ask(&executors, &call(1, "fail", b"")).expect("it is taken");
        assert_eq!((&first.outcome, &first.cause), (&Outcome::Unclear, &Cause::Exited(1)));
        drop(executors);
        let executors = place.restarted(&manifest);
        let again = place.ask(&executors, &call(1, "fail", b"")).expect("it is taken");
        assert_eq!(again.outcome, Outcome::Unclear);
        assert_eq!(count(&file), effects, "{more}");
        // Nobody may begin it any more, and nobody knows.
        assert_eq!(place.ask(&executors, &late(call(1, "fail", b""))).expect("it is taken").cause, Cause::InDoubt);
        assert_eq!(count(&file), effects, "{more}");
    }
}

#[test]
fn a_later_attempt_that_fails_does_not_say_that_there_was_no_effect() {
    let place = Place::new();
    let (manifest, _) = counting(&place, "keyed", "retention = \"1h\"\nrepeats = true");
    let manifest = manifest.replace("a${target}", "${target}");
    let executors = place.open(&manifest);
    assert_eq!(place.ask(&executors, &call(1, "fail", b"")).expect("it is taken").outcome, Outcome::Unclear);
    drop(executors);
    let executors = place.restarted(&manifest.replace("/bin/sh", "/bin/no-such-shell"));
    let again = place.ask(&executors, &call(1, "fail", b"")).expect("it is taken");
    assert!(again.outcome == Outcome::Unclear && matches!(again.cause, Cause::Unstarted(_)), "{again:?}");
}

#[test]
fn closing_burns_a_key_that_was_not_begun_and_tells_of_one_that_was() {
    let place = Place::new();
    let (manifest, file) = counting(&place, "closable", KEPT);
    let executors = place.open(&manifest);
    let failed = Outcome::Failed { spent: Amount::ZERO };
    assert_eq!(place.ask(&executors, &close(1)).expect("it is taken").outcome, failed);
    let first = place.ask(&executors, &call(2, "t", b"")).expect("it is taken");
    drop(executors);
    let executors = place.restarted(&manifest);
    assert_eq!(place.ask(&executors, &call(1, "t", b"")).expect("it is taken").outcome, failed);
    assert_eq!(place.ask(&executors, &close(2)).expect("it is taken").outcome, first.outcome);
    assert_eq!(count(&file), 1);
    place.pass(Span::from_secs(61));
    let answer = place.ask(&executors, &close(3)).expect("it is taken");
    assert!(answer.outcome == Outcome::Unclear && matches!(answer.cause, Cause::TooLate { .. }), "{answer:?}");
}

#[test]
fn a_call_that_waits_its_turn_can_be_closed() {
    let place = Place::new();
    let (manifest, file) = counting(&place, "closable", "retention = \"1h\"\nparallel = 1");
    let executors = place.open(&manifest.replace("echo x", "sleep 0.3; echo x"));
    let answers = place.runtime.block_on(async {
        let (one, two) = (call(1, "t", b""), call(2, "t", b""));
        tokio::join!(executors.hear(&one), executors.hear(&two), async { executors.hear(&close(2)).await })
    });
    assert_eq!(result(&answers.0.expect("it is taken")).trim(), "1");
    assert_eq!(answers.1.expect("it is taken").cause, Cause::Burned);
    assert_eq!(answers.2.expect("it is taken").outcome, Outcome::Failed { spent: Amount::ZERO });
    assert_eq!(count(&file), 1);
}

#[test]
fn what_cannot_be_taken_is_refused_by_type() {
    let place = Place::new();
    let (manifest, file) = counting(&place, "keyed", KEPT);
    let mut setup = place.setup(&manifest);
    setup.queue = 1;
    let executors = Executors::open(setup).expect("the folder is good");
    let name = antfarm_authority::Name::new("other").expect("legal");
    let Body::Call(known) = call(1, "t", b"") else { panic!("a call is a call") };
    let unknown = Body::Call(Call { tool: name.clone(), ..known });
    assert_eq!(place.ask(&executors, &unknown), Err(Refused::UnknownTool(name)));
    assert_eq!(place.ask(&executors, &close(1)), Err(Refused::NotClosable));
    let outcome = Body::Outcome { key: key(1), outcome: Outcome::Unclear };
    assert_eq!(place.ask(&executors, &outcome), Err(Refused::NotForTools));
    let (one, two) = (call(1, "t", b""), call(2, "t", b""));
    let (one, two) = place.runtime.block_on(async { tokio::join!(executors.hear(&one), executors.hear(&two)) });
    assert!(one.is_ok());
    assert_eq!(two, Err(Refused::Busy));
    assert_eq!(count(&file), 1);
    drop(executors);
    let mut setup = place.setup(&manifest);
    setup.remembered = 1;
    let open = |_| {
        place.wait();
        Executors::open(setup.clone()).ok()
    };
    let executors = (0..1_000).find_map(open).expect("the former process let go");
    assert_eq!(place.ask(&executors, &call(3, "t", b"")), Err(Refused::Full));
}

//! Tasks are judged by what was said: what a mind is asked and what is done in its name follows from the facts before.

use crate::docket::{
    Docket, QUEEN, SCOUT, STRANGER, calls, colony, done, grant, intent, proposal, second, signer, started, writ,
};
use crate::fixture::name;
use antfarm_authority::{Bytes, Grant, Intent, Nonce, Offer, Refusal, Text, WritId};
use antfarm_identity::{Domain, from_bytes, to_bytes};
use antfarm_node::{
    Commission, Context, Declined, Delta, Drift, Ending, Fact, Judged, MAX_RUNS, Move, Reason, Report, RunId, Task, Thought,
};

const NONCE: Nonce = Nonce([5; 16]);

fn task() -> Task {
    Task { mind: name("mind"), text: Text::new("water the well").expect("short"), steps: 1, until: second(50) }
}

fn commission(writ: WritId, nonce: Nonce, by: u64) -> Box<Commission> {
    Box::new(Commission::sign(colony(), writ, nonce, task(), &signer(by)))
}

fn report(writ: WritId, nonce: Nonce, ending: Ending, by: u64) -> Box<Report> {
    let domain = Domain::new("antfarm 2026 node report");
    let signature = signer(by).sign(domain, colony(), &to_bytes(&(writ, nonce, ending.clone())));
    Box::new(from_bytes(&to_bytes(&(writ, (nonce, (ending, signature))))).expect("a report"))
}

fn ended(writ: WritId, ending: Ending) -> Fact {
    Fact::Ended(report(writ, NONCE, ending, SCOUT))
}

/// What the run wants at this place of its first thought, as calls go.
fn of_run(writ: WritId, place: u32, tool: &str) -> Intent {
    let base = intent(SCOUT, 0, tool);
    Intent { nonce: RunId::new(writ, NONCE).nonce(0, place), until: second(50), ..base }
}

/// The first thought.
fn thought(docket: &Docket, writ: WritId) -> Intent {
    let granted = docket.granted(writ);
    let (task, free) = (task().text, docket.state().accounts().account(writ).expect("it is open").free());
    let context = Context { task, step: 0, steps: 1, grant: Box::new(granted.body().grant.clone()), free, past: Vec::new() };
    let args = Bytes::new(&to_bytes(&context)).expect("short");
    Intent { target: Text::default(), args, ..of_run(writ, 0, "mind") }
}

/// A task that was taken on under the scout's writ.
fn begun() -> (Docket, WritId) {
    let (mut docket, mine) = Docket::with_writ(SCOUT);
    docket.record(Fact::Begun(commission(mine, NONCE, SCOUT)));
    (docket, mine)
}

/// One whose mind had its thought.
fn thinking(moves: Vec<Move>, answer: Option<&str>) -> (Docket, WritId) {
    let (mut docket, mine) = begun();
    let asked = thought(&docket, mine);
    docket.record(started(asked.clone(), proposal(&asked, mine, calls(1))));
    let answer = answer.map(|text| Bytes::new(text.as_bytes()).expect("short"));
    let said = Bytes::new(&to_bytes(&Thought { moves, answer })).expect("short");
    let Fact::Done { key, spent, delta, .. } = done(&asked, "", calls(1), Delta::default()) else { unreachable!("it is done") };
    docket.record(Fact::Done { key, result: said, spent, delta });
    (docket, mine)
}

#[test]
fn a_task_is_taken_on_once_and_by_the_word_of_who_may_give_it() {
    let (mut docket, mine) = Docket::with_writ(SCOUT);
    let unknown = writ(QUEEN, STRANGER, None, grant());
    docket.drifts(&Fact::Begun(commission(unknown.id(), NONCE, QUEEN)), Drift::NoWrit { writ: unknown.id() });
    docket.drifts(&Fact::Begun(commission(mine, NONCE, STRANGER)), Drift::Signature { key: signer(QUEEN).public() });
    docket.record(Fact::Known { writ: unknown.clone() });
    docket.drifts(&Fact::Begun(commission(unknown.id(), NONCE, QUEEN)), Drift::NoWrit { writ: unknown.id() });
    docket.record(Fact::Begun(commission(mine, NONCE, SCOUT)));
    docket.drifts(&Fact::Begun(commission(mine, NONCE, QUEEN)), Drift::Again);
    for number in 1..MAX_RUNS {
        let mut nonce = Nonce([0; 16]);
        nonce.0[..8].copy_from_slice(&number.to_le_bytes());
        let unsigned = Commission { nonce, ..*commission(mine, NONCE, SCOUT) };
        docket.append(&Fact::Begun(Box::new(unsigned)));
    }
    docket.drifts(&Fact::Begun(commission(mine, Nonce([6; 16]), SCOUT)), Drift::TooMany);
}

#[test]
fn a_mind_is_asked_what_follows_and_nobody_else_uses_its_names() {
    let (docket, mine) = begun();
    let asked = thought(&docket, mine);
    docket.check(&started(asked.clone(), proposal(&asked, mine, calls(1))), Ok(Judged::Derived));
    let drifts = |intent: Intent| {
        let nonce = intent.nonce;
        let (drift, proposal) = (Drift::Unthought { nonce }, proposal(&intent, mine, calls(1)));
        let reason = Reason::Refused(Refusal::UnknownTool);
        let refused = Fact::Refused { intent: Box::new(intent.clone()), writ: mine, reason, at: second(10) };
        docket.drifts(&refused, drift.clone());
        docket.drifts(&started(intent, proposal), drift);
    };
    drifts(Intent { tool: name("mail.send"), ..asked.clone() });
    drifts(Intent { target: Text::new("well").expect("short"), ..asked.clone() });
    drifts(Intent { args: Bytes::default(), ..asked.clone() });
    drifts(Intent { rationale: Text::new("well").expect("short"), ..asked.clone() });
    drifts(Intent { until: second(49), ..asked.clone() });
    drifts(Intent { nonce: RunId::new(mine, NONCE).nonce(1, 0), ..asked.clone() });
    drifts(of_run(mine, 1, "mail.send"));
    // A client that uses such a name is refused for that, and only such a client.
    let reserved =
        |intent: Intent| Fact::Refused { intent: Box::new(intent), writ: mine, reason: Reason::Reserved, at: second(10) };
    docket.check(&reserved(asked), Ok(Judged::Derived));
    docket.drifts(&reserved(intent(SCOUT, 1, "mail.send")), Drift::Refused { derived: None });
}

#[test]
fn a_move_is_what_the_mind_said() {
    let Intent { tool, target, args, rationale, .. } = intent(SCOUT, 0, "mail.send");
    let call = Move::Call { tool, target, args, rationale };
    let subject = signer(STRANGER).public();
    let offer = Box::new(Offer { subject, nonce: NONCE, home: subject, grant: Grant { budget: calls(500), ..grant() } });
    let part = Move::Delegate { offer, task: Box::new(task()) };
    let (docket, mine) = thinking(vec![call, part], None);
    let (first, second_move) = (of_run(mine, 1, "mail.send"), of_run(mine, 2, "mail.send"));
    docket.check(&started(first.clone(), proposal(&first, mine, calls(1))), Ok(Judged::Derived));
    let unsaid = Drift::Unthought { nonce: second_move.nonce };
    docket.drifts(&started(second_move.clone(), proposal(&second_move, mine, calls(1))), unsaid);
    let declined = |nonce| Fact::Declined { writ: mine, nonce, why: Declined::Widened };
    docket.check(&declined(second_move.nonce), Ok(Judged::Unshown));
    docket.drifts(&declined(first.nonce), Drift::Unthought { nonce: first.nonce });
    docket.drifts(&declined(NONCE), Drift::Unthought { nonce: NONCE });
}

#[test]
fn a_task_ends_as_its_run_does() {
    let answered = |text: &str| Ending::Answered { answer: Bytes::new(text.as_bytes()).expect("short") };
    let (mut docket, mine) = begun();
    for ending in [answered("wet"), Ending::Steps, Ending::InDoubt, Ending::Refused(Reason::Late)] {
        docket.drifts(&ended(mine, ending), Drift::Ending);
    }
    docket.check(&ended(mine, Ending::Time), Ok(Judged::Unshown));
    docket.check(&ended(mine, Ending::Refused(Reason::Refused(Refusal::UnknownTool))), Ok(Judged::Unshown));
    let by_giver = Fact::Ended(report(mine, NONCE, Ending::Time, QUEEN));
    docket.drifts(&by_giver, Drift::Signature { key: signer(SCOUT).public() });
    docket.drifts(&Fact::Ended(report(mine, Nonce([6; 16]), Ending::Time, SCOUT)), Drift::Again);
    docket.record(ended(mine, Ending::Time));
    docket.drifts(&ended(mine, Ending::Time), Drift::Again);

    let (docket, mine) = thinking(Vec::new(), Some("wet"));
    docket.check(&ended(mine, answered("wet")), Ok(Judged::Derived));
    docket.drifts(&ended(mine, answered("dry")), Drift::Ending);
    let (docket, mine) = thinking(Vec::new(), None);
    docket.check(&ended(mine, Ending::Steps), Ok(Judged::Derived));
}

#[test]
fn a_task_is_handed_on_with_its_part_and_reported_by_who_had_it() {
    let (mut docket, mine) = Docket::with_writ(QUEEN);
    let part = docket.part(mine, SCOUT, calls(10));
    docket.record(Fact::Delegated { writ: part.clone() });
    let (id, nonce) = (part.id(), part.body.nonce);
    docket.drifts(&Fact::Commissioned(commission(mine, nonce, QUEEN)), Drift::NotConcerned);
    docket.drifts(&Fact::Commissioned(commission(id, NONCE, QUEEN)), Drift::NotConcerned);
    docket.drifts(&Fact::Commissioned(commission(id, nonce, STRANGER)), Drift::Signature { key: signer(QUEEN).public() });
    let reported = |by| Fact::Reported(report(id, nonce, Ending::Time, by));
    docket.drifts(&reported(SCOUT), Drift::NotReleased);
    docket.record(Fact::Commissioned(commission(id, nonce, QUEEN)));
    docket.drifts(&Fact::Commissioned(commission(id, nonce, QUEEN)), Drift::Again);
    docket.drifts(&reported(QUEEN), Drift::Signature { key: signer(SCOUT).public() });
    docket.record(reported(SCOUT));
    docket.drifts(&reported(SCOUT), Drift::NotReleased);
}

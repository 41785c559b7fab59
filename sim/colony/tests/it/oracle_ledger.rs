//! Each oracle of logs, of progress and of bounds fails over a member that is wrong in its way, and not over one that is not.

use crate::flawed::{Flaw, Flawed, SECRET};
use antfarm_authority::{
    Amount, Bytes, Calls, Ceiling, Delegation, EffectKey, Grant, Name, Nonce, Scope, Scopes, Text, Usdc, Window,
};
use antfarm_colony::{BEGIN, Errand, Mood, Plan, Settings, nonce_of, oracle, signer};
use antfarm_identity::{Digest, from_bytes, to_bytes};
use antfarm_ledger::{Draft, Ledger};
use antfarm_machine::{Operation, Outcome, PeerId, Receipt, Request, Span, Wall};
use antfarm_node::{Fact, Node, VERSION};
use antfarm_sim::{Failure, Fault, Load, Nobody, Odds, Oracle, Planned, Simulation, Time};

const NAMES: [&str; 5] = ["queen", "scout", "helper", "bank", "store"];
const QUEEN: PeerId = PeerId::new(0);
const SCOUT: PeerId = PeerId::new(1);
const HELPER: PeerId = PeerId::new(2);
const BANK: PeerId = PeerId::new(3);
const STORE: PeerId = PeerId::new(4);

const FAIL: Errand = Errand::Fail { mood: Mood::Silent, times: 1 };

fn ms(n: u64) -> Time {
    Time::ZERO.after(Span::from_millis(n))
}

fn name(text: &str) -> Name {
    Name::new(text).expect("legal")
}

fn fault(from: u64, until: u64, fault: Fault) -> Planned {
    Planned { from: ms(from), until: Some(ms(until)), fault, row: None }
}

fn crash() -> Planned {
    fault(6_000, 6_500, Fault::Crash(SCOUT))
}

/// The scout's disk takes back what it answers from the third second on, when the scout crashes.
fn lie() -> [Planned; 2] {
    [fault(3_000, 6_400, Fault::LieSync(SCOUT, Odds::ALWAYS)), crash()]
}

fn wish(tool: &'static str, nonce: Nonce, args: &[u8]) -> Errand {
    let (under, tool) = (name("errands"), name(tool));
    let (target, args) = (Text::new("well").expect("short"), Bytes::new(args).expect("short"));
    Errand::Wish { under, nonce, lasts: None, tool, target, args }
}

/// Ten seconds of wishes and thirty to settle, with these faults, watched by one oracle, all members but the queen being wrong.
fn watch(flaw: Flaw, watching: impl Oracle<Flawed, Nobody> + 'static, faults: &[Planned]) -> Result<(), Failure> {
    let settings = Settings { retention: Span::from_secs(4), patience: Span::from_millis(250), ..Settings::default() };
    let members = Plan::of(NAMES, settings).machines();
    let flawed = (0..).map(PeerId::new).zip(members).map(|(peer, member)| {
        let forged = member.node().map(|node| forged(node, &found(flaw))).unwrap_or_default();
        Flawed::new(if peer == QUEEN { Flaw::None } else { flaw }, member, forged)
    });
    let grant = |name_of: &str, to: PeerId| Errand::Grant {
        name: name(name_of),
        under: None,
        to: signer(to).public(),
        home: signer(to).public(),
        grant: Box::new(terms()),
        task: None,
    };
    let every = |gap: u64| (Span::from_millis(gap), Span::from_millis(gap + 40));
    let pay =
        Load::every(every(60), vec![SCOUT], |_, nth| wish("bank.pay", nonce_of(&format!("pay {nth}")), &5_u64.to_le_bytes()));
    let put = Load::every(every(80), vec![SCOUT], |_, nth| wish("store.put", nonce_of(&format!("put {nth}")), b"value"));
    let nothing = Load::every((Span::from_millis(1), Span::from_millis(5)), vec![HELPER], |_, nth| {
        wish("bank.pay", nonce_of(&format!("no {nth}")), b"")
    });
    let mut sim = Simulation::seeded(7, flawed)
        .load(Load::once(ms(500), QUEEN, grant("errands", SCOUT)))
        .load(Load::once(ms(9_000), QUEEN, grant("late", HELPER)))
        .load(Load::once(ms(9_500), QUEEN, Errand::Revoke { name: name("errands") }))
        .load(pay)
        .load(put)
        .load(nothing)
        .load(Load::every(every(900), vec![BANK], |_, _| FAIL))
        .load(Load::every(every(900), vec![STORE], |_, _| FAIL))
        .oracle(watching)
        .faults(faults.iter().cloned());
    sim.run(Span::from_secs(10), Span::from_secs(40))
}

fn terms() -> Grant {
    Grant {
        colony: Plan::colony(),
        tenant: Plan::tenant(),
        tools: Scopes::new(Scope::new("*")).expect("one is not too many"),
        budget: Amount { calls: Calls(1_000), money: Usdc::whole(1_000_000), ..Amount::ZERO },
        ceiling: Ceiling::ALL,
        window: Window::new(BEGIN, BEGIN + Span::from_secs(3_600)).expect("it ends later"),
        delegation: Delegation::new(0, true).expect("not too deep"),
        freshness: Span::from_secs(10),
    }
}

/// What a member that is wrong so finds on its disk: that a call failed which was never started, or that something was forgotten
/// before there was anything. The second folds.
fn found(flaw: Flaw) -> Fact {
    let key: EffectKey = from_bytes(&to_bytes(&Digest::ZERO)).expect("a key is any digest");
    if flaw == Flaw::Addled { Fact::Forgot { at: Wall::ZERO } } else { Fact::Failed { key, spent: Amount::ZERO } }
}

/// A whole log of this node whose second record says this.
fn forged(node: &Node, fact: &Fact) -> Vec<u8> {
    let mut ledger = Ledger::new(node.ledger().config().clone());
    let mut disk = Vec::new();
    let mut requests: Vec<Request> = Vec::new();
    ledger.open(&mut |request| requests.push(request));
    let mut appended = false;
    while let Some(Request { ticket, operation }) = requests.pop() {
        let outcome = match operation {
            Operation::List => Outcome::Listed(Vec::new()),
            Operation::Read { .. } => Outcome::Data(Vec::new()),
            Operation::AppendAt { bytes, .. } => {
                disk.extend_from_slice(&bytes);
                Outcome::Done
            }
            Operation::Truncate { .. } | Operation::Remove { .. } => Outcome::Done,
        };
        let _ = ledger.receive(Receipt { ticket, outcome }, &mut (), &mut |request| requests.push(request));
        if ledger.durable().is_some() && !appended {
            appended = true;
            let (link, payload) = (node.state().link(fact), to_bytes(fact));
            let draft = Draft { link, kind: fact.record_kind(), version: VERSION, payload: &payload };
            ledger.append(draft, &mut ()).expect("the log is open");
            ledger.flush(&mut |request| requests.push(request));
        }
    }
    disk
}

/// The flaw makes the oracle fail so, and without it nothing does.
fn check<T: Oracle<Flawed, Nobody> + Default + 'static>(flaw: Flaw, faults: &[Planned], message: &str) {
    let failure = watch(flaw, T::default(), faults).expect_err("the flaw is found");
    assert!(failure.violation.message.contains(message), "{flaw:?}: {failure}");
    if let Err(failure) = watch(Flaw::None, T::default(), faults) {
        panic!("without the flaw: {failure}");
    }
}

#[test]
fn a_log_that_does_not_verify_or_forks_breaks_the_chain() {
    check::<oracle::Chain>(Flaw::Scribbles, &[crash()], "does not verify");
    check::<oracle::Chain>(Flaw::Forgets, &[crash()], "nobody lied");
    check::<oracle::Chain>(Flaw::Forgets, &[fault(3_000, 3_100, Fault::LieSync(HELPER, Odds::ALWAYS)), crash()], "nobody lied");
}

#[test]
fn what_is_told_without_a_record_or_lost_without_a_lie_is_missed() {
    check::<oracle::Acknowledged>(Flaw::Boasts, &[], "its disk does not say so");
    check::<oracle::Acknowledged>(Flaw::Forgets, &[crash()], "nobody lied");
}

#[test]
fn a_node_whose_disk_lied_is_found_and_is_silent() {
    check::<oracle::Acknowledged>(Flaw::Stubborn, &lie(), "it serves");
    check::<oracle::Acknowledged>(Flaw::Babbles, &lie(), "it found that its log is not what it was");
}

#[test]
fn refusals_without_a_record_and_records_that_do_not_follow_are_found() {
    check::<oracle::Refused>(Flaw::Shrugs, &[], "its disk does not say so");
    check::<oracle::Refused>(Flaw::Denies, &[], "its disk does not say so");
    check::<oracle::Refused>(Flaw::Bewitched, &[], "a call ends that was not started");
    check::<oracle::Refused>(Flaw::Addled, &[], "none that an honest node makes: Forgot");
}

#[test]
fn a_state_that_is_not_the_fold_of_its_log_is_found() {
    check::<oracle::Fold>(Flaw::Freezes, &[], "not the fold");
}

#[test]
fn a_secret_is_found_on_disks_and_in_messages() {
    let secrets = || oracle::Secrets::of([SECRET.to_vec()]);
    watch(Flaw::None, secrets(), &[]).expect("nobody says it");
    let failure = watch(Flaw::Leaks, secrets(), &[]).expect_err("a tool says it");
    assert!(failure.violation.message.contains("in a message"), "{failure}");
    let failure = watch(Flaw::None, oracle::Secrets::of([b"value".to_vec()]), &[]).expect_err("a wish says it");
    assert!(failure.violation.message.contains("on its disk"), "{failure}");
}

#[test]
fn a_node_that_ignores_the_dead_does_not_converge() {
    check::<oracle::Convergence>(Flaw::Ignores, &[], "and the other does not");
}

#[test]
fn whoever_makes_no_progress_is_not_alive() {
    check::<oracle::Liveness>(Flaw::Mute, &[], "nobody is told");
    check::<oracle::Liveness>(Flaw::Gives, &[], "is under way since");
    check::<oracle::Liveness>(Flaw::Declines, &[], "has not heard of");
    check::<oracle::Liveness>(Flaw::Rests, &[], "waits for its disk since");
    check::<oracle::Liveness>(Flaw::Sulks, &[fault(5_000, 6_000, Fault::FailSync(SCOUT, Odds::ALWAYS))], "is not open since");
}

#[test]
fn refusals_that_flood_a_log_are_found() {
    check::<oracle::Bounded>(Flaw::Hurries, &[], "refusals recorded");
}

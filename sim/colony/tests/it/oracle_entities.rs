//! The oracle of entities fails over members that are wrong in their way, and over a spec that is; not over others.

use crate::flawed::{Flaw, Flawed};
use antfarm_authority::{Amount, Calls, Ceiling, Delegation, Grant, Name, Scope, Scopes, Window};
use antfarm_automata::{Text, Value};
use antfarm_colony::{BEGIN, Errand, Plan, Settings, nonce_of, oracle, signer, suite};
use antfarm_machine::{PeerId, Span};
use antfarm_sim::{Fault, Load, Planned, Simulation, Time};

const QUEEN: PeerId = PeerId::new(0);
const SHOP: PeerId = PeerId::new(1);
const DEPOT: PeerId = PeerId::new(2);

const PURCHASES: &str = "scenarios/entities/purchase.ioa.toml scenarios/entities/stock.ioa.toml";

fn ms(n: u64) -> Time {
    Time::ZERO.after(Span::from_millis(n))
}

fn name(text: &str) -> Name {
    Name::new(text).expect("legal")
}

fn act(tool: &'static str, id: String, params: &[(&str, Value)]) -> Errand {
    let params = params.iter().map(|(name, value)| (Text::from(*name), value.clone())).collect();
    let nonce = nonce_of(&format!("{tool} {id} {params:?}"));
    Errand::Act { under: name("all"), nonce, lasts: None, tool: name(tool), id: id.as_str().into(), params, writes: Vec::new() }
}

/// The same as another wish.
fn again(asked: Errand, nth: u64) -> Errand {
    let Errand::Act { under, lasts, tool, id, params, writes, .. } = asked else { return asked };
    Errand::Act { under, nonce: nonce_of(&format!("{tool} {id} {nth}")), lasts, tool, id, params, writes }
}

fn grant(to: PeerId) -> Errand {
    let grant = Grant {
        colony: Plan::colony(),
        tenant: Plan::tenant(),
        tools: Scopes::new(Scope::new("*")).expect("one is not too many"),
        budget: Amount { calls: Calls(100_000), ..Amount::ZERO },
        ceiling: Ceiling::ALL,
        window: Window::new(BEGIN, BEGIN + Span::from_secs(3_600)).expect("it ends later"),
        delegation: Delegation::NONE,
        freshness: Span::from_secs(10),
    };
    let key = signer(to).public();
    Errand::Grant { name: name("all"), under: None, to: key, home: key, grant: Box::new(grant), task: None }
}

/// Thirty seconds of these asks of the shop, and as many to settle; shop and depot are wrong in this way. What is found.
fn found(flaw: Flaw, specs: &str, asks: impl Fn(u64) -> Errand + Send + Sync + 'static) -> Option<String> {
    let settings = Settings { suite: Some(suite(specs).expect("specs")), ..Settings::default() };
    let members = Plan::of(["queen", "shop", "depot"], settings).machines();
    let flawed = (0..).map(PeerId::new).zip(members);
    let flawed = flawed.map(|(peer, it)| Flawed::new(if peer == QUEEN { Flaw::None } else { flaw }, it, Vec::new()));
    let gap = (Span::from_millis(150), Span::from_millis(250));
    let crash = |at: u64, node| Planned { from: ms(at), until: Some(ms(at + 400)), fault: Fault::Crash(node), row: None };
    let mut sim = Simulation::seeded(7, flawed)
        .load(Load::once(ms(300), QUEEN, grant(SHOP)))
        .load(Load::once(ms(300), QUEEN, grant(DEPOT)))
        .load(Load::every((Span::from_secs(1), Span::from_secs(2)), vec![DEPOT], |_, nth| {
            again(act("Stock.Create", "shelf".to_owned(), &[]), nth)
        }))
        .load(Load::every(gap, vec![SHOP], move |_, nth| asks(nth)))
        .oracle(oracle::Entities::default())
        .faults([crash(8_000, SHOP), crash(12_000, DEPOT), crash(20_000, SHOP)]);
    let failure = sim.run(Span::from_secs(30), Span::from_secs(60)).err()?;
    Some(failure.to_string())
}

/// Of two asks one makes a purchase, and one places it.
fn purchases(nth: u64) -> Errand {
    let id = format!("p{}", nth / 2);
    match nth % 2 {
        0 => act("Purchase.Create", id, &[("stock", Value::text("shelf@depot"))]),
        _ => act("Purchase.Place", id, &[("pieces", Value::Int(1))]),
    }
}

#[test]
fn what_goes_between_homes_is_looked_at() {
    assert_eq!(found(Flaw::None, PURCHASES, purchases), None);
    for (flaw, words) in [
        (Flaw::Deaf, "deliveries wait"),
        (Flaw::Unsure, "deliveries wait"),
        (Flaw::Assures, "its disk does not say"),
        (Flaw::Invents, "its disk does not say"),
    ] {
        let failure = found(flaw, PURCHASES, purchases).unwrap_or_else(|| panic!("{flaw:?} was not found"));
        assert!(failure.contains(words), "{flaw:?}: {failure}");
    }
}

#[test]
fn an_alarm_that_does_not_ring_is_missed() {
    let drafts = |nth: u64| act("Purchase.Create", format!("p{nth}"), &[]);
    assert_eq!(found(Flaw::None, PURCHASES, drafts), None);
    let failure = found(Flaw::Sleeps, PURCHASES, drafts).expect("it is found");
    assert!(failure.contains("did not ring"), "{failure}");
}

#[test]
fn an_invariant_that_does_not_hold_is_found_in_the_event_that_breaks_it() {
    let specs = "specs/broken/publish_on_a_local_flag.ioa.toml specs/review.ioa.toml scenarios/entities/stock.ioa.toml";
    let loaded = suite(specs).expect("specs");
    let page = loaded.tables().iter().find(|it| it.spec().entity == "Page").expect("a page").spec().clone();
    let names: Vec<String> = page.actions.iter().map(|it| it.name.to_string()).collect();
    let asks = move |nth: u64| {
        let at = usize::try_from(nth).unwrap_or(0) % (names.len() + 2);
        let asked = match at.checked_sub(2).map(|at| names[at].as_str()) {
            None if at == 0 => act("Review.Create", "r".to_owned(), &[]),
            None => act("Page.Create", "p".to_owned(), &[]),
            Some("AskForReview") => act("Page.AskForReview", "p".to_owned(), &[("review", Value::text("r@shop"))]),
            Some("RecordVerdict") => act("Page.RecordVerdict", "p".to_owned(), &[]),
            Some(_) => act("Page.Publish", "p".to_owned(), &[]),
        };
        again(asked, nth)
    };
    let failure = found(Flaw::None, specs, asks).expect("it is found");
    assert!(failure.contains("PublishedIsReviewed"), "{failure}");
}

//! Deliveries that a node may not take in as they are: a secret of its own stands in them.

use crate::entities::{House, LAMP, SCOUT, sign, suite};
use crate::fixture::name;
use antfarm_automata::Value;
use antfarm_automata::entities::{Delivery, Refused};
use antfarm_identity::Signer;
use antfarm_machine::Input;
use antfarm_node::{Body, Fact, Judged, Message, SignedDelivery, home_name};

const SECRET: &str = "sk-live-4f9a1c77e2d85b60";

#[test]
fn a_secret_in_a_delivery_is_dropped_and_holds_up_nobody() {
    let mut house = House::new();
    house.it.config.secrets.register(name("stripe"), SECRET.as_bytes()).expect("a good secret");
    house.it.restart();
    let b = house.here("b");
    house.done("Lamp.Create", &b, &[]);
    let (signer, colony) = (Signer::insecure(2), house.it.config.roots.colony());
    let delivery = |seq: u64, source: &str| {
        let (from, by, id) = (home_name(&signer.public()), "Lamp".into(), b.as_str().into());
        let delivery = Delivery { by, source: House::there(source).into(), id, ..Delivery::withheld(from, seq) };
        let delivery = Delivery { after: "Light".into(), entity: "Lamp".into(), action: "Light".into(), depth: 1, ..delivery };
        sign(Delivery { params: vec![("watts".into(), Value::Int(1))], ..delivery }, &signer, colony)
    };
    let (first, second) = (delivery(0, SECRET), delivery(1, "a"));
    // A recording takes it out before the node hears it: the same follows either way.
    let heard =
        |signed: &SignedDelivery| Input::Heard { from: SCOUT, message: Message::bare(Body::Deliver(Box::new(signed.clone()))) };
    let cleaned = house.it.node.without_secrets(heard(&first));
    let Input::Heard { message: Message { body: Body::Deliver(left), .. }, .. } = &cleaned else { panic!("{cleaned:?}") };
    assert!(left.delivery.is_withheld() && left.signature != first.signature, "{left:?}");
    house.it.feed(heard(&first));
    assert!(house.it.sent.contains(&(SCOUT, Body::Delivered { below: 1 })), "{:?}", house.it.sent);
    let dropped = |house: &House| {
        let facts = house.facts();
        let steps = facts
            .iter()
            .filter_map(|it| if let Fact::Moved { step, signature, .. } = it { Some((step, signature)) } else { None });
        let why = steps.flat_map(|(step, signature)| step.dropped().map(move |it| (it.why.clone(), signature.is_some())));
        why.collect::<Vec<_>>()
    };
    assert_eq!(dropped(&house), [(Refused::Withheld, false)]);
    house.it.feed(heard(&second));
    assert_eq!(house.lit(&b), Value::Int(1), "what is behind it goes on");
    house.it.feed(cleaned);
    assert_eq!(dropped(&house).len(), 1, "it arrived once");
    assert!(
        house.it.disk.values().all(|it| it.windows(SECRET.len()).all(|it| it != SECRET.as_bytes())),
        "nothing of it is on the ledger"
    );
    // Who takes it from a recording is fed what is left of it, and comes to the same.
    let withheld = SignedDelivery { delivery: Delivery::withheld(home_name(&signer.public()), 2), ..second };
    house.it.feed(heard(&withheld));
    assert_eq!(dropped(&house), [(Refused::Withheld, false), (Refused::Withheld, false)]);
    let another = SignedDelivery { delivery: Delivery::withheld(home_name(&Signer::insecure(3).public()), 0), ..withheld };
    house.it.feed(heard(&another));
    assert_eq!(dropped(&house).len(), 2, "nobody says so of another's");
    assert!(house.judged(Some(&suite(LAMP)), |fact| fact)[1..].iter().all(|it| *it == Ok(Judged::Derived)));
}

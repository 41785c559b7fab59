//! What goes from home to home: at least once, applied once, in order.

use super::{Colony, story};
use antfarm_automata::Value;
use antfarm_automata::entities::{Delivery, Entities, MOST_DEPTH, MOST_WAITING, Move, Refused};

const ORDER: &str = r#"
    [automaton]
    name = "Order"
    states = ["Draft", "Placed"]
    initial = "Draft"
    allow_indefinite_states = ["Draft", "Placed"]

    [[state]]
    name = "shop"
    type = "ref"
    entity = "Shop"
    given = true

    [[action]]
    name = "Place"
    from = ["Draft"]
    to = "Placed"

    [[action.triggers]]
    name = "tell"
    kind = "entity"
    target_entity = "Shop"
    target_action = "Count"
    resolve_target = { type = "field", field = "shop" }

    [[action]]
    name = "Ask"
    guard = "Shop[shop].count < 3"
"#;

const SHOP: &str = r#"
    [automaton]
    name = "Shop"
    states = ["On"]
    initial = "On"
    allow_indefinite_states = ["On"]

    [[state]]
    name = "count"
    type = "counter"

    [[action]]
    name = "Count"
    guard = "count < 2"
    effect = ["count += 1"]
"#;

fn at(home: &str) -> Colony {
    Colony { entities: Entities::at(home), ..Colony::new(&[ORDER, SHOP]) }
}

/// A home with so many orders for a shop elsewhere, all placed.
fn buyer(orders: usize) -> Colony {
    let mut buyer = at("here");
    for nth in 0..orders {
        let id = format!("o{nth}@here");
        buyer.create("Order", &id, &[("shop", Value::text("shop@there"))]).unwrap();
        let step = buyer.go(&format!("Order {id} Place"));
        assert_eq!(story(&buyer.suite, &step)[1], "shop@there Count sent");
    }
    buyer
}

fn seller() -> Colony {
    let mut seller = at("there");
    seller.create("Shop", "shop@there", &[]).unwrap();
    seller
}

fn waiting(colony: &Colony) -> Vec<Delivery> {
    colony.entities.pending().flat_map(|(_, outbox)| outbox.waiting.iter().cloned()).collect()
}

#[test]
fn a_delivery_waits_until_it_is_acknowledged_and_is_applied_once() {
    let (mut buyer, mut seller) = (buyer(2), seller());
    let sent = waiting(&buyer);
    assert_eq!(sent.iter().map(|it| it.seq).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(seller.step(Move::Deliver(sent[1].clone())), Err(Refused::Ahead));
    seller.step(Move::Deliver(sent[0].clone())).unwrap();
    assert_eq!(seller.step(Move::Deliver(sent[0].clone())), Err(Refused::Applied));
    seller.step(Move::Deliver(sent[1].clone())).unwrap();
    assert_eq!(seller.value("Shop", "shop@there", "count"), Value::Int(2));
    assert_eq!(seller.entities.awaited("here"), 2);
    let home = || "there".into();
    assert_eq!(buyer.step(Move::Acknowledge { home: home(), below: 3 }), Err(Refused::NotSent));
    buyer.step(Move::Acknowledge { home: home(), below: 1 }).unwrap();
    assert_eq!(waiting(&buyer), [sent[1].clone()]);
    buyer.step(Move::Acknowledge { home: home(), below: 2 }).unwrap();
    assert!(waiting(&buyer).is_empty());
    // Numbers go on where they were.
    buyer.create("Order", "last@here", &[("shop", Value::text("shop@there"))]).unwrap();
    buyer.go("Order last@here Place");
    assert_eq!(waiting(&buyer)[0].seq, 2);
}

#[test]
fn a_delivery_that_is_refused_is_dropped_where_it_arrives_and_does_not_come_again() {
    let (buyer, mut seller) = (buyer(3), seller());
    let mut sent = waiting(&buyer);
    seller.step(Move::Deliver(sent[0].clone())).unwrap();
    seller.step(Move::Deliver(sent[1].clone())).unwrap();
    let step = seller.step(Move::Deliver(sent[2].clone())).unwrap();
    assert_eq!(story(&seller.suite, &step), ["shop@there Count dropped"]);
    assert!(step.dropped().next().unwrap().is_missed());
    assert_eq!(seller.step(Move::Deliver(sent[2].clone())), Err(Refused::Applied));
    // The other home may have other tables, or lie: what no trigger here says is not done.
    let strange = |change: fn(&mut Delivery), seller: &mut Colony| {
        let mut delivery = sent[0].clone();
        delivery.seq = seller.entities.awaited("here");
        change(&mut delivery);
        let step = seller.step(Move::Deliver(delivery));
        step.map(|step| step.dropped().next().expect("it is dropped").why.clone())
    };
    assert_eq!(strange(|it| it.entity = "Inn".into(), &mut seller), Ok(Refused::Type));
    let untriggered: [fn(&mut Delivery); 9] = [
        |it| it.entity = "Order".into(),
        |it| it.action = "Sum".into(),
        |it| it.by = "Shop".into(),
        |it| it.after = "Ask".into(),
        |it| it.source = "o0@there".into(),
        |it| it.trigger = 1,
        |it| it.create = true,
        |it| it.drop_ok = true,
        |it| it.params.push(("x".into(), Value::Int(1))),
    ];
    for change in untriggered {
        assert_eq!(strange(change, &mut seller), Ok(Refused::Untriggered));
    }
    assert_eq!(strange(|it| it.id = "inn@there".into(), &mut seller), Ok(Refused::Missing));
    assert_eq!(strange(|it| it.depth = MOST_DEPTH + 1, &mut seller), Ok(Refused::Deep));
    assert_eq!(strange(|it| it.id = "shop@nowhere".into(), &mut seller), Err(Refused::Astray));
    sent.clear();
}

#[test]
fn what_is_left_of_a_delivery_with_a_secret_is_dropped_and_what_is_behind_it_goes_on() {
    let (buyer, mut seller) = (buyer(2), seller());
    let sent = waiting(&buyer);
    let withheld = |from: &str| Move::Deliver(Delivery::withheld(from.into(), 0));
    let step = seller.step(withheld("here")).unwrap();
    let dropped: Vec<_> = step.dropped().map(|it| (it.who.clone(), it.why.clone())).collect();
    assert_eq!(dropped, [(None, Refused::Withheld)]);
    assert_eq!(seller.step(withheld("here")), Err(Refused::Applied));
    seller.step(Move::Deliver(sent[1].clone())).unwrap();
    assert_eq!(seller.value("Shop", "shop@there", "count"), Value::Int(1));
    assert_eq!(seller.step(withheld("there")), Err(Refused::Astray), "nobody sends to itself");
}

#[test]
fn what_waits_is_saved_one_by_one_and_put_back() {
    let buyer = buyer(3);
    let (mut last, mut restored) = (None, Entities::at("here"));
    assert_eq!(restored.clone().restore_waiting(waiting(&buyer)[0].clone()), None, "nothing was sent there");
    restored.clone_from(&buyer.entities.outline());
    for (who, held) in buyer.entities.after(None) {
        restored.restore(who, held.clone()).unwrap();
    }
    while let Some(delivery) = buyer.entities.waiting(last.take()).next() {
        restored.restore_waiting(delivery.clone()).unwrap();
        last = Some(("there".into(), delivery.seq));
    }
    assert_eq!(restored, buyer.entities);
    assert_eq!(restored.restore_waiting(waiting(&buyer)[2].clone()), None, "each stands there once");
}

#[test]
fn what_another_home_says_cannot_be_known_here() {
    let mut buyer = buyer(1);
    let apart = Refused::Apart { entity: "Shop".into(), id: "shop@there".into() };
    assert_eq!(buyer.act("Order", "o0@here", "Ask", &[]), Err(apart));
    buyer.create("Shop", "inn@here", &[]).unwrap();
    buyer.create("Order", "near@here", &[("shop", Value::text("inn@here"))]).unwrap();
    buyer.go("Order near@here Ask");
}

#[test]
fn where_too_much_waits_nothing_more_is_sent_and_nothing_is_lost() {
    let mut buyer = buyer(MOST_WAITING);
    buyer.create("Order", "more@here", &[("shop", Value::text("shop@there"))]).unwrap();
    assert_eq!(buyer.act("Order", "more@here", "Place", &[]), Err(Refused::Full));
    assert_eq!(buyer.status("Order", "more@here"), "Draft");
    assert_eq!(waiting(&buyer).len(), MOST_WAITING);
    buyer.step(Move::Acknowledge { home: "there".into(), below: 1 }).unwrap();
    buyer.go("Order more@here Place");
}

#[test]
fn a_name_that_a_spec_writes_out_is_of_the_home_that_runs_it() {
    let order = ORDER.replace(r#"type = "field", field = "shop""#, r#"type = "static", entity_id = "main""#);
    let mut colony = Colony { entities: Entities::at("here"), ..Colony::new(&[&order, SHOP]) };
    colony.create("Shop", "main@here", &[]).unwrap();
    colony.create("Order", "o@here", &[]).unwrap();
    let step = colony.go("Order o@here Place");
    assert_eq!(story(&colony.suite, &step), ["o@here Place", "main@here Count"]);
}

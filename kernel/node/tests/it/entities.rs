//! Entities at a node: actions under writs, one record each; alarms, restarts, checkpoints, and what goes to other homes.

use crate::alone::{Alone, hours};
use crate::fixture::name;
use antfarm_authority::{Bytes, Nonce, Refusal, Text as Target, WritId};
use antfarm_automata::entities::{Delivery, Happened, Refused, Suite};
use antfarm_automata::{Refusal as Table, Text, Value};
use antfarm_identity::{Digest, Domain, PublicKey, Signer, from_bytes, to_bytes};
use antfarm_ledger::Verifier;
use antfarm_machine::{Input, PeerId, Span};
use antfarm_node::{
    Answer, Ask, Body, Drift, EntityArgs, Fact, Judged, Message, Notice, Reason, Setup, SignedDelivery, SpecText, State, Wish,
    home_name, judge_under,
};

pub(crate) const SCOUT: PeerId = PeerId::new(2);

pub(crate) const LAMP: &str = r#"
    [automaton]
    name = "Lamp"
    states = ["Off", "On", "Broken"]
    initial = "Off"
    terminal = ["Broken"]
    allow_indefinite_states = ["Off"]

    [[state]]
    name = "lit"
    type = "counter"

    [[state]]
    name = "next"
    type = "ref"
    entity = "Lamp"
    given = true

    [[action]]
    name = "Light"
    from = ["Off"]
    to = "On"
    params = [{ name = "watts", type = "counter" }]
    guard = "params.watts < 100"
    effect = ["lit += 1"]

    [[action.triggers]]
    name = "pass"
    kind = "entity"
    guard = "next != null"
    target_entity = "Lamp"
    target_action = "Light"
    params = { watts = 1 }
    resolve_target = { type = "field", field = "next" }

    [[action]]
    name = "Douse"
    from = ["On"]
    to = "Off"

    [[action]]
    name = "Smash"
    to = "Broken"

    [[state_timeout]]
    state = "On"
    after = "10m"
    on_timeout = "Douse"
    max_occurrences = 5
"#;

pub(crate) fn suite(text: &str) -> Suite {
    let table = antfarm_automata_reader::read("lamp.ioa.toml", text).unwrap_or_else(|it| panic!("{it}")).table;
    Suite::new(vec![table]).expect("it fits itself")
}

/// A node with lamps, and a writ for a thousand calls.
pub(crate) struct House {
    pub(crate) it: Alone,
    writ: WritId,
    wishes: u8,
}

impl House {
    pub(crate) fn new() -> Self {
        let mut config = Alone::configured(64).with_suite(suite(LAMP)).expect("short names");
        config.nodes.insert(SCOUT, Signer::insecure(2).public());
        config.save_every = 4;
        let mut it = Alone::of(config);
        it.restart();
        let end = it.now.wall + hours(400);
        let writ = it.grant(0, end);
        Self { it, writ, wishes: 0 }
    }

    pub(crate) fn here(&self, id: &str) -> String {
        format!("{id}@{}", home_name(&self.it.config.me()))
    }

    pub(crate) fn there(id: &str) -> String {
        format!("{id}@{}", home_name(&Signer::insecure(2).public()))
    }

    fn wish(&mut self, number: u8, tool: &str, id: &str, params: &[(&str, Value)]) -> Option<Answer> {
        let params = params.iter().map(|(name, value)| (Text::from(*name), value.clone()));
        let args = Bytes::new(&to_bytes(&EntityArgs::new(params))).expect("short");
        let (tool, target) = (name(tool), Target::new(id).expect("short"));
        let (nonce, until, rationale) = (Nonce([number; 16]), self.it.now.wall + hours(1), Target::default());
        self.it.ask(Ask::Wish(Box::new(Wish { writ: self.writ, nonce, until, tool, target, args, rationale })));
        self.it
            .told
            .iter()
            .rev()
            .find_map(|it| if let Notice::Answered { answer, .. } = it { Some(answer.clone()) } else { None })
    }

    fn does(&mut self, tool: &str, id: &str, params: &[(&str, Value)]) -> Answer {
        self.wishes += 1;
        self.wish(self.wishes, tool, id, params).expect("it answers at once")
    }

    pub(crate) fn done(&mut self, tool: &str, id: &str, params: &[(&str, Value)]) {
        let answer = self.does(tool, id, params);
        assert!(matches!(answer, Answer::Done { .. }), "{tool} on {id}: {answer:?}");
    }

    pub(crate) fn lit(&self, id: &str) -> Value {
        self.it.node.state().entities().get(0, id).expect("a lamp").state.slot(0).expect("a slot").clone()
    }

    pub(crate) fn facts(&self) -> Vec<Fact> {
        let disk = &self.it.disk;
        let segments: Vec<&[u8]> = disk.iter().filter(|(name, _)| name.starts_with("log-")).map(|(_, it)| &**it).collect();
        let mut facts = Vec::new();
        let take = &mut |record: &antfarm_ledger::Record<'_>| facts.extend(Fact::read(record).expect("readable"));
        Verifier::new(self.it.config.ledger.log).run(&segments, take).expect("the log is whole");
        facts
    }

    /// What is judged of each record by whoever knows this suite, or none.
    pub(crate) fn judged(&self, suite: Option<&Suite>, change: impl Fn(Fact) -> Fact) -> Vec<Result<Judged, Drift>> {
        let (config, mut judged) = (&self.it.config, Vec::new());
        let mut state = State::of_log(config.roots.clone(), config.ledger.log, config.me());
        let segments = self.it.disk.iter().filter(|(name, _)| name.starts_with("log-")).map(|(_, it)| &**it);
        let segments: Vec<&[u8]> = segments.collect();
        let take = &mut |record: &antfarm_ledger::Record<'_>| {
            if let Some(fact @ (Fact::Acted { .. } | Fact::Moved { .. } | Fact::Refused { .. })) =
                Fact::read(record).expect("readable")
            {
                judged.push(judge_under(&state, suite, &change(fact)));
            }
            state.fold(record);
        };
        Verifier::new(config.ledger.log).run(&segments, take).expect("the log is whole");
        judged
    }

    fn hears(&mut self, body: Body) {
        self.it.sent.clear();
        self.it.feed(Input::Heard { from: SCOUT, message: Message::bare(body) });
    }
}

fn watts(watts: i64) -> [(&'static str, Value); 1] {
    [("watts", Value::Int(watts))]
}

fn to(next: &str) -> [(&'static str, Value); 1] {
    [("next", Value::text(next))]
}

#[test]
fn an_action_is_one_record_under_its_writ_and_costs_a_call() {
    let mut house = House::new();
    let (a, b) = (house.here("a"), house.here("b"));
    house.done("Lamp.Create", &a, &to(&b));
    house.done("Lamp.Create", &b, &[]);
    let (records, free) = (house.facts().len(), house.it.node.state().accounts().account(house.writ).unwrap().free());
    let answer = house.does("Lamp.Light", &a, &watts(60));
    assert_eq!(answer, Answer::Done { result: Bytes::new(b"On").unwrap() });
    let facts = house.facts();
    assert_eq!(facts.len(), records + 1, "whatever followed at this home is in that record");
    let Some(Fact::Acted { step, .. }) = facts.last() else { panic!("{:?}", facts.last()) };
    let touched: Vec<&str> = step.touched().map(|it| it.id.as_str()).collect();
    assert_eq!(touched, [a.as_str(), b.as_str()]);
    let left = house.it.node.state().accounts().account(house.writ).unwrap().free();
    assert_eq!(free.calls.0 - left.calls.0, 1);
    assert_eq!(house.it.node.state().under_way().count(), 0, "there is no moment in which it is in doubt");
    house.it.node.check();
}

#[test]
fn a_wish_that_is_told_again_acts_once() {
    let mut house = House::new();
    let a = house.here("a");
    house.done("Lamp.Create", &a, &[]);
    for _ in 0..2 {
        assert!(matches!(house.wish(100, "Lamp.Light", &a, &watts(60)), Some(Answer::Done { .. })));
        house.it.restart();
    }
    assert_eq!(house.lit(&a), Value::Int(1));
}

#[test]
fn what_its_table_or_its_writ_does_not_allow_is_refused_and_recorded() {
    let mut house = House::new();
    let (a, b) = (house.here("a"), House::there("b"));
    house.done("Lamp.Create", &a, &[]);
    let refused = |answer: Answer| {
        let Answer::Refused(reason) = answer else { panic!("{answer:?}") };
        reason
    };
    let entity = |refused: Refused| Reason::Entity(refused);
    let guard = entity(Refused::Table(Table::Guard { conjunct: 0 }));
    assert_eq!(refused(house.does("Lamp.Light", &a, &watts(100))), guard);
    assert_eq!(refused(house.does("Lamp.Create", &a, &[])), entity(Refused::Taken { id: a.as_str().into() }));
    assert_eq!(refused(house.does("Lamp.Create", &b, &[])), entity(Refused::Elsewhere { id: b.as_str().into() }));
    assert_eq!(refused(house.does("Lamp.Light", &house.here("c"), &watts(1))), entity(Refused::Missing));
    assert_eq!(refused(house.does("Lamp.Melt", &a, &[])), Reason::Refused(Refusal::UnknownTool));
    let records = house.facts();
    let is_refusal = |it: &&Fact| matches!(it, Fact::Refused { reason: Reason::Entity(_), .. });
    assert_eq!(records.iter().filter(is_refusal).count(), 4);
    // A writ that does not say so allows no action.
    let other = Nonce([77; 16]);
    let wish = Wish {
        writ: house.writ,
        nonce: other,
        until: house.it.now.wall + hours(1),
        tool: name("Lamp.Light"),
        target: Target::new(&a).unwrap(),
        args: Bytes::new(b"nonsense").unwrap(),
        rationale: Target::default(),
    };
    house.it.ask(Ask::Wish(Box::new(wish)));
    let is_args = |it: &Notice| matches!(it, Notice::Answered { answer: Answer::Refused(Reason::Refused(Refusal::Args(_))), .. });
    assert!(house.it.told.iter().any(is_args), "{:?}", house.it.told);
    house.it.ask(Ask::Revoke { writ: house.writ });
    assert!(matches!(refused(house.does("Lamp.Light", &a, &watts(1))), Reason::Refused(Refusal::Revoked { .. })));
    assert_eq!(house.lit(&a), Value::Int(0));
}

#[test]
fn an_alarm_rings_in_time_also_after_a_restart() {
    let mut house = House::new();
    let a = house.here("a");
    house.done("Lamp.Create", &a, &[]);
    for restarts in [false, true] {
        house.done("Lamp.Light", &a, &watts(1));
        house.it.wait(Span::from_secs(6 * 60));
        if restarts {
            house.it.restart();
        }
        house.it.wait(Span::from_secs(3 * 60));
        assert_eq!(house.it.node.state().entities().alarms().count(), 1);
        house.it.wait(Span::from_secs(61));
        assert_eq!(house.it.node.state().entities().alarms().count(), 0);
        assert_eq!(house.it.node.state().entities().get(0, &a).unwrap().state.status(), 0);
    }
    let rung = house.facts().iter().filter(|it| matches!(it, Fact::Moved { .. })).count();
    assert_eq!(rung, 2);
    // What a client does first, no alarm does again.
    house.done("Lamp.Light", &a, &watts(1));
    house.done("Lamp.Douse", &a, &[]);
    house.it.wait(hours(1));
    assert_eq!(house.facts().iter().filter(|it| matches!(it, Fact::Moved { .. })).count(), 2);
}

#[test]
fn a_start_from_a_checkpoint_knows_all_entities_and_what_waits() {
    let mut house = House::new();
    let (a, b) = (house.here("a"), House::there("b"));
    house.done("Lamp.Create", &a, &to(&b));
    for nth in 0..20 {
        house.done("Lamp.Light", &a, &watts(1));
        house.done("Lamp.Douse", &a, &[]);
        house.it.wait(Span::from_secs(601));
        let disk = house.it.disk.clone();
        let (restored, opened) = house.it.started_on(disk.clone());
        let whole = disk.into_iter().filter(|(name, _)| !name.starts_with("checkpoint-") && !name.starts_with("pieces-"));
        let (read, _) = house.it.started_on(whole.collect());
        assert_eq!(restored.state(), read.state(), "after {nth}");
        assert!(nth < 3 || opened.restored.is_some(), "it begins with a checkpoint");
        let waiting: usize = restored.state().entities().pending().map(|(_, it)| it.waiting.len()).sum();
        assert_eq!(waiting, nth + 1);
        let pieces: Vec<Vec<u8>> = read.state().pieces().collect();
        let config = &house.it.config;
        let empty = State::of_log(config.roots.clone(), config.ledger.log, config.me());
        assert_eq!(empty.of_pieces(pieces).as_ref(), Some(read.state()));
    }
}

/// What the node sent to the other home, and a lamp there would hear.
fn delivered(house: &House) -> Vec<Delivery> {
    let delivery = |(to, body): &(PeerId, Body)| {
        let Body::Deliver(it) = body else { return None };
        (*to == SCOUT).then(|| it.delivery.clone())
    };
    house.it.sent.iter().filter_map(delivery).collect()
}

#[test]
fn a_delivery_is_told_again_until_it_is_said_to_be_recorded() {
    let mut house = House::new();
    let (a, b) = (house.here("a"), House::there("b"));
    house.done("Lamp.Create", &a, &to(&b));
    house.it.sent.clear();
    house.done("Lamp.Light", &a, &watts(1));
    let sent = delivered(&house);
    assert_eq!(sent.iter().map(|it| it.seq).collect::<Vec<_>>(), [0]);
    for restarts in [false, true] {
        if restarts {
            house.it.restart();
        }
        house.it.sent.clear();
        house.it.wait(Span::from_secs(601));
        assert!(delivered(&house).contains(&sent[0]), "it is told again");
    }
    house.hears(Body::Delivered { below: 2 });
    house.hears(Body::Delivered { below: 0 });
    assert_eq!(house.it.node.state().entities().pending().next().unwrap().1.waiting.len(), 1, "nobody has what was not sent");
    house.hears(Body::Delivered { below: 1 });
    house.it.sent.clear();
    house.it.wait(Span::from_secs(1_300));
    assert_eq!(delivered(&house), []);
}

#[test]
fn what_another_home_sends_is_applied_once_and_only_if_that_home_signed_it() {
    let mut house = House::new();
    let b = house.here("b");
    house.done("Lamp.Create", &b, &[]);
    let signer = Signer::insecure(2);
    let delivery = |seq: u64| Delivery {
        from: home_name(&signer.public()),
        seq,
        record: 7,
        by: "Lamp".into(),
        source: House::there("a").into(),
        after: "Light".into(),
        of: 0,
        trigger: 0,
        depth: 1,
        drop_ok: false,
        entity: "Lamp".into(),
        id: b.as_str().into(),
        create: false,
        action: "Light".into(),
        params: vec![("watts".into(), Value::Int(1))],
    };
    let colony = house.it.config.roots.colony();
    let signed = |delivery: Delivery, by: &Signer| sign(delivery, by, colony);
    let (first, second) = (signed(delivery(0), &signer), signed(delivery(1), &signer));
    let (forged, astray) = (signed(delivery(0), &Signer::insecure(3)), signed(delivery(5), &signer));
    house.hears(Body::Deliver(Box::new(forged)));
    house.hears(Body::Deliver(Box::new(astray)));
    assert_eq!((house.lit(&b), house.it.sent.len()), (Value::Int(0), 0));
    for _ in 0..2 {
        house.hears(Body::Deliver(Box::new(first.clone())));
        assert_eq!(house.lit(&b), Value::Int(1));
        assert!(house.it.sent.contains(&(SCOUT, Body::Delivered { below: 1 })), "{:?}", house.it.sent);
        house.it.restart();
    }
    // The lamp is on, so the second is dropped; that is recorded, and it does not come again.
    house.hears(Body::Deliver(Box::new(second)));
    assert!(house.it.sent.contains(&(SCOUT, Body::Delivered { below: 2 })));
    let Some(Fact::Moved { step, .. }) = house.facts().into_iter().rev().find(|it| matches!(it, Fact::Moved { .. })) else {
        panic!("it is on the ledger");
    };
    assert!(step.happened.iter().any(|it| matches!(it, Happened::Dropped(dropped) if dropped.is_missed())));
    // A stranger's word is nobody's.
    house.it.feed(Input::Heard { from: PeerId::new(8), message: Message::bare(Body::Deliver(Box::new(first))) });
    assert_eq!(house.lit(&b), Value::Int(1));
    // The first is a wish before the writ stood.
    assert!(house.judged(Some(&suite(LAMP)), |fact| fact)[1..].iter().all(|it| *it == Ok(Judged::Derived)));
    let nothing = signer.sign(Domain::new("antfarm 2026 test"), Digest::ZERO, b"");
    let unsigned = |mut fact| {
        if let Fact::Moved { signature, .. } = &mut fact {
            *signature = Some(nothing);
        }
        fact
    };
    assert!(house.judged(None, unsigned).iter().any(|it| matches!(it, Err(Drift::Signature { .. }))));
}

/// What a home signs: as the node does.
pub(crate) fn sign(delivery: Delivery, by: &Signer, colony: Digest) -> SignedDelivery {
    let domain = Domain::new("antfarm 2026 node delivery");
    let signature = by.sign(domain, colony, &to_bytes(&delivery));
    SignedDelivery { delivery, signature }
}

#[test]
fn every_step_is_derived_again_and_none_passes_that_does_not_follow() {
    let mut house = House::new();
    let (a, b) = (house.here("a"), House::there("b"));
    house.done("Lamp.Create", &a, &to(&b));
    house.done("Lamp.Light", &a, &watts(1));
    house.it.wait(Span::from_secs(700));
    assert!(matches!(house.does("Lamp.Douse", &a, &[]), Answer::Refused(_)));
    let known = suite(LAMP);
    // The first refusal is that of a wish before the writ stood.
    let judged = house.judged(Some(&known), |it| it);
    assert_eq!(judged[1..], [Ok(Judged::Derived), Ok(Judged::Derived), Ok(Judged::Derived), Ok(Judged::Derived)]);
    assert!(house.judged(None, |it| it)[1..].iter().all(|it| *it == Ok(Judged::Unshown)), "who has no specs cannot say");
    let other = suite(&LAMP.replace("< 100", "< 101"));
    let found = known.digest();
    let of_other = house.judged(Some(&other), |it| it);
    assert_eq!(of_other[1..3], [Err(Drift::Suite { found }), Err(Drift::Suite { found })]);
    let changed = |change: fn(&mut Fact)| {
        house.judged(Some(&known), |mut fact| {
            change(&mut fact);
            fact
        })
    };
    let drifts = |judged: Vec<Result<Judged, Drift>>, nth: usize, drift: Drift| assert_eq!(judged[nth], Err(drift));
    let step = |change: fn(&mut antfarm_automata::entities::Step)| {
        house.judged(Some(&known), |mut fact| {
            if let Fact::Acted { step, .. } | Fact::Moved { step, .. } = &mut fact {
                change(step);
            }
            fact
        })
    };
    drifts(step(|it| drop(it.happened.pop())), 2, Drift::Step);
    drifts(step(|it| it.asked.at += 1), 2, Drift::Step);
    drifts(step(|it| it.asked.record += 1), 3, Drift::Step);
    let record = changed(|it| {
        if let Fact::Acted { intent, .. } = it {
            intent.target = Target::new("another").unwrap();
        }
    });
    assert!(record[1].is_err() && record[2].is_err());
    let kinder = changed(|it| {
        if let Fact::Refused { reason, .. } = it {
            *reason = Reason::Entity(Refused::Missing);
        }
    });
    drifts(kinder, 4, Drift::Step);
}

#[test]
fn a_log_under_other_specs_is_not_gone_on_with() {
    let mut house = House::new();
    let a = house.here("a");
    house.done("Lamp.Create", &a, &[]);
    house.it.config = Alone::configured(64).with_suite(suite(&LAMP.replace("< 100", "< 101"))).unwrap();
    house.it.restart();
    let answer = house.does("Lamp.Light", &a, &watts(1));
    assert_eq!(answer, Answer::Refused(Reason::Entity(Refused::Drifted)));
    // What is made anew is by the new specs; who reads that log sees that it is by two.
    let b = house.here("b");
    house.done("Lamp.Create", &b, &[]);
    let found = house.it.config.suite.as_ref().unwrap().digest();
    let judged = house.judged(None, |it| it);
    assert_eq!(judged.last(), Some(&Err(Drift::Suite { found })));
}

#[test]
fn a_setup_makes_the_node_again_for_who_brings_the_specs() {
    let house = House::new();
    let bytes = to_bytes(&Setup::of(&house.it.config));
    let setup = || from_bytes::<Setup>(&bytes).expect("it has an encoding");
    assert!(setup().config(&house.it.config.signer).is_none());
    let made = setup().config_under(&house.it.config.signer, suite(LAMP)).expect("it is whole");
    assert_eq!((&made.tools, &made.suite), (&house.it.config.tools, &house.it.config.suite));
    // The texts are told behind, and where there are none nothing is.
    let texts = vec![SpecText { file: "lamp.ioa.toml".to_owned(), text: LAMP.to_owned() }];
    let told = to_bytes(&setup().with_specs(texts.clone()));
    let again = from_bytes::<Setup>(&told).expect("it has an encoding");
    assert_eq!((again.specs(), told.starts_with(&bytes)), (texts.as_slice(), true));
    let none = [&bytes[..], &[0; 4]].concat();
    assert!(from_bytes::<Setup>(&none).is_err(), "no value has two encodings");
    let alone = Setup::of(&Alone::configured(64)).with_specs(texts);
    assert!(alone.config(&house.it.config.signer).is_none(), "specs are not left out");
}

#[test]
fn the_name_of_a_home_is_its_key() {
    let key: PublicKey = Signer::insecure(1).public();
    assert_eq!(home_name(&key).as_str(), format!("{key}"));
}

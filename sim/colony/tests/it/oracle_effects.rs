//! Each oracle of effects and authority is shown to fail: on moments of real runs in which one thing was said, or one member put,
//! that does not belong there; and to pass on what differs from that by a hair.

use antfarm_authority::{Amount, Calls, Ceiling, Delegation, Grant, Name, Scope, Scopes, Tenant, Usdc, Window};
use antfarm_colony::oracle::{Chain, Narrow, Once, Revoked, Spend, Window as Windows, beyond, keeps, sums, wider};
use antfarm_colony::{BEGIN, Colonies, Colony, Member, Mood, PURSE, Plan, Settings, Terms, Told, ToolTold};
use antfarm_identity::Digest;
use antfarm_machine::{MAX_SKEW, PeerId, Ppm, Span};
use antfarm_node::{Body, Call, Notice};
use antfarm_sim::scenario::{Registry, Tally};
use antfarm_sim::{
    Choice, ClockChange, Fault, Moment, Nobody, Odds, Oracle, Phase, Reach, Recorder, Scratch, Time, Violation, World,
};

type Farm = World<Member, Nobody>;

const QUEEN: PeerId = PeerId::new(0);
const SCOUT: PeerId = PeerId::new(1);
const BANK: PeerId = PeerId::new(3);
const STORE: PeerId = PeerId::new(4);

/// A queen, a scout, a helper, a bank and a store, and what is asked of them.
struct Scene {
    colony: Colony,
    writ: Name,
}

impl Scene {
    /// The scout holds a writ of the queen.
    fn new(terms: Terms) -> Self {
        let mut colony = Colony::seeded(7).members(["queen", "scout", "helper", "bank", "store"]).build();
        let writ = colony.grant(QUEEN, SCOUT, terms);
        colony.run_for(Span::from_millis(500));
        Self { colony, writ }
    }

    /// The world as it is.
    fn world(&mut self) -> Farm {
        self.colony.simulation().world().clone()
    }

    /// The scout's call is under way, and so it stays.
    fn calling(&mut self, mood: Mood, does: impl FnOnce(&mut Colony, &Name)) -> Farm {
        for tool in [BANK, STORE] {
            self.colony.fail(tool, mood, 1_000);
        }
        does(&mut self.colony, &self.writ);
        self.colony.run_for(Span::from_millis(100));
        self.world()
    }

    fn paying(&mut self, mood: Mood) -> Farm {
        self.calling(mood, |colony, writ| colony.pay(SCOUT, writ, "well", 5))
    }

    fn id(&self) -> antfarm_authority::WritId {
        self.colony.writ(SCOUT, &self.writ).expect("it was given")
    }
}

/// The scout's first call that is not settled.
fn call(world: &Farm) -> Call {
    let node = world.machine(SCOUT).node().expect("a node");
    node.state().effects().find_map(|(_, effect)| effect.call().cloned()).expect("a call is under way")
}

fn called(world: &Farm) -> Told {
    Told::Node(Notice::Called(call(world)))
}

fn acted(world: &Farm) -> Told {
    Told::Tool(ToolTold::Acted { key: call(world).key, caller: SCOUT })
}

fn opened() -> Told {
    let (cut, discarded) = (None, Vec::new());
    Told::Node(Notice::Opened(antfarm_ledger::Opened { incarnation: 1, records: 1, cut, discarded, restored: None }))
}

fn moment<'a>(world: &'a Farm, node: PeerId, choice: &'a Choice, notices: &'a [Told]) -> Moment<'a, Member, Nobody> {
    Moment { world, choice, node: Some(node), notices, sent: &[], event: 1, phase: Phase::Chaos }
}

fn see(oracle: &mut impl Oracle<Member, Nobody>, world: &Farm, node: PeerId, notices: &[Told]) -> Result<(), Violation> {
    oracle.after(&moment(world, node, &Choice::Start(node), notices))
}

fn end(oracle: &mut impl Oracle<Member, Nobody>, world: &Farm) -> Result<(), Violation> {
    oracle.at_end(&moment(world, QUEEN, &Choice::Start(QUEEN), &[]))
}

fn clock(oracle: &mut impl Oracle<Member, Nobody>, world: &Farm, change: ClockChange) -> Result<(), Violation> {
    oracle.after(&Moment { node: None, ..moment(world, SCOUT, &Choice::Clock(SCOUT, change), &[]) })
}

fn fails(seen: Result<(), Violation>, words: &str) {
    let message = seen.expect_err("the oracle sees what is wrong").message;
    assert!(message.contains(words), "`{message}` does not say `{words}`");
}

/// The same members with other, or empty, disks.
fn with(world: &Farm, changed: &[(PeerId, &Farm)]) -> Farm {
    let from = |id: PeerId| changed.iter().find(|(other, _)| *other == id).map_or(world, |(_, world)| world);
    World::new(world.ids().map(|id| from(id).machine(id).clone()), Nobody)
}

/// Members who were just born.
fn newborn() -> Farm {
    World::new(Plan::of(["queen", "scout", "helper", "bank", "store"], Settings::default()).machines(), Nobody)
}

fn later(world: &Farm, time: Time) -> Farm {
    let mut world = world.clone();
    world.advance(time);
    world
}

#[test]
fn once_sees_a_key_that_takes_effect_twice() {
    let world = Scene::new(Terms::default()).paying(Mood::Silent);
    let mut once = Once::default();
    see(&mut once, &world, SCOUT, &[called(&world)]).expect("it was recorded");
    see(&mut once, &world, BANK, &[acted(&world)]).expect("once");
    see(&mut once, &world, SCOUT, &[called(&world)]).expect("it is sent again");
    fails(see(&mut once, &world, BANK, &[acted(&world)]), "2 times");
}

#[test]
fn once_sees_an_attempt_without_record() {
    let world = Scene::new(Terms::default()).paying(Mood::Silent);
    fails(see(&mut Once::default(), &world, BANK, &[acted(&world)]), "never said that it sends");
    let blank = with(&world, &[]);
    fails(see(&mut Once::default(), &blank, SCOUT, &[called(&world)]), "its disk does not say");
    fails(see(&mut Once::default(), &newborn(), SCOUT, &[called(&world)]), "which it never started");
    let other = Told::Node(Notice::Called(Call { deadline: BEGIN, ..call(&world) }));
    fails(see(&mut Once::default(), &world, SCOUT, &[other]), "with another content");
}

#[test]
fn once_sees_an_attempt_that_is_lost() {
    let world = Scene::new(Terms::default()).paying(Mood::Silent);
    let mut once = Once::default();
    see(&mut once, &world, SCOUT, &[called(&world)]).expect("it was recorded");
    see(&mut once, &world, SCOUT, &[opened()]).expect("nothing was done");
    see(&mut once, &world, BANK, &[acted(&world)]).expect("once");
    see(&mut once, &world, SCOUT, &[opened()]).expect("it knows");
    fails(see(&mut once, &newborn(), SCOUT, &[opened()]), "does not know that it ever called");
}

#[test]
fn once_sees_a_blind_call_that_is_sent_again() {
    let mut colony = Colony::seeded(7).members(["queen", "scout", "mail"]).build();
    let [queen, scout, _] = colony.ids();
    let writ = colony.grant(queen, scout, Terms::default());
    colony.run_for(Span::from_millis(500));
    colony.mail(scout, &writ, "mother", "hello");
    let (world, sent) = (0..100)
        .find_map(|_| {
            colony.run_for(Span::from_micros(500));
            let world = colony.simulation().world().clone();
            let sent = world.flights().find(|(_, flight)| matches!(flight.message.body, Body::Call(_))).map(|(id, _)| id)?;
            Some((world, sent))
        })
        .expect("the letter is under way");
    let choice = Choice::Start(scout);
    let sending = Moment { sent: &[sent], ..moment(&world, scout, &choice, &[]) };
    let mut once = Once::default();
    once.after(&sending).expect("once");
    once.after(&moment(&world, scout, &choice, &[])).expect("it is under way, and not sent again");
    fails(once.after(&sending), "again, and its tool is blind");
}

#[test]
fn once_excuses_a_letter_that_the_network_doubled() {
    let (mut twice, mut failed_and_done) = (0, 0);
    for seed in 0..40 {
        let mut colony = Colony::seeded(seed).members(["queen", "scout", "mail"]).build();
        let [queen, scout, mail] = colony.ids();
        let writ = colony.grant(queen, scout, Terms::default());
        colony.run_for(Span::from_millis(500));
        colony.inject(Fault::Copy(Reach::between(vec![scout], vec![mail]), Odds::ALWAYS));
        colony.fail(mail, Mood::Before, 1);
        colony.mail(scout, &writ, "mother", "hello");
        colony.mail(scout, &writ, "father", "hello");
        colony.settle();
        for (key, effect) in colony.node(scout).state().effects() {
            let times = colony.tool(mail).acted(key);
            twice += u32::from(times == 2);
            failed_and_done += u32::from(times == 1 && *effect.phase() == antfarm_node::Phase::Failed);
        }
    }
    assert!(twice > 0 && failed_and_done > 0, "{twice} and {failed_and_done}");
}

#[test]
fn once_sees_an_end_that_is_not_what_happened() {
    let mut scene = Scene::new(Terms::default());
    let under_way = scene.calling(Mood::Deaf, |colony, writ| colony.put(SCOUT, writ, "shelf", b"jar"));
    scene.colony.settle();
    let failed = scene.world();
    let mut once = Once::default();
    see(&mut once, &under_way, SCOUT, &[called(&under_way)]).expect("it was recorded");
    end(&mut once, &under_way).expect("it is under way");
    end(&mut once, &failed).expect("the store burned it");
    see(&mut once, &under_way, STORE, &[acted(&under_way)]).expect("once");
    fails(end(&mut once, &failed), "was failed; it took effect 1 times");

    let mut scene = Scene::new(Terms::default());
    scene.colony.pay(SCOUT, &scene.writ.clone(), "well", 5);
    scene.colony.settle();
    fails(end(&mut Once::default(), &scene.world()), "was done; it took effect 0 times");
}

#[test]
fn spend_sees_sums_that_are_wrong_in_any_dimension() {
    let amount = |calls, money| Amount { calls: Calls(calls), money: Usdc(money), ..Amount::ZERO };
    assert!(sums(amount(7, 9), &[amount(3, 9), amount(4, 0)]));
    assert!(!sums(amount(7, 9), &[amount(3, 8), amount(4, 0)]));
    assert!(!sums(amount(0, 0), &[amount(1, u64::MAX), amount(0, u64::MAX)]), "it does not wrap");
    assert!(beyond(&[amount(1, 5), amount(1, 5)], &[amount(3, 9)]));
    assert!(!beyond(&[amount(1, 5), amount(1, 5)], &[amount(2, 10)]));
    assert!(keeps(PURSE - 5, [2, 3].into_iter()) && !keeps(PURSE - 5, [2, 2].into_iter()));
}

#[test]
fn spend_sees_a_child_whose_budget_was_not_drawn_or_came_back_twice() {
    let mut scene = Scene::new(Terms::default().depth(1));
    let before = scene.world();
    let helper = PeerId::new(2);
    let part = scene.colony.delegate(SCOUT, helper, &scene.writ.clone(), Terms::default().spend(10).calls(2));
    scene.colony.run_for(Span::from_secs(1));
    let after = scene.world();
    end(&mut Spend::default(), &with(&after, &[])).expect("it was drawn");
    fails(end(&mut Spend::default(), &with(&after, &[(SCOUT, &before)])), "has drawn nothing");

    let writ = scene.colony.writ(helper, &part).expect("it was given");
    let reclaimed = [Told::Node(Notice::Reclaimed { writ })];
    let mut spend = Spend::default();
    see(&mut spend, &after, SCOUT, &reclaimed).expect("once");
    fails(see(&mut spend, &after, SCOUT, &reclaimed), "twice");
}

#[test]
fn spend_sees_payments_that_no_account_covers() {
    let mut scene = Scene::new(Terms::default());
    let before = scene.world();
    let after = scene.paying(Mood::Silent);
    let mut spend = Spend::default();
    see(&mut spend, &after, SCOUT, &[called(&after)]).expect("it is reserved");
    see(&mut spend, &after, BANK, &[acted(&after)]).expect("it is paid");
    end(&mut spend, &after).expect("it is reserved");
    fails(end(&mut spend, &with(&after, &[(SCOUT, &before)])), "more under");
}

#[test]
fn spend_sees_payments_beyond_the_root() {
    let terms = || Terms::default().calls(1);
    let one = Scene::new(terms()).calling(Mood::Silent, |colony, writ| colony.put(SCOUT, writ, "shelf", b"jar"));
    let other = Scene::new(terms()).calling(Mood::Silent, |colony, writ| colony.put(SCOUT, writ, "shelf", b"cup"));
    let mut spend = Spend::default();
    for (world, is_last) in [(&one, false), (&other, true)] {
        see(&mut spend, world, SCOUT, &[called(world)]).expect("it is reserved");
        see(&mut spend, world, STORE, &[acted(world)]).expect("it is done");
        let seen = end(&mut spend, &newborn());
        if is_last { fails(seen, "more than the root") } else { seen.expect("one is what was granted") }
    }
}

fn grant() -> Grant {
    Grant {
        colony: Plan::colony(),
        tenant: Plan::tenant(),
        tools: scopes(&["bank.*", "store.put"]),
        budget: Amount { calls: Calls(5), money: Usdc(5), tokens: antfarm_authority::Tokens(5), time: Span::from_secs(5) },
        ceiling: Ceiling { read: true, write: false, external: false, irreversible: false },
        window: Window::new(BEGIN, BEGIN + Span::from_secs(5)).expect("it ends later"),
        delegation: Delegation::new(2, true).expect("not too deep"),
        freshness: Span::from_secs(5),
    }
}

fn scopes(texts: &[&str]) -> Scopes {
    Scopes::new(texts.iter().map(|text| Scope::new(text).expect("legal"))).expect("not too many")
}

#[test]
fn narrow_sees_each_field_that_is_wider() {
    let parent = grant();
    let part = Grant { delegation: Delegation::new(1, true).expect("not too deep"), ..grant() };
    assert_eq!(wider(&parent, &part), None);
    let narrower = Grant { tools: scopes(&["bank.pay*", "bank.read"]), budget: Amount::ZERO, ..part.clone() };
    assert_eq!(wider(&parent, &narrower), None);

    let check = |field: &str, widen: &dyn Fn(&mut Grant)| {
        let mut child = part.clone();
        widen(&mut child);
        assert_eq!(wider(&parent, &child), Some(field));
    };
    check("colony", &|it| it.colony = Digest::of(antfarm_identity::Domain::new("antfarm 2026 another colony"), b""));
    check("tenant", &|it| it.tenant = Tenant(Name::new("other").expect("legal")));
    check("tools", &|it| it.tools = scopes(&["bank*"]));
    check("tools", &|it| it.tools = scopes(&["store.put*"]));
    check("tokens", &|it| it.budget.tokens.0 += 1);
    check("calls", &|it| it.budget.calls.0 += 1);
    check("time", &|it| it.budget.time = Span::from_secs(6));
    check("money", &|it| it.budget.money.0 += 1);
    check("write", &|it| it.ceiling.write = true);
    check("external", &|it| it.ceiling.external = true);
    check("irreversible", &|it| it.ceiling.irreversible = true);
    let from = |begins: u64, ends: u64| Window::new(BEGIN + Span::from_nanos(begins), BEGIN + Span::from_nanos(ends));
    let second = 1_000_000_000;
    check("expires at", &|it| it.window = from(second, 5 * second + 1).expect("it ends later"));
    check("depth", &|it| it.delegation = Delegation::new(2, true).expect("not too deep"));
    check("freshness", &|it| it.freshness = Span::from_nanos(5 * second + 1));

    let late = Grant { window: from(second, 5 * second).expect("it ends later"), ..grant() };
    assert_eq!(wider(&late, &part), Some("not before"));
    let blind = Grant { ceiling: Ceiling::default(), ..grant() };
    assert_eq!(wider(&blind, &part), Some("read"));
    let whole = Grant { delegation: Delegation::new(2, false).expect("not too deep"), ..grant() };
    assert_eq!(wider(&whole, &part), Some("subdivision"));
    assert_eq!(wider(&whole, &narrower), Some("whole budget"));
}

#[test]
fn narrow_sees_a_writ_of_another_root() {
    let mut scene = Scene::new(Terms::default());
    let world = scene.world();
    see(&mut Narrow::default(), &world, SCOUT, &[]).expect("the queen gave it");
    // The first node is another now, and nobody trusts the queen.
    let mut machines: Vec<Member> = world.ids().map(|id| world.machine(id).clone()).collect();
    machines.rotate_left(1);
    let rotated = World::new(machines, Nobody);
    fails(see(&mut Narrow::default(), &rotated, QUEEN, &[]), "not given by the trust root");
}

#[test]
fn revoked_sees_a_call_past_the_bound_and_only_past_it() {
    let mut scene = Scene::new(Terms::default().freshness(Span::from_secs(10)));
    let world = scene.paying(Mood::Deaf);
    let revoked = [Told::Node(Notice::Revoked { writ: scene.id() })];
    let last = world.now().after(Span::from_millis(10_010));
    let (just, late) = (later(&world, last), later(&world, last.after(Span::from_nanos(1))));
    let watching = || {
        let mut oracle = Revoked::default();
        see(&mut oracle, &world, QUEEN, &revoked).expect("the queen may");
        oracle
    };
    see(&mut watching(), &just, SCOUT, &[called(&world)]).expect("just in time");
    fails(see(&mut watching(), &late, SCOUT, &[called(&world)]), "the bound is 10.01s");

    // Whoever did not give it may say what he likes.
    let mut oracle = Revoked::default();
    see(&mut oracle, &world, SCOUT, &revoked).expect("hearsay");
    see(&mut oracle, &late, SCOUT, &[called(&world)]).expect("no giver has revoked it");

    for (rate, is_excused) in [(1_000, false), (-1_001, true)] {
        let mut oracle = watching();
        clock(&mut oracle, &world, ClockChange::Drift(Ppm(rate))).expect("a clock");
        assert_eq!(see(&mut oracle, &late, SCOUT, &[called(&world)]).is_ok(), is_excused, "{rate}");
    }
}

#[test]
fn window_sees_what_happens_outside_and_excuses_clocks_that_are_far_off() {
    let mut scene = Scene::new(Terms::default().lasts(Span::from_secs(5)));
    let before = scene.world();
    let world = scene.paying(Mood::Deaf);
    let last = Time::ZERO.after(Span::from_secs(5) + MAX_SKEW);
    let (just, late) = (later(&world, last), later(&world, last.after(Span::from_nanos(1))));
    see(&mut Windows::default(), &just, SCOUT, &[called(&world)]).expect("just in time");
    fails(see(&mut Windows::default(), &late, SCOUT, &[called(&world)]), "sends a call");

    let mut windows = Windows::default();
    see(&mut windows, &before, SCOUT, &[]).expect("nothing happened");
    see(&mut windows, &just, SCOUT, &[]).expect("just in time");
    let mut windows = Windows::default();
    see(&mut windows, &before, SCOUT, &[]).expect("nothing happened");
    fails(see(&mut windows, &late, SCOUT, &[]), "starts a call");

    for (step, is_excused) in [(500_000_000, false), (-500_000_001, true)] {
        let mut off = late.clone();
        off.apply(&Choice::Clock(SCOUT, ClockChange::Step(step)), &mut Scratch::default());
        assert_eq!(see(&mut Windows::default(), &off, SCOUT, &[called(&world)]).is_ok(), is_excused, "{step}");
    }
}

#[test]
fn window_sees_what_was_expired_come_back() {
    let mut scene = Scene::new(Terms::default().lasts(Span::from_secs(5)));
    let world = scene.paying(Mood::Deaf);
    scene.colony.run_for(Span::from_secs(6));
    let over = scene.world();
    let mut windows = Windows::default();
    see(&mut windows, &world, SCOUT, &[called(&world)]).expect("in its window");
    see(&mut windows, &over, SCOUT, &[]).expect("it is over");
    fails(see(&mut windows, &world, SCOUT, &[called(&world)]), "which it saw expired");
    fails(see(&mut windows, &world, SCOUT, &[opened()]), "no longer knows that it saw");
    // Whoever has not yet seen it expired has nothing to remember.
    see(&mut Windows::default(), &world, SCOUT, &[opened()]).expect("in its window");
}

/// A disk whose latest append went astray, and whether its last segment is now one that must be refused.
fn astray(seed: u64) -> (Farm, bool) {
    let mut colony = Colony::seeded(seed).members(["queen", "scout", "bank"]).build();
    let [queen, scout, bank] = colony.ids();
    let writ = colony.grant(queen, scout, Terms::default());
    colony.fail(bank, Mood::Deaf, 1);
    colony.run_for(Span::from_secs(1));
    colony.inject(Fault::Misdirect(scout, Odds::ALWAYS));
    colony.pay(scout, &writ, "well", 5);
    colony.run_for(Span::from_millis(100));
    let world = colony.simulation().world().clone();
    let disk = world.disk(scout);
    let [entry] = &disk.list()[..] else { panic!("one segment") };
    let [_, stray] = disk.harms() else { panic!("one append went astray, and hit something: {:?}", disk.harms()) };
    let at = usize::try_from(stray.range.start).expect("short");
    let mut is_beginning = at == 0;
    let before = disk.bytes(&entry.object)[..at].to_vec();
    antfarm_keeper::walk(&before, 0, &mut |range, _| is_beginning |= range.end == stray.range.start);
    (world, is_beginning)
}

#[test]
fn chain_sees_a_log_opened_over_a_record_that_belongs_elsewhere() {
    let mut seen = [0, 0];
    for seed in 0..16 {
        let (world, must_refuse) = astray(seed);
        seen[usize::from(must_refuse)] += 1;
        let mut chain = Chain::default();
        let event = |choice, notices| Moment { event: 2, ..moment(&world, SCOUT, choice, notices) };
        // The crash takes nothing, and lets the oracle look at the disk.
        chain.after(&Moment { node: None, ..moment(&world, SCOUT, &Choice::Crash(SCOUT), &[]) }).expect("it is down");
        chain.after(&event(&Choice::Start(SCOUT), &[])).expect("it begins to read");
        let choice = Choice::Sync(SCOUT, antfarm_sim::SyncId(0), antfarm_sim::Verdict::Honest);
        let notices = [opened()];
        let opening = chain.after(&event(&choice, &notices));
        let message = opening.expect_err("its log does not verify").message;
        assert_eq!(message.contains("belongs elsewhere"), must_refuse, "{message}");
    }
    assert!(seen[0] > 0 && seen[1] > 4, "{seen:?}");
}

/// Whole runs of sound members, amid everything that can break.
fn campaign(name: &str, text: &str, marks: &[&str]) {
    let staged = Registry::new().with(Colonies).read(name, text).unwrap_or_else(|troubles| panic!("{troubles}"));
    let mut tally = Tally::default();
    for seed in 0..6 {
        let report = staged.run(seed, Recorder::tail(20));
        assert!(report.ok(), "{name}, seed {seed}: {:?}\n{}", report.violation, report.story().join("\n"));
        tally.add(&report);
    }
    for mark in marks {
        assert!(tally.reached.contains_key(mark), "{name}: `{mark}` was not reached");
    }
}

#[test]
fn all_hold_in_whole_runs_and_each_was_looked_at() {
    let revoked = include_str!("../../../../scenarios/colony/revoked.toml");
    campaign("revoked.toml", revoked, &["oracle.narrow", "oracle.once", "oracle.once.ended", "oracle.revoked", "oracle.spend"]);
    let windows = include_str!("../../../../scenarios/colony/windows.toml");
    campaign("windows.toml", windows, &["oracle.window", "writ.expired"]);
    let lies = include_str!("../../../../scenarios/colony/lies.toml");
    campaign("lies.toml", lies, &["oracle.spend.excused", "node.rolled_back"]);
}

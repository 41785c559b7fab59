//! One world, from a seed to a verdict: a colony of three and a bank, clients who pay and hand on, trouble, and then none, after which
//! everything must come to an end.

use crate::bank::Bank;
use crate::client::{Hours, Told, grant, hand_on, look, nonce, offer, pay};
use crate::desk::Fate;
use crate::ledgers::Ledger;
use crate::machine::{Machine, NODES, ip};
use crate::time::{Clocks, now, sleep};
use crate::trace::{Counts, Trace};
use crate::trouble::{Place, Swarm, open_bank};
use antfarm_authority::{Amount, EffectKey, WritId};
use antfarm_machine::Span;
use madsim::rand::{Rng, thread_rng};
use madsim::runtime::{Handle, Runtime};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long there is trouble.
const TROUBLE: Span = Span::from_secs(60);

/// After the last trouble all that is under way is settled within this.
pub const PATIENCE: Span = Span::from_secs(120);

/// Clients that pay at each node.
const CLIENTS: u32 = 2;

/// Who hands on to whom.
const GIVER: usize = 1;
const TAKER: usize = 2;

/// What came of a world.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Of everything that its nodes sent, told and were answered, with the time.
    pub digest: u64,
    /// Troubles and other things, how often.
    pub counts: Counts,
    /// Calls that clients were told are done, each of which is on its ledger once.
    pub acknowledged: u64,
    /// Parts of writs that were handed on, and came back.
    pub parts: u64,
    /// Records on all ledgers.
    pub records: u64,
}

/// Lives through the world of this seed.
///
/// Panics at the first thing that is not as it should be. Needs a thread of its own: a world sets the randomness of the thread that
/// it is made on.
pub fn of(seed: u64) -> Report {
    let mut runtime = Runtime::with_seed_and_config(seed, madsim::Config::default());
    runtime.set_time_limit(Duration::from_secs(3_600));
    runtime.block_on(live())
}

/// The world of the seed of the runtime that this is called on.
pub async fn live() -> Report {
    let (trace, hours, books) = (Trace::default(), Hours::default(), Bank::default());
    let swarm = Swarm::draw();
    let bank = open_bank(&books);
    let nodes = (0..NODES).map(|number| {
        let clocks = Clocks { fast: thread_rng().gen_range(0..400), ahead: Span::from_millis(thread_rng().gen_range(0..200)) };
        let machine = Machine::new(number, clocks, trace.clone());
        let (ip, runs) = (ip(number).parse().expect("an address"), machine.clone());
        (Handle::current().create_node().ip(ip).init(move || runs.clone().run()).build(), machine)
    });
    let place = Place { nodes: nodes.collect(), bank, trace: trace.clone() };
    let machines: Vec<Machine> = place.nodes.iter().map(|(_, machine)| machine.clone()).collect();

    let mut writs = Vec::new();
    for to in 0..NODES {
        writs.push(grant(&machines[0], None, offer(to, 1_000_000, 1, nonce("writ", to, 0)), &hours).await);
    }
    let mut clients = Vec::new();
    for (number, machine) in (0..NODES).zip(&machines) {
        for nth in 0..CLIENTS {
            let writ = writs[machine.number as usize];
            let paying = pay(machine.clone(), writ, number * CLIENTS + nth, hours.clone());
            clients.push((number as usize, madsim::task::spawn(paying)));
        }
    }
    let handing = madsim::task::spawn(hand_on(machines[GIVER].clone(), machines[TAKER].clone(), writs[GIVER], hours.clone()));
    place.trouble(swarm, TROUBLE).await;
    hours.close(PATIENCE);

    let mut told: Vec<Told> = machines.iter().map(|_| Told::new()).collect();
    for (at, client) in clients {
        told[at].extend(client.await.expect("no client is stuck"));
    }
    let (under_parts, parts) = handing.await.expect("no client is stuck");
    told[TAKER].extend(under_parts);
    settled(&machines, writs[GIVER]).await;
    stop(&machines).await;
    let records = judge(&machines, &told, &books.paid(), parts);

    machines.iter().for_each(|it| (0..it.platter.fails()).for_each(|_| trace.count("syncs failed")));
    (0..books.repeated()).for_each(|_| trace.count("calls told again"));
    let (digest, counts) = trace.read();
    let acknowledged = told.iter().flat_map(Told::values).filter(|fate| **fate == Fate::Done).count() as u64;
    Report { digest, counts, acknowledged, parts, records }
}

/// Waits until nothing is under way anywhere, and all that was handed on is back.
async fn settled(machines: &[Machine], handed: WritId) {
    let begun = now();
    loop {
        let mut open = Vec::new();
        for machine in machines {
            let is_giver = machine.number as usize == GIVER;
            let seen = look(machine, move |_, node| {
                node.check();
                let outside = node.state().accounts().account(handed).filter(|_| is_giver).map(antfarm_authority::Account::drawn);
                (node.is_serving(), node.state().under_way().count(), outside.unwrap_or(Amount::ZERO))
            });
            open.extend(seen.await.filter(|seen| *seen != (true, 0, Amount::ZERO)).map(|seen| (machine.number, seen)));
        }
        if open.is_empty() && machines.iter().all(|it| it.front().is_some()) {
            return;
        }
        assert!(now() < begun + PATIENCE, "this is stuck (node; serves, calls under way, budget outside): {open:?}");
        sleep(Span::from_millis(100)).await;
    }
}

/// Ends all processes in order.
async fn stop(machines: &[Machine]) {
    let begun = now();
    machines.iter().filter_map(Machine::front).for_each(|(_, handle)| handle.stop());
    while machines.iter().any(|it| it.front().is_some()) {
        assert!(now() < begun + PATIENCE, "a process does not end");
        sleep(Span::from_millis(10)).await;
    }
}

fn judge(machines: &[Machine], told: &[Told], paid: &[EffectKey], parts: u64) -> u64 {
    let ledgers: Vec<Ledger> = machines.iter().map(|it| Ledger::read(it.number, &it.platter.disk())).collect();
    for ledger in &ledgers {
        ledgers.iter().for_each(|other| ledger.compare(other));
    }
    for (ledger, told) in ledgers.iter().zip(told) {
        for (key, fate) in told {
            let found = ledger.fate(key);
            // One that was refused may have been on its way a second time.
            let holds = found == Some(*fate) || (*fate == Fate::Refused && found.is_some());
            assert!(holds, "{fate:?} was told of {key:?}, and ledger {} says {found:?}", ledger.number);
        }
    }
    let done: BTreeSet<EffectKey> = ledgers.iter().flat_map(|it| it.done.iter().copied()).collect();
    assert_eq!(done.len(), ledgers.iter().map(|it| it.done.len()).sum::<usize>(), "a call is one node's");
    let paid: BTreeSet<EffectKey> = paid.iter().copied().collect();
    assert_eq!(paid, done, "what was paid is on a ledger, and what is on a ledger was paid");
    assert_eq!(ledgers[GIVER].reclaimed.len() as u64, parts, "each part came back once");
    ledgers.iter().map(Ledger::records).sum()
}

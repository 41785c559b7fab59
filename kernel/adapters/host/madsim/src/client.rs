//! Clients, each beside the machine that it asks. What they want they ask for until they are told what came of it.

use crate::desk::Fate;
use crate::machine::{Machine, colony, key, tenant};
use crate::time::{BEGIN, now, sleep};
use antfarm_authority::{
    Amount, Bytes, Calls, Ceiling, Delegation, EffectKey, Grant, Name, Nonce, Offer, Scope, Scopes, Text, Usdc, Window, WritId,
};
use antfarm_identity::{Digest, Domain, to_bytes};
use antfarm_machine::{Now, Span};
use antfarm_node::{Ask, Node, Wish};
use madsim::rand::{Rng, thread_rng};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::oneshot;

/// After so long an ask is asked again.
const AGAIN: Span = Span::from_secs(2);

/// What the clients of one machine were told, by call.
pub type Told = BTreeMap<EffectKey, Fate>;

/// What all clients of a world go by.
#[derive(Clone, Debug, Default)]
pub struct Hours(Arc<Clock>);

#[derive(Debug, Default)]
struct Clock {
    over: AtomicBool,
    deadline: AtomicU64,
}

impl Hours {
    /// Nobody wants anything new, and whoever waits for longer than this is stuck.
    pub fn close(&self, patience: Span) {
        self.0.over.store(true, Ordering::Relaxed);
        self.0.deadline.store((now() + patience).as_nanos(), Ordering::Relaxed);
    }

    fn are_over(&self) -> bool {
        self.0.over.load(Ordering::Relaxed)
    }

    fn is_late(&self) -> bool {
        self.are_over() && now().as_nanos() > self.0.deadline.load(Ordering::Relaxed)
    }
}

/// A name for what a client wants.
pub fn nonce(of: &str, number: u32, nth: u64) -> Nonce {
    let digest = Digest::of(Domain::new("antfarm 2026 madsim nonce"), &to_bytes(&(of.as_bytes().to_vec(), number, nth)));
    let (nonce, _) = digest.as_bytes().split_first_chunk().expect("a digest is longer");
    Nonce(*nonce)
}

/// An offer to the node of this number: `calls` calls of the bank, and as many USDC.
pub fn offer(to: u32, calls: u64, depth: u8, nonce: Nonce) -> Offer {
    let grant = Grant {
        colony: colony(),
        tenant: tenant(),
        tools: Scopes::new([Scope::new("bank.*").expect("legal")]).expect("one is not too many"),
        budget: Amount { money: Usdc::whole(calls), calls: Calls(calls), ..Amount::ZERO },
        ceiling: Ceiling::ALL,
        window: Window::new(BEGIN, BEGIN + Span::from_secs(6 * 3_600)).expect("it ends later"),
        delegation: Delegation::new(depth, true).expect("not too deep"),
        freshness: Span::from_secs(20),
    };
    Offer { subject: key(to), nonce, home: key(to), grant }
}

/// Asks again and again, until `seen` sees that it came about.
pub async fn until<R>(machine: &Machine, ask: &Ask, hours: &Hours, seen: impl Fn() -> Option<R>) -> R {
    loop {
        if let Some((inbox, _)) = machine.front() {
            // What is refused now is asked for again.
            inbox.asked(ask.clone()).unwrap_or_default();
        }
        let again = now() + AGAIN;
        while now() < again {
            if let Some(seen) = seen() {
                return seen;
            }
            assert!(!hours.is_late(), "stuck with {ask:?}: {machine}");
            tokio::select! {
                biased;
                () = machine.desk.changed() => {}
                () = sleep(AGAIN) => {}
            }
        }
    }
}

/// Has the node give a writ, or a part of one.
pub async fn grant(machine: &Machine, parent: Option<WritId>, offer: Offer, hours: &Hours) -> WritId {
    let nonce = offer.nonce;
    until(machine, &Ask::Grant { parent, offer: Box::new(offer), task: None }, hours, || machine.desk.granted(&nonce)).await
}

/// One who pays at a node.
struct Payer {
    machine: Machine,
    number: u32,
    wishes: u64,
    told: Told,
    hours: Hours,
}

impl Payer {
    fn new(machine: Machine, number: u32, hours: Hours) -> Self {
        Self { machine, number, wishes: 0, told: Told::new(), hours }
    }

    /// Wishes to pay, once, and until it is told what came of it.
    async fn wish(&mut self, writ: WritId) -> Fate {
        self.wishes += 1;
        let nonce = nonce("pay", self.number, self.wishes);
        let wish = Wish {
            writ,
            nonce,
            until: BEGIN + now() + Span::from_secs(3_600),
            tool: Name::new("bank.pay").expect("legal"),
            target: Text::new("well").expect("short"),
            args: Bytes::new(&thread_rng().gen_range(1..1_000_u64).to_le_bytes()).expect("short"),
            rationale: Text::default(),
        };
        let desk = self.machine.desk.clone();
        let (key, fate) = until(&self.machine, &Ask::Wish(Box::new(wish)), &self.hours, || desk.fate(&nonce)).await;
        assert!(self.told.insert(key, fate).is_none(), "each wish is a call of its own");
        fate
    }

    /// Wishes until it is done.
    async fn pay(&mut self, writ: WritId) {
        while self.wish(writ).await != Fate::Done {
            sleep(Span::from_micros(thread_rng().gen_range(100_000..500_000))).await;
        }
    }
}

/// Pays again and again; the last time after the trouble has passed.
pub async fn pay(machine: Machine, writ: WritId, number: u32, hours: Hours) -> Told {
    let mut payer = Payer::new(machine, number, hours);
    while !payer.hours.are_over() {
        payer.wish(writ).await;
        sleep(Span::from_micros(thread_rng().gen_range(1_000..800_000))).await;
    }
    payer.pay(writ).await;
    payer.told
}

/// Hands part after part of a writ from one node to another, which pays twice under it and gives the rest back. What was told to the
/// client of the other, and how many parts there were.
pub async fn hand_on(from: Machine, to: Machine, writ: WritId, hours: Hours) -> (Told, u64) {
    let (mut payer, mut parts) = (Payer::new(to, u32::MAX, hours.clone()), 0);
    loop {
        let last = hours.are_over();
        let to = payer.machine.clone();
        let part = grant(&from, Some(writ), offer(to.number, 3, 0, nonce("part", from.number, parts)), &hours).await;
        payer.pay(part).await;
        payer.pay(part).await;
        until(&to, &Ask::Close { writ: part }, &hours, || to.desk.is_closed(&part).then_some(())).await;
        parts += 1;
        if last {
            return (payer.told, parts);
        }
        sleep(Span::from_micros(thread_rng().gen_range(1_000..2_000_000))).await;
    }
}

/// What somebody sees who looks at the node of a machine; nothing where no process runs.
pub async fn look<R: Send + 'static>(machine: &Machine, see: impl FnOnce(Now, &Node) -> R + Send + 'static) -> Option<R> {
    let (inbox, _) = machine.front()?;
    let (say, said) = oneshot::channel();
    inbox.look(move |now, node| drop(say.send(see(now, node)))).ok()?;
    said.await.ok()
}

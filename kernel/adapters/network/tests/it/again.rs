//! Connections that are lost come back: when, how often, and where to.

use super::memory::Memory;
use super::node::{brisk, config, id, pair, start, start_on, until};
use antfarm_machine::Span;
use antfarm_network::{Closing, Config, Limits, Refusal};

/// Limits whose spans are told apart by their length.
fn limits() -> Limits {
    Limits {
        first_redial: Span::from_millis(50),
        longest_redial: Span::from_secs(10),
        handshake: Span::from_nanos(101),
        beat: Span::from_nanos(102),
        silence: Span::from_nanos(205),
        settled: Span::from_nanos(104),
        ..Limits::default()
    }
}

/// The one wait before a peer is dialled again, once it has begun.
async fn wait(wire: &Memory) -> Span {
    let Limits { handshake, beat, silence, settled, .. } = limits();
    let waits = || wire.sleeps(&[handshake, beat, silence, settled]);
    until(|| !waits().is_empty(), || "nobody waits".to_owned()).await;
    let waits = waits();
    assert_eq!(waits.len(), 1, "one peer, one wait: {waits:?}");
    waits[0]
}

/// The waits of a node of this name that dials a peer 2 that is not there.
async fn waits(me: u32, number: usize) -> Vec<Span> {
    let wire = Memory::default();
    let node = start_on(wire.clone(), config(me, limits(), &[(2, "two".to_owned())]), 1).await;
    let mut waits = Vec::new();
    for attempt in 1..=number {
        waits.push(wait(&wire).await);
        assert_eq!(wire.dials(), attempt, "it does not dial before it waited");
        wire.pass(waits[attempt - 1]);
        until(|| wire.dials() > attempt, || "it dials again".to_owned()).await;
    }
    let refused = node.peer(2).refused;
    assert!(refused.keys().eq(&[Refusal::Unreachable]), "{refused:?}");
    waits
}

#[tokio::test]
async fn waits_grow_to_a_limit_and_differ_by_name_but_not_by_chance() {
    let ones = waits(1, 20).await;
    for (attempt, span) in ones.iter().enumerate() {
        let whole = Span::from_millis(50).times(1 << attempt.min(10)).min(Span::from_secs(10));
        assert!((whole.over(2)..=whole).contains(span), "{attempt}: {span}");
    }
    assert_eq!(waits(1, 20).await, ones);
    let threes = waits(3, 20).await;
    assert!(ones.iter().zip(&threes).all(|(one, three)| one != three), "{ones:?} {threes:?}");
}

#[tokio::test]
async fn only_a_connection_that_stood_makes_waits_short_again() {
    let wire = Memory::default();
    let one = start_on(wire.clone(), config(1, limits(), &[(2, "two".to_owned())]), 1).await;
    let two = || {
        // In a time of its own, in which nothing passes.
        let known = config(2, limits(), &[(1, "no one".to_owned())]);
        start_on(wire.beside(), Config { listen: "two".to_owned(), ..known }, 1)
    };
    let dialled = |times| {
        let one = &one;
        until(move || one.peer(2).dialled == times, || "it is dialled".to_owned())
    };
    let ended = |times| {
        let one = &one;
        until(move || one.peer(2).closed.get(&Closing::Ended) == Some(&times), || "it ended".to_owned())
    };
    for attempt in 1..=6 {
        wire.pass(wait(&wire).await);
        until(|| wire.dials() > attempt, || "it dials again".to_owned()).await;
    }

    let node = two().await;
    wire.pass(wait(&wire).await);
    dialled(1).await;
    node.links.stop().await;
    ended(1).await;
    let long = wait(&wire).await;
    assert!(long > Span::from_secs(1), "it did not stand for long: {long}");

    let node = two().await;
    wire.pass(long);
    dialled(2).await;
    until(|| wire.sleeps(&[]).contains(&limits().settled), || "it waits to be settled".to_owned()).await;
    wire.pass(limits().settled);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    node.links.stop().await;
    ended(2).await;
    let short = wait(&wire).await;
    assert!(short <= limits().first_redial, "it stood: {short}");
}

#[tokio::test]
async fn another_address_is_dialled_at_once() {
    let wire = Memory::default();
    let one = start_on(wire.clone(), config(1, limits(), &[(2, "old".to_owned())]), 1).await;
    wait(&wire).await;
    let mut nodes = Vec::new();
    for (times, address) in (1..).zip(["new", "newer"]) {
        let known = config(2, limits(), &[(1, "no one".to_owned())]);
        nodes.push(start_on(wire.beside(), Config { listen: address.to_owned(), ..known }, 1).await);
        assert!(one.links.readdress(id(2), address));
        until(|| one.peer(2).dialled == times, || format!("{:?}", one.peer(2))).await;
    }
    // The connection to the earlier one was given up; the same address again changes nothing.
    assert_eq!(one.peer(2).closed.get(&Closing::Left), Some(&1));
    assert!(one.links.readdress(id(2), "newer"));
    assert!(!one.links.readdress(id(1), "myself") && !one.links.readdress(id(9), "nobody"));
    assert_eq!((one.peer(2).dialled, one.peer(2).closed.len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_may_dial_at_once() {
    for _ in 0..10 {
        let [mut one, mut two] = pair(brisk()).await;
        for number in 0..50 {
            one.send(2, &[number]);
            two.send(1, &[number]);
        }
        for number in 0..50 {
            assert_eq!(two.hear().await, (1, vec![number]));
            assert_eq!(one.hear().await, (2, vec![number]));
        }
        for counts in [one.peer(2), two.peer(1)] {
            assert_eq!((counts.dialled, counts.accepted, counts.closed.len()), (1, 1, 0), "no connection was in vain");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_starts_again_is_found_again() {
    let [mut one, mut two] = pair(brisk()).await;
    one.reach(&mut two, (1, 2)).await;
    for moves in [false, true] {
        let before = one.peer(2).dialled;
        let at = two.address();
        two.links.stop().await;
        until(|| one.peer(2).closed.contains_key(&Closing::Ended), || format!("{:?}", one.peer(2))).await;
        // At the same address, or at another one that one is told.
        let listen = if moves { "127.0.0.1:0".to_owned() } else { at };
        two = start(Config { listen, ..config(2, brisk(), &[(1, one.address())]) }).await;
        one.links.readdress(id(2), two.address());
        one.reach(&mut two, (1, 2)).await;
        two.reach(&mut one, (2, 1)).await;
        assert_eq!(one.peer(2).dialled, before + 1);
    }
}

//! Nodes that keep the rules: they find each other, lose each other, and stop.

use super::node::{Message, brisk, config, id, nowhere, pair, signer, start, until};
use antfarm_machine::Span;
use antfarm_network::{BadConfig, Config, Limits, Links, Sockets};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_talk_both_ways() {
    let [mut one, mut two] = pair(brisk()).await;
    one.send(2, b"to two");
    assert_eq!(two.hear().await, (1, b"to two".to_vec()));
    two.send(1, b"to one");
    assert_eq!(one.hear().await, (2, b"to one".to_vec()));
    one.send(1, b"to myself");
    assert_eq!(one.hear().await, (1, b"to myself".to_vec()));
    for node in [&one.links.counts().peers[&id(2)], &two.links.counts().peers[&id(1)]] {
        assert!(node.outgoing && node.incoming, "{node:?}");
    }
    one.send(9, b"to nobody");
    assert_eq!(one.links.counts().dropped_unknown, 1);
    assert!(one.links.peer(id(9)).is_none());
    drop(one.links);
    until(|| !two.peer(1).outgoing && !two.peer(1).incoming, || format!("{:?}", two.peer(1))).await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_before_anything_starts() {
    let bad = |change: fn(&mut Config)| {
        let mut config = config(1, brisk(), &[(2, nowhere()), (3, nowhere())]);
        assert_eq!(config.check(), Ok(()));
        change(&mut config);
        config.check().expect_err("it makes no sense")
    };
    let (same, own) = (BadConfig::SameKey { one: id(2), other: id(3) }, BadConfig::Myself { peer: id(2) });
    assert_eq!(bad(|it| it.peers.values_mut().for_each(|peer| peer.key = signer(7).public())), same);
    assert_eq!(bad(|it| it.peers.values_mut().for_each(|peer| peer.key = signer(1).public())), own);
    assert_eq!(bad(|it| it.me = id(2)), own);
    let limit = |change: fn(&mut Limits)| {
        let mut limits = brisk();
        change(&mut limits);
        match config(1, limits, &[]).check() {
            Err(BadConfig::Limit { name, .. }) => name,
            other => unreachable!("{other:?}"),
        }
    };
    assert_eq!(limit(|it| it.max_message = (16 << 20) + 1), "max_message");
    assert_eq!(limit(|it| it.max_waiting_bytes = it.max_message + 4), "max_waiting_bytes");
    assert_eq!(limit(|it| it.max_waiting = 0), "max_waiting");
    assert_eq!(limit(|it| it.max_unproved = 0), "max_unproved");
    assert_eq!(limit(|it| it.max_unproved_from_one = 0), "max_unproved_from_one");
    assert_eq!(limit(|it| it.silence = it.beat), "silence");
    assert_eq!(limit(|it| it.longest_redial = Span::ZERO), "longest_redial");
    // A port that somebody has.
    let one = start(config(1, brisk(), &[])).await;
    let taken = Config { listen: one.address(), ..config(2, brisk(), &[]) };
    let error = Links::start(Sockets, taken, |_, _: Message| async {}).await.expect_err("taken");
    assert!(error.to_string().starts_with(&format!("cannot listen at `{}`: ", one.address())), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_stop_returns_nothing_is_left() {
    let [one, mut two] = pair(brisk()).await;
    let mut one = one;
    one.reach(&mut two, (1, 2)).await;
    let at = one.address();
    one.links.stop().await;
    assert!(one.inbox.recv().await.is_none(), "nobody is left who could deliver");
    // The port is free at once.
    let again = start(Config { listen: at.clone(), ..config(1, brisk(), &[(2, two.address())]) }).await;
    assert_eq!(again.address(), at);
}

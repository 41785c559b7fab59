//! Nodes that keep the rules: they find each other, lose each other, and stop.

use super::node::{brisk, config, id, pair, start};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_talk_both_ways() {
    let [mut one, mut two] = pair(brisk()).await;
    one.send(2, b"to two");
    assert_eq!(two.hear().await, (1, b"to two".to_vec()));
    two.send(1, b"to one");
    assert_eq!(one.hear().await, (2, b"to one".to_vec()));
    one.send(1, b"to myself");
    assert_eq!(one.hear().await, (1, b"to myself".to_vec()));
    one.send(9, b"to nobody");
    assert_eq!(one.links.counts().dropped_unknown, 1);
    assert!(one.links.peer(id(9)).is_none());
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
    let again = start(antfarm_network::Config { listen: at.clone(), ..config(1, brisk(), &[(2, two.address())]) }).await;
    assert_eq!(again.address(), at);
}

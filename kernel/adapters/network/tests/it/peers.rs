//! Peers that proved their key, and then break the rules: the connection ends, counted against them only.

use super::node::{Node, brisk, config, id, nowhere, start, until};
use super::stranger::{Stream, accept, frame, join, message, rest, write};
use antfarm_machine::{Network, PeerId, Span};
use antfarm_network::{Closing, Frame, Limits, Links, Sockets};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Node 1, which knows 2 and 3; and 3, which keeps the rules.
async fn node(limits: Limits) -> (Node, Node) {
    let one = start(config(1, limits, &[(2, nowhere()), (3, nowhere())])).await;
    let mut one = one;
    let mut three = start(config(3, brisk(), &[(1, one.address())])).await;
    one.links.readdress(id(3), three.address());
    three.send(1, b"hello");
    assert_eq!(one.hear().await, (3, b"hello".to_vec()));
    (one, three)
}

async fn closed(node: &Node, number: u32, why: Closing, times: u64) {
    let count = || node.peer(number).closed.get(&why).copied().unwrap_or_default();
    until(|| count() >= times, || format!("{why:?} in {:?}", node.peer(number))).await;
    assert_eq!(count(), times);
}

/// What the peer 2 writes after it was welcomed, and why it is shut out for it.
async fn check(limits: Limits, bytes: &[u8], why: Closing) {
    let (mut one, mut three) = node(limits).await;
    let mut two = join(2, &one.address()).await;
    assert!(write(&mut two, &message(b"well-behaved")).await);
    assert_eq!(one.hear().await, (2, b"well-behaved".to_vec()));
    write(&mut two, bytes).await;
    rest(&mut two).await;
    closed(&one, 2, why, 1).await;
    assert_eq!(one.peer(2).received, 1, "nothing of it got through");
    // Others: nothing happened.
    three.send(1, b"still there");
    assert_eq!(one.hear().await, (3, b"still there".to_vec()));
    assert_eq!(one.peer(3).closed.len(), 0);
    // It may try again.
    let mut two = join(2, &one.address()).await;
    assert!(write(&mut two, &message(b"again")).await);
    assert_eq!(one.hear().await, (2, b"again".to_vec()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_that_is_too_long_ends_the_connection() {
    let limits = Limits { max_message: 1_000, ..brisk() };
    check(limits, &1_002u32.to_le_bytes(), Closing::Oversized).await;
    check(limits, &u32::MAX.to_le_bytes(), Closing::Oversized).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_no_message_end_the_connection() {
    // A list that claims more than there is, and one that is followed by something.
    check(brisk(), &frame(Frame::Message(&[9, 0, 0, 0, 1])), Closing::Malformed).await;
    check(brisk(), &frame(Frame::Message(&[0, 0, 0, 0, 1])), Closing::Malformed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_that_has_no_place_here_ends_the_connection() {
    check(brisk(), &frame(Frame::Welcome), Closing::Unexpected).await;
    check(brisk(), &[1, 0, 0, 0, 77], Closing::Unexpected).await;
    check(brisk(), &[0, 0, 0, 0], Closing::Unexpected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_dials_again_takes_the_place_of_its_connection() {
    let (mut one, _three) = node(brisk()).await;
    let mut first = join(2, &one.address()).await;
    let mut second = join(2, &one.address()).await;
    rest(&mut first).await;
    closed(&one, 2, Closing::Superseded, 1).await;
    assert!(write(&mut second, &message(b"it is me")).await);
    assert_eq!(one.hear().await, (2, b"it is me".to_vec()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialler_that_falls_silent_is_given_up() {
    let limits = Limits { silence: Span::from_secs(1), ..brisk() };
    let (one, _three) = node(limits).await;
    let mut two = join(2, &one.address()).await;
    rest(&mut two).await;
    closed(&one, 2, Closing::Silent, 1).await;
    // The other one beats, and so it stands.
    assert_eq!(one.peer(3).closed.len(), 0);
}

/// Node 1 dials a peer 2 that the test plays, and a node 3.
async fn dialled(limits: Limits) -> (Node, Node, TcpListener, Stream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let three = start(config(3, brisk(), &[(1, nowhere())])).await;
    let two = listener.local_addr().expect("bound").to_string();
    let one = start(config(1, limits, &[(2, two), (3, three.address())])).await;
    let mut two = accept(2, 2, &listener).await.expect("a handshake");
    assert!(write(&mut two, &frame(Frame::Welcome)).await);
    until(|| one.peer(2).dialled == 1, || format!("{:?}", one.peer(2))).await;
    (one, three, listener, two)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialled_peer_that_falls_silent_is_dialled_again() {
    let limits = Limits { silence: Span::from_millis(100), ..brisk() };
    let (one, _three, listener, _two) = dialled(limits).await;
    closed(&one, 2, Closing::Silent, 1).await;
    let mut two = accept(2, 2, &listener).await.expect("a handshake");
    assert!(write(&mut two, &frame(Frame::Welcome)).await);
    until(|| one.peer(2).dialled == 2, || format!("{:?}", one.peer(2))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialled_peer_that_sends_anything_but_beats_is_cut_off() {
    let (one, _three, listener, mut two) = dialled(brisk()).await;
    assert!(write(&mut two, &message(b"this way round?")).await);
    closed(&one, 2, Closing::Unexpected, 1).await;
    let mut two = accept(2, 2, &listener).await.expect("a handshake");
    assert!(write(&mut two, b"no welcome").await);
    until(|| !one.peer(2).refused.is_empty(), || format!("{:?}", one.peer(2))).await;
    assert_eq!((one.peer(2).dialled, one.peer(2).received), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_never_reads_fills_its_own_queue_only() {
    let limits = Limits { max_waiting: 100, max_waiting_bytes: 1 << 20, max_message: 100_000, ..brisk() };
    let (mut one, mut three, _listener, two) = dialled(limits).await;
    // It beats, so it is alive.
    let (_reader, mut writer) = tokio::io::split(two);
    let beating = tokio::spawn(async move {
        while write(&mut writer, &frame(Frame::Beat)).await {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    // As much as any buffers of the system may take, and then more.
    let large = vec![7; 90_000];
    let mut sent = 0;
    while one.peer(2).dropped_overflow < 200 {
        one.send(2, &large);
        sent += 1;
        let waiting = one.peer(2).waiting;
        assert!(waiting <= 11, "as many as have a mebibyte: {waiting}");
        one.send(3, b"meanwhile");
        assert_eq!(three.hear().await, (1, b"meanwhile".to_vec()));
        assert!(sent < 10_000, "the system's buffers have an end");
    }
    let counts = one.peer(2);
    assert_eq!(counts.dropped_overflow + counts.waiting + counts.sent, sent - in_hand(&counts, sent), "{counts:?}");
    assert_eq!((counts.closed.len(), one.peer(3).dropped_overflow), (0, 0));
    beating.abort();
}

/// Messages that are being handed over: at most one of these large ones.
fn in_hand(counts: &antfarm_network::PeerCounts, sent: u64) -> u64 {
    let known = counts.dropped_overflow + counts.waiting + counts.sent;
    assert!(sent - known <= 1, "{counts:?}");
    sent - known
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oldest_messages_go_first() {
    let limits = Limits { max_waiting: 3, ..brisk() };
    let mut one = start(config(1, limits, &[(2, nowhere())])).await;
    for number in 0..10 {
        one.send(2, &[number]);
    }
    assert_eq!((one.peer(2).dropped_overflow, one.peer(2).waiting), (7, 3));
    let mut two = start(config(2, brisk(), &[(1, one.address())])).await;
    one.links.readdress(id(2), two.address());
    for number in 7..10 {
        assert_eq!(two.hear().await, (1, vec![number]));
    }
    // Too long by itself: it costs no other its place.
    one.send(2, &vec![0; limits.max_message]);
    one.send(2, b"short");
    assert_eq!(two.hear().await, (1, b"short".to_vec()));
    assert_eq!((one.peer(2).dropped_long, one.peer(2).dropped_overflow), (1, 7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_are_not_taken_slow_their_sender_only() {
    let (arrived, mut inbox) = mpsc::unbounded_channel();
    let deliver = move |from: PeerId, message: Vec<u8>| {
        let arrived = arrived.clone();
        async move {
            if from == id(2) {
                std::future::pending::<()>().await;
            }
            drop(arrived.send(message));
        }
    };
    let limits = Limits { max_waiting: 50, silence: Span::from_millis(500), ..brisk() };
    let known = config(1, limits, &[(2, nowhere()), (3, nowhere())]);
    let (links, _outbox) = Links::start(Sockets, known, deliver).await.expect("it starts");
    let at = links.address().to_string();
    let mut two = start(config(2, limits, &[(1, at.clone())])).await;
    let mut three = start(config(3, brisk(), &[(1, at)])).await;
    let large = vec![1; 90_000];
    let begun = Instant::now();
    let mut sent = 0;
    // Longer than any silence may last.
    while two.peer(1).dropped_overflow < 200 || begun.elapsed() < Duration::from_secs(2) {
        two.send(1, &large);
        three.outbox.send(id(1), b"meanwhile".to_vec());
        assert_eq!(inbox.recv().await, Some(b"meanwhile".to_vec()));
        sent += 1;
        assert!(sent < 100_000 || two.peer(1).dropped_overflow > 0, "the system's buffers have an end");
    }
    let counts = links.peer(id(2)).expect("a peer");
    assert_eq!(counts.received, 1, "the one that is not taken");
    // Both sides are alive, and say so though nothing is read.
    assert_eq!((counts.closed.len(), two.peer(1).closed.len()), (0, 0));
}

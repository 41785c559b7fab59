//! Whoever is nobody, or pretends to be somebody, gets nothing, is counted, and harms no one.

use super::node::{Node, brisk, config, id, nowhere, pair, start, until};
use super::stranger::{PROTOCOL, accept, dial, pretend, rest, write};
use antfarm_machine::Span;
use antfarm_network::{Limits, Refusal};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

pub(crate) async fn refused(node: &Node, why: Refusal, times: u64) {
    let count = || node.links.counts().refused.get(&why).copied().unwrap_or_default();
    until(|| count() >= times, || format!("{why:?} in {:?}", node.links.counts())).await;
    assert_eq!(count(), times, "{why:?}");
}

/// Both nodes still serve each other, over the connections that they had.
async fn unharmed([one, two]: &mut [Node; 2]) {
    one.send(2, b"still there?");
    assert_eq!(two.hear().await, (1, b"still there?".to_vec()));
    two.send(1, b"yes");
    assert_eq!(one.hear().await, (2, b"yes".to_vec()));
    assert_eq!(one.peer(2).closed.len() + two.peer(1).closed.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_nobodys_or_our_own_is_refused() {
    let mut nodes = pair(brisk()).await;
    for (number, why) in [(9, Refusal::UnknownKey), (1, Refusal::OwnKey)] {
        // Who dials has proved his key when he learns that it is none of those that are wanted.
        let mut stranger = dial(number, &nodes[0].address(), &[PROTOCOL]).await.expect("a handshake");
        assert_eq!(rest(&mut stranger).await, b"", "not even a welcome");
        refused(&nodes[0], why, 1).await;
    }
    unharmed(&mut nodes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_counts_only_with_its_own_signature() {
    let mut nodes = pair(brisk()).await;
    let mut thief = pretend(2, 9, &nodes[0].address()).await.expect("a handshake");
    assert_eq!(rest(&mut thief).await, b"");
    refused(&nodes[0], Refusal::Handshake, 1).await;
    unharmed(&mut nodes).await;
    // And so when he is dialled.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let three = start(config(3, brisk(), &[(2, listener.local_addr().expect("bound").to_string())])).await;
    assert!(accept(2, 9, &listener).await.is_err());
    until(|| three.peer(2).refused.contains_key(&Refusal::Handshake), || format!("{:?}", three.peer(2))).await;
    assert_eq!(three.peer(2).dialled, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_with_another_peers_key_is_not_sent_anything() {
    let mut three = start(config(3, brisk(), &[(1, nowhere())])).await;
    let mut one = start(config(1, brisk(), &[(2, three.address()), (3, nowhere())])).await;
    one.send(2, b"for two only");
    let wrong = || one.peer(2).refused.get(&Refusal::WrongKey).copied().unwrap_or_default();
    until(|| wrong() > 2, || format!("{:?}", one.peer(2))).await;
    assert_eq!((one.peer(2).dialled, three.peer(1).received), (0, 0));
    // The other one is itself, and at fault in nothing.
    one.links.readdress(id(3), three.address());
    one.send(3, b"for three");
    assert_eq!(three.hear().await, (1, b"for three".to_vec()));
    // What waited goes to whom it was for.
    let mut two = start(config(2, brisk(), &[(1, one.address())])).await;
    one.links.readdress(id(2), two.address());
    assert_eq!(two.hear().await, (1, b"for two only".to_vec()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_dials_itself_says_so() {
    let one = start(config(1, brisk(), &[(2, nowhere())])).await;
    one.links.readdress(id(2), one.address());
    until(|| one.peer(2).refused.contains_key(&Refusal::OwnKey), || format!("{:?}", one.peer(2))).await;
    assert_eq!(one.peer(2).dialled, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_speaks_another_protocol_is_refused() {
    let mut nodes = pair(brisk()).await;
    // The library tells who names another protocol; who names none is found out afterwards.
    assert!(dial(2, &nodes[0].address(), &[b"antfarm/2"]).await.is_err());
    refused(&nodes[0], Refusal::Protocol, 1).await;
    let mut stranger = dial(2, &nodes[0].address(), &[]).await.expect("a handshake");
    assert_eq!(rest(&mut stranger).await, b"");
    refused(&nodes[0], Refusal::Protocol, 2).await;
    unharmed(&mut nodes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_is_refused() {
    let mut nodes = pair(brisk()).await;
    let noise: Vec<u8> = (0..100_000u32).map(|it| it.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    let hello = [&[22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3][..], &noise[..194]].concat();
    let all = [&noise[..], b"GET / HTTP/1.1\r\n\r\n", &[0; 64], &[0xff; 64], &[21, 3, 3, 0, 2, 2, 40], &hello];
    for (times, garbage) in (1..).zip(all) {
        let mut stranger = TcpStream::connect(nodes[0].address()).await.expect("a connection");
        write(&mut stranger, garbage).await;
        stranger.shutdown().await.unwrap_or_default();
        rest(&mut stranger).await;
        let all = || nodes[0].links.counts().refused.values().sum::<u64>();
        until(|| all() >= times, || format!("{:?}", nodes[0].links.counts())).await;
        assert_eq!(all(), times);
    }
    let why: Vec<Refusal> = nodes[0].links.counts().refused.into_keys().collect();
    // Who says by the book that he gives up did not say anything wrong.
    assert_eq!(why, [Refusal::Declined, Refusal::Handshake]);
    unharmed(&mut nodes).await;
}

/// Passes bytes on between who dials `listener` and `to`; what the dialler said until it is done.
async fn record(listener: TcpListener, to: SocketAddr) -> Vec<u8> {
    let (mut near, _) = listener.accept().await.expect("a connection");
    let mut far = TcpStream::connect(to).await.expect("a connection");
    let ((mut from_near, mut to_near), (mut from_far, mut to_far)) = (near.split(), far.split());
    let mut said = Vec::new();
    let forth = async {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = from_near.read(&mut bytes).await {
            said.extend_from_slice(&bytes[..length]);
            if !write(&mut to_far, &bytes[..length]).await {
                break;
            }
        }
    };
    tokio::select! {
        () = forth => {}
        _ = tokio::io::copy(&mut from_far, &mut to_near) => {}
    }
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorded_handshake_proves_nothing() {
    let mut one = start(config(1, brisk(), &[(2, nowhere()), (3, nowhere())])).await;
    let relay = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let two = start(config(2, brisk(), &[(1, relay.local_addr().expect("bound").to_string())])).await;
    let mut two = two;
    let recording = tokio::spawn(record(relay, one.links.address()));
    two.send(1, b"genuine");
    assert_eq!(one.hear().await, (2, b"genuine".to_vec()));
    two.links.stop().await;
    let said = recording.await.expect("a recording");
    until(|| !one.peer(2).closed.is_empty(), || format!("{:?}", one.peer(2))).await;

    for times in 1..=3 {
        let mut thief = TcpStream::connect(one.address()).await.expect("a connection");
        assert!(write(&mut thief, &said).await);
        rest(&mut thief).await;
        refused(&one, Refusal::Handshake, times).await;
    }
    assert_eq!((one.peer(2).accepted, one.peer(2).received), (1, 1), "the thief was nobody");
    assert!(one.inbox.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_his_time_keeps_nobody_waiting() {
    // Nobody is sent away here within the test: others must be served beside them.
    let limits = Limits { handshake: Span::from_secs(3_600), ..brisk() };
    let one = start(config(1, limits, &[(2, nowhere())])).await;
    let mut loris = Vec::new();
    for _ in 0..limits.max_unproved_from_one - 1 {
        let mut stream = TcpStream::connect(one.address()).await.expect("a connection");
        // The beginning of a record, of which nothing more comes.
        assert!(write(&mut stream, &[22, 3, 1, 1, 0, 1]).await);
        loris.push(stream);
    }
    let two = start(config(2, limits, &[(1, one.address())])).await;
    one.links.readdress(id(2), two.address());
    unharmed(&mut [one, two]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_too_long_is_sent_away() {
    let limits = Limits { handshake: Span::from_millis(100), ..brisk() };
    let one = start(config(1, limits, &[])).await;
    let mut silent = TcpStream::connect(one.address()).await.expect("a connection");
    let mut dribbling = TcpStream::connect(one.address()).await.expect("a connection");
    let dribble = async {
        for byte in [22, 3, 1, 1, 0, 1].into_iter().chain([0; 1_000]) {
            if !write(&mut dribbling, &[byte]).await {
                return true;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        false
    };
    assert!(dribble.await, "it was closed in the midst of it");
    assert_eq!(rest(&mut silent).await, b"");
    refused(&one, Refusal::Slow, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_does_not_answer_is_tried_again() {
    let limits = Limits { handshake: Span::from_millis(50), ..brisk() };
    let mute = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let one = start(config(1, limits, &[(2, mute.local_addr().expect("bound").to_string())])).await;
    let slow = || one.peer(2).refused.get(&Refusal::Slow).copied().unwrap_or_default();
    until(|| slow() >= 2, || format!("{:?}", one.peer(2))).await;
}

/// A connection from an address of this machine's own network.
async fn from(last: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, last], 0).into()).expect("all of 127.0.0.0/8 is this machine");
    socket.connect(to).await.expect("a connection")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_half_open_connections_stays_outside() {
    let limits = Limits { max_unproved: 8, max_unproved_from_one: 3, handshake: Span::from_secs(3_600), ..brisk() };
    let one = start(config(1, limits, &[(2, nowhere())])).await;
    let mut flood = Vec::new();
    for _ in 0..20 {
        flood.push(from(7, one.links.address()).await);
    }
    refused(&one, Refusal::CrowdedAddress, 17).await;
    // Others do not notice.
    let two = start(config(2, limits, &[(1, one.address())])).await;
    one.links.readdress(id(2), two.address());
    let mut nodes = [one, two];
    unharmed(&mut nodes).await;
    // From many addresses: five more come in, then it is full, but not for who is in.
    for last in 10..30 {
        flood.push(from(last, nodes[0].links.address()).await);
    }
    refused(&nodes[0], Refusal::Crowded, 15).await;
    unharmed(&mut nodes).await;
    // When they go, there is room.
    drop(flood);
    until(|| nodes[0].links.counts().refused.values().sum::<u64>() == 40, || format!("{:?}", nodes[0].links.counts())).await;
    let mut late = start(config(2, limits, &[(1, nodes[0].address())])).await;
    late.send(1, b"late");
    assert_eq!(nodes[0].hear().await, (2, b"late".to_vec()));
}

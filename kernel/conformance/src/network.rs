//! What a `Network` promises: little. A message may be lost, late, doubled or reordered, but what arrives was sent, whole, to
//! this addressee, by the peer it is said to be from.
//!
//! Deliberately not asked: that any one message arrives, or in what order, or how often. A rig has to let through some of
//! what is sent, as a link does on which one could not even try again otherwise.

use crate::clause::{ensure, hold_all};
use crate::{Breach, Clause};
use antfarm_machine::PeerId;
use std::collections::BTreeSet;

/// How often a message is sent again before a network counts as dead.
const TRIES: u32 = 200;

/// A network of at least three peers under test, whose messages are byte strings.
pub trait NetworkRig {
    /// The peers that are up and reachable; at least three.
    fn peers(&self) -> Vec<PeerId>;

    /// `from` sends; see [`antfarm_machine::Network::send`]. A peer that nobody knows may be addressed.
    fn send(&mut self, from: PeerId, to: PeerId, message: Vec<u8>);

    /// The next arrival anywhere: waits for it. `None` when nothing is under way any more; a rig that cannot know waits for
    /// a moment in which something would have arrived.
    fn next(&mut self) -> Option<Delivery>;
}

/// A message that arrived.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Delivery {
    /// The peer whose machine would be fed `Heard`.
    pub at: PeerId,
    /// Whom the channel says it is from.
    pub from: PeerId,
    /// What it says.
    pub message: Vec<u8>,
}

/// Checks every clause, each on a fresh network. Panics with what does not hold.
#[track_caller]
pub fn network<R: NetworkRig>(rig: impl FnMut() -> R) {
    hold_all("Network", &network_clauses(), rig);
}

/// All clauses, for a harness that runs them one by one.
pub fn network_clauses<R: NetworkRig>() -> Vec<Clause<R>> {
    vec![
        Clause {
            name: "network/a-message-sent-again-and-again-arrives",
            rule: "between any two peers, both ways, and from a peer to itself, some of what is sent arrives",
            remedy: "check that every pair is connected; a message to oneself goes over the network too",
            check: arrives,
        },
        Clause {
            name: "network/nothing-arrives-that-was-not-sent",
            rule: "a message arrives only after somebody sent it",
            remedy: "keep greetings, heartbeats and acknowledgements of the transport away from the machine",
            check: invents_nothing,
        },
        Clause {
            name: "network/the-sender-is-authentic",
            rule: "`from` is the peer that sent the message",
            remedy: "take the sender from the authenticated channel, not from the message or the port",
            check: authentic,
        },
        Clause {
            name: "network/only-the-addressee-hears",
            rule: "a message arrives at its addressee only; one to an unknown peer arrives nowhere and harms nothing",
            remedy: "route by addressee, and drop what has no route",
            check: addressed,
        },
        Clause {
            name: "network/messages-arrive-unaltered",
            rule: "a message that arrives has the bytes that were sent, whatever they are and however many",
            remedy: "frame by length rather than by a separator; refuse what fails a checksum",
            check: unaltered,
        },
        Clause {
            name: "network/messages-stay-apart",
            rule: "messages that are sent in a burst arrive one by one, none merged and none split",
            remedy: "a stream has no message boundaries: buffer until a frame is complete, and keep what is behind it",
            check: apart,
        },
    ]
}

/// Everything that arrives now. Stops after `limit`, for a network that never ends.
fn arrivals<R: NetworkRig>(rig: &mut R, limit: usize) -> Vec<Delivery> {
    std::iter::from_fn(|| rig.next()).take(limit).collect()
}

fn arrives<R: NetworkRig>(rig: &mut R) -> Result<(), Breach> {
    let peers = rig.peers();
    ensure(peers.len() >= 3, || format!("the rig has {} peers, and needs three", peers.len()))?;
    for from in &peers {
        for to in &peers {
            let arrived = (0..TRIES).any(|_| {
                rig.send(*from, *to, b"hello".to_vec());
                !arrivals(rig, 8).is_empty()
            });
            ensure(arrived, || format!("of {TRIES} messages from {from} to {to}, none arrived"))?;
        }
    }
    Ok(())
}

fn invents_nothing<R: NetworkRig>(rig: &mut R) -> Result<(), Breach> {
    let early = rig.next();
    ensure(early.is_none(), || format!("before anything was sent, this arrived: {early:?}"))?;
    let sent = exchange(rig, |peers| Delivery { at: peers[1], from: peers[0], message: b"ask".to_vec() })?;
    let strange = sent.arrived.iter().find(|it| it.message != b"ask");
    ensure(strange.is_none(), || format!("nobody sent what arrived: {strange:?}"))
}

fn authentic<R: NetworkRig>(rig: &mut R) -> Result<(), Breach> {
    // The message names another sender than its own, as a liar would.
    for (from, claimed) in [(0, 1), (1, 0), (2, 0)] {
        let sent = exchange(rig, |peers| Delivery {
            at: peers[(from + 1) % 3],
            from: peers[from],
            message: peers[claimed].number().to_le_bytes().to_vec(),
        })?;
        let liar = sent.arrived.iter().find(|it| it.from != sent.expected.from);
        ensure(liar.is_none(), || format!("what {} sent arrived as {liar:?}", sent.expected.from))?;
    }
    Ok(())
}

fn addressed<R: NetworkRig>(rig: &mut R) -> Result<(), Breach> {
    let known = rig.peers();
    let unknown = (0..).map(PeerId::new).find(|it| !known.contains(it)).expect("not all numbers are peers");
    rig.send(known[0], unknown, b"lost".to_vec());
    let stray = arrivals(rig, 8);
    ensure(stray.is_empty(), || format!("a message to the unknown peer {unknown} arrived: {stray:?}"))?;
    for to in 0..3 {
        let sent = exchange(rig, |peers| Delivery { at: peers[to], from: peers[0], message: b"you".to_vec() })?;
        let stray = sent.arrived.iter().find(|it| it.at != sent.expected.at);
        ensure(stray.is_none(), || format!("a message to {} was heard by another: {stray:?}", sent.expected.at))?;
    }
    Ok(())
}

fn unaltered<R: NetworkRig>(rig: &mut R) -> Result<(), Breach> {
    let all: Vec<u8> = (0..=255).collect();
    let messages = [vec![], vec![0], b"a\r\n\n\0b".to_vec(), vec![0xff; 3], all.clone(), all.repeat(257)];
    for message in messages {
        let sent = exchange(rig, |peers| Delivery { at: peers[1], from: peers[0], message: message.clone() })?;
        let altered = sent.arrived.iter().find(|it| it.message != message);
        ensure(altered.is_none(), || {
            let length = altered.map_or(0, |it| it.message.len());
            format!("a message of {} bytes arrived altered, with {length}", message.len())
        })?;
    }
    Ok(())
}

fn apart<R: NetworkRig>(rig: &mut R) -> Result<(), Breach> {
    let peers = rig.peers();
    let mut sent = BTreeSet::new();
    for burst in 0..TRIES {
        for number in 0..20u8 {
            // No message is the beginning of another, or two of them together.
            let message = vec![number; 1 + usize::from(number % 7)];
            let to = usize::from(number % 2);
            rig.send(peers[2], peers[to], message.clone());
            sent.insert(Delivery { at: peers[to], from: peers[2], message });
        }
        let arrived = arrivals(rig, 1_000);
        let strange = arrived.iter().find(|it| !sent.contains(it));
        ensure(strange.is_none(), || format!("in a burst, this arrived, which is none of what was sent: {strange:?}"))?;
        if burst >= 3 && !arrived.is_empty() {
            return Ok(());
        }
    }
    Err(Breach::new(format!("of {TRIES} bursts, nothing arrived")))
}

/// A message sent until something arrived.
struct Exchange {
    expected: Delivery,
    arrived: Vec<Delivery>,
}

/// Sends what `compose` says, again and again, until something arrives anywhere.
fn exchange<R: NetworkRig>(rig: &mut R, compose: impl Fn(&[PeerId]) -> Delivery) -> Result<Exchange, Breach> {
    let expected = compose(&rig.peers());
    for _ in 0..TRIES {
        rig.send(expected.from, expected.at, expected.message.clone());
        let arrived = arrivals(rig, 8);
        if !arrived.is_empty() {
            return Ok(Exchange { expected, arrived });
        }
    }
    Err(Breach::new(format!(
        "of {TRIES} messages of {} bytes from {} to {}, none arrived",
        expected.message.len(),
        expected.from,
        expected.at
    )))
}

//! Target `handshake`: what strangers, and a peer that went mad, send to a node that listens.
//!
//! The bytes are a script over several connections: raw pieces, closings, waits, and handshakes by rustls, whose flights are sent as
//! they are, changed, cut, doubled, or over another connection. Time is simulated. Held:
//!
//! - Nothing panics. A message is delivered only if the peer said it, over a connection on which it proved its key.
//! - Nobody is let in whose flights were changed, replayed, or made with another key.
//! - Connections that have not proved a key are no more than the limits; what they are told is short; each is over in time.
//! - Every connection is counted once: refused for a reason, or accepted.
//! - Afterwards the peer still connects, and its message arrives; a node that is stopped holds nothing open.
//!
//! Keys of sessions are random, so flights are not the same twice. What becomes of them is: whatever else a client draws is fixed.

mod client;
mod wire;

use crate::Met;
use crate::draw::Draw;
use antfarm_identity::from_bytes;
use antfarm_machine::{Network, PeerId, Span};
use antfarm_network::{Config, Frame, Frames, Limits, Links, Peer};
use client::{GENUINE, NODE, PEER, client, signer};
use rustls::ClientConnection;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncWriteExt, DuplexStream};
use wire::{Memory, address, read_now, write_now};

/// Connections of one input.
const MOST: usize = 12;

/// Bytes that a connection is told before it proved a key: one flight of a server, perhaps after a retry, and an alert.
const MOST_TOLD: usize = 1_500;

/// What the peer says afterwards.
const LAST: &[u8] = b"still here";

const LIMITS: Limits = Limits {
    max_message: 200,
    max_waiting: 16,
    max_waiting_bytes: 4_096,
    max_unproved: 4,
    max_unproved_from_one: 2,
    handshake: Span::from_secs(2),
    beat: Span::from_secs(30),
    silence: Span::from_secs(60),
    first_redial: Span::from_millis(50),
    longest_redial: Span::from_secs(1),
    settled: Span::from_secs(10),
};

/// Messages that were delivered.
type Heard = Arc<Mutex<Vec<(PeerId, Vec<u8>)>>>;

/// One connection, from the side that dialled.
#[derive(Default)]
struct Conn {
    stream: Option<DuplexStream>,
    client: Option<ClientConnection>,
    /// Whether it is the peer's, and names the protocol.
    is_genuine: bool,
    /// What went out.
    written: Vec<u8>,
    /// What the client wrote.
    meant: Vec<u8>,
    /// How much of that its handshake is, once it is all of it.
    handshake: Option<usize>,
    told: usize,
    /// The content of what was said after that.
    said: Vec<u8>,
}

struct Script<'a> {
    draw: Draw<'a>,
    wire: Memory,
    conns: Vec<Conn>,
    /// Flights that clients wrote.
    flights: Vec<Vec<u8>>,
    answered: bool,
}

/// Plays a script against a node.
///
/// Panics when a guarantee of the network is broken.
pub fn handshake(input: &[u8]) -> Met {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without IO").block_on(play(input))
}

fn config(me: u8, listen: &str, other: u8, at: &str) -> Config {
    let peer = Peer { key: signer(other).public(), address: at.to_owned() };
    Config {
        me: PeerId::new(me.into()),
        signer: signer(me),
        listen: listen.to_owned(),
        peers: BTreeMap::from([(PeerId::new(other.into()), peer)]),
        limits: LIMITS,
    }
}

/// Until everything that can happen now has happened.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

async fn play(input: &[u8]) -> Met {
    let wire = Memory::new();
    let heard = Heard::default();
    let inbox = heard.clone();
    let deliver = move |from: PeerId, message: Vec<u8>| {
        inbox.lock().unwrap_or_else(PoisonError::into_inner).push((from, message));
        async {}
    };
    let (links, _outbox) = Links::start(wire.clone(), config(NODE, "node", PEER, "nowhere"), deliver).await.expect("it starts");
    let mut script =
        Script { draw: Draw::new(input), wire: wire.clone(), conns: Vec::new(), flights: Vec::new(), answered: false };
    while !script.draw.is_empty() {
        script.step().await;
        settle().await;
        let most = LIMITS.max_unproved + 1;
        assert!(wire.open() <= most, "{} connections are open, and may be {most}", wire.open());
    }
    for conn in &mut script.conns {
        conn.listen(&mut script.answered).await;
    }
    // Whoever has not proved a key by now is refused.
    tokio::time::sleep(Duration::from_nanos(LIMITS.handshake.as_nanos() + 10_000_000)).await;
    let counts = links.counts();
    let peer = &counts.peers[&PeerId::new(PEER.into())];
    let refused: u64 = counts.refused.values().sum();
    assert_eq!(refused + peer.accepted, script.conns.len() as u64, "each is counted once: {counts:?}");
    assert_eq!((counts.accept_failed, counts.dropped_unknown), (0, 0), "nothing else happened: {counts:?}");
    assert!(wire.open() <= 1, "one connection of the peer is open at most: {}", wire.open());
    let proved = script.conns.iter().filter(|conn| conn.is_proved()).count() as u64;
    assert!(peer.accepted <= proved, "{} let in, {proved} proved their key", peer.accepted);
    script.judge(&heard);
    drop(script.conns);

    heard.lock().unwrap_or_else(PoisonError::into_inner).clear();
    let elsewhere = wire.from([198, 51, 100, 1].into());
    let (honest, mut outbox) =
        Links::start(elsewhere, config(PEER, "elsewhere", NODE, "node"), |_, _: Vec<u8>| async {}).await.expect("it starts");
    outbox.send(PeerId::new(NODE.into()), LAST.to_vec());
    tokio::time::sleep(Duration::from_secs(5)).await;
    let last = heard.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert_eq!(last, [(PeerId::new(PEER.into()), LAST.to_vec())], "the peer is shut out: {:?}", links.counts());
    honest.stop().await;
    links.stop().await;
    settle().await;
    assert_eq!(wire.open(), 0, "a node that stopped holds connections");
    if script.answered { Met::Taken } else { Met::Refused }
}

impl Script<'_> {
    async fn step(&mut self) {
        match self.draw.byte() % 9 {
            0 if self.conns.len() < MOST => {
                let stream = Some(self.wire.from(address(self.draw.byte())).dial());
                self.conns.push(Conn { stream, ..Conn::default() });
            }
            0 => {}
            1 => {
                let (at, length) = (self.pick(), self.draw.byte());
                let bytes = self.draw.bytes(length.into());
                self.write(at, bytes).await;
            }
            2 => {
                let at = self.pick();
                if let Some(conn) = self.conns.get_mut(at) {
                    conn.stream = None;
                }
            }
            3 => tokio::time::sleep(Duration::from_millis(u64::from(self.draw.byte()) * 20)).await,
            4 => {
                let (at, who) = (self.pick(), self.draw.byte());
                if let Some(conn) = self.conns.get_mut(at).filter(|conn| conn.client.is_none()) {
                    conn.is_genuine = who % 4 == GENUINE && who < 128;
                    conn.client = Some(client(who, who < 128));
                }
                self.flight(at).await;
            }
            5 => {
                let at = self.pick();
                self.flight(at).await;
            }
            6 => {
                let (at, nth) = (self.pick(), usize::from(self.draw.byte()));
                let flight = nth.checked_rem(self.flights.len()).map(|nth| self.flights[nth].clone());
                self.write(at, &flight.unwrap_or_default()).await;
            }
            7 => {
                let (at, length) = (self.pick(), self.draw.byte());
                let bytes = self.draw.bytes(length.into());
                self.tell(at, bytes).await;
            }
            _ => {
                let at = self.pick();
                if let Some(stream) = self.conns.get_mut(at).and_then(|conn| conn.stream.as_mut()) {
                    drop(stream.shutdown().await);
                }
            }
        }
    }

    /// One of the connections.
    fn pick(&mut self) -> usize {
        usize::from(self.draw.byte()).checked_rem(self.conns.len()).unwrap_or(0)
    }

    /// Writes to a connection.
    async fn write(&mut self, at: usize, bytes: &[u8]) {
        let Some(conn) = self.conns.get_mut(at) else { return };
        let Some(stream) = conn.stream.as_mut().filter(|_| !bytes.is_empty()) else { return };
        let many = write_now(stream, bytes).await;
        conn.written.extend_from_slice(&bytes[..many]);
    }

    /// The client's next flight, and perhaps a change of it.
    async fn flight(&mut self, at: usize) {
        let (change, place, value) = (self.draw.byte(), usize::from(self.draw.word()), self.draw.byte());
        let Some(conn) = self.conns.get_mut(at) else { return };
        conn.listen(&mut self.answered).await;
        let Some(client) = conn.client.as_mut() else { return };
        let mut flight = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut flight).expect("memory takes everything");
        }
        if flight.is_empty() {
            return;
        }
        conn.meant.extend_from_slice(&flight);
        if !client.is_handshaking() {
            conn.handshake.get_or_insert(conn.meant.len());
        }
        self.flights.push(flight.clone());
        let place = place % flight.len();
        match change % 8 {
            0 => flight[place] ^= value,
            1 => flight.truncate(place),
            2 => flight.insert(place, value),
            3 => flight.extend_from_within(..),
            4 => drop(flight.remove(place)),
            _ => {}
        }
        self.write(at, &flight).await;
    }

    /// What a client says once its handshake is done.
    async fn tell(&mut self, at: usize, bytes: &[u8]) {
        let Some(conn) = self.conns.get_mut(at) else { return };
        let Some(client) = conn.client.as_mut().filter(|client| !client.is_handshaking()) else { return };
        // After an alert there is nothing more to say.
        if client.writer().write_all(bytes).is_err() {
            return;
        }
        let mut records = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut records).expect("memory takes everything");
        }
        if conn.is_proved() && plain(&conn.written) == plain(&conn.meant) {
            conn.said.extend_from_slice(bytes);
        }
        conn.meant.extend_from_slice(&records);
        self.write(at, &records).await;
    }

    /// Whether what was delivered is what was said.
    fn judge(&self, heard: &Heard) {
        let mut said = Vec::new();
        for conn in &self.conns {
            let mut frames = Frames::new(LIMITS.max_message);
            frames.push(&conn.said);
            while let Ok(Some(frame)) = frames.take() {
                if let Frame::Message(bytes) = frame {
                    said.extend(from_bytes::<Vec<u8>>(bytes));
                }
            }
            assert!(conn.is_proved() || conn.told <= MOST_TOLD, "{} bytes for nothing", conn.told);
        }
        for (from, message) in heard.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            assert_eq!(*from, PeerId::new(PEER.into()), "from nobody");
            let at = said.iter().position(|it| it == message);
            said.swap_remove(at.unwrap_or_else(|| panic!("nobody said {message:?}")));
        }
    }
}

/// Records without what means nothing: their versions (RFC 8446, 5.1), and those of the kind `change_cipher_spec`, which are dropped (5).
fn plain(mut records: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    while let [kind, _, _, high, low, rest @ ..] = records {
        let (body, behind) = rest.split_at(rest.len().min(u16::from_be_bytes([*high, *low]).into()));
        if (*kind, body) != (20, &[1]) {
            plain.extend([*kind, *high, *low]);
            plain.extend_from_slice(body);
        }
        records = behind;
    }
    plain.extend_from_slice(records);
    plain
}

impl Conn {
    /// Whether the other side saw a whole handshake of the peer, as it was written. What follows it may break the connection, after it
    /// proved what it proves.
    fn is_proved(&self) -> bool {
        let whole = self.handshake.filter(|_| self.is_genuine);
        whole.is_some_and(|whole| plain(&self.written).starts_with(&plain(&self.meant[..whole])))
    }

    /// Reads what there is to read, and has the client read it.
    async fn listen(&mut self, answered: &mut bool) {
        let Some(stream) = &mut self.stream else { return };
        let bytes = read_now(stream).await;
        self.told += bytes.len();
        // A record of a handshake (RFC 8446, 5.1); an alert is 21.
        *answered |= bytes.first() == Some(&22);
        let Some(client) = &mut self.client else { return };
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let read = client.read_tls(&mut rest);
            if !read.is_ok_and(|read| read > 0) || client.process_new_packets().is_err() {
                return;
            }
        }
    }
}

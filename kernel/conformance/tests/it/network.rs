//! The network clauses against a poor network that keeps them and many that do not.

use super::check;
use antfarm_conformance::{Delivery, NetworkRig, network_clauses};
use antfarm_machine::PeerId;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Flaw {
    OneWay,
    NoLoop,
    Greets,
    Acknowledges,
    BelievesTheMessage,
    NamesTheRelay,
    Broadcasts,
    RoutesTheUnknownHome,
    StopsAtNewline,
    DropsTheEmpty,
    CutsAt64Kib,
    FlipsABit,
    Merges,
    Splits,
}

/// Loses every third message, doubles every fifth, delivers the last one first.
#[derive(Default)]
struct Poor {
    flaw: Option<Flaw>,
    sent: u32,
    flights: Vec<Delivery>,
}

const PEERS: [PeerId; 3] = [PeerId::new(4), PeerId::new(5), PeerId::new(6)];

impl Poor {
    fn with(flaw: Option<Flaw>) -> Self {
        let greeting = Delivery { at: PEERS[0], from: PEERS[1], message: b"hello".to_vec() };
        let flights = if flaw == Some(Flaw::Greets) { vec![greeting] } else { vec![] };
        Self { flaw, sent: 0, flights }
    }

    fn fly(&mut self, mut it: Delivery) {
        match self.flaw {
            Some(Flaw::OneWay) if it.from > it.at => return,
            Some(Flaw::NoLoop) if it.from == it.at => return,
            Some(Flaw::DropsTheEmpty) if it.message.is_empty() => return,
            Some(Flaw::Acknowledges) => self.flights.push(Delivery { at: it.from, from: it.at, message: b"ack".to_vec() }),
            Some(Flaw::BelievesTheMessage) => {
                let claimed = it.message.first_chunk().map(|it| PeerId::new(u32::from_le_bytes(*it)));
                it.from = claimed.unwrap_or(it.from);
            }
            Some(Flaw::NamesTheRelay) => it.from = PEERS[2],
            Some(Flaw::Broadcasts) => self.flights.push(Delivery { at: PEERS[0], ..it.clone() }),
            Some(Flaw::RoutesTheUnknownHome) if !PEERS.contains(&it.at) => it.at = it.from,
            Some(Flaw::StopsAtNewline) => {
                it.message.truncate(it.message.iter().position(|it| *it == b'\n').unwrap_or(usize::MAX))
            }
            Some(Flaw::CutsAt64Kib) => it.message.truncate(65_535),
            Some(Flaw::FlipsABit) => it.message.iter_mut().take(1).for_each(|it| *it ^= 1),
            Some(Flaw::Splits) if it.message.len() == 4 => {
                let rest = it.message.split_off(2);
                self.flights.push(Delivery { message: rest, ..it.clone() });
            }
            Some(Flaw::Merges) => {
                if let Some(last) = self.flights.iter_mut().find(|last| (last.at, last.from) == (it.at, it.from)) {
                    last.message.extend(it.message);
                    return;
                }
            }
            _ => {}
        }
        if PEERS.contains(&it.at) {
            self.flights.push(it);
        }
    }
}

impl NetworkRig for Poor {
    fn peers(&self) -> Vec<PeerId> {
        PEERS.to_vec()
    }
    fn send(&mut self, from: PeerId, to: PeerId, message: Vec<u8>) {
        self.sent += 1;
        let it = Delivery { at: to, from, message };
        if self.sent.is_multiple_of(5) {
            self.fly(it.clone());
        }
        if !self.sent.is_multiple_of(3) || self.flaw == Some(Flaw::RoutesTheUnknownHome) {
            self.fly(it);
        }
    }
    fn next(&mut self) -> Option<Delivery> {
        self.flights.pop()
    }
}

const FLAWS: &[(Flaw, &str)] = &[
    (Flaw::OneWay, "network/a-message-sent-again-and-again-arrives"),
    (Flaw::NoLoop, "network/a-message-sent-again-and-again-arrives"),
    (Flaw::Greets, "network/nothing-arrives-that-was-not-sent"),
    (Flaw::Acknowledges, "network/nothing-arrives-that-was-not-sent"),
    (Flaw::BelievesTheMessage, "network/the-sender-is-authentic"),
    (Flaw::NamesTheRelay, "network/the-sender-is-authentic"),
    (Flaw::Broadcasts, "network/only-the-addressee-hears"),
    (Flaw::RoutesTheUnknownHome, "network/only-the-addressee-hears"),
    (Flaw::StopsAtNewline, "network/messages-arrive-unaltered"),
    (Flaw::DropsTheEmpty, "network/messages-arrive-unaltered"),
    (Flaw::CutsAt64Kib, "network/messages-arrive-unaltered"),
    (Flaw::FlipsABit, "network/messages-arrive-unaltered"),
    (Flaw::Merges, "network/messages-stay-apart"),
    (Flaw::Splits, "network/messages-stay-apart"),
];

#[test]
fn every_network_clause_holds_on_a_poor_network_and_fails_on_a_flawed_one() {
    check(FLAWS, &network_clauses(), Poor::with);
}

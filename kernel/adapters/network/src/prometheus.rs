//! What was counted, as text for Prometheus.

use crate::{Counts, PeerCounts};
use antfarm_machine::PeerId;
use std::fmt::{Display, Write};

/// Writes families of samples.
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        writeln!(self.0, "# HELP antfarm_network_{name} {help}\n# TYPE antfarm_network_{name} {kind}")
            .expect("a string takes all text");
    }
    fn sample(&mut self, name: &str, labels: impl Display, value: u64) {
        writeln!(self.0, "antfarm_network_{name}{labels} {value}").expect("a string takes all text");
    }
}

/// What is counted of each peer: name, kind, help, number.
type Family = (&'static str, &'static str, &'static str, fn(&PeerCounts) -> u64);

const FAMILIES: &[Family] = &[
    ("outgoing", "gauge", "Whether there is a connection to the peer.", |it| it.outgoing.into()),
    ("incoming", "gauge", "Whether there is a connection from the peer.", |it| it.incoming.into()),
    ("dialled_total", "counter", "How often the peer was dialled and welcomed us.", |it| it.dialled),
    ("accepted_total", "counter", "How often the peer dialled and proved its key.", |it| it.accepted),
    ("sent_total", "counter", "Messages handed over to a connection.", |it| it.sent),
    ("sent_bytes_total", "counter", "Their bytes, before encryption.", |it| it.sent_bytes),
    ("received_total", "counter", "Messages that arrived.", |it| it.received),
    ("received_bytes_total", "counter", "Their bytes, encoded.", |it| it.received_bytes),
    ("waiting", "gauge", "Messages that wait for the peer.", |it| it.waiting),
    ("overflow_total", "counter", "Messages dropped because too many waited.", |it| it.dropped_overflow),
    ("long_total", "counter", "Messages dropped because they were too long.", |it| it.dropped_long),
    ("broken_total", "counter", "Messages lost with a connection while they were handed over.", |it| it.dropped_broken),
];

impl Counts {
    /// The same as text that Prometheus scrapes (exposition format 0.0.4), where each peer is called by its `name`. Names of
    /// families begin with `antfarm_network_`.
    pub fn prometheus(&self, name: impl Fn(PeerId) -> String) -> String {
        let mut text = Text(String::new());
        let called = |peer: &PeerId| name(*peer).escape_default().to_string();
        for (name, kind, help, number) in FAMILIES {
            text.family(name, kind, help);
            for (peer, counts) in &self.peers {
                text.sample(name, format_args!("{{peer=\"{}\"}}", called(peer)), number(counts));
            }
        }
        let name = "unreached_total";
        text.family(name, "counter", "Attempts to dial the peer that failed, by why.");
        for (peer, counts) in &self.peers {
            for (why, times) in &counts.refused {
                text.sample(name, format_args!("{{peer=\"{}\",why=\"{}\"}}", called(peer), why.name()), *times);
            }
        }
        let name = "closed_total";
        text.family(name, "counter", "Connections to and from the peer that ended, by why.");
        for (peer, counts) in &self.peers {
            for (why, times) in &counts.closed {
                text.sample(name, format_args!("{{peer=\"{}\",why=\"{}\"}}", called(peer), why.name()), *times);
            }
        }
        let name = "refused_total";
        text.family(name, "counter", "Connections that came in and were refused, by why.");
        for (why, times) in &self.refused {
            text.sample(name, format_args!("{{why=\"{}\"}}", why.name()), *times);
        }
        text.family("unknown_total", "counter", "Messages to somebody who is no peer.");
        text.sample("unknown_total", "", self.dropped_unknown);
        text.family("accept_failed_total", "counter", "How often accepting a connection failed.");
        text.sample("accept_failed_total", "", self.accept_failed);
        text.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Closing, Refusal};
    use std::collections::BTreeMap;

    #[test]
    fn what_was_counted_is_written_once_for_each_peer_and_reason() {
        let peer = PeerCounts {
            outgoing: true,
            sent: 7,
            refused: BTreeMap::from([(Refusal::WrongKey, 2)]),
            closed: BTreeMap::from([(Closing::Silent, 3)]),
            ..PeerCounts::default()
        };
        let counts = Counts {
            peers: BTreeMap::from([(PeerId::new(4), peer), (PeerId::new(5), PeerCounts::default())]),
            refused: BTreeMap::from([(Refusal::CrowdedAddress, 9)]),
            dropped_unknown: 1,
            accept_failed: 0,
        };
        let text = counts.prometheus(|peer| format!("n{peer}"));
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.ends_with(" 0")).collect();
        let expected = [
            "antfarm_network_outgoing{peer=\"n4\"} 1",
            "antfarm_network_sent_total{peer=\"n4\"} 7",
            "antfarm_network_unreached_total{peer=\"n4\",why=\"wrong_key\"} 2",
            "antfarm_network_closed_total{peer=\"n4\",why=\"silent\"} 3",
            "antfarm_network_refused_total{why=\"crowded_address\"} 9",
            "antfarm_network_unknown_total 1",
        ];
        assert_eq!(lines, expected);
        assert_eq!(text.matches("# TYPE").count(), FAMILIES.len() + 5);
    }
}

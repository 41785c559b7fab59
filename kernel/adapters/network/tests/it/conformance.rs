//! The contract of a network, kept over loopback sockets.

use super::node::{Message, Node, brisk, config, id, nowhere, start, until};
use antfarm_conformance::{Delivery, NetworkRig};
use antfarm_machine::{Network, PeerId};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Three nodes that are connected each way. Knows how much is under way: on loopback, once connected, nothing is lost.
struct Loopback {
    runtime: Runtime,
    nodes: Vec<Node>,
    under_way: usize,
}

impl Loopback {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let nodes = runtime.block_on(async {
            let mut nodes: Vec<Node> = Vec::new();
            for me in 1..=3 {
                let others: Vec<_> = (1..=3).filter(|it| *it != me).map(|it| (it, nowhere())).collect();
                nodes.push(start(config(me, brisk(), &others)).await);
            }
            let addresses: Vec<String> = nodes.iter().map(Node::address).collect();
            for (me, node) in (1..).zip(&nodes) {
                for (other, address) in (1..).zip(&addresses).filter(|(other, _)| *other != me) {
                    assert!(node.links.readdress(id(other), address.clone()));
                }
            }
            for (me, node) in (1..).zip(&nodes) {
                for other in (1..=3).filter(|it| *it != me) {
                    until(|| node.peer(other).dialled > 0, || format!("{me} to {other}: {:?}", node.peer(other))).await;
                }
            }
            nodes
        });
        Self { runtime, nodes, under_way: 0 }
    }
}

impl NetworkRig for Loopback {
    fn peers(&self) -> Vec<PeerId> {
        (1..=3).map(id).collect()
    }

    fn send(&mut self, from: PeerId, to: PeerId, message: Message) {
        self.under_way += usize::from((1..=3).contains(&to.number()));
        self.nodes[from.index() - 1].outbox.send(to, message);
    }

    fn next(&mut self) -> Option<Delivery> {
        // When nothing should be under way, a few beats are.
        let wait = if self.under_way > 0 { Duration::from_secs(20) } else { Duration::from_millis(50) };
        let [one, two, three] = &mut self.nodes[..] else { unreachable!("there are three nodes") };
        let (at, (from, message)) = self.runtime.block_on(async {
            tokio::select! {
                it = one.inbox.recv() => Some((1, it?)),
                it = two.inbox.recv() => Some((2, it?)),
                it = three.inbox.recv() => Some((3, it?)),
                () = tokio::time::sleep(wait) => None,
            }
        })?;
        self.under_way = self.under_way.saturating_sub(1);
        Some(Delivery { at: id(at), from, message })
    }
}

#[test]
fn connections_keep_the_contract_of_a_network() {
    antfarm_conformance::network(Loopback::new);
}

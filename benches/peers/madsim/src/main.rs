//! madsim on the works: `Endpoint` datagrams between nodes, and sleeping tasks.
//!
//! madsim takes over `clock_gettime` while a simulation runs, so the stopwatch is read outside of it. Each call of its network
//! also waits for 1 ms of simulated time, so a round trip takes 4 ms more than its latencies; that is left as it is.

#[cfg(not(madsim))]
compile_error!("build with RUSTFLAGS=\"--cfg madsim\": without it, madsim is the real network");

use madsim::net::Endpoint;
use madsim::runtime::{Handle, NodeHandle, Runtime};
use madsim::time::TimeHandle;
use peer_measure::{Pace, SEED, Work, bench};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

const PORT: u16 = 700;
/// Tags keep requests and replies apart on a node's one endpoint.
const REQUEST: u64 = 1;
const REPLY: u64 = 2;

fn main() -> ExitCode {
    bench("madsim", |work| match work {
        Work::Echo { nodes, rounds } => echo(nodes, rounds),
        Work::Timers { tasks, sleeps } => timers(tasks, sleeps),
    })
}

fn echo(nodes: u32, rounds: u32) -> Duration {
    let mut config = madsim::Config::default();
    config.net.send_latency = Duration::from_millis(1)..Duration::from_millis(10);
    Runtime::with_seed_and_config(SEED, config).block_on(async move {
        // Every endpoint is bound before the first request: a datagram to an unbound one is lost.
        let mut bound: Vec<(NodeHandle, Endpoint)> = Vec::new();
        for index in 0..nodes {
            let node = Handle::current().create_node().ip(address(index).ip()).build();
            let endpoint = node.spawn(Endpoint::bind(address(index))).await.expect("the node is up");
            bound.push((node, endpoint.expect("the port is free")));
        }
        let mut clients = Vec::new();
        for (index, (node, endpoint)) in (0..nodes).zip(&bound) {
            let server = endpoint.clone();
            drop(node.spawn(async move { serve(&server).await }));
            let (client, next) = (endpoint.clone(), address((index + 1) % nodes));
            clients.push(node.spawn(async move { request(&client, next, rounds).await }));
        }
        for client in clients {
            client.await.expect("the node is up").expect("nothing is lost");
        }
        TimeHandle::current().elapsed()
    })
}

async fn serve(endpoint: &Endpoint) -> io::Result<()> {
    let mut bytes = [0; 8];
    loop {
        let (_, from) = endpoint.recv_from(REQUEST, &mut bytes).await?;
        endpoint.send_to(from, REPLY, &bytes).await?;
    }
}

async fn request(endpoint: &Endpoint, to: SocketAddr, rounds: u32) -> io::Result<()> {
    let mut bytes = [0; 8];
    for round in 0..u64::from(rounds) {
        endpoint.send_to(to, REQUEST, &round.to_le_bytes()).await?;
        endpoint.recv_from(REPLY, &mut bytes).await?;
        assert_eq!(u64::from_le_bytes(bytes), round, "the reply answers this request");
    }
    Ok(())
}

fn timers(tasks: u32, sleeps: u32) -> Duration {
    Runtime::with_seed_and_config(SEED, madsim::Config::default()).block_on(async move {
        let sleepers = (0..tasks).map(|number| {
            madsim::task::spawn(async move {
                let mut pace = Pace::of_task(u64::from(number));
                for _ in 0..sleeps {
                    madsim::time::sleep(pace.draw()).await;
                }
            })
        });
        for sleeper in sleepers.collect::<Vec<_>>() {
            sleeper.await.expect("a sleeper does not panic");
        }
        TimeHandle::current().elapsed()
    })
}

/// 10.0.x.y of a node; up to 65,000 nodes.
fn address(index: u32) -> SocketAddr {
    let [_, _, high, low] = (index + 1).to_be_bytes();
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, high, low)), PORT)
}

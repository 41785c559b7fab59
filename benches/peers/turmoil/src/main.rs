//! turmoil on the works: UDP between hosts at its default tick of 1 ms, and sleeping tasks on one host.
//!
//! Its latency is exponential between the bounds in whole milliseconds, not uniform: with 1 to 10 ms its mean is about
//! 2.4 ms. Shorter flights mean fewer ticks, so the difference favours turmoil. A tick below 1 ms would make its clock and
//! tokio's disagree.

use peer_measure::{Pace, SEED, Work, bench};
use std::cell::Cell;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::JoinSet;
use turmoil::net::UdpSocket;

const SERVER: u16 = 700;
const CLIENT: u16 = 701;

fn main() -> ExitCode {
    bench("turmoil", |work| match work {
        Work::Echo { nodes, rounds } => echo(nodes, rounds),
        Work::Timers { tasks, sleeps } => timers(tasks, sleeps),
    })
}

fn builder() -> turmoil::Builder {
    let mut builder = turmoil::Builder::new();
    builder
        .rng_seed(SEED)
        .tick_duration(Duration::from_millis(1))
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(10))
        .simulation_duration(Duration::from_secs(1_000_000));
    builder
}

fn echo(nodes: u32, rounds: u32) -> Duration {
    let mut sim = builder().build();
    let finished = Rc::new(Cell::new(0));
    for index in 0..nodes {
        let (finished, next) = (Rc::clone(&finished), name((index + 1) % nodes));
        sim.host(name(index), move || {
            let (finished, next) = (Rc::clone(&finished), next.clone());
            async move {
                let server = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, SERVER)).await?;
                let client = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, CLIENT)).await?;
                let serving = tokio::spawn(async move { serve(&server).await });
                request(&client, (turmoil::lookup(next), SERVER), rounds).await?;
                finished.set(finished.get() + 1);
                // A host whose software ends takes its sockets with it; this one's neighbour may still be asking.
                serving.await??;
                Ok(())
            }
        });
    }
    // Hosts, not clients, and steps, not `run`: a client's sockets would close when it is done.
    while finished.get() < nodes {
        sim.step().expect("nothing is lost");
    }
    sim.elapsed()
}

async fn serve(socket: &UdpSocket) -> std::io::Result<()> {
    let mut bytes = [0; 8];
    loop {
        let (_, from) = socket.recv_from(&mut bytes).await?;
        socket.send_to(&bytes, from).await?;
    }
}

async fn request(socket: &UdpSocket, to: (std::net::IpAddr, u16), rounds: u32) -> std::io::Result<()> {
    let mut bytes = [0; 8];
    for round in 0..u64::from(rounds) {
        socket.send_to(&round.to_le_bytes(), to).await?;
        socket.recv_from(&mut bytes).await?;
        assert_eq!(u64::from_le_bytes(bytes), round, "the reply answers this request");
    }
    Ok(())
}

fn timers(tasks: u32, sleeps: u32) -> Duration {
    let mut sim = builder().build();
    sim.client("sleepers", async move {
        let mut sleepers = JoinSet::new();
        for number in 0..tasks {
            sleepers.spawn(async move {
                let mut pace = Pace::of_task(u64::from(number));
                for _ in 0..sleeps {
                    tokio::time::sleep(pace.draw()).await;
                }
            });
        }
        while let Some(sleeper) = sleepers.join_next().await {
            sleeper?;
        }
        Ok(())
    });
    sim.run().expect("a sleeper does not panic");
    sim.elapsed()
}

fn name(index: u32) -> String {
    format!("node-{index}")
}

//! moonpool on the works: TCP streams with every fault switched off, and sleeping tasks.
//!
//! Driven as its own runner drives it (one event, then every task that became ready), without the runner's reports and
//! invariants. It has no datagrams: a stream does more for each message than the other tools do.

use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use moonpool_sim::executor::{Executor, spawn, until_stalled};
use moonpool_sim::{
    LatencyDistribution, NetworkConfiguration, NetworkProvider, SimNetworkProvider, SimTimeProvider, SimWorld, TcpListenerTrait,
    TimeProvider,
};
use peer_measure::{Pace, SEED, Work, bench};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

fn main() -> ExitCode {
    bench("moonpool", |work| match work {
        Work::Echo { nodes, rounds } => simulate(nodes, |world, finished| {
            for index in 0..nodes {
                spawn("server", serve(world.network_provider(), address(index)));
            }
            for index in 0..nodes {
                let (network, next) = (world.network_provider(), address((index + 1) % nodes));
                let finished = Arc::clone(finished);
                spawn("client", async move {
                    request(network, &next, rounds).await.expect("nothing is lost");
                    finished.fetch_add(1, Ordering::Relaxed);
                });
            }
        }),
        Work::Timers { tasks, sleeps } => simulate(tasks, |world, finished| {
            for number in 0..tasks {
                let (time, finished) = (world.time_provider(), Arc::clone(finished));
                spawn("sleeper", async move {
                    sleep(time, number, sleeps).await;
                    finished.fetch_add(1, Ordering::Relaxed);
                });
            }
        }),
    })
}

/// Runs what `start` spawns until `expected` tasks have counted themselves as finished; returns the simulated time.
fn simulate(expected: u32, start: impl FnOnce(&SimWorld, &Arc<AtomicU32>)) -> Duration {
    let mut network = NetworkConfiguration::fast_local();
    // The delay between a write and its arrival; the others (bind, connect, accept, read) stay at microseconds.
    network.write_latency = LatencyDistribution::Uniform { start: Duration::from_millis(1), end: Duration::from_millis(10) };
    let mut world = SimWorld::new_with_network_config_and_seed(network, SEED);
    let finished = Arc::new(AtomicU32::new(0));
    Executor::new(SEED).block_on(async {
        start(&world, &finished);
        until_stalled().await;
        while finished.load(Ordering::Relaxed) < expected {
            assert!(world.has_pending_events(), "nothing left to happen, but tasks still wait");
            world.step();
            until_stalled().await;
        }
    });
    world.current_time()
}

async fn serve(network: SimNetworkProvider, own: String) {
    let listener = network.bind(&own).await.expect("the address is free");
    let (mut stream, _) = listener.accept().await.expect("the neighbour connects");
    let mut bytes = [0; 8];
    // Ends when the client, done, drops its end.
    while stream.read_exact(&mut bytes).await.is_ok() {
        stream.write_all(&bytes).await.expect("the client waits for this");
    }
}

async fn request(network: SimNetworkProvider, to: &str, rounds: u32) -> std::io::Result<()> {
    let mut stream = network.connect(to).await?;
    let mut bytes = [0; 8];
    for round in 0..u64::from(rounds) {
        stream.write_all(&round.to_le_bytes()).await?;
        stream.read_exact(&mut bytes).await?;
        assert_eq!(u64::from_le_bytes(bytes), round, "the reply answers this request");
    }
    Ok(())
}

async fn sleep(time: SimTimeProvider, number: u32, sleeps: u32) {
    let mut pace = Pace::of_task(u64::from(number));
    for _ in 0..sleeps {
        time.sleep(pace.draw()).await.expect("the world is there");
    }
}

fn address(index: u32) -> String {
    let [_, _, high, low] = (index + 1).to_be_bytes();
    format!("10.0.{high}.{low}:700")
}

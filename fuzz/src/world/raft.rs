//! Three Raft servers, a client, and every choice that their world offers.
//!
//! Beside the oracles of `antfarm-raft`, which remember the whole walk, held in every state: at most one leader in a term, logs
//! that match, equal states where equally much was applied, and each server's own whole check.

use crate::Met;
use crate::draw::Draw;
use crate::world::{budget, conclude, walk};
use antfarm_machine::{PeerId, Span};
use antfarm_raft::{Command, Config, Node, Raft, oracle};
use antfarm_sim::scenario::{Cast, Subject};
use antfarm_sim::{Invariant, Nobody, Wander, World};

/// The client.
const CLIENT: PeerId = PeerId::new(3);

/// Snapshots come early and messages are short, so that a short walk meets both.
fn config() -> Config {
    Config { snapshot_every: 3, batch: 2, window: 24, vote_bytes: 200, heartbeat: Span::from_millis(20), ..Config::new(3) }
}

pub(super) fn wander(mut draw: Draw<'_>) -> Met {
    let machines: Vec<Node> = (0..4).map(|number| config().node(PeerId::new(number))).collect();
    let invariants = invariants(&machines);
    let mut world = World::new(machines, Nobody);
    let asks = draw.byte() % 12;
    for _ in 0..asks {
        world.want(CLIENT, command(&mut draw));
    }
    let budget = budget(&mut draw);
    let start = world.clone();
    let wander = Wander::new(world, budget, oracle::all(config())).unwrap_or_else(|failure| panic!("at the start: {failure}"));
    let booted = wander.recording().steps.len();
    let wander = walk(wander, &mut draw, |world| {
        for (name, holds) in &invariants {
            assert!(holds(world), "`{name}` does not hold");
        }
        for id in world.ids().filter(|id| world.is_up(*id)) {
            if let Some(server) = world.machine(id).as_server().filter(|server| server.is_serving()) {
                server.check();
            }
        }
    });
    conclude(&wander, start, booted)
}

/// What Raft says must hold in every state of a small world.
fn invariants(machines: &[Node]) -> Vec<Invariant<Node, Nobody>> {
    let search = Raft.search(&Cast::of(machines.to_vec(), Nobody));
    search.expect("small clusters can be searched").invariants
}

fn command(draw: &mut Draw<'_>) -> Command {
    let what = draw.byte();
    let (key, value) = (u16::from(what / 4 % 2), u64::from(what / 8));
    match what % 4 {
        0 => Command::Get { key },
        1 => Command::Put { key, value },
        2 => Command::Add { key, by: value },
        _ => Command::Cas { key, expect: value % 4, value },
    }
}

//! Raft as scenarios know it: `machine = "raft"`.

use crate::{Command, Config, MAX_SERVERS, Node, Role, Server, oracle};
use antfarm_machine::{PeerId, Span};
use antfarm_sim::scenario::{Cast, Form, Key, Nodes, Recipe, Search, Section, Subject, Trouble};
use antfarm_sim::{Dice, Family, FoldHasher, Nobody, Oracle, World};
use std::boxed::Box;
use std::format;
use std::hash::Hash;
use std::sync::Arc;
use std::vec;
use std::vec::Vec;

/// A cluster of Raft servers and its clients; scenarios call it `raft`.
///
/// The first `servers` nodes are servers, all others clients; [`Config`] says what the other keys of `config` mean. The core
/// of the second phase is a bare majority of the servers, drawn by seed, and all clients.
#[derive(Clone, Copy, Debug, Default)]
pub struct Raft;

type RaftCast = Cast<Node, Nobody>;

const CONFIG: &[Key] = &[
    Key::new(
        "servers",
        Form::Count(1, MAX_SERVERS as u64),
        "How many nodes, from the first on, are servers; the rest are clients; without it all.",
    ),
    Key::new("election", Form::Spread, "The range that election timeouts are drawn from; without it 150ms..300ms."),
    Key::new("heartbeat", Form::Span, "How often an idle leader speaks; without it 50ms."),
    Key::new("retry", Form::Span, "How long a client waits before it asks another server; without it 250ms."),
    Key::new("reopen", Form::Span, "How long a server whose disk failed waits before it reads it again; without it 100ms."),
    Key::new("snapshot_every", Form::Count(0, 1 << 20), "Entries between snapshots, 0 for none; without it 64."),
    Key::new("batch", Form::Count(1, 1 << 16), "The most entries in one message or write; without it 32."),
    Key::new(
        "window",
        Form::Count(8, 1 << 20),
        "The most entries that a log holds, at least eight times `snapshot_every`; without it 1024.",
    ),
    Key::new("reads", Form::Count(1, 1 << 20), "The most reads that a leader keeps waiting; without it 256."),
    Key::new("sessions", Form::Count(1, 1 << 20), "The most clients that are remembered; without it 256."),
    Key::new("queue", Form::Count(0, 1 << 20), "The most operations that wait at a client; without it 16."),
];

const KEY: Form = Form::Count(0, 65_535);
const NUMBER: Form = Form::Count(0, u64::MAX);

const ASKS: &[Key] = &[
    Key::new("get", KEY, "Read this key."),
    Key::new("put", KEY, "Write this key."),
    Key::new("add", KEY, "Add to this key."),
    Key::new("cas", KEY, "Write this key if it holds what is expected."),
    Key::new("mix", Form::Count(1, 65_536), "Each time one of the four, drawn, on one of so many keys."),
    Key::new("value", NUMBER, "What is written or added; without it the ordinal of the ask."),
    Key::new("expect", NUMBER, "What `cas` expects; without it 0."),
    Key::new("reads", Form::Count(0, 100), "How many of a hundred asks of a `mix` only read; without it 25."),
];

/// The words one of which a row of asks needs.
const VERBS: [&str; 5] = ["get", "put", "add", "cas", "mix"];

/// Reached in every scenario in which anything happens at all: oracles that judged something.
const MARKS: &[&str] =
    &["oracle.election", "oracle.leader_completeness", "oracle.linearizability", "oracle.log_matching", "oracle.state_machine"];

/// What a cluster survives without help: everything but disks that lose what they acknowledged. Rot is among it, because a
/// server notices, and falls silent.
const TOLERATED: &[Family] = &[
    Family::Uniform,
    Family::Exponential,
    Family::Bimodal,
    Family::Loss,
    Family::Duplication,
    Family::Reordering,
    Family::Corruption,
    Family::OneWayCut,
    Family::TwoWayCut,
    Family::Hold,
    Family::Crash,
    Family::Pause,
    Family::ClockOffset,
    Family::ClockDrift,
    Family::ClockStep,
    Family::ClockFreeze,
    Family::DiskLatency,
    Family::Torn,
    Family::LostSync,
    Family::FailedSync,
    Family::Full,
    Family::Rot,
];

impl Subject for Raft {
    type Machine = Node;
    type Outside = Nobody;

    fn name(&self) -> &'static str {
        "raft"
    }

    fn purpose(&self) -> &'static str {
        "a replicated store of numbers: Raft servers that elect a leader and keep a log, and clients that read and write"
    }

    fn tolerates(&self) -> Vec<Family> {
        TOLERATED.to_vec()
    }

    fn marks(&self) -> &'static [&'static str] {
        MARKS
    }

    fn config(&self) -> &'static [Key] {
        CONFIG
    }

    fn asks(&self) -> &'static [Key] {
        ASKS
    }

    fn cast(&self, nodes: &Nodes, section: &Section) -> Result<RaftCast, Trouble> {
        let config = configure(nodes.len(), section)?;
        let machines = nodes.ids().into_iter().map(|id| config.node(id)).collect();
        let clients = nodes.ids().into_iter().filter(|&id| !config.is_server(id)).collect();
        Ok(Cast { clients, ..Cast::of(machines, Nobody) })
    }

    fn ask(&self, row: &Section, _: &RaftCast) -> Result<Recipe<Command>, Trouble> {
        let verbs: Vec<&str> = VERBS.into_iter().filter(|verb| row.has(verb)).collect();
        let [verb] = verbs.as_slice() else {
            return Err(row.refuse(verbs.get(1).unwrap_or(&"get"), "say one of `get`, `put`, `add`, `cas` and `mix`"));
        };
        let number = |name: &str| row.count(name);
        let key = u16::try_from(number(verb).unwrap_or(0).min(65_535)).unwrap_or(0);
        let (value, expect) = (number("value"), number("expect").unwrap_or(0));
        Ok(match *verb {
            "get" => Arc::new(move |_, _| Command::Get { key }),
            "put" => Arc::new(move |_, nth| Command::Put { key, value: value.unwrap_or(nth) }),
            "add" => Arc::new(move |_, nth| Command::Add { key, by: value.unwrap_or(nth) }),
            "cas" => Arc::new(move |_, nth| Command::Cas { key, expect, value: value.unwrap_or(nth) }),
            _ => {
                let (keys, reads) = (number("mix").unwrap_or(1), number("reads").unwrap_or(25));
                Arc::new(move |dice, nth| mixed(dice, nth, keys, reads))
            }
        })
    }

    fn core(&self, cast: &RaftCast, dice: &mut Dice) -> Vec<PeerId> {
        let mut servers: Vec<PeerId> = peers(cast).filter(|id| !cast.clients.contains(id)).collect();
        dice.shuffle(&mut servers);
        servers.truncate(servers.len() / 2 + 1);
        servers.sort_unstable();
        servers.extend(&cast.clients);
        servers
    }

    fn oracles(&self, cast: &RaftCast) -> Vec<Box<dyn Oracle<Node, Nobody>>> {
        let config = cast.machines.iter().find_map(Node::as_server).map(|server| server.config);
        oracle::all(config.expect("a cluster has a server"))
    }

    /// Numbers of tickets and starts tell no states apart: they only say how long the way here was.
    fn search(&self, _: &RaftCast) -> Option<Search<Node, Nobody>> {
        Some(Search {
            invariants: vec![("election", one_leader), ("log-matching", same_logs), ("state-machine", same_state)],
            view,
            disks: true,
            within: |_| true,
        })
    }
}

fn peers(cast: &RaftCast) -> impl Iterator<Item = PeerId> + use<> {
    (0..u32::try_from(cast.machines.len()).unwrap_or(u32::MAX)).map(PeerId::new)
}

fn configure(nodes: usize, section: &Section) -> Result<Config, Trouble> {
    let count = |key: &str| section.count(key);
    let size = |key: &str, usual: usize| count(key).and_then(|it| usize::try_from(it).ok()).unwrap_or(usual);
    let servers = size("servers", nodes);
    let most = nodes.min(MAX_SERVERS as usize);
    let Some(servers) = u32::try_from(servers).ok().filter(|_| servers <= most) else {
        return Err(section.refuse("servers", format!("there can be at most {most} servers among these nodes")));
    };
    let mut config = Config::new(servers);
    if let Some(election) = section.spread("election") {
        let span = |nanos: i64| Span::from_nanos(nanos.unsigned_abs());
        (config.election_min, config.election_max) = (span(election.low()), span(election.high()));
    }
    config.heartbeat = section.span("heartbeat").unwrap_or(config.heartbeat);
    config.retry = section.span("retry").unwrap_or(config.retry);
    config.reopen = section.span("reopen").unwrap_or(config.reopen);
    config.snapshot_every = count("snapshot_every").unwrap_or(config.snapshot_every);
    config.batch = size("batch", config.batch);
    config.window = size("window", config.window);
    config.reads = size("reads", config.reads);
    config.sessions = size("sessions", config.sessions);
    config.queue = size("queue", config.queue);
    if config.heartbeat >= config.election_min {
        return Err(section.refuse("heartbeat", "a leader must speak more often than its followers lose patience: `election`"));
    }
    if config.snapshot_every * 8 > config.window as u64 {
        return Err(section.refuse("snapshot_every", "the log must hold eight times as many entries: `window`"));
    }
    Ok(config)
}

/// A command of any kind. Half of what is written is small, so that a `cas` may find what it expects; the other half is unique,
/// so that a stale read shows.
fn mixed(dice: &mut Dice, nth: u64, keys: u64, reads: u64) -> Command {
    let key = u16::try_from(dice.below(keys)).unwrap_or(0);
    if dice.below(100) < reads {
        return Command::Get { key };
    }
    let value = if dice.below(2) == 0 { dice.below(20) } else { 1000 + nth };
    match dice.below(3) {
        0 => Command::Put { key, value },
        1 => Command::Add { key, by: 1 + dice.below(9) },
        _ => Command::Cas { key, expect: dice.below(20), value },
    }
}

fn servers(world: &World<Node, Nobody>) -> impl Iterator<Item = &Server> {
    let up = world.ids().filter(|&id| world.is_up(id));
    up.filter_map(|id| world.machine(id).as_server()).filter(|server| server.is_serving())
}

/// Whether something holds of any two servers that serve.
fn any_two(world: &World<Node, Nobody>, holds: impl Fn(&Server, &Server) -> bool) -> bool {
    (1..).zip(servers(world)).all(|(next, one)| servers(world).skip(next).all(|other| holds(one, other)))
}

/// There is at most one leader in a term, as far as can be seen at one moment.
fn one_leader(world: &World<Node, Nobody>) -> bool {
    any_two(world, |one, other| one.term() != other.term() || one.role() != Role::Leader || other.role() != Role::Leader)
}

/// Up to the last entry that two logs have in common, in position and term, they are the same.
fn same_logs(world: &World<Node, Nobody>) -> bool {
    any_two(world, |one, other| {
        let first = one.first_index().max(other.first_index());
        let mut both = (first..=one.last_index().min(other.last_index())).rev();
        let same_term = |index: &u64| one.term_at(*index) == other.term_at(*index);
        let Some(last) = both.find(same_term) else { return true };
        one.entry(last) == other.entry(last) && both.all(|index| one.entry(index) == other.entry(index))
    })
}

/// What two servers committed is the same, and so is what they made of it.
fn same_state(world: &World<Node, Nobody>) -> bool {
    any_two(world, |one, other| {
        let first = one.first_index().max(other.first_index());
        let mut both = first..=one.commit_index().min(other.commit_index());
        let same_digest = one.applied_index() != other.applied_index() || one.state_digest() == other.state_digest();
        same_digest && both.all(|index| one.entry(index) == other.entry(index))
    })
}

fn view(node: &Node, hasher: &mut FoldHasher) {
    match node {
        Node::Server(server) => {
            let Server { config: _, id, incarnation: _, phase, disk, ballot, stance, log, journal, snapshot, .. } = &**server;
            (id, phase, disk.idle(), ballot, stance, log, journal, snapshot).hash(hasher);
            (server.commit, server.applied, &server.state).hash(hasher);
        }
        Node::Client(client) => client.hash(hasher),
    }
}

//! Raft as scenarios know it: `machine = "raft"`.

use crate::oracle;
use crate::{Command, Config, MAX_SERVERS, Node, Role, Server};
use antfarm_machine::{PeerId, Span};
use antfarm_sim::scenario::{Cast, Form, Key, Nodes, Recipe, Search, Section, Subject, Trouble};
use antfarm_sim::{Dice, Family, Nobody, Oracle, World};
use std::boxed::Box;
use std::hash::Hash;
use std::sync::Arc;
use std::vec;
use std::vec::Vec;

/// The subject: servers first, then clients; see [`Config`] for what the keys of `config` mean.
#[derive(Clone, Copy, Debug, Default)]
pub struct Raft;

const CONFIG: &[Key] = &[
    Key::new(
        "servers",
        Form::Count(1, MAX_SERVERS as u64),
        "How many nodes, from the first on, are servers; the rest are clients; without it all.",
    ),
    Key::new("election", Form::Spread, "How long a server waits for a leader; without it 150ms..300ms."),
    Key::new("heartbeat", Form::Span, "How often a leader speaks; without it 50ms."),
    Key::new("retry", Form::Span, "How long a client waits for an answer; without it 250ms."),
    Key::new("snapshot_every", Form::Count(0, 1 << 20), "Entries between snapshots, 0 for none; without it 64."),
    Key::new("batch", Form::Count(1, 1024), "The most entries in one message or write; without it 32."),
    Key::new("window", Form::Count(4, 1 << 20), "The most entries that a log holds; without it 1024."),
];

const ASKS: &[Key] = &[
    Key::new("mix", Form::Count(1, 1 << 16), "Any operation on any of so many keys."),
    Key::new("reads", Form::Count(0, 100), "Of a mix, how many percent are reads; without it 25."),
    Key::new("get", Form::Count(0, u16::MAX as u64), "Reads this key."),
    Key::new("put", Form::Count(0, u16::MAX as u64), "Writes `value` to this key."),
    Key::new("add", Form::Count(0, u16::MAX as u64), "Adds `value` to this key."),
    Key::new("cas", Form::Count(0, u16::MAX as u64), "Writes `value` to this key where it holds `expect`."),
    Key::new("value", Form::Count(0, u64::MAX), "What is written or added; without it the ordinal of the ask."),
    Key::new("expect", Form::Count(0, u64::MAX), "What `cas` expects; without it 0."),
];

const OPERATIONS: [&str; 5] = ["mix", "get", "put", "add", "cas"];

impl Subject for Raft {
    type Machine = Node;
    type Outside = Nobody;

    fn name(&self) -> &'static str {
        "raft"
    }

    fn purpose(&self) -> &'static str {
        "servers that agree on a log, and clients that use it"
    }

    /// All but what makes a disk forget what it acknowledged: that is outside Raft's model.
    fn tolerates(&self) -> Vec<Family> {
        let forgets = [Family::LyingSync, Family::LostEntry, Family::Misdirected, Family::ReplacedDisk];
        Family::ALL.iter().copied().filter(|family| !forgets.contains(family)).collect()
    }

    fn config(&self) -> &'static [Key] {
        CONFIG
    }

    fn asks(&self) -> &'static [Key] {
        ASKS
    }

    fn cast(&self, nodes: &Nodes, config: &Section) -> Result<Cast<Node, Nobody>, Trouble> {
        let all = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        let small = |key| config.count(key).map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        let servers = config.count("servers").map_or(all, |count| u32::try_from(count).unwrap_or(u32::MAX));
        if servers > all || servers > MAX_SERVERS {
            return Err(config.refuse("servers", std::format!("there are {all} nodes, and at most {MAX_SERVERS} servers")));
        }
        let usual = Config::new(servers);
        let span = |nanos: i64| Span::from_nanos(u64::try_from(nanos).unwrap_or(0));
        let election = config.spread("election");
        let config_of = Config {
            election_min: election.map_or(usual.election_min, |it| span(it.low())),
            election_max: election.map_or(usual.election_max, |it| span(it.high())),
            heartbeat: config.span("heartbeat").unwrap_or(usual.heartbeat),
            retry: config.span("retry").unwrap_or(usual.retry),
            snapshot_every: config.count("snapshot_every").unwrap_or(usual.snapshot_every),
            batch: small("batch").unwrap_or(usual.batch),
            window: small("window").unwrap_or(usual.window),
            ..usual
        };
        if config_of.heartbeat >= config_of.election_min {
            return Err(config.refuse("heartbeat", "a leader speaks more often than its followers lose patience (`election`)"));
        }
        let machines = (0..all).map(|node| config_of.node(PeerId::new(node))).collect();
        let clients = (servers..all).map(PeerId::new).collect();
        Ok(Cast { clients, ..Cast::of(machines, Nobody) })
    }

    fn ask(&self, row: &Section, _: &Cast<Node, Nobody>) -> Result<Recipe<Command>, Trouble> {
        let named: Vec<&str> = OPERATIONS.into_iter().filter(|key| row.has(key)).collect();
        let [operation] = named.as_slice() else {
            return Err(row.refuse("mix", "an ask is one of `mix`, `get`, `put`, `add` and `cas`"));
        };
        let number = row.count(operation).unwrap_or(0);
        let (value, expect, reads) = (row.count("value"), row.count("expect").unwrap_or(0), row.count("reads").unwrap_or(25));
        let key = u16::try_from(number).unwrap_or(u16::MAX);
        Ok(match *operation {
            "get" => Arc::new(move |_, _| Command::Get { key }),
            "put" => Arc::new(move |_, nth| Command::Put { key, value: value.unwrap_or(nth) }),
            "add" => Arc::new(move |_, nth| Command::Add { key, by: value.unwrap_or(nth) }),
            "cas" => Arc::new(move |_, nth| Command::Cas { key, expect, value: value.unwrap_or(nth) }),
            _ => Arc::new(move |dice, nth| mixed(dice, nth, number, reads)),
        })
    }

    /// A random majority of the servers, and all clients.
    fn core(&self, cast: &Cast<Node, Nobody>, dice: &mut Dice) -> Vec<PeerId> {
        let (mut servers, clients): (Vec<_>, Vec<_>) =
            (0..).map(PeerId::new).zip(&cast.machines).partition(|(_, machine)| machine.as_server().is_some());
        dice.shuffle(&mut servers);
        servers.truncate(servers.len() / 2 + 1);
        servers.into_iter().chain(clients).map(|(id, _)| id).collect()
    }

    fn oracles(&self, cast: &Cast<Node, Nobody>) -> Vec<Box<dyn Oracle<Node, Nobody>>> {
        let config = cast.machines.iter().find_map(Node::as_server).map(|server| server.config);
        oracle::all(config.expect("a cluster has a server"))
    }

    fn search(&self, _: &Cast<Node, Nobody>) -> Option<Search<Node, Nobody>> {
        Some(Search {
            invariants: vec![("election", one_leader), ("state-machine", same_entries)],
            view: |node, hasher| node.hash(hasher),
            disks: true,
            within: |_| true,
        })
    }
}

fn mixed(dice: &mut Dice, nth: u64, keys: u64, reads: u64) -> Command {
    let key = u16::try_from(dice.below(keys)).unwrap_or(0);
    if dice.below(100) < reads {
        return Command::Get { key };
    }
    match dice.below(3) {
        0 => Command::Put { key, value: nth },
        1 => Command::Add { key, by: 1 + dice.below(9) },
        _ => Command::Cas { key, expect: dice.below(20), value: nth },
    }
}

fn servers(world: &World<Node, Nobody>) -> impl Iterator<Item = &Server> {
    let serving = world.ids().filter(|id| world.is_up(*id)).filter_map(|id| world.machine(id).as_server());
    serving.filter(|server| server.is_serving())
}

/// At most one leader per term.
fn one_leader(world: &World<Node, Nobody>) -> bool {
    let leaders = || servers(world).filter(|server| server.role() == Role::Leader);
    (0..).zip(leaders()).all(|(at, one)| leaders().skip(at + 1).all(|other| other.term() != one.term()))
}

/// What two servers both committed is the same, and so is what they made of it.
fn same_entries(world: &World<Node, Nobody>) -> bool {
    let agree = |one: &Server, other: &Server| {
        let common = one.commit_index().min(other.commit_index());
        let from = one.first_index().max(other.first_index());
        let equal = |index| match (one.term_at(index), other.term_at(index)) {
            (Some(a), Some(b)) => a == b,
            (None, _) | (_, None) => true,
        };
        let applied = one.applied_index() != other.applied_index() || one.state_digest() == other.state_digest();
        applied && (from..=common).all(equal)
    };
    (0..).zip(servers(world)).all(|(at, one)| servers(world).skip(at + 1).all(|other| agree(one, other)))
}

//! `ledger`: nodes that keep a log each, and remember each other's heads.

use crate::oracle;
use crate::put::put;
use crate::size::Sizes;
use antfarm_identity::{Digest, Domain, Signer};
use antfarm_ledger::{Ask, Config, Depth, Keeper, KeeperConfig, MAX_SEGMENT, Notice};
use antfarm_machine::{MAX_APPEND, Machine, PeerId, Span};
use antfarm_sim::scenario::{Cast, Form, Key, Nodes, Recipe, Section, Subject, Trouble};
use antfarm_sim::{Dice, Family, Nobody, Odds, Oracle, Simulated};
use std::sync::Arc;

const LOG: Domain = Domain::new("antfarm 2026 ledger scenario log");

/// How far back a put that is asked again lies at most: well within what a keeper remembers.
const AGAIN: u64 = 8;

/// The shortest wait that may be configured: a timer of nothing would ring for ever in one instant.
const LEAST: Span = Span::from_millis(1);

/// A machine that keeps a ledger: a keeper, or what has one inside. Oracles see nothing else of it.
pub trait Keeping: Simulated + Machine<Notice = Notice> {
    /// The keeper.
    fn keeper(&self) -> &Keeper;
}

impl Keeping for Keeper {
    fn keeper(&self) -> &Keeper {
        self
    }
}

/// Keepers of ledgers; scenarios call them `ledger`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ledgers;

impl Ledgers {
    /// How node `nth` of `count` is set up where a scenario says nothing: every other node is its witness.
    pub fn keeper(nth: u32, count: u32) -> KeeperConfig {
        let log = Digest::of(LOG, &nth.to_le_bytes());
        let others = (0..count).filter(|other| *other != nth);
        KeeperConfig {
            ledger: Config::new(log, Signer::insecure(u64::from(nth))),
            witnesses: others.map(PeerId::new).collect(),
            reopen_after: Span::from_secs(1),
            checkpoint_every: Span::from_secs(10),
        }
    }
}

impl Subject for Ledgers {
    type Machine = Keeper;
    type Outside = Nobody;

    fn name(&self) -> &'static str {
        "ledger"
    }

    fn purpose(&self) -> &'static str {
        "nodes that keep a ledger each, and remember each other's heads"
    }

    fn tolerates(&self) -> Vec<Family> {
        Family::ALL.to_vec()
    }

    fn marks(&self) -> &'static [&'static str] {
        &["oracle.chain", "oracle.acknowledged"]
    }

    fn config(&self) -> &'static [Key] {
        const {
            &[
                Key::new(
                    "segment_bytes",
                    Form::Count(1, MAX_SEGMENT as u64),
                    "A longer segment is followed by a new one; 64 MiB.",
                ),
                Key::new("pending_bytes", Form::Count(1, MAX_APPEND as u64), "Bytes that may wait for the disk; 1 MiB."),
                Key::new("checkpoint_every", Form::Span, "How often a checkpoint is written, if there is anything new; 10s."),
                Key::new("reopen_after", Form::Span, "How long it waits before it reopens a log that stopped; 1s."),
                Key::new("depth", Form::Word(&["tail", "whole"]), "How much of the log is checked when it is opened; `tail`."),
            ]
        }
    }

    fn asks(&self) -> &'static [Key] {
        const {
            &[
                Key::new("put", Form::Text, "How many bytes to put: \"1kb\", or a range \"64b..2kb\". Ids count up in each row.")
                    .required(),
                Key::new("again", Form::Odds, "How often one of the latest puts is asked again instead; without it never."),
            ]
        }
    }

    fn cast(&self, nodes: &Nodes, config: &Section) -> Result<Cast<Keeper, Nobody>, Trouble> {
        for key in ["checkpoint_every", "reopen_after"] {
            if config.span(key).is_some_and(|span| span < LEAST) {
                return Err(config.refuse(key, "wait at least 1ms"));
            }
        }
        let count = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        let bytes = |key| config.count(key).and_then(|bytes| u32::try_from(bytes).ok());
        let machine = |nth| {
            let mut it = Self::keeper(nth, count);
            it.ledger.segment_bytes = bytes("segment_bytes").unwrap_or(it.ledger.segment_bytes);
            it.ledger.pending_bytes = bytes("pending_bytes").unwrap_or(it.ledger.pending_bytes);
            it.checkpoint_every = config.span("checkpoint_every").unwrap_or(it.checkpoint_every);
            it.reopen_after = config.span("reopen_after").unwrap_or(it.reopen_after);
            it.ledger.depth = match config.word("depth") {
                Some("whole") => Depth::Whole,
                Some(_) | None => Depth::Tail,
            };
            Keeper::new(it)
        };
        Ok(Cast::of((0..count).map(machine).collect(), Nobody))
    }

    fn ask(&self, row: &Section, _: &Cast<Keeper, Nobody>) -> Result<Recipe<Ask>, Trouble> {
        let text = row.text("put").unwrap_or_default();
        let sizes = Sizes::parse(&text).map_err(|bad| row.refuse("put", bad.to_string()))?;
        let again = row.spread("again").map_or((0, 0), |odds| (odds.low(), odds.high()));
        Ok(Arc::new(move |dice: &mut Dice, nth| {
            // A range of odds is a range of moods: each ask draws its own.
            let odds = dice.between(again.0.unsigned_abs(), again.1.unsigned_abs());
            let odds = u32::try_from(odds).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER);
            let back = if dice.hit(odds) { dice.between(1, AGAIN) } else { 0 };
            put(nth.saturating_sub(back).max(1), sizes)
        }))
    }

    /// At least one node stays outside, where there are two, so that disks may be damaged for good.
    fn core(&self, cast: &Cast<Keeper, Nobody>, dice: &mut Dice) -> Vec<PeerId> {
        let mut nodes: Vec<PeerId> = (0..).map(PeerId::new).take(cast.machines.len()).collect();
        if nodes.len() > 1 {
            dice.shuffle(&mut nodes);
            nodes.truncate(1 + dice.index(cast.machines.len() - 1));
            nodes.sort_unstable();
        }
        nodes
    }

    fn oracles(&self, _: &Cast<Keeper, Nobody>) -> Vec<Box<dyn Oracle<Keeper, Nobody>>> {
        oracle::all()
    }
}

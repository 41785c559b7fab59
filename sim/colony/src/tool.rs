//! Scripted tools: a bank that is keyed, a store that is closable, mail that is blind, a clock that is read, and minds.
//!
//! A tool keeps its side of the contract by its own clock, of which it remembers the latest reading: until a call's deadline it
//! remembers the key, and after it does not begin. Mail, being blind, knows no keys: each call that it is told is a letter, also
//! one that a network doubled. A tool lasts: nothing that a scenario does takes its memory. What it was told and what it did is
//! counted for oracles, which nothing else sees.

use crate::errand::{Errand, Manner, Mood};
use crate::member::{Member, MemberTimer, Told};
use crate::mind::{THOUGHT, think};
use antfarm_authority::{Amount, Bytes, Calls, EffectKey, Tokens, Usdc};
use antfarm_identity::{Codec, from_bytes, to_bytes};
use antfarm_machine::{Effects, Input, Now, PeerId, Span, Wall, reached};
use antfarm_node::{Body, Call, Message, Outcome, Thought};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How late a late answer is.
const LATE: Span = Span::from_secs(20);

/// How often it forgets what is over.
const SWEEP: Span = Span::from_secs(1);

/// What kind of tool it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Trade {
    /// Pays from one purse: keyed.
    Bank,
    /// Puts values under names: closable.
    Store,
    /// Sends letters: blind.
    Mail,
    /// Tells the time: keyed, changes nothing.
    Clock,
    /// Thinks: keyed.
    Mind,
}

/// What the bank has before anything is paid, in millionths of a USDC.
pub const PURSE: u64 = 1_000_000_000_000;

/// A scripted tool.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Tool {
    trade: Trade,
    retention: Span,
    /// The latest that its clock ever read.
    latest: Wall,
    /// When it last forgot what is over.
    swept: Wall,
    known: BTreeMap<EffectKey, Known>,
    /// The same keys, by when they are forgotten.
    over: BTreeSet<(Wall, EffectKey)>,
    /// By account: what was paid to it; by name: how often it was put; by addressee: how many letters.
    books: BTreeMap<String, u64>,
    purse: u64,
    mood: Option<(Mood, u32)>,
    /// Of a mind: in what manner it thinks.
    manner: Manner,
    /// What members are called.
    names: Arc<[String]>,
    /// How often each key took effect.
    effects: BTreeMap<EffectKey, u32>,
    /// Of a blind tool: how often each key was heard.
    heard: BTreeMap<EffectKey, u32>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Known {
    outcome: Outcome,
    /// It is forgotten after this.
    until: Wall,
    caller: PeerId,
}

/// What a tool tells oracles.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum ToolTold {
    /// A call took effect.
    Acted {
        /// Which.
        key: EffectKey,
        /// For whom.
        caller: PeerId,
    },
    /// A call came too late, and nothing was done.
    TooLate {
        /// Which.
        key: EffectKey,
    },
}

impl Tool {
    /// A tool of this trade, which remembers keys for `retention` at least.
    pub fn new(trade: Trade, retention: Span) -> Self {
        Self {
            trade,
            retention,
            latest: Wall::ZERO,
            swept: Wall::ZERO,
            known: BTreeMap::new(),
            over: BTreeSet::new(),
            books: BTreeMap::new(),
            purse: if trade == Trade::Bank { PURSE } else { 0 },
            mood: None,
            manner: Manner::default(),
            names: Arc::new([]),
            effects: BTreeMap::new(),
            heard: BTreeMap::new(),
        }
    }

    /// The same among members with these names: minds know them.
    pub(crate) fn among(self, names: Arc<[String]>) -> Self {
        Self { names, ..self }
    }

    /// What kind of tool it is.
    pub const fn trade(&self) -> Trade {
        self.trade
    }

    /// How often each key took effect, in order of the keys.
    pub fn effects(&self) -> impl Iterator<Item = (EffectKey, u32)> {
        self.effects.iter().map(|(key, count)| (*key, *count))
    }

    /// How often this key took effect.
    pub fn acted(&self, key: EffectKey) -> u32 {
        self.effects.get(&key).copied().unwrap_or(0)
    }

    /// Whether it knows no keys: a call that it hears twice it does twice.
    pub const fn is_blind(&self) -> bool {
        match self.trade {
            Trade::Mail => true,
            Trade::Bank | Trade::Store | Trade::Clock | Trade::Mind => false,
        }
    }

    /// How often a blind tool heard this key. More often than it was sent: a network doubled it.
    pub fn heard(&self, key: EffectKey) -> u32 {
        self.heard.get(&key).copied().unwrap_or(0)
    }

    /// What is left in the purse.
    pub const fn purse(&self) -> u64 {
        self.purse
    }

    /// What its books say, in order of the names.
    pub fn books(&self) -> impl Iterator<Item = (&str, u64)> {
        self.books.iter().map(|(name, count)| (name.as_str(), *count))
    }

    /// How many keys it remembers; blind tools for late answers only.
    pub fn remembered(&self) -> usize {
        self.known.len()
    }

    pub(crate) fn step(&mut self, now: Now, input: Input<Member>, out: &mut Effects<'_, Member>) {
        self.latest = self.latest.max(now.wall);
        match input {
            Input::Asked(Errand::Fail { mood, times }) => self.mood = (times > 0).then_some((mood, times)),
            Input::Asked(Errand::Think { manner }) => self.manner = manner,
            Input::Heard { from, message: Message { body: Body::Call(call), .. } } => self.call(now, from, &call, out),
            Input::Heard { from, message: Message { body: Body::Close { key, deadline }, .. } } => {
                self.close(from, key, deadline, out);
            }
            Input::Rang(MemberTimer::Late(key)) => {
                if let Some(Known { outcome, caller, .. }) = self.known.get(&key).cloned() {
                    answer(caller, key, outcome, out);
                }
            }
            Input::Woke { .. }
            | Input::Asked(_)
            | Input::Heard { .. }
            | Input::Stored(_)
            | Input::Rang(MemberTimer::Node(_) | MemberTimer::Mischief) => {}
        }
    }

    fn call(&mut self, now: Now, from: PeerId, call: &Call, out: &mut Effects<'_, Member>) {
        let key = call.key;
        let latest = self.latest;
        // Not at every call: what is over is only kept a little longer.
        if latest > self.swept + SWEEP {
            self.swept = latest;
            while let Some((_, key)) = self.over.first().filter(|(until, _)| *until < latest).copied() {
                self.over.pop_first();
                self.known.remove(&key);
            }
        }
        if self.is_blind() {
            *self.heard.entry(key).or_default() += 1;
        } else if let Some(known) = self.known.get(&key).filter(|known| known.until >= latest) {
            reached!("tool.repeated");
            return answer(from, key, known.outcome.clone(), out);
        }
        // INVARIANT(deadline): it was perhaps done before, and forgotten since.
        if latest > call.deadline {
            reached!("tool.too_late");
            out.tell(Told::Tool(ToolTold::TooLate { key }));
            return answer(from, key, Outcome::Unclear, out);
        }
        let mood = self.mood.map(|(mood, _)| mood);
        self.mood = self.mood.and_then(|(mood, times)| (times > 1).then_some((mood, times - 1)));
        let until = call.deadline.max(latest + self.retention);
        let known = |outcome| Known { outcome, until, caller: from };
        match mood {
            Some(Mood::Deaf) => return reached!("tool.deaf"),
            Some(Mood::Before) => {
                reached!("tool.failed_before");
                let outcome = Outcome::Failed { spent: Amount::ZERO };
                self.remember(key, known(outcome.clone()));
                return answer(from, key, outcome, out);
            }
            Some(Mood::After | Mood::Silent | Mood::Late | Mood::Twice) | None => {}
        }
        if self.trade == Trade::Mind {
            self.misbehave(from, key, out);
        }
        let outcome = self.act(now, call);
        if matches!(outcome, Outcome::Done { .. }) {
            *self.effects.entry(key).or_default() += 1;
            out.tell(Told::Tool(ToolTold::Acted { key, caller: from }));
        }
        self.remember(key, known(outcome.clone()));
        match mood {
            None | Some(Mood::Deaf | Mood::Before) => answer(from, key, outcome, out),
            Some(Mood::Silent) => reached!("tool.silent"),
            Some(Mood::After) => {
                reached!("tool.failed_after");
                answer(from, key, Outcome::Unclear, out);
            }
            Some(Mood::Late) => {
                reached!("tool.late");
                out.arm(MemberTimer::Late(key), LATE);
            }
            Some(Mood::Twice) => {
                reached!("tool.twice");
                answer(from, key, outcome.clone(), out);
                answer(from, key, outcome, out);
            }
        }
    }

    fn act(&mut self, now: Now, call: &Call) -> Outcome {
        let number = <[u8; 8]>::try_from(call.args.bytes()).map_or(0, u64::from_le_bytes);
        let name = call.target.text().to_owned();
        let one = Amount { calls: Calls(1), ..Amount::ZERO };
        let done = |result: &[u8], spent| Outcome::Done { result: Bytes::new(result).unwrap_or_default(), spent };
        match self.trade {
            Trade::Bank if number > self.purse => Outcome::Failed { spent: one },
            Trade::Bank => {
                self.purse -= number;
                let paid = self.books.entry(name).or_default();
                *paid += number;
                done(&paid.to_le_bytes(), Amount { money: Usdc(number), ..one })
            }
            Trade::Store => {
                let count = self.books.entry(name).or_default();
                *count += 1;
                done(call.args.bytes(), one)
            }
            Trade::Mail => {
                *self.books.entry(name).or_default() += 1;
                done(b"", one)
            }
            Trade::Clock => done(&now.wall.as_nanos().to_le_bytes(), one),
            Trade::Mind => {
                let (said, tokens) = think(self.manner, call, &self.names);
                done(said.bytes(), Amount { tokens: Tokens(tokens), ..Amount::ZERO })
            }
        }
    }

    /// What a mind says besides, before it answers.
    fn misbehave(&self, from: PeerId, key: EffectKey, out: &mut Effects<'_, Member>) {
        match self.manner {
            Manner::Scripted | Manner::Random | Manner::Looping | Manner::Greedy | Manner::Babbling => {}
            Manner::Flooding => {
                reached!("mind.flooded");
                for nth in 0..32_u8 {
                    let made_up = from_bytes(&[nth; 32]).expect("any digest may be a key");
                    answer(from, made_up, Outcome::Failed { spent: Amount::ZERO }, out);
                }
            }
            Manner::Replaying => {
                for (earlier, known) in &self.known {
                    reached!("mind.replayed");
                    answer(from, *earlier, known.outcome.clone(), out);
                    answer(from, key, known.outcome.clone(), out);
                }
            }
            Manner::Contradicting => {
                reached!("mind.contradicted");
                let spent = Amount { tokens: Tokens(THOUGHT), ..Amount::ZERO };
                let thought = Thought { moves: Vec::new(), answer: Some(Bytes::new(b"no").unwrap_or_default()) };
                let result = Bytes::new(&to_bytes(&thought)).unwrap_or_default();
                answer(from, key, Outcome::Done { result, spent }, out);
            }
        }
    }

    fn close(&mut self, from: PeerId, key: EffectKey, deadline: Wall, out: &mut Effects<'_, Member>) {
        if self.trade != Trade::Store {
            return reached!("tool.cannot_close");
        }
        // It was perhaps done before, and forgotten since.
        if self.latest > deadline && !self.known.contains_key(&key) {
            return answer(from, key, Outcome::Unclear, out);
        }
        let until = deadline.max(self.latest + self.retention);
        let burned = || {
            reached!("tool.burned");
            Known { outcome: Outcome::Failed { spent: Amount::ZERO }, until, caller: from }
        };
        if !self.known.contains_key(&key) {
            self.remember(key, burned());
        }
        let outcome = self.known[&key].outcome.clone();
        answer(from, key, outcome, out);
    }

    fn remember(&mut self, key: EffectKey, known: Known) {
        let until = known.until;
        if let Some(before) = self.known.insert(key, known) {
            self.over.remove(&(before.until, key));
        }
        self.over.insert((until, key));
        assert_eq!(self.over.len(), self.known.len(), "each key is forgotten once");
    }
}

fn answer(to: PeerId, key: EffectKey, outcome: Outcome, out: &mut Effects<'_, Member>) {
    out.send(to, Message::bare(Body::Outcome { key, outcome }));
}

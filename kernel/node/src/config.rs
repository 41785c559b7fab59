//! How a node is set up: who it is, whom it knows, which tools it may call. It never changes while the node runs.

use crate::ask::Wish;
use crate::entity::EntityArgs;
use crate::redact::Secrets;
use crate::task::Context;
use alloc::collections::BTreeMap;
use antfarm_authority::{Amount, BadArgs, BadName, Body, Contract, Intent, Name, Offer, Tenant, Tools, TrustRoots, Usdc, WritId};
use antfarm_automata::entities::Suite;
use antfarm_identity::{Codec, Digest, Domain, PublicKey, Signer, from_bytes};
use antfarm_ledger as ledger;
use antfarm_machine::{PeerId, Span};

const LOG: Domain = Domain::new("antfarm 2026 node log");
const SECRETS: Domain = Domain::new("antfarm 2026 node secrets");
const NAME: Domain = Domain::new("antfarm 2026 node trajectory");

/// After how many records a node saves its state, if nothing else is configured.
const SAVE_EVERY: u64 = 1 << 16;

/// What a node is, and what it knows before it hears anything.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Config {
    /// The colony, and whose writs need no parent.
    pub roots: TrustRoots,
    /// On whose behalf it acts.
    pub tenant: Tenant,
    /// Its own key.
    pub signer: Signer,
    /// The other nodes: their addresses and keys.
    pub nodes: BTreeMap<PeerId, PublicKey>,
    /// The tools that it may call, and those that its entities are moved by.
    pub tools: Toolbox,
    /// What entities may live at it; see [`Config::with_suite`].
    pub suite: Option<Suite>,
    /// What must never be stored or sent. It is taken out of wishes before they are made intents, so no digest depends on it: a tool
    /// that needs a secret is told its name, and whoever carries out the call knows the secret.
    pub secrets: Secrets,
    /// How its log is kept.
    pub ledger: ledger::Config,
    /// How often it looks after what takes time: standing, vouchers, revocations that somebody may have missed.
    pub pulse: Span,
    /// How long it waits for a tool before the call is in doubt.
    pub patience: Span,
    /// How long it waits before it opens again a log that stopped.
    pub reopen_after: Span,
    /// How often, at most, it forgets what is over; counted in pulses.
    pub sweep: Span,
    /// After how many records it saves its state, so that a restart need not read those before; 0: never. Looked at in each pulse. A state
    /// whose world and calls have more than four times as many entries is saved more seldom: when there are as many records as a quarter of these.
    pub save_every: u64,
    /// The most effects that it remembers, at most [`crate::MAX_EFFECTS`]: after that it is busy until some are forgotten.
    pub max_effects: usize,
    /// Whether messages carry signed heads. Off only in small worlds that are searched exhaustively: heads tell apart the orders in
    /// which the same things happened.
    pub heads: bool,
}

impl Config {
    /// A node of this colony with this key that knows nobody yet.
    pub fn new(roots: TrustRoots, tenant: Tenant, signer: Signer) -> Self {
        let log = log_of(roots.colony(), &signer.public());
        Self {
            secrets: Secrets::new(signer.salt(SECRETS, 0)),
            ledger: ledger::Config { depth: ledger::Depth::Anchor, ..ledger::Config::new(log, signer.clone()) },
            roots,
            tenant,
            signer,
            nodes: BTreeMap::new(),
            tools: Toolbox::default(),
            suite: None,
            pulse: Span::from_secs(1),
            patience: Span::from_secs(2),
            reopen_after: Span::from_millis(500),
            sweep: Span::from_secs(600),
            save_every: SAVE_EVERY,
            max_effects: crate::state::MAX_EFFECTS,
            heads: true,
        }
    }

    /// The same with entities of these types: one more tool for each of their actions.
    ///
    /// # Errors
    ///
    /// A type and an action whose names together are no name of a tool.
    pub fn with_suite(mut self, suite: Suite) -> Result<Self, BadName> {
        let own = crate::entity::tools(&suite)?;
        self.tools = Toolbox::new(self.tools.0.into_values().chain(own));
        self.suite = Some(suite);
        Ok(self)
    }

    /// Its public key.
    pub fn me(&self) -> PublicKey {
        self.signer.public()
    }

    /// What a client's wish is, with what the node itself puts in, and without secrets; and under which writ.
    pub fn intent(&self, wish: Wish) -> (WritId, Intent) {
        self.completed(self.secrets.redact_wish(wish, false))
    }

    /// The same of what a run wants. What a mind is told is made of what was recorded without secrets, and is no text from which one
    /// could be taken.
    pub(crate) fn intent_of_run(&self, wish: Wish) -> (WritId, Intent) {
        let keep_args = self.tools.is_mind(&wish.tool);
        self.completed(self.secrets.redact_wish(wish, keep_args))
    }

    fn completed(&self, wish: Wish) -> (WritId, Intent) {
        let me = self.me();
        let Wish { writ, nonce, until, tool, target, args, rationale } = wish;
        (writ, Intent { tenant: self.tenant.clone(), author: me, origin: me, nonce, until, tool, target, args, rationale })
    }

    /// What a writ that this node gives is called.
    pub fn offered(&self, parent: Option<WritId>, offer: &Offer) -> WritId {
        let Offer { subject, nonce, home, grant } = offer.clone();
        Body { issuer: self.me(), subject, nonce, parent, home, grant }.id()
    }

    /// The address of the node with this key.
    pub(crate) fn address(&self, key: &PublicKey) -> Option<PeerId> {
        self.nodes.iter().find(|(_, other)| *other == key).map(|(peer, _)| *peer)
    }

    /// The trajectory of what the node does without a writ.
    pub(crate) fn trajectory(&self) -> Digest {
        own_trajectory(&self.ledger.log)
    }
}

/// The trajectory of what the node that keeps this log does without a writ.
pub(crate) fn own_trajectory(log: &Digest) -> Digest {
    Digest::of(NAME, log.as_bytes())
}

/// The id of the log that the node with this key keeps in this colony.
pub fn log_of(colony: Digest, key: &PublicKey) -> Digest {
    Digest::of(LOG, &antfarm_identity::to_bytes(&(colony, *key)))
}

/// What calls of a tool look like.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Form {
    /// Any bytes.
    Bytes,
    /// UTF-8.
    Text,
    /// Eight bytes: a number, little-endian, in this range, both ends included.
    Number {
        /// The least.
        low: u64,
        /// The greatest.
        high: u64,
    },
    /// A [`crate::Context`]: the tool is a mind.
    Context,
    /// [`crate::EntityArgs`]: the tool is an action of an entity of this node.
    Entity,
}

/// One tool as a node knows it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Tool {
    /// What it promises.
    pub contract: Contract,
    /// Where it is.
    pub peer: PeerId,
    /// What its arguments look like.
    pub form: Form,
    /// Whether the number that its arguments are is what the call costs, in millionths of a USDC.
    pub priced: bool,
    /// What kind of thing in the world its target is; none: what it does does not show there.
    pub entity: Option<Name>,
    /// What must be there before it is called.
    pub need: Need,
}

/// What must be in the world, as the node projects it, before a tool is called.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// A live entry for the target.
    Present,
    /// No live entry for the target.
    Absent,
}

/// The tools that a node knows, by name.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Toolbox(BTreeMap<Name, Tool>);

impl Toolbox {
    /// These tools; of two with one name the later counts.
    pub fn new(tools: impl IntoIterator<Item = Tool>) -> Self {
        Self(tools.into_iter().map(|tool| (tool.contract.tool.clone(), tool)).collect())
    }

    /// The tool of this name.
    pub fn tool(&self, name: &Name) -> Option<&Tool> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub(crate) fn tools(&self) -> impl Iterator<Item = &Tool> {
        self.0.values()
    }

    /// Whether the tool is an action of an entity of this node.
    pub(crate) fn is_entity(&self, name: &Name) -> bool {
        self.tool(name).is_some_and(|tool| tool.form == Form::Entity)
    }

    /// Whether the tool is a mind.
    pub(crate) fn is_mind(&self, name: &Name) -> bool {
        self.tool(name).is_some_and(|tool| tool.form == Form::Context)
    }

    /// What kind of thing the tool's target is.
    pub(crate) fn entity(&self, name: &Name) -> Option<&Name> {
        self.tool(name)?.entity.as_ref()
    }
}

impl Tools for Toolbox {
    fn contract(&self, tool: &Name) -> Option<&Contract> {
        self.tool(tool).map(|tool| &tool.contract)
    }

    fn cost(&self, contract: &Contract, intent: &Intent) -> Amount {
        let number = <[u8; 8]>::try_from(intent.args.bytes()).map(u64::from_le_bytes);
        match (self.tool(&contract.tool).is_some_and(|tool| tool.priced), number) {
            (true, Ok(number)) if number <= contract.cost.money.0 => Amount { money: Usdc(number), ..contract.cost },
            (true, _) | (false, _) => contract.cost,
        }
    }

    fn check_args(&self, contract: &Contract, intent: &Intent) -> Result<(), BadArgs> {
        let form = self.tool(&contract.tool).map(|tool| tool.form);
        let bytes = intent.args.bytes();
        match form {
            None => Err(BadArgs::Target),
            Some(Form::Bytes) => Ok(()),
            Some(Form::Text) => core::str::from_utf8(bytes)
                .map(|_| ())
                .map_err(|bad| BadArgs::Malformed { at: u32::try_from(bad.valid_up_to()).unwrap_or(u32::MAX) }),
            Some(Form::Context) => from_bytes::<Context>(bytes)
                .map(drop)
                .map_err(|bad| BadArgs::Malformed { at: u32::try_from(bad.offset).unwrap_or(u32::MAX) }),
            Some(Form::Entity) => from_bytes::<EntityArgs>(bytes)
                .map(drop)
                .map_err(|bad| BadArgs::Malformed { at: u32::try_from(bad.offset).unwrap_or(u32::MAX) }),
            Some(Form::Number { low, high }) => match <[u8; 8]>::try_from(bytes).map(u64::from_le_bytes) {
                Err(_) => Err(BadArgs::Malformed { at: u32::try_from(bytes.len().min(8)).unwrap_or(8) }),
                Ok(number) if number < low || number > high => Err(BadArgs::Range { field: 0 }),
                Ok(_) => Ok(()),
            },
        }
    }
}

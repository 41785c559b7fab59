//! What a node was configured with, to be written down: all but its key and its secrets.
//!
//! Rule kept: *no secret is in it*. Whoever makes a node from it brings a signer with the same public key, and reads the texts of its specs.
//!
//! The encoding of a node without specs is the one that it had before nodes had any; the texts follow behind it.

use crate::config::{Config, Form, Tool, Toolbox};
use crate::fact::VERSION;
use alloc::string::String;
use alloc::vec::Vec;
use antfarm_authority::{Tenant, TrustRoots};
use antfarm_automata::entities::Suite;
use antfarm_identity::{Codec, Digest, Malformed, PublicKey, Reader, Reason, Signer};
use antfarm_ledger as ledger;
use antfarm_machine::{MAX_APPEND, PeerId, Span};

/// A [`Config`] without secrets, with an encoding.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Setup {
    bare: Bare,
    specs: Vec<SpecText>,
}

/// A file that says what entities of a type do.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct SpecText {
    /// What messages call it.
    pub file: String,
    /// What it says.
    pub text: String,
}

/// All but the specs.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
struct Bare {
    version: u16,
    key: PublicKey,
    colony: Digest,
    roots: Vec<PublicKey>,
    tenant: Tenant,
    nodes: Vec<(PeerId, PublicKey)>,
    tools: Vec<Tool>,
    log: Digest,
    segment_bytes: u32,
    pending_bytes: u32,
    depth: ledger::Depth,
    pulse: Span,
    patience: Span,
    reopen_after: Span,
    sweep: Span,
    save_every: u64,
    max_effects: u64,
    heads: bool,
}

impl Setup {
    /// What a recording of a node calls its machine.
    pub const MACHINE: &str = "antfarm-node";

    /// How a node is configured. Of its suite there are only the tools: see [`Setup::with_specs`].
    pub fn of(config: &Config) -> Self {
        let Config { roots, tenant, signer, nodes, tools, secrets: _, ledger, .. } = config;
        let bare = Bare {
            version: VERSION,
            key: signer.public(),
            colony: roots.colony(),
            roots: roots.keys().collect(),
            tenant: tenant.clone(),
            nodes: nodes.iter().map(|(peer, key)| (*peer, *key)).collect(),
            tools: tools.tools().cloned().collect(),
            log: ledger.log,
            segment_bytes: ledger.segment_bytes,
            pending_bytes: ledger.pending_bytes,
            depth: ledger.depth,
            pulse: config.pulse,
            patience: config.patience,
            reopen_after: config.reopen_after,
            sweep: config.sweep,
            save_every: config.save_every,
            max_effects: config.max_effects as u64,
            heads: config.heads,
        };
        Self { bare, specs: Vec::new() }
    }

    /// The same with the texts that the node's suite was read from.
    pub fn with_specs(self, specs: Vec<SpecText>) -> Self {
        Self { specs, ..self }
    }

    /// The texts that the node's suite was read from.
    pub fn specs(&self) -> &[SpecText] {
        &self.specs
    }

    /// Which version of facts the node recorded; see [`VERSION`].
    pub const fn version(&self) -> u16 {
        self.bare.version
    }

    /// The node's public key.
    pub const fn key(&self) -> PublicKey {
        self.bare.key
    }

    /// The id of its log.
    pub const fn log(&self) -> Digest {
        self.bare.log
    }

    /// The configuration, with this signer and without secrets; `None` where no node is configured so, the signer is another's, or
    /// entities live at the node: then their specs are read first.
    pub fn config(self, signer: &Signer) -> Option<Config> {
        let has_entities = !self.specs.is_empty() || self.bare.tools.iter().any(|it| it.form == Form::Entity);
        if has_entities { None } else { self.bare.made(signer) }
    }

    /// The same of a node at which entities of this suite live.
    pub fn config_under(mut self, signer: &Signer, suite: Suite) -> Option<Config> {
        self.bare.tools.retain(|it| it.form != Form::Entity);
        self.bare.made(signer)?.with_suite(suite).ok()
    }
}

impl Codec for Setup {
    const KINDS: &'static [&'static str] = &["Setup"];

    fn encode(&self, out: &mut Vec<u8>) {
        self.bare.encode(out);
        if !self.specs.is_empty() {
            self.specs.encode(out);
        }
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let bare = Bare::decode(input)?;
        if input.remaining() == 0 {
            return Ok(Self { bare, specs: Vec::new() });
        }
        let specs = Vec::decode(input)?;
        // One encoding of each value: without specs there is nothing behind.
        if specs.is_empty() { Err(input.malformed(Reason::Illegal { what: "Setup" })) } else { Ok(Self { bare, specs }) }
    }
}

impl Bare {
    fn made(self, signer: &Signer) -> Option<Config> {
        let bounded = self.segment_bytes <= ledger::MAX_SEGMENT && self.pending_bytes as usize <= MAX_APPEND;
        let roots = TrustRoots::new(self.colony, self.roots).filter(|_| bounded && signer.public() == self.key)?;
        let mut config = Config::new(roots, self.tenant, signer.clone());
        config.nodes = self.nodes.into_iter().collect();
        config.tools = Toolbox::new(self.tools);
        config.ledger = ledger::Config {
            log: self.log,
            signer: signer.clone(),
            segment_bytes: self.segment_bytes,
            pending_bytes: self.pending_bytes,
            depth: self.depth,
        };
        (config.pulse, config.patience) = (self.pulse, self.patience);
        (config.reopen_after, config.sweep) = (self.reopen_after, self.sweep);
        (config.save_every, config.heads) = (self.save_every, self.heads);
        config.max_effects = usize::try_from(self.max_effects).ok()?;
        Some(config)
    }
}

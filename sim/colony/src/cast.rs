//! Who takes part: machines made of names and settings.

use crate::citizen::Citizen;
use crate::member::Member;
use crate::mind::THOUGHT;
use crate::tool::{Tool, Trade};
use crate::traitor::Traitor;
use antfarm_authority::{Amount, Calls, Class, Contract, Name, Resolution, Tenant, Tokens, TrustRoots, Usdc};
use antfarm_automata::entities::Suite;
use antfarm_identity::{Digest, Domain, Signer};
use antfarm_machine::{PeerId, Span, Wall};
use antfarm_node::{Config, Form, MAX_EFFECTS, Need, Node, Toolbox};
use std::collections::BTreeMap;
use std::sync::Arc;

const COLONY: Domain = Domain::new("antfarm 2026 colony in the simulator");

/// What wall clocks read when a run begins: 2021-01-01T00:00:00Z.
pub const BEGIN: Wall = Wall::from_nanos(1_609_459_200_000_000_000);

/// What all nodes know as a secret, and no disk and no message may show.
pub const SECRET: &[u8] = b"sk-colony-7f3a9c5e1d20";

/// The most that one payment may be, in millionths of a USDC.
pub(crate) const MOST: u64 = 100_000_000;

/// How a colony is set up, apart from who is in it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Settings {
    /// See [`Config::pulse`].
    pub pulse: Span,
    /// See [`Config::patience`].
    pub patience: Span,
    /// See [`Config::reopen_after`].
    pub reopen_after: Span,
    /// How long tools remember.
    pub retention: Span,
    /// See [`Config::sweep`].
    pub sweep: Span,
    /// See [`Config::save_every`].
    pub save: u64,
    /// See [`Config::max_effects`].
    pub max_effects: usize,
    /// See [`Config::heads`].
    pub heads: bool,
    /// See [`antfarm_ledger::Config::segment_bytes`].
    pub segment_bytes: u32,
    /// How often a traitor does something.
    pub mischief: Span,
    /// How many nodes on either side each node knows, in a ring of all that are no tools, besides the trust root, who knows
    /// everybody; without it all know each other.
    pub neighbours: Option<usize>,
    /// What entities may live at nodes.
    pub suite: Option<Suite>,
    /// Whether what an entity sets going may be refused although its spec counts on it: see [`crate::oracle::Reactions`].
    pub drops: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pulse: Span::from_secs(1),
            patience: Span::from_secs(2),
            reopen_after: Span::from_millis(500),
            retention: Span::from_secs(120),
            sweep: Span::from_secs(600),
            save: 1 << 16,
            max_effects: MAX_EFFECTS,
            heads: true,
            segment_bytes: 1 << 20,
            mischief: Span::from_millis(300),
            neighbours: None,
            suite: None,
            drops: true,
        }
    }
}

/// The key of the member with this number. Everybody knows it: for simulations only.
pub fn signer(peer: PeerId) -> Signer {
    Signer::insecure(u64::from(peer.number()))
}

/// What a member is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// A node.
    Node,
    /// A tool.
    Tool(Trade),
    /// A byzantine node.
    Traitor,
}

/// Who takes part.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Plan {
    /// By number.
    pub roles: Vec<Role>,
    /// What they are called.
    pub names: Vec<String>,
    /// How it is set up.
    pub settings: Settings,
}

impl Plan {
    /// A colony of members with these names: `bank`, `store`, `mail`, `clock` and `mind` are tools, whoever's name begins
    /// with `traitor` is one, everybody else is a node.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>, settings: Settings) -> Self {
        let role = |name: &str| match name {
            "bank" => Role::Tool(Trade::Bank),
            "store" => Role::Tool(Trade::Store),
            "mail" => Role::Tool(Trade::Mail),
            "clock" => Role::Tool(Trade::Clock),
            "mind" => Role::Tool(Trade::Mind),
            name if name.starts_with("traitor") => Role::Traitor,
            _ => Role::Node,
        };
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        Self { roles: names.iter().map(|name| role(name)).collect(), names, settings }
    }

    fn peers(&self) -> impl Iterator<Item = (PeerId, Role)> {
        (0..).map(PeerId::new).zip(self.roles.iter().copied())
    }

    fn those(&self, are: impl Fn(Role) -> bool) -> Vec<PeerId> {
        self.peers().filter(|(_, role)| are(*role)).map(|(peer, _)| peer).collect()
    }

    /// The nodes that are honest, in order.
    pub fn nodes(&self) -> Vec<PeerId> {
        self.those(|role| role == Role::Node)
    }

    /// The tools, in order.
    pub fn tools(&self) -> Vec<PeerId> {
        self.those(|role| matches!(role, Role::Tool(_)))
    }

    /// The colony's id.
    pub fn colony() -> Digest {
        Digest::of(COLONY, b"")
    }

    /// On whose behalf all of them act.
    pub fn tenant() -> Tenant {
        Tenant(name("acme"))
    }

    /// The machines, in order. The first node is the trust root; all nodes know each other and every tool.
    pub fn machines(&self) -> Vec<Member> {
        let nodes = self.nodes();
        let root = nodes.first().map(|peer| signer(*peer).public());
        let roots = TrustRoots::new(Self::colony(), root).expect("one is not too many");
        let tools = self.peers().filter_map(|(peer, role)| match role {
            Role::Tool(trade) => Some(self.tool(peer, trade)),
            Role::Node | Role::Traitor => None,
        });
        let toolbox = Toolbox::new(tools);
        // A traitor has a key that everybody knows.
        let known = self.those(|role| !matches!(role, Role::Tool(_)));
        let keys: BTreeMap<PeerId, _> = known.iter().map(|peer| (*peer, signer(*peer).public())).collect();
        let is_near = |gap: usize| self.settings.neighbours.is_none_or(|most| gap.min(known.len() - gap) <= most);
        let others = |me: PeerId| -> BTreeMap<PeerId, _> {
            let place = known.iter().position(|peer| *peer == me).unwrap_or(0);
            let meets = |(at, peer): &(usize, &PeerId)| {
                **peer != me && (is_near(place.abs_diff(*at)) || nodes.first().is_some_and(|root| [me, **peer].contains(root)))
            };
            known.iter().enumerate().filter(meets).filter_map(|(_, peer)| Some((*peer, *keys.get(peer)?))).collect()
        };
        let names: Arc<[String]> = self.names.clone().into();
        let machine = |(peer, role): (PeerId, Role)| match role {
            Role::Tool(trade) => Member::Tool(Box::new(Tool::new(trade, self.settings.retention).among(names.clone()))),
            Role::Traitor => {
                let traitor = Traitor::new(signer(peer), roots.clone(), others(peer), self.settings.mischief);
                Member::Traitor(Box::new(traitor))
            }
            Role::Node => {
                let mut config = Config::new(roots.clone(), Self::tenant(), signer(peer));
                config.nodes = others(peer);
                config.tools = toolbox.clone();
                config.pulse = self.settings.pulse;
                config.patience = self.settings.patience;
                config.reopen_after = self.settings.reopen_after;
                config.sweep = self.settings.sweep;
                config.save_every = self.settings.save;
                config.max_effects = self.settings.max_effects;
                config.heads = self.settings.heads;
                config.ledger.segment_bytes = self.settings.segment_bytes;
                config.secrets.register(name("token"), SECRET).expect("one is not too many");
                if let Some(suite) = &self.settings.suite {
                    config = config.with_suite(suite.clone()).expect("the names of types and actions are short");
                }
                Member::Citizen(Box::new(Citizen::new(Node::new(config)).among(names.clone(), peer).drops(self.settings.drops)))
            }
        };
        self.peers().map(machine).collect()
    }

    fn tool(&self, peer: PeerId, trade: Trade) -> antfarm_node::Tool {
        let retention = self.settings.retention;
        let one = Amount { calls: Calls(1), ..Amount::ZERO };
        let (called, class, resolution, cost, form, entity) = match trade {
            Trade::Bank => {
                let cost = Amount { money: Usdc(MOST), ..one };
                let form = Form::Number { low: 1, high: MOST };
                ("bank.pay", Class::External, Resolution::Keyed { retention }, cost, form, Some("account"))
            }
            Trade::Store => ("store.put", Class::Write, Resolution::Closable { retention }, one, Form::Bytes, Some("shelf")),
            Trade::Mail => ("mail.send", Class::Irreversible, Resolution::Blind, one, Form::Text, None),
            Trade::Clock => ("clock.read", Class::Read, Resolution::Keyed { retention }, one, Form::Bytes, None),
            Trade::Mind => {
                let cost = Amount { tokens: Tokens(THOUGHT * 2), ..Amount::ZERO };
                ("mind.think", Class::External, Resolution::Keyed { retention }, cost, Form::Context, None)
            }
        };
        let contract = Contract { tool: name(called), class, resolution, cost };
        antfarm_node::Tool { contract, peer, form, priced: trade == Trade::Bank, entity: entity.map(name), need: Need::Nothing }
    }
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("names in here are legal")
}

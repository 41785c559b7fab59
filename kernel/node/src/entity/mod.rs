//! Entities of specified types that live at a node: what is asked of them as tools are asked, and what nodes tell each other of them.
//!
//! An action is a tool called `Type.Action`, whose target is the id of the entity; `Type.Create` creates one (`Type.New`, where the type
//! has an action called `Create`). It passes every stage of the compiler, and its commit is a recorded step: there is no moment in
//! which it is in doubt. The home of an entity is the node whose key, in hexadecimal, follows the last `@` of its id, so who may say what it
//! did is seen from its name.

mod acting;
mod judged;

pub use acting::AlarmId;
pub(crate) use judged::{acted, moved, refused};

use crate::config::{Form, Need, Tool};
use alloc::format;
use alloc::vec::Vec;
use antfarm_authority::{Amount, BadName, Calls, Class, Contract, Name, Resolution};
use antfarm_automata::entities::{Act, Delivery, MOST_FRESH, Move, Refused, Suite};
use antfarm_automata::{Text, Value};
use antfarm_identity::{Codec, Digest, Domain, PublicKey, Signature, Signer, to_bytes};
use antfarm_machine::PeerId;

const DELIVERY: Domain = Domain::new("antfarm 2026 node delivery");
const FRESH: Domain = Domain::new("antfarm 2026 node entity");

/// The name of a node as a home of entities: what follows the last `@` of their ids.
pub fn home_name(key: &PublicKey) -> Text {
    Text::from(format!("{key}"))
}

/// The arguments of an action of an entity, encoded as the arguments of its call.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Codec)]
pub struct EntityArgs {
    /// The parameters, by name; of a creation, the first values of variables.
    pub params: Vec<(Text, Value)>,
    /// Of a composite action, what it writes elsewhere.
    pub writes: Vec<EntityWrite>,
}

/// One write of a composite action.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct EntityWrite {
    /// The type of the entity.
    pub entity: Text,
    /// The entity.
    pub id: Text,
    /// The action.
    pub action: Text,
    /// Its parameters, by name.
    pub params: Vec<(Text, Value)>,
}

impl EntityArgs {
    /// Parameters alone.
    pub fn new(params: impl IntoIterator<Item = (Text, Value)>) -> Self {
        Self { params: params.into_iter().collect(), writes: Vec::new() }
    }

    /// What is asked of this entity by the tool of this name.
    pub(crate) fn moved(&self, suite: &Suite, tool: &str, id: &str) -> Result<Move, Refused> {
        let (entity, action) = tool.rsplit_once('.').ok_or(Refused::Type)?;
        let number = suite.entity(entity).ok_or(Refused::Type)?;
        if creates(suite, number) == action {
            return suite.create(entity, id, &named(&self.params));
        }
        let act = suite.act(entity, id, action, &named(&self.params))?;
        let write = |it: &EntityWrite| suite.act(&it.entity, &it.id, &it.action, &named(&it.params));
        let writes: Vec<Act> = self.writes.iter().map(write).collect::<Result<_, _>>()?;
        Ok(Move::Act { act, writes })
    }
}

fn named(params: &[(Text, Value)]) -> Vec<(&str, Value)> {
    params.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
}

/// What the tool is called behind the dot that creates entities of a type: `Create`, or `New` where that is an action of its own.
pub fn creates(suite: &Suite, entity: u16) -> &'static str {
    let has_own = suite.table(entity).is_some_and(|it| it.action("Create").is_some());
    if has_own { "New" } else { "Create" }
}

/// The tools that the entities of a suite are moved by.
pub(crate) fn tools(suite: &Suite) -> Result<Vec<Tool>, BadName> {
    let mut tools = Vec::new();
    for (entity, table) in (0..).zip(suite.tables()) {
        let spec = table.spec();
        let actions = spec.actions.iter().map(|it| it.name.as_str()).chain([creates(suite, entity)]);
        for action in actions {
            let contract = Contract {
                tool: Name::new(&format!("{}.{action}", spec.entity))?,
                class: Class::Write,
                resolution: Resolution::Blind,
                cost: Amount { calls: Calls(1), ..Amount::ZERO },
            };
            // Nobody is called: the step is the node's own.
            let peer = PeerId::new(0);
            tools.push(Tool { contract, peer, form: Form::Entity, priced: false, entity: None, need: Need::Nothing });
        }
    }
    Ok(tools)
}

/// Ids that no entity has: by whose log and which record will say that they are used.
fn fresh(log: &Digest, home: &Text, record: u64) -> Vec<Text> {
    let id = |nth: u32| {
        let digest = Digest::of_parts(FRESH, [log.as_bytes(), &to_bytes(&(record, nth))]);
        Text::from(format!("{}@{home}", digest.short()))
    };
    (0..MOST_FRESH).map(id).collect()
}

/// What a trigger sends to another node, signed by the home that sends it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct SignedDelivery {
    /// What it sends.
    pub delivery: Delivery,
    /// By the home that it says it comes from.
    pub signature: Signature,
}

impl SignedDelivery {
    pub(crate) fn sign(delivery: Delivery, colony: Digest, signer: &Signer) -> Self {
        let signature = signer.sign(DELIVERY, colony, &to_bytes(&delivery));
        Self { delivery, signature }
    }

    /// Whether the node with this key, which is the home that it comes from, signed it.
    pub(crate) fn is_by(&self, key: &PublicKey, colony: Digest) -> bool {
        let is_home = self.delivery.from == home_name(key);
        is_home && key.verify(DELIVERY, colony, &to_bytes(&self.delivery), &self.signature).is_ok()
    }
}

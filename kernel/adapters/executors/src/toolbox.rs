//! What a node is told of the tools of a manifest.

use crate::manifest::{Manifest, Tool};
use crate::template::Arguments;
use antfarm_authority::{Amount, Class, Contract, Name, Usdc};
use antfarm_machine::PeerId;
use antfarm_node::{Form, Need, Toolbox};

impl Manifest {
    /// The tools as a node knows them that hears of their outcomes from `peer`. What they do does not show in the node's world, and
    /// asks for nothing there.
    pub fn toolbox(&self, peer: PeerId) -> Toolbox {
        Toolbox::new(self.tools().map(|(name, tool)| as_known(name, tool, peer)))
    }
}

fn as_known(name: &Name, tool: &Tool, peer: PeerId) -> antfarm_node::Tool {
    let form = match tool.arguments {
        Arguments::Number => Form::Number { low: 0, high: u64::MAX },
        Arguments::Text | Arguments::Json(_) => Form::Text,
        Arguments::Nothing | Arguments::Bytes => Form::Bytes,
    };
    let class = if tool.reads { Class::Read } else { Class::External };
    // `money` is the most that a priced call may cost; without it budgets alone are the limit.
    let money = if tool.priced && tool.cost.money == Usdc(0) { Usdc(u64::MAX) } else { tool.cost.money };
    let contract = Contract { tool: name.clone(), class, resolution: tool.resolution, cost: Amount { money, ..tool.cost } };
    antfarm_node::Tool { contract, peer, form, priced: tool.priced, entity: None, need: Need::Nothing }
}

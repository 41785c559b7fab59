//! The world as the tools of a node see it: what must be there before they are called, is it there?

use crate::config::{Config, Need};
use crate::state::State;
use crate::world::Key;
use antfarm_authority::{Contract, Intent, Unmet, World};

/// The world as the tools of a node see it.
pub(crate) struct Seen<'a> {
    pub(crate) state: &'a State,
    pub(crate) config: &'a Config,
}

impl World for Seen<'_> {
    fn check_preconditions(&self, contract: &Contract, intent: &Intent) -> Result<(), Unmet> {
        let Self { state, config } = self;
        let Some(tool) = config.tools.tool(&contract.tool) else { return Ok(()) };
        let Some(entity) = &tool.entity else { return Ok(()) };
        let key = Key::new(&config.tenant, entity, intent.target.text()).map_err(|_| Unmet::Missing)?;
        let live = || state.world.entry(&key).is_some_and(|entry| entry.is_live());
        // What is under way may be there in a moment.
        let coming =
            || self.state.calls().any(|call| call.target == intent.target && config.tools.entity(&call.tool) == Some(entity));
        match tool.need {
            Need::Nothing => Ok(()),
            Need::Present if live() => Ok(()),
            Need::Present => Err(Unmet::Missing),
            Need::Absent if live() || coming() => Err(Unmet::Exists),
            Need::Absent => Ok(()),
        }
    }
}

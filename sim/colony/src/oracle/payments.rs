//! What tools were really paid and asked, as the oracle `spend` counts it: from what they did, not from what nodes say of it.
//!
//! Left out is what no honest account covers: a call that was altered under way, so that its tool did something else or for
//! another key; one whose tool's word of the cost was altered; one of a blind tool that a network doubled; one that was in doubt, so that a person said what it cost; and
//! whatever a node had called whose disk took back what it had answered to.

use crate::member::{Member, Moment, Told};
use crate::mind::THOUGHT;
use crate::oracle::excuse::{Doubts, Lies};
use crate::tool::{ToolTold, Trade};
use antfarm_authority::{Account, Amount, Calls, EffectKey, Granted, Tokens, Usdc, WritId};
use antfarm_machine::{PeerId, reached};
use antfarm_node::{Body, Notice, Outcome, Phase};
use antfarm_sim::{Choice, FlightId};
use std::collections::{BTreeMap, BTreeSet};

/// All calls that nodes sent, and what came of them.
#[derive(Clone, Default, Debug)]
pub(crate) struct Payments {
    pub(crate) lies: Lies,
    doubts: Doubts,
    sent: BTreeMap<EffectKey, Sent>,
    /// What the tools said, as they wrote it.
    words: BTreeMap<FlightId, (EffectKey, Amount)>,
    altered: BTreeSet<EffectKey>,
    /// What was under way at each node after its latest event.
    open: BTreeMap<PeerId, BTreeSet<EffectKey>>,
    /// What is left in each bank's purse.
    purses: BTreeMap<PeerId, u64>,
}

/// One call.
#[derive(Clone, Debug)]
struct Sent {
    caller: PeerId,
    writ: Granted,
    /// What it asks for, if it is a payment.
    asked: u64,
    paid: Option<Amount>,
}

impl Payments {
    /// Looks at one event; `before` are the accounts of the node that took part, as they were before it.
    pub(crate) fn watch(&mut self, moment: &Moment<'_>, before: Option<&BTreeMap<WritId, Account>>) {
        self.lies.watch(moment);
        self.doubts.watch(moment);
        let Some(at) = moment.node else { return };
        match moment.world.machine(at) {
            Member::Citizen(citizen) => {
                let node = citizen.node();
                if let Choice::Deliver(id) = moment.choice
                    && let Some((key, said)) = self.words.remove(id)
                    && let Some(sent) = self.sent.get(&key)
                {
                    let spent = |account: Option<&Account>| account.map_or(Amount::ZERO, Account::spent);
                    let was = spent(before.and_then(|it| it.get(&sent.writ.id())));
                    let is = spent(node.state().accounts().account(sent.writ.id()));
                    // The word of one call, and of nothing else, was taken in this event, if it was under way.
                    let phase = node.state().effect(key).map(antfarm_node::Effect::phase);
                    let is_settled = matches!(phase, Some(Phase::Done(_) | Phase::Failed));
                    let was_open = self.open.get(&at).is_some_and(|it| it.contains(&key));
                    if was_open && is_settled && is.checked_sub(was).is_ok_and(|took| took != said) {
                        reached!("oracle.spend.altered");
                        self.altered.insert(key);
                    }
                }
                self.open.insert(at, node.state().under_way().map(|(key, _)| key).collect());
                for told in moment.notices {
                    if let Told::Node(Notice::Called(call)) = told
                        && let Some(effect) = node.state().effect(call.key)
                        && let Some(writ) = node.state().writ(effect.writ())
                    {
                        let asked = <[u8; 8]>::try_from(call.args.bytes()).map_or(0, u64::from_le_bytes);
                        let sent = Sent { caller: at, writ: writ.clone(), asked, paid: None };
                        self.sent.entry(call.key).or_insert(sent);
                    }
                }
            }
            Member::Traitor(_) => {}
            Member::Tool(tool) => {
                let left = self.purses.insert(at, tool.purse()).unwrap_or(crate::tool::PURSE);
                let paid = left.saturating_sub(tool.purse());
                for told in moment.notices {
                    let Told::Tool(ToolTold::Acted { key, caller }) = told else { continue };
                    let Some(sent) = self.sent.get_mut(key).filter(|sent| sent.caller == *caller) else { continue };
                    if tool.trade() == Trade::Bank && paid != sent.asked {
                        reached!("oracle.spend.altered");
                        self.altered.insert(*key);
                    }
                    // It may have failed at first: what it said then is what its caller counts.
                    if tool.heard(*key) > 1 {
                        reached!("oracle.spend.doubled");
                        self.altered.insert(*key);
                    }
                    let one = Amount { calls: Calls(1), ..Amount::ZERO };
                    sent.paid = Some(match tool.trade() {
                        Trade::Bank => Amount { money: Usdc(paid), ..one },
                        Trade::Store | Trade::Mail | Trade::Clock => one,
                        // Whatever it says that a thought took.
                        Trade::Mind => Amount { tokens: Tokens(THOUGHT), ..Amount::ZERO },
                    });
                }
                let is_word =
                    |id: FlightId| moment.world.flight(id).is_some_and(|it| matches!(it.message.body, Body::Outcome { .. }));
                self.words.retain(|id, _| is_word(*id));
                for (id, flight) in moment.world.flights().filter(|(_, flight)| flight.from == at) {
                    if let Body::Outcome { key, outcome: Outcome::Done { spent, .. } | Outcome::Failed { spent } } =
                        &flight.message.body
                        // What is still under way may have been altered since; a slot with another key was used again.
                        && self.words.get(&id).is_none_or(|(known, _)| known != key)
                    {
                        self.words.insert(id, (*key, *spent));
                    }
                }
            }
        }
    }

    /// How many calls were ever sent.
    pub(crate) fn calls(&self) -> u64 {
        self.sent.len() as u64
    }

    /// What was paid, by whom and under which writ, without what nobody has to answer for.
    pub(crate) fn counted(&self) -> impl Iterator<Item = (PeerId, &Granted, Amount)> {
        self.sent.iter().filter_map(|(key, sent)| {
            let paid = sent.paid?;
            if self.altered.contains(key) || self.doubts.about(*key) || self.lies.told(sent.caller) {
                reached!("oracle.spend.excused");
                return None;
            }
            Some((sent.caller, &sent.writ, paid))
        })
    }
}

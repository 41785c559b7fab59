//! What a record says of what no ledger shows, in the places where the compiler looks for it.
//!
//! Rule kept: a testimony says what makes its own record so, and otherwise what hinders least. So whatever the ledger shows against
//! a record comes out in its stead.

use crate::fact::Reason;
use crate::state::State;
use crate::wishes::Beyond;
use antfarm_authority::{
    Amount, BadArgs, Calls, Class, Contract, Dimension, Granted, Intent, Name, NoStanding, Policy, Proposal, Question, Refusal,
    Resolution, Shortage, Stands, Tokens, Tools, Unmet, Usdc, Verdict, World, WritId, latest_deadline,
};
use antfarm_identity::{Digest, PublicKey};
use antfarm_machine::{Mono, Now, Span, Wall};

/// What one record says.
pub(crate) struct Testimony<'a> {
    holder: PublicKey,
    /// Why not, if it was refused.
    reason: Option<&'a Reason>,
    /// Until when it stands.
    until: Wall,
    contract: Contract,
    policy: Digest,
}

impl<'a> Testimony<'a> {
    /// Of a record that the intent was refused.
    pub(crate) fn of_refusal(state: &State, intent: &Intent, reason: &'a Reason, at: Wall) -> Self {
        let (class, cost) = match reason {
            Reason::Refused(Refusal::Ceiling { class }) => (*class, Amount::ZERO),
            Reason::Refused(Refusal::Budget(short)) => (Class::Pure, wanted(short)),
            Reason::Refused(_)
            | Reason::UnknownWrit
            | Reason::Suspended
            | Reason::Late
            | Reason::Reserved
            | Reason::Entity(_) => (Class::Pure, Amount::ZERO),
        };
        let contract = Contract { tool: intent.tool.clone(), class, resolution: Resolution::Blind, cost };
        Self { holder: state.accounts.home(), reason: Some(reason), until: at, contract, policy: Digest::ZERO }
    }

    /// Of a record that the call was started, at that time.
    pub(crate) fn of_proposal(state: &State, intent: &Intent, said: &Proposal, writ: &Granted, at: Wall) -> Self {
        let Proposal { class, resolution, cost, policy, .. } = *said;
        let latest = latest_deadline(writ, at);
        // One that no standing leads to comes out as another.
        let until = said.deadline.map_or(latest, |it| it.max(at).min(latest));
        let contract = Contract { tool: intent.tool.clone(), class, resolution, cost };
        Self { holder: state.accounts.home(), reason: None, until, contract, policy }
    }

    /// What becomes of an intent if all that is so.
    pub(crate) fn compile(&self, state: &State, intent: &Intent, writ: WritId, at: Wall) -> Result<Proposal, Reason> {
        let beyond = Beyond { standings: self, tools: self, world: self, policy: self };
        // What was read of the other clock went into what is said of standing.
        state.compiled(Now { mono: Mono::ZERO, wall: at }, writ, intent, &beyond)
    }

    /// Whether the reason is the record's word alone. Any other is the compiler's, by what the ledger shows.
    pub(crate) fn is_alone(&self) -> bool {
        let of_compiler = matches!(
            self.refusal(),
            Some(Refusal::NoStanding(_) | Refusal::UnknownTool | Refusal::Args(_) | Refusal::Unmet(_) | Refusal::Denied { .. })
        );
        of_compiler || self.reason == Some(&Reason::Suspended)
    }

    fn refusal(&self) -> Option<&'a Refusal> {
        if let Some(Reason::Refused(refusal)) = self.reason { Some(refusal) } else { None }
    }
}

/// As much of one dimension as was wanted.
fn wanted(short: &Shortage) -> Amount {
    match short.dimension {
        Dimension::Tokens => Amount { tokens: Tokens(short.wanted), ..Amount::ZERO },
        Dimension::Calls => Amount { calls: Calls(short.wanted), ..Amount::ZERO },
        Dimension::Time => Amount { time: Span::from_nanos(short.wanted), ..Amount::ZERO },
        Dimension::Money => Amount { money: Usdc(short.wanted), ..Amount::ZERO },
    }
}

impl Stands for Testimony<'_> {
    fn holder(&self) -> PublicKey {
        self.holder
    }

    fn deadline(&self, _: &Granted, _: Now) -> Result<Wall, NoStanding> {
        if let Some(Refusal::NoStanding(why)) = self.refusal() { Err(*why) } else { Ok(self.until) }
    }
}

impl Tools for Testimony<'_> {
    fn contract(&self, _: &Name) -> Option<&Contract> {
        (self.refusal() != Some(&Refusal::UnknownTool)).then_some(&self.contract)
    }

    fn check_args(&self, _: &Contract, _: &Intent) -> Result<(), BadArgs> {
        if let Some(Refusal::Args(why)) = self.refusal() { Err(*why) } else { Ok(()) }
    }
}

impl World for Testimony<'_> {
    fn check_preconditions(&self, _: &Contract, _: &Intent) -> Result<(), Unmet> {
        if let Some(Refusal::Unmet(why)) = self.refusal() { Err(*why) } else { Ok(()) }
    }
}

impl Policy for Testimony<'_> {
    fn version(&self) -> Digest {
        self.policy
    }

    fn judge(&self, _: &Question<'_>) -> Verdict {
        if let Some(Refusal::Denied { rule }) = self.refusal() {
            return Verdict::Deny { rule: *rule };
        }
        let is_suspended = self.reason == Some(&Reason::Suspended);
        if is_suspended { Verdict::Suspend { rule: self.policy } } else { Verdict::Permit }
    }
}

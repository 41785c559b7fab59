//! From an intent to a proposal: a pure function of everything that bears on it.
//!
//! The stages stand at [`compile`]. Signatures, narrowing and the trust root are no stage: only a [`Granted`] can be compiled
//! against. Nothing is changed here, and nothing is promised: whoever acts on a proposal reserves its cost under its key, and
//! asks for standing again in the step that sends the call.

use crate::amount::Amount;
use crate::budget::{Accounts, ReserveRefusal};
use crate::ceiling::Class;
use crate::chain::Granted;
use crate::contract::{Contract, Resolution, Tools, World};
use crate::intent::{EffectKey, Intent, MAX_REACH};
use crate::name::Name;
use crate::policy::{Policy, Question, Verdict};
use crate::refusal::Refusal;
use crate::revocation::Revocations;
use crate::standing::{Standings, Stands};
use crate::writ::WritId;
use antfarm_identity::{Codec, Digest};
use antfarm_machine::{Now, Wall, reached};

/// The version of this compiler: what decides differently has another.
pub const COMPILER: u16 = 3;

/// What an intent would do, and under whose authority. A record of a decision, not a right.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Proposal {
    /// [`COMPILER`] of who decided.
    pub compiler: u16,
    /// The digest of the policy that judged.
    pub policy: Digest,
    /// The digest of the intent.
    pub intent: Digest,
    /// The key of its effect.
    pub key: EffectKey,
    /// The writ.
    pub writ: WritId,
    /// The tool.
    pub tool: Name,
    /// What the tool does at worst.
    pub class: Class,
    /// How a call in doubt is resolved.
    pub resolution: Resolution,
    /// What is to be reserved.
    pub cost: Amount,
    /// Whether it may happen now.
    pub status: Status,
    /// The wall time past which the tool must not act, and after which the call is not sent: there is one for a staged call of
    /// [`Class::Irreversible`] and for no other. It goes with the call.
    ///
    /// What it is and what it bounds stands at [`Standings::deadline`]. A tool that keeps it can say after it, for good, that
    /// what it has not done is not done, so that a call which was lost is no longer in doubt. A tool that breaks it can act on a
    /// writ that was revoked, or ended, as long ago as the call was under way; nothing else breaks. It is part of the decision,
    /// and a decision that is made again has another: who approves approves the effect, by [`Proposal::key`], and never this.
    pub deadline: Option<Wall>,
}

/// Whether a proposal may happen now.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Status {
    /// It may.
    Staged,
    /// Not before somebody approves.
    Suspended {
        /// The digest of the rule that says so.
        rule: Digest,
    },
}

/// Everything that bears on an intent, as it is at this moment.
#[derive(Debug)]
pub struct Case<'a, T, W, P, S = Standings> {
    /// The writ that it is to happen under.
    pub writ: &'a Granted,
    /// The budgets of this node, which is the home if the writ has an account here.
    pub accounts: &'a Accounts,
    /// Which writs are dead.
    pub revocations: &'a Revocations,
    /// Which writs stand.
    pub standings: &'a S,
    /// The tools.
    pub tools: &'a T,
    /// The world.
    pub world: &'a W,
    /// The policy.
    pub policy: &'a P,
    /// The [`Intent::digest`] of the first intent that this node was told with the same [`Intent::wish`], of those at least that
    /// are suspended or whose effect was begun; remembered as long as their effects' keys, and as the [`Intent::until`] of those
    /// that were refused as [`Refusal::Retold`]. `None` when there is none.
    pub told: Option<Digest>,
    /// The node's clocks.
    pub now: Now,
}

/// Compiles an intent.
///
/// Tools, world, policy and standing are whatever answers as they do: who judges a record compiles again, with what the record says
/// of them in their place.
///
/// The stages, in this order; the first that refuses is the answer. What is cheap and about the writ comes first, what runs
/// others' code comes last. The expiry comes before the wish: so what is refused as [`Refusal::Retold`] has an expiry within bounds,
/// and the name of the wish can be remembered until that is past too.
///
/// The node's time, which the expiry is compared with, is the later of its wall clock and the mark of its accounts: it never goes
/// back before what was forgotten by it.
///
/// | stage | asks | refuses with |
/// |---|---|---|
/// | 1 home | does the writ live here? | [`Refusal::NotHome`] |
/// | 2 tenant | is it of the intent's tenant? | [`Refusal::Tenant`] |
/// | 3 subject | was it given to the author? | [`Refusal::NotSubject`] |
/// | 4 expiry | may it be begun now, and not for longer than it is remembered? | [`Refusal::Stale`], [`Refusal::Distant`] |
/// | 5 wish | is it what the author called so before? | [`Refusal::Retold`] |
/// | 6 revocation | do it and all above it live? | [`Refusal::Revoked`] |
/// | 7 standing | has each who gave it, or one above it, said so lately? | [`Refusal::NoStanding`] |
/// | 8 window | is it time? | [`Refusal::Early`], [`Refusal::Expired`], [`Refusal::SeenExpired`] |
/// | 9 scope | does it name the tool? | [`Refusal::Scope`] |
/// | 10 tool | is the tool known? | [`Refusal::UnknownTool`] |
/// | 11 ceiling | does it allow what the tool does? | [`Refusal::Ceiling`] |
/// | 12 budget | is the cost free? | [`Refusal::NoAccount`] to [`Refusal::Busy`], in their order |
/// | 13 arguments | are they as the tool wants them? | [`Refusal::Args`] |
/// | 14 world | are the preconditions met? | [`Refusal::Unmet`] |
/// | 15 policy | does it permit? | [`Refusal::Denied`] |
///
/// # Errors
///
/// What the first stage says that refuses.
///
/// # Panics
///
/// When accounts and standings are of different nodes.
pub fn compile<T: Tools, W: World, P: Policy, S: Stands>(
    intent: &Intent,
    case: &Case<'_, T, W, P, S>,
) -> Result<Proposal, Refusal> {
    assert!(case.accounts.home() == case.standings.holder(), "accounts and standings are of one node");
    check_holder(intent, case.writ, case.accounts)?;
    check_expiry(intent.until, node_time(case.now.wall, case.accounts.mark()))?;
    let digest = intent.digest();
    if let Some(first) = case.told.filter(|it| *it != digest) {
        reached!("authority.wish_retold");
        return Err(Refusal::Retold { first });
    }
    if let Some(writ) = case.revocations.first_dead(case.writ) {
        if writ != case.writ.id() {
            reached!("authority.ancestor_dead");
        }
        return Err(Refusal::Revoked { writ });
    }
    let deadline = case.standings.deadline(case.writ, case.now).map_err(|why| {
        if why.lapsed {
            reached!("authority.standing_lapsed");
        }
        Refusal::NoStanding(why)
    })?;
    check_window(case.writ, case.now.wall, case.revocations)?;
    let contract = permitted_tool(intent, case.writ, case.tools)?;
    let cost = case.tools.cost(contract, intent);
    assert!(cost.beyond(contract.cost).next().is_none(), "no call costs more than its contract says");
    check_budget(case.writ, cost, case.accounts)?;
    case.tools.check_args(contract, intent).map_err(Refusal::Args)?;
    case.world.check_preconditions(contract, intent).map_err(Refusal::Unmet)?;
    let status = match case.policy.judge(&Question { intent, contract, writ: case.writ }) {
        Verdict::Permit => Status::Staged,
        Verdict::Suspend { rule } => Status::Suspended { rule },
        Verdict::Deny { rule } => return Err(Refusal::Denied { rule }),
    };
    let deadline = match (contract.class, status) {
        (Class::Irreversible, Status::Staged) => Some(deadline),
        (Class::Irreversible, Status::Suspended { .. }) => None,
        (Class::Pure | Class::Read | Class::Write | Class::External, _) => None,
    };
    // Both stages that it comes from have passed.
    assert!(deadline.is_none_or(|it| it >= case.now.wall), "a call that is staged has time left");
    Ok(Proposal {
        compiler: COMPILER,
        policy: case.policy.version(),
        intent: digest,
        key: intent.key_of(digest),
        writ: case.writ.id(),
        tool: contract.tool.clone(),
        class: contract.class,
        resolution: contract.resolution,
        cost,
        status,
        deadline,
    })
}

fn check_holder(intent: &Intent, writ: &Granted, accounts: &Accounts) -> Result<(), Refusal> {
    let body = writ.body();
    if body.home != accounts.home() {
        return Err(Refusal::NotHome { home: body.home });
    }
    if body.grant.tenant != intent.tenant {
        return Err(Refusal::Tenant { tenant: body.grant.tenant.clone() });
    }
    if body.subject != intent.author {
        return Err(Refusal::NotSubject { subject: body.subject });
    }
    Ok(())
}

/// What a node goes by that forgot up to `mark`, when its wall clock reads `wall`.
pub fn node_time(wall: Wall, mark: Wall) -> Wall {
    wall.max(mark)
}

/// Whether an intent that may be begun until then may be begun at this time of its node, as far as that matters.
///
/// # Errors
///
/// [`Refusal::Stale`] and [`Refusal::Distant`].
pub fn check_expiry(until: Wall, at: Wall) -> Result<(), Refusal> {
    if until < at {
        reached!("authority.intent_stale");
        return Err(Refusal::Stale { until, at });
    }
    if until > at + MAX_REACH {
        reached!("authority.intent_distant");
        return Err(Refusal::Distant { until, at });
    }
    Ok(())
}

/// That of the writ alone: it lies within those of all above it.
fn check_window(writ: &Granted, at: Wall, revocations: &Revocations) -> Result<(), Refusal> {
    let window = writ.body().grant.window;
    if at < window.not_before() {
        return Err(Refusal::Early { not_before: window.not_before(), at });
    }
    if at > window.expires_at() {
        return Err(Refusal::Expired { expires_at: window.expires_at(), at });
    }
    // INVARIANT(forgotten-is-over): a wall clock that went back does not revive what was revoked and forgotten.
    if revocations.is_over(writ) {
        reached!("authority.clock_went_back");
        return Err(Refusal::SeenExpired);
    }
    Ok(())
}

fn permitted_tool<'a, T: Tools>(intent: &Intent, writ: &Granted, tools: &'a T) -> Result<&'a Contract, Refusal> {
    let grant = &writ.body().grant;
    if !grant.tools.matches(&intent.tool) {
        return Err(Refusal::Scope);
    }
    let contract = tools.contract(&intent.tool).ok_or(Refusal::UnknownTool)?;
    assert!(contract.tool == intent.tool, "a tool is looked up by its name");
    if !grant.ceiling.allows(contract.class) {
        return Err(Refusal::Ceiling { class: contract.class });
    }
    Ok(contract)
}

fn check_budget(writ: &Granted, cost: Amount, accounts: &Accounts) -> Result<(), Refusal> {
    accounts.affords(writ.id(), cost).map_err(|refused| match refused {
        ReserveRefusal::NoAccount => Refusal::NoAccount,
        ReserveRefusal::Closed => Refusal::AccountClosed,
        ReserveRefusal::Expired => Refusal::SeenExpired,
        ReserveRefusal::Short(shortage) => Refusal::Budget(shortage),
        // Who asks whether something can be afforded has named nothing yet.
        ReserveRefusal::TooMany | ReserveRefusal::Reserved => Refusal::Busy,
    })
}

//! Who may do what, and how much of it: writs, their chain to a trust root, escrowed budgets, and what becomes of an intent.
//!
//! Nothing here does IO, reads a clock or draws a random number. Cognition says what it wants by an [`Intent`], which has
//! no rights. [`compile`] makes it a [`Proposal`] or a [`Refusal`], against a writ, its budget ([`Accounts`]), whether it still
//! stands ([`Standings`], [`Revocations`]), tools, world, policy and time. What follows, the call and its record, is for a node.
//!
//! # Writs
//!
//! A [`Writ`] that came from anywhere proves nothing;
//! verified up to a trust root it is a [`Granted`], and only that can be acted on, have an account, or be handed on:
//!
//! ```
//! use antfarm_authority::{
//!     Accounts, Amount, Body, Calls, Ceiling, Delegation, Grant, Granted, Name, Nonce, Offer, Scope, Scopes, Tenant, TrustRoots,
//!     Window, Writ,
//! };
//! use antfarm_identity::{Digest, Domain, Signer};
//! use antfarm_machine::{Span, Wall};
//!
//! let colony = Digest::of(Domain::new("antfarm 2026 example colony"), b"mine");
//! let [queen, scout, helper] = [1, 2, 3].map(Signer::insecure);
//! let calls = |n| Amount { calls: Calls(n), ..Amount::ZERO };
//! let grant = Grant {
//!     colony,
//!     tenant: Tenant(Name::new("acme").expect("legal")),
//!     tools: Scopes::new([Scope::new("bank.*").expect("legal")]).expect("one is not too many"),
//!     budget: calls(10),
//!     ceiling: Ceiling { read: true, ..Ceiling::default() },
//!     window: Window::new(Wall::ZERO, Wall::ZERO + Span::from_secs(60)).expect("it ends later"),
//!     delegation: Delegation::new(1, true).expect("not too deep"),
//!     freshness: Span::from_secs(10),
//! };
//! let (issuer, subject, home) = (queen.public(), scout.public(), scout.public());
//! let body = Body { issuer, subject, nonce: Nonce::default(), parent: None, home, grant: grant.clone() };
//!
//! // The node that knows the colony's trust roots accepts it.
//! let roots = TrustRoots::new(colony, [queen.public()]).expect("one is not too many");
//! let writ = Granted::root(Writ::issue(body, &queen), &roots).expect("the queen may");
//!
//! // The scout hands a part of it on: the part's budget leaves its own account.
//! let part = Grant { budget: calls(4), delegation: Delegation::NONE, ..grant };
//! let offer = Offer { subject: helper.public(), nonce: Nonce::default(), home, grant: part };
//! let child = writ.child(writ.delegate(offer, &scout).expect("it narrows")).expect("it verifies");
//! let mut accounts = Accounts::new(scout.public());
//! accounts.open(&writ, None).expect("it lives here");
//! accounts.draw(&child).expect("ten are enough for four");
//! assert_eq!(accounts.account(writ.id()).expect("it is open").free(), calls(6));
//! ```
//!
//! # Intents
//!
//! With the same queen, scout and writ, at a node that knows one tool:
//!
//! ```
//! use antfarm_authority::{
//!     Accounts, Amount, BadArgs, Bytes, Calls, Case, Class, Contract, Intent, Name, Nonce, Policy, Question, Refusal, Resolution,
//!     Revocations, Standing, Standings, Status, Tenant, Text, Tools, Unmet, Verdict, World, compile,
//! };
//! use antfarm_identity::{Digest, Domain, Signer};
//! use antfarm_machine::Now;
//! # use antfarm_authority::{Body, Ceiling, Delegation, Grant, Granted, Scope, Scopes, TrustRoots, Window, Writ};
//! # use antfarm_machine::{Span, Wall};
//! # let colony = Digest::of(Domain::new("antfarm 2026 example colony"), b"mine");
//! # let [queen, scout] = [1, 2].map(Signer::insecure);
//! # let grant = Grant {
//! #     colony,
//! #     tenant: Tenant(Name::new("acme").expect("legal")),
//! #     tools: Scopes::new([Scope::new("bank.*").expect("legal")]).expect("one is not too many"),
//! #     budget: Amount { calls: Calls(10), ..Amount::ZERO },
//! #     ceiling: Ceiling { read: true, ..Ceiling::default() },
//! #     window: Window::new(Wall::ZERO, Wall::ZERO + Span::from_secs(60)).expect("it ends later"),
//! #     delegation: Delegation::NONE,
//! #     freshness: Span::from_secs(10),
//! # };
//! # let (issuer, subject, home) = (queen.public(), scout.public(), scout.public());
//! # let body = Body { issuer, subject, nonce: Nonce::default(), parent: None, home, grant };
//! # let roots = TrustRoots::new(colony, [queen.public()]).expect("one is not too many");
//! # let writ = Granted::root(Writ::issue(body, &queen), &roots).expect("the queen may");
//!
//! struct Node(Contract);
//!
//! impl Tools for Node {
//!     fn contract(&self, tool: &Name) -> Option<&Contract> {
//!         (self.0.tool == *tool).then_some(&self.0)
//!     }
//!     fn check_args(&self, _: &Contract, intent: &Intent) -> Result<(), BadArgs> {
//!         if intent.args.bytes().is_empty() { Ok(()) } else { Err(BadArgs::Malformed { at: 0 }) }
//!     }
//! }
//!
//! impl World for Node {
//!     fn check_preconditions(&self, _: &Contract, _: &Intent) -> Result<(), Unmet> {
//!         Ok(())
//!     }
//! }
//!
//! impl Policy for Node {
//!     fn version(&self) -> Digest {
//!         Digest::of(Domain::new("antfarm 2026 example policy"), b"permit all")
//!     }
//!     fn judge(&self, _: &Question<'_>) -> Verdict {
//!         Verdict::Permit
//!     }
//! }
//!
//! let tool = Name::new("bank.balance").expect("legal");
//! let cost = Amount { calls: Calls(6), ..Amount::ZERO };
//! let node = Node(Contract { tool: tool.clone(), class: Class::Read, resolution: Resolution::Blind, cost });
//! let intent = Intent {
//!     tenant: Tenant(Name::new("acme").expect("legal")),
//!     author: scout.public(),
//!     origin: scout.public(),
//!     nonce: Nonce::default(),
//!     until: Wall::ZERO + Span::from_secs(60),
//!     tool,
//!     target: Text::default(),
//!     args: Bytes::default(),
//!     rationale: Text::new("the well wants to be paid").expect("short"),
//! };
//!
//! let (mut accounts, mut standings) = (Accounts::new(scout.public()), Standings::new(scout.public(), 0));
//! accounts.open(&writ, None).expect("it lives here");
//! let (revocations, now) = (Revocations::new(), Now::ZERO);
//! let judge = |accounts: &Accounts, standings: &Standings| {
//!     let (writ, revocations, tools, world, policy) = (&writ, &revocations, &node, &node, &node);
//!     compile(&intent, &Case { writ, accounts, revocations, standings, tools, world, policy, told: None, now })
//! };
//!
//! // Not before the queen has said that the writ stands.
//! assert!(matches!(judge(&accounts, &standings), Err(Refusal::NoStanding(_))));
//! let inquiry = standings.inquire(writ.id(), queen.public(), now.mono).expect("there is room");
//! let standing = Standing::answer(inquiry, &writ, &Revocations::new(), &queen).expect("it was not revoked");
//! standings.take(&standing, &writ).expect("it was asked");
//!
//! let proposal = judge(&accounts, &standings).expect("all is well");
//! assert_eq!(proposal.status, Status::Staged);
//! accounts.reserve(writ.id(), proposal.key.digest(), proposal.cost).expect("six of ten are free");
//! assert!(matches!(judge(&accounts, &standings), Err(Refusal::Budget(_))), "four are left, and six are wanted");
//! ```
//!
//! # Marks
//!
//! A suite that drives this crate is not done before it reached these rare paths (`antfarm_machine::reached!`):
//! `authority.standing_lapsed`, `authority.ancestor_dead`, `authority.clock_went_back`, `authority.wish_retold`,
//! `authority.intent_stale` and `authority.intent_distant` when an intent is compiled; `authority.draw_raced_reservation`, `authority.close_with_child_outside`, `authority.reclaim_repeated` (a last
//! word that comes twice), `authority.reclaim_overspent` (one that is a lie) and `authority.account_forgotten` at an account;
//! `authority.standing_after_end` and `authority.revocations_full` where a giver is asked.
//!
//! # What it does not do
//!
//! - It makes nothing durable and sends nothing. A node records each operation that was not refused before it shows any
//!   effect of it, and recovers [`Accounts`] and [`Revocations`] by performing them again, from the first or from a checkpoint
//!   ([`SavedAccounts`]; [`Revocations`] have an encoding of their own). [`Standings`] have none: a restart voids them.
//! - It does not know which effects were begun. At most one effect per [`EffectKey`], and one intent per [`Wish`], is the node's
//!   to keep.
//! - It knows no approvals, no saga and no policy language; [`Status::Suspended`] and [`Policy`] are their places.
//! - It cannot keep another home from signing [`Drawn`] for more than it holds: that home's word is then evidence against it.
//! - It forgets nothing by itself: [`Accounts::forget`] and [`Revocations::forget`] are told the time, and drop what is over.

#![no_std]
#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]
extern crate alloc;

mod account;
mod amount;
mod bounded;
mod budget;
mod ceiling;
mod chain;
mod contract;
mod entry;
mod forest;
mod forget;
mod grant;
mod intent;
mod name;
mod policy;
mod proposal;
mod refusal;
mod revocation;
mod saved;
mod scope;
mod standing;
mod trial;
mod voucher;
mod writ;

pub use account::{Account, Shortage};
pub use amount::{Amount, Calls, Dimension, Tokens, Usdc};
pub use bounded::{Bytes, Text, TooLong};
pub use budget::{
    Accounts, CloseRefusal, DrawRefusal, MAX_ACCOUNTS, MAX_CHILDREN, MAX_RESERVATIONS, OpenRefusal, ReclaimRefusal,
    ReserveRefusal, SettleRefusal,
};
pub use ceiling::{Ceiling, Class};
pub use chain::{Granted, MAX_CHAIN, MAX_ROOTS, NotGranted, Offer, TrustRoots};
pub use contract::{BadArgs, Contract, Resolution, Tools, Unmet, World};
pub use forget::{RETENTION, ReleaseRefusal, is_forgotten, is_over};
pub use grant::{Delegation, Field, Grant, MAX_DELEGATIONS, Widened, Window, delegates, narrows};
pub use intent::{EffectKey, Intent, MAX_ARGS, MAX_RATIONALE, MAX_REACH, MAX_TARGET, Wish};
pub use name::{BadName, MAX_NAME, Name, Tenant};
pub use policy::{Policy, Question, Verdict};
pub use proposal::{COMPILER, Case, Proposal, Status, check_expiry, compile, node_time};
pub use refusal::Refusal;
pub use revocation::{MAX_REVOKED, Revocation, RevocationRefusal, Revocations};
pub use saved::{RestoreRefusal, SavedAccounts};
pub use scope::{MAX_SCOPES, Scope, Scopes, TooManyScopes};
pub use standing::{
    Inquiry, MAX_INQUIRIES, MAX_WATCHED, NoStanding, NotStanding, Standing, StandingRefusal, Standings, Stands, TooManyWatched,
    deadline_bound, latest_deadline, revocation_bound,
};
pub use voucher::{Closed, Drawn, Reclaimed};
pub use writ::{Body, Nonce, Writ, WritId};

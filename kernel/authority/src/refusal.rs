//! Why an intent does not become a proposal: one answer for each stage of compiling it.

use crate::account::Shortage;
use crate::ceiling::Class;
use crate::contract::{BadArgs, Unmet};
use crate::name::Tenant;
use crate::standing::NoStanding;
use crate::writ::WritId;
use antfarm_identity::{Codec, Digest, PublicKey};
use antfarm_machine::Wall;
use core::fmt;

/// Why an intent does not become a proposal, in the order of the stages. A normal answer, which is recorded.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Refusal {
    /// The writ lives elsewhere, and is spent only there.
    NotHome {
        /// Where it lives.
        home: PublicKey,
    },
    /// The writ is of another tenant.
    Tenant {
        /// The writ's.
        tenant: Tenant,
    },
    /// The writ was given to somebody else than the author.
    NotSubject {
        /// To whom.
        subject: PublicKey,
    },
    /// It could be begun until a time that is past: whoever still wants it wishes for it anew, by another name.
    Stale {
        /// Until when.
        until: Wall,
        /// When it was asked, by the node's time.
        at: Wall,
    },
    /// It could be begun for longer than a node remembers.
    Distant {
        /// Until when.
        until: Wall,
        /// When it was asked, by the node's time.
        at: Wall,
    },
    /// The author has told this wish before, with another content. Whoever wants something else names it anew.
    Retold {
        /// The digest of the intent that it was first told with.
        first: Digest,
    },
    /// The writ, or one that it descends from, was revoked.
    Revoked {
        /// That one.
        writ: WritId,
    },
    /// It is not known that the writ still stands.
    NoStanding(NoStanding),
    /// The writ's window has not begun.
    Early {
        /// When it begins.
        not_before: Wall,
        /// When it was asked.
        at: Wall,
    },
    /// The writ's window is over.
    Expired {
        /// When it ended.
        expires_at: Wall,
        /// When it was asked.
        at: Wall,
    },
    /// The writ does not name the tool.
    Scope,
    /// No such tool is known here.
    UnknownTool,
    /// The writ does not allow what the tool does.
    Ceiling {
        /// The tool's class.
        class: Class,
    },
    /// Target or arguments are not as the tool wants them.
    Args(BadArgs),
    /// The writ has no account here.
    NoAccount,
    /// The writ's account is closed.
    AccountClosed,
    /// This node once saw the writ expired, whatever its clock says now.
    SeenExpired,
    /// Too little of the budget is free.
    Budget(Shortage),
    /// Too many calls under the writ are under way.
    Busy,
    /// The world is not such that the call makes sense.
    Unmet(Unmet),
    /// The policy forbids it.
    Denied {
        /// The digest of the rule.
        rule: Digest,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHome { home } => write!(f, "the writ is spent only at node `{home}`; ask there"),
            Self::Tenant { tenant } => write!(f, "the writ is of tenant `{}`", tenant.0),
            Self::NotSubject { subject } => write!(f, "the writ was given to `{subject}`, not to the author"),
            Self::Stale { until, at } => write!(f, "it was to be begun until {until}, and it is {at}; wish anew"),
            Self::Distant { until, at } => {
                write!(f, "it may be begun until {until}, and it is {at}; say a time less than a day ahead")
            }
            Self::Retold { first } => write!(f, "the nonce was used for intent `{first}`; use a new one for another intent"),
            Self::Revoked { writ } => write!(f, "writ `{writ}` was revoked"),
            Self::NoStanding(NoStanding { giver, lapsed: true }) => {
                write!(f, "it is too long ago that `{giver}` said that the writ stands; wait until it says so again")
            }
            Self::NoStanding(NoStanding { giver, lapsed: false }) => {
                write!(f, "`{giver}` has not said yet that the writ stands; wait until it does")
            }
            Self::Early { not_before, at } => write!(f, "the writ begins at {not_before}, and it is {at}"),
            Self::Expired { expires_at, at } => write!(f, "the writ ended at {expires_at}, and it is {at}"),
            Self::Scope => f.write_str("the writ does not name the tool"),
            Self::UnknownTool => f.write_str("no such tool is known here"),
            Self::Ceiling { class } => write!(f, "the writ does not allow effects of class `{class}`"),
            Self::Args(why) => why.fmt(f),
            Self::NoAccount => f.write_str("the writ has no account here"),
            Self::AccountClosed => f.write_str("the writ's account is closed"),
            Self::SeenExpired => f.write_str("the writ was seen expired before"),
            Self::Budget(shortage) => shortage.fmt(f),
            Self::Busy => f.write_str("too many calls under the writ are under way; come back when one has ended"),
            Self::Unmet(why) => why.fmt(f),
            Self::Denied { rule } => write!(f, "rule `{rule}` of the policy forbids it"),
        }
    }
}

impl core::error::Error for Refusal {}

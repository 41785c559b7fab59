//! The place of policy: it can only forbid what a writ allows, or have somebody asked.

use crate::chain::Granted;
use crate::contract::Contract;
use crate::intent::Intent;
use antfarm_identity::{Codec, Digest};

/// Rules that judge each call after everything else allowed it. There is no default: who compiles says which policy judges.
///
/// ```
/// use antfarm_authority::{Class, Policy, Question, Verdict};
/// use antfarm_identity::{Digest, Domain};
///
/// /// Somebody is asked before anything is done that cannot be taken back.
/// struct Careful;
///
/// impl Policy for Careful {
///     fn version(&self) -> Digest {
///         Digest::of(Domain::new("antfarm 2026 example policy"), b"careful")
///     }
///     fn judge(&self, question: &Question<'_>) -> Verdict {
///         match question.contract.class {
///             Class::Irreversible => Verdict::Suspend { rule: self.version() },
///             Class::Pure | Class::Read | Class::Write | Class::External => Verdict::Permit,
///         }
///     }
/// }
/// ```
pub trait Policy {
    /// The digest of the rules themselves, not of a name for them; recorded in each proposal.
    fn version(&self) -> Digest;

    /// Judges. Must be a pure function of the rules and the question.
    fn judge(&self, question: &Question<'_>) -> Verdict;
}

/// What a policy is asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Question<'a> {
    /// What is wanted.
    pub intent: &'a Intent,
    /// Of which tool.
    pub contract: &'a Contract,
    /// Under which writ, up to the root.
    pub writ: &'a Granted,
}

/// What a policy answers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Verdict {
    /// It may happen.
    Permit,
    /// It may not.
    Deny {
        /// The digest of the rule that says so; of the whole policy when no rule permits.
        rule: Digest,
    },
    /// Not before somebody approves.
    Suspend {
        /// The digest of the rule that says so.
        rule: Digest,
    },
}

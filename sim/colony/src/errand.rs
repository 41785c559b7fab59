//! What a scenario asks of a member.

use crate::said::Written;
use antfarm_authority::{Bytes, Grant, MAX_ARGS, MAX_TARGET, Name, Nonce, Text};
use antfarm_automata as automata;
use antfarm_identity::{Codec, Digest, Domain, PublicKey};
use antfarm_machine::Span;
use antfarm_node::MAX_TASK;

const NAME: Domain = Domain::new("antfarm 2026 colony name");

/// The nonce of what a scenario calls so.
pub fn nonce_of(name: &str) -> Nonce {
    let digest = Digest::of(NAME, name.as_bytes());
    let (nonce, _) = digest.as_bytes().split_first_chunk().expect("a digest is longer than a nonce");
    Nonce(*nonce)
}

/// What somebody wants of a member: of a node in names that it looks up, of a tool that it fail.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Errand {
    /// Give a writ.
    Grant {
        /// What it is called.
        name: Name,
        /// What its parent is called; none: as a trust root.
        under: Option<Name>,
        /// To whom.
        to: PublicKey,
        /// Where it lives.
        home: PublicKey,
        /// What it allows.
        grant: Box<Grant>,
        /// The task that it is given for.
        task: Option<Chore>,
    },
    /// Take on a task.
    Work {
        /// What the writ is called.
        under: Name,
        /// Names the task.
        nonce: Nonce,
        /// What is to be done.
        task: Chore,
    },
    /// A mind thinks in this manner from now on.
    Think {
        /// How.
        manner: Manner,
    },
    /// Have a tool called.
    Wish {
        /// What the writ is called.
        under: Name,
        /// Names the wish.
        nonce: Nonce,
        /// For how long it may be begun, from when this node is told first; none: for some hours, see [`crate::Citizen`].
        lasts: Option<Span>,
        /// Which tool.
        tool: Name,
        /// What it is done to.
        target: Text<MAX_TARGET>,
        /// With what.
        args: Bytes<MAX_ARGS>,
    },
    /// Have an entity act.
    Act {
        /// What the writ is called.
        under: Name,
        /// Names the wish.
        nonce: Nonce,
        /// As of a wish.
        lasts: Option<Span>,
        /// The type and the action, with a dot between them.
        tool: Name,
        /// The entity; behind an `@` the name of the member that it lives at, without one that of whoever is asked.
        id: automata::Text,
        /// Parameters; texts that end in `@` and the name of a member are ids of entities there.
        params: Vec<(automata::Text, automata::Value)>,
        /// Of a composite action, what it writes elsewhere.
        writes: Vec<Written>,
    },
    /// Revoke a writ.
    Revoke {
        /// What it is called.
        name: Name,
    },
    /// Close a writ.
    Close {
        /// What it is called.
        name: Name,
    },
    /// Say of every call in doubt whether it happened.
    Resolve {
        /// Whether it did.
        happened: bool,
    },
    /// A tool fails in this way at the next calls that are new to it.
    Fail {
        /// How.
        mood: Mood,
        /// At how many calls.
        times: u32,
    },
}

/// A task, as scenarios say it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Chore {
    /// What is to be done.
    pub text: Text<MAX_TASK>,
    /// How many thoughts it may take.
    pub steps: u32,
    /// How long after it is told it ends.
    pub within: Span,
}

/// In what manner a mind thinks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Codec)]
pub enum Manner {
    /// It does what its task says.
    #[default]
    Scripted,
    /// It says anything.
    Random,
    /// It says the same for ever, and never answers.
    Looping,
    /// It wants as much as it may at each step, and answers calls that were never made.
    Flooding,
    /// It says again what it said to earlier calls.
    Replaying,
    /// It answers each call twice, and differently.
    Contradicting,
    /// It says that it took more than anybody has.
    Greedy,
    /// It says nothing that is a thought.
    Babbling,
}

impl Manner {
    /// The words of scenarios.
    pub const WORDS: &'static [&'static str] =
        &["scripted", "random", "looping", "flooding", "replaying", "contradicting", "greedy", "babbling"];

    /// The manner that a scenario calls so.
    pub fn of(word: &str) -> Option<Self> {
        let all = [
            Self::Scripted,
            Self::Random,
            Self::Looping,
            Self::Flooding,
            Self::Replaying,
            Self::Contradicting,
            Self::Greedy,
            Self::Babbling,
        ];
        Self::WORDS.iter().position(|it| *it == word).map(|at| all[at])
    }
}

/// How a tool fails.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Mood {
    /// Before its effect: it says that nothing happened.
    Before,
    /// After its effect: it says that something went wrong.
    After,
    /// Around its effect: the effect happens and nobody hears of it.
    Silent,
    /// It never heard the call.
    Deaf,
    /// It answers late.
    Late,
    /// It answers twice.
    Twice,
}

impl Mood {
    /// The words of scenarios.
    pub const WORDS: &'static [&'static str] = &["before", "after", "silent", "deaf", "late", "twice"];

    /// The mood that a scenario calls so.
    pub fn of(word: &str) -> Option<Self> {
        let all = [Self::Before, Self::After, Self::Silent, Self::Deaf, Self::Late, Self::Twice];
        Self::WORDS.iter().position(|it| *it == word).map(|at| all[at])
    }
}

//! What kind of effect: classes of tools, and which of them a writ allows.

use antfarm_identity::Codec;
use core::fmt;

/// What a tool does to the world at worst. The classes are not a ladder: each is allowed by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Class {
    /// Computes from its arguments alone. Always allowed.
    Pure,
    /// Reads state of the colony.
    Read,
    /// Changes state of the colony.
    Write,
    /// Reaches outside the colony.
    External,
    /// Does outside the colony what cannot be taken back.
    Irreversible,
}

/// As manifests write it: `read`.
impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pure => "pure",
            Self::Read => "read",
            Self::Write => "write",
            Self::External => "external",
            Self::Irreversible => "irreversible",
        })
    }
}

/// Which classes of effects are allowed. The default is [`Class::Pure`] only.
///
/// ```
/// use antfarm_authority::{Ceiling, Class};
/// let sends = Ceiling { external: true, ..Ceiling::default() };
/// assert!(sends.allows(Class::External) && sends.allows(Class::Pure));
/// assert!(!sends.allows(Class::Read), "the classes are not a ladder");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Codec)]
pub struct Ceiling {
    /// [`Class::Read`].
    pub read: bool,
    /// [`Class::Write`].
    pub write: bool,
    /// [`Class::External`].
    pub external: bool,
    /// [`Class::Irreversible`].
    pub irreversible: bool,
}

impl Ceiling {
    /// Everything.
    pub const ALL: Self = Self { read: true, write: true, external: true, irreversible: true };

    /// Whether an effect of this class is allowed.
    pub const fn allows(self, class: Class) -> bool {
        match class {
            Class::Pure => true,
            Class::Read => self.read,
            Class::Write => self.write,
            Class::External => self.external,
            Class::Irreversible => self.irreversible,
        }
    }
}

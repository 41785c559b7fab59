//! What an entry of the world is called.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use antfarm_authority::{MAX_NAME, Name, Tenant};
use antfarm_identity::{Codec, Malformed, Reader, Reason};
use core::fmt;

/// The longest id of an entry, in bytes.
pub const MAX_ID: usize = 128;

/// The longest path of a key, in bytes: what bounds the depth of the tree.
pub(super) const MAX_PATH: usize = 2 * (MAX_NAME + 1) + MAX_ID;

/// What separates a key's parts; no name contains it, so that keys are ordered by tenant, then kind, then id.
const BREAK: char = '\0';

/// The name of an entry: whose it is, what kind of thing, which one. Ordered by tenant, kind and id, each by its bytes.
/// Cloning is cheap.
///
/// ```
/// use antfarm_authority::{Name, Tenant};
/// use antfarm_node::{BadId, Key};
/// let (acme, well) = (Tenant(Name::new("acme").expect("legal")), Name::new("well").expect("legal"));
/// assert_eq!(Key::new(&acme, &well, "north 7").map(|key| format!("{key:?}")), Ok("`acme well north 7`".into()));
/// assert_eq!(Key::new(&acme, &well, ""), Err(BadId::Empty));
/// ```
// One text holds all three parts: one allocation for each entry, and the order of keys is the order of bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    path: Arc<str>,
    tenant: u8,
    kind: u8,
}

impl Key {
    /// The key of the thing with this `id`: 1 to [`MAX_ID`] bytes of any text.
    ///
    /// # Errors
    ///
    /// See [`BadId`].
    pub fn new(tenant: &Tenant, kind: &Name, id: &str) -> Result<Self, BadId> {
        match id.len() {
            0 => Err(BadId::Empty),
            length if length > MAX_ID => Err(BadId::TooLong { length }),
            _ => Ok(Self::joined(tenant.0.text(), kind.text(), id)),
        }
    }

    /// Whose it is, as the text of a [`Tenant`].
    pub fn tenant(&self) -> &str {
        &self.path[..usize::from(self.tenant)]
    }

    /// What kind of thing it is, as the text of a [`Name`].
    pub fn kind(&self) -> &str {
        &self.path[usize::from(self.tenant) + 1..][..usize::from(self.kind)]
    }

    /// Which of them it is.
    pub fn id(&self) -> &str {
        &self.path[usize::from(self.tenant) + usize::from(self.kind) + 2..]
    }

    /// What the tree branches on.
    pub(super) fn path(&self) -> &[u8] {
        self.path.as_bytes()
    }

    fn joined(tenant: &str, kind: &str, id: &str) -> Self {
        let mut path = String::with_capacity(tenant.len() + kind.len() + id.len() + 2);
        path.extend([tenant, "\0", kind, "\0", id]);
        let length = |part: &str| u8::try_from(part.len()).expect("a name has at most 64 bytes");
        Self { path: path.into(), tenant: length(tenant), kind: length(kind) }
    }
}

/// Why a text is not an id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BadId {
    /// It has no characters.
    Empty,
    /// It has more than [`MAX_ID`] bytes.
    TooLong {
        /// How many.
        length: usize,
    },
}

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an id has at least one character"),
            Self::TooLong { length } => write!(f, "an id has at most {MAX_ID} bytes, this has {length}"),
        }
    }
}

impl core::error::Error for BadId {}

/// Which keys: those whose paths begin in the same way.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Within(String);

impl Within {
    /// Every key.
    pub const ALL: Self = Self(String::new());

    /// The keys of one tenant.
    pub fn tenant(tenant: &Tenant) -> Self {
        let mut path = String::from(tenant.0.text());
        path.push(BREAK);
        Self(path)
    }

    /// The keys of one tenant's things of one kind.
    pub fn kind(tenant: &Tenant, kind: &Name) -> Self {
        let Self(mut path) = Self::tenant(tenant);
        path.push_str(kind.text());
        path.push(BREAK);
        Self(path)
    }

    /// The keys of one tenant's things of one kind whose ids begin with `start`.
    pub fn ids(tenant: &Tenant, kind: &Name, start: &str) -> Self {
        let Self(mut path) = Self::kind(tenant, kind);
        path.push_str(start);
        Self(path)
    }

    pub(super) fn path(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A path as people read it: its parts with spaces between.
fn show(path: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("`")?;
    path.chars().try_for_each(|it| fmt::Write::write_char(f, if it == BREAK { ' ' } else { it }))?;
    f.write_str("`")
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.path, f)
    }
}

impl fmt::Debug for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.0, f)
    }
}

/// As the tenant, the kind and the id, one after the other.
impl Codec for Key {
    const KINDS: &'static [&'static str] = &["Key"];
    const SHORTEST: usize = 15;
    fn encode(&self, out: &mut Vec<u8>) {
        for part in [self.tenant(), self.kind(), self.id()] {
            out.extend_from_slice(&u32::try_from(part.len()).expect("a part of a key is short").to_le_bytes());
            out.extend_from_slice(part.as_bytes());
        }
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (tenant, kind) = (Tenant::decode(input)?, Name::decode(input)?);
        let offset = input.offset();
        let count = input.count::<u8>()?;
        if count == 0 || count > MAX_ID {
            return Err(Malformed { offset, reason: Reason::Illegal { what: "Key" } });
        }
        let start = input.offset();
        let id = core::str::from_utf8(input.take(count)?);
        let id = id.map_err(|error| Malformed { offset: start + error.valid_up_to(), reason: Reason::Text })?;
        Ok(Self::joined(tenant.0.text(), kind.text(), id))
    }
}

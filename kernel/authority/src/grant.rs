//! What a writ allows, and when that is no more than what another allows.
//!
//! Rule kept: [`narrows`] is a partial order on grants, field by field, and compares *every* field. Destructuring without
//! `..` makes a new field a compile error until somebody decides how it narrows.

use crate::amount::{Amount, Dimension};
use crate::ceiling::Ceiling;
use crate::name::Tenant;
use crate::scope::Scopes;
use alloc::collections::BTreeSet;
use antfarm_identity::{Codec, Digest, Malformed, Reader, Reason};
use antfarm_machine::{Span, Wall};
use core::fmt;

/// How often a writ can be handed on, at most: a chain has at most [`crate::MAX_CHAIN`] writs.
pub const MAX_DELEGATIONS: u8 = 15;

/// What is allowed: the part of a writ that its children must not exceed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Grant {
    /// The colony's id. A writ of one colony means nothing in another.
    pub colony: Digest,
    /// On whose behalf.
    pub tenant: Tenant,
    /// Which tools.
    pub tools: Scopes,
    /// How much, in all.
    pub budget: Amount,
    /// Which classes of effects.
    pub ceiling: Ceiling,
    /// When, by the home's wall clock.
    pub window: Window,
    /// Whether, and how, it may be handed on.
    pub delegation: Delegation,
    /// How long an answer that the writ still stands may be relied on; see [`crate::Standings`]. It bounds how long a
    /// revoked writ can still act.
    pub freshness: Span,
}

/// From when until when; both ends belong to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Window {
    not_before: Wall,
    expires_at: Wall,
}

impl Window {
    /// The window; `None` when it ends before it begins.
    pub fn new(not_before: Wall, expires_at: Wall) -> Option<Self> {
        (not_before <= expires_at).then_some(Self { not_before, expires_at })
    }

    /// The first instant.
    pub const fn not_before(self) -> Wall {
        self.not_before
    }

    /// The last instant.
    pub const fn expires_at(self) -> Wall {
        self.expires_at
    }
}

impl Codec for Window {
    const KINDS: &'static [&'static str] = &["Window"];
    const SHORTEST: usize = 16;
    fn encode(&self, out: &mut alloc::vec::Vec<u8>) {
        self.not_before.encode(out);
        self.expires_at.encode(out);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let illegal = Malformed { offset: input.offset(), reason: Reason::Illegal { what: "Window" } };
        Self::new(Codec::decode(input)?, Codec::decode(input)?).ok_or(illegal)
    }
}

/// Whether the subject may hand the writ on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Delegation {
    depth: u8,
    may_subdivide: bool,
}

impl Delegation {
    /// To nobody.
    pub const NONE: Self = Self { depth: 0, may_subdivide: false };

    /// To children, their children and so on, `depth` generations. Who may subdivide may give a child a part of the budget;
    /// who may not hands on all of it or nothing. `None` when `depth` is more than [`MAX_DELEGATIONS`].
    pub const fn new(depth: u8, may_subdivide: bool) -> Option<Self> {
        match depth {
            0..=MAX_DELEGATIONS => Some(Self { depth, may_subdivide }),
            _ => None,
        }
    }

    /// How many generations may follow.
    pub const fn depth(self) -> u8 {
        self.depth
    }

    /// Whether a child may have less than the whole budget.
    pub const fn may_subdivide(self) -> bool {
        self.may_subdivide
    }
}

impl Codec for Delegation {
    const KINDS: &'static [&'static str] = &["Delegation"];
    const SHORTEST: usize = 2;
    fn encode(&self, out: &mut alloc::vec::Vec<u8>) {
        self.depth.encode(out);
        self.may_subdivide.encode(out);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let illegal = Malformed { offset: input.offset(), reason: Reason::Illegal { what: "Delegation" } };
        Self::new(Codec::decode(input)?, Codec::decode(input)?).ok_or(illegal)
    }
}

/// A part of a grant that can be too wide.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Field {
    /// Another colony.
    Colony,
    /// Another tenant.
    Tenant,
    /// A tool that the parent does not have.
    Tools,
    /// More in this dimension of the budget.
    Budget(Dimension),
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Reaching outside.
    External,
    /// What cannot be taken back.
    Irreversible,
    /// An earlier beginning.
    NotBefore,
    /// A later end.
    ExpiresAt,
    /// More generations of children.
    Depth,
    /// Subdividing: allowed to the child and not to the parent, or done by a parent that may not.
    Subdivision,
    /// A longer freshness.
    Freshness,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Colony => "its colony",
            Self::Tenant => "its tenant",
            Self::Tools => "its tools",
            Self::Budget(dimension) => return write!(f, "its budget of {dimension}"),
            Self::Read => "reading",
            Self::Write => "writing",
            Self::External => "reaching outside",
            Self::Irreversible => "what cannot be taken back",
            Self::NotBefore => "its beginning",
            Self::ExpiresAt => "its end",
            Self::Depth => "generations of children",
            Self::Subdivision => "subdividing",
            Self::Freshness => "its freshness",
        })
    }
}

/// A grant exceeds the one that it should narrow.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Widened {
    /// In these fields: at least one.
    pub fields: BTreeSet<Field>,
}

impl fmt::Display for Widened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the writ exceeds its parent in ")?;
        for (nth, field) in self.fields.iter().enumerate() {
            write!(f, "{}{field}", if nth == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl core::error::Error for Widened {}

/// Whether `child` allows no more than `parent` in any field. A partial order: every grant narrows itself, two that narrow
/// each other are equal, and what narrows a narrower grant narrows the wider one.
///
/// # Errors
///
/// All fields in which the child allows more.
pub fn narrows(parent: &Grant, child: &Grant) -> Result<(), Widened> {
    let Grant { colony, tenant, tools, budget, ceiling, window, delegation, freshness } = child;
    let Ceiling { read, write, external, irreversible } = *ceiling;
    let Window { not_before, expires_at } = *window;
    let Delegation { depth, may_subdivide } = *delegation;
    let (limit, allowed, within) = (&parent.ceiling, parent.delegation, parent.window);
    let wider = [
        (Field::Colony, *colony != parent.colony),
        (Field::Tenant, *tenant != parent.tenant),
        (Field::Tools, !parent.tools.covers(tools)),
        (Field::Read, read && !limit.read),
        (Field::Write, write && !limit.write),
        (Field::External, external && !limit.external),
        (Field::Irreversible, irreversible && !limit.irreversible),
        (Field::NotBefore, not_before < within.not_before),
        (Field::ExpiresAt, expires_at > within.expires_at),
        (Field::Depth, depth > allowed.depth),
        (Field::Subdivision, may_subdivide && !allowed.may_subdivide),
        (Field::Freshness, *freshness > parent.freshness),
    ];
    let wider = wider.into_iter().filter_map(|(field, is_wider)| is_wider.then_some(field));
    refuse(wider.chain(budget.beyond(parent.budget).map(Field::Budget)).collect())
}

/// Whether a holder of `parent` may hand on `child`: it narrows, has at least one generation less before it, and takes
/// the whole budget unless the parent may subdivide.
///
/// # Errors
///
/// All fields in which it must not be so.
pub fn delegates(parent: &Grant, child: &Grant) -> Result<(), Widened> {
    let mut wider = narrows(parent, child).err().map(|it| it.fields).unwrap_or_default();
    if child.delegation.depth >= parent.delegation.depth {
        wider.insert(Field::Depth);
    }
    if child.budget != parent.budget && !parent.delegation.may_subdivide {
        wider.insert(Field::Subdivision);
    }
    refuse(wider)
}

fn refuse(fields: BTreeSet<Field>) -> Result<(), Widened> {
    if fields.is_empty() { Ok(()) } else { Err(Widened { fields }) }
}

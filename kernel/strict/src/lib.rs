//! Strict TOML for files that people write: scenarios, configurations, manifests, specifications.
//!
//! What is not known is an error with file, line, column and the nearest name that would be right; nothing is guessed, rounded or left
//! out. All that is wrong with a file is found at once, up to twenty [`Trouble`]s. [`parse`] gives the tree of a file; a [`Section`] is a
//! table of it that is asked for typed values by name. Floats and dates are kept out: nothing in these files is one.
//!
//! ```
//! use antfarm_strict::{Found, Section};
//!
//! let mut found = Found::default();
//! let top = Section::file("queen.toml", "pulse = \"1s\"\nsweeep = \"10m\"", &["pulse", "sweep"], &mut found).unwrap();
//! assert_eq!(top.span("pulse", antfarm_machine::Span::from_millis(500), &mut found), antfarm_machine::Span::from_secs(1));
//! let troubles = found.or(Some(())).unwrap_err();
//! assert_eq!(troubles.to_string(), "queen.toml:2:1: unknown key `sweeep`; did you mean `sweep`?");
//! ```

#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]

mod document;
mod nearest;
mod quantity;
mod section;
mod trouble;

pub use document::{Item, Place, Source, Table, Value, parse};
pub use nearest::nearest;
pub use quantity::{Decimal, LONGEST, UNITS, duration, duration_text, span, span_text};
pub use section::Section;
pub use trouble::{Complaint, Found, Trouble, Troubles};

//! Strict TOML: an unknown key or word, and a value of the wrong type, is an error with file, line, column and the nearest
//! valid name. For manifests, and for whoever reads other files in the same manner.

mod document;
mod nearest;
mod section;
mod trouble;

pub use section::{Section, duration};
pub use trouble::{Complaint, Found, Trouble, Troubles};

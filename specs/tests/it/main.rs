//! The cascade, from outside.

mod assumed;
mod colony;
mod drawn;
mod fair;
mod graph;
mod holes;
mod load;
mod missed;
mod random;
mod schema;
mod small;

use std::path::{Path, PathBuf};

/// A file or folder of the shipped specs.
fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

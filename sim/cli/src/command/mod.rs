//! The commands, one file each.

pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod new;
pub(crate) mod prove;
pub(crate) mod replay;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod shrink;
pub(crate) mod verify;

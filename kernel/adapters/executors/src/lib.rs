//! Tools as local peers of a node: calls in, outcomes out, at most once for each key.
//!
//! - A [`Manifest`] says which tools there are, in strict TOML: an unknown key is an error with its place.
//! - [`Executors`] hear what a node tells a tool, and answer as the tool's contract wants it: the same outcome for the same key,
//!   also after a restart; nothing begun after its deadline; nothing begun that was closed.
//! - A request goes over HTTP to a host that the manifest fixes, at a public address that was looked at after the name was
//!   resolved; a call fills path, query and body.
//! - A command runs under the helper `antfarm-exec`, which restricts itself with namespaces, Landlock, limits and a filter of
//!   system calls, and refuses, naming the [`Layer`], where the machine does not have one.
//! - [`SecretSource`]: secrets by name, read when they are used and taken out of whatever comes back.
//!
//! `kernel/adapters/README.md` says what can be written in a manifest, and which outcome follows from what.
//!
//! ```
//! let manifest = antfarm_executors::Manifest::parse("tools.toml", r#"
//!     [[tool]]
//!     name      = "text.sort"
//!     contract  = "keyed"
//!     retention = "1h"
//!     reads     = true
//!     [tool.command]
//!     argv  = ["/usr/bin/sort"]
//!     stdn  = "${args}"
//! "#);
//! let troubles = manifest.expect_err("a key is misspelt").to_string();
//! assert_eq!(troubles, "tools.toml:9:5: unknown key `stdn` in `command`; did you mean `stdin`?");
//! ```
//!
//! # What it does not do
//!
//! It decides nothing about authority: whoever is answered here was allowed to ask by a node. It retries nothing: the node does.

mod attempt;
mod cause;
mod command;
mod executors;
mod http;
mod manifest;
mod outcomes;
mod sandbox;
mod sealed;
mod secrets;
mod template;
mod toolbox;

pub use cause::{Barrier, Cause};
pub use executors::{Answer, Executors, Refused, Setup};
pub use http::{Resolver, Resolving};
pub use manifest::{Manifest, Tool};
pub use outcomes::Unkept;
pub use sandbox::{Held, Layer, main as sandbox_main};
pub use secrets::{NoSecret, SecretSource};
pub use template::{Arguments, Unfit};

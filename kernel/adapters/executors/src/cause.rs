//! Why a call was answered as it was: for whoever looks after the daemon. A node is told outcomes only.
//!
//! Nothing of a secret, an argument or a body is in here.

use crate::sandbox::{Held, Layer};
use crate::secrets::NoSecret;
use crate::template::Unfit;
use antfarm_machine::Wall;
use std::fmt;
use std::net::IpAddr;

/// Why a call was answered as it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cause {
    /// It was done.
    Done,
    /// It was answered before, and so again.
    Repeated,
    /// Its key was closed.
    Burned,
    /// It was begun before, and nobody knows how it ended.
    InDoubt,
    /// It came, or could begin, only after its deadline.
    TooLate {
        /// The deadline.
        deadline: Wall,
    },
    /// It does not fit the tool.
    Unfit(Unfit),
    /// A secret is missing.
    Secret {
        /// Its name.
        name: String,
        /// Why.
        why: NoSecret,
    },
    /// A layer of the sandbox is missing.
    Sandbox(Held),
    /// The command could not be started.
    Unstarted(String),
    /// The command ended with this status.
    Exited(u8),
    /// The command was ended by this signal.
    Signalled(u32),
    /// Its time was over.
    TimedOut,
    /// It answered more than it may.
    Flooded,
    /// The helper ended without a word.
    HelperDied,
    /// Nobody could be connected to; the reason in the system's words.
    Unreachable(String),
    /// The address is none of the public network.
    Barred(IpAddr),
    /// The server sent us where the manifest does not let us go.
    Redirect(Barrier),
    /// The server answered with this status.
    Status(u16),
    /// The connection broke off before the answer was whole.
    Broken,
}

/// What a redirect came up against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Barrier {
    /// It names no place, or none that can be gone to.
    Malformed,
    /// The host and port are not allowed.
    Host,
    /// It leads from an encrypted place to one that is not.
    Cleartext,
    /// There were too many.
    Hops,
    /// A request that changes something is repeated elsewhere only where the server says that it did nothing.
    Method,
}

impl fmt::Display for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "a place that cannot be read",
            Self::Host => "a host or port that is not on the list `allow`",
            Self::Cleartext => "a place without encryption",
            Self::Hops => "one place too many",
            Self::Method => "another place, after a request that may have changed something",
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Repeated => f.write_str("answered before"),
            Self::Burned => f.write_str("the key was closed"),
            Self::InDoubt => f.write_str("it was begun before, and how it ended is not known"),
            Self::TooLate { deadline } => write!(f, "too late: it had to begin by {}", deadline.as_nanos()),
            Self::Unfit(unfit) => write!(f, "the call does not fit the tool: {unfit}"),
            Self::Secret { name, why } => write!(f, "the secret `{name}` cannot be used: {why}"),
            Self::Sandbox(Held { layer, missing }) => {
                let why = missing.as_deref().unwrap_or("it holds");
                write!(f, "the sandbox lacks `{layer}`: {why}; ")?;
                match layer {
                    Layer::Identity => f.write_str("run the daemon as another user than root")?,
                    Layer::User
                    | Layer::Network
                    | Layer::Mount
                    | Layer::Ipc
                    | Layer::Uts
                    | Layer::Processes
                    | Layer::Limits
                    | Layer::NoNewPrivileges
                    | Layer::Files
                    | Layer::Calls => f.write_str("let the machine have it")?,
                }
                f.write_str(", or write `sandbox = \"best-effort\"` to go without")
            }
            Self::Unstarted(why) => write!(f, "the command could not be started: {why}"),
            Self::Exited(status) => write!(f, "the command ended with status {status}"),
            Self::Signalled(signal) => write!(f, "the command was ended by signal {signal}"),
            Self::TimedOut => f.write_str("its time was over"),
            Self::Flooded => f.write_str("it answered more than it may"),
            Self::HelperDied => f.write_str("the helper ended without a word"),
            Self::Unreachable(why) => write!(f, "nobody could be connected to: {why}"),
            Self::Barred(address) => write!(f, "`{address}` is no address of the public network"),
            Self::Redirect(barrier) => write!(f, "the server redirects to {barrier}"),
            Self::Status(status) => write!(f, "the server answered with status {status}"),
            Self::Broken => f.write_str("the connection broke off"),
        }
    }
}

/// How an attempt went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Ran {
    /// It took effect, and this is what it said.
    Done(Vec<u8>),
    /// It had no effect, and will have none.
    Failed(Cause),
    /// It may have had one.
    Unclear(Cause),
}

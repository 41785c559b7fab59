//! What executors and their helper tell each other: frames of a length and a canonically encoded value.

use antfarm_identity::{Codec, from_bytes, to_bytes};
use antfarm_machine::Span;
use std::fmt;
use std::io::{self, Read};

/// The longest frame, in bytes.
pub(crate) const MAX_FRAME: usize = 1 << 20;

/// What the helper is to do.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub(crate) struct Spec {
    /// The program, by its whole path, and its arguments.
    pub(crate) argv: Vec<String>,
    /// Its environment: nothing else is in it.
    pub(crate) environment: Vec<(String, String)>,
    /// Its standard input.
    pub(crate) input: Vec<u8>,
    /// Where it runs; it may write there.
    pub(crate) folder: String,
    /// What it may read and execute.
    pub(crate) read: Vec<String>,
    /// What it may write besides.
    pub(crate) write: Vec<String>,
    /// What it may use.
    pub(crate) limits: Limits,
    /// As whom it runs where the helper was started by root.
    pub(crate) user: u32,
    /// Whether it is started also where layers are missing.
    pub(crate) best_effort: bool,
}

/// What a command may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Codec)]
pub(crate) struct Limits {
    /// From start to end.
    pub(crate) time: Span,
    /// Processor time of one process, in seconds.
    pub(crate) cpu: u64,
    /// Address space of one process, in bytes.
    pub(crate) memory: u64,
    /// Open files of one process.
    pub(crate) files: u64,
    /// Processes and threads.
    pub(crate) processes: u64,
    /// Bytes of one file.
    pub(crate) file_size: u64,
    /// Bytes of output.
    pub(crate) output: u64,
}

/// One thing that holds a command back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Layer {
    /// It does not run as root.
    Identity,
    /// A user namespace: no rights over anything outside.
    User,
    /// A network namespace: no network, not even loopback.
    Network,
    /// A mount namespace.
    Mount,
    /// A namespace of System V objects and message queues.
    Ipc,
    /// A namespace of host names.
    Uts,
    /// A process namespace: it sees and signals nobody outside, and all of it dies at once.
    Processes,
    /// Limits of time, memory, files and processes.
    Limits,
    /// It never gains rights by executing a file.
    NoNewPrivileges,
    /// Landlock: it reads and writes what the manifest lists.
    Files,
    /// The filter of system calls: no sockets, no mounts, no tracing.
    Calls,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity (not root)",
            Self::User => "user namespace",
            Self::Network => "network namespace",
            Self::Mount => "mount namespace",
            Self::Ipc => "ipc namespace",
            Self::Uts => "uts namespace",
            Self::Processes => "process namespace",
            Self::Limits => "resource limits",
            Self::NoNewPrivileges => "no new privileges",
            Self::Files => "landlock",
            Self::Calls => "seccomp",
        })
    }
}

/// Whether a layer holds.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub struct Held {
    /// Which.
    pub layer: Layer,
    /// Why not; none if it does.
    pub missing: Option<String>,
}

/// What the helper says.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub(crate) enum Event {
    /// These layers hold, or do not and the spec allowed that. The command begins.
    Began(Vec<Held>),
    /// The command was not begun: this layer is missing.
    Refused(Held),
    /// The command was not begun: it could not be executed, or what it was to use is not there.
    Unstarted(String),
    /// It wrote this to its standard output.
    Wrote(Vec<u8>),
    /// It is over, and so is everything that it started.
    Ended {
        /// How.
        end: End,
        /// The beginning of what it wrote to its standard error.
        complaint: Vec<u8>,
    },
}

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Codec)]
pub(crate) enum End {
    /// By itself, with this status.
    Exited(u8),
    /// By a signal, perhaps because it used more than it may.
    Signalled(u32),
    /// Its time was over.
    TimedOut,
    /// It wrote more than it may.
    Flooded,
}

/// A value in its frame.
pub(crate) fn frame(value: &impl Codec) -> Vec<u8> {
    let body = to_bytes(value);
    let length = u32::try_from(body.len()).expect("frames are far below 4 GiB");
    [&length.to_le_bytes()[..], &body].concat()
}

/// Reads one frame, and not a byte more.
pub(super) fn read_frame<T: Codec>(from: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_FRAME {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    from_bytes(&body).map_err(|_| io::ErrorKind::InvalidData.into())
}

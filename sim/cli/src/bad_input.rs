//! What is wrong with what the user gave: exit status 2, and a message that says where and what to do.

use crate::mutants::{BadCampaign, BadPatch, BadScratch};
use crate::recorded::Unfit;
use antfarm_sim::BadRecording;
use antfarm_sim::scenario::{Troubles, Unshrinkable};
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a command did not begin, or could not go on.
#[derive(Debug)]
pub(crate) enum BadInput {
    /// A file or folder could not be read.
    Unreadable(PathBuf, io::Error),
    /// A file or folder could not be written.
    Unwritable(PathBuf, io::Error),
    /// A folder holds no scenario.
    NoScenarios(PathBuf),
    /// A folder holds no ledger.
    NoLedger(PathBuf),
    /// What holds for one ledger was said of many.
    ManyLedgers {
        /// The option.
        option: &'static str,
        /// How many there are.
        ledgers: usize,
    },
    /// The specs of a ledger's node cannot be read, or do not fit each other.
    Suite(String),
    /// More keys than a colony trusts.
    TooManyRoots,
    /// A scenario file is malformed.
    Scenario(Troubles),
    /// A recording is malformed.
    Recording(PathBuf, BadRecording),
    /// What a daemon recorded cannot be replayed.
    Unfit(PathBuf, Unfit),
    /// An option that says nothing of such a file.
    NotOfThis {
        /// The option.
        option: &'static str,
        /// The file.
        file: PathBuf,
        /// Whether a daemon recorded it; else it is a scenario.
        is_recording: bool,
    },
    /// Nobody tells of the machine of a scenario.
    NotTold {
        /// The scenario.
        file: String,
        /// Its machine.
        machine: String,
    },
    /// The machine of a scenario cannot be searched exhaustively.
    NotSearched {
        /// The scenario.
        file: String,
        /// Its machine.
        machine: String,
    },
    /// It is not said which run of a scenario is meant.
    NoSeed(String),
    /// It is not said which run of a scenario is to be shrunk.
    NoSeedGiven(String),
    /// There is nothing to shrink.
    Unshrinkable(String, u64, Unshrinkable),
    /// The last seed of all cannot be run alone.
    LastSeed,
    /// More seeds than can be counted.
    TooManySeeds,
    /// No patch has this name.
    NoPatch(String),
    /// A patch file is malformed.
    Patch(BadPatch),
    /// The scratch copy could not be made, patched or built.
    Scratch(BadScratch),
    /// A mutant gave no answer.
    Campaign(BadCampaign),
    /// Specs could not be read, or are malformed.
    Specs(Vec<antfarm_specs::Unloaded>),
    /// Warnings, where they are asked to be errors.
    Warnings(usize),
    /// A type that is not among the specs.
    NoType(String),
    /// The solver that the environment names is not there.
    NoSolver(PathBuf),
    /// The solver does not start.
    Solver(PathBuf, io::Error),
    /// A skeleton would overwrite something.
    Exists(PathBuf),
    /// A skeleton cannot have this name.
    Name(PathBuf),
}

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "{}: cannot be read: {error}", path.display()),
            Self::Unwritable(path, error) => write!(f, "{}: cannot be written: {error}", path.display()),
            Self::NoScenarios(path) => write!(f, "{}: no `*.toml` file is in this folder", path.display()),
            Self::NoLedger(path) => {
                write!(f, "{}: no ledger is in this folder: no file is called `log-00000001` or so", path.display())
            }
            Self::Suite(why) => f.write_str(why),
            Self::ManyLedgers { option, ledgers } => {
                write!(f, "{option} is about one ledger, and these are {ledgers}; name its folder alone")
            }
            Self::TooManyRoots => write!(f, "a colony trusts at most {} keys; give fewer --root", antfarm_authority::MAX_ROOTS),
            Self::Scenario(troubles) => write!(f, "{troubles:#}"),
            Self::Recording(path, bad) => write!(f, "{}: {bad}", path.display()),
            Self::Unfit(path, unfit) => write!(f, "{}: {unfit}", path.display()),
            Self::NotOfThis { option, file, is_recording } => {
                let what =
                    if *is_recording { "a scenario, and this is a recording" } else { "a recording, and this is a scenario" };
                write!(f, "{}: {option} is about {what}; leave it out", file.display())
            }
            Self::NotTold { file, machine } => {
                write!(f, "{file}: nobody tells of the machine `{machine}`; replay it without `--told`")
            }
            Self::NotSearched { file, machine } => {
                write!(f, "{file}: `{machine}` does not say how it is searched; implement `Subject::search` for it")
            }
            Self::NoSeed(name) => write!(f, "`{name}` has many runs; say which: `{name}:7`"),
            Self::NoSeedGiven(file) => write!(f, "{file}: say which run with --seed; `antfarm run` finds one that fails"),
            Self::Unshrinkable(file, seed, why) => write!(f, "{file}, seed {seed}: {why}"),
            Self::LastSeed => f.write_str("seeds end before 2^64 - 1"),
            Self::TooManySeeds => f.write_str("so many seeds cannot be counted; run fewer"),
            Self::NoPatch(name) => write!(f, "no patch is called `{name}`; the name is the file's, without `.patch`"),
            Self::Patch(bad) => bad.fmt(f),
            Self::Scratch(bad) => bad.fmt(f),
            Self::Campaign(bad) => bad.fmt(f),
            Self::Specs(wrong) => {
                let told: Vec<String> = wrong.iter().map(ToString::to_string).collect();
                f.write_str(told.join("\n").trim_end())
            }
            Self::Warnings(many) => write!(f, "{many} warnings, and `--strict` takes them for errors"),
            Self::NoType(entity) => write!(f, "`{entity}` is not among these specs; name its file, too"),
            Self::NoSolver(path) => {
                write!(f, "{}: there is no such file, and {} names it", path.display(), antfarm_specs::smt::VARIABLE)
            }
            Self::Solver(path, error) => write!(f, "{}: cannot be asked: {error}", path.display()),
            Self::Exists(path) => write!(f, "`{}` is there already; choose another name or remove it", path.display()),
            Self::Name(path) => {
                let path = path.display();
                write!(f, "`{path}` is no name for this; use lower-case letters, digits and `_`, a letter first")
            }
        }
    }
}

impl std::error::Error for BadInput {}

impl From<BadPatch> for BadInput {
    fn from(bad: BadPatch) -> Self {
        Self::Patch(bad)
    }
}

impl From<BadScratch> for BadInput {
    fn from(bad: BadScratch) -> Self {
        Self::Scratch(bad)
    }
}

impl From<BadCampaign> for BadInput {
    fn from(bad: BadCampaign) -> Self {
        Self::Campaign(bad)
    }
}

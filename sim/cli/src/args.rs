//! The command line, and the help that teaches it.

use crate::exit::STATUSES;
use crate::seeds::Seeds;
use antfarm_identity::{Digest, PublicKey};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::num::{NonZeroU8, NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;

/// Runs machines in a simulated world that breaks, and shows what failed.
///
/// A scenario file names a machine, its workload and its faults; a seed picks one of its many runs. Equal seed, equal run,
/// byte for byte: a failure found once can be replayed for ever.
#[derive(Parser, Debug)]
#[command(name = "antfarm", version, after_help = STATUSES, after_long_help = format!("{START}\n\n{STATUSES}"))]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const START: &str = "Begin with:
  antfarm run scenarios                    every scenario, with the seeds that its file asks for
  antfarm run scenarios/x.toml --seeds 1000
  antfarm replay scenarios/x.toml --seed 7
  antfarm new scenario mine                a file to change";

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Run scenarios over many seeds, and report what failed and what fired
    #[command(after_help = RUN, after_long_help = format!("{RUN}\n\n{STATUSES}"))]
    Run(Run),
    /// Tell the story of one run, step by step
    #[command(after_help = REPLAY, after_long_help = format!("{REPLAY}\n\n{STATUSES}"))]
    Replay(Replay),
    /// Write the smallest scenario that still fails in the same way
    #[command(after_help = SHRINK, after_long_help = format!("{SHRINK}\n\n{STATUSES}"))]
    Shrink(Shrink),
    /// Find the first event at which two runs part, with both states
    #[command(after_help = DIFF, after_long_help = format!("{DIFF}\n\n{STATUSES}"))]
    Diff(Diff),
    /// Try every interleaving of a scenario's small world
    #[command(after_help = CHECK, after_long_help = format!("{CHECK}\n\n{STATUSES}"))]
    Check(Check),
    /// Prove automaton specs at several levels, on the interpreter that runs them
    #[command(after_help = PROVE, after_long_help = format!("{PROVE}\n\n{STATUSES}"))]
    Prove(Prove),
    /// Check ledgers without trusting who wrote them: chain, signatures, and every decision derived again
    #[command(after_help = VERIFY, after_long_help = format!("{VERIFY}\n\n{STATUSES}"))]
    Verify(Verify),
    /// Tell the trail of a ledger: who did what under whose authority, in order
    #[command(after_help = AUDIT, after_long_help = format!("{AUDIT}\n\n{STATUSES}"))]
    Audit(Audit),
    /// Plant bugs from patch files and report which are found, how soon, and by which property
    #[command(after_help = MUTANTS, after_long_help = format!("{MUTANTS}\n\n{STATUSES}"))]
    Mutants(Mutants),
    /// Write a working skeleton to start from
    #[command(after_help = NEW, after_long_help = format!("{NEW}\n\n{STATUSES}"))]
    New(New),
    /// Print the JSON Schema of a kind of file, for editors
    #[command(after_help = SCHEMA, after_long_help = format!("{SCHEMA}\n\n{STATUSES}"))]
    Schema(Schema),
}

const RUN: &str = "Examples:
  antfarm run scenarios/raft --seeds 1000 --jobs 2
  antfarm run scenarios --seeds 20 --twice       each seed twice: both must give one digest
  antfarm run scenarios/x.toml --seed 7 --json   one JSON object, then a summary
  antfarm run scenarios/x.toml --seed 7 --keep target/kept    and the disks of its nodes, for `antfarm verify`";

/// What to run.
#[derive(Args, Debug)]
pub(crate) struct Run {
    /// Scenario files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// A count of seeds, or a range `A..B` without its end; at first what each file says
    #[arg(long, value_name = "N|A..B")]
    pub(crate) seeds: Option<Seeds>,
    /// One seed
    #[arg(long, value_name = "S", conflicts_with = "seeds")]
    pub(crate) seed: Option<u64>,
    /// Threads; at first one for each processor
    #[arg(long, value_name = "J")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Print one JSON object for each seed and a summary
    #[arg(long)]
    pub(crate) json: bool,
    /// Run each seed twice and compare the digests
    #[arg(long)]
    pub(crate) twice: bool,
    /// Stop at the first failure
    #[arg(long)]
    pub(crate) first: bool,
    /// Show failures as they are found, and do not make them small
    #[arg(long)]
    pub(crate) no_shrink: bool,
    /// Where failing runs are saved, at first target/antfarm; when it is given, the disks of the first 16 seeds too
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

const REPLAY: &str = "Examples:
  antfarm replay scenarios/x.toml --seed 7
  antfarm replay target/antfarm/x-7.toml         a saved failure: each digest is compared with the record
  antfarm replay scenarios/x.toml --seed 7 --until 500
  antfarm replay scenarios/x.toml --seed 7 --until 500 --state   and the state that event 500 left
  antfarm replay run-1.recording --ledger queen  what a daemon recorded: the same effects, and the ledger that it kept?

A recording of a daemon needs no key. The exit status is 1 where the runs part, and 4 where the recording has no end: its process was
killed, or the recording was full. `--until` counts inputs then, from 0.";

/// What to replay.
#[derive(Args, Debug)]
pub(crate) struct Replay {
    /// A scenario, a saved failure, or what a daemon recorded
    pub(crate) file: PathBuf,
    /// Which run of it; at first the saved failure's, else 0
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Tell no more than the events up to this one
    #[arg(long, value_name = "EVENT")]
    pub(crate) until: Option<u64>,
    /// Tell it as a person would write it down, where the machine can be told so
    #[arg(long, conflicts_with = "until")]
    pub(crate) told: bool,
    /// Show the state after that event too: of the node that it concerned, or of all
    #[arg(long, requires = "until")]
    pub(crate) state: bool,
    /// Of a recording: hold what it wrote against this ledger
    #[arg(long, value_name = "FOLDER")]
    pub(crate) ledger: Option<PathBuf>,
    /// Of a recording: print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

const SHRINK: &str = "Examples:
  antfarm shrink scenarios/x.toml --seed 7
  antfarm shrink target/antfarm/x-7.toml -o scenarios/regressions/x.toml

The exit status is 0 when nothing more can go, 2 when the seed does not fail, and 4 when the time was over before.";

/// What to shrink.
#[derive(Args, Debug)]
pub(crate) struct Shrink {
    /// A scenario, or a saved failure
    pub(crate) file: PathBuf,
    /// Which run of it; at first the saved failure's
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Where to; at first a file of its own in target/antfarm
    #[arg(short, value_name = "F")]
    pub(crate) out: Option<PathBuf>,
    /// CPU-seconds to spend at most
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    pub(crate) cpu: NonZeroU32,
}

const DIFF: &str = "Each side is a scenario with a seed, `FILE:SEED`, a saved failure, or a recording (`.steps`).

Examples:
  antfarm diff scenarios/x.toml:7 scenarios/x.toml:8
  antfarm diff target/antfarm/x-7.toml scenarios/x.toml:7

The exit status is 0 when the runs are equal and 1 when they part.";

/// What to compare.
#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// One run
    #[arg(value_name = "A")]
    pub(crate) left: String,
    /// The other run
    #[arg(value_name = "B")]
    pub(crate) right: String,
}

const CHECK: &str =
    "The scenario's asks are all made, in any order, with the trouble that its table `model` allows; time does not count.

Examples:
  antfarm check scenarios/raft/small.toml
  antfarm check scenarios/raft/small.toml --max-states 50000000 --jobs 2
  antfarm check scenarios/raft/small.toml --explore 127.0.0.1:3000     stateright's explorer, in a browser";

/// What to search.
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// The scenario
    pub(crate) file: PathBuf,
    /// The most states to generate; more to come is exit status 4
    #[arg(long, value_name = "N", default_value = "10000000")]
    pub(crate) max_states: NonZeroUsize,
    /// Threads
    #[arg(long, value_name = "J", default_value = "1")]
    pub(crate) jobs: NonZeroUsize,
    /// Serve stateright's explorer at this address instead
    #[arg(long, value_name = "ADDR")]
    pub(crate) explore: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const MUTANTS: &str =
    "A patch begins with the lines `# property: NAME, ..`, `# scenario: FILE`, `# why: ..` and may have `# check: FILE`.
A bug whose property is `digest` makes a seed give more than one run: it is looked for by running each seed twice.
Bugs are planted in a copy below `target/mutants`; the work tree is not touched. Shrunk failures are left there, in `shrunk`.

Examples:
  antfarm mutants sim/mutants/colony --bases 5 --cpu 60 --needs --shrink 5
  antfarm mutants sim/mutants/raft --bases 5
  antfarm mutants sim/mutants/raft --only vote_not_persisted --cpu 60";

/// Which planted bugs to look for.
#[derive(Args, Debug)]
pub(crate) struct Mutants {
    /// The folder of patch files
    #[arg(value_name = "DIR", default_value = "sim/mutants/raft")]
    pub(crate) dir: PathBuf,
    /// At most so many seeds from each base
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) seeds: u64,
    /// How many bases; base b begins at seed b x 1,000,000
    #[arg(long, value_name = "K", default_value = "1")]
    pub(crate) bases: NonZeroU8,
    /// No further batch of seeds begins after so many CPU-seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(crate) cpu: u64,
    /// Threads
    #[arg(long, value_name = "J", default_value = "1")]
    pub(crate) jobs: NonZeroUsize,
    /// Find out which families of faults each bug needs: with them left out, it is run again
    #[arg(long)]
    pub(crate) needs: bool,
    /// Make so many failures of each bug small, in 60 CPU-seconds each, and run what comes out, with the bug and without
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) shrink: usize,
    /// Only the patch of this name
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Option<String>,
    /// The bound of the model checker, in states
    #[arg(long, value_name = "N", default_value_t = 2_000_000)]
    pub(crate) max_states: usize,
    /// The binary to build; at first the one that runs
    #[arg(long, value_name = "NAME")]
    pub(crate) bin: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const VERIFY: &str =
    "A ledger is a folder of segments, `log-00000001` and on. All that lie below a folder are checked, and held against each other:
what one remembers of another's head must lie on the other's chain. Without --root the keys that gave writs without a parent are
taken at the ledgers' word, and named.

Examples:
  antfarm verify target/kept/scenarios-colony-first-1
  antfarm verify ledgers/queen --head 120:<64 hexadecimal digits>     it must pass through this head
  antfarm verify ledgers --root <64 hexadecimal digits> --json        and its writs must come from this key

The exit status is 4 when facts could not be judged: a payload that they follow from was redacted, or no writ says in which colony they
were recorded.";

/// What to check.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// Folders of ledgers
    #[arg(required = true, value_name = "FOLDER")]
    pub(crate) folders: Vec<PathBuf>,
    /// A head that the one ledger must pass through
    #[arg(long, value_name = "RECORDS:DIGEST")]
    pub(crate) head: Option<Point>,
    /// The one ledger's id; at first what its first segment says
    #[arg(long, value_name = "HEX")]
    pub(crate) log: Option<Digest>,
    /// The colony's id; at first what the writs say
    #[arg(long, value_name = "HEX")]
    pub(crate) colony: Option<Digest>,
    /// A key that may give writs without a parent; may be given more than once
    #[arg(long = "root", value_name = "KEY", value_parser = key)]
    pub(crate) roots: Vec<PublicKey>,
    /// Files of the specs that entities live by: what these did is derived again
    #[arg(long, value_name = "SPEC", num_args = 1..)]
    pub(crate) specs: Vec<String>,
    /// Print one JSON object for each ledger and a summary
    #[arg(long)]
    pub(crate) json: bool,
}

const AUDIT: &str =
    "Keys are called by the names of the folders in which their ledgers lie, here or beside; nothing vouches for those names.

Examples:
  antfarm audit target/kept/scenarios-colony-first-1/scout
  antfarm audit target/kept/scenarios-colony-first-1 --json

The exit status is as that of `antfarm verify`.";

/// What to tell.
#[derive(Args, Debug)]
pub(crate) struct Audit {
    /// A ledger, or a folder of ledgers
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// Print one JSON object for each record
    #[arg(long)]
    pub(crate) json: bool,
}

/// How far a ledger must reach at least, and what it must say up to there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Point {
    /// How many records.
    pub(crate) records: u64,
    /// The digest of the last of them.
    pub(crate) digest: Digest,
}

impl FromStr for Point {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (records, digest) = text.split_once(':').ok_or("a head is written `RECORDS:DIGEST`")?;
        let records = records.parse().map_err(|_| "a head begins with a number of records")?;
        let digest = digest.parse().map_err(|_| "a head ends with a digest of 64 hexadecimal digits")?;
        Ok(Self { records, digest })
    }
}

fn key(text: &str) -> Result<PublicKey, &'static str> {
    let bytes: Digest = text.parse().map_err(|_| "a key has 64 hexadecimal digits")?;
    PublicKey::new(*bytes.as_bytes()).map_err(|_| "no public key has these bytes")
}

const PROVE: &str =
    "Specs of a folder, and files that are named one by one, are proved together, so that what one says of another is
proved, too. A spec with a table `[broken]` is proved by itself, in place of the spec that it is a twin of.

Examples:
  antfarm prove specs                                      all that lie in the folder
  antfarm prove specs/order.ioa.toml --svg target/svg      and its diagram, a counterexample in colour
  antfarm prove specs/broken/stuck.ioa.toml --json         one object for each level, then a summary
  antfarm prove specs/plan.ioa.toml specs/task.ioa.toml --explore 127.0.0.1:3000";

/// What to prove.
#[derive(Args, Debug)]
pub(crate) struct Prove {
    /// Files `*.ioa.toml`, or folders of them
    #[arg(required = true, value_name = "SPEC")]
    pub(crate) specs: Vec<PathBuf>,
    /// Take warnings for errors
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print one JSON object for each spec and level, and a summary
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the diagram of each spec into this folder, with a counterexample in colour
    #[arg(long, value_name = "DIR")]
    pub(crate) svg: Option<PathBuf>,
    /// Write what the solver is asked into this folder, as SMT-LIB 2
    #[arg(long, value_name = "DIR")]
    pub(crate) smt: Option<PathBuf>,
    /// How many states a search generates at most
    #[arg(long, value_name = "N", default_value = "20000000")]
    pub(crate) max_states: NonZeroUsize,
    /// How many runs under faults the entities of a world live through
    #[arg(long, value_name = "N", default_value = "8")]
    pub(crate) lives: NonZeroU64,
    /// Serve stateright's explorer of the first spec's small world at this address instead
    #[arg(long, value_name = "ADDR")]
    pub(crate) explore: Option<String>,
    /// Prove anew what was proved before
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Where proofs are kept, by what they depend on
    #[arg(long, value_name = "DIR", default_value = "target/antfarm/prove")]
    pub(crate) keep: PathBuf,
}

const NEW: &str = "Examples:
  antfarm new scenario scenarios/mine.toml   then: antfarm run scenarios/mine.toml
  antfarm new machine ping_pong              a crate: machine, oracle, tool, tests; then: cd ping_pong && cargo test
  antfarm new spec specs/parcel              an automaton to change; then: antfarm prove specs/parcel.ioa.toml
  antfarm new adapter my_disk                a crate: a storage, a network and a clock to fill in; `cargo test` says what is missing";

/// What to begin.
#[derive(Args, Debug)]
pub(crate) struct New {
    /// What kind of skeleton
    pub(crate) kind: Kind,
    /// Its name, or the path that ends in it
    #[arg(value_name = "NAME")]
    pub(crate) path: PathBuf,
}

/// The kinds of skeletons.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A crate with a machine, an oracle, a scenario and a tool of its own
    Machine,
    /// A crate with a storage, a network and a clock to fill in, and their contracts as tests
    Adapter,
    /// A scenario file
    Scenario,
    /// An automaton spec
    Spec,
}

const SCHEMA: &str = "Examples:
  antfarm schema scenario > scenario.schema.json
  antfarm schema spec > spec.schema.json";

/// Which schema to print.
#[derive(Args, Debug)]
pub(crate) struct Schema {
    /// The kind of file
    pub(crate) kind: File,
}

/// The kinds of files that have a schema.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum File {
    /// Scenario files
    Scenario,
    /// Automaton specs
    Spec,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_teaches_by_example_and_states_its_exit_statuses() {
        let mut tool = Arguments::command();
        for command in tool.get_subcommands_mut() {
            let help = command.render_long_help().to_string();
            assert!(help.contains("Example") && help.contains("Exit status"), "{help}");
        }
    }
}

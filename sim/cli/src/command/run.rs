//! `antfarm run`: scenarios over seeds, on threads, told in the order of files and seeds.

use crate::args::Run;
use crate::bad_input::BadInput;
use crate::console::{Progress, note, say};
use crate::crew::Crew;
use crate::disks::Disks;
use crate::exit::Exit;
use crate::failure::{self, Kept};
use crate::figures::{Count, Nanos, plural};
use crate::find;
use crate::load::{self, Stage};
use crate::parting;
use crate::seeds::Seeds;
use crate::stop;
use crate::summary::Summary;
use antfarm_sim::scenario::{Registry, Report};
use antfarm_sim::{Disk, Recorder};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

/// CPU-seconds to make a failure small that is told in full.
const SHRINKING: u32 = 10;

/// The disks of at most so many runs of an invocation are kept.
const DISKS: usize = 16;

/// At most so many failures of an invocation are saved, and told in a line of their own.
const TOLD: u64 = 10;

pub(crate) fn run(registry: &Registry, args: &Run) -> Result<Exit, BadInput> {
    let files = find::scenarios(&args.paths)?;
    // All files are read before the first run, so that bad input is known at once.
    let stages = files.iter().map(|file| load::scenario(registry, file)).collect::<Result<Vec<_>, _>>()?;
    let jobs = Arc::new(Jobs::new(stages, args)?);
    let workers = args.jobs.or(thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let total = jobs.total();

    stop::listen();
    let twice = args.twice;
    let shared = jobs.clone();
    let mut crew = Crew::start(workers, total, move |job| {
        let (stage, seed) = shared.job(job);
        let mut disks = shared.keeps(job).then(Disks::default);
        let mut look = |node: &str, disk: &Disk| disks.iter_mut().for_each(|disks| disks.take(node, disk));
        let report = shared.stages[stage].run_then(seed, Recorder::Off, &mut look);
        let unkept = disks.and_then(|disks| disks.write(&shared.keep, &shared.stages[stage].file, seed).err());
        let twin = twice.then(|| shared.stages[stage].run(seed, Recorder::Off).digest);
        Done { stage, report, twin, unkept }
    });

    let mut teller =
        Teller { registry, args, jobs: &jobs, told: BTreeSet::new(), summary: Summary::new(), here: Here::default() };
    let progress = Progress::of(total as u64, args.json);
    while let Some(done) = crew.next(stop::requested) {
        progress.aside(|| teller.take(&done));
        progress.advance();
        if args.first && teller.summary.has_failed() {
            crew.halt();
            break;
        }
    }
    progress.done();
    crew.halt();
    Ok(teller.end(crew.cpu_ns()))
}

/// One seed, run.
struct Done {
    stage: usize,
    report: Report,
    /// The digest of a second run.
    twin: Option<u64>,
    /// Why its disks could not be kept.
    unkept: Option<BadInput>,
}

/// What is to be run: every seed of every stage, stage by stage.
struct Jobs {
    stages: Vec<Stage>,
    /// For each stage its seeds, and the number of the job with which they begin.
    seeds: Vec<(usize, Seeds)>,
    total: usize,
    /// Where failures are saved, and whether disks are kept there too.
    keep: PathBuf,
    disks: bool,
}

impl Jobs {
    fn new(stages: Vec<Stage>, args: &Run) -> Result<Self, BadInput> {
        let only = args.seed.map(|seed| Seeds::only(seed).ok_or(BadInput::LastSeed)).transpose()?;
        let mut total = 0_usize;
        let mut seeds = Vec::new();
        for stage in &stages {
            let these = only.clone().or_else(|| args.seeds.clone()).unwrap_or_else(|| stage.seeds());
            let count = usize::try_from(these.count()).map_err(|_| BadInput::TooManySeeds)?;
            seeds.push((total, these));
            total = total.checked_add(count).ok_or(BadInput::TooManySeeds)?;
        }
        let keep = args.keep.clone().unwrap_or_else(|| PathBuf::from("target/antfarm"));
        if args.keep.is_some() && total > DISKS {
            note(format_args!("the disks of the first {DISKS} of {total} runs are kept; run one seed for others"));
        }
        Ok(Self { stages, seeds, total, keep, disks: args.keep.is_some() })
    }

    fn total(&self) -> usize {
        self.total
    }

    /// Whether the disks of a job's nodes are kept.
    fn keeps(&self, job: usize) -> bool {
        self.disks && job < DISKS
    }

    /// The stage and seed of a job.
    fn job(&self, job: usize) -> (usize, u64) {
        let stage = self.seeds.partition_point(|(first, _)| *first <= job) - 1;
        let (first, seeds) = &self.seeds[stage];
        let seed = seeds.iter().start + (job - first) as u64;
        assert!(seeds.iter().contains(&seed), "a job lies within its stage");
        (stage, seed)
    }
}

/// What was run of the present stage.
#[derive(Default)]
struct Here {
    stage: usize,
    seeds: u64,
    failed: u64,
    events: u64,
    sim_ns: u64,
}

/// Tells each result as it comes.
struct Teller<'a> {
    registry: &'a Registry,
    args: &'a Run,
    jobs: &'a Jobs,
    /// Failures that were told in full: one of each property of each stage.
    told: BTreeSet<(usize, String)>,
    summary: Summary,
    here: Here,
}

impl Teller<'_> {
    fn take(&mut self, done: &Done) {
        if done.stage != self.here.stage {
            self.end_stage();
            self.here = Here { stage: done.stage, ..Here::default() };
        }
        let report = &done.report;
        self.here.seeds += 1;
        self.here.events += report.events;
        self.here.sim_ns += report.simulated.0;
        self.summary.add(report);
        if let Some(bad) = &done.unkept {
            note(bad);
        }
        if done.twin.is_some_and(|twin| twin != report.digest) {
            self.differs(done);
        }
        let saved = (!report.ok()).then(|| self.fails(done)).flatten();
        if self.args.json {
            let repro = saved.map(|kept| kept.path.display().to_string());
            say(report.json(repro.as_deref()));
        }
    }

    /// A seed failed: saves it and tells it, unless many did before.
    fn fails(&mut self, done: &Done) -> Option<Kept> {
        self.here.failed += 1;
        let (stage, report) = (&self.jobs.stages[done.stage], &done.report);
        let property = report.violation.as_ref().map(|it| it.property.clone()).unwrap_or_default();
        let failed = self.summary.failed();
        if failed > TOLD {
            if failed == TOLD + 1 {
                self.tell(format_args!("further failures are counted, not told"));
            }
            return None;
        }
        let kept = failure::keep(stage, report, &self.jobs.keep).inspect_err(|bad| note(bad)).ok();
        if kept.as_ref().is_some_and(|kept| !kept.repeated) {
            self.differs(done);
        }
        let again = kept.as_ref().is_some_and(|kept| kept.repeated);
        if self.args.json {
            return kept;
        }
        if self.told.insert((done.stage, property.clone())) {
            let saved = kept.as_ref().map(|kept| kept.path.as_path());
            let small = (!self.args.no_shrink && again)
                .then(|| failure::keep_small(self.registry, stage, report.seed, &self.jobs.keep, SHRINKING))
                .flatten();
            self.tell(failure::text(stage, report, &command(), saved, small.as_ref()));
        } else {
            self.tell(format_args!("FAILED {}, seed {} by {property} too", stage.file, report.seed));
        }
        kept
    }

    /// Two runs of a seed differed: finds the first event at which they part.
    fn differs(&mut self, done: &Done) {
        let (stage, seed) = (&self.jobs.stages[done.stage], done.report.seed);
        let what = parting::of_one_seed(stage, seed);
        note(format_args!("NOT VALID {}, seed {seed}: {what}", stage.file));
        self.summary.differs(format!("{}, seed {seed}: two runs of one seed differ", stage.file));
    }

    /// A line for people; scripts that read JSON find the same in the summary.
    fn tell(&self, line: impl std::fmt::Display) {
        if !self.args.json {
            say(line);
        }
    }

    fn end_stage(&self) {
        let Here { stage, seeds, failed, events, sim_ns } = &self.here;
        if *seeds == 0 {
            return;
        }
        let stage = &self.jobs.stages[*stage];
        let verdict = match (failed, &stage.staged.scenario().expect) {
            (0, None) => "held".to_owned(),
            (0, Some(property)) => format!("{property} is to be seen failing"),
            (_, _) => format!("{} failed", Count(*failed)),
        };
        let ran = format!("{}, {}, {} simulated", plural(*seeds, "seed"), plural(*events, "event"), Nanos(*sim_ns));
        self.tell(format_args!("{}: {ran}: {verdict}", stage.file));
    }

    fn end(mut self, cpu_ns: u64) -> Exit {
        self.end_stage();
        let complete = self.summary.seeds() == self.jobs.total as u64 || self.args.first && self.summary.has_failed();
        self.summary.close(self.jobs.stages.len(), cpu_ns, complete);
        if self.args.json {
            say(self.summary.json())
        } else {
            say(&self.summary)
        }
        self.summary.exit()
    }
}

/// How the user called the tool.
fn command() -> String {
    std::env::args().next().unwrap_or_else(|| "antfarm".to_owned())
}

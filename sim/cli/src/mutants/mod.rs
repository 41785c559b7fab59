//! `antfarm mutants`: are planted bugs found, by which property, and at what cost?
//!
//! Each patch is applied to a scratch copy, the tool is built there, and runs the patch's scenario from several bases of seeds
//! (base b begins at b x 1,000,000). The unbroken tool then runs as many seeds as the slowest bug of the scenario needed: it
//! must hold, else a find means nothing. Asked to, it also finds out which faults a bug needs, and makes failures of it small.

mod campaign;
mod corpus;
mod needs;
mod patch;
mod scratch;
mod table;

use crate::args::Mutants;
use crate::bad_input::BadInput;
use crate::console::{note, say};
use crate::exit::Exit;
use crate::stop;
pub(crate) use campaign::BadCampaign;
use campaign::{Campaign, DIGEST, Found};
use corpus::Small;
use needs::Needs;
pub(crate) use patch::BadPatch;
use patch::Patch;
pub(crate) use scratch::BadScratch;
use scratch::Scratch;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use table::{Checked, Control, Row, Table};

/// A bug that shows in its first seed proves little unless the unbroken tool holds in so many.
const LEAST_CONTROL: u64 = 64;

/// How far apart the bases are.
const STRIDE: u64 = 1_000_000;

pub(crate) fn run(args: &Mutants) -> Result<Exit, BadInput> {
    stop::listen();
    match hunt_all(args) {
        // Ctrl-C also reaches the commands that this one waits for, which then fail.
        Err(_) if stop::requested() => Ok(Exit::Incomplete),
        done => done,
    }
}

fn hunt_all(args: &Mutants) -> Result<Exit, BadInput> {
    let patches = patch::read_all(&args.dir)?;
    let scratch = Scratch::prepare(&binary(args))?;
    let bases: Vec<u64> = (0..u64::from(args.bases.get())).map(|base| base * STRIDE).collect();
    let mut table = Table { bases: bases.clone(), rows: Vec::new(), controls: Vec::new() };
    for patch in patches.iter().filter(|patch| args.only.as_ref().is_none_or(|only| patch.name == *only)) {
        note(format_args!("{}: {}", patch.name, patch.why));
        scratch.sync()?;
        scratch.apply(&patch.path)?;
        scratch.build()?;
        let row = hunt(args, &scratch, patch, &bases)?;
        table.rows.push(row);
        if stop::requested() {
            break;
        }
    }
    scratch.sync()?;
    if table.rows.is_empty() {
        return Err(BadInput::NoPatch(args.only.clone().unwrap_or_default()));
    }
    if !stop::requested() {
        note("the unbroken tool on the same seeds");
        scratch.build()?;
        let small = table.rows.iter_mut().flat_map(|row| &mut row.small);
        corpus::in_parallel(args.jobs.get(), small.collect(), |small| small.run_unbroken(&scratch))?;
        table.controls = control(args, &scratch, &table)?;
    }
    if args.json {
        say(table.json())
    } else {
        say(&table)
    }
    Ok(verdict(&table))
}

/// The binary that is built: the one that runs, unless said otherwise.
fn binary(args: &Mutants) -> String {
    let own = || std::env::current_exe().ok()?.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    args.bin.clone().or_else(own).unwrap_or_else(|| "antfarm".to_owned())
}

fn hunt(args: &Mutants, scratch: &Scratch, patch: &Patch, bases: &[u64]) -> Result<Row, BadInput> {
    let mut row =
        Row { patch: patch.clone(), bases: Vec::new(), check: Checked::NotAsked, needs: Needs::NotAsked, small: Vec::new() };
    for &base in bases {
        let twice = patch.properties.iter().any(|property| property == DIGEST);
        let found = Campaign { twice, ..campaign(args, scratch, &patch.scenario, base, args.seeds) }.run()?;
        match &found.failure {
            Some((seed, property)) => note(format_args!("  from {base}: seed {seed} fails by {property}")),
            None => note(format_args!("  from {base}: not found in {} seeds", found.seeds)),
        }
        row.bases.push(found);
    }
    if args.needs {
        row.needs = needs::find(args, scratch, patch, &row.bases, bases)?;
        note(format_args!("  needs: {}", row.needs));
    }
    if args.shrink > 0 {
        row.small = corpus::shrink(args, scratch, patch, &row.bases, bases)?;
        note(format_args!("  shrunk: {}", corpus::Summed(&row.small)));
    }
    if let Some(small) = &patch.check {
        row.check = check(args, scratch, small);
        note(format_args!("  check: {}", row.check));
    }
    Ok(row)
}

fn campaign<'a>(args: &Mutants, scratch: &'a Scratch, scenario: &'a Path, base: u64, seeds: u64) -> Campaign<'a> {
    let cpu = Duration::from_secs(args.cpu);
    Campaign { tool: scratch.tool(), work: scratch.work(), scenario, base, seeds, cpu, jobs: args.jobs.get(), twice: false }
}

fn check(args: &Mutants, scratch: &Scratch, small: &Path) -> Checked {
    let mut command = Command::new(scratch.tool());
    command.arg("check").arg(small).args(["--max-states", &args.max_states.to_string()]).current_dir(scratch.work());
    match command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().ok().and_then(|it| it.code()) {
        Some(0) => Checked::NotFound,
        Some(1) => Checked::Found,
        Some(4) => Checked::Incomplete,
        Some(_) | None => Checked::NoAnswer,
    }
}

/// The unbroken tool runs, for each scenario and base, as many seeds as any bug took.
fn control(args: &Mutants, scratch: &Scratch, table: &Table) -> Result<Vec<Control>, BadInput> {
    let mut most: BTreeMap<(PathBuf, u64), u64> = BTreeMap::new();
    for row in &table.rows {
        for (base, found) in table.bases.iter().zip(&row.bases) {
            let seeds = most.entry((row.patch.scenario.clone(), *base)).or_default();
            *seeds = found.seeds.max(*seeds).max(LEAST_CONTROL);
        }
    }
    let run = |((scenario, base), seeds): ((PathBuf, u64), u64)| {
        let campaign = campaign(args, scratch, &scenario, base, seeds);
        let found: Found = Campaign { cpu: Duration::MAX, ..campaign }.run()?;
        Ok(Control { scenario: scenario.display().to_string(), base, found })
    };
    most.into_iter().map(run).collect()
}

fn verdict(table: &Table) -> Exit {
    if table.controls.iter().any(|control| control.found.failure.is_some()) {
        note("not valid: the unbroken tool fails too");
        Exit::Invalid
    } else if table.rows.iter().flat_map(|row| &row.small).any(Small::is_wrong) {
        note("not valid: a shrunk failure is not that of its bug");
        Exit::Invalid
    } else if stop::requested() {
        note("stopped before the end");
        Exit::Incomplete
    } else if table.rows.iter().all(Row::as_stated) {
        Exit::Held
    } else {
        let missed = table.rows.iter().filter(|row| !row.as_stated()).map(|row| row.patch.name.as_str());
        note(format_args!("not found on every base by a stated property: {}", missed.collect::<Vec<_>>().join(", ")));
        Exit::Failed
    }
}

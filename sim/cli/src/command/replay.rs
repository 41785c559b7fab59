//! `antfarm replay`: the story of one run; of a saved failure, held against its record; of what a daemon recorded, in [`recorded`].

use crate::args::Replay;
use crate::bad_input::BadInput;
use crate::console::Pager;
use crate::exit::Exit;
use crate::failure::recording_of;
use crate::load::{self, Stage};
use crate::parting::{self, Side};
use crate::recorded;
use antfarm_sim::Recorder;
use antfarm_sim::Recording;
use antfarm_sim::scenario::{Registry, Report, Saved};
use std::path::Path;

pub(crate) fn run(registry: &Registry, args: &Replay) -> Result<Exit, BadInput> {
    let is_recording = recorded::is_one(&args.file).map_err(|error| BadInput::Unreadable(args.file.clone(), error))?;
    let (of_scenarios, of_recordings) =
        ([("--seed", args.seed.is_some()), ("--told", args.told)], [("--ledger", args.ledger.is_some()), ("--json", args.json)]);
    let unfit = if is_recording { of_scenarios } else { of_recordings };
    if let Some((option, _)) = unfit.iter().find(|(_, given)| *given) {
        return Err(BadInput::NotOfThis { option, file: args.file.clone(), is_recording });
    }
    if is_recording {
        return recorded::replay(args);
    }
    let stage = load::scenario(registry, &args.file)?;
    let saved = stage.staged.scenario().failure.clone().filter(|saved| args.seed.is_none_or(|seed| seed == saved.seed));
    let seed = args.seed.or(saved.as_ref().map(|saved| saved.seed)).unwrap_or(0);
    let most = args.until.map_or(usize::MAX, |until| usize::try_from(until).unwrap_or(usize::MAX));
    let recorder = if args.told { Recorder::Off } else { Recorder::head(most) };
    let report = stage.run(seed, recorder);
    let told = args.told.then(|| chronicle(&stage, seed)).transpose()?;

    let mut pager = Pager::open();
    head(&mut pager, &stage, seed, args.told);
    told.iter().flatten().for_each(|line| pager.line(line));
    report.steps.iter().for_each(|step| pager.line(step));
    if let Some(until) = args.until.filter(|_| args.state) {
        state(&mut pager, &stage, seed, until);
    }
    let mut exit = tail(&mut pager, &report);
    if let Some(saved) = saved
        && !same(&mut pager, &args.file, &saved, &stage, &report)?
    {
        exit = Exit::Invalid;
    }
    pager.close();
    Ok(exit)
}

fn chronicle(stage: &Stage, seed: u64) -> Result<Vec<String>, BadInput> {
    let (file, machine) = (stage.file.clone(), stage.staged.scenario().machine.clone());
    stage.staged.told(seed).ok_or(BadInput::NotTold { file, machine })
}

fn head(pager: &mut Pager, stage: &Stage, seed: u64, told: bool) {
    let scenario = stage.staged.scenario();
    pager.line(format_args!("{}, seed {seed}: {}", stage.file, scenario.purpose));
    pager.line(format_args!("machine {}, nodes {}", scenario.machine, stage.legend()));
    let plan = stage.staged.plan_text(seed);
    if !plan.is_empty() {
        pager.line(format_args!("\nwhat goes wrong:\n{plan}"));
    }
    if told {
        return;
    }
    pager.line(format_args!("{:>16} {:>8}  what happened  what it carried  => what was told", "time", "event"));
}

fn state(pager: &mut Pager, stage: &Stage, seed: u64, event: u64) {
    match stage.staged.look(seed, event) {
        Some(look) => {
            let whom = look.node.as_ref().map_or_else(|| "all nodes".to_owned(), |node| format!("node {node}"));
            pager.line(format_args!("\n{whom} after event {event}:\n{}", look.state));
        }
        None => pager.line(format_args!("\nthe run has no event {event}")),
    }
}

fn tail(pager: &mut Pager, report: &Report) -> Exit {
    pager.line(format_args!("\n{} events until {}, digest {:016x}", report.events, report.simulated, report.digest));
    let Some(violated) = &report.violation else {
        pager.line("all held");
        return Exit::Held;
    };
    let whom = violated.node.as_ref().map(|node| format!(", node {node}")).unwrap_or_default();
    pager.line(format_args!("FAILED {}: {}", violated.property, violated.claim));
    pager.line(format_args!("  at {}, event {}{whom}: {}", violated.at, violated.event, violated.message));
    if !report.ok() {
        return Exit::Failed;
    }
    pager.line("as the scenario expects");
    Exit::Held
}

/// Holds a run against what was saved: the recording where there is one, else the last digest.
fn same(pager: &mut Pager, file: &Path, saved: &Saved, stage: &Stage, report: &Report) -> Result<bool, BadInput> {
    let path = recording_of(file);
    if path.exists() {
        let record = Side { name: "the record".to_owned(), recording: crate::command::diff::recording(&path)?, source: None };
        let source = Some((stage.clone(), report.seed));
        let recording = stage.run(report.seed, Recorder::whole()).recording;
        let now = Side { name: "this run".to_owned(), recording, source };
        if let Some(at) = parting::first(&record.recording, &now.recording) {
            pager.line("\nNOT THE SAME RUN: the code or the scenario changed since it was saved");
            pager.line(parting::tell(&record, &now, at));
            pager.line(follow(stage, &record.recording));
            return Ok(false);
        }
        pager.line(format_args!("equal to the record in all {} steps", now.recording.steps.len()));
    }
    if saved.digest != report.digest {
        pager.line(format_args!("NOT THE SAME RUN: digest {:016x} was saved", saved.digest));
    }
    Ok(saved.digest == report.digest)
}

/// Whether the steps of a record can still be taken, whatever the seed draws now.
fn follow(stage: &Stage, record: &Recording) -> String {
    let followed = stage.staged.follow(record.clone());
    match followed.parted {
        None => "the record itself can be followed to its end: what the seed draws changed, the machine did not".to_owned(),
        Some(parting) => format!("the record itself can be followed for {} steps; then {parting}", followed.steps),
    }
}

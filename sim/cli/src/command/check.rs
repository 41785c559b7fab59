//! `antfarm check`: every interleaving of a scenario's small world.

use crate::args::Check;
use crate::bad_input::BadInput;
use crate::console::{note, say};
use crate::exit::Exit;
use crate::load;
use antfarm_sim::Checked;
use antfarm_sim::scenario::{Bounds, Registry};
use std::time::{Duration, Instant};

pub(crate) fn run(registry: &Registry, args: &Check) -> Result<Exit, BadInput> {
    let stage = load::scenario(registry, &args.file)?;
    let machine = stage.staged.scenario().machine.clone();
    if let Some(address) = &args.explore {
        note(format_args!("stateright's explorer of {} is at http://{address} until Ctrl-C", stage.file));
        return match stage.staged.explore(address) {
            true => Ok(Exit::Held),
            false => Err(BadInput::NotSearched { file: stage.file, machine }),
        };
    }
    let bounds = Bounds { states: args.max_states.get(), threads: args.jobs.get() };
    let begun = Instant::now();
    let Some(checked) = stage.staged.check(bounds) else {
        return Err(BadInput::NotSearched { file: stage.file, machine });
    };
    let spent = begun.elapsed();
    if args.json {
        say(format_args!("{}", json(&stage.file, &checked, spent)));
    } else {
        tell(&stage.file, &checked, spent);
    }
    Ok(match (checked.violations.is_empty(), checked.complete) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::Held,
        (true, false) => Exit::Incomplete,
    })
}

fn tell(file: &str, checked: &Checked, spent: Duration) {
    for violation in &checked.violations {
        say(format_args!("FAILED {} in {} steps:\n{}", violation.property, violation.recording.steps.len(), violation.story));
    }
    let end = match (checked.violations.is_empty(), checked.complete) {
        (false, _) => "stopped at the counterexample",
        (true, true) => "all of them",
        (true, false) => "NOT all of them: raise --max-states, or allow less trouble in the table `model`",
    };
    say(format_args!(
        "{file}: {} different states ({} generated, depth {}) in {:.1} seconds, {} a second: {end}",
        checked.unique,
        checked.generated,
        checked.depth,
        spent.as_secs_f64(),
        per_second(checked, spent),
    ));
}

fn per_second(checked: &Checked, spent: Duration) -> u128 {
    checked.unique as u128 * 1_000_000 / spent.as_micros().max(1)
}

fn json(file: &str, checked: &Checked, spent: Duration) -> serde_json::Value {
    let violation = |it: &antfarm_sim::Counterexample| {
        let steps: Vec<String> = it.names().map(ToString::to_string).collect();
        serde_json::json!({ "property": it.property, "steps": steps })
    };
    serde_json::json!({
        "scenario": file,
        "unique": checked.unique,
        "generated": checked.generated,
        "depth": checked.depth,
        "complete": checked.complete,
        "wall_s": spent.as_secs_f64(),
        "violations": checked.violations.iter().map(violation).collect::<Vec<_>>(),
    })
}

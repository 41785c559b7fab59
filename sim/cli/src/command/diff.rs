//! `antfarm diff`: where two runs part.

use crate::args::Diff;
use crate::bad_input::BadInput;
use crate::console::say;
use crate::exit::Exit;
use crate::load;
use crate::parting::{self, Side};
use antfarm_sim::scenario::Registry;
use antfarm_sim::{Recorder, Recording};
use std::fs;
use std::path::Path;

pub(crate) fn run(registry: &Registry, args: &Diff) -> Result<Exit, BadInput> {
    let (left, right) = (side(registry, &args.left)?, side(registry, &args.right)?);
    match parting::first(&left.recording, &right.recording) {
        None => {
            say(format_args!("equal in all {} steps", left.recording.steps.len()));
            Ok(Exit::Held)
        }
        Some(at) => {
            say(parting::tell(&left, &right, at));
            Ok(Exit::Failed)
        }
    }
}

/// `FILE:SEED`, a saved failure, or a recording.
fn side(registry: &Registry, named: &str) -> Result<Side, BadInput> {
    let name = named.to_owned();
    if Path::new(named).extension().is_some_and(|ending| ending == "steps") {
        return Ok(Side { name, recording: recording(Path::new(named))?, source: None });
    }
    let seed = named.rsplit_once(':').and_then(|(file, seed)| Some((file, seed.parse::<u64>().ok()?)));
    let stage = load::scenario(registry, Path::new(seed.map_or(named, |(file, _)| file)))?;
    let saved = stage.staged.scenario().failure.as_ref().map(|saved| saved.seed);
    let seed = seed.map(|(_, seed)| seed).or(saved).ok_or_else(|| BadInput::NoSeed(named.to_owned()))?;
    let recording = stage.run(seed, Recorder::whole()).recording;
    Ok(Side { name, recording, source: Some((stage, seed)) })
}

/// Reads a recording.
pub(crate) fn recording(path: &Path) -> Result<Recording, BadInput> {
    let text = fs::read_to_string(path).map_err(|error| BadInput::Unreadable(path.to_owned(), error))?;
    Recording::parse(&text).map_err(|bad| BadInput::Recording(path.to_owned(), bad))
}

//! `antfarm shrink`: the smallest scenario that still fails in the same way.

use crate::args::Shrink;
use crate::bad_input::BadInput;
use crate::console::{note, say};
use crate::exit::Exit;
use crate::failure;
use crate::load;
use crate::stop;
use antfarm_sim::scenario::{Registry, Unshrinkable};
use std::fs;

pub(crate) fn run(registry: &Registry, args: &Shrink) -> Result<Exit, BadInput> {
    let stage = load::scenario(registry, &args.file)?;
    let saved = stage.staged.scenario().failure.as_ref().map(|saved| saved.seed);
    let seed = args.seed.or(saved).ok_or_else(|| BadInput::NoSeedGiven(stage.file.clone()))?;
    stop::listen();
    let shrunk = match failure::shrink(registry, &stage, seed, args.cpu.get()) {
        Ok(shrunk) => shrunk,
        Err(Unshrinkable::Troubles(troubles)) => return Err(BadInput::Scenario(troubles)),
        Err(held @ Unshrinkable::Held) => return Err(BadInput::Unshrinkable(stage.file, seed, held)),
        Err(changed @ Unshrinkable::Changed) => {
            note(format_args!("NOT VALID {}, seed {seed}: {changed}", stage.file));
            return Ok(Exit::Invalid);
        }
    };
    let path = args.out.clone().unwrap_or_else(|| failure::shrunk_path(&stage, seed, "target/antfarm".as_ref()));
    let unwritable = |error| BadInput::Unwritable(path.clone(), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(unwritable)?;
    }
    fs::write(&path, &shrunk.text).map_err(unwritable)?;
    // The recording of what was there before tells of another run.
    let _ = fs::remove_file(failure::recording_of(&path));
    say(format_args!("{}\n{}", path.display(), shrunk.text));
    say(format_args!("from  {}\nto    {}", shrunk.from, shrunk.to));
    say(match shrunk.complete {
        true => format!("{} runs; nothing more can go", shrunk.runs),
        false => format!("{} runs; more could perhaps go: give more time with --cpu", shrunk.runs),
    });
    Ok(if shrunk.complete { Exit::Held } else { Exit::Incomplete })
}

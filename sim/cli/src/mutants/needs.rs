//! Which faults a bug needs: with them left out, it stays hidden.
//!
//! The scenario runs again with a line `without = [..]` before it, from the base where the bug was found soonest, on four times as
//! many seeds as it took, and on 64 at least. Faults are left out together, then one family at a time; where no single one hides
//! the bug, each is tried alone. Tools that fail because they are asked to (rows of asks with `fail`) are a family like the others.

use super::campaign::{Campaign, Found};
use super::patch::Patch;
use super::scratch::Scratch;
use crate::args::Mutants;
use crate::bad_input::BadInput;
use antfarm_sim::Family;
use std::fmt;
use std::fs;
use std::time::Duration;

/// Rows of asks with this key ask for trouble.
const TROUBLE: &str = "fail";

/// No further seeds are run after so much CPU time, or four times what the bug took.
const PATIENCE: Duration = Duration::from_secs(8);

/// What a bug needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Needs {
    /// Nobody asked, or it was not found.
    NotAsked,
    /// It shows without any fault.
    Nothing,
    /// Each of these: without it, it stays hidden.
    All(Vec<String>),
    /// Some fault, of which each of these alone is enough.
    Any(Vec<String>),
    /// Faults, none of them alone enough, and each of them replaceable.
    Several,
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked => f.write_str("-"),
            Self::Nothing => f.write_str("nothing"),
            Self::All(all) => f.write_str(&all.join(", ")),
            Self::Any(any) => f.write_str(&any.join(" or ")),
            Self::Several => f.write_str("several"),
        }
    }
}

/// Finds out what a bug needs that was found as `bases` say.
pub(crate) fn find(args: &Mutants, scratch: &Scratch, patch: &Patch, bases: &[Found], at: &[u64]) -> Result<Needs, BadInput> {
    let found = bases.iter().zip(at).filter(|(found, _)| found.failure.is_some());
    let Some((found, &base)) = found.min_by_key(|(found, _)| found.seeds) else { return Ok(Needs::NotAsked) };
    let file = scratch.work().join(&patch.scenario);
    let text = fs::read_to_string(&file).map_err(|error| BadInput::Unreadable(file, error))?;
    let trouble = text.contains(&format!("{TROUBLE} = ")).then(|| format!("ask.{TROUBLE}"));
    let everything: Vec<String> = Family::ALL.iter().map(|it| it.name().to_owned()).chain(trouble.clone()).collect();

    let hidden = |without: &[&String]| -> Result<bool, BadInput> {
        let variant = scratch.beside("without.toml");
        let names: Vec<String> = without.iter().map(|name| format!("\"{name}\"")).collect();
        let changed = format!("without = [{}]\n{text}", names.join(", "));
        fs::write(&variant, changed).map_err(|error| BadInput::Unwritable(variant.clone(), error))?;
        let (seeds, cpu) = ((4 * found.seeds).max(64), PATIENCE.max(4 * found.cpu));
        let campaign = super::campaign(args, scratch, &variant, base, seeds);
        Ok(Campaign { cpu, ..campaign }.run()?.failure.is_none())
    };
    if !hidden(&everything.iter().collect::<Vec<_>>())? {
        return Ok(Needs::Nothing);
    }
    let suspects: Vec<&String> = found.fired.iter().chain(&trouble).collect();
    let (mut all, mut any) = (Vec::new(), Vec::new());
    for suspect in &suspects {
        if hidden(&[suspect])? {
            all.push((*suspect).clone());
        }
    }
    if !all.is_empty() {
        return Ok(Needs::All(all));
    }
    for suspect in &suspects {
        let others: Vec<&String> = everything.iter().filter(|it| it != suspect).collect();
        if !hidden(&others)? {
            any.push((*suspect).clone());
        }
    }
    Ok(if any.is_empty() { Needs::Several } else { Needs::Any(any) })
}

//! Which scenario files a path means: itself, or every `.toml` file below it, in the order of their names.

use crate::bad_input::BadInput;
use std::fs;
use std::path::{Path, PathBuf};

/// The scenario files that these paths mean. A folder without any is an error: it would look like success.
pub(crate) fn scenarios(paths: &[PathBuf]) -> Result<Vec<PathBuf>, BadInput> {
    let mut found = Vec::new();
    for path in paths {
        let before = found.len();
        below(path, 0, &mut found)?;
        if found.len() == before {
            return Err(BadInput::NoScenarios(path.clone()));
        }
    }
    Ok(found)
}

/// Deeper folders than this are not looked into: a link may lead in circles.
const DEPTH: usize = 16;

fn below(path: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), BadInput> {
    let failed = |error| BadInput::Unreadable(path.to_owned(), error);
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    if depth == DEPTH {
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(failed)?;
    let mut entries = entries.map(|entry| entry.map(|it| it.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort();
    // Specs may lie beside the scenarios that use them.
    let is_spec = |path: &Path| path.to_string_lossy().ends_with(".ioa.toml");
    for entry in entries {
        if entry.is_dir() || entry.extension().is_some_and(|ending| ending == "toml") && !is_spec(&entry) {
            below(&entry, depth + 1, found)?;
        }
    }
    Ok(())
}

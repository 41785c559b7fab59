//! Which files there are: all reachable, none too long, and the top level as it was decided.

use super::{ends_in, files, read, report, root};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Past so many lines a file probably holds a second idea.
const LONG: usize = 500;

/// Longer files, with the reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// The top level, but for dot-files, licences, lock and configurations of tools.
const TOP: &[&str] = &["Cargo.toml", "kernel", "sim", "scenarios", "specs", "fuzz", "benches", "README.md"];
const TOP_TOOLS: &[&str] = &["Cargo.lock", "LICENSE-MIT", "LICENSE-APACHE", "clippy.toml", "deny.toml", "rustfmt.toml"];

#[test]
fn the_top_level_is_as_it_was_decided() {
    let top: BTreeSet<String> = files()
        .iter()
        .filter_map(|path| path.components().next())
        .map(|first| first.as_os_str().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    let extra = top.iter().filter(|name| !TOP.contains(&name.as_str()) && !TOP_TOOLS.contains(&name.as_str()));
    report(extra.map(|name| format!("`{name}` does not belong at the top level")).collect());
}

#[test]
fn a_long_file_has_a_stated_reason() {
    let mut wrong = Vec::new();
    for path in files().into_iter().filter(|path| ends_in(path, "rs")) {
        let lines = read(&path).lines().count();
        let stated = LONG_FILES.iter().any(|(file, _)| Path::new(file) == path);
        if lines > LONG && !stated {
            wrong.push(format!("{}: {lines} lines; look for the second idea", path.display()));
        }
        if lines <= LONG && stated {
            wrong.push(format!("{}: no longer long; take it off the list", path.display()));
        }
    }
    report(wrong);
}

#[test]
fn a_crate_has_one_integration_binary() {
    // `scenarios.rs` has a harness of its own, so it cannot be a module of the other.
    let extra = files().into_iter().filter(|path| {
        let in_tests = path.parent().is_some_and(|dir| dir.ends_with("tests"));
        in_tests && ends_in(path, "rs") && !path.ends_with("tests/scenarios.rs")
    });
    report(extra.map(|path| format!("{}: make it a module of `tests/it`", path.display())).collect());
}

#[test]
fn every_source_file_is_part_of_a_crate() {
    let all: BTreeSet<PathBuf> = files().into_iter().filter(|path| ends_in(path, "rs")).collect();
    let mut open: Vec<PathBuf> = all.iter().filter(|path| is_root(path)).cloned().collect();
    let mut reached = BTreeSet::new();
    while let Some(path) = open.pop() {
        if reached.insert(path.clone()) {
            open.extend(modules(&path));
        }
    }
    report(all.difference(&reached).map(|path| format!("{}: no `mod` declares it", path.display())).collect());
}

/// Whether cargo takes a file as the root of a target.
fn is_root(path: &Path) -> bool {
    let parent = |name: &str| path.parent().is_some_and(|dir| dir.ends_with(name));
    let beside_manifest = |levels| path.ancestors().nth(levels).is_some_and(|dir| root().join(dir).join("Cargo.toml").is_file());
    let named = |name: &str| path.ends_with(name);
    (parent("src") && (named("lib.rs") || named("main.rs")) && beside_manifest(2))
        || ((parent("tests") || parent("benches") || parent("examples")) && beside_manifest(2))
        || (parent("src/bin") && beside_manifest(3))
        || (named("tests/it/main.rs") && beside_manifest(3))
        || (parent("fuzz_targets") && beside_manifest(2))
}

/// The files that the `mod` lines of a file declare.
fn modules(path: &Path) -> Vec<PathBuf> {
    let dir = path.parent().expect("a source file lies in a folder");
    let owns_dir = is_root(path) || path.ends_with("mod.rs");
    let below = if owns_dir { dir.to_owned() } else { dir.join(path.file_stem().expect("a file has a name")) };
    let mut found = Vec::new();
    let mut told = None;
    for line in read(path).lines().map(str::trim) {
        if let Some(file) = line.strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]")) {
            told = Some(dir.join(file));
        } else if let Some(name) = declared(line) {
            let candidates = [told.take(), Some(below.join(format!("{name}.rs"))), Some(below.join(name).join("mod.rs"))];
            found.extend(candidates.into_iter().flatten().filter(|file| root().join(file).is_file()));
        }
    }
    found
}

/// The module that a line declares: `mod x;`, `pub mod x;`, `pub(crate) mod x;`.
fn declared(line: &str) -> Option<&str> {
    let (before, name) = line.strip_suffix(';')?.rsplit_once(' ')?;
    (before == "mod" || before.starts_with("pub") && before.ends_with(" mod")).then_some(name)
}

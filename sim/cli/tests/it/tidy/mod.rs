//! The repository's own rules, as tests: what may depend on what, what may lie where, and what the map says.

mod crates;
mod files;
mod map;
mod patches;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

/// The repository's root.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("the tool lies two folders below the root").to_owned()
}

/// Every file of the repository, by its path from the root, in order; build output and dot-folders are left out.
fn files() -> Vec<PathBuf> {
    let root = root();
    let mut found = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).expect("a folder of the repository can be read") {
            let path = entry.expect("an entry can be read").path();
            let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
            if path.is_dir() {
                let output = name == "target" || name.starts_with("mutants.out") || name == "proptest-regressions";
                if !output && !name.starts_with('.') {
                    open.push(path);
                }
            } else {
                found.push(path.strip_prefix(&root).expect("it lies below the root").to_owned());
            }
        }
    }
    found.sort();
    assert!(found.contains(&PathBuf::from("Cargo.toml")), "`{}` is not the root", root.display());
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn ends_in(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|it| it == ending)
}

/// Fails with one line for each thing that is wrong.
fn report(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n  {}\n", wrong.join("\n  "));
}

//! Planted bugs follow the code that they break: each hunk of each patch finds its lines.

use super::{ends_in, files, read, report};
use std::path::{Path, PathBuf};

/// The file of a patch's hunk, and the lines that it wants to find there.
fn hunks(patch: &str) -> Vec<(PathBuf, String)> {
    let (mut file, mut hunks) = (PathBuf::new(), Vec::<(PathBuf, String)>::new());
    let mut inside = false;
    for line in patch.lines() {
        if let Some(path) = line.strip_prefix("--- a/") {
            (file, inside) = (PathBuf::from(path), false);
        } else if line.starts_with("@@ ") {
            hunks.push((file.clone(), String::new()));
            inside = true;
        } else if let (true, Some(kept)) = (inside, line.strip_prefix([' ', '-']).or(line.is_empty().then_some(""))) {
            let (_, wanted) = hunks.last_mut().expect("a hunk has begun");
            wanted.push_str(kept);
            wanted.push('\n');
        }
    }
    hunks
}

#[test]
fn every_planted_bug_finds_the_code_that_it_breaks() {
    let patches: Vec<PathBuf> = files().into_iter().filter(|path| ends_in(path, "patch")).collect();
    assert!(patches.len() > 20, "they lie in sim/mutants");
    let mut wrong = Vec::new();
    for patch in patches {
        let hunks = hunks(&read(&patch));
        if hunks.is_empty() {
            wrong.push(format!("{}: changes nothing", patch.display()));
        }
        for (file, wanted) in hunks {
            let is_there = |file: &Path| read(file).contains(wanted.trim_end_matches('\n'));
            if !files().contains(&file) || !is_there(&file) {
                wrong.push(format!("{}: `{}` has changed where it breaks it", patch.display(), file.display()));
            }
        }
    }
    report(wrong);
}

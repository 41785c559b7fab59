//! README's map: the folders that it lists are the folders that there are.

use super::{files, read, report};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folders that hold files, where a crate's `src`, `tests` and `tests/it` count as the crate. The top itself is left out.
fn on_disk() -> BTreeSet<PathBuf> {
    let folder = |path: &PathBuf| {
        let mut dir = path.parent().unwrap_or(Path::new("")).to_owned();
        while ["src", "bin", "tests", "it", "snapshots"].iter().any(|name| dir.ends_with(name)) {
            dir.pop();
        }
        dir
    };
    files().iter().map(folder).filter(|dir| !dir.as_os_str().is_empty()).collect()
}

/// The first word of each line of the first block fenced as `tree`.
fn in_readme() -> BTreeSet<PathBuf> {
    let text = read(Path::new("README.md"));
    let block = text.lines().skip_while(|line| *line != "```tree").skip(1).take_while(|line| *line != "```");
    let listed: Vec<PathBuf> = block.filter_map(|line| line.split_ascii_whitespace().next()).map(PathBuf::from).collect();
    assert!(!listed.is_empty(), "README.md has a block fenced as `tree`");
    listed.into_iter().collect()
}

#[test]
fn the_map_in_readme_is_the_tree_on_disk() {
    let (disk, readme) = (on_disk(), in_readme());
    let missing = disk.difference(&readme).map(|dir| format!("README.md's map lacks `{}`", dir.display()));
    let stale = readme.difference(&disk).map(|dir| format!("README.md's map lists `{}`, which is not there", dir.display()));
    report(missing.chain(stale).collect());
}

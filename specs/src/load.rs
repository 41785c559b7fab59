//! Which specs are proved, and which of them together.
//!
//! A folder means the `*.ioa.toml` files that lie right in it, proved together. Files that are named one by one are proved together, too.
//! A spec with a table `[broken]` is a group of its own: it stands in for the spec that it is a twin of, so it is proved beside those
//! specs that it refers to and that the folder above it has.

use crate::relate::{components, needs, refers};
use antfarm_automata::entities::Suite;
use antfarm_automata::{Spec, Table, Text};
use antfarm_automata_reader::{Read, read, read_together};
use antfarm_strict::{Found, Trouble, Troubles};
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The ending of spec files.
pub(crate) const ENDING: &str = ".ioa.toml";

/// Specs that are proved together.
#[derive(Debug)]
pub struct Group {
    /// The specs, in the order in which they were named.
    pub members: Vec<Member>,
}

/// A spec of a group.
#[derive(Clone, Debug)]
pub struct Member {
    /// The file, as it was named.
    pub file: String,
    /// What the file says, byte for byte.
    pub text: String,
    /// The checked table.
    pub table: Table,
    /// What is allowed and seldom meant.
    pub warnings: Vec<Trouble>,
    /// Whether it is proved; otherwise it is there because another refers to it.
    pub is_proved: bool,
}

/// Why specs could not be read.
#[derive(Debug)]
pub enum Unloaded {
    /// A file or folder could not be read.
    Unreadable(PathBuf, io::Error),
    /// A folder has no file `*.ioa.toml`.
    Empty(PathBuf),
    /// Files are not as they should be.
    Malformed(Troubles),
}

impl fmt::Display for Unloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "{}: cannot be read: {error}", path.display()),
            Self::Empty(path) => write!(f, "{}: no `*{ENDING}` file is in this folder", path.display()),
            Self::Malformed(troubles) => write!(f, "{troubles:#}"),
        }
    }
}

impl std::error::Error for Unloaded {}

/// A file that was read.
struct File {
    path: PathBuf,
    name: String,
    text: String,
}

/// Reads files and folders. Each group is read with all its types known.
///
/// # Errors
///
/// Something cannot be read, or is not a well-formed spec: per path that could not be loaded, one.
pub fn load(paths: &[PathBuf]) -> Result<Vec<Group>, Vec<Unloaded>> {
    let (mut groups, mut wrong) = (Vec::new(), Vec::new());
    let mut single = Vec::new();
    for path in paths {
        let found = if path.is_dir() { folder(path) } else { file(path).map(|it| vec![it]) };
        match found {
            Ok(files) if !path.is_dir() => single.extend(files),
            Ok(files) if files.is_empty() => wrong.push(Unloaded::Empty(path.clone())),
            Ok(files) => gather(files, &mut groups, &mut wrong),
            Err(unloaded) => wrong.push(unloaded),
        }
    }
    gather(single, &mut groups, &mut wrong);
    if wrong.is_empty() { Ok(groups) } else { Err(wrong) }
}

/// The spec files right in a folder, in the order of their names.
fn folder(path: &Path) -> Result<Vec<File>, Unloaded> {
    let failed = |error| Unloaded::Unreadable(path.to_owned(), error);
    let entries = fs::read_dir(path).map_err(failed)?;
    let mut paths = entries.map(|entry| entry.map(|it| it.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.retain(|path| path.to_string_lossy().ends_with(ENDING));
    paths.sort();
    paths.iter().map(|path| file(path)).collect()
}

fn file(path: &Path) -> Result<File, Unloaded> {
    let text = fs::read_to_string(path).map_err(|error| Unloaded::Unreadable(path.to_owned(), error))?;
    Ok(File { path: path.to_owned(), name: path.display().to_string(), text })
}

/// Puts files into groups: twins alone, all others together.
fn gather(files: Vec<File>, groups: &mut Vec<Group>, wrong: &mut Vec<Unloaded>) {
    let is_twin = |file: &File| file.text.lines().any(|line| line.trim() == "[broken]");
    let (twins, whole): (Vec<File>, Vec<File>) = files.into_iter().partition(is_twin);
    let mut add = |group: Result<Group, Unloaded>| match group {
        Ok(group) => groups.push(group),
        Err(unloaded) => wrong.push(unloaded),
    };
    let beside: Vec<&File> = whole.iter().collect();
    for twin in &twins {
        add(twin_group(twin, &beside));
    }
    if !whole.is_empty() {
        let all: Vec<(&File, bool)> = whole.iter().map(|file| (file, true)).collect();
        add(group(&all));
    }
}

/// A twin, with the specs that it refers to: of those named beside it, or else of the folder above its own.
fn twin_group(twin: &File, beside: &[&File]) -> Result<Group, Unloaded> {
    let table = read(&twin.name, &twin.text).map_err(Unloaded::Malformed)?.table;
    let above = twin.path.parent().and_then(Path::parent).map(folder);
    let above = above.transpose().unwrap_or_default().unwrap_or_default();
    let mut known: Vec<(&File, Table)> = Vec::new();
    for file in beside.iter().copied().chain(&above) {
        if let Ok(Read { table, .. }) = read(&file.name, &file.text)
            && known.iter().all(|(_, other)| other.spec().entity != table.spec().entity)
        {
            known.push((file, table));
        }
    }
    let mut wanted = BTreeSet::from([table.spec().entity.clone()]);
    let mut open = vec![table.spec()];
    let mut files = vec![(twin, true)];
    while let Some(spec) = open.pop() {
        for name in refers(spec) {
            if wanted.insert(name.clone())
                && let Some((file, table)) = known.iter().find(|(_, table)| table.spec().entity == name)
            {
                files.push((file, false));
                open.push(table.spec());
            }
        }
    }
    group(&files)
}

fn group(files: &[(&File, bool)]) -> Result<Group, Unloaded> {
    let texts: Vec<(&str, &str)> = files.iter().map(|(file, _)| (file.name.as_str(), file.text.as_str())).collect();
    let reads = read_together(&texts).map_err(Unloaded::Malformed)?;
    fit(&reads)?;
    let member = |(Read { table, warnings, .. }, (file, is_proved)): (Read, &(&File, bool))| Member {
        file: file.name.clone(),
        text: file.text.clone(),
        table,
        warnings,
        is_proved: *is_proved,
    };
    Ok(Group { members: reads.into_iter().zip(files).map(member).collect() })
}

/// That what these specs set going at each other fits, where all that they need is there.
fn fit(reads: &[Read]) -> Result<(), Unloaded> {
    let specs: Vec<&Spec> = reads.iter().map(|it| it.table.spec()).collect();
    let mut found = Found::default();
    for members in components(&specs) {
        let have: BTreeSet<&Text> = members.iter().map(|it| &specs[*it].entity).collect();
        if members.iter().flat_map(|it| needs(specs[*it])).any(|it| !have.contains(&it)) {
            continue;
        }
        let tables: Vec<Table> = members.iter().map(|it| reads[*it].table.clone()).collect();
        for misfit in Suite::new(tables).err().unwrap_or_default().into_iter().take(20) {
            found.push(reads[members[misfit.table]].trouble(&misfit.fault));
        }
    }
    found.or(Some(())).map_err(Unloaded::Malformed)
}

impl Group {
    /// Which members refer to each other, directly or by way of others: their indices.
    pub(crate) fn components(&self) -> Vec<Vec<usize>> {
        let specs: Vec<&Spec> = self.members.iter().map(|it| it.table.spec()).collect();
        components(&specs)
    }
}

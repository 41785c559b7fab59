//! The specs of a daemon: what the entities are that live at it.
//!
//! Rule kept: *a recording has the very texts that were read*. Each file is read once, at the start. What it deliberately does not do: it
//! proves nothing; `antfarm prove` does, before a file is named here.

use crate::config::Config;
use antfarm_authority::{BadName, Name};
use antfarm_automata::Table;
use antfarm_automata::entities::Suite;
use antfarm_node::{Secrets, SpecText, Toolbox};
use antfarm_strict::{Trouble, Troubles};
use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// How long all specs together may be, in bytes: each recording begins with them.
pub const MAX_SPECS: usize = 1 << 20;

/// The specs that a configuration names, read and checked together.
#[derive(Clone, Debug)]
pub struct Specs {
    pub(crate) suite: Suite,
    pub(crate) texts: Vec<SpecText>,
    pub(crate) warnings: Vec<Trouble>,
}

impl Specs {
    /// Reads what is named; none: nothing is.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or what they say is wrong, with file, line and column.
    pub fn read(config: &Config) -> Result<Option<Self>, SpecTrouble> {
        if config.specs.is_empty() {
            return Ok(None);
        }
        let mut texts = Vec::new();
        let mut room = MAX_SPECS;
        for path in &config.specs {
            let text = read(path, room)?;
            room -= text.len();
            texts.push(SpecText { file: path.display().to_string(), text });
        }
        let files: Vec<(&str, &str)> = texts.iter().map(|it| (it.file.as_str(), it.text.as_str())).collect();
        let (suite, warnings) = antfarm_automata_reader::suite(&files)?;
        // Where they lie is nobody's business who has a recording.
        for (it, path) in texts.iter_mut().zip(&config.specs) {
            it.file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        }
        Ok(Some(Self { suite, texts, warnings }))
    }

    /// What is read.
    pub fn suite(&self) -> &Suite {
        &self.suite
    }

    /// That no tool is called as an action of an entity is.
    pub(crate) fn beside(&self, tools: &Toolbox) -> Result<(), SpecTrouble> {
        for spec in self.suite.tables().iter().map(Table::spec) {
            for action in spec.actions.iter().map(|it| it.name.as_str()).chain(["Create", "New"]) {
                let name = format!("{}.{action}", spec.entity);
                if Name::new(&name).is_ok_and(|it| tools.tool(&it).is_some()) {
                    return Err(SpecTrouble::Tool(name));
                }
            }
        }
        Ok(())
    }

    /// That no secret stands in a spec, which every recording begins with.
    pub(crate) fn without(&self, secrets: &Secrets) -> Result<(), SpecTrouble> {
        match self.texts.iter().find(|it| !secrets.is_clean(it.text.as_bytes())) {
            Some(it) => Err(SpecTrouble::Secret(it.file.clone())),
            None => Ok(()),
        }
    }
}

fn read(path: &Path, room: usize) -> Result<String, SpecTrouble> {
    let failed = |error| SpecTrouble::Io(path.to_owned(), error);
    let mut text = String::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(room as u64 + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() > room { Err(SpecTrouble::TooLong(path.to_owned())) } else { Ok(text) }
}

/// What is wrong with a daemon's specs.
#[derive(Debug)]
pub enum SpecTrouble {
    /// What they say.
    Malformed(Troubles),
    /// A file cannot be read.
    Io(PathBuf, io::Error),
    /// With this one they are longer than [`MAX_SPECS`].
    TooLong(PathBuf),
    /// A tool of the manifest has the name of an action.
    Tool(String),
    /// A secret stands in one.
    Secret(String),
    /// A type and an action together are no name of a tool.
    Name(BadName),
}

impl From<Troubles> for SpecTrouble {
    fn from(troubles: Troubles) -> Self {
        Self::Malformed(troubles)
    }
}

impl fmt::Display for SpecTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(troubles) => write!(f, "{troubles:#}"),
            Self::Io(path, error) => write!(f, "spec `{}`: {error}", path.display()),
            Self::TooLong(path) => write!(f, "spec `{}`: all specs together have at most {MAX_SPECS} bytes", path.display()),
            Self::Tool(name) => write!(f, "`{name}` is an action of an entity, and a tool of the manifest is called so, too"),
            Self::Name(bad) => write!(f, "a type and an action are no name of a tool: {bad}"),
            Self::Secret(file) => write!(f, "spec `{file}`: a secret stands in it; say its name, as in `{{secret:key}}`"),
        }
    }
}

impl std::error::Error for SpecTrouble {}

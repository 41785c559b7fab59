//! The scratch copy in which bugs are planted: the files that git knows, beside a build cache that all patches share.
//!
//! Syncing writes only what differs, so that the build cache stays fresh, and undoes whatever an earlier patch or an
//! interrupted invocation left behind. The workspace itself is never written to but below `target`.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A copy of a workspace, and where it is built.
#[derive(Clone, Debug)]
pub(crate) struct Scratch {
    /// The workspace.
    root: PathBuf,
    /// Its copy.
    work: PathBuf,
    /// Where cargo builds the copy.
    target: PathBuf,
    /// The binary to build.
    binary: String,
}

impl Scratch {
    /// Prepares the copy of the git work tree around the present folder. `binary` is the tool to build there.
    pub(crate) fn prepare(binary: &str) -> Result<Self, BadScratch> {
        let top = git(Path::new("."), &["rev-parse", "--show-toplevel"])?;
        let root = PathBuf::from(String::from_utf8_lossy(&top).trim_end());
        let below = root.join("target").join("mutants");
        let scratch = Self { work: below.join("work"), target: below.join("target"), root, binary: binary.to_owned() };
        scratch.sync()?;
        Ok(scratch)
    }

    /// Where commands of the copy run.
    pub(crate) fn work(&self) -> &Path {
        &self.work
    }

    /// A place beside the copy, which syncing leaves alone.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.work.with_file_name(name)
    }

    /// The binary that [`Scratch::build`] leaves.
    pub(crate) fn tool(&self) -> PathBuf {
        self.target.join("release").join(&self.binary).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// Makes the copy equal to the workspace.
    pub(crate) fn sync(&self) -> Result<(), BadScratch> {
        let listed = git(&self.root, &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
        let listed = String::from_utf8_lossy(&listed);
        let files: BTreeSet<&Path> = listed.split('\0').filter(|name| !name.is_empty()).map(Path::new).collect();
        // A file that git knows and that is gone from disk is not copied.
        let files: BTreeSet<&Path> = files.into_iter().filter(|file| self.root.join(file).is_file()).collect();
        for file in &files {
            let failed = |error| BadScratch::File(self.work.join(file), error);
            let bytes = fs::read(self.root.join(file)).map_err(failed)?;
            let copy = self.work.join(file);
            if fs::read(&copy).is_ok_and(|old| old == bytes) {
                continue;
            }
            fs::create_dir_all(copy.parent().unwrap_or(&self.work)).map_err(failed)?;
            fs::write(&copy, bytes).map_err(failed)?;
        }
        remove_others(&self.work, &self.work, &files).map_err(|error| BadScratch::File(self.work.clone(), error))
    }

    /// Plants a bug.
    pub(crate) fn apply(&self, patch: &Path) -> Result<(), BadScratch> {
        let patch = fs::canonicalize(patch).map_err(|error| BadScratch::File(patch.to_owned(), error))?;
        // Without the ceiling, git would find the workspace around the copy, and silently skip what lies outside it.
        let mut command = Command::new("git");
        command.arg("apply").arg("--whitespace=nowarn").arg(&patch).current_dir(&self.work);
        command.env("GIT_CEILING_DIRECTORIES", self.work.parent().unwrap_or(&self.work));
        run(&mut command).map(drop)
    }

    /// Builds the copy's tool in release, and incrementally: a patch changes little. Link-time optimisation is left out: a link for
    /// each patch would cost more than it saves.
    pub(crate) fn build(&self) -> Result<(), BadScratch> {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(["build", "--quiet", "--release", "--bin", &self.binary]).current_dir(&self.work);
        command.env("CARGO_TARGET_DIR", &self.target);
        command.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        command.env("CARGO_INCREMENTAL", "1").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        run(&mut command).map(drop)
    }
}

/// Removes files of the copy that are not in `files`.
fn remove_others(work: &Path, dir: &Path, files: &BTreeSet<&Path>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(work, &path, files)?;
        } else if path.strip_prefix(work).is_ok_and(|file| !files.contains(file) && file != Path::new("Cargo.lock")) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn git(dir: &Path, args: &[&str]) -> Result<Vec<u8>, BadScratch> {
    run(Command::new("git").args(args).current_dir(dir)).map(|output| output.stdout)
}

/// Runs a command; one that fails is an error with what it said.
fn run(command: &mut Command) -> Result<Output, BadScratch> {
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(variable); // A hook that calls us would have set them.
    }
    let told = || {
        let words = std::iter::once(command.get_program()).chain(command.get_args()).map(OsStr::to_string_lossy);
        words.collect::<Vec<_>>().join(" ")
    };
    let told = told();
    let output = command.stdin(Stdio::null()).output().map_err(|error| BadScratch::Start(told.clone(), error))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(BadScratch::Command(told, String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// Why a copy could not be made, patched or built.
#[derive(Debug)]
pub(crate) enum BadScratch {
    /// A file could not be read or written.
    File(PathBuf, io::Error),
    /// A command could not be started.
    Start(String, io::Error),
    /// A command failed and said this.
    Command(String, String),
}

impl fmt::Display for BadScratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Start(command, error) => write!(f, "`{command}` could not be started: {error}"),
            Self::Command(command, said) => write!(f, "`{command}` failed:\n{}", said.trim_end()),
        }
    }
}

impl std::error::Error for BadScratch {}

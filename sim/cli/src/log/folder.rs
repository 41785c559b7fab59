//! Ledgers on disk: folders that hold segments, each file an object.

use crate::args::Point;
use crate::bad_input::BadInput;
use antfarm_identity::Digest;
use antfarm_ledger::{LogHead, OPENING_BYTES, Record, Refused, Tear, Verifier, opening_log, segment_number};
use antfarm_machine::Object;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// How much of a segment is in memory at a time, besides one frame.
const CHUNK: usize = 256 << 10;

/// Deeper folders than this are not looked into: a link may lead in circles.
const DEPTH: usize = 16;

/// One ledger.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// Where it lies, as the user named it.
    pub(crate) path: PathBuf,
    /// By number.
    segments: Vec<(u32, PathBuf)>,
    /// The id that its segments claim; none where no segment begins with a whole frame.
    pub(crate) claimed: Option<Digest>,
}

/// What reading a ledger came to.
#[derive(Debug)]
pub(crate) struct Reading {
    /// Where it ends, or why it was not read to its end.
    pub(crate) end: Result<LogHead, Refused>,
    pub(crate) tear: Option<Tear>,
}

/// All ledgers below these folders, in the order of their paths. A folder without any is an error: it would look like success.
pub(crate) fn ledgers(folders: &[PathBuf]) -> Result<Vec<Ledger>, BadInput> {
    let mut found = Vec::new();
    for folder in folders {
        let before = found.len();
        below(folder, 0, &mut found)?;
        if found.len() == before {
            return Err(BadInput::NoLedger(folder.clone()));
        }
    }
    Ok(found)
}

/// The ledger that lies in this very folder.
pub(crate) fn ledger(folder: &Path) -> Result<Option<Ledger>, BadInput> {
    let mut found = Vec::new();
    below(folder, DEPTH, &mut found)?;
    Ok(found.pop())
}

fn below(path: &Path, depth: usize, found: &mut Vec<Ledger>) -> Result<(), BadInput> {
    let failed = |error| BadInput::Unreadable(path.to_owned(), error);
    let entries = fs::read_dir(path).map_err(failed)?;
    let mut entries = entries.map(|entry| entry.map(|it| it.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort();
    let number = |path: &PathBuf| {
        let object = Object::new(path.file_name()?.to_str()?).ok()?;
        Some((segment_number(&object)?, path.clone()))
    };
    let mut segments: Vec<(u32, PathBuf)> = entries.iter().filter(|path| path.is_file()).filter_map(number).collect();
    segments.sort();
    if !segments.is_empty() {
        found.push(Ledger::of(path, segments)?);
    }
    for entry in entries.iter().filter(|path| path.is_dir() && depth < DEPTH) {
        below(entry, depth + 1, found)?;
    }
    Ok(())
}

impl Ledger {
    fn of(path: &Path, segments: Vec<(u32, PathBuf)>) -> Result<Self, BadInput> {
        let mut claimed = None;
        for (_, file) in &segments {
            let mut start = Vec::new();
            let read = File::open(file).and_then(|file| file.take(OPENING_BYTES as u64).read_to_end(&mut start));
            read.map_err(|error| BadInput::Unreadable(file.clone(), error))?;
            claimed = opening_log(&start);
            if claimed.is_some() {
                break;
            }
        }
        Ok(Self { path: path.to_owned(), segments, claimed })
    }

    /// What its folder is called.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().map_or_else(|| self.path.display().to_string(), |name| name.to_string_lossy().into_owned())
    }

    /// Reads it as the log with this id, and hands every record that is in its place to `take`.
    pub(crate) fn read(
        &self,
        log: Digest,
        through: Option<Point>,
        take: &mut impl FnMut(&Record<'_>),
    ) -> Result<Reading, BadInput> {
        let mut verifier = Verifier::new(log);
        if let Some(Point { records, digest }) = through {
            verifier = verifier.through(records, digest);
        }
        let mut tear = None;
        for (index, (number, path)) in self.segments.iter().enumerate() {
            let last = index + 1 == self.segments.len();
            match segment(&mut verifier, *number, path, last, take)? {
                Ok(torn) => tear = torn,
                Err(refused) => return Ok(Reading { end: Err(refused), tear: None }),
            }
        }
        Ok(Reading { end: verifier.finish(), tear })
    }
}

/// Reads one segment, chunk by chunk.
fn segment(
    verifier: &mut Verifier,
    number: u32,
    path: &Path,
    last: bool,
    take: &mut impl FnMut(&Record<'_>),
) -> Result<Result<Option<Tear>, Refused>, BadInput> {
    let failed = |error| BadInput::Unreadable(path.to_owned(), error);
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    if let Err(refused) = verifier.begin(number, length, last) {
        return Ok(Err(refused));
    }
    // What is appended while it is read is not read.
    let mut file = file.take(length);
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk).map_err(failed)?;
        if read == 0 {
            break;
        }
        if let Err(refused) = verifier.feed(&chunk[..read], take) {
            return Ok(Err(refused));
        }
    }
    if verifier.fed() < length {
        return Err(failed(std::io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(verifier.close())
}

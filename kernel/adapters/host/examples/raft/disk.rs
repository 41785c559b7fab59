//! A plain disk: one file for each object, one worker that takes all that waits, syncs once, and then answers.
//!
//! It is as small as the contract allows; `antfarm_conformance::storage` says what that is. After a failed write or sync it answers `Failed`
//! to everything, until the process starts again.

use antfarm_machine::{Entry, MAX_APPEND, Object, Operation, Outcome, Receipt, Request, Storage};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// The objects of a folder.
pub(crate) struct Disk(Sender<Request>);

impl Disk {
    /// Opens `folder`, which it makes if need be; receipts go to `on_receipt`.
    pub(crate) fn open(folder: &Path, on_receipt: impl FnMut(Receipt) + Send + 'static) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let worker = Worker { folder: folder.to_owned(), touched: BTreeMap::new(), renamed: false, failed: false };
        let (disk, requests) = channel();
        thread::Builder::new().name("disk".to_owned()).spawn(move || worker.work(&requests, on_receipt))?;
        Ok(Self(disk))
    }
}

impl Storage for Disk {
    fn submit(&mut self, request: Request) {
        self.0.send(request).expect("the worker lives as long as the disk");
    }
}

struct Worker {
    folder: PathBuf,
    /// Files written to and not synced yet.
    touched: BTreeMap<Object, File>,
    /// Whether the folder's own entries changed.
    renamed: bool,
    failed: bool,
}

impl Worker {
    fn work(mut self, requests: &Receiver<Request>, mut on_receipt: impl FnMut(Receipt)) {
        while let Ok(first) = requests.recv() {
            let batch = std::iter::once(first).chain(requests.try_iter());
            let mut receipts: Vec<Receipt> = batch.map(|request| self.answer(request)).collect();
            if self.sync().is_err() {
                self.failed = true;
                receipts.iter_mut().for_each(|receipt| receipt.outcome = Outcome::Failed);
            }
            receipts.into_iter().for_each(&mut on_receipt);
        }
    }

    fn answer(&mut self, Request { ticket, operation }: Request) -> Receipt {
        let outcome = if self.failed { Err(ErrorKind::Other.into()) } else { self.perform(operation) };
        self.failed |= outcome.is_err();
        Receipt { ticket, outcome: outcome.unwrap_or(Outcome::Failed) }
    }

    fn perform(&mut self, operation: Operation) -> io::Result<Outcome> {
        match operation {
            Operation::List => self.list(),
            Operation::Read { object, range } => {
                let mut bytes = Vec::new();
                if let Some(mut file) = existing(File::open(self.path(&object)))? {
                    file.seek(SeekFrom::Start(range.start))?;
                    file.take(range.end.saturating_sub(range.start)).read_to_end(&mut bytes)?;
                }
                Ok(Outcome::Data(bytes))
            }
            Operation::AppendAt { bytes, .. } if bytes.len() > MAX_APPEND => Err(ErrorKind::InvalidInput.into()),
            Operation::AppendAt { object, expected_end, bytes } => {
                let path = self.path(&object);
                let end = existing(fs::metadata(&path))?.map_or(0, |it| it.len());
                if end != expected_end {
                    return Ok(Outcome::Conflict { end });
                }
                self.renamed |= !path.exists();
                let mut file = OpenOptions::new().append(true).create(true).open(path)?;
                file.write_all(&bytes)?;
                self.touched.insert(object, file);
                Ok(Outcome::Done)
            }
            Operation::Truncate { object, length } => {
                if let Some(file) = existing(OpenOptions::new().write(true).open(self.path(&object)))? {
                    let length = length.min(file.metadata()?.len());
                    file.set_len(length)?;
                    self.touched.insert(object, file);
                }
                Ok(Outcome::Done)
            }
            Operation::Remove { object } => {
                self.touched.remove(&object);
                self.renamed |= existing(fs::remove_file(self.path(&object)))?.is_some();
                Ok(Outcome::Done)
            }
        }
    }

    fn list(&self) -> io::Result<Outcome> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if let Some(object) = entry.file_name().to_str().and_then(|name| Object::new(name).ok()) {
                entries.push(Entry { object, length: entry.metadata()?.len() });
            }
        }
        entries.sort_by(|one, other| one.object.cmp(&other.object));
        Ok(Outcome::Listed(entries))
    }

    /// Makes all that was done durable.
    fn sync(&mut self) -> io::Result<()> {
        for file in std::mem::take(&mut self.touched).into_values() {
            file.sync_data()?;
        }
        match std::mem::take(&mut self.renamed) {
            true => File::open(&self.folder)?.sync_all(),
            false => Ok(()),
        }
    }

    fn path(&self, object: &Object) -> PathBuf {
        self.folder.join(object.name())
    }
}

/// What does not exist is no error.
fn existing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

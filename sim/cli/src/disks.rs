//! Disks that are kept after a run: every object of every node becomes a file, as `DIR/SCENARIO-SEED/NODE/OBJECT`.
//!
//! What the objects mean is not known here. A node that stored nothing has no folder.

use crate::bad_input::BadInput;
use crate::failure::flat;
use antfarm_sim::Disk;
use std::fs;
use std::path::{Path, PathBuf};

/// The objects of one run's nodes.
#[derive(Default)]
pub(crate) struct Disks(Vec<Node>);

struct Node {
    name: String,
    objects: Vec<(String, Vec<u8>)>,
}

impl Disks {
    /// Takes a node's disk up.
    pub(crate) fn take(&mut self, node: &str, disk: &Disk) {
        let objects = disk.list().into_iter().map(|entry| (entry.object.name().to_owned(), disk.bytes(&entry.object).to_vec()));
        self.0.push(Node { name: flat(node), objects: objects.collect() });
    }

    /// Writes them below `dir`. What an earlier run left in a node's folder goes: segments of two runs make no ledger.
    pub(crate) fn write(&self, dir: &Path, scenario: &str, seed: u64) -> Result<(), BadInput> {
        let run = folder(dir, scenario, seed);
        for (number, node) in self.0.iter().enumerate() {
            let namesakes = self.0.iter().filter(|other| other.name == node.name).count();
            let path = if namesakes > 1 { run.join(format!("{}-{number}", node.name)) } else { run.join(&node.name) };
            let failed = |error| BadInput::Unwritable(path.clone(), error);
            for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
                if entry.file_type().is_ok_and(|it| it.is_file()) {
                    fs::remove_file(entry.path()).map_err(failed)?;
                }
            }
            if !node.objects.is_empty() {
                fs::create_dir_all(&path).map_err(failed)?;
            }
            for (object, bytes) in &node.objects {
                // The name of an object is made of letters, digits, `.`, `-` and `_`, and begins with no dot.
                fs::write(path.join(object), bytes).map_err(failed)?;
            }
        }
        Ok(())
    }
}

/// The folder of one run.
fn folder(dir: &Path, scenario: &str, seed: u64) -> PathBuf {
    dir.join(format!("{}-{seed}", flat(scenario)))
}

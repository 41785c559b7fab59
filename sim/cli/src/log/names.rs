//! What people call keys and logs: by the names of folders, which nothing vouches for, and by their first digits, which all do.

use crate::log::folder::{Ledger, ledger};
use antfarm_identity::{Digest, PublicKey};
use antfarm_node::log_of;
use std::collections::BTreeMap;
use std::path::Path;

/// The names of the folders of ledgers, by the logs that these claim to be.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<Digest, String>);

impl Names {
    /// Those of these ledgers.
    pub(crate) fn of(known: &[Ledger]) -> Self {
        let mut names = Self::default();
        known.iter().for_each(|ledger| names.learn(ledger));
        names
    }

    /// Those of the folders beside this one, too, if it is a ledger itself.
    pub(crate) fn and_beside(mut self, folder: &Path) -> Self {
        let is_ledger = matches!(ledger(folder), Ok(Some(_)));
        let whole = folder.canonicalize().ok().filter(|_| is_ledger);
        let beside = whole.as_deref().and_then(Path::parent).and_then(|above| std::fs::read_dir(above).ok());
        for entry in beside.into_iter().flatten().flatten() {
            // Whatever lies there was not asked for: what cannot be read has no name.
            ledger(&entry.path()).iter().flatten().for_each(|ledger| self.learn(ledger));
        }
        self
    }

    fn learn(&mut self, ledger: &Ledger) {
        if let Some(log) = ledger.claimed {
            self.0.entry(log).or_insert_with(|| ledger.name());
        }
    }

    /// Who holds this key.
    pub(crate) fn key(&self, colony: Option<Digest>, key: &PublicKey) -> String {
        let name = colony.and_then(|colony| self.0.get(&log_of(colony, key)));
        name.map_or_else(|| format!("{key:?}"), |name| format!("{name} ({key:?})"))
    }

    /// Who keeps this log.
    pub(crate) fn log(&self, log: &Digest) -> String {
        self.0.get(log).map_or_else(|| format!("log {}", log.short()), Clone::clone)
    }
}

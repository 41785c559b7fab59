//! Secrets: none of the configured secrets is on any disk or in any message, in the bytes in which it would be read there.
//!
//! What is appended to a disk is looked through as it comes, and all of every disk in the end; a message is looked through when it
//! is sent. Nothing excuses: what a disk loses, repeats or garbles was to be clean before.
//!
//! What it does not see: a secret in another encoding, or cut in two by what stands between (those are for the tests of the
//! redaction itself); a message that is altered under way; what is told to observers.

use crate::member::Colonist;
use antfarm_identity::to_bytes;
use antfarm_machine::{Object, PeerId, reached};
use antfarm_sim::{Choice, Moment, Oracle, Violation};
use std::collections::BTreeMap;

/// No secret is stored or sent.
#[derive(Clone, Default, Debug)]
pub struct Secrets {
    secrets: Vec<Vec<u8>>,
    /// How far each object was looked through.
    seen: BTreeMap<(PeerId, Object), usize>,
}

impl Secrets {
    /// These must never be seen. An empty one is none.
    pub fn of(secrets: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self { secrets: secrets.into_iter().filter(|secret| !secret.is_empty()).collect(), seen: BTreeMap::new() }
    }

    /// The number of the secret that these bytes give away, from 0.
    fn found(&self, bytes: &[u8]) -> Option<usize> {
        self.secrets.iter().position(|secret| {
            // Most places are ruled out by one byte, which is cheaper than to compare them.
            bytes.windows(secret.len()).any(|window| window.first() == secret.first() && window == secret)
        })
    }

    fn disk<M: Colonist, O>(&mut self, at: PeerId, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let longest = self.secrets.iter().map(Vec::len).max().unwrap_or(0);
        let disk = moment.world.disk(at);
        for object in disk.list().into_iter().map(|entry| entry.object) {
            let bytes = disk.bytes(&object);
            let seen = self.seen.get(&(at, object.clone())).copied().unwrap_or(0).min(bytes.len());
            // It may have begun in what was seen already.
            if let Some(which) = self.found(&bytes[seen.saturating_sub(longest)..]) {
                return Err(Violation::at(at, format!("secret {which} is on its disk, in `{object:?}`")));
            }
            self.seen.insert((at, object), bytes.len());
        }
        reached!("oracle.secrets");
        Ok(())
    }
}

impl<M: Colonist, O> Oracle<M, O> for Secrets {
    fn property(&self) -> &'static str {
        "secrets"
    }

    fn claim(&self) -> &'static str {
        "no secret is on any disk or in any message"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        if self.secrets.is_empty() {
            return Ok(());
        }
        if let Choice::Sync(at, ..) = moment.choice {
            self.disk(*at, moment)?;
        }
        for (to, message) in moment.messages() {
            if let Some(which) = self.found(&to_bytes(message)) {
                let message = format!("secret {which} is in a message to {to:?}");
                return Err(Violation { node: moment.node, message });
            }
        }
        Ok(())
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.seen.clear();
        let looked_for = !self.secrets.is_empty();
        moment.world.ids().filter(|_| looked_for).try_for_each(|at| self.disk(at, moment))
    }
}

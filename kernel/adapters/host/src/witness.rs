//! Notes what a machine's signer makes in a step, for the recording: with that, a replay needs no secret.

use antfarm_identity::{Made, Signer};
use std::sync::{Arc, Mutex, PoisonError};

/// Stands between a machine's signer and its recorder: one for each run. What is signed outside of steps, for a client who looks at the
/// machine say, is not noted.
#[derive(Clone, Debug, Default)]
pub struct Witness(Arc<Mutex<Option<Vec<Made>>>>);

impl Witness {
    /// The same signer, to configure the machine with.
    pub fn of(&self, signer: &Signer) -> Signer {
        let notes = self.clone();
        signer.watched(Arc::new(move |made| notes.note(made)))
    }

    fn note(&self, made: Made) {
        if let Some(notes) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            notes.push(made);
        }
    }

    /// A step begins.
    pub(crate) fn begin(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
    }

    /// A step ended; what was made in it.
    pub(crate) fn end(&self) -> Vec<Made> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }
}

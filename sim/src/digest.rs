//! The digest of a trace: a rolling 64-bit checksum over the canonical bytes of each event, sealed by BLAKE3 at checkpoints.
//!
//! An event is the world's time, a word for the choice, and the bytes of its payload and of the notices told; fixed width and
//! byte order, so the digest is the same on every machine. It is always on. Two runs with equal digests at an event are equal up to it.

use crate::world::Time;
use antfarm_identity::Fold;

/// How many events lie between two checkpoints at least. In a large world there are more: see [`TraceDigest::checkpoint`].
pub const CHECKPOINT: u64 = 1 << 16;

/// How many bytes of the world each event pays for.
const PAID: u64 = 64;

/// The digest of a trace so far.
#[derive(Clone, Debug)]
pub struct TraceDigest {
    rolling: Fold,
    events: u64,
    /// After how many events a checkpoint is due.
    due: u64,
    seal: [u8; 32],
}

impl TraceDigest {
    /// The digest of no events.
    pub const fn new() -> Self {
        Self { rolling: Fold::new(), events: 0, due: CHECKPOINT, seal: [0; 32] }
    }

    /// Takes in one event: when it happened, the word that says what, and all else about it.
    #[inline]
    pub fn absorb(&mut self, at: Time, what: u64, payload: &[u8]) {
        self.rolling.absorb_u64(at.0);
        self.rolling.absorb_u64(what);
        self.rolling.absorb(payload);
        self.events += 1;
    }

    /// Whether a checkpoint is due.
    #[inline]
    pub fn is_due(&self) -> bool {
        self.events >= self.due
    }

    /// Seals the events so far together with the canonical bytes of the world. The next one is due after as many events as pay for
    /// these bytes, at 64 bytes each: a world may have disks of a gigabyte, and what an event costs shall not depend on that.
    pub fn checkpoint(&mut self, world: &[u8]) {
        let intervals = (world.len() as u64 / PAID / CHECKPOINT).max(1);
        self.due = (self.events / CHECKPOINT + intervals) * CHECKPOINT;
        let mut hasher = blake3::Hasher::new_derive_key("antfarm 2026 trace checkpoint");
        hasher.update(&self.seal).update(&self.events.to_le_bytes()).update(&self.rolling.value().to_le_bytes()).update(world);
        self.seal = *hasher.finalize().as_bytes();
        let [a, b, c, d, e, f, g, h, ..] = self.seal;
        self.rolling.absorb_u64(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
    }

    /// The rolling digest; the seals are part of it.
    #[inline]
    pub fn value(&self) -> u64 {
        self.rolling.value()
    }

    /// How many events there were.
    pub fn events(&self) -> u64 {
        self.events
    }
}

impl Default for TraceDigest {
    fn default() -> Self {
        Self::new()
    }
}

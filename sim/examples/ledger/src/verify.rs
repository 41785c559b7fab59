//! Verifying the log on a simulated disk with the verifier that auditors use.

use antfarm_identity::Digest;
use antfarm_ledger::{Record, Refused, Verified, Verifier, segment_number};
use antfarm_sim::Disk;

/// Reads all segments on `disk`, in order, as the log with this id; each valid record goes to `fold`.
///
/// # Errors
///
/// The first thing that is wrong with the log, except for a torn tail.
pub fn verify(disk: &Disk, log: Digest, fold: &mut impl FnMut(&Record<'_>)) -> Result<Verified, Refused> {
    let mut segments: Vec<_> =
        disk.list().into_iter().filter_map(|entry| Some((segment_number(&entry.object)?, entry.object))).collect();
    segments.sort_unstable_by_key(|(number, _)| *number);
    let last = segments.last().map(|(number, _)| *number);
    let mut verifier = Verifier::new(log);
    let mut tear = None;
    for (number, object) in &segments {
        let bytes = disk.bytes(object);
        verifier.begin(*number, bytes.len() as u64, Some(*number) == last)?;
        verifier.feed(bytes, fold)?;
        tear = verifier.close()?;
    }
    Ok(Verified { head: verifier.finish()?, tear })
}

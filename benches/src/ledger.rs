//! The ledger: verifying and folding a log in memory.

use antfarm_identity::{Digest, Domain, Signer};
use antfarm_ledger::{Ask, Config, Keeper, KeeperConfig, Verifier, segment_number};
use antfarm_machine::{PeerId, Span};
use antfarm_sim::{Recorder, Simulation};
use std::sync::OnceLock;

const LOG: Domain = Domain::new("antfarm 2026 bench log");

fn log() -> Digest {
    Digest::of(LOG, b"speed")
}

/// The segments of a log of `records` records of 64 bytes, as a keeper wrote them to a simulated disk.
fn segments(records: u64) -> Vec<Vec<u8>> {
    let me = PeerId::new(0);
    let config = KeeperConfig {
        ledger: Config::new(log(), Signer::insecure(1)),
        witnesses: Vec::new(),
        reopen_after: Span::from_secs(1),
        checkpoint_every: Span::from_secs(1_000_000),
    };
    let mut sim = Simulation::seeded(1, [Keeper::new(config)]).record(Recorder::Off);
    sim.run_for(Span::from_secs(1));
    for id in 0..records {
        sim.ask(me, Ask::Put { id, bytes: id.to_le_bytes().repeat(8) });
        if id % 64 == 63 {
            sim.run_for(Span::from_millis(50));
        }
    }
    sim.run_for(Span::from_secs(1));
    let disk = sim.world().disk(me);
    let objects = disk.list().into_iter().map(|entry| entry.object).filter(|object| segment_number(object).is_some());
    objects.map(|object| disk.bytes(&object).to_vec()).collect()
}

/// Verifies the chain of a log of `records` records (and one more that opens it), checks every payload and folds them; the
/// number of records.
pub fn ledger(records: u64) -> u64 {
    static SEGMENTS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let segments = SEGMENTS.get_or_init(|| segments(records));
    let segments: Vec<&[u8]> = segments.iter().map(Vec::as_slice).collect();
    let mut bytes = 0;
    let fold = &mut |record: &antfarm_ledger::Record<'_>| bytes += record.payload.bytes().map_or(0, <[u8]>::len) as u64;
    let verified = Verifier::new(log()).run(&segments, fold).expect("the log is whole");
    assert!(verified.head.records > records && bytes >= 64 * records, "every record was folded");
    verified.head.records
}

//! Two keepers of ledgers that witness each other, on disks that fail but do not lie.
//!
//! Held after every step:
//!
//! - What a keeper acknowledged it still knows when it is open, at the position that it named.
//! - Nobody heard of a head that the sender's disk does not hold, and a keeper is never refused.
//!
//! And at the end each disk, read by somebody who knows nothing, verifies without a tear.

use crate::Met;
use crate::draw::Draw;
use crate::world::{budget, conclude, walk};
use antfarm_identity::{Digest, Domain, Signer};
use antfarm_ledger::{Ask, Config, Depth, Keeper, KeeperConfig, Message, Notice, Verifier, segment_object};
use antfarm_machine::{PeerId, Span};
use antfarm_sim::{Choice, Disk, Moment, Nobody, Oracle, Violation, Wander, World};
use std::collections::BTreeMap;

const LOG: Domain = Domain::new("antfarm 2026 fuzz keeper");

fn keeper(number: u32, depth: Depth) -> Keeper {
    let log = Digest::of(LOG, &number.to_le_bytes());
    let base = Config::new(log, Signer::insecure(u64::from(number)));
    Keeper::new(KeeperConfig {
        ledger: Config { segment_bytes: 900, pending_bytes: 1_600, depth, ..base },
        witnesses: vec![PeerId::new(1 - number)],
        reopen_after: Span::from_millis(10),
        checkpoint_every: Span::from_millis(100),
    })
}

pub(super) fn wander(mut draw: Draw<'_>) -> Met {
    let stage = draw.byte();
    let depth = if stage & 1 == 0 { Depth::Tail } else { Depth::Whole };
    let mut world = World::new([keeper(0, depth), keeper(1, depth)], Nobody);
    for number in 0..stage / 2 % 32 {
        let what = draw.byte();
        let bytes = vec![number; usize::from(what / 2)];
        // Ids count up, and some are asked for again.
        let id = u64::from(number - u8::from(what.is_multiple_of(8)).min(number));
        world.want(PeerId::new(u32::from(what & 1)), Ask::Put { id, bytes });
    }
    let budget = budget(&mut draw);
    let start = world.clone();
    let oracles: Vec<Box<dyn Oracle<Keeper, Nobody>>> = vec![Box::new(Acknowledged::default())];
    let wander = Wander::new(world, budget, oracles).unwrap_or_else(|failure| panic!("at the start: {failure}"));
    let booted = wander.recording().steps.len();
    let wander = walk(wander, &mut draw, |_| {});
    for id in wander.world().ids() {
        audit(wander.world().disk(id), Digest::of(LOG, &id.number().to_le_bytes()), &wander.story());
    }
    conclude(&wander, start, booted)
}

fn audit(disk: &Disk, log: Digest, story: &str) {
    let segments: Vec<&[u8]> =
        (1..).map(|number| disk.bytes(&segment_object(number))).take_while(|bytes| !bytes.is_empty()).collect();
    match Verifier::new(log).run(&segments, &mut |_| {}) {
        Ok(verified) => assert_eq!(verified.tear, None, "nothing was torn\n{story}"),
        Err(refused) => panic!("a disk that did not lie does not verify: {refused}\n{story}"),
    }
}

/// What each keeper acknowledged, by its id, and where.
#[derive(Default)]
struct Acknowledged {
    puts: BTreeMap<(PeerId, u64), u64>,
}

impl Oracle<Keeper, Nobody> for Acknowledged {
    fn property(&self) -> &'static str {
        "acknowledged"
    }

    fn claim(&self) -> &'static str {
        "what a keeper acknowledged or announced is on its disk, and its log opens"
    }

    fn after(&mut self, moment: &Moment<'_, Keeper, Nobody>) -> Result<(), Violation> {
        let Some((node, keeper)) = moment.turned() else { return Ok(()) };
        for notice in moment.notices {
            match notice {
                Notice::Acknowledged { id, position } => match self.puts.insert((node, *id), *position) {
                    Some(before) if before != *position => {
                        return Err(Violation::at(node, format!("put {id} is at {position}, and was at {before}")));
                    }
                    Some(_) | None => {}
                },
                Notice::Refused(refused) => {
                    return Err(Violation::at(node, format!("refuses a disk that did not lie: {refused}")));
                }
                Notice::Rejected { .. } | Notice::Opened(_) | Notice::Checkpointed { .. } | Notice::Stopped(_) => {}
            }
        }
        let Some(head) = keeper.durable() else { return Ok(()) };
        let mine = self.puts.range((node, 0)..=(node, u64::MAX));
        for ((_, id), position) in mine {
            let kept = &keeper.kept().window;
            if kept.get(id) != Some(position) && keeper.kept().floor.is_none_or(|floor| *id > floor) {
                return Err(Violation::at(node, format!("put {id} was acknowledged at {position}, and is gone")));
            }
        }
        if let Choice::Deliver(_) = moment.choice {
            return Ok(());
        }
        // What was said before, by this incarnation or another, is still true.
        for (_, flight) in moment.world.flights().filter(|(_, flight)| flight.from == node) {
            let Message::Head { records, digest } = flight.message;
            if records > head.records || (records == head.records && digest != head.digest) {
                return Err(Violation::at(node, format!("announced {records} records, and has {}", head.records)));
            }
        }
        Ok(())
    }
}

//! Every fault family fires, and only what its header allows is lost.

use antfarm_identity::Codec;
use antfarm_machine::{Effects, Input, Machine, Now, Object, Operation, Outcome, PeerId, Span, Ticket};
use antfarm_sim::{Family, Load, Loss, Moment, Nobody, Oracle, Phase, Simulation, Violation};
use std::collections::BTreeMap;

/// Appends a few bytes for each ask, acknowledges what is durable, and pings a neighbour. After a restart it reads what is there.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Scribe {
    incarnation: u64,
    end: Option<u64>,
    busy: bool,
    next: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
enum Notice {
    Acknowledged { incarnation: u64, end: u64 },
    Opened { incarnation: u64, end: u64 },
}

const RECORD: usize = 64;

/// A new object every so often, so that there are directory entries to lose.
fn object(incarnation: u64) -> Object {
    Object::new(&format!("log-{incarnation}")).expect("a legal name")
}

impl Machine for Scribe {
    type Ask = ();
    type Message = u64;
    type Timer = ();
    type Notice = Notice;

    fn step(&mut self, now: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        match input {
            Input::Woke { incarnation } => {
                self.incarnation = incarnation;
                if let Some(before) = incarnation.checked_sub(1) {
                    out.store(Ticket(0), Operation::Read { object: object(before), range: 0..u64::MAX });
                } else {
                    self.end = Some(0);
                }
            }
            Input::Stored(receipt) => match receipt.outcome {
                Outcome::Data(bytes) => {
                    out.tell(Notice::Opened { incarnation: self.incarnation, end: bytes.len() as u64 });
                    self.end = Some(0);
                }
                Outcome::Done => {
                    self.busy = false;
                    self.end = self.end.map(|end| end + RECORD as u64);
                    out.tell(Notice::Acknowledged { incarnation: self.incarnation, end: self.end.unwrap_or(0) });
                }
                // It stops until the next restart.
                Outcome::Failed | Outcome::Full | Outcome::Conflict { .. } => self.end = None,
                Outcome::Listed(_) => unreachable!("nothing was listed"),
            },
            Input::Asked(()) => {
                self.next += 1;
                out.send(PeerId::new(u32::try_from(self.next % 3).unwrap_or(0)), now.wall.as_nanos());
                out.arm((), Span::from_millis(5));
                if let Some(end) = self.end.filter(|_| !self.busy) {
                    self.busy = true;
                    let append =
                        Operation::AppendAt { object: object(self.incarnation), expected_end: end, bytes: vec![1; RECORD] };
                    out.store(Ticket(self.next), append);
                }
            }
            Input::Heard { .. } | Input::Rang(()) => {}
        }
    }
}

/// What was acknowledged is there after a restart, unless the disk's atlas says otherwise.
#[derive(Default)]
struct Durable {
    acknowledged: BTreeMap<(PeerId, u64), u64>,
    excused: u64,
    checked: u64,
}

impl Oracle<Scribe, Nobody> for Durable {
    fn property(&self) -> &'static str {
        "durable"
    }
    fn claim(&self) -> &'static str {
        "what was acknowledged is there after a restart, unless the disk lied"
    }
    fn after(&mut self, moment: &Moment<'_, Scribe, Nobody>) -> Result<(), Violation> {
        let Some(node) = moment.node else { return Ok(()) };
        for notice in moment.notices {
            match notice {
                Notice::Acknowledged { incarnation, end } => {
                    self.acknowledged.insert((node, *incarnation), *end);
                }
                Notice::Opened { incarnation, end } => {
                    let before = self.acknowledged.get(&(node, incarnation - 1)).copied().unwrap_or(0);
                    let excuse = moment.world.disk(node).harms().iter().any(|harm| harm.by.header().may_lose == Loss::Answered);
                    self.checked += 1;
                    self.excused += u64::from(*end < before && excuse);
                    if *end < before && !excuse {
                        return Err(Violation::at(node, format!("{before} bytes were acknowledged, {end} are there")));
                    }
                }
            }
        }
        Ok(())
    }
    fn at_end(&mut self, moment: &Moment<'_, Scribe, Nobody>) -> Result<(), Violation> {
        assert!(matches!(moment.phase, Phase::Healed { .. }));
        Ok(())
    }
}

fn run(seed: u64, families: &[Family]) -> BTreeMap<Family, (u64, u64)> {
    let nodes: Vec<PeerId> = (0..4).map(PeerId::new).collect();
    let mut sim = Simulation::seeded(seed, vec![Scribe::default(); 4])
        .core(nodes[..3].to_vec())
        .load(Load::every((Span::from_micros(100), Span::from_millis(2)), nodes, |_, _| ()))
        .oracle(Durable::default())
        .swarm(families, Span::from_secs(40));
    if let Err(failure) = sim.run(Span::from_secs(40), Span::from_secs(5)) {
        panic!("seed {seed}: {failure}\n{}", sim.story());
    }
    sim.fired()
}

#[test]
fn every_family_fires() {
    for family in Family::ALL {
        // What only shows at a crash needs one.
        let families = [*family, Family::Crash];
        let mut fired = (0, 0);
        for seed in 0..60 {
            if fired.1 > 0 {
                break;
            }
            if let Some(counts) = run(seed, &families).get(family) {
                fired = (fired.0 + counts.0, fired.1 + counts.1);
            }
        }
        assert!(fired.0 > 0 && fired.1 > 0, "{}: {fired:?} planned and fired", family.name());
    }
}

#[test]
fn nothing_acknowledged_is_lost_under_all_faults_but_by_disks_that_lie() {
    for seed in 100..120 {
        run(seed, Family::ALL);
    }
}

#[test]
fn headers_are_told_apart_by_name_and_say_something() {
    for family in Family::ALL {
        let header = family.header();
        assert_eq!(Family::named(header.name), Some(*family));
        assert!(!header.cause.is_empty() && !header.must_survive.is_empty() && !header.must_detect.is_empty());
    }
    assert_eq!(Family::named("gremlins"), None);
}

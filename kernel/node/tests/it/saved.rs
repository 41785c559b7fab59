//! A node that starts from a checkpoint is the one that it would be had it read its whole log.

use crate::alone::{Alone, hours};
use antfarm_identity::Digest;
use antfarm_ledger::{BadCheckpoint, Record, Verifier};
use antfarm_machine::Wall;
use antfarm_node::{Ask, Drift, Fact, Node, SavedStates, State};
use std::collections::BTreeMap;

type Disk = BTreeMap<String, Vec<u8>>;

/// A node that saves its state every few records, and the clients that make it do something.
struct Life {
    it: Alone,
    end: Wall,
    draw: u64,
    wishes: Vec<(u8, Wall)>,
}

impl Life {
    fn new(seed: u64) -> Self {
        let mut it = Alone::new(64);
        it.config.save_every = 6;
        it.restart();
        let end = it.now.wall + hours(400);
        it.grant(0, end);
        Self { it, end, draw: seed, wishes: Vec::new() }
    }

    fn draw(&mut self, below: u64) -> u64 {
        self.draw = self.draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.draw >> 33) % below
    }

    fn turn(&mut self) {
        let writs: Vec<_> = self.it.node.state().writs().map(antfarm_authority::Granted::id).collect();
        let pick = usize::try_from(self.draw(writs.len() as u64)).expect("few");
        let writ = writs[pick];
        match self.draw(12) {
            0..5 => {
                let (number, until) = (u8::try_from(self.draw(200)).expect("few"), self.it.now.wall + hours(1 + self.draw(6)));
                self.wishes.push((number, until));
                self.it.wish(writ, number, until, &[number; 9]);
            }
            5 => {
                let Some((number, until)) = self.wishes.last().copied() else { return };
                self.it.wish(writ, number, until, b"something else");
            }
            6 => {
                let span = hours(1 + self.draw(3));
                self.it.wait(span);
            }
            7 => self.it.answers = !self.it.answers,
            8 => {
                let number = u8::try_from(self.draw(9)).expect("few");
                let until = if self.draw(2) == 0 { self.end } else { self.it.now.wall + hours(2) };
                self.it.grant(number, until);
            }
            9 => {
                let doubtful = self.it.node.state().under_way().next().map(|(key, _)| key);
                let happened = self.draw(2) == 0;
                if let Some(key) = doubtful {
                    self.it.ask(Ask::Resolve { key, happened });
                }
            }
            10 if self.draw(3) == 0 => self.it.ask(Ask::Revoke { writ }),
            10 => self.it.ask(Ask::Close { writ }),
            _ if self.draw(2) == 0 => self.it.restart(),
            _ => self.it.wait(crate::alone::PULSE),
        }
    }
}

fn is_checkpoint(name: &str) -> bool {
    name.starts_with("checkpoint-") || name.starts_with("pieces-")
}

/// How many records the checkpoints on a disk stand for.
fn checkpoints(disk: &Disk) -> Vec<u64> {
    disk.keys().filter_map(|name| name.strip_prefix("checkpoint-")?.parse().ok()).collect()
}

fn each_record(it: &Alone, disk: &Disk, take: &mut impl FnMut(&Record<'_>)) {
    let segments: Vec<&[u8]> = disk.iter().filter(|(name, _)| name.starts_with("log-")).map(|(_, it)| it.as_slice()).collect();
    Verifier::new(it.config.ledger.log).run(&segments, take).expect("the log is whole");
}

/// The state of a node that was started anew, without what follows from the start itself.
fn state(node: &Node) -> &State {
    node.check();
    node.state()
}

#[test]
fn a_start_from_a_checkpoint_comes_to_what_a_start_from_the_log_does_whenever_it_is() {
    let (mut restored, mut whole) = (0, 0);
    for seed in 0..3 {
        let mut life = Life::new(seed);
        let mut records = 0;
        for _ in 0..250 {
            life.turn();
            let now = life.it.node.ledger().durable().expect("it serves").records;
            if core::mem::replace(&mut records, now) == now {
                continue;
            }
            let disk = life.it.disk.clone();
            let (from_checkpoint, opened) = life.it.started_on(disk.clone());
            let (from_log, _) = life.it.started_on(disk.into_iter().filter(|(name, _)| !is_checkpoint(name)).collect());
            assert_eq!(state(&from_checkpoint), state(&from_log), "seed {seed}, {now} records");
            assert_eq!(from_checkpoint.ledger().durable(), from_log.ledger().durable());
            assert_eq!(opened.discarded, []);
            if opened.restored.is_some() { restored += 1 } else { whole += 1 }
        }
        assert!(records > 200, "{records} records");
    }
    assert!(restored > 300 && whole > 0, "{restored} starts from a checkpoint, {whole} from the log");
}

#[test]
fn a_checkpoint_that_was_altered_or_that_nothing_vouches_for_is_passed_over() {
    let mut life = Life::new(7);
    while checkpoints(&life.it.disk).len() < 2 {
        life.turn();
    }
    let disk = life.it.disk.clone();
    let [older, newer] = checkpoints(&disk)[..] else { panic!("two are kept") };
    let plain = |name: &String| !is_checkpoint(name);
    let (expected, _) = life.it.started_on(disk.clone().into_iter().filter(|(name, _)| plain(name)).collect());
    let check = |disk: Disk, restored: Option<u64>, reason| {
        let (node, opened) = life.it.started_on(disk);
        assert_eq!(opened.restored.map(|it| it.records), restored);
        assert_eq!(opened.discarded.first().map(|it| it.reason), reason);
        assert_eq!(state(&node), state(&expected));
    };
    check(disk.clone(), Some(newer), None);
    let (newest, pieces) = (format!("checkpoint-{newer:020}"), format!("pieces-{newer:020}"));
    for name in [&newest, &pieces] {
        for at in (0..disk[name].len()).step_by(61) {
            let mut altered = disk.clone();
            altered.get_mut(name).expect("it is there")[at] ^= 16;
            check(altered, Some(older), Some(BadCheckpoint::Damaged));
        }
    }
    // The seal of the older one, signed as it is, does not seal these pieces.
    let mut swapped = disk.clone();
    let (theirs, ours) = (swapped[&format!("checkpoint-{older:020}")].clone(), swapped[&newest].clone());
    // The signature stands at the end.
    let mut forged = ours.clone();
    let start = forged.len() - 64;
    forged[start..].copy_from_slice(&theirs[theirs.len() - 64..]);
    reseal(&mut forged);
    swapped.insert(newest.clone(), forged);
    check(swapped, Some(older), Some(BadCheckpoint::State));
    // The record that vouches for it is not there yet, and another start lies behind.
    let mut behind = disk.clone();
    let mut saved = None;
    each_record(&life.it, &disk, &mut |record| {
        if let Ok(Some(Fact::Saved { at, .. })) = Fact::read(record)
            && at == newer
        {
            saved = Some(record.header.position);
        }
    });
    let cut = frame_of(&disk["log-00000001"], saved.expect("it is bound"));
    behind.get_mut("log-00000001").expect("it is there").truncate(cut);
    let (node, opened) = life.it.started_on(behind);
    assert_eq!((opened.restored.map(|it| it.records), opened.discarded[0].reason), (Some(older), BadCheckpoint::Unbound));
    node.check();
}

/// Where the frame of a record begins, in a log of one segment.
fn frame_of(segment: &[u8], position: u64) -> usize {
    let mut at = 0;
    for _ in 0..=position {
        at += 32 + u32::from_le_bytes(segment[at + 4..at + 8].try_into().expect("four bytes")) as usize;
    }
    at
}

/// Makes the checks of a frame hold again, as whoever writes to the disk can.
fn reseal(frame: &mut [u8]) {
    let mark = u64::from_le_bytes(frame[16..24].try_into().expect("eight bytes"));
    let mut fold = antfarm_identity::Fold::new();
    fold.absorb_u64(mark);
    fold.absorb(&frame[32..]);
    frame[24..32].copy_from_slice(&fold.value().to_le_bytes());
}

#[test]
fn whoever_folds_the_log_finds_a_seal_that_is_not_that_of_its_records() {
    let mut life = Life::new(3);
    (0..120).for_each(|_| life.turn());
    let config = &life.it.config;
    let (mut state, mut saved) = (State::new(config), SavedStates::new(config.ledger.log));
    let mut judged = 0;
    each_record(&life.it, &life.it.disk, &mut |record| {
        let fact = Fact::read(record).expect("a fact");
        if let Some(fact @ Fact::Saved { at, seal }) = &fact {
            let drift = Err(Drift::Saved { at: *at });
            assert_eq!(saved.clone().judge(&Fact::Saved { at: *at, seal: Digest::ZERO }), drift);
            assert_eq!(saved.clone().judge(&Fact::Saved { at: *at + 1, seal: *seal }), Err(Drift::Saved { at: *at + 1 }));
            let mut twice = saved.clone();
            assert_eq!((twice.judge(fact), twice.judge(fact)), (Ok(()), drift.clone()));
            let mut other = saved.clone();
            other.pass(record, &state);
            assert_eq!(other.judge(fact), Ok(()), "what came later is not in it");
            judged += 1;
        }
        if let Some(fact) = &fact {
            assert_eq!(saved.judge(fact), Ok(()));
        }
        state.fold_fact(record, fact);
        saved.pass(record, &state);
    });
    assert!(judged > 5, "{judged} checkpoints");
}

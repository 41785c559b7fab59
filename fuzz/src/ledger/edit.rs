//! Tampering: a hand that changes what is on the disk while nobody looks.

use crate::draw::Draw;
use crate::ledger::disk::Disk;
use crate::ledger::forge;
use antfarm_identity::Digest;
use antfarm_ledger::{checkpoint_object, segment_object};
use antfarm_machine::Object;

/// No object grows past this, however often it is copied.
const MOST: usize = 32 << 10;

/// One change that the bytes of `draw` choose.
pub(crate) fn edit(disk: &mut Disk, log: Digest, draw: &mut Draw<'_>) {
    let what = draw.byte() % 11;
    let object = object(disk, draw.byte());
    match what {
        0 => {
            let length = usize::from(draw.word());
            disk.objects.insert(object, draw.bytes(length).to_vec());
        }
        1 => drop(disk.objects.remove(&object)),
        2 => {
            let other = self::object(disk, draw.byte());
            if let Some(bytes) = disk.objects.get(&other).cloned() {
                disk.objects.insert(object, bytes);
            }
        }
        3 => forge::seal_object(disk, &object),
        4 => forge::chain(disk, log),
        _ => {
            let bytes = disk.objects.entry(object.clone()).or_default();
            rewrite(what, bytes, draw);
            if draw.byte().is_multiple_of(2) {
                forge::seal_object(disk, &object);
            }
        }
    }
}

fn rewrite(what: u8, bytes: &mut Vec<u8>, draw: &mut Draw<'_>) {
    let at = draw.below(bytes.len());
    let length = usize::from(draw.byte());
    let end = bytes.len().min(at + length);
    match what {
        5 => {
            let byte = draw.byte();
            if let Some(old) = bytes.get_mut(at) {
                *old ^= byte;
            }
        }
        6 => bytes[at..end].fill(draw.byte()),
        7 => bytes.truncate(at),
        8 if bytes.len() < MOST => bytes.extend(draw.bytes(length)),
        9 if bytes.len() < MOST => {
            let run = bytes[at..end].to_vec();
            let to = draw.below(bytes.len());
            bytes.splice(to..to, run);
        }
        _ => drop(bytes.drain(at..end)),
    }
}

/// An object that is there, or one of a few that may not be.
fn object(disk: &Disk, which: u8) -> Object {
    let which = usize::from(which);
    let may_be = [segment_object(1), segment_object(2), segment_object(9), checkpoint_object(0), checkpoint_object(6)];
    let strange = Object::new("strange").expect("a legal name");
    let all = disk.objects.keys().cloned().chain(may_be).chain([checkpoint_object(u64::MAX), strange]);
    let all: Vec<Object> = all.collect();
    all[which % all.len()].clone()
}

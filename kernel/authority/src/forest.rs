//! Many verified writs in few bytes: each is written once, after the one that it is a part of.
//!
//! Layout: the number of writs, then the writs as they were signed, depth first, siblings in the order of id and signature. A
//! writ's parent is the last one before it that has the id which it names, so that nothing but the writs is written, and the
//! size is that of the different ones among them. Two writs with equal bodies and different signatures are different.
//!
//! Rule kept: what is read is as good as [`Granted`] ever is, but for the trust in whoever gave the roots. Each signature is
//! verified, and each writ is held against its parent.

use crate::chain::Granted;
use crate::writ::{Writ, WritId};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Malformed, Reader, Reason, Signature};

/// The writs from a root to one of its descendants. In this order, a parent stands before its children.
type Path = Vec<(WritId, Signature)>;

/// Different writs with all above them, and the place of each in the layout.
pub(crate) struct Forest {
    writs: BTreeMap<Path, Granted>,
    places: BTreeMap<Path, u32>,
}

impl Forest {
    pub(crate) fn of<'a>(writs: impl IntoIterator<Item = &'a Granted>) -> Self {
        let mut kept = BTreeMap::new();
        for writ in writs {
            // What lies above a known one is known.
            writ.lineage().take_while(|it| kept.insert(path(it), Granted::clone(it)).is_none()).count();
        }
        let places = kept.keys().cloned().zip(0..).collect();
        Self { writs: kept, places }
    }

    /// How many different writs there are.
    pub(crate) fn len(&self) -> usize {
        self.writs.len()
    }

    /// Where the writ stands, from 0.
    pub(crate) fn place(&self, writ: &Granted) -> u32 {
        *self.places.get(&path(writ)).expect("only writs that were put in are asked for")
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        u32::try_from(self.len()).expect("so many do not fit in memory").encode(out);
        self.writs.values().for_each(|it| it.writ().encode(out));
    }
}

/// The writs of a forest, in their places.
pub(crate) fn decode(input: &mut Reader<'_>) -> Result<Vec<Granted>, Malformed> {
    let count = input.count::<Writ>()?;
    let (mut writs, mut above) = (Vec::<Granted>::new(), Vec::<Granted>::new());
    for _ in 0..count {
        let offset = input.offset();
        let writ = Writ::decode(input)?;
        let mut sibling = None;
        while above.last().is_some_and(|it| Some(it.id()) != writ.body.parent) {
            sibling = above.pop();
        }
        let granted = match above.last() {
            Some(parent) => parent.child(writ),
            None => Granted::unrooted(writ),
        };
        let granted = granted.map_err(|_| Malformed { offset, reason: Reason::Illegal { what: "Granted" } })?;
        if sibling.is_some_and(|it| key(&it) >= key(&granted)) {
            return Err(Malformed { offset, reason: Reason::Order });
        }
        above.push(granted.clone());
        writs.push(granted);
    }
    Ok(writs)
}

fn path(writ: &Granted) -> Path {
    let mut path: Path = writ.lineage().map(key).collect();
    path.reverse();
    path
}

fn key(writ: &Granted) -> (WritId, Signature) {
    (writ.id(), writ.writ().signature)
}

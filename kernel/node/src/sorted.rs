//! A persistent sorted map for what a node remembers by the hundred thousand: a tree of three levels whose clones share all pages.
//!
//! A clone costs a few hundred links, however much is in it. A write to a shared map copies the pages on its path, a few kilobytes;
//! one to a map that nobody shares copies nothing. So a node can save its state as of one moment, piece by piece, and go on.
//!
//! Rule kept: pages are neither empty nor out of order. Their shape depends on the history, so equality and hashes look at entries.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};

/// The most entries of a leaf.
const LEAF: usize = 32;

/// The most leaves of a branch.
const BRANCH: usize = 64;

/// See the module.
#[derive(Clone)]
pub(crate) struct Sorted<K, V> {
    branches: Vec<(K, Arc<Branch<K, V>>)>,
    length: usize,
}

/// Leaves, with the first key of each.
type Branch<K, V> = Vec<(K, Arc<Leaf<K, V>>)>;

/// Entries, keys apart from values: a search looks at keys only.
#[derive(Clone)]
struct Leaf<K, V> {
    keys: Vec<K>,
    values: Vec<V>,
}

impl<K: Ord + Copy, V: Clone> Leaf<K, V> {
    fn of(key: K, value: V) -> Self {
        let (mut keys, mut values) = (Vec::with_capacity(LEAF), Vec::with_capacity(LEAF));
        keys.push(key);
        values.push(value);
        Self { keys, values }
    }

    /// The upper half, which it loses.
    fn split(&mut self) -> Self {
        let (mut keys, mut values) = (Vec::with_capacity(LEAF), Vec::with_capacity(LEAF));
        keys.extend(self.keys.drain(LEAF / 2..));
        values.extend(self.values.drain(LEAF / 2..));
        Self { keys, values }
    }
}

impl<K: Ord + Copy, V: Clone> Sorted<K, V> {
    pub(crate) const fn new() -> Self {
        Self { branches: Vec::new(), length: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let (_, branch) = &self.branches[within(&self.branches, key)?];
        let (_, leaf) = &branch[within(branch, key)?];
        leaf.keys.binary_search(key).ok().map(|at| &leaf.values[at])
    }

    pub(crate) fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// What lies under `key`, to be changed: shared pages on the way are copied, so ask only for what is there.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = within(&self.branches, key)?;
        let branch = Arc::make_mut(&mut self.branches[at].1);
        let at = within(branch, key)?;
        let leaf = Arc::make_mut(&mut branch[at].1);
        let at = leaf.keys.binary_search(key).ok()?;
        Some(&mut leaf.values[at])
    }

    /// Puts `value` under `key`, and answers what lay there.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let Some(at) = within(&self.branches, &key).or(if self.branches.is_empty() { None } else { Some(0) }) else {
            self.push(key, value);
            return None;
        };
        let branch = Arc::make_mut(&mut self.branches[at].1);
        let place = within(branch, &key).unwrap_or(0);
        let leaf = Arc::make_mut(&mut branch[place].1);
        match leaf.keys.binary_search(&key) {
            Ok(found) => return Some(core::mem::replace(&mut leaf.values[found], value)),
            Err(gap) => {
                leaf.keys.insert(gap, key);
                leaf.values.insert(gap, value);
            }
        }
        self.length += 1;
        let upper = (leaf.keys.len() > LEAF - 1).then(|| leaf.split());
        branch[place].0 = branch[place].1.keys[0];
        if let Some(upper) = upper {
            branch.insert(place + 1, (upper.keys[0], Arc::new(upper)));
        }
        let upper = (branch.len() > BRANCH).then(|| branch.split_off(BRANCH / 2));
        self.branches[at].0 = self.branches[at].1[0].0;
        if let Some(upper) = upper {
            self.branches.insert(at + 1, (upper[0].0, Arc::new(upper)));
        }
        None
    }

    /// Puts an entry at the end; `false`, and nothing changed, when it does not come after all that are there. Quick: pages are
    /// filled up, and never split.
    pub(crate) fn push(&mut self, key: K, value: V) -> bool {
        let Some((_, branch)) = self.branches.last_mut() else {
            self.branches.push((key, Arc::new(Vec::from([(key, Arc::new(Leaf::of(key, value)))]))));
            self.length += 1;
            return true;
        };
        let branch = Arc::make_mut(branch);
        let full = branch.len() == BRANCH;
        let (_, leaf) = branch.last_mut().expect("no page is empty");
        if leaf.keys.last().is_some_and(|last| *last >= key) {
            return false;
        }
        self.length += 1;
        if leaf.keys.len() + 1 < LEAF {
            let leaf = Arc::make_mut(leaf);
            leaf.keys.push(key);
            leaf.values.push(value);
        } else if full {
            self.branches.push((key, Arc::new(Vec::from([(key, Arc::new(Leaf::of(key, value)))]))));
        } else {
            branch.push((key, Arc::new(Leaf::of(key, value))));
        }
        true
    }

    /// All entries, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.branches.iter().flat_map(|(_, branch)| branch.iter()).flat_map(|(_, leaf)| leaf.keys.iter().zip(&leaf.values))
    }

    /// The entries after `key`, or all, in order.
    pub(crate) fn after(&self, key: Option<&K>) -> impl Iterator<Item = (&K, &V)> {
        let from = key.map_or(0, |key| within(&self.branches, key).unwrap_or(0));
        let branches = self.branches[from..].iter();
        let leaves = branches.flat_map(|(_, branch)| branch.iter());
        let leaves = leaves.skip_while(move |(_, leaf)| key.is_some_and(|key| leaf.keys.last().is_some_and(|last| last <= key)));
        let entries = leaves.flat_map(|(_, leaf)| leaf.keys.iter().zip(&leaf.values));
        entries.skip_while(move |(at, _)| key.is_some_and(|key| *at <= key))
    }

    /// All values, in order of their keys.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Drops the entries of which `keep` says so. Pages that lose nothing stay as they are, shared or not.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        let mut branches: Vec<(K, Arc<Branch<K, V>>)> = Vec::new();
        self.length = 0;
        for (first, mut branch) in core::mem::take(&mut self.branches) {
            let losing: Vec<Vec<bool>> = branch
                .iter()
                .map(|(_, leaf)| leaf.keys.iter().zip(&leaf.values).map(|(key, it)| keep(key, it)).collect())
                .collect();
            if losing.iter().flatten().all(|kept| *kept) {
                self.length += losing.iter().map(Vec::len).sum::<usize>();
                branches.push((first, branch));
                continue;
            }
            let mut kept: Branch<K, V> = Vec::new();
            for ((_, leaf), keeps) in Arc::make_mut(&mut branch).iter_mut().zip(losing) {
                if keeps.contains(&false) {
                    let leaf = Arc::make_mut(leaf);
                    let (mut of_keys, mut of_values) = (keeps.iter(), keeps.iter());
                    leaf.keys.retain(|_| of_keys.next() == Some(&true));
                    leaf.values.retain(|_| of_values.next() == Some(&true));
                }
                let Some(first) = leaf.keys.first().copied() else { continue };
                self.length += leaf.keys.len();
                match kept.last_mut() {
                    // Few entries go into the page before, if it has room.
                    Some((_, before)) if before.keys.len() + leaf.keys.len() < LEAF => {
                        let before = Arc::make_mut(before);
                        before.keys.extend_from_slice(&leaf.keys);
                        before.values.extend_from_slice(&leaf.values);
                    }
                    Some(_) | None => kept.push((first, Arc::clone(leaf))),
                }
            }
            if let Some((first, _)) = kept.first() {
                branches.push((*first, Arc::new(kept)));
            }
        }
        self.branches = branches;
    }
}

/// The page that `key` lies in, if it is there: the last one that does not begin after it.
fn within<K: Ord, T>(pages: &[(K, T)], key: &K) -> Option<usize> {
    pages.partition_point(|(first, _)| first <= key).checked_sub(1)
}

impl<K: Ord + Copy, V: Clone + PartialEq> PartialEq for Sorted<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.length == other.length && self.iter().eq(other.iter())
    }
}

impl<K: Ord + Copy, V: Clone + Eq> Eq for Sorted<K, V> {}

impl<K: Ord + Copy + Hash, V: Clone + Hash> Hash for Sorted<K, V> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.length);
        self.iter().for_each(|entry| entry.hash(state));
    }
}

impl<K: Ord + Copy + fmt::Debug, V: Clone + fmt::Debug> fmt::Debug for Sorted<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{BRANCH, LEAF, Sorted};
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    /// Asserts that both hold the same, found and listed in every way.
    fn check(map: &Sorted<u64, u64>, plain: &BTreeMap<u64, u64>) {
        assert_eq!(map.len(), plain.len());
        assert!(map.iter().eq(plain.iter()) && map.values().eq(plain.values()));
        for (first, branch) in &map.branches {
            assert!(!branch.is_empty() && branch.len() <= BRANCH && *first == branch[0].0);
            assert!(branch.iter().all(|(first, leaf)| leaf.keys.len() < LEAF && leaf.keys.first() == Some(first)));
        }
    }

    #[test]
    fn it_is_a_sorted_map_and_its_clones_stay_as_they_were() {
        let (mut map, mut plain) = (Sorted::new(), BTreeMap::new());
        let mut seen: Vec<(Sorted<u64, u64>, BTreeMap<u64, u64>)> = Vec::new();
        let mut draw = 7_u64;
        for turn in 0..30_000_u64 {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let key = (draw >> 40) % 20_000;
            match draw >> 60 {
                0..9 => assert_eq!(map.insert(key, turn), plain.insert(key, turn)),
                9..12 => assert_eq!(map.get_mut(&key).map(|it| *it += 1), plain.get_mut(&key).map(|it| *it += 1)),
                _ => assert_eq!(map.get(&key), plain.get(&key)),
            }
            if turn % 3_000 == 2_999 {
                map.retain(|key, value| key % 7 != 0 && value % 3 != 0);
                plain.retain(|key, value| *key % 7 != 0 && *value % 3 != 0);
                check(&map, &plain);
                for key in (0..20_050).step_by(331) {
                    assert!(map.after(Some(&key)).eq(plain.range(key + 1..)), "after {key}");
                }
                seen.push((map.clone(), plain.clone()));
            }
        }
        assert!(map.after(None).eq(plain.iter()) && map.len() > 5_000);
        seen.iter().for_each(|(map, plain)| check(map, plain));
        // The order in which it came to be does not count.
        let mut pushed = Sorted::new();
        plain.iter().for_each(|(key, value)| assert!(pushed.push(*key, *value)));
        check(&pushed, &plain);
        assert_eq!(pushed, map);
        assert!(!pushed.push(3, 3));
        map.insert(50_000, 0);
        assert_ne!(pushed, map);
        map.retain(|_, _| false);
        check(&map, &BTreeMap::new());
    }
}

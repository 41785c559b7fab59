//! A persistent ordered map: a tree that branches where keys part (a PATRICIA trie over bytes; Morrison, JACM 15(4), 1968).
//!
//! What it costs depends on keys, not on how many there are: a path has at most one branch for each byte of a key. Clones share
//! all nodes; a write to a tree that is shared copies the branches on its path, at most 256 links each. Nothing is removed.
//!
//! Rule kept: *one shape*. There is a branch exactly where two keys part or one goes on from another, so equal contents have
//! equal trees, whatever their histories.

use super::entry::Entry;
use super::key::{Key, MAX_PATH};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What lies under a key.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) key: Key,
    pub(super) entry: Entry,
    /// Of key and entry; remembered, so that replacing the entry hashes only the new one.
    pub(super) print: u128,
}

/// See the module.
#[derive(Clone, Default)]
pub(super) struct Trie {
    root: Option<Link>,
}

#[derive(Clone)]
enum Link {
    Leaf(Arc<Item>),
    Branch(Arc<Branch>),
}

/// Keys that agree in their first `at` bytes, and not in the next.
#[derive(Clone)]
struct Branch {
    at: usize,
    /// The key that ends here.
    here: Option<Arc<Item>>,
    /// Which bytes follow: one bit for each.
    bytes: [u64; 4],
    /// Where they lead, in ascending order of the bytes.
    below: Vec<Link>,
}

impl Trie {
    /// What lies under `key`.
    pub(super) fn find(&self, key: &Key) -> Option<&Item> {
        let path = key.path();
        let mut link = self.root.as_ref()?;
        loop {
            match link {
                Link::Leaf(item) => return (item.key == *key).then_some(item),
                Link::Branch(branch) => match path.get(branch.at) {
                    None => return branch.here.as_deref().filter(|item| item.key == *key),
                    Some(byte) => link = branch.below(*byte)?,
                },
            }
        }
    }

    /// What lies under `key`, to be changed. Branches on its path that are shared are copied, also when nothing lies there.
    pub(super) fn find_mut(&mut self, key: &Key) -> Option<&mut Item> {
        let path = key.path();
        let mut link = self.root.as_mut()?;
        loop {
            let item = match link {
                Link::Leaf(item) => item,
                Link::Branch(branch) => {
                    let branch = Arc::make_mut(branch);
                    match path.get(branch.at) {
                        None => branch.here.as_mut()?,
                        Some(byte) => {
                            link = branch.below_mut(*byte)?;
                            continue;
                        }
                    }
                }
            };
            return if item.key == *key { Some(Arc::make_mut(item)) } else { None };
        }
    }

    /// Puts `item` under its key, where nothing lies.
    pub(super) fn put(&mut self, item: Item) {
        let Some(root) = &mut self.root else {
            self.root = Some(Link::Leaf(Arc::new(item)));
            return;
        };
        let (common, near) = {
            let near = root.near(item.key.path());
            let common = common(near.key.path(), item.key.path());
            (common, near.key.path().get(common).copied())
        };
        let next = item.key.path().get(common).copied();
        assert!((near, next) != (None, None), "nothing lies under the key");
        let mut link = root;
        while link.at().is_some_and(|at| at <= common) {
            let Link::Branch(branch) = link else { unreachable!("only a branch has a place where keys part") };
            let branch = Arc::make_mut(branch);
            if branch.at == common {
                branch.add(next, item);
                return;
            }
            let byte = item.key.path()[branch.at];
            link = branch.below_mut(byte).expect("keys that agree beyond a branch leave it together");
        }
        let mut parting = Branch { at: common, here: None, bytes: [0; 4], below: Vec::with_capacity(2) };
        match (near, &*link) {
            (Some(byte), old) => {
                parting.mark(byte);
                parting.below.push(old.clone());
            }
            (None, Link::Leaf(old)) => parting.here = Some(Arc::clone(old)),
            (None, Link::Branch(_)) => unreachable!("a key that ends before a branch does not lie under it"),
        }
        parting.add(next, item);
        *link = Link::Branch(Arc::new(parting));
    }

    /// What lies under keys whose paths are not before `from`, in ascending order.
    pub(super) fn from(&self, from: &[u8]) -> Items<'_> {
        let mut items = Items { ahead: Vec::new() };
        if let Some(root) = &self.root {
            items.seek(root, from);
        }
        items
    }

    /// Whether the trees are equal. Parts that they share are not looked at.
    pub(super) fn equals(&self, other: &Self) -> bool {
        match (&self.root, &other.root) {
            (None, None) => true,
            (Some(a), Some(b)) => a.equals(b),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

impl Link {
    /// Where the keys below part; nothing if there is only one.
    fn at(&self) -> Option<usize> {
        match self {
            Self::Leaf(_) => None,
            Self::Branch(branch) => Some(branch.at),
        }
    }

    /// An item that agrees with `path` as far as any below does.
    fn near(&self, path: &[u8]) -> &Item {
        let mut link = self;
        loop {
            link = match link {
                Self::Leaf(item) => return item,
                Self::Branch(branch) => match (path.get(branch.at), &branch.here) {
                    (None, Some(item)) => return item,
                    (Some(byte), _) => branch.below(*byte).unwrap_or(&branch.below[0]),
                    (None, None) => &branch.below[0],
                },
            };
        }
    }

    fn equals(&self, other: &Self) -> bool {
        let same = |a: &Arc<Item>, b: &Arc<Item>| Arc::ptr_eq(a, b) || a == b;
        match (self, other) {
            (Self::Leaf(a), Self::Leaf(b)) => same(a, b),
            (Self::Branch(a), Self::Branch(b)) => {
                let here = || match (&a.here, &b.here) {
                    (None, None) => true,
                    (Some(a), Some(b)) => same(a, b),
                    (Some(_), None) | (None, Some(_)) => false,
                };
                // Depth is bounded by the length of a key.
                let below = || a.below.iter().zip(&b.below).all(|(a, b)| a.equals(b));
                Arc::ptr_eq(a, b) || (a.at == b.at && a.bytes == b.bytes && here() && below())
            }
            (Self::Leaf(_), Self::Branch(_)) | (Self::Branch(_), Self::Leaf(_)) => false,
        }
    }
}

impl Branch {
    /// Whether `byte` follows, and how many smaller ones do.
    fn place(&self, byte: u8) -> (bool, usize) {
        let (word, bit) = (usize::from(byte / 64), byte % 64);
        let before: u32 = self.bytes[..word].iter().map(|it| it.count_ones()).sum();
        let within = (self.bytes[word] & ((1 << bit) - 1)).count_ones();
        (self.bytes[word] >> bit & 1 == 1, (before + within) as usize)
    }

    fn below(&self, byte: u8) -> Option<&Link> {
        let (is_there, place) = self.place(byte);
        is_there.then(|| &self.below[place])
    }

    fn below_mut(&mut self, byte: u8) -> Option<&mut Link> {
        let (is_there, place) = self.place(byte);
        is_there.then(|| &mut self.below[place])
    }

    fn mark(&mut self, byte: u8) {
        self.bytes[usize::from(byte / 64)] |= 1 << (byte % 64);
    }

    /// Adds an item that goes on with `next`, which none did, or that ends here.
    fn add(&mut self, next: Option<u8>, item: Item) {
        let Some(byte) = next else {
            assert!(self.here.is_none(), "only one key ends here");
            self.here = Some(Arc::new(item));
            return;
        };
        let (is_there, place) = self.place(byte);
        assert!(!is_there, "keys that go on with one byte lie below it");
        self.mark(byte);
        self.below.insert(place, Link::Leaf(Arc::new(item)));
    }
}

/// How many bytes two paths have in common at the front.
fn common(a: &[u8], b: &[u8]) -> usize {
    let common = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    debug_assert!(common <= MAX_PATH, "paths are bounded");
    common
}

/// Items in ascending order.
pub(super) struct Items<'a> {
    /// What is still to come, the next last.
    ahead: Vec<Ahead<'a>>,
}

#[derive(Clone, Copy)]
enum Ahead<'a> {
    Item(&'a Item),
    Link(&'a Link),
}

impl<'a> Items<'a> {
    /// Lays ahead what under `link` is not before `from`.
    fn seek(&mut self, link: &'a Link, from: &[u8]) {
        let near = link.near(from).key.path();
        let common = common(near, from);
        let mut link = link;
        loop {
            match link {
                Link::Branch(branch) if branch.at <= common && branch.at < from.len() => {
                    let byte = from[branch.at];
                    let (is_there, place) = branch.place(byte);
                    let later = place + usize::from(is_there);
                    self.ahead.extend(branch.below[later..].iter().rev().map(Ahead::Link));
                    if !is_there {
                        return;
                    }
                    link = &branch.below[place];
                }
                // All that lies below agrees with `near` beyond where that parts from `from`.
                Link::Branch(_) | Link::Leaf(_) => {
                    if near >= from {
                        self.ahead.push(Ahead::Link(link));
                    }
                    return;
                }
            }
        }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a Item;

    fn next(&mut self) -> Option<&'a Item> {
        loop {
            match self.ahead.pop()? {
                Ahead::Item(item) => return Some(item),
                Ahead::Link(Link::Leaf(item)) => return Some(item),
                Ahead::Link(Link::Branch(branch)) => {
                    self.ahead.extend(branch.below.iter().rev().map(Ahead::Link));
                    self.ahead.extend(branch.here.as_deref().map(Ahead::Item));
                }
            }
        }
    }
}

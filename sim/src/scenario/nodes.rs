//! The nodes of a scenario, by name.

use antfarm_machine::PeerId;
use std::collections::BTreeMap;

/// Names of peers; peer `i` has the name `i`, counted from 0.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Nodes {
    names: Vec<String>,
    ids: BTreeMap<String, PeerId>,
}

impl Nodes {
    /// The most nodes of a scenario.
    pub const MOST: usize = 10_000;

    /// Whether a text can name a node: 1 to 64 letters, digits, `-`, `_` or `.` of ASCII, and not `any`.
    pub fn is_name(text: &str) -> bool {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (1..=64).contains(&text.len()) && text.bytes().all(fits) && text != "any"
    }

    /// Adds a peer; false when the name is taken.
    ///
    /// Panics when the text cannot name a node, and when there are 2^32 peers already.
    pub fn add(&mut self, name: &str) -> bool {
        assert!(Self::is_name(name), "`{name}` cannot name a node");
        let id = PeerId::new(u32::try_from(self.names.len()).expect("fewer than 2^32 peers"));
        if self.ids.contains_key(name) {
            return false;
        }
        self.ids.insert(name.to_owned(), id);
        self.names.push(name.to_owned());
        true
    }

    /// The peer of that name.
    pub fn id(&self, name: &str) -> Option<PeerId> {
        self.ids.get(name).copied()
    }

    /// The name of a peer; of a stranger `?`.
    pub fn name(&self, id: PeerId) -> &str {
        self.names.get(id.index()).map_or("?", String::as_str)
    }

    /// All names, in the order of the peers.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// All peers, in order.
    pub fn ids(&self) -> Vec<PeerId> {
        (0..u32::try_from(self.names.len()).unwrap_or(u32::MAX)).map(PeerId::new).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

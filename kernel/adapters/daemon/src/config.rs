//! What a daemon is told: one strict TOML file.
//!
//! ```
//! let config = antfarm_daemon::Config::parse("queen.toml", &format!(r#"
//! name    = "queen"                  # what this node is called, here and in `peer` tables
//! colony  = "hive"                   # the colony: its id is a digest of this
//! tenant  = "acme"                   # on whose behalf the node acts
//! key     = "queen.key"              # made by `antfarmd keygen`; paths are relative to this file
//! folder  = "queen"                  # where the ledger is
//! control = "queen.sock"             # where clients ask
//! listen  = "127.0.0.1:7401"         # where peers connect
//! roots   = ["{root}"]               # the keys that give writs without a parent
//!
//! [[peer]]
//! name    = "scout"
//! key     = "{scout}"
//! address = "127.0.0.1:7402"
//! "#, root = antfarm_identity::Signer::insecure(1).public(), scout = antfarm_identity::Signer::insecure(2).public())).unwrap();
//! assert_eq!(config.peers[0].name, "scout");
//! ```

use crate::key_file;
use antfarm_authority::{Name, Tenant};
use antfarm_identity::{Digest, Domain, PublicKey};
use antfarm_machine::Span;
use antfarm_strict::{Found, Section, Troubles};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const COLONY: Domain = Domain::new("antfarm 2026 colony");

const FILE: &[&str] = &[
    "name", "colony", "tenant", "key", "folder", "control", "listen", "roots", "peer", "tools", "specs", "secrets", "record",
    "pulse", "patience", "reopen", "sweep",
];
const PEER: &[&str] = &["name", "key", "address"];

/// The most peers of a node.
pub const MAX_PEERS: usize = 256;

/// The longest pause that a configuration may ask for between two pulses or before a log is opened again.
const LONGEST: Span = Span::from_secs(86_400);

/// What a daemon is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// What the node is called.
    pub name: String,
    /// The colony's name.
    pub colony: String,
    /// On whose behalf it acts.
    pub tenant: Tenant,
    /// The file of its key.
    pub key: PathBuf,
    /// The folder of its ledger.
    pub folder: PathBuf,
    /// The socket on which clients ask.
    pub control: PathBuf,
    /// Where it listens for peers.
    pub listen: String,
    /// Whose writs need no parent.
    pub roots: Vec<PublicKey>,
    /// The other nodes.
    pub peers: Vec<Peer>,
    /// The manifest of the tools that it has; none: it has none.
    pub tools: Option<PathBuf>,
    /// The files `*.ioa.toml` of what entities may live at it; none: there are none. What they say is about each other, and is proved by
    /// `antfarm prove` before it is named here: the daemon only checks that it is well-formed.
    pub specs: Vec<PathBuf>,
    /// The folder of secrets, a file for each, called as it; none: there are none.
    pub secrets: Option<PathBuf>,
    /// The folder into which each start records what the node is fed, for `antfarm replay`; none: nothing is recorded. A recording has
    /// no key and no secret, and at most about [`crate::MAX_RECORDING`] bytes; the last [`crate::MAX_RECORDINGS`] stay.
    pub record: Option<PathBuf>,
    /// See [`antfarm_node::Config::pulse`].
    pub pulse: Span,
    /// See [`antfarm_node::Config::patience`].
    pub patience: Span,
    /// See [`antfarm_node::Config::reopen_after`].
    pub reopen: Span,
    /// See [`antfarm_node::Config::sweep`].
    pub sweep: Span,
}

/// Another node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Peer {
    /// What it is called here.
    pub name: String,
    /// Its key.
    pub key: PublicKey,
    /// Where it listens.
    pub address: String,
}

impl Config {
    /// Reads a configuration. `file` is what messages call it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, with lines and columns.
    pub fn parse(file: &str, text: &str) -> Result<Self, Troubles> {
        let mut found = Found::default();
        let top = Section::file(file, text, FILE, &mut found)?;
        let beside = Path::new(file).parent().unwrap_or(Path::new(""));
        let path = |text: String| beside.join(text);
        let config = (|found: &mut Found| {
            let name = words(&top, &["name"], found);
            let colony = words(&top, &["colony"], found);
            let tenant = words(&top, &["tenant"], found)
                .and_then(|it| found.sift(Name::new(&it).map(Tenant).map_err(|bad| top.refuse("tenant", bad.to_string()))));
            let key = words(&top, &["key"], found).map(path);
            let folder = words(&top, &["folder"], found).map(path);
            let control = words(&top, &["control"], found).map(path);
            let listen = words(&top, &["listen"], found);
            let roots = roots(&top, found);
            let peers = peers(&top, found);
            let span = |key: &str, usual: Span, found: &mut Found| {
                let span = top.span(key, usual, found);
                if span > LONGEST {
                    found.push(top.refuse(key, "at most a day"));
                }
                span
            };
            let (pulse, patience) = (span("pulse", Span::from_secs(1), found), span("patience", Span::from_secs(2), found));
            let (reopen, sweep) = (span("reopen", Span::from_millis(500), found), span("sweep", Span::from_secs(600), found));
            let tools = top.text("tools", found).map(path);
            let specs = specs(&top, found).into_iter().map(path).collect();
            let secrets = top.text("secrets", found).map(path);
            let record = top.text("record", found).map(path);
            if record.is_some() && record == folder {
                found.push(top.refuse("record", "it is the ledger's folder, in which nothing else may be"));
            }
            Some(Self {
                name: name?,
                colony: colony?,
                tenant: tenant?,
                key: key?,
                folder: folder?,
                control: control?,
                listen: listen?,
                roots: roots?,
                peers,
                tools,
                specs,
                secrets,
                record,
                pulse,
                patience,
                reopen,
                sweep,
            })
        })(&mut found);
        found.or(config)
    }

    /// The colony's id.
    pub fn colony_id(&self) -> Digest {
        Digest::of(COLONY, self.colony.as_bytes())
    }

    /// What whoever has this key is called; none: it is nobody who is configured.
    pub fn called(&self, key: &PublicKey) -> Option<&str> {
        self.peers.iter().find(|peer| peer.key == *key).map(|peer| peer.name.as_str())
    }
}

fn words(section: &Section, keys: &'static [&'static str; 1], found: &mut Found) -> Option<String> {
    let [key] = keys;
    let value = section.text(key, found);
    let value = section.need(keys, value, found)?;
    if value.is_empty() || value.len() > 4_096 || value.contains('\0') {
        found.push(section.refuse(key, "it has 1 to 4096 characters"));
        return None;
    }
    let is_name = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-');
    if *key == "name" && (value.len() > 64 || !value.chars().all(is_name)) {
        found.push(section.refuse(key, "a name has 1 to 64 of the characters `A-Z a-z 0-9 . _ -`"));
        return None;
    }
    Some(value)
}

fn public(section: &Section, key: &str, text: &str, found: &mut Found) -> Option<PublicKey> {
    let refused = || section.refuse(key, "a public key has 64 digits of `0`-`9` and `a`-`f`; `antfarmd keygen` prints it");
    found.sift(key_file::public(text).ok_or_else(refused))
}

fn roots(top: &Section, found: &mut Found) -> Option<Vec<PublicKey>> {
    let texts = top.texts("roots", found);
    let texts = top.need(&["roots"], texts, found)?;
    if texts.is_empty() {
        found.push(top.refuse("roots", "without a root nobody gives writs: name the key of one at least"));
    }
    Some(texts.iter().filter_map(|it| public(top, "roots", it, found)).collect())
}

fn specs(top: &Section, found: &mut Found) -> Vec<String> {
    let files = top.texts("specs", found).unwrap_or_default();
    if files.iter().any(String::is_empty) {
        found.push(top.refuse("specs", "a file has a name"));
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = files.iter().find(|it| !seen.insert(it.as_str())) {
        found.push(top.refuse("specs", format!("`{twice}` is named twice")));
    }
    files
}

fn peers(top: &Section, found: &mut Found) -> Vec<Peer> {
    let sections = top.tables("peer", "a peer", PEER, found);
    if sections.len() > MAX_PEERS {
        found.push(top.refuse("peer", format!("a node has at most {MAX_PEERS} peers")));
    }
    let (mut names, mut keys) = (BTreeSet::new(), BTreeSet::new());
    let mut peers = Vec::new();
    for section in sections.iter().take(MAX_PEERS) {
        let name = words(section, &["name"], found);
        let key = words(section, &["key"], found).and_then(|it| public(section, "key", &it, found));
        let address = words(section, &["address"], found);
        let (Some(name), Some(key), Some(address)) = (name, key, address) else { continue };
        if !names.insert(name.clone()) {
            found.push(section.refuse("name", "another peer has this name"));
        }
        if !keys.insert(key) {
            found.push(section.refuse("key", "another peer has this key"));
        }
        peers.push(Peer { name, key, address });
    }
    peers
}

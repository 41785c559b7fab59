//! The verbs of fault rows, and which keys go with each. The parser and the schema read this list.

use crate::scenario::key::{Form, Key};
use crate::scenario::section::none_of;
use antfarm_strict::{Complaint, Place, Source, Table, Trouble, Value};

/// What a row of faults can do.
#[derive(Debug)]
pub(super) struct Verb {
    pub(super) word: &'static str,
    /// For messages.
    pub(super) title: &'static str,
    pub(super) keys: &'static [Key],
}

const AT: Key = Key::new("at", Form::When, "When the fault begins; a range is drawn per seed. Without it 0s.");
const HEAL: Key = Key::new(
    "heal",
    Form::When,
    "When it is over: a time, or with `+` counted from its start. Without it when the first phase is.",
);
const TIMES: Key = Key::new(
    "times",
    Form::Count(1, 1_000),
    "As many faults like this, each with draws of its own, as so many equal rows; without it 1.",
);
const LINK: Key = Key::new("link", Form::Link, "Between whom; without it everybody.");
const WAY: Key =
    Key::new("way", Form::Word(&["one", "both"]), "`one`: only from the first group to the second; without it both.");
const KIND: Key = Key::new("kind", Form::Kind, "Only messages of this kind; without it all.");
const NODE: Key =
    Key::new("node", Form::Nodes, "At which node; a list: at each of them; `any`: at one, drawn per seed.").required();
const CHANCE: Key = Key::new("chance", Form::Odds, "How often, of the requests concerned; without it always.");
const DISK: Key = Key::new("disk", Form::Word(DISK_WORDS), "What the disk does.").required();
const LATENCY: Key = Key::new("latency", Form::Shape, "How long a request takes.").required();

/// What a disk can do to its node.
pub(super) const DISK_WORDS: &[&str] =
    &["torn", "lost", "failed", "lying", "unlinked", "rot", "misdirected", "full", "slow", "replaced"];

const DISK_CHANCE: &[Key] = &[DISK, NODE, CHANCE, AT, HEAL, TIMES];
const DISK_PLAIN: &[Key] = &[DISK, NODE, AT, HEAL, TIMES];
const DISK_SLOW: &[Key] = &[DISK, NODE, LATENCY, AT, HEAL, TIMES];

macro_rules! verb {
    ($word:literal, $form:expr, $doc:literal $(, $key:expr)*) => {
        Verb {
            word: $word,
            title: concat!("a `", $word, "` fault"),
            keys: &[Key::new($word, $form, $doc).required(), $($key,)* AT, HEAL, TIMES],
        }
    };
}

/// All verbs.
pub(super) const VERBS: &[Verb] = &[
    verb!("cut", Form::Link, "All messages between two groups are lost.", WAY, KIND),
    verb!("hold", Form::Link, "All messages between two groups wait until the fault is over.", WAY, KIND),
    verb!("lose", Form::Odds, "Messages are lost with this chance.", LINK, WAY, KIND),
    verb!("copy", Form::Odds, "Messages are doubled with this chance.", LINK, WAY, KIND),
    verb!("corrupt", Form::Odds, "Bits of messages flip with this chance.", LINK, WAY, KIND),
    verb!(
        "reorder",
        Form::Odds,
        "With this chance a message leaves the order of its link.",
        Key::new("late", Form::Spread, "By how much it is late at most; without it 100ms."),
        LINK,
        WAY,
        KIND
    ),
    Verb { word: "disk", title: "a `disk` fault", keys: DISK_CHANCE },
    verb!("latency", Form::Shape, "Messages take this long.", LINK, WAY, KIND),
    verb!(
        "drop",
        Form::Kind,
        "One message of this kind is lost.",
        Key::new("nth", Form::Count(1, u32::MAX as u64), "Which of its kind on this link, from 1; without it the first."),
        Key::new("from", Form::Peer, "Who sends it.").required(),
        Key::new("to", Form::Peer, "To whom.").required()
    ),
    verb!("crash", Form::Nodes, "The process ends, and starts again when the fault is over."),
    verb!("pause", Form::Nodes, "The process stands still until the fault is over."),
    verb!("offset", Form::Shift, "The wall clock is off by this.", NODE),
    verb!("step", Form::Shift, "The wall clock jumps by this.", NODE),
    verb!("drift", Form::Drift, "Both clocks run at this rate error until the fault is over.", NODE),
    verb!("freeze", Form::Nodes, "The wall clock stands still until the fault is over."),
];

/// The keys of a `disk` row by its word; all of them for a word that is none.
pub(super) fn disk_keys(word: &str) -> &'static [Key] {
    match word {
        "rot" | "full" | "replaced" => DISK_PLAIN,
        "slow" => DISK_SLOW,
        _with_a_chance => DISK_CHANCE,
    }
}

/// The one verb of a row and the keys that it allows. `latency` beside `disk` is no verb.
pub(super) fn verb_of(source: &Source, place: &Place, table: &Table) -> Result<(&'static Verb, &'static [Key]), Trouble> {
    let has = |word: &str| table.0.contains_key(word);
    let mut verbs = VERBS.iter().filter(|verb| has(verb.word) && !(verb.word == "latency" && has("disk")));
    let Some(verb) = verbs.next() else {
        let words = VERBS.iter().map(|verb| verb.word).collect();
        let other = |key: &str| VERBS.iter().any(|verb| verb.keys.iter().any(|known| known.name == key));
        return Err(none_of(source, (place, table), "a fault", words, other));
    };
    if let Some(second) = verbs.next() {
        let at = table.0.get(second.word).map_or(place, |(at, _)| at);
        return Err(source.trouble(at, Complaint::Clash { key: second.word, with: verb.word }));
    }
    let keys = match (verb.word, table.0.get("disk").map(|(_, item)| &item.value)) {
        ("disk", Some(Value::Text(word))) => disk_keys(word),
        _ => verb.keys,
    };
    Ok((verb, keys))
}

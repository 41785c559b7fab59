//! Texts as integers. A proof looks at texts by equality, and at the order of the elements of sets; both are exact in integers.
//!
//! Each text that a spec writes out has a code; codes ascend as the texts do, with room between two of them for all texts that a proof
//! can tell apart. `''` is 0, null is -1.

use antfarm_automata::Text;
use std::collections::{BTreeMap, BTreeSet};

/// How far apart two texts that are written out lie.
const GAP: i128 = 1 << 32;

/// The code of null.
pub(super) const NULL: i128 = -1;

/// The texts that are written out.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    known: Vec<Text>,
}

impl Texts {
    pub(super) fn new(known: impl IntoIterator<Item = Text>) -> Self {
        let known: BTreeSet<Text> = known.into_iter().chain([Text::from("")]).collect();
        Self { known: known.into_iter().collect() }
    }

    /// These and more.
    pub(super) fn and(&self, more: impl IntoIterator<Item = Text>) -> Self {
        Self::new(self.known.iter().cloned().chain(more))
    }

    /// The texts that are written out, in order.
    pub(super) fn known(&self) -> &[Text] {
        &self.known
    }

    /// The code of a text that is written out.
    pub(super) fn code(&self, text: &Text) -> i128 {
        let rank = self.known.binary_search(text).expect("whoever lists the texts lists all of them");
        i128::try_from(rank).expect("there are few texts") * GAP
    }

    /// What these codes can stand for, in their order: texts that are not written out are made up. Nothing where there is no text
    /// between two that are.
    pub(super) fn decode(&self, codes: &BTreeSet<i128>) -> Option<BTreeMap<i128, Text>> {
        let mut found = BTreeMap::new();
        for (rank, known) in self.known.iter().enumerate() {
            let first = i128::try_from(rank).ok()? * GAP;
            found.insert(first, known.clone());
            let next = self.known.get(rank + 1);
            let last = if next.is_some() { first + GAP } else { i128::MAX };
            let between: Vec<i128> = codes.range(first + 1..last).copied().collect();
            if between.is_empty() {
                continue;
            }
            let width = between.len().to_string().len();
            let made = |start: &str, nth: usize| Text::from(format!("{known}{start}{:0width$}", nth + 1));
            let fits = |start: &&&str| next.is_none_or(|next| made(start, between.len()) < *next);
            let start = ["x", "t", "m", "a", "X", "M", "A", "-", "", " ", "\u{1}"];
            let start = start.iter().find(fits)?;
            found.extend(between.iter().enumerate().map(|(nth, code)| (*code, made(start, nth))));
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_texts_lie_where_their_codes_do() {
        let texts = Texts::new(["Backlog", "b", "ba", "x"].map(Text::from));
        let codes: Vec<i128> = ["", "Backlog", "b", "ba", "x"].iter().map(|it| texts.code(&Text::from(*it))).collect();
        let asked: BTreeSet<i128> = codes.iter().flat_map(|it| [*it, it + 1, it + 7]).collect();
        let told = texts.decode(&asked).expect("there is room");
        let (found, mut sorted): (Vec<_>, Vec<_>) = (told.values().cloned().collect(), told.values().cloned().collect());
        sorted.sort();
        sorted.dedup();
        assert_eq!(found, sorted, "in the order of their codes, and each of its own");
        assert_eq!(told[&codes[3]], "ba");
        assert_eq!(told[&0], "");
        assert_eq!(told.len(), asked.len());
    }

    #[test]
    fn nothing_lies_between_a_text_and_the_next() {
        let texts = Texts::new(["a", "a\0"].map(Text::from));
        let code = texts.code(&Text::from("a"));
        assert_eq!(texts.decode(&[code + 1].into()), None);
    }
}
